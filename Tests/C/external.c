/* External mode: the caller's loop drives everything, no thread is started, callbacks run in process or free only. */
#include "cluster.h"

#include <dirent.h>
#include <poll.h>

static kcr_client *client;
static const char *kubeconfig;
static char ns[64];
static int tasks_at_start;

static int tasks(void) {
    int count = 0;
    DIR *folder = opendir("/proc/self/task");
    REQUIRE(folder, "reading /proc/self/task");
    for (struct dirent *entry; (entry = readdir(folder));)
        if (entry->d_name[0] != '.') count++;
    closedir(folder);
    return count;
}

static void turn(int milliseconds) {
    kcr_error *error = NULL;
    struct pollfd fd = {kcr_client_fd(client), POLLIN, 0};
    poll(&fd, 1, milliseconds);
    WORKS(kcr_client_process(client, &error), error, "process");
}

/* Drives the loop until the condition holds. */
#define DRIVE_UNTIL(condition, ...)                                                                                             \
    do {                                                                                                                        \
        int64_t drive_deadline = now_ms() + 10000 * patience();                                                                              \
        while (!(condition) && now_ms() < drive_deadline) turn(100);                                                            \
        CHECK(condition, __VA_ARGS__);                                                                                          \
    } while (0)

static void open_all(void) {
    client = open_client(kubeconfig, QUICK_EXTERNAL);
    fresh_namespace(client, "external", ns);
}

static kcr_watch *watch(struct record *record, kcr_watch_fn fn) {
    kcr_error *error = NULL;
    kcr_watch *started = NULL;
    WORKS(kcr_client_watch(client, PROJECTS, ns, NULL, fn, record, record_freed, &started, &error), error, "watch");
    return started;
}

static void a_watch_and_an_informer_run_without_a_thread(void) {
    struct record watched = RECORD_INITIALIZER, handled = RECORD_INITIALIZER;
    kcr_error *error = NULL;
    kcr_informer *informer = NULL;
    open_all();
    CHECK(kcr_client_fd(client) >= 0, "a descriptor");
    kcr_watch *started = watch(&watched, record_watch);
    WORKS(kcr_informer_new(client, PROJECTS, ns, NULL, &informer, &error), error, "informer");
    WORKS(kcr_informer_add_handler(informer, record_handler, &handled, record_freed, NULL, &error), error, "handler");
    WORKS(kcr_informer_start(informer, &error), error, "start");
    CHECK(event_count(&watched) == 0 && event_count(&handled) == 0, "no callback before the first process");
    DRIVE_UNTIL(seen(&watched, KCR_EVENT_BOOKMARK, NULL) && seen(&handled, KCR_EVENT_SYNCED, NULL), "both have started");
    CHECK(kcr_informer_has_synced(informer) == 1, "synced");
    create_project(client, ns, "a", 1);
    set_replicas(client, ns, "a", 2);
    delete_project(client, ns, "a");
    DRIVE_UNTIL(seen(&watched, KCR_EVENT_DELETED, "a") && seen(&handled, KCR_EVENT_DELETED, "a"), "both see the delete");
    CHECK(tasks() == tasks_at_start, "%d threads, %d at the start", tasks(), tasks_at_start);

    int wakeups = 0; /* a quiet loop sleeps */
    for (int64_t until = now_ms() + 1000; now_ms() < until; wakeups++) turn((int)(until - now_ms()) > 0 ? (int)(until - now_ms()) : 0);
    CHECK(wakeups < 30, "%d wake-ups in a quiet second", wakeups);
    kcr_watch_free(started);
    kcr_informer_free(informer);
    ENDS_ONCE(&watched);
    ENDS_ONCE(&handled);
    kcr_client_free(client);
}

