/* A caller without manners: frees in callbacks and in any order, stops from other threads at any moment, blocks where others
 * would wait. Needs no server but its own; limits.c has what the machine refuses, process.c forks and exits. */
#include "loopback.h"

#include <poll.h>

#define CALL_OF(ns) "{\"verb\":\"get\",\"resource\":\"example.sealyun.com/v1alpha1/projects\",\"namespace\":\"" ns "\",\"name\":\"a\"}"

static void record_call(kcr_status status, const kcr_object *object, const kcr_list *list, const kcr_error *error, void *user_data) {
    (void)list;
    CHECK((status == KCR_OK) == (error == NULL), "a call's status is %s, its error %s", kcr_status_name(status), kcr_error_message(error));
    record_event(user_data, KCR_EVENT_END, 0, object, error);
}

static kcr_informer *informer_of(kcr_client *client, const char *ns) {
    kcr_informer *informer = NULL;
    kcr_error *error = NULL;
    WORKS(kcr_informer_new(client, PROJECTS, ns, NULL, &informer, &error), error, "informer");
    return informer;
}

/* Handles go to their place by the library: their callbacks may need them at once. */
static void add_handler(kcr_informer *informer, kcr_informer_fn fn, struct record *record, kcr_handler **out) {
    kcr_error *error = NULL;
    WORKS(kcr_informer_add_handler(informer, fn, record, record_freed, out, &error), error, "handler");
}

static void start_watch(kcr_client *client, const char *ns, kcr_watch_fn fn, struct record *record, kcr_watch **out) {
    kcr_error *error = NULL;
    WORKS(kcr_client_watch(client, PROJECTS, ns, NULL, fn, record, record_freed, out, &error), error, "watch");
}

static int tasks_at_start;

/* ---- Ends in any order, at any moment ------------------------------------------------------------------------------- */

enum { WATCH, CALL, HANDLER, OTHER_HANDLER, INFORMER, CLIENT, KINDS };
struct bundle {
    kcr_client *client;
    kcr_watch *watch;
    kcr_call *call;
    kcr_informer *informer;
    kcr_handler *handlers[2];
    struct record watched, called, handled[2];
    atomic_int next;
    int order[KINDS];
};

static void end_one(struct bundle *bundle, int kind) {
    switch (kind) {
    case WATCH: kcr_watch_free(bundle->watch); break;
    case INFORMER: kcr_informer_stop(bundle->informer), kcr_informer_free(bundle->informer); break;
    case CALL: kcr_call_cancel(bundle->call), kcr_call_free(bundle->call); break;
    case HANDLER: kcr_handler_free(bundle->handlers[0]); break;
    case OTHER_HANDLER: kcr_handler_free(bundle->handlers[1]); break;
    default: kcr_client_free(bundle->client);
    }
}

static void *end_some(void *argument) {
    struct bundle *bundle = argument;
    for (int at; (at = atomic_fetch_add(&bundle->next, 1)) < KINDS;) end_one(bundle, bundle->order[at]);
    return NULL;
}

static void one_round(unsigned *seed, bool external) {
    static const char *const moods[] = {"calm", "busy", "silent", "cut", "once", "noise", "brief", "drip", "large"};
    struct bundle *bundle = calloc(1, sizeof *bundle);
    struct record fresh = RECORD_INITIALIZER;
    kcr_error *error = NULL;
    char request[256];
    const char *mood = moods[(size_t)rand_r(seed) % (sizeof moods / sizeof *moods)];
    bundle->watched = bundle->called = bundle->handled[0] = bundle->handled[1] = fresh;
    bundle->client = loopback_client(external ? QUICK_EXTERNAL : QUICK);
    snprintf(request, sizeof request, "{\"verb\":\"list\",\"resource\":\"%s\",\"namespace\":\"%s\"}", PROJECTS, mood);
    start_watch(bundle->client, mood, record_watch, &bundle->watched, &bundle->watch);
    WORKS(kcr_client_call(bundle->client, request, record_call, &bundle->called, record_freed, &bundle->call, &error), error, "call");
    bundle->informer = informer_of(bundle->client, mood);
    bool handlers = rand_r(seed) % 3;
    for (int i = 0; handlers && i < 2; i++) add_handler(bundle->informer, record_handler, &bundle->handled[i], &bundle->handlers[i]);
    if (rand_r(seed) % 4) WORKS(kcr_informer_start(bundle->informer, &error), error, "start");
    for (int64_t until = now_ms() + rand_r(seed) % 12; now_ms() < until;) {
        struct pollfd fd = {kcr_client_fd(bundle->client), POLLIN, 0};
        poll(&fd, 1, 1);
        if (external) WORKS(kcr_client_process(bundle->client, &error), error, "process");
    }
    for (int i = 0; i < KINDS; i++) bundle->order[i] = i;
    for (int i = KINDS - 1; i > 0; i--) {
        int other = rand_r(seed) % (i + 1), kept = bundle->order[i];
        bundle->order[i] = bundle->order[other];
        bundle->order[other] = kept;
    }
    pthread_t threads[2];
    int count = external ? 0 : rand_r(seed) % 3; /* in external mode a free while another thread is inside comes later */
    for (int i = 0; i < count; i++) REQUIRE(!pthread_create(&threads[i], NULL, end_some, bundle), "a thread");
    end_some(bundle);
    for (int i = 0; i < count; i++) pthread_join(threads[i], NULL);
    CHECK(atomic_load(&bundle->watched.freed) == 1, "%s: the watch's user_data is freed %d times when all is freed", mood, atomic_load(&bundle->watched.freed));
    for (int i = 0; handlers && i < 2; i++) CHECK(atomic_load(&bundle->handled[i].freed) == 1, "%s: a handler's user_data is freed %d times when all is freed", mood, atomic_load(&bundle->handled[i].freed));
    ENDS_ONCE(&bundle->watched);
    ENDS_ONCE(&bundle->called);
    for (int i = 0; handlers && i < 2; i++) ENDS_ONCE(&bundle->handled[i]);
    free(bundle);
}

