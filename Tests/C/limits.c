/* What happens when the machine refuses: no threads, no descriptors, signals without end, connections and clients by the
 * thousand. Needs no server but its own. */
#include "loopback.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <sys/resource.h>
#include <sys/time.h>

static int tasks_at_start;

/* Says nothing under valgrind and the sanitizers, which keep what is freed. */
static long resident_kb(void) {
    char line[128];
    long kb = 0;
    FILE *file = fopen("/proc/self/status", "r");
    while (file && fgets(line, sizeof line, file)) sscanf(line, "VmRSS: %ld", &kb);
    if (file) fclose(file);
    return kb;
}

#ifndef SANITIZED /* they have a pthread_create of their own */
/* The library's threads are started through this one; a test decides what becomes of them. */
static atomic_bool threads_are_refused;
static atomic_int refused_threads;
typedef int create_fn(pthread_t *, const pthread_attr_t *, void *(*)(void *), void *);
int pthread_create(pthread_t *restrict thread, const pthread_attr_t *restrict attributes, void *(*start)(void *), void *restrict argument) {
    static create_fn *real;
    if (!real) *(void **)&real = dlsym(RTLD_NEXT, "pthread_create");
    if (atomic_load(&threads_are_refused)) {
        atomic_fetch_add(&refused_threads, 1);
        return EAGAIN;
    }
    return real(thread, attributes, start, argument);
}

static void a_client_without_a_thread_is_refused(void) {
    kcr_config *config = NULL;
    kcr_client *client = NULL;
    kcr_error *error = NULL;
    WORKS(kcr_config_load("{\"source\":\"none\",\"server\":\"http://127.0.0.1:1\"}", &config, &error), error, "config");
    int before = descriptors();
    atomic_store(&threads_are_refused, true);
    for (int i = 0; i < 20; i++) EXPECT(kcr_client_new(config, NULL, &client, &error), KCR_ERR_NO_MEMORY, error, "pthread_create", "a client without a thread");
    atomic_store(&threads_are_refused, false);
    CHECK(!client && descriptors() == before, "%d descriptors, %d before", descriptors(), before);
    kcr_config_free(config);
}

/* No thread for callbacks: nothing is lost when there is one again, and no free waits for ever. */
static void callbacks_wait_for_a_thread_that_can_be_had(void) {
    struct record record = RECORD_INITIALIZER;
    kcr_error *error = NULL;
    kcr_watch *watch = NULL;
    kcr_client *client = loopback_client(QUICK);
    atomic_store(&threads_are_refused, true);
    int before = atomic_load(&refused_threads);
    WORKS(kcr_client_watch(client, PROJECTS, "calm", NULL, record_watch, &record, record_freed, &watch, &error), error, "watch");
    EVENTUALLY(atomic_load(&refused_threads) > before, 5000, "no thread was asked for");
    CHECK(event_count(&record) == 0, "no thread, no callback");
    atomic_store(&threads_are_refused, false);
    EVENTUALLY(seen(&record, KCR_EVENT_BOOKMARK, NULL) == 1, 5000, "what waited was never told");
    kcr_watch_free(watch);
    ENDS_ONCE(&record);
    kcr_client_free(client);
}

static void a_free_without_a_thread_tells_the_end_itself(void) {
    struct record watched = RECORD_INITIALIZER, handled = RECORD_INITIALIZER;
    kcr_error *error = NULL;
    kcr_watch *watch = NULL;
    kcr_informer *informer = NULL;
    kcr_client *client = loopback_client(QUICK);
    atomic_store(&threads_are_refused, true);
    WORKS(kcr_client_watch(client, PROJECTS, "calm", NULL, record_watch, &watched, record_freed, &watch, &error), error, "watch");
    WORKS(kcr_informer_new(client, PROJECTS, "calm", NULL, &informer, &error), error, "informer");
    WORKS(kcr_informer_add_handler(informer, record_handler, &handled, record_freed, NULL, &error), error, "handler");
    WORKS(kcr_informer_start(informer, &error), error, "start");
    WORKS(kcr_informer_wait_synced(informer, 5000, &error), error, "sync");
    kcr_watch_free(watch);
    CHECK(atomic_load(&watched.freed) == 1, "the watch's user_data is free when its free returns");
    kcr_informer_free(informer);
    CHECK(atomic_load(&handled.freed) == 1, "the handler's user_data is free when the informer's free returns");
    ENDS_ONCE(&watched);
    ENDS_ONCE(&handled);
    kcr_client_free(client);
    atomic_store(&threads_are_refused, false);
}

