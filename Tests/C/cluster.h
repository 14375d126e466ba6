/* What the C tests against a real API server share: opening clients, a fresh namespace, Projects, recorded events. */
#ifndef KUBECR_TESTS_CLUSTER_H
#define KUBECR_TESTS_CLUSTER_H

#include "check.h"
#include <pthread.h>

static const char *PROJECTS MAYBE_UNUSED = "example.sealyun.com/v1alpha1/projects";
static const char *QUICK MAYBE_UNUSED = "{\"qps\": 0, \"userAgent\": \"kubecr-tests\"}";
static const char *IMPATIENT MAYBE_UNUSED = "{\"qps\": 0, \"maxRetries\": 0, \"timeoutMs\": 8000, \"connectTimeoutMs\": 4000}";
static const char *QUICK_EXTERNAL MAYBE_UNUSED = "{\"qps\": 0, \"loop\": \"external\"}";

/* The value of a variable that real.sh sets. */
MAYBE_UNUSED static const char *environment(const char *name) {
    const char *value = getenv(name);
    REQUIRE(value && *value, "%s is not set; run this through real.sh", name);
    return value;
}

/* argv[1], or the administrator by certificate. */
MAYBE_UNUSED static const char *kubeconfig_of(int argc, char **argv) {
    return argc > 1 ? argv[1] : environment("KUBECR_REAL_ADMIN_CERT");
}

/* A client for these options of kcr_config_load and kcr_client_new; both must be good. */
MAYBE_UNUSED static kcr_client *client_of(const char *config_options, const char *client_options) {
    kcr_error *error = NULL;
    kcr_config *config = NULL;
    kcr_client *client = NULL;
    kcr_status status = kcr_config_load(config_options, &config, &error);
    REQUIRE(status == KCR_OK, "a config from options: %s", kcr_error_message(error));
    status = kcr_client_new(config, client_options, &client, &error);
    REQUIRE(status == KCR_OK, "a client: %s", kcr_error_message(error));
    kcr_config_free(config);
    return client;
}

MAYBE_UNUSED static kcr_client *open_client(const char *kubeconfig, const char *client_options) {
    char options[8192], *quoted = kcr_json_quote(kubeconfig, KCR_AUTO_LEN);
    snprintf(options, sizeof options, "{\"kubeconfig\": %s}", quoted);
    kcr_string_free(quoted);
    return client_of(options, client_options);
}

/* A namespace that no other test uses. The CRD server has no namespaces: its 404 is fine, any name will do there. */
MAYBE_UNUSED static void fresh_namespace(const kcr_client *client, const char *topic, char out[64]) {
    static atomic_int number;
    char body[256];
    kcr_error *error = NULL;
    char *answer = NULL;
    struct timespec time;
    clock_gettime(CLOCK_REALTIME, &time);
    snprintf(out, 64, "%s-%ld-%lx-%d", topic, (long)getpid(), (long)time.tv_nsec, atomic_fetch_add(&number, 1));
    snprintf(body, sizeof body, "{\"apiVersion\":\"v1\",\"kind\":\"Namespace\",\"metadata\":{\"name\":\"%s\"}}", out);
    kcr_status status = kcr_client_request(client, "POST", "/api/v1/namespaces", body, KCR_AUTO_LEN, NULL, &answer, NULL, NULL, &error);
    REQUIRE(status == KCR_OK || status == KCR_ERR_NOT_FOUND, "making namespace %s: %s", out, kcr_error_message(error));
    kcr_string_free(answer);
    kcr_error_free(error);
}

MAYBE_UNUSED static void create_project(const kcr_client *client, const char *ns, const char *name, int replicas) {
    char body[512];
    kcr_error *error = NULL;
    kcr_object *made = NULL;
    snprintf(body, sizeof body,
             "{\"apiVersion\":\"example.sealyun.com/v1alpha1\",\"kind\":\"Project\",\"metadata\":{\"name\":\"%s\",\"labels\":"
             "{\"parity\":\"%s\"}},\"spec\":{\"replicas\":%d}}",
             name, replicas % 2 ? "odd" : "even", replicas);
    WORKS(kcr_client_create(client, PROJECTS, ns, NULL, body, KCR_AUTO_LEN, NULL, &made, &error), error, "creating a project");
    CHECK_TEXT(kcr_object_name(made), name, "the created project's name");
    kcr_object_free(made);
}

MAYBE_UNUSED static void set_replicas(const kcr_client *client, const char *ns, const char *name, int replicas) {
    char patch[64];
    kcr_error *error = NULL;
    kcr_object *changed = NULL;
    snprintf(patch, sizeof patch, "{\"spec\":{\"replicas\":%d}}", replicas);
    WORKS(kcr_client_patch(client, PROJECTS, ns, name, KCR_PATCH_MERGE, patch, KCR_AUTO_LEN, NULL, &changed, &error), error, "patching");
    kcr_object_free(changed);
}