static void everything_ends_once_in_any_order_at_any_moment(void) {
    unsigned seed = (unsigned)(getenv("SEED") ? atoi(getenv("SEED")) : 1);
    int before = descriptors();
    for (int64_t i = 0; i < 300 / patience(); i++) one_round(&seed, i % 2);
    EVENTUALLY(descriptors() <= before && tasks() <= tasks_at_start, 3000, "%d descriptors, %d before; %d threads", descriptors(), before, tasks());
}

/* ---- Frees in callbacks ------------------------------------------------------------------------------------------------ */

static struct bundle own; /* what the callbacks below free */
static atomic_int gone;
static kcr_client *_Atomic driven; /* external mode: to be turned */

static int32_t free_own_watch(int32_t event, const kcr_object *object, const kcr_error *error, void *user_data) {
    record_event(user_data, event, 0, object, error);
    if (event == KCR_EVENT_BOOKMARK && !atomic_fetch_add(&gone, 1)) kcr_watch_stop(own.watch), kcr_watch_free(own.watch);
    return KCR_CONTINUE;
}

static void free_everything(int32_t event, int32_t flags, const kcr_object *object, const kcr_object *old, void *user_data) {
    record_handler(event, flags, object, old, user_data);
    if (event != KCR_EVENT_SYNCED) return;
    driven = NULL;
    for (int i = 0; i < KINDS; i++) end_one(&own, own.order[i]);
    atomic_fetch_add(&gone, 1);
}

static void until_gone(void) {
    int64_t deadline = now_ms() + 10000 * patience();
    while (!atomic_load(&gone) && now_ms() < deadline) {
        struct pollfd fd = {driven ? kcr_client_fd(driven) : -1, POLLIN, 0};
        poll(&fd, 1, driven ? 20 : 1);
        if (driven) kcr_client_process(driven, NULL);
    }
    CHECK(atomic_load(&gone) == 1, "the callback has freed its handles");
}

static void a_callback_may_free_everything_itself_included(void) {
    static const int orders[][KINDS] = {{WATCH, CALL, HANDLER, OTHER_HANDLER, INFORMER, CLIENT}, {CLIENT, INFORMER, HANDLER, WATCH, CALL, OTHER_HANDLER},
                                        {HANDLER, CLIENT, CALL, INFORMER, OTHER_HANDLER, WATCH}};
    static const char *const modes[] = {"{\"qps\":0}", "{\"qps\":0,\"callbackThreads\":1}", "{\"qps\":0,\"loop\":\"external\"}"};
    struct record fresh = RECORD_INITIALIZER;
    for (size_t order = 0; order < 3; order++)
        for (size_t mode = 0; mode < 3; mode++) {
            kcr_error *error = NULL;
            memcpy(own.order, orders[order], sizeof own.order);
            own.watched = own.called = own.handled[0] = own.handled[1] = fresh;
            atomic_store(&gone, 0);
            own.client = loopback_client(modes[mode]);
            driven = mode == 2 ? own.client : NULL;
            own.informer = informer_of(own.client, "busy");
            add_handler(own.informer, free_everything, &own.handled[0], &own.handlers[0]);
            add_handler(own.informer, record_handler, &own.handled[1], &own.handlers[1]);
            start_watch(own.client, "busy", record_watch, &own.watched, &own.watch);
            WORKS(kcr_client_call(own.client, CALL_OF("silent"), record_call, &own.called, record_freed, &own.call, &error), error, "call");
            WORKS(kcr_informer_start(own.informer, &error), error, "start");
            until_gone();
            ENDS_ONCE(&own.watched);
            ENDS_ONCE(&own.called);
            for (int i = 0; i < 2; i++) ENDS_ONCE(&own.handled[i]);
        }
}

