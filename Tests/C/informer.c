/* Informers on a real server: the copy, its handlers, resync, and every way in which one can end. */
#include "cluster.h"

static const char *kubeconfig;
static kcr_client *client;
static char ns[64];

static kcr_informer *new_informer(const kcr_client *of, const char *options) {
    kcr_error *error = NULL;
    kcr_informer *informer = NULL;
    WORKS(kcr_informer_new(of, PROJECTS, ns, options, &informer, &error), error, "an informer");
    return informer;
}

static kcr_handler *add(kcr_informer *informer, struct record *record) {
    kcr_error *error = NULL;
    kcr_handler *handler = NULL;
    WORKS(kcr_informer_add_handler(informer, record_handler, record, record_freed, &handler, &error), error, "a handler");
    return handler;
}

/* Without a handle of ours: the handler lives as long as the informer. */
static void add_unkept(kcr_informer *informer, struct record *record) {
    kcr_error *error = NULL;
    WORKS(kcr_informer_add_handler(informer, record_handler, record, record_freed, NULL, &error), error, "a handler");
}

static void start(kcr_informer *informer) {
    kcr_error *error = NULL;
    WORKS(kcr_informer_start(informer, &error), error, "start");
    WORKS(kcr_informer_wait_synced(informer, 20000, &error), error, "waiting for the first list");
    CHECK(kcr_informer_has_synced(informer) == 1, "synced");
}

static int flagged(struct record *record, int32_t type, int32_t flag) {
    int count = 0;
    for (size_t i = 0; i < event_count(record); i++) {
        struct event event = event_at(record, i);
        if (event.type == type && (event.flags & flag)) count++;
    }
    return count;
}

static bool cached_replicas(const kcr_informer *informer, const char *name, int64_t want) {
    char key[160];
    kcr_object *object = NULL;
    int64_t replicas = -1;
    snprintf(key, sizeof key, "%s/%s", ns, name);
    if (kcr_informer_get(informer, key, &object, NULL) != KCR_OK) return false;
    kcr_object_get_int(object, "/spec/replicas", &replicas, NULL);
    kcr_object_free(object);
    return replicas == want;
}

static void it_holds_what_the_server_holds(void) {
    kcr_error *error = NULL;
    kcr_object *object = NULL;
    kcr_list *list = NULL;
    fresh_namespace(client, "informer", ns);
    for (int i = 1; i <= 5; i++) create_project(client, ns, (const char *[]){"a", "b", "c", "d", "e"}[i - 1], i);
    kcr_informer *informer = new_informer(client, "{\"pageSize\":2}");
    CHECK(kcr_informer_staleness_ms(informer) == -1, "never heard of the server before the start");
    CHECK(kcr_informer_has_synced(informer) == 0 && kcr_informer_count(informer) == 0, "empty before the start");
    start(informer);
    CHECK(kcr_informer_count(informer) == 5, "%zu objects", kcr_informer_count(informer));
    int64_t stale = kcr_informer_staleness_ms(informer);
    CHECK(stale >= 0 && stale < 20000, "the server was heard %" PRId64 " ms ago", stale);
    CHECK(kcr_informer_last_error(informer) == NULL, "no error");
    CHECK(cached_replicas(informer, "c", 3), "c has 3 replicas");
    EXPECT(kcr_informer_get(informer, "nowhere/nothing", &object, &error), KCR_ERR_NOT_FOUND, error, "nowhere/nothing", "an absent key");
    error = NULL;
    WORKS(kcr_informer_list(informer, NULL, &list, &error), error, "list");
    CHECK(kcr_list_count(list) == 5, "%zu objects", kcr_list_count(list));
    CHECK(strstr(kcr_object_json(kcr_list_at(list, 0), NULL), "managedFields") == NULL, "managedFields were cut out");
    kcr_list_free(list);
    WORKS(kcr_informer_list(informer, "{\"labelSelector\":\"parity=odd\"}", &list, &error), error, "list by label");
    CHECK(kcr_list_count(list) == 3, "%zu are odd", kcr_list_count(list));
    kcr_list_free(list);
    EXPECT(kcr_informer_list(informer, "{\"labelSelector\":\"parity in\"}", &list, &error), KCR_ERR_ARGUMENT, error, "label selector",
           "list by a selector that is none");
    error = NULL;
    WORKS(kcr_informer_list(informer, "{\"namespace\":\"elsewhere\"}", &list, &error), error, "list of a namespace");
    CHECK(kcr_list_count(list) == 0, "%zu elsewhere", kcr_list_count(list));
    kcr_list_free(list);

    create_project(client, ns, "f", 6);
    set_replicas(client, ns, "a", 11);
    delete_project(client, ns, "b");
    EVENTUALLY(kcr_informer_count(informer) == 5 && cached_replicas(informer, "a", 11) && cached_replicas(informer, "f", 6), 10000, "the copy follows");
    kcr_object *stats = NULL;
    WORKS(kcr_informer_stats(informer, &stats, &error), error, "stats");
    int64_t objects = -1;
    CHECK(kcr_object_get_int(stats, "/objects", &objects, NULL) == KCR_OK && objects == 5, "stats: %s", kcr_object_json(stats, NULL));
    kcr_object_free(stats);
    kcr_informer_free(informer);
}

