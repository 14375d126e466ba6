/* Forks, exits and signals where they hurt: in callbacks, in the first moments, while the log is told, in children of many
 * threads. Needs no server but its own; fork.c has a child's rights against a real one. */
#include "loopback.h"

static void start_watch(kcr_client *client, const char *ns, kcr_watch_fn fn, struct record *record, kcr_watch **out) {
    kcr_error *error = NULL;
    WORKS(kcr_client_watch(client, PROJECTS, ns, NULL, fn, record, record_freed, out, &error), error, "watch");
}

/* ---- What no earlier use of the library may have prepared -------------------------------------------------------------- */

static pthread_barrier_t together;
static void *begin(void *unused) {
    (void)unused;
    pthread_barrier_wait(&together);
    kcr_error *error = NULL;
    kcr_object *object = NULL;
    kcr_client *client = loopback_client(QUICK);
    WORKS(kcr_client_get(client, PROJECTS, "calm", "a", NULL, &object, &error), error, "a get in the child");
    kcr_object_free(object);
    kcr_client_free(client);
    return NULL;
}

static void begin_in_two_threads(void) {
    pthread_t thread;
    REQUIRE(!pthread_barrier_init(&together, NULL, 2) && !pthread_create(&thread, NULL, begin, NULL), "a second thread");
    begin(NULL);
    pthread_join(thread, NULL);
}

/* One of eight such children hung when the Swift run-time kept the parent's thread number. */
static void two_threads_of_a_child_may_begin_together(void) {
    kcr_object *object = NULL;
    REQUIRE(kcr_object_from_json("{}", 2, &object, NULL) == KCR_OK, "the parent has used the library a little");
    kcr_object_free(object);
    for (int64_t i = 0; i < 60 / patience(); i++) in_a_process(begin_in_two_threads, 5000);
}

/* ---- Forks ------------------------------------------------------------------------------------------------------------- */

static pid_t forker;
static int32_t fork_here(int32_t event, const kcr_object *object, const kcr_error *error, void *user_data) {
    if (getpid() != forker) _exit(7); /* no event of the parent's may be told in a child */
    record_event(user_data, event, 0, object, error);
    if (event != KCR_EVENT_ADDED) return KCR_CONTINUE;
    pid_t child = fork();
    if (child == 0) {
        loopback_is_child = true;
        return KCR_CONTINUE; /* back into the library, where nobody has any business any more */
    }
    int status = 0;
    int64_t deadline = now_ms() + 5000 * patience();
    while (waitpid(child, &status, WNOHANG) == 0 && now_ms() < deadline) pause_ms(2);
    if (!CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 0 && now_ms() < deadline, "the child ends by itself: status %d, signal %d", WEXITSTATUS(status), WTERMSIG(status))) kill(child, SIGKILL);
    return KCR_CONTINUE;
}

static void a_child_forked_in_a_callback_tells_nothing_and_ends(void) {
    struct record record = RECORD_INITIALIZER;
    forker = getpid();
    kcr_client *client = loopback_client(QUICK);
    kcr_watch *watch = NULL;
    start_watch(client, "busy", fork_here, &record, &watch);
    EVENTUALLY(seen(&record, KCR_EVENT_MODIFIED, NULL) > 20, 15000, "the parent goes on");
    kcr_watch_free(watch);
    ENDS_ONCE(&record);
    kcr_client_free(client);
}

static atomic_bool in_log, may_wake;
static void linger(int32_t level, const char *message, void *user_data) {
    (void)level, (void)message, (void)user_data;
    atomic_store(&in_log, true);
    while (!atomic_load(&may_wake)) pause_ms(1);
    atomic_store(&in_log, false);
}

static void work_in_the_child(void) {
    kcr_error *error = NULL;
    kcr_object *object = NULL;
    atomic_store(&may_wake, true);
    kcr_client *client = loopback_client(QUICK);
    struct record record = RECORD_INITIALIZER;
    WORKS(kcr_client_get(client, PROJECTS, "calm", "a", NULL, &object, &error), error, "a get in the child");
    kcr_object_free(object);
    kcr_watch *watch = NULL;
    start_watch(client, "busy", record_watch, &record, &watch);
    kcr_watch_free(watch);
    ENDS_ONCE(&record);
    kcr_client_free(client);
    kcr_log_set(KCR_LOG_ERROR, NULL, NULL, NULL);
}

static void a_fork_while_the_log_is_told_leaves_a_child_that_works(void) {
    struct record record = RECORD_INITIALIZER;
    kcr_client *client = loopback_client(QUICK);
    atomic_store(&may_wake, false);
    kcr_log_set(KCR_LOG_DEBUG, linger, NULL, NULL);
    kcr_watch *watch = NULL;
    start_watch(client, "calm", record_watch, &record, &watch);
    EVENTUALLY(atomic_load(&in_log), 5000, "the log was told");
    in_a_process(work_in_the_child, 10000);
    atomic_store(&may_wake, true);
    kcr_log_set(KCR_LOG_ERROR, NULL, NULL, NULL);
    kcr_watch_free(watch);
    kcr_client_free(client);
}