static void a_watch_may_free_itself(void) {
    struct record fresh = RECORD_INITIALIZER;
    for (int mode = 0; mode < 2; mode++) {
        own.watched = fresh;
        atomic_store(&gone, 0);
        kcr_client *client = loopback_client(mode ? QUICK_EXTERNAL : QUICK);
        driven = mode ? client : NULL;
        start_watch(client, "busy", free_own_watch, &own.watched, &own.watch);
        until_gone();
        kcr_client_free(client);
        ENDS_ONCE(&own.watched);
    }
}

/* ---- Callbacks that block ---------------------------------------------------------------------------------------------- */

static kcr_client *shared;
static kcr_informer *late_informer;
static atomic_int verbs, syncs;

static int32_t use_everything(int32_t event, const kcr_object *object, const kcr_error *error, void *user_data) {
    record_event(user_data, event, 0, object, error);
    if (event != KCR_EVENT_BOOKMARK) return KCR_CONTINUE;
    kcr_object *got = NULL;
    kcr_error *failed = NULL;
    WORKS(kcr_client_get(shared, PROJECTS, "once", "a", NULL, &got, &failed), failed, "a get in a callback");
    kcr_object_free(got);
    atomic_fetch_add(&verbs, 1);
    WORKS(kcr_informer_start(late_informer, &failed), failed, "a start in a callback");
    WORKS(kcr_informer_wait_synced(late_informer, 5000, &failed), failed, "a wait in a callback");
    atomic_fetch_add(&syncs, 1);
    return KCR_STOP;
}

static void the_only_callback_thread_may_block_on_verbs_and_syncs(void) {
    for (int mode = 0; mode < 2; mode++) {
        struct record watched = RECORD_INITIALIZER, handled = RECORD_INITIALIZER;
        shared = loopback_client(mode ? QUICK_EXTERNAL : "{\"qps\":0,\"callbackThreads\":1}");
        late_informer = informer_of(shared, "calm");
        kcr_handler *handler = NULL;
        add_handler(late_informer, record_handler, &handled, &handler);
        kcr_watch *watch = NULL;
        start_watch(shared, "calm", use_everything, &watched, &watch);
        for (int64_t until = now_ms() + 10000 * patience(); now_ms() < until && !seen(&handled, KCR_EVENT_SYNCED, NULL);) {
            pause_ms(2);
            if (mode) kcr_client_process(shared, NULL);
        }
        CHECK(atomic_load(&verbs) == mode + 1 && atomic_load(&syncs) == mode + 1, "the callback is through: %d, %d", atomic_load(&verbs), atomic_load(&syncs));
        CHECK(seen(&handled, KCR_EVENT_SYNCED, NULL) == 1, "the other informer's handler was told afterwards");
        kcr_handler_free(handler);
        kcr_informer_free(late_informer);
        kcr_watch_free(watch);
        ENDS_ONCE(&watched);
        ENDS_ONCE(&handled);
        kcr_client_free(shared);
    }
}

static atomic_bool may_wake;
static void sleep_long(int32_t event, int32_t flags, const kcr_object *object, const kcr_object *old, void *user_data) {
    record_handler(event, flags, object, old, user_data);
    while (!atomic_load(&may_wake)) pause_ms(2);
}

static void a_sleeping_handler_keeps_nobody_waiting(void) {
    struct record records[4] = {RECORD_INITIALIZER, RECORD_INITIALIZER, RECORD_INITIALIZER, RECORD_INITIALIZER};
    kcr_error *error = NULL;
    kcr_object *object = NULL;
    kcr_client *client = loopback_client("{\"qps\":0,\"callbackThreads\":2}");
    kcr_informer *informer = informer_of(client, "busy");
    kcr_handler *handlers[4];
    atomic_store(&may_wake, false);
    for (int i = 0; i < 4; i++) add_handler(informer, i ? record_handler : sleep_long, &records[i], &handlers[i]);
    WORKS(kcr_informer_start(informer, &error), error, "start");
    for (int i = 1; i < 4; i++) EVENTUALLY(seen(&records[i], KCR_EVENT_MODIFIED, NULL) > 20, 10000, "handler %d is kept waiting", i);
    CHECK(event_count(&records[0]) == 1, "the sleeper had %zu events", event_count(&records[0]));
    WORKS(kcr_informer_get(informer, "busy/p-1", &object, &error), error, "a lookup");
    kcr_object_free(object);
    CHECK(kcr_informer_staleness_ms(informer) < 2000, "the copy is %" PRId64 " ms old", kcr_informer_staleness_ms(informer));
    atomic_store(&may_wake, true);
    for (int i = 0; i < 4; i++) kcr_handler_free(handlers[i]);
    kcr_informer_free(informer);
    for (int i = 0; i < 4; i++) ENDS_ONCE(&records[i]);
    kcr_client_free(client);
}

