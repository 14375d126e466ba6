/* Raw watches on a real server: from scratch and from a version, and every way in which one can end. */
#include "cluster.h"

static const char *kubeconfig;
static kcr_client *client;
static char ns[64];

static kcr_watch *watch_projects(const char *options, struct record *record) {
    kcr_error *error = NULL;
    kcr_watch *watch = NULL;
    WORKS(kcr_client_watch(client, PROJECTS, ns, options, record_watch, record, record_freed, &watch, &error), error, "watching");
    return watch;
}

static void from_scratch_come_objects_then_one_bookmark_then_changes(void) {
    struct record record = RECORD_INITIALIZER;
    fresh_namespace(client, "watch", ns);
    for (int i = 0; i < 3; i++) create_project(client, ns, (const char *[]){"a", "b", "c"}[i], i + 1);
    kcr_watch *watch = watch_projects(NULL, &record);
    EVENTUALLY(seen(&record, KCR_EVENT_BOOKMARK, NULL) == 1, 10000, "%zu events, no BOOKMARK", event_count(&record));
    CHECK(event_count(&record) == 4, "%zu events up to the BOOKMARK", event_count(&record));
    for (size_t i = 0; i < 3; i++) CHECK(event_at(&record, i).type == KCR_EVENT_ADDED, "event %zu is ADDED", i);
    CHECK(event_at(&record, 3).type == KCR_EVENT_BOOKMARK, "the BOOKMARK is the fourth");
    create_project(client, ns, "d", 4);
    set_replicas(client, ns, "a", 9);
    delete_project(client, ns, "b");
    EVENTUALLY(seen(&record, KCR_EVENT_DELETED, "b") == 1, 10000, "the delete was not seen");
    CHECK(seen(&record, KCR_EVENT_ADDED, "d") == 1 && seen(&record, KCR_EVENT_MODIFIED, "a") == 1, "the create and the patch were seen");
    size_t at = 0;
    static const struct {
        int32_t type;
        const char *name;
    } order[] = {{KCR_EVENT_ADDED, "d"}, {KCR_EVENT_MODIFIED, "a"}, {KCR_EVENT_DELETED, "b"}};
    for (size_t i = 4; i < event_count(&record); i++) {
        struct event event = event_at(&record, i);
        if (event.type == KCR_EVENT_BOOKMARK) continue;
        CHECK(at < 3 && event.type == order[at].type && !strcmp(event.name, order[at].name), "event %zu is %d of %s", i, event.type, event.name);
        at++;
    }
    CHECK(at == 3, "%zu changes came", at);
    kcr_watch_free(watch);
    CHECK(atomic_load(&record.freed) == 1, "free waits for user_data_free");
    ENDS_ONCE(&record);
    CHECK(event_at(&record, event_count(&record) - 1).status == KCR_OK, "a wanted end has no error");
}

static void from_a_version_come_only_later_changes(void) {
    struct record record = RECORD_INITIALIZER;
    char version[64], options[128];
    fresh_namespace(client, "watch", ns);
    create_project(client, ns, "before", 1);
    list_version(client, ns, version);
    create_project(client, ns, "after", 2);
    snprintf(options, sizeof options, "{\"resourceVersion\":\"%s\"}", version);
    kcr_watch *watch = watch_projects(options, &record);
    EVENTUALLY(seen(&record, KCR_EVENT_ADDED, "after") == 1, 10000, "the later object was not seen");
    delete_project(client, ns, "before");
    EVENTUALLY(seen(&record, KCR_EVENT_DELETED, "before") == 1, 10000, "the delete was not seen");
    CHECK(seen(&record, KCR_EVENT_ADDED, "before") == 0, "the earlier object was announced");
    kcr_watch_free(watch);
    ENDS_ONCE(&record);
}