/* A callback may free its own handle, so its handle is there before the callback runs. */
static kcr_handler *early_handler;
static kcr_call *early_call;
static atomic_int early, late;
static void on_early(int32_t event, int32_t flags, const kcr_object *object, const kcr_object *old, void *user_data) {
    (void)flags, (void)object, (void)old, (void)user_data;
    if (event != KCR_EVENT_ADDED || strcmp(kcr_object_name(object), "p-1")) return;
    atomic_fetch_add(early_handler ? &early : &late, 1);
    kcr_handler_free(early_handler);
    early_handler = NULL;
}
static void on_early_call(kcr_status status, const kcr_object *object, const kcr_list *list, const kcr_error *error, void *user_data) {
    (void)status, (void)object, (void)list, (void)error, (void)user_data;
    atomic_fetch_add(early_call ? &early : &late, 1);
    kcr_call_free(early_call);
}

/* A caller who loses the processor whenever it gives a lock back: whatever others can do meanwhile, they have done. */
static _Thread_local bool is_slow;
int pthread_mutex_unlock(pthread_mutex_t *mutex) {
    static int (*real)(pthread_mutex_t *);
    if (!real) *(void **)&real = dlsym(RTLD_NEXT, "pthread_mutex_unlock");
    int result = real(mutex);
    if (is_slow) pause_ms(20);
    return result;
}

static void a_handle_is_there_before_its_first_callback(void) {
    kcr_error *error = NULL;
    kcr_informer *informer = NULL;
    kcr_client *client = loopback_client(QUICK);
    WORKS(kcr_informer_new(client, PROJECTS, "calm", NULL, &informer, &error), error, "informer");
    WORKS(kcr_informer_start(informer, &error), error, "start");
    WORKS(kcr_informer_wait_synced(informer, 5000, &error), error, "sync");
    is_slow = true;
    WORKS(kcr_informer_add_handler(informer, on_early, NULL, NULL, &early_handler, &error), error, "a late handler");
    is_slow = false;
    EVENTUALLY(atomic_load(&early) + atomic_load(&late) == 1, 5000, "the first event");
    CHECK(atomic_load(&late) == 0, "a handler's callback ran before its handle was there");
    is_slow = true;
    WORKS(kcr_client_call(client, "{\"verb\":\"get\",\"resource\":\"example.sealyun.com/v1alpha1/projects\",\"namespace\":\"calm\",\"name\":\"a\"}",
                          on_early_call, NULL, NULL, &early_call, &error), error, "call");
    is_slow = false;
    EVENTUALLY(atomic_load(&early) + atomic_load(&late) == 2, 5000, "the call's callback");
    CHECK(atomic_load(&late) == 0, "a call's callback ran before its handle was there");
    kcr_informer_free(informer);
    kcr_client_free(client);
}
#endif

static void descriptors_that_run_out_are_an_error_that_passes(void) {
    kcr_config *config = NULL;
    kcr_client *client = loopback_client("{\"qps\":0,\"maxRetries\":0}"), *another = NULL;
    kcr_object *object = NULL;
    kcr_error *error = NULL;
    kcr_informer *informer = NULL;
    struct rlimit before, none;
    WORKS(kcr_config_load("{\"source\":\"none\",\"server\":\"http://127.0.0.1:1\"}", &config, &error), error, "config");
    WORKS(kcr_client_get(client, PROJECTS, "once", "a", NULL, &object, &error), error, "get");
    kcr_object_free(object);
    WORKS(kcr_informer_new(client, PROJECTS, "calm", NULL, &informer, &error), error, "informer");
    int open_before = descriptors();
    getrlimit(RLIMIT_NOFILE, &before);
    none = before;
    none.rlim_cur = 3;
    setrlimit(RLIMIT_NOFILE, &none);
    for (int i = 0; i < 20; i++) {
        EXPECT(kcr_client_get(client, PROJECTS, "once", "a", NULL, &object, &error), KCR_ERR_NO_MEMORY, error, "open files", "a get without a socket");
        EXPECT(kcr_client_new(config, NULL, &another, &error), KCR_ERR_NO_MEMORY, error, "open files", "a client without descriptors");
        EXPECT(kcr_client_new(config, "{\"loop\":\"external\"}", &another, &error), KCR_ERR_NO_MEMORY, error, "open files", "an external client without descriptors");
        EXPECT(kcr_config_load("{\"kubeconfig\":\"/etc/passwd\"}", &config, &error), KCR_ERR_CONFIG, error, "open files", "a kubeconfig without a descriptor");
    }
    WORKS(kcr_informer_start(informer, &error), error, "start");
    EXPECT(kcr_informer_wait_synced(informer, 300, &error), KCR_ERR_NO_MEMORY, error, "open files", "an informer without a socket");
    setrlimit(RLIMIT_NOFILE, &before);
    WORKS(kcr_informer_wait_synced(informer, 10000, &error), error, "the informer recovers");
    WORKS(kcr_client_get(client, PROJECTS, "once", "a", NULL, &object, &error), error, "the client recovers");
    kcr_object_free(object);
    kcr_informer_free(informer);
    EVENTUALLY(descriptors() <= open_before, 5000, "%d descriptors, %d before", descriptors(), open_before);
    kcr_client_free(client);
    kcr_config_free(config);
}

