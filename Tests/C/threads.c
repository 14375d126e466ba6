/* Sixteen threads share one client for some seconds: every verb, calls, watches, handlers and informer reads at once.
 * usage: threads [KUBECONFIG [SECONDS]]. Also what ThreadSanitizer and valgrind look at. */
#include "cluster.h"

enum { THREADS = 16, KINDS = 8 };
static kcr_client *client;
static kcr_informer *informer;
static char ns[64], own[64]; /* own: where objects come and go */
static int64_t deadline;
static atomic_long rounds[KINDS];

static void one_get(int number) {
    kcr_object *object = NULL;
    kcr_error *error = NULL;
    char name[16];
    snprintf(name, sizeof name, "p-%d", number % 8);
    WORKS(kcr_client_get(client, PROJECTS, ns, name, NULL, &object, &error), error, "get");
    CHECK_TEXT(kcr_object_name(object), name, "what came");
    kcr_object_free(object);
}

static void one_list(void) {
    kcr_list *list = NULL;
    kcr_error *error = NULL;
    WORKS(kcr_client_list(client, PROJECTS, ns, "{\"limit\":5}", &list, &error), error, "list");
    CHECK(kcr_list_count(list) == 5, "%zu objects", kcr_list_count(list));
    kcr_list_free(list);
}

static void read_the_copy(int number) {
    char key[160];
    kcr_object *object = NULL, *stats = NULL;
    kcr_list *list = NULL;
    kcr_error *error = NULL;
    snprintf(key, sizeof key, "%s/p-%d", ns, number % 8);
    WORKS(kcr_informer_get(informer, key, &object, &error), error, "informer get");
    CHECK(kcr_object_slice(object, "/spec/replicas", &(size_t){0}) != NULL, "the object has replicas");
    CHECK_TEXT(kcr_object_key(object), key, "key");
    WORKS(kcr_informer_list(informer, NULL, &list, &error), error, "informer list");
    CHECK(kcr_list_count(list) == 8 && kcr_informer_count(informer) == 8, "%zu listed", kcr_list_count(list));
    WORKS(kcr_informer_stats(informer, &stats, &error), error, "stats");
    CHECK(kcr_informer_staleness_ms(informer) >= 0 && kcr_informer_has_synced(informer) == 1, "synced");
    kcr_error_free(kcr_informer_last_error(informer));
    kcr_object_free(object);
    kcr_object_free(stats);
    kcr_list_free(list);
}

static void one_watch(void) {
    struct record record = RECORD_INITIALIZER;
    kcr_watch *watch = NULL;
    kcr_error *error = NULL;
    WORKS(kcr_client_watch(client, PROJECTS, ns, NULL, record_watch, &record, record_freed, &watch, &error), error, "watch");
    if (atomic_load(&rounds[3]) % 2) EVENTUALLY(seen(&record, KCR_EVENT_BOOKMARK, NULL) == 1, 20000, "no BOOKMARK");
    kcr_watch_free(watch);
    CHECK(atomic_load(&record.freed) == 1, "free waits");
}

static void one_handler(void) {
    struct record record = RECORD_INITIALIZER;
    kcr_handler *handler = NULL;
    kcr_error *error = NULL;
    WORKS(kcr_informer_add_handler(informer, record_handler, &record, record_freed, &handler, &error), error, "handler");
    if (atomic_load(&rounds[4]) % 2) EVENTUALLY(seen(&record, KCR_EVENT_SYNCED, NULL) == 1, 20000, "no SYNCED");
    kcr_handler_free(handler);
    CHECK(atomic_load(&record.freed) == 1, "free waits");
}

static void on_call(kcr_status status, const kcr_object *object, const kcr_list *list, const kcr_error *error, void *user_data) {
    (void)list;
    CHECK(status == KCR_OK || status == KCR_ERR_CANCELLED, "a call: %s", kcr_error_message(error));
    if (status == KCR_OK) CHECK(kcr_object_name(object)[0] == 'p', "the call's object");
    atomic_store((atomic_int *)user_data, 1);
}

static void one_call(int number) {
    char request[256];
    atomic_int done = 0;
    kcr_call *call = NULL;
    kcr_error *error = NULL;
    snprintf(request, sizeof request, "{\"verb\":\"get\",\"resource\":\"%s\",\"namespace\":\"%s\",\"name\":\"p-%d\"}", PROJECTS, ns, number % 8);
    WORKS(kcr_client_call(client, request, on_call, &done, NULL, &call, &error), error, "call");
    if (number % 3 == 0) kcr_call_cancel(call);
    kcr_call_free(call);
    EVENTUALLY(atomic_load(&done), 20000, "the call's callback did not come");
}