static void handlers_see_all_that_was_there_then_changes(void) {
    struct record record = RECORD_INITIALIZER, late = RECORD_INITIALIZER;
    fresh_namespace(client, "informer", ns);
    for (int i = 1; i <= 3; i++) create_project(client, ns, (const char *[]){"a", "b", "c"}[i - 1], i);
    kcr_informer *informer = new_informer(client, NULL);
    kcr_handler *first = add(informer, &record);
    start(informer);
    EVENTUALLY(seen(&record, KCR_EVENT_SYNCED, NULL) == 1, 10000, "no SYNCED");
    CHECK(flagged(&record, KCR_EVENT_ADDED, KCR_FLAG_INITIAL) == 3, "%d initial ADDED", flagged(&record, KCR_EVENT_ADDED, KCR_FLAG_INITIAL));
    CHECK(event_at(&record, 3).type == KCR_EVENT_SYNCED, "SYNCED follows the third ADDED");
    create_project(client, ns, "d", 4);
    set_replicas(client, ns, "a", 7);
    delete_project(client, ns, "b");
    EVENTUALLY(seen(&record, KCR_EVENT_DELETED, "b") == 1, 10000, "the delete was not seen");
    CHECK(seen(&record, KCR_EVENT_ADDED, "d") == 1 && seen(&record, KCR_EVENT_MODIFIED, "a") == 1, "the create and the patch were seen");
    CHECK(flagged(&record, KCR_EVENT_ADDED, KCR_FLAG_INITIAL) == 3, "a later ADDED is not initial");

    kcr_handler *second = add(informer, &late);
    EVENTUALLY(seen(&late, KCR_EVENT_SYNCED, NULL) == 1, 10000, "no SYNCED for the late handler");
    CHECK(event_count(&late) == 4 && seen(&late, KCR_EVENT_ADDED, NULL) == 3, "the late handler got %zu events", event_count(&late));
    set_replicas(client, ns, "c", 8);
    EVENTUALLY(seen(&late, KCR_EVENT_MODIFIED, "c") == 1 && seen(&record, KCR_EVENT_MODIFIED, "c") == 1, 10000, "both see the change");
    CHECK(seen(&record, KCR_EVENT_SYNCED, NULL) == 1, "SYNCED came once");
    kcr_handler_free(second);
    CHECK(atomic_load(&late.freed) == 1, "free waits for user_data_free");
    ENDS_ONCE(&late);
    set_replicas(client, ns, "c", 9);
    EVENTUALLY(seen(&record, KCR_EVENT_MODIFIED, "c") == 2, 10000, "the other handler goes on");
    kcr_informer_free(informer);
    ENDS_ONCE(&record);
    kcr_handler_free(first);
    ENDS_ONCE(&record);
}