MAYBE_UNUSED static void delete_project(const kcr_client *client, const char *ns, const char *name) {
    kcr_error *error = NULL;
    WORKS(kcr_client_delete(client, PROJECTS, ns, name, NULL, &error), error, "deleting");
}

/* The resourceVersion of a list of the namespace, for a watch from there. */
MAYBE_UNUSED static void list_version(const kcr_client *client, const char *ns, char out[64]) {
    kcr_error *error = NULL;
    kcr_list *list = NULL;
    WORKS(kcr_client_list(client, PROJECTS, ns, NULL, &list, &error), error, "listing for a version");
    snprintf(out, 64, "%s", kcr_list_resource_version(list));
    kcr_list_free(list);
}

/* One event as a callback got it. */
struct event {
    int32_t type, flags;
    char name[64];
    int64_t replicas;
    kcr_status status; /* of the error that came with it */
};

/* The events of one watch or handler, and how often its user_data was freed. Written by callbacks, read by the test. */
struct record {
    pthread_mutex_t lock;
    struct event events[512];
    size_t count;
    char message[512];        /* of the last error */
    atomic_int freed, inside; /* user_data_free calls; callbacks running now */
    atomic_int after_end;     /* callbacks after END, or after user_data_free */
    atomic_bool ended;
};

#define RECORD_INITIALIZER {.lock = PTHREAD_MUTEX_INITIALIZER}

MAYBE_UNUSED static void record_event(struct record *record, int32_t type, int32_t flags, const kcr_object *object, const kcr_error *error) {
    if (atomic_fetch_add(&record->inside, 1) != 0) CHECK(false, "two callbacks of one handle overlap");
    if (atomic_load(&record->ended) || atomic_load(&record->freed)) atomic_fetch_add(&record->after_end, 1);
    struct event event = {.type = type, .flags = flags, .status = kcr_error_status(error), .replicas = -1};
    snprintf(event.name, sizeof event.name, "%s", kcr_object_name(object));
    if (object) kcr_object_get_int(object, "/spec/replicas", &event.replicas, NULL);
    pthread_mutex_lock(&record->lock);
    if (record->count < sizeof record->events / sizeof *record->events) record->events[record->count++] = event;
    if (error) snprintf(record->message, sizeof record->message, "%s", kcr_error_message(error));
    pthread_mutex_unlock(&record->lock);
    if (type == KCR_EVENT_END) atomic_store(&record->ended, true);
    atomic_fetch_sub(&record->inside, 1);
}

MAYBE_UNUSED static int32_t record_watch(int32_t event, const kcr_object *object, const kcr_error *error, void *user_data) {
    record_event(user_data, event, 0, object, error);
    return KCR_CONTINUE;
}

MAYBE_UNUSED static void record_handler(int32_t event, int32_t flags, const kcr_object *object, const kcr_object *old, void *user_data) {
    (void)old;
    record_event(user_data, event, flags, object, NULL);
}

MAYBE_UNUSED static void record_freed(void *user_data) { atomic_fetch_add(&((struct record *)user_data)->freed, 1); }

/* How many events of the type came; name NULL: of any object. */
MAYBE_UNUSED static int seen(struct record *record, int32_t type, const char *name) {
    int count = 0;
    pthread_mutex_lock(&record->lock);
    for (size_t i = 0; i < record->count; i++)
        if (record->events[i].type == type && (!name || !strcmp(record->events[i].name, name))) count++;
    pthread_mutex_unlock(&record->lock);
    return count;
}

MAYBE_UNUSED static struct event event_at(struct record *record, size_t index) {
    struct event none = {.type = -1000}, event = none;
    pthread_mutex_lock(&record->lock);
    if (index < record->count) event = record->events[index];
    pthread_mutex_unlock(&record->lock);
    return event;
}

MAYBE_UNUSED static size_t event_count(struct record *record) {
    pthread_mutex_lock(&record->lock);
    size_t count = record->count;
    pthread_mutex_unlock(&record->lock);
    return count;
}

/* Every handle ends the same way: one END, then user_data_free once, nothing after. */
#define ENDS_ONCE(record)                                                                                                       \
    do {                                                                                                                        \
        EVENTUALLY(atomic_load(&(record)->freed) == 1, 10000, "user_data_free ran %d times", atomic_load(&(record)->freed));    \
        CHECK(seen((record), KCR_EVENT_END, NULL) == 1, "END came %d times", seen((record), KCR_EVENT_END, NULL));              \
        CHECK(atomic_load(&(record)->after_end) == 0, "%d callbacks after the end", atomic_load(&(record)->after_end));         \
    } while (0)

#endif
