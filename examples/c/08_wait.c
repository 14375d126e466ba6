/* Waiting for a state: a condition, a field, a test of one's own, a deletion; and what does not come. A wait is a watch of one object
 * that is judged event by event, so it is all here: what comes at first, what is not made yet, and a version that is too old. */
#include "story.h"
#include <semaphore.h>

#define NAME "story-wait"

/* What is waited for; `object` is NULL while there is none. */
typedef int (*goal_fn)(const kcr_object *object);

struct wait {
    const kcr_client *client;
    const char *resource, *ns;
    char options[256];
    goal_fn goal;
    int is_known;         /* the server has said whether there is such an object */
    int is_reached;       /* `object` is then what reached the goal, or NULL */
    kcr_object *object;
    kcr_error *error;     /* why the watch ended; NULL after its time */
    kcr_watch *watch;
    sem_t ended;
};

/* One call after the other, on a thread of the library. */
static int32_t on_event(int32_t event, const kcr_object *object, const kcr_error *error, void *user_data) {
    struct wait *wait = user_data;
    if (event == KCR_EVENT_END) {
        wait->error = kcr_error_retain(error);
        sem_post(&wait->ended);
    }
    if (event == KCR_EVENT_END || event == KCR_EVENT_ERROR || wait->is_reached) return KCR_CONTINUE; /* an ERROR resumes by itself */
    if (event == KCR_EVENT_BOOKMARK && wait->is_known) return KCR_CONTINUE;
    /* The first bookmark stands behind what was there: if nothing was told before it, there is no such object. */
    if (event == KCR_EVENT_BOOKMARK || event == KCR_EVENT_DELETED) object = NULL;
    wait->is_known = 1;
    wait->is_reached = wait->goal(object);
    if (wait->is_reached) wait->object = kcr_object_retain(object);
    return wait->is_reached ? KCR_STOP : KCR_CONTINUE;
}

static void watch(struct wait *wait) {
    kcr_error *error = NULL;
    wait->is_known = 0;
    if (kcr_client_watch(wait->client, wait->resource, wait->ns, wait->options, on_event, wait, NULL, &wait->watch, &error) != KCR_OK) fail("watch", error);
}

/* Begins to wait, for `timeout_ms` at most; the caller may change things meanwhile. */
static void begin(struct wait *wait, const kcr_client *client, const char *resource, const char *ns, const char *name, goal_fn goal, int timeout_ms) {
    *wait = (struct wait){.client = client, .resource = resource, .ns = ns, .goal = goal};
    snprintf(wait->options, sizeof wait->options, "{\"fieldSelector\": \"metadata.name=%s\", \"timeoutMs\": %d}", name, timeout_ms);
    sem_init(&wait->ended, 0, 0);
    watch(wait);
}

/* KCR_OK: reached; `*out` (may be NULL) is the object, NULL if there is none. KCR_ERR_TIMEOUT: not in time. */
static kcr_status end(struct wait *wait, kcr_object **out) {
    sem_wait(&wait->ended);
    kcr_watch_free(wait->watch);
    kcr_status status = kcr_error_status(wait->error);
    kcr_error_free(wait->error);
    if (status == KCR_ERR_GONE && !wait->is_reached) { /* too old to resume: what is there is told anew. With its full time, here */
        rest(1000);
        watch(wait);
        return end(wait, out);
    }
    sem_destroy(&wait->ended);
    if (wait->is_reached && out) *out = wait->object;
    else kcr_object_free(wait->object);
    return wait->is_reached ? KCR_OK : status ? status : KCR_ERR_TIMEOUT;
}

static void must(kcr_status status, const char *what) {
    if (status == KCR_OK) return;
    fprintf(stderr, "08_wait: %s: %s\n", what, kcr_status_name(status));
    exit(1);
}

static int is_text(const kcr_object *object, const char *pointer, const char *text) {
    char *found = NULL;
    int is = kcr_object_get_string(object, pointer, &found, NULL) == KCR_OK && !strcmp(found, text);
    kcr_string_free(found);
    return is;
}

/* A condition that is older than the object does not count; as for kubectl wait --for=condition. */
static int is_established(const kcr_object *object) {
    if (!object) return 0;
    for (int i = 0;; i++) {
        char type[64], status[64], observed[64];
        snprintf(type, sizeof type, "/status/conditions/%d/type", i);
        snprintf(status, sizeof status, "/status/conditions/%d/status", i);
        snprintf(observed, sizeof observed, "/status/conditions/%d/observedGeneration", i);
        if (!kcr_object_slice(object, type, &(size_t){0})) return 0;
        if (!is_text(object, type, "Established")) continue;
        int64_t generation = 0, seen = 0;
        int is_old = kcr_object_get_int(object, "/metadata/generation", &generation, NULL) == KCR_OK &&
                     kcr_object_get_int(object, observed, &seen, NULL) == KCR_OK && seen < generation;
        return !is_old && is_text(object, status, "True");
    }
}

static int is_ready(const kcr_object *object) { return object && is_text(object, "/status/phase", "Ready"); }
static int is_lost(const kcr_object *object) { return object && is_text(object, "/status/phase", "Lost"); }
static int has_three(const kcr_object *object) { return object && replicas_of(object) >= 3; }
static int is_deleted(const kcr_object *object) { return !object; }

static void set_phase(const kcr_client *client, const char *phase) {
    char patch[64];
    snprintf(patch, sizeof patch, "{\"status\": {\"phase\": \"%s\"}}", phase);
    kcr_error *error = NULL;
    if (kcr_client_patch(client, PROJECTS "/status", NAMESPACE, NAME, KCR_PATCH_MERGE, patch, KCR_AUTO_LEN, NULL, NULL, &error) != KCR_OK) fail("status", error);
}

int main(int argc, char **argv) {
    kcr_client *client = open_client(argc, argv);
    clear_up(client, "wait");
    struct wait wait;
    kcr_object *object = NULL;

    begin(&wait, client, "apiextensions.k8s.io/v1/customresourcedefinitions", "", "projects.example.sealyun.com", is_established, 20000);
    must(end(&wait, &object), "Established");
    printf("%s: Established\n", kcr_object_name(object));
    kcr_object_free(object);

    /* What is not made yet is waited for; every state that the server tells is judged, so none is missed. */
    begin(&wait, client, PROJECTS, NAMESPACE, NAME, is_ready, 20000);
    kcr_object_free(create_project(client, "wait", NAME, 1));
    set_phase(client, "Starting");
    set_phase(client, "Ready");
    must(end(&wait, &object), "Ready");
    printf("while it is made: phase %s\n", is_ready(object) ? "Ready" : "-");
    kcr_object_free(object);

    begin(&wait, client, PROJECTS, NAMESPACE, NAME, has_three, 20000);
    for (int replicas = 2; replicas <= 3; replicas++) set_replicas(client, NAME, replicas);
    must(end(&wait, &object), "three replicas");
    printf("while it is changed: replicas %" PRId64 "\n", replicas_of(object));
    kcr_object_free(object);

    begin(&wait, client, PROJECTS, NAMESPACE, NAME, is_lost, 300);
    printf("a phase that does not come: %s\n", kcr_status_name(end(&wait, NULL)));

    begin(&wait, client, PROJECTS, NAMESPACE, NAME, is_deleted, 20000);
    delete_project(client, NAME);
    must(end(&wait, NULL), "deleted");
    printf("while it is deleted: gone\n");
    kcr_client_free(client);
    return 0;
}