/* Create, replace, patch, delete, and the rest by deleteCollection. */
static void one_life(int thread, int turn) {
    char name[32], body[512], selector[64];
    kcr_object *object = NULL;
    kcr_error *error = NULL;
    snprintf(name, sizeof name, "l-%d-%d", thread, turn);
    snprintf(selector, sizeof selector, "{\"labelSelector\":\"thread=t%d\"}", thread);
    static const char form[] = "{\"apiVersion\":\"example.sealyun.com/v1alpha1\",\"kind\":\"Project\",\"metadata\":{\"name\":\"%s\",\"labels\":{\"thread\":\"t%d\"}%s%s%s},\"spec\":{\"replicas\":2}}";
    snprintf(body, sizeof body, form, name, thread, "", "", "");
    WORKS(kcr_client_create(client, PROJECTS, own, NULL, body, KCR_AUTO_LEN, "{\"fieldManager\":\"threads\"}", &object, &error), error, "create");
    snprintf(body, sizeof body, form, name, thread, ",\"resourceVersion\":\"", kcr_object_resource_version(object), "\"");
    kcr_object_free(object);
    object = NULL;
    WORKS(kcr_client_replace(client, PROJECTS, own, name, body, KCR_AUTO_LEN, NULL, &object, &error), error, "replace");
    kcr_object_free(object);
    set_replicas(client, own, name, 3);
    if (turn % 3) delete_project(client, own, name);
    else WORKS(kcr_client_delete_collection(client, PROJECTS, own, selector, &error), error, "deleteCollection");
}

static void one_request(void) {
    char *text = NULL;
    kcr_object *object = NULL;
    kcr_error *error = NULL;
    WORKS(kcr_client_request(client, "GET", "/version", NULL, 0, NULL, &text, NULL, NULL, &error), error, "request");
    kcr_string_free(text);
    WORKS(kcr_client_discover(client, "proj", &object, &error), error, "discover");
    kcr_object_free(object);
    object = NULL;
    WORKS(kcr_client_stats(client, &object, &error), error, "stats");
    kcr_object_free(object);
}

static void *work(void *argument) {
    int number = (int)(intptr_t)argument, kind = number % KINDS;
    for (int turn = 0; now_ms() < deadline; turn++) {
        switch (kind) {
        case 0: one_get(number + turn); break;
        case 1: one_list(); break;
        case 2: read_the_copy(number + turn); break;
        case 3: one_watch(); break;
        case 4: one_handler(); break;
        case 5: one_life(number, turn); break;
        case 6: one_request(); break;
        default: one_call(number + turn); break;
        }
        atomic_fetch_add(&rounds[kind], 1);
    }
    return NULL;
}

static void sixteen_threads_share_a_client(void) {
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++) REQUIRE(!pthread_create(&threads[i], NULL, work, (void *)(intptr_t)i), "thread %d", i);
    for (int change = 0; now_ms() < deadline; change++) {
        char name[16];
        snprintf(name, sizeof name, "p-%d", change % 8);
        set_replicas(client, ns, name, 1 + change % 50);
        pause_ms(5);
    }
    for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
    for (int i = 0; i < KINDS; i++) CHECK(atomic_load(&rounds[i]) > 0, "kind %d never ran", i);
    printf("gets %ld, lists %ld, reads %ld, watches %ld, handlers %ld, lives %ld, requests %ld, calls %ld\n", rounds[0], rounds[1], rounds[2], rounds[3], rounds[4],
           rounds[5], rounds[6], rounds[7]);
}

int main(int argc, char **argv) {
    kcr_error *error = NULL;
    client = open_client(kubeconfig_of(argc, argv), QUICK);
    fresh_namespace(client, "threads", ns);
    fresh_namespace(client, "lives", own);
    for (int i = 0; i < 8; i++) create_project(client, ns, (char[]){'p', '-', (char)('0' + i), 0}, i + 1);
    WORKS(kcr_informer_new(client, PROJECTS, ns, NULL, &informer, &error), error, "informer");
    WORKS(kcr_informer_start(informer, &error), error, "start");
    WORKS(kcr_informer_wait_synced(informer, 30000, &error), error, "sync");
    deadline = now_ms() + 1000 * (argc > 2 ? atoi(argv[2]) : 3);
    RUN(sixteen_threads_share_a_client);
    kcr_informer_free(informer);
    kcr_client_free(client);
    return finish();
}