static void ten_thousand_clients_leave_nothing(void) {
    kcr_config *config = NULL;
    kcr_error *error = NULL;
    WORKS(kcr_config_load("{\"source\":\"none\",\"server\":\"http://127.0.0.1:1\"}", &config, &error), error, "config");
    int before = 0, most = 0;
    long resident = 0, rounds = 10000 / patience();
    for (long i = 0; i < rounds; i++) {
        kcr_client *client = NULL;
        WORKS(kcr_client_new(config, i % 2 ? "{\"loop\":\"external\"}" : NULL, &client, &error), error, "client");
        kcr_client_free(client);
        if (i == rounds / 10) resident = resident_kb(), before = descriptors();
        if (i % 100 == 99 && descriptors() > most) most = descriptors();
    }
    CHECK(most <= before + 8, "up to %d descriptors, %d at first", most, before);
    CHECK(resident_kb() <= resident + 3000 || patience() > 1, "%ld KB resident after all, %ld KB after a tenth", resident_kb(), resident);
    EVENTUALLY(tasks() <= tasks_at_start, 5000, "%d threads are left", tasks());
    kcr_config_free(config);
}

static void ten_thousand_connections_leave_nothing(void) {
    kcr_client *client = loopback_client(QUICK);
    kcr_error *error = NULL;
    int before = 0;
    long resident = 0, rounds = 10000 / patience();
    for (long i = 0; i < rounds; i++) {
        kcr_object *object = NULL;
        WORKS(kcr_client_get(client, PROJECTS, "once", "a", NULL, &object, &error), error, "get");
        kcr_object_free(object);
        if (i == rounds / 10) resident = resident_kb(), before = descriptors();
    }
    CHECK(descriptors() <= before + 4, "%d descriptors, %d at first", descriptors(), before);
    CHECK(resident_kb() <= resident + 3000 || patience() > 1, "%ld KB resident after all, %ld KB after a tenth", resident_kb(), resident);
    kcr_client_free(client);
}

static atomic_int alarms;
static void on_alarm(int number) { (void)number, atomic_fetch_add(&alarms, 1); }

static void signals_without_end_change_nothing(void) {
    struct sigaction action = {.sa_handler = on_alarm}; /* without SA_RESTART */
    struct itimerval storm = {{0, 1000}, {0, 1000}}, calm = {{0, 0}, {0, 0}};
    kcr_error *error = NULL;
    sigaction(SIGALRM, &action, NULL);
    for (int mode = 0; mode < 2; mode++) {
        kcr_client *client = loopback_client(mode ? QUICK_EXTERNAL : QUICK);
        setitimer(ITIMER_REAL, &storm, NULL);
        kcr_list *list = NULL;
        WORKS(kcr_client_list(client, PROJECTS, "drip", NULL, &list, &error), error, "a slow list");
        CHECK(kcr_list_count(list) == 3, "%zu objects", kcr_list_count(list));
        kcr_list_free(list);
        for (int i = 0; i < 50; i++) {
            kcr_object *object = NULL;
            WORKS(kcr_client_get(client, PROJECTS, "once", "a", NULL, &object, &error), error, "get");
            kcr_object_free(object);
        }
        int64_t began = now_ms();
        EXPECT(kcr_client_get(client, PROJECTS, "silent", "a", "{\"timeoutMs\":300}", &(kcr_object *){NULL}, &error), KCR_ERR_TIMEOUT, error, NULL, "a silent server");
        CHECK(now_ms() - began >= 300 && now_ms() - began < 300 + 300 * patience(), "the time-out came after %" PRId64 " ms", now_ms() - began);
        setitimer(ITIMER_REAL, &calm, NULL);
        kcr_client_free(client);
    }
    CHECK(atomic_load(&alarms) > 100, "only %d signals came", atomic_load(&alarms));
}

int main(void) {
    loopback_start(0);
    tasks_at_start = tasks() + is_thread_sanitized; /* which has a thread of its own */
#ifndef SANITIZED
    RUN(a_client_without_a_thread_is_refused);
    RUN(callbacks_wait_for_a_thread_that_can_be_had);
    RUN(a_free_without_a_thread_tells_the_end_itself);
    RUN(a_handle_is_there_before_its_first_callback);
#endif
    RUN(descriptors_that_run_out_are_an_error_that_passes);
    RUN(ten_thousand_clients_leave_nothing);
    RUN(ten_thousand_connections_leave_nothing);
    RUN(signals_without_end_change_nothing);
    return finish();
}