static atomic_int old_was_wrong;
static void compare_old(int32_t event, int32_t flags, const kcr_object *object, const kcr_object *old, void *user_data) {
    int64_t now = -1, before = -1;
    if (event == KCR_EVENT_MODIFIED && !(flags & KCR_FLAG_RESYNC)) {
        kcr_object_get_int(object, "/spec/replicas", &now, NULL);
        kcr_object_get_int(old, "/spec/replicas", &before, NULL);
        if (before != 1 || now != 2) atomic_fetch_add(&old_was_wrong, 1);
    }
    if (event == KCR_EVENT_MODIFIED && (flags & KCR_FLAG_RESYNC) && strcmp(kcr_object_resource_version(object), kcr_object_resource_version(old)))
        atomic_fetch_add(&old_was_wrong, 1);
    record_event(user_data, event, flags, object, NULL);
}

static void resync_repeats_what_is_there(void) {
    struct record record = RECORD_INITIALIZER;
    kcr_error *error = NULL;
    fresh_namespace(client, "informer", ns);
    create_project(client, ns, "a", 1);
    kcr_informer *informer = new_informer(client, "{\"resyncMs\":1000}");
    WORKS(kcr_informer_add_handler(informer, compare_old, &record, record_freed, NULL, &error), error, "a handler without a handle");
    start(informer);
    EVENTUALLY(flagged(&record, KCR_EVENT_MODIFIED, KCR_FLAG_RESYNC) >= 2, 6000, "two resyncs did not come");
    set_replicas(client, ns, "a", 2);
    EVENTUALLY(seen(&record, KCR_EVENT_MODIFIED, "a") > flagged(&record, KCR_EVENT_MODIFIED, KCR_FLAG_RESYNC), 10000, "the change was not seen");
    CHECK(atomic_load(&old_was_wrong) == 0, "the old object was wrong %d times", atomic_load(&old_was_wrong));
    kcr_informer_free(informer);
    ENDS_ONCE(&record);
}

static _Atomic(kcr_handler *) own_handler;
static void free_when_synced(int32_t event, int32_t flags, const kcr_object *object, const kcr_object *old, void *user_data) {
    (void)old;
    record_event(user_data, event, flags, object, NULL);
    if (event != KCR_EVENT_SYNCED) return;
    kcr_handler *own;
    while (!(own = atomic_exchange(&own_handler, NULL))) pause_ms(1); /* the starter has not stored it yet */
    kcr_handler_free(own);
    CHECK(atomic_load(&((struct record *)user_data)->freed) == 0, "user_data lives until the callback has returned");
}

static void a_handler_may_free_itself(void) {
    struct record record = RECORD_INITIALIZER;
    kcr_error *error = NULL;
    kcr_handler *handler = NULL;
    kcr_informer *informer = new_informer(client, NULL);
    WORKS(kcr_informer_add_handler(informer, free_when_synced, &record, record_freed, &handler, &error), error, "a handler");
    atomic_store(&own_handler, handler);
    start(informer);
    ENDS_ONCE(&record);
    create_project(client, ns, "unseen", 1);
    EVENTUALLY(cached_replicas(informer, "unseen", 1), 10000, "the informer goes on");
    CHECK(seen(&record, KCR_EVENT_ADDED, "unseen") == 0, "a freed handler is not called");
    kcr_informer_free(informer);
}

static _Atomic(kcr_informer *) own_informer;
static void free_informer_when_synced(int32_t event, int32_t flags, const kcr_object *object, const kcr_object *old, void *user_data) {
    (void)old;
    record_event(user_data, event, flags, object, NULL);
    if (event == KCR_EVENT_SYNCED) {
        kcr_informer *own;
        while (!(own = atomic_exchange(&own_informer, NULL))) pause_ms(1);
        CHECK(kcr_informer_count(own) > 0, "a callback may read");
        kcr_informer_free(own);
    }
}

