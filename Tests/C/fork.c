/* fork: in the child old handles answer STATE, freeing them is safe and a new client works; the parent goes on. */
#include "cluster.h"

#include <signal.h>
#include <sys/wait.h>

static const char *kubeconfig;
static kcr_client *client;
static kcr_watch *watch;
static kcr_informer *informer;
static kcr_handler *handler;
static kcr_object *object;
static kcr_list *list;
static struct record watched = RECORD_INITIALIZER, handled = RECORD_INITIALIZER;
static char ns[64];

/* Runs a test in a child, which leaves through exit() so that atexit hooks run there too. */
static void in_a_child(void (*test)(void)) {
    fflush(NULL);
    pid_t child = fork();
    REQUIRE(child >= 0, "fork");
    if (child == 0) {
        atomic_store(&check_failures, 0);
        test();
        exit(atomic_load(&check_failures) ? 1 : 0);
    }
    int status = 0;
    int64_t deadline = now_ms() + 20000 * patience();
    while (waitpid(child, &status, WNOHANG) == 0 && now_ms() < deadline) pause_ms(5);
    if (now_ms() >= deadline) {
        kill(child, SIGKILL);
        waitpid(child, &status, 0);
        CHECK(false, "the child hangs");
        return;
    }
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0, "the child ended with status %d, signal %d", WEXITSTATUS(status), WIFSIGNALED(status) ? WTERMSIG(status) : 0);
}

static void use_old_handles(void) {
    kcr_error *error = NULL;
    kcr_object *got = NULL;
    kcr_list *listed = NULL;
    kcr_informer *other = NULL;
    kcr_watch *another = NULL;
    struct record record = RECORD_INITIALIZER;
    char *text = NULL;
#define STATE(call)                                                                                                             \
    do {                                                                                                                        \
        error = NULL;                                                                                                           \
        EXPECT(call, KCR_ERR_STATE, error, "fork", #call);                                                                      \
    } while (0)
    STATE(kcr_client_get(client, PROJECTS, ns, "a", NULL, &got, &error));
    STATE(kcr_client_list(client, PROJECTS, ns, NULL, &listed, &error));
    STATE(kcr_client_delete(client, PROJECTS, ns, "a", NULL, &error));
    STATE(kcr_client_request(client, "GET", "/version", NULL, 0, NULL, &text, NULL, NULL, &error));
    STATE(kcr_client_discover(client, "projects", &got, &error));
    STATE(kcr_client_watch(client, PROJECTS, ns, NULL, record_watch, &record, record_freed, &another, &error));
    CHECK(atomic_load(&record.freed) == 1, "user_data of a refused watch is freed");
    STATE(kcr_informer_new(client, PROJECTS, ns, NULL, &other, &error));
    STATE(kcr_informer_wait_synced(informer, 100, &error));
    STATE(kcr_informer_get(informer, "a", &got, &error));
    STATE(kcr_informer_list(informer, NULL, &listed, &error));
    STATE(kcr_informer_start(informer, &error));
    kcr_watch_stop(watch);
    kcr_informer_stop(informer);
    /* Values stay readable. */
    CHECK_TEXT(kcr_object_name(object), "a", "an old object");
    CHECK(kcr_list_count(list) == 1, "an old list holds %zu", kcr_list_count(list));
}

static void free_old_handles(void) {
    kcr_handler_free(handler);
    kcr_watch_free(watch);
    kcr_informer_free(informer);
    kcr_client_free(client);
    kcr_object_free(object);
    kcr_list_free(list);
}

static void use_a_new_client(void) {
    struct record record = RECORD_INITIALIZER;
    kcr_error *error = NULL;
    kcr_object *got = NULL;
    kcr_watch *own = NULL;
    kcr_client *fresh = open_client(kubeconfig, QUICK);
    WORKS(kcr_client_get(fresh, PROJECTS, ns, "a", NULL, &got, &error), error, "a get in the child");
    CHECK_TEXT(kcr_object_name(got), "a", "what the child got");
    kcr_object_free(got);
    WORKS(kcr_client_watch(fresh, PROJECTS, ns, NULL, record_watch, &record, record_freed, &own, &error), error, "a watch in the child");
    EVENTUALLY(seen(&record, KCR_EVENT_BOOKMARK, NULL) == 1, 10000, "the child's watch saw nothing");
    kcr_watch_free(own);
    ENDS_ONCE(&record);
    free_old_handles();
    kcr_client_free(fresh);
}

static void leave_at_once(void) { CHECK(true, "nothing"); }

static void the_parent_goes_on(const char *name) {
    create_project(client, ns, name, 1);
    EVENTUALLY(seen(&watched, KCR_EVENT_ADDED, name) == 1, 10000, "the parent's watch is dead");
    EVENTUALLY(seen(&handled, KCR_EVENT_ADDED, name) == 1, 10000, "the parent's informer is dead");
    CHECK(!atomic_load(&watched.ended) && !atomic_load(&handled.ended), "nothing ended in the parent");
}

static void old_handles_answer_state_in_the_child(void) {
    in_a_child(use_old_handles);
    the_parent_goes_on("one");
}
static void freeing_old_handles_in_the_child_is_safe(void) {
    in_a_child(free_old_handles);
    the_parent_goes_on("two");
}
static void a_new_client_works_in_the_child(void) {
    in_a_child(use_a_new_client);
    the_parent_goes_on("three");
}
static void leaving_the_child_is_safe(void) {
    for (int i = 0; i < 10; i++) in_a_child(leave_at_once);
    the_parent_goes_on("four");
}

int main(int argc, char **argv) {
    kubeconfig = kubeconfig_of(argc, argv);
    client = open_client(kubeconfig, QUICK);
    fresh_namespace(client, "fork", ns);
    create_project(client, ns, "a", 1);
    kcr_error *error = NULL;
    WORKS(kcr_client_get(client, PROJECTS, ns, "a", NULL, &object, &error), error, "get");
    WORKS(kcr_client_list(client, PROJECTS, ns, NULL, &list, &error), error, "list");
    WORKS(kcr_client_watch(client, PROJECTS, ns, NULL, record_watch, &watched, record_freed, &watch, &error), error, "watch");
    WORKS(kcr_informer_new(client, PROJECTS, ns, NULL, &informer, &error), error, "informer");
    WORKS(kcr_informer_add_handler(informer, record_handler, &handled, record_freed, &handler, &error), error, "handler");
    WORKS(kcr_informer_start(informer, &error), error, "start");
    WORKS(kcr_informer_wait_synced(informer, 20000, &error), error, "sync");
    EVENTUALLY(seen(&watched, KCR_EVENT_BOOKMARK, NULL) == 1, 10000, "no BOOKMARK");
    RUN(old_handles_answer_state_in_the_child);
    RUN(freeing_old_handles_in_the_child_is_safe);
    RUN(a_new_client_works_in_the_child);
    RUN(leaving_the_child_is_safe);
    free_old_handles();
    ENDS_ONCE(&watched);
    ENDS_ONCE(&handled);
    return finish();
}