static void label_selectors_select(void) {
    struct record record = RECORD_INITIALIZER;
    fresh_namespace(client, "watch", ns);
    create_project(client, ns, "one", 1);
    create_project(client, ns, "two", 2);
    kcr_watch *watch = watch_projects("{\"labelSelector\":\"parity=even\"}", &record);
    EVENTUALLY(seen(&record, KCR_EVENT_BOOKMARK, NULL) == 1, 10000, "no BOOKMARK");
    create_project(client, ns, "three", 3);
    create_project(client, ns, "four", 4);
    EVENTUALLY(seen(&record, KCR_EVENT_ADDED, "four") == 1, 10000, "the even one was not seen");
    CHECK(seen(&record, KCR_EVENT_ADDED, NULL) == 2, "%d ADDED", seen(&record, KCR_EVENT_ADDED, NULL));
    kcr_watch_free(watch);
}

static void stop_ends_it_from_another_thread(void) {
    struct record record = RECORD_INITIALIZER;
    kcr_watch *watch = watch_projects(NULL, &record);
    EVENTUALLY(seen(&record, KCR_EVENT_BOOKMARK, NULL) == 1, 10000, "no BOOKMARK");
    int64_t began = now_ms();
    kcr_watch_stop(watch);
    kcr_watch_stop(watch);
    CHECK(now_ms() - began < 100 * patience(), "stop took %" PRId64 " ms", now_ms() - began);
    ENDS_ONCE(&record);
    kcr_watch_stop(watch);
    kcr_watch_free(watch);
    ENDS_ONCE(&record);
}

static int32_t stop_at_bookmark(int32_t event, const kcr_object *object, const kcr_error *error, void *user_data) {
    record_event(user_data, event, 0, object, error);
    return event == KCR_EVENT_BOOKMARK ? KCR_STOP : KCR_CONTINUE;
}

static void the_callback_may_stop_it(void) {
    struct record record = RECORD_INITIALIZER;
    kcr_error *error = NULL;
    kcr_watch *watch = NULL;
    WORKS(kcr_client_watch(client, PROJECTS, ns, NULL, stop_at_bookmark, &record, record_freed, &watch, &error), error, "watching");
    ENDS_ONCE(&record);
    CHECK(event_at(&record, event_count(&record) - 1).status == KCR_OK, "a wanted end has no error");
    kcr_watch_free(watch);
    ENDS_ONCE(&record);
}

static _Atomic(kcr_watch *) own_watch;
static int32_t free_at_bookmark(int32_t event, const kcr_object *object, const kcr_error *error, void *user_data) {
    record_event(user_data, event, 0, object, error);
    if (event == KCR_EVENT_BOOKMARK) {
        kcr_watch *own;
        while (!(own = atomic_exchange(&own_watch, NULL))) pause_ms(1); /* the starter has not stored it yet */
        int64_t began = now_ms();
        kcr_watch_free(own);
        CHECK(now_ms() - began < 100 * patience(), "a free in the callback waited");
        CHECK(atomic_load(&((struct record *)user_data)->freed) == 0, "user_data lives until the callback has returned");
    }
    return KCR_CONTINUE;
}

static void the_callback_may_free_it(void) {
    struct record record = RECORD_INITIALIZER;
    kcr_error *error = NULL;
    kcr_watch *watch = NULL;
    WORKS(kcr_client_watch(client, PROJECTS, ns, NULL, free_at_bookmark, &record, record_freed, &watch, &error), error, "watching");
    atomic_store(&own_watch, watch);
    ENDS_ONCE(&record);
}

static void timeout_ms_ends_it_without_an_error(void) {
    struct record record = RECORD_INITIALIZER;
    int64_t began = now_ms();
    kcr_watch *watch = watch_projects("{\"timeoutMs\":700}", &record);
    ENDS_ONCE(&record);
    int64_t took = now_ms() - began;
    CHECK(took >= 600 && took < 5000 * patience(), "700 ms took %" PRId64, took);
    CHECK(event_at(&record, event_count(&record) - 1).status == KCR_OK, "a wanted end has no error");
    kcr_watch_free(watch);
}