static void a_handler_may_free_its_informer(void) {
    struct record record = RECORD_INITIALIZER;
    kcr_error *error = NULL;
    kcr_informer *informer = new_informer(client, NULL);
    WORKS(kcr_informer_add_handler(informer, free_informer_when_synced, &record, record_freed, NULL, &error), error, "a handler");
    WORKS(kcr_informer_start(informer, &error), error, "start");
    atomic_store(&own_informer, informer);
    ENDS_ONCE(&record);
}

static void it_lives_on_after_its_client_is_freed(void) {
    struct record record = RECORD_INITIALIZER;
    fresh_namespace(client, "informer", ns);
    kcr_client *short_lived = open_client(kubeconfig, QUICK);
    kcr_informer *informer = new_informer(short_lived, NULL);
    add_unkept(informer, &record);
    kcr_client_free(short_lived);
    start(informer);
    create_project(client, ns, "later", 1);
    EVENTUALLY(seen(&record, KCR_EVENT_ADDED, "later") == 1, 10000, "the informer died with its client");
    kcr_informer_free(informer);
    ENDS_ONCE(&record);
}

static void a_stopped_one_stays_readable_but_does_not_start_again(void) {
    struct record record = RECORD_INITIALIZER;
    kcr_error *error = NULL;
    kcr_list *list = NULL;
    kcr_informer *informer = new_informer(client, NULL);
    add_unkept(informer, &record);
    start(informer);
    size_t before = kcr_informer_count(informer);
    int64_t began = now_ms();
    kcr_informer_stop(informer);
    kcr_informer_stop(informer);
    CHECK(now_ms() - began < 100 * patience(), "stop took %" PRId64 " ms", now_ms() - began);
    ENDS_ONCE(&record);
    CHECK(before > 0 && kcr_informer_count(informer) == before, "%zu objects of %zu are left", kcr_informer_count(informer), before);
    CHECK(cached_replicas(informer, "later", 1), "a stopped informer answers");
    WORKS(kcr_informer_list(informer, NULL, &list, &error), error, "listing a stopped informer");
    CHECK(kcr_list_count(list) == before, "%zu listed", kcr_list_count(list));
    kcr_list_free(list);
    EXPECT(kcr_informer_start(informer, &error), KCR_ERR_STATE, error, NULL, "starting a stopped informer");
    kcr_informer_free(informer);
}

static void starting_twice_is_a_state_error(void) {
    kcr_error *error = NULL;
    kcr_informer *informer = new_informer(client, NULL);
    start(informer);
    EXPECT(kcr_informer_start(informer, &error), KCR_ERR_STATE, error, NULL, "a second start");
    kcr_informer_free(informer);
    informer = new_informer(client, NULL); /* never started: freed all the same */
    struct record record = RECORD_INITIALIZER;
    add_unkept(informer, &record);
    kcr_informer_free(informer);
    ENDS_ONCE(&record);
}

static void waiting_reports_why_it_never_synced(void) {
    kcr_client *denied = open_client(environment("KUBECR_REAL_DENIED"), QUICK);
    kcr_error *error = NULL;
    kcr_informer *informer = new_informer(denied, NULL);
    EXPECT(kcr_informer_wait_synced(informer, 50, &error), KCR_ERR_TIMEOUT, error, NULL, "waiting for what was not started");
    error = NULL;
    WORKS(kcr_informer_start(informer, &error), error, "start");
    EXPECT(kcr_informer_wait_synced(informer, 2500, &error), KCR_ERR_FORBIDDEN, error, "kubecr-denied", "a denied user's informer");
    kcr_error *last = kcr_informer_last_error(informer);
    CHECK(kcr_error_status(last) == KCR_ERR_FORBIDDEN, "the last error is %s", kcr_status_name(kcr_error_status(last)));
    kcr_error_free(last);
    CHECK(kcr_informer_has_synced(informer) == 0, "never synced");
    kcr_informer_free(informer);
    kcr_client_free(denied);
}