static void *wait_too(void *informer) {
    kcr_error *error = NULL;
    WORKS(kcr_informer_wait_synced(informer, -1, &error), error, "one of many waits");
    return NULL;
}

static void many_may_wait_before_the_start(void) {
    pthread_t threads[16];
    kcr_error *error = NULL;
    kcr_client *client = loopback_client(QUICK);
    kcr_informer *informer = informer_of(client, "calm"), *never = informer_of(client, "calm");
    for (int i = 0; i < 16; i++) REQUIRE(!pthread_create(&threads[i], NULL, wait_too, informer), "a thread");
    pause_ms(20);
    WORKS(kcr_informer_start(informer, &error), error, "start");
    for (int i = 0; i < 16; i++) pthread_join(threads[i], NULL);
    kcr_informer_free(never);
    kcr_client_free(client);
    kcr_informer_free(informer);

    /* In external mode nobody else can start it: a wait would be for ever. */
    client = loopback_client(QUICK_EXTERNAL);
    informer = informer_of(client, "calm");
    EXPECT(kcr_informer_wait_synced(informer, -1, &error), KCR_ERR_STATE, error, "started", "a wait that could not end");
    kcr_informer_free(informer);
    kcr_client_free(client);
}

static void a_freed_external_client_ends_informers_that_never_began(void) {
    struct record record = RECORD_INITIALIZER;
    kcr_error *error = NULL;
    kcr_client *client = loopback_client(QUICK_EXTERNAL);
    kcr_informer *informer = informer_of(client, "calm");
    kcr_handler *handler = NULL;
    add_handler(informer, record_handler, &record, &handler);
    kcr_client_free(client);
    CHECK(atomic_load(&record.freed) == 1, "its handler has had its end");
    EXPECT(kcr_informer_start(informer, &error), KCR_ERR_STATE, error, NULL, "a start without a client");
    kcr_handler_free(handler);
    kcr_informer_free(informer);
    ENDS_ONCE(&record);
}

/* What a blocking verb must not meet: a callback, on its own thread. */
static _Thread_local bool in_verb;
static int32_t not_in_a_verb(int32_t event, const kcr_object *object, const kcr_error *error, void *user_data) {
    CHECK(!in_verb, "a callback ran inside a blocking verb");
    return record_watch(event, object, error, user_data);
}
static void freed_not_in_a_verb(void *user_data) {
    CHECK(!in_verb, "user_data_free ran inside a blocking verb");
    record_freed(user_data);
}

static kcr_watch *to_free;
static void *free_soon(void *unused) {
    pause_ms(100);
    kcr_watch_free(to_free);
    return unused;
}

static void a_free_from_elsewhere_calls_nobody_in_a_blocking_verb(void) {
    struct record record = RECORD_INITIALIZER;
    kcr_error *error = NULL;
    kcr_object *object = NULL;
    pthread_t thread;
    kcr_client *client = loopback_client(QUICK_EXTERNAL);
    WORKS(kcr_client_watch(client, PROJECTS, "calm", NULL, not_in_a_verb, &record, freed_not_in_a_verb, &to_free, &error), error, "watch");
    REQUIRE(!pthread_create(&thread, NULL, free_soon, NULL), "a thread");
    in_verb = true;
    EXPECT(kcr_client_get(client, PROJECTS, "silent", "a", "{\"timeoutMs\":300}", &object, &error), KCR_ERR_TIMEOUT, error, NULL, "a get without an answer");
    in_verb = false;
    pthread_join(thread, NULL);
    struct pollfd fd = {kcr_client_fd(client), POLLIN, 0};
    CHECK(poll(&fd, 1, 5000) == 1, "the descriptor says that the end waits");
    WORKS(kcr_client_process(client, &error), error, "process");
    CHECK(atomic_load(&record.freed) == 1, "the end comes with the next process");
    ENDS_ONCE(&record);
    kcr_client_free(client);
}

int main(void) {
    loopback_start(0);
    tasks_at_start = tasks() + is_thread_sanitized; /* which has a thread of its own */
    RUN(everything_ends_once_in_any_order_at_any_moment);
    RUN(a_callback_may_free_everything_itself_included);
    RUN(a_watch_may_free_itself);
    RUN(the_only_callback_thread_may_block_on_verbs_and_syncs);
    RUN(a_sleeping_handler_keeps_nobody_waiting);
    RUN(many_may_wait_before_the_start);
    RUN(a_free_from_elsewhere_calls_nobody_in_a_blocking_verb);
    RUN(a_freed_external_client_ends_informers_that_never_began);
    return finish();
}