static void blocking_verbs_queue_callbacks(void) {
    struct record record = RECORD_INITIALIZER, handled = RECORD_INITIALIZER;
    kcr_error *error = NULL;
    kcr_informer *informer = NULL;
    open_all();
    kcr_watch *started = watch(&record, record_watch);
    DRIVE_UNTIL(seen(&record, KCR_EVENT_BOOKMARK, NULL), "the watch has started");
    size_t before = event_count(&record);
    WORKS(kcr_informer_new(client, PROJECTS, ns, NULL, &informer, &error), error, "informer");
    WORKS(kcr_informer_add_handler(informer, record_handler, &handled, record_freed, NULL, &error), error, "handler");
    WORKS(kcr_informer_start(informer, &error), error, "start");
    WORKS(kcr_informer_wait_synced(informer, 20000, &error), error, "a blocking wait drives the transfers itself");
    for (int i = 0; i < 20; i++) create_project(client, ns, (char[]){(char)('a' + i), 0}, 1);
    for (int i = 0; i < 20; i++) { /* the events arrive while these wait for their answers */
        kcr_object *object = NULL;
        WORKS(kcr_client_get(client, PROJECTS, ns, "a", NULL, &object, &error), error, "get");
        kcr_object_free(object);
    }
    CHECK(event_count(&record) == before && event_count(&handled) == 0, "%zu callbacks ran inside blocking verbs", event_count(&record) - before + event_count(&handled));
    struct pollfd fd = {kcr_client_fd(client), POLLIN, 0};
    CHECK(poll(&fd, 1, 5000) == 1, "the descriptor says that callbacks wait");
    DRIVE_UNTIL(seen(&record, KCR_EVENT_ADDED, NULL) == 20 && seen(&handled, KCR_EVENT_ADDED, NULL) == 20, "all callbacks come with process");
    kcr_informer_free(informer);
    kcr_watch_free(started);
    kcr_client_free(client);
    ENDS_ONCE(&record);
    ENDS_ONCE(&handled);
}

/* What a second thread gets while the first is inside a call. */
static struct {
    kcr_status get, process;
    int fd;
    kcr_watch *to_free;
} intruder;

static void *intrude(void *unused) {
    (void)unused;
    kcr_object *object = NULL;
    kcr_error *error = NULL;
    intruder.get = kcr_client_get(client, PROJECTS, ns, "a", NULL, &object, &error);
    kcr_error_free(error);
    kcr_object_free(object);
    intruder.process = kcr_client_process(client, NULL);
    intruder.fd = kcr_client_fd(client);
    kcr_watch_stop(intruder.to_free);
    kcr_watch_free(intruder.to_free); /* legal: takes effect when the first leaves */
    return NULL;
}

static int32_t let_intrude(int32_t event, const kcr_object *object, const kcr_error *error, void *user_data) {
    record_event(user_data, event, 0, object, error);
    if (event == KCR_EVENT_BOOKMARK) {
        pthread_t thread;
        REQUIRE(!pthread_create(&thread, NULL, intrude, NULL), "a second thread");
        pthread_join(thread, NULL);
    }
    return KCR_CONTINUE;
}

static void *get_from_elsewhere(void *out) {
    kcr_object *object = NULL;
    *(kcr_status *)out = kcr_client_get(client, PROJECTS, ns, "a", NULL, &object, NULL);
    kcr_object_free(object);
    return NULL;
}

static void two_threads_are_never_inside_at_once(void) {
    struct record record = RECORD_INITIALIZER, other = RECORD_INITIALIZER;
    open_all();
    create_project(client, ns, "a", 1);
    intruder.to_free = watch(&other, record_watch);
    kcr_watch *started = watch(&record, let_intrude);
    DRIVE_UNTIL(seen(&record, KCR_EVENT_BOOKMARK, NULL), "the watch has started");
    CHECK(intruder.get == KCR_ERR_STATE && intruder.process == KCR_ERR_STATE && intruder.fd == -1, "inside: get %s, process %s, fd %d",
          kcr_status_name(intruder.get), kcr_status_name(intruder.process), intruder.fd);
    DRIVE_UNTIL(atomic_load(&other.freed) == 1, "the freed watch ends");
    ENDS_ONCE(&other);
    pthread_t thread;
    kcr_status status = KCR_ERR_INTERNAL;
    REQUIRE(!pthread_create(&thread, NULL, get_from_elsewhere, &status), "a second thread");
    pthread_join(thread, NULL);
    CHECK(status == KCR_OK, "any thread may make the next call: %s", kcr_status_name(status));
    kcr_watch_free(started);
    ENDS_ONCE(&record);
    kcr_client_free(client);
}

static atomic_int reentered;
static int32_t call_back_in(int32_t event, const kcr_object *object, const kcr_error *error, void *user_data) {
    record_event(user_data, event, 0, object, error);
    if (event == KCR_EVENT_BOOKMARK) {
        kcr_object *got = NULL;
        if (kcr_client_get(client, PROJECTS, ns, "a", NULL, &got, NULL) == KCR_OK) atomic_fetch_add(&reentered, 1);
        kcr_object_free(got);
    }
    return KCR_CONTINUE;
}