static atomic_bool asleep, woken;
static void sleep_long(int32_t event, int32_t flags, const kcr_object *object, const kcr_object *old, void *user_data) {
    (void)flags, (void)object, (void)old, (void)user_data;
    if (event != KCR_EVENT_ADDED) return;
    atomic_store(&asleep, true);
    while (!atomic_load(&woken)) pause_ms(2);
}

static void a_sleeping_handler_delays_no_other(void) {
    struct record record = RECORD_INITIALIZER;
    kcr_error *error = NULL;
    kcr_informer *informer = new_informer(client, NULL);
    WORKS(kcr_informer_add_handler(informer, sleep_long, NULL, NULL, NULL, &error), error, "a sleeper");
    add_unkept(informer, &record);
    start(informer);
    EVENTUALLY(atomic_load(&asleep), 10000, "the sleeper was not called");
    create_project(client, ns, "meanwhile", 1);
    EVENTUALLY(seen(&record, KCR_EVENT_ADDED, "meanwhile") == 1, 10000, "the other handler waits for the sleeper");
    CHECK(cached_replicas(informer, "meanwhile", 1), "the copy follows");
    atomic_store(&woken, true);
    kcr_informer_free(informer);
    ENDS_ONCE(&record);
}

static int64_t stat_of(const kcr_informer *informer, const char *pointer) {
    int64_t value = -1;
    kcr_object *stats = NULL;
    if (kcr_informer_stats(informer, &stats, NULL) == KCR_OK) kcr_object_get_int(stats, pointer, &value, NULL);
    kcr_object_free(stats);
    return value;
}

/* L10: one request where the server has streaming lists, three where it refuses them, and the same content. */
static void L10_the_list_is_the_begin_of_a_stream(void) {
    kcr_error *error = NULL;
    char *version = NULL;
    int minor = 0;
    WORKS(kcr_client_request(client, "GET", "/version", NULL, 0, NULL, &version, NULL, NULL, &error), error, "version");
    const char *at = version ? strstr(version, "\"minor\"") : NULL;
    CHECK(at && sscanf(at, "\"minor\": \"%d", &minor) + sscanf(at, "\"minor\":\"%d", &minor) > 0 && minor > 0, "the version is %s", version);
    kcr_string_free(version);
    fresh_namespace(client, "informer", ns);
    for (int i = 1; i <= 3; i++) create_project(client, ns, (const char *[]){"a", "b", "c"}[i - 1], i);
    kcr_informer *informer = new_informer(client, NULL);
    start(informer);
    bool streams = minor >= 32;
    CHECK(kcr_informer_count(informer) == 3, "%zu objects", kcr_informer_count(informer));
    EVENTUALLY(stat_of(informer, "/watches") == (streams ? 1 : 2), 10000, "%" PRId64 " watches", stat_of(informer, "/watches"));
    CHECK(stat_of(informer, "/lists") == (streams ? 1 : 2), "%" PRId64 " lists", stat_of(informer, "/lists"));
    CHECK(stat_of(informer, "/errors") == 0, "a server without them is no failure");
    create_project(client, ns, "d", 4);
    EVENTUALLY(cached_replicas(informer, "d", 4), 10000, "the stream goes on");
    kcr_informer_free(informer);
}

int main(int argc, char **argv) {
    kubeconfig = kubeconfig_of(argc, argv);
    client = open_client(kubeconfig, QUICK);
    RUN(it_holds_what_the_server_holds);
    RUN(handlers_see_all_that_was_there_then_changes);
    RUN(resync_repeats_what_is_there);
    RUN(a_handler_may_free_itself);
    RUN(a_handler_may_free_its_informer);
    RUN(it_lives_on_after_its_client_is_freed);
    RUN(a_stopped_one_stays_readable_but_does_not_start_again);
    RUN(starting_twice_is_a_state_error);
    RUN(waiting_reports_why_it_never_synced);
    RUN(a_sleeping_handler_delays_no_other);
    RUN(L10_the_list_is_the_begin_of_a_stream);
    kcr_client_free(client);
    return finish();
}
