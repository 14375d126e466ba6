/* A server that sends its clients away or has too much to do: sixteen threads create, change, get and list over one client, with a
 * watch beside them, and nothing is lost and nothing done twice.
 * usage: overload goaway|inflight [ROUNDS], against kube-apiserver with --goaway-chance or with few requests in flight. */
#include "cluster.h"

enum { THREADS = 16 };
static kcr_client *client;
static int rounds = 60;
static char ns[64];
static atomic_int failed;

static bool went(kcr_status status, kcr_error *error, const char *what) {
    if (status != KCR_OK && atomic_fetch_add(&failed, 1) < 5)
        CHECK(false, "%s gives %s (HTTP %d, retryable %d): %s", what, kcr_status_name(status), kcr_error_http_status(error), kcr_error_is_retryable(error), kcr_error_message(error));
    kcr_error_free(error);
    return status == KCR_OK;
}

static void *work(void *argument) {
    int number = (int)(intptr_t)argument;
    for (int round = 0; round < rounds; round++) {
        char name[32], body[256], label[96];
        kcr_object *object = NULL;
        kcr_list *list = NULL;
        kcr_error *error = NULL;
        snprintf(name, sizeof name, "o-%d-%d", number, round);
        snprintf(label, sizeof label, "{\"fieldSelector\":\"metadata.name=%s\"}", name);
        snprintf(body, sizeof body, "{\"apiVersion\":\"example.sealyun.com/v1alpha1\",\"kind\":\"Project\",\"metadata\":{\"name\":\"%s\"},\"spec\":{\"replicas\":1}}", name);
        /* Twice executed would be ALREADY_EXISTS. */
        went(kcr_client_create(client, PROJECTS, ns, NULL, body, KCR_AUTO_LEN, NULL, &object, &error), error, "create");
        kcr_object_free(object);
        object = NULL, error = NULL;
        if (went(kcr_client_get(client, PROJECTS, ns, name, NULL, &object, &error), error, "get")) CHECK_TEXT(kcr_object_name(object), name, "name");
        kcr_object_free(object);
        object = NULL, error = NULL;
        went(kcr_client_patch(client, PROJECTS, ns, name, KCR_PATCH_JSON, "[{\"op\":\"test\",\"path\":\"/spec/replicas\",\"value\":1},{\"op\":\"replace\",\"path\":\"/spec/replicas\",\"value\":2}]",
                              KCR_AUTO_LEN, NULL, &object, &error), error, "patch");
        kcr_object_free(object);
        object = NULL, error = NULL;
        if (went(kcr_client_list(client, PROJECTS, ns, label, &list, &error), error, "list")) CHECK(kcr_list_count(list) == 1, "%zu of %s", kcr_list_count(list), name);
        kcr_list_free(list);
    }
    return NULL;
}

static atomic_int added, modified;
static int32_t on_event(int32_t event, const kcr_object *object, const kcr_error *error, void *user_data) {
    (void)object, (void)error, (void)user_data;
    if (event == KCR_EVENT_ADDED) atomic_fetch_add(&added, 1);
    if (event == KCR_EVENT_MODIFIED) atomic_fetch_add(&modified, 1);
    return KCR_CONTINUE;
}

static int64_t stat_of(const char *pointer) {
    kcr_object *stats = NULL;
    kcr_error *error = NULL;
    int64_t value = -1;
    WORKS(kcr_client_stats(client, &stats, &error), error, "stats");
    kcr_object_get_int(stats, pointer, &value, NULL);
    kcr_object_free(stats);
    return value;
}

static bool goes_away;

static void nothing_is_lost_and_nothing_done_twice(void) {
    pthread_t threads[THREADS];
    kcr_error *error = NULL;
    kcr_watch *watch = NULL;
    kcr_list *list = NULL;
    int64_t began = now_ms();
    WORKS(kcr_client_watch(client, PROJECTS, ns, NULL, on_event, NULL, NULL, &watch, &error), error, "watch");
    for (int i = 0; i < THREADS; i++) REQUIRE(!pthread_create(&threads[i], NULL, work, (void *)(intptr_t)i), "thread %d", i);
    for (int i = 0; i < THREADS; i++) pthread_join(threads[i], NULL);
    int total = THREADS * rounds;
    CHECK(atomic_load(&failed) == 0, "%d of %d calls failed", atomic_load(&failed), 4 * total);
    WORKS(kcr_client_list(client, PROJECTS, ns, NULL, &list, &error), error, "list");
    CHECK(kcr_list_count(list) == (size_t)total, "%zu of %d objects are there", kcr_list_count(list), total);
    kcr_list_free(list);
    EVENTUALLY(atomic_load(&added) == total && atomic_load(&modified) == total, 20000, "the watch had %d ADDED, %d MODIFIED of %d", atomic_load(&added), atomic_load(&modified), total);
    kcr_watch_free(watch);
    printf("figure: %s: %d calls, %" PRId64 " requests (%" PRId64 " over HTTP/2), %" PRId64 " repeated, %" PRId64 " connections, %" PRId64 " ms\n", goes_away ? "GOAWAY" : "429",
           4 * total, stat_of("/requests"), stat_of("/http2Requests"), stat_of("/retries"), stat_of("/connections"), now_ms() - began);
    if (goes_away) CHECK(stat_of("/connections") > 5 && stat_of("/http2Requests") > total, "the server has sent nobody away");
    else CHECK(stat_of("/retries") > 0, "the server has refused nobody");
}

int main(int argc, char **argv) {
    goes_away = argc > 1 && !strcmp(argv[1], "goaway");
    if (argc > 2) rounds = atoi(argv[2]);
    const char *kubeconfig = environment("KUBECR_REAL_ADMIN_CERT");
    kcr_error *error = NULL;
    kcr_client *admin = open_client(kubeconfig, QUICK);
    fresh_namespace(admin, "overload", ns);
    char options[4096], *quoted = kcr_json_quote(kubeconfig, KCR_AUTO_LEN);
    if (goes_away) {
        snprintf(options, sizeof options, "{\"kubeconfig\":%s}", quoted);
    } else {
        /* Administrators are never refused; somebody else with the same rights is. */
        WORKS(kcr_client_request(admin, "POST", "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings",
                                 "{\"metadata\":{\"generateName\":\"overload-\"},\"roleRef\":{\"apiGroup\":\"rbac.authorization.k8s.io\",\"kind\":\"ClusterRole\",\"name\":\"cluster-admin\"},"
                                 "\"subjects\":[{\"kind\":\"User\",\"apiGroup\":\"rbac.authorization.k8s.io\",\"name\":\"overload\"}]}", KCR_AUTO_LEN, NULL, NULL, NULL, NULL, &error), error, "a role");
        snprintf(options, sizeof options, "{\"kubeconfig\":%s,\"as\":\"overload\"}", quoted);
    }
    kcr_string_free(quoted);
    client = client_of(options, "{\"qps\":0,\"maxRetries\":1000}");
    RUN(nothing_is_lost_and_nothing_done_twice);
    kcr_client_free(client);
    kcr_client_free(admin);
    return finish();
}