static void doze(int32_t level, const char *message, void *user_data) {
    (void)level, (void)message, (void)user_data;
    atomic_store(&in_log, true);
    pause_ms(5);
    atomic_store(&in_log, false);
}

static void leave_unless_the_log_is_told(void) {
    CHECK(!atomic_load(&in_log), "the fork came while a loop was turning");
    /* Without a search for leaks: on a slow machine a turn is longer than a fork waits, and what it held is nobody's here. */
    if (atomic_load(&check_failures) == 0) execl("/bin/true", "true", (char *)NULL);
}

/* A loop that turns may hold any lock of the libraries below: the child would find it held for ever. */
static void a_fork_waits_for_turns_that_end(void) {
    struct record record = RECORD_INITIALIZER;
    kcr_watch *watch = NULL;
    kcr_client *client = loopback_client(QUICK);
    kcr_log_set(KCR_LOG_DEBUG, doze, NULL, NULL);
    for (int i = 0; i < 10; i++) {
        kcr_watch_free(watch);
        atomic_store(&record.freed, 0), atomic_store(&record.ended, false);
        start_watch(client, "calm", record_watch, &record, &watch);
        EVENTUALLY(atomic_load(&in_log), 5000, "the log was told");
        in_a_process(leave_unless_the_log_is_told, 5000);
    }
    kcr_log_set(KCR_LOG_ERROR, NULL, NULL, NULL);
    kcr_watch_free(watch);
    kcr_client_free(client);
}

/* ---- Exits and signals ------------------------------------------------------------------------------------------------- */

static int32_t exit_here(int32_t event, const kcr_object *object, const kcr_error *error, void *user_data) {
    (void)object, (void)error, (void)user_data;
    if (event == KCR_EVENT_MODIFIED) exit(atomic_load(&check_failures) ? 1 : 0);
    return KCR_CONTINUE;
}

static void leave_from_a_callback(void) {
    struct record record = RECORD_INITIALIZER, other = RECORD_INITIALIZER;
    kcr_client *client = loopback_client(QUICK);
    kcr_watch *watches[2];
    start_watch(client, "busy", record_watch, &record, &watches[0]);
    start_watch(client, "busy", exit_here, &other, &watches[1]);
    pause_ms(60000);
}

static void a_callback_may_leave_the_process(void) {
    for (int i = 0; i < 10; i++) in_a_process(leave_from_a_callback, 5000);
}

/* SIGPIPE as a program finds it: it ends the process. */
static void lose_the_server(void) {
    struct record record = RECORD_INITIALIZER;
    kcr_error *error = NULL;
    signal(SIGPIPE, SIG_DFL);
    loopback_start(0);
    for (int mode = 0; mode < 2; mode++) {
        kcr_watch *watch = NULL;
        kcr_client *lost = loopback_client(mode ? QUICK_EXTERNAL : QUICK);
        char *body = calloc(1, 4 << 20), *text = NULL;
        memset(body, 'x', (4 << 20) - 1);
        WORKS(kcr_client_watch(lost, PROJECTS, "busy", NULL, record_watch, &record, record_freed, &watch, &error), error, "watch");
        if (mode == 1) loopback_kill();
        for (int i = 0; i < 20; i++) {
            kcr_error_free(error), error = NULL;
            kcr_client_request(lost, "POST", "/api/v1/namespaces/cut/pods", body, (4 << 20) - 1, NULL, &text, NULL, NULL, &error);
            CHECK(kcr_error_status(error) == KCR_ERR_CONNECT, "a server that is gone gives %s: %s", kcr_status_name(kcr_error_status(error)), kcr_error_message(error));
        }
        kcr_error_free(error), error = NULL;
        free(body);
        kcr_watch_free(watch);
        kcr_client_free(lost);
    }
}

static void a_lost_server_raises_no_signal(void) { in_a_process(lose_the_server, 20000); }

int main(void) {
    loopback_start(0);
    if (!is_sanitized) RUN(two_threads_of_a_child_may_begin_together); /* those builds link the run-time dynamically */
    RUN(a_callback_may_leave_the_process); /* its children begin with one thread */
    if (is_thread_sanitized) return finish(); /* it does not follow into a child of many threads */
    RUN(a_fork_waits_for_turns_that_end);
    RUN(a_lost_server_raises_no_signal);
    if (is_under_valgrind()) return finish();
    RUN(a_fork_while_the_log_is_told_leaves_a_child_that_works);
    RUN(a_child_forked_in_a_callback_tells_nothing_and_ends);
    return finish();
}