static void a_request_that_ends_is_resumed(void) {
    struct record record = RECORD_INITIALIZER;
    fresh_namespace(client, "watch", ns);
    kcr_watch *watch = watch_projects("{\"timeoutSeconds\":1}", &record);
    EVENTUALLY(seen(&record, KCR_EVENT_BOOKMARK, NULL) >= 1, 10000, "no BOOKMARK");
    int64_t until = now_ms() + 4000; /* several requests long */
    int made = 0;
    while (now_ms() < until) {
        char name[32];
        snprintf(name, sizeof name, "resumed-%d", made++);
        create_project(client, ns, name, 1);
        pause_ms(150);
    }
    EVENTUALLY(seen(&record, KCR_EVENT_ADDED, NULL) == made, 10000, "%d of %d came", seen(&record, KCR_EVENT_ADDED, NULL), made);
    CHECK(!atomic_load(&record.ended), "the watch goes on");
    kcr_watch_free(watch);
    ENDS_ONCE(&record);
}

static void too_old_a_version_ends_it_with_gone(void) {
    struct record record = RECORD_INITIALIZER;
    kcr_watch *watch = watch_projects("{\"resourceVersion\":\"1\"}", &record);
    ENDS_ONCE(&record);
    struct event last = event_at(&record, event_count(&record) - 1);
    CHECK(last.type == KCR_EVENT_END && last.status == KCR_ERR_GONE, "the end is %s: %s", kcr_status_name(last.status), record.message);
    kcr_watch_free(watch);
}

static void a_refused_first_request_ends_it(void) {
    kcr_client *denied = open_client(environment("KUBECR_REAL_DENIED"), QUICK);
    struct record record = RECORD_INITIALIZER, absent = RECORD_INITIALIZER;
    kcr_error *error = NULL;
    kcr_watch *watch = NULL;
    WORKS(kcr_client_watch(denied, PROJECTS, "default", NULL, record_watch, &record, record_freed, &watch, &error), error, "watching");
    ENDS_ONCE(&record);
    CHECK(event_at(&record, event_count(&record) - 1).status == KCR_ERR_FORBIDDEN, "denied: %s", record.message);
    kcr_watch_free(watch);
    kcr_client_free(denied);
    WORKS(kcr_client_watch(client, "example.sealyun.com/v1alpha1/unknowns", "default", "{\"resourceVersion\":\"5\"}", record_watch, &absent, record_freed,
                           &watch, &error), error, "watching");
    ENDS_ONCE(&absent);
    CHECK(event_at(&absent, event_count(&absent) - 1).status == KCR_ERR_NOT_FOUND, "absent: %s", absent.message);
    kcr_watch_free(watch);
}

static void it_lives_on_after_its_client_is_freed(void) {
    struct record record = RECORD_INITIALIZER;
    fresh_namespace(client, "watch", ns);
    kcr_client *short_lived = open_client(kubeconfig, QUICK);
    kcr_error *error = NULL;
    kcr_watch *watch = NULL;
    WORKS(kcr_client_watch(short_lived, PROJECTS, ns, NULL, record_watch, &record, record_freed, &watch, &error), error, "watching");
    kcr_client_free(short_lived);
    EVENTUALLY(seen(&record, KCR_EVENT_BOOKMARK, NULL) == 1, 10000, "no BOOKMARK");
    create_project(client, ns, "later", 1);
    EVENTUALLY(seen(&record, KCR_EVENT_ADDED, "later") == 1, 10000, "the watch died with its client");
    kcr_watch_free(watch);
    ENDS_ONCE(&record);
}

int main(int argc, char **argv) {
    kubeconfig = kubeconfig_of(argc, argv);
    client = open_client(kubeconfig, QUICK);
    RUN(from_scratch_come_objects_then_one_bookmark_then_changes);
    RUN(from_a_version_come_only_later_changes);
    RUN(label_selectors_select);
    RUN(stop_ends_it_from_another_thread);
    RUN(the_callback_may_stop_it);
    RUN(the_callback_may_free_it);
    RUN(timeout_ms_ends_it_without_an_error);
    RUN(a_request_that_ends_is_resumed);
    RUN(too_old_a_version_ends_it_with_gone);
    RUN(a_refused_first_request_ends_it);
    RUN(it_lives_on_after_its_client_is_freed);
    kcr_client_free(client);
    return finish();
}