static void a_callback_may_call_back_in(void) {
    struct record record = RECORD_INITIALIZER;
    open_all();
    create_project(client, ns, "a", 1);
    kcr_watch *started = watch(&record, call_back_in);
    DRIVE_UNTIL(seen(&record, KCR_EVENT_BOOKMARK, NULL), "the watch has started");
    CHECK(atomic_load(&reentered) == 1, "a blocking get in a callback works");
    kcr_watch_free(started);
    kcr_client_free(client);
    ENDS_ONCE(&record);
}

static atomic_int calls;
static kcr_status call_status;
static void on_call(kcr_status status, const kcr_object *object, const kcr_list *list, const kcr_error *error, void *user_data) {
    (void)object, (void)list, (void)error, (void)user_data;
    call_status = status;
    atomic_fetch_add(&calls, 1);
}

static void freeing_the_client_ends_everything(void) {
    struct record watched = RECORD_INITIALIZER, handled = RECORD_INITIALIZER;
    kcr_error *error = NULL;
    kcr_informer *informer = NULL;
    kcr_call *call = NULL;
    open_all();
    create_project(client, ns, "a", 1);
    kcr_watch *started = watch(&watched, record_watch);
    WORKS(kcr_informer_new(client, PROJECTS, ns, NULL, &informer, &error), error, "informer");
    WORKS(kcr_informer_add_handler(informer, record_handler, &handled, record_freed, NULL, &error), error, "handler");
    WORKS(kcr_informer_start(informer, &error), error, "start");
    DRIVE_UNTIL(seen(&watched, KCR_EVENT_BOOKMARK, NULL) && seen(&handled, KCR_EVENT_SYNCED, NULL), "both have started");
    WORKS(kcr_client_call(client, "{\"verb\":\"list\",\"resource\":\"example.sealyun.com/v1alpha1/projects\"}", on_call, NULL, NULL, &call, &error), error, "call");
    kcr_client_free(client);
    CHECK(atomic_load(&calls) == 1 && call_status == KCR_ERR_CANCELLED, "the call: %d callbacks, %s", atomic_load(&calls), kcr_status_name(call_status));
    CHECK(atomic_load(&watched.freed) == 1 && atomic_load(&handled.freed) == 1, "final callbacks run inside the free");
    ENDS_ONCE(&watched);
    ENDS_ONCE(&handled);
    CHECK(kcr_informer_count(informer) == 1, "the copy stays readable");
    kcr_informer_free(informer);
    kcr_watch_free(started);
    kcr_call_free(call);
}

static int32_t free_the_client(int32_t event, const kcr_object *object, const kcr_error *error, void *user_data) {
    record_event(user_data, event, 0, object, error);
    if (event == KCR_EVENT_BOOKMARK) kcr_client_free(client);
    return KCR_CONTINUE;
}

static void a_callback_may_free_the_client(void) {
    struct record record = RECORD_INITIALIZER;
    open_all();
    kcr_watch *started = watch(&record, free_the_client);
    int64_t deadline = now_ms() + 10000 * patience();
    while (!seen(&record, KCR_EVENT_BOOKMARK, NULL) && now_ms() < deadline) {
        struct pollfd fd = {kcr_client_fd(client), POLLIN, 0};
        poll(&fd, 1, 100);
        kcr_client_process(client, NULL); /* its status is nobody's: the client goes in the middle of it */
    }
    CHECK(seen(&record, KCR_EVENT_BOOKMARK, NULL) == 1, "the watch has started");
    ENDS_ONCE(&record);
    kcr_watch_free(started);
}

static void thread_mode_has_no_descriptor(void) {
    kcr_error *error = NULL;
    kcr_client *threaded = open_client(kubeconfig, QUICK);
    CHECK(kcr_client_fd(threaded) == -1 && kcr_client_timeout_ms(threaded) == -1, "no descriptor, no timeout");
    EXPECT(kcr_client_process(threaded, &error), KCR_ERR_STATE, error, NULL, "process in thread mode");
    kcr_client_free(threaded);
}

int main(int argc, char **argv) {
    kubeconfig = kubeconfig_of(argc, argv);
    tasks_at_start = tasks();
    RUN(a_watch_and_an_informer_run_without_a_thread);
    RUN(blocking_verbs_queue_callbacks);
    RUN(two_threads_are_never_inside_at_once);
    RUN(a_callback_may_call_back_in);
    RUN(freeing_the_client_ends_everything);
    RUN(a_callback_may_free_the_client);
    RUN(thread_mode_has_no_descriptor);
    return finish();
}
