/* Options, names, subresources, requests and large bodies on a server that has opinions of its own: what it says must arrive.
 * What a server does not have (namespaces, pods, tokens) is left out there. */
#include "cluster.h"

static kcr_client *client;
static char ns[64];
static bool has_core; /* namespaces, service accounts, pods */

static bool is_test_server(void) {
    const char *server = getenv("KUBECR_SERVER");
    return server && !strcmp(server, "testserver");
}

static void free_of(kcr_object **object) {
    kcr_object_free(*object);
    *object = NULL;
}

static bool has(const kcr_object *object, const char *pointer) {
    size_t length;
    return kcr_object_slice(object, pointer, &length) != NULL;
}

static const char PROJECT[] = "{\"apiVersion\":\"example.sealyun.com/v1alpha1\",\"kind\":\"Project\",\"metadata\":{\"name\":\"%s\",\"labels\":{\"app\":\"%s\"}},\"spec\":{\"replicas\":1}}";

static kcr_status create(const char *name, const char *label, const char *options, kcr_object **out, kcr_error **error) {
    char body[1024];
    snprintf(body, sizeof body, PROJECT, name, label);
    return kcr_client_create(client, PROJECTS, ns, NULL, body, KCR_AUTO_LEN, options, out, error);
}

static void metadata_comes_alone_when_asked_for(void) {
    kcr_object *object = NULL;
    kcr_list *list = NULL;
    kcr_error *error = NULL;
    WORKS(create("meta", "m", NULL, &object, &error), error, "create");
    CHECK(kcr_object_is_partial(object) == 0, "a whole object");
    free_of(&object);
    WORKS(kcr_client_get(client, PROJECTS, ns, "meta", "{\"metadataOnly\":true}", &object, &error), error, "get");
    CHECK(kcr_object_is_partial(object) == 1 && !has(object, "/spec") && has(object, "/metadata/labels/app"), "metadata alone: %s", kcr_object_json(object, NULL));
    CHECK_TEXT(kcr_object_name(object), "meta", "name");
    free_of(&object);
    WORKS(kcr_client_list(client, PROJECTS, ns, "{\"metadataOnly\":true,\"labelSelector\":\"app=m\"}", &list, &error), error, "list");
    CHECK(kcr_list_count(list) == 1 && *kcr_list_resource_version(list), "%zu objects", kcr_list_count(list));
    const kcr_object *first = kcr_list_at(list, 0);
    CHECK(kcr_object_is_partial(first) == 1 && !has(first, "/spec") && has(first, "/metadata/uid"), "metadata alone in a list");
    kcr_list_free(list);
    list = NULL;
    WORKS(kcr_client_list(client, PROJECTS, ns, "{\"metadataOnly\":true,\"limit\":1}", &list, &error), error, "a page");
    CHECK(kcr_list_count(list) == 1 && kcr_object_is_partial(kcr_list_at(list, 0)), "metadata alone in a page");
    kcr_list_free(list);
}

static void an_informer_may_keep_metadata_alone(void) {
    struct record record = RECORD_INITIALIZER;
    kcr_informer *informer = NULL;
    kcr_object *object = NULL;
    kcr_error *error = NULL;
    char key[128];
    WORKS(kcr_informer_new(client, PROJECTS, ns, "{\"metadataOnly\":true,\"labelSelector\":\"app=m\"}", &informer, &error), error, "informer");
    WORKS(kcr_informer_add_handler(informer, record_handler, &record, record_freed, NULL, &error), error, "handler");
    WORKS(kcr_informer_start(informer, &error), error, "start");
    WORKS(kcr_informer_wait_synced(informer, 20000, &error), error, "sync");
    WORKS(create("meta-2", "m", NULL, &object, &error), error, "create");
    free_of(&object);
    EVENTUALLY(seen(&record, KCR_EVENT_ADDED, "meta") == 1 && seen(&record, KCR_EVENT_ADDED, "meta-2") == 1, 10000, "both are told of");
    snprintf(key, sizeof key, "%s/meta-2", ns);
    WORKS(kcr_informer_get(informer, key, &object, &error), error, "get");
    CHECK(kcr_object_is_partial(object) == 1 && !has(object, "/spec") && has(object, "/metadata/labels/app"), "metadata alone: %s", kcr_object_json(object, NULL));
    free_of(&object);
    WORKS(kcr_client_delete(client, PROJECTS, ns, "meta-2", NULL, &error), error, "delete");
    EVENTUALLY(seen(&record, KCR_EVENT_DELETED, "meta-2") == 1, 10000, "the deletion is told of");
    kcr_informer_free(informer);
    ENDS_ONCE(&record);
}

static void options_do_what_they_say(void) {
    kcr_object *object = NULL;
    kcr_list *list = NULL;
    kcr_error *error = NULL;
    char options[256];
    WORKS(create("dry", "d", "{\"dryRun\":[\"All\"]}", &object, &error), error, "a dry create");
    CHECK_TEXT(kcr_object_name(object), "dry", "what would be");
    free_of(&object);
    EXPECT(kcr_client_get(client, PROJECTS, ns, "dry", NULL, &object, &error), KCR_ERR_NOT_FOUND, error, "dry", "nothing was made");
    WORKS(create("real", "r", "{\"fieldManager\":\"the manager\"}", &object, &error), error, "create");
    /* The test server keeps no fields' managers. */
    CHECK(is_test_server() || strstr(kcr_object_json(object, NULL), "\"manager\":\"the manager\""), "the field manager: %s", kcr_object_json(object, NULL));
    snprintf(options, sizeof options, "{\"resourceVersion\":\"%s\"}", kcr_object_resource_version(object));
    free_of(&object);
    WORKS(kcr_client_get(client, PROJECTS, ns, "real", options, &object, &error), error, "not older than that");
    free_of(&object);
    WORKS(kcr_client_delete(client, PROJECTS, ns, "real", "{\"dryRun\":[\"All\"]}", &error), error, "a dry delete");
    EXPECT(kcr_client_delete(client, PROJECTS, ns, "real", "{\"preconditions\":{\"uid\":\"another\"}}", &error), KCR_ERR_CONFLICT, error, "UID", "another's uid");
    EXPECT(kcr_client_delete(client, PROJECTS, ns, "real", "{\"propagationPolicy\":\"Sideways\"}", &error), KCR_ERR_INVALID, error, "Sideways", "no policy");
    WORKS(kcr_client_delete(client, PROJECTS, ns, "real", "{\"gracePeriodSeconds\":0,\"propagationPolicy\":\"Background\"}", &error), error, "delete");
    EXPECT(kcr_client_list(client, PROJECTS, ns, "{\"labelSelector\":\"a=b&limit=1\"}", &list, &error), KCR_ERR_BAD_REQUEST, error, "b&limit", "a value that looks like a query");
    EXPECT(kcr_client_list(client, PROJECTS, ns, "{\"labelSelector\":\"k=%20+ü\"}", &list, &error), KCR_ERR_BAD_REQUEST, error, "%20+ü", "a value no label has");
    EXPECT(kcr_client_list(client, PROJECTS, ns, "{\"continue\":\"a+b/c=&%20\\\"ü\"}", &list, &error), KCR_ERR_BAD_REQUEST, error, NULL, "fault 4: a token the server did not make");
    EXPECT(kcr_client_list(client, PROJECTS, ns, "{\"resourceVersion\":\"1\",\"resourceVersionMatch\":\"Nearly\"}", &list, &error), KCR_ERR_INVALID, error, "Nearly", "no match");
    CHECK(!list, "no list on failure");
}

/* R7, faults 97 and 106. */
static void R7_names_arrive_as_one_segment_or_not_at_all(void) {
    char longest[254], longer[4000];
    kcr_object *object = NULL;
    kcr_error *error = NULL;
    memset(longest, 'a', sizeof longest - 1);
    longest[253] = 0;
    WORKS(create(longest, "l", NULL, &object, &error), error, "a name of 253 characters");
    CHECK_TEXT(kcr_object_name(object), longest, "the name");
    free_of(&object);
    WORKS(kcr_client_get(client, PROJECTS, ns, longest, NULL, &object, &error), error, "get of 253 characters");
    free_of(&object);
    WORKS(kcr_client_delete(client, PROJECTS, ns, longest, NULL, &error), error, "delete of 253 characters");
    memset(longer, 'b', sizeof longer - 1);
    longer[sizeof longer - 1] = 0;
    EXPECT(kcr_client_get(client, PROJECTS, ns, longer, NULL, &object, &error), KCR_ERR_NOT_FOUND, error, NULL, "a name of 4 KB");
    EXPECT(create("Not.Good_", "l", NULL, &object, &error), KCR_ERR_INVALID, error, "Not.Good_", "a name the server does not want");
    static const char *const odd[] = {"ü", "日本", "a b", "a?b=c", "a#b", "a;b", "a:b", "a+b", "a&b", "...", "~a"};
    for (size_t i = 0; i < sizeof odd / sizeof *odd; i++) {
        EXPECT(kcr_client_get(client, PROJECTS, ns, odd[i], NULL, &object, &error), KCR_ERR_NOT_FOUND, error, odd[i], odd[i]);
        EXPECT(kcr_client_delete(client, PROJECTS, ns, odd[i], NULL, &error), KCR_ERR_NOT_FOUND, error, odd[i], odd[i]);
    }
    static const char *const bad[] = {"..", ".", "a/b", "../projects", "%2e", "%2e%2e", "a%2fb", "a\nb", "a\x7f", "\xff", "\xc0\xae"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        EXPECT(kcr_client_get(client, PROJECTS, ns, bad[i], NULL, &object, &error), KCR_ERR_ARGUMENT, error, NULL, "a name that is no segment");
        EXPECT(kcr_client_get(client, PROJECTS, bad[i], "a", NULL, &object, &error), KCR_ERR_ARGUMENT, error, NULL, "a namespace that is no segment");
        EXPECT(kcr_client_delete(client, PROJECTS, ns, bad[i], NULL, &error), KCR_ERR_ARGUMENT, error, NULL, "a name that is no segment");
    }
}

static void subresources_of_any_kind_work(void) {
    kcr_object *object = NULL;
    kcr_error *error = NULL;
    char *text = NULL;
    WORKS(create("scaled", "s", NULL, &object, &error), error, "create");
    free_of(&object);
    WORKS(kcr_client_get(client, "example.sealyun.com/v1alpha1/projects/scale", ns, "scaled", NULL, &object, &error), error, "scale");
    CHECK(kcr_object_get_string(object, "/kind", &text, NULL) == KCR_OK && !strcmp(text, "Scale"), "its kind is %s", text);
    kcr_string_free(text);
    free_of(&object);
    WORKS(kcr_client_patch(client, "example.sealyun.com/v1alpha1/projects/scale", ns, "scaled", KCR_PATCH_MERGE, "{\"spec\":{\"replicas\":7}}", KCR_AUTO_LEN, NULL, &object, &error), error, "scaling");
    free_of(&object);
    WORKS(kcr_client_get(client, PROJECTS, ns, "scaled", NULL, &object, &error), error, "get");
    int64_t replicas = 0;
    CHECK(kcr_object_get_int(object, "/spec/replicas", &replicas, NULL) == KCR_OK && replicas == 7, "%" PRId64 " replicas", replicas);
    free_of(&object);
    if (!has_core) return;
    WORKS(kcr_client_create(client, "v1/serviceaccounts", ns, NULL, "{\"metadata\":{\"name\":\"default\"}}", KCR_AUTO_LEN, NULL, &object, &error), error, "a service account");
    free_of(&object);
    WORKS(kcr_client_create(client, "v1/serviceaccounts/token", ns, "default", "{\"apiVersion\":\"authentication.k8s.io/v1\",\"kind\":\"TokenRequest\",\"spec\":{\"expirationSeconds\":600}}",
                            KCR_AUTO_LEN, NULL, &object, &error), error, "a token");
    text = NULL;
    CHECK(kcr_object_get_string(object, "/status/token", &text, NULL) == KCR_OK && text && strlen(text) > 100, "a token came");
    if (text) uses_secret(text);
    kcr_string_free(text);
    free_of(&object);
    WORKS(kcr_client_create(client, "v1/pods", ns, NULL, "{\"metadata\":{\"name\":\"p\"},\"spec\":{\"automountServiceAccountToken\":false,\"containers\":[{\"name\":\"c\",\"image\":\"i\"}]}}",
                            KCR_AUTO_LEN, NULL, &object, &error), error, "a pod");
    free_of(&object);
    /* Strategic: the container is found by its name. */
    WORKS(kcr_client_patch(client, "v1/pods", ns, "p", KCR_PATCH_STRATEGIC, "{\"spec\":{\"containers\":[{\"name\":\"c\",\"image\":\"j\"}]}}", KCR_AUTO_LEN, NULL, &object, &error), error, "a strategic patch");
    CHECK(has(object, "/spec/containers/0/image") && !has(object, "/spec/containers/1"), "one container");
    free_of(&object);
    EXPECT(kcr_client_patch(client, PROJECTS, ns, "scaled", KCR_PATCH_STRATEGIC, "{\"spec\":{\"replicas\":1}}", KCR_AUTO_LEN, NULL, &object, &error), KCR_ERR_BAD_REQUEST, error, NULL, "a strategic patch of a custom resource");
    WORKS(kcr_client_create(client, "v1/pods/eviction", ns, "p", "{\"apiVersion\":\"policy/v1beta1\",\"kind\":\"Eviction\",\"metadata\":{\"name\":\"p\"}}", KCR_AUTO_LEN, NULL, &object, &error), error, "an eviction");
    free_of(&object);
    EXPECT(kcr_client_get(client, "v1/pods", ns, "p", NULL, &object, &error), KCR_ERR_NOT_FOUND, error, NULL, "the pod is gone");
    /* A log is no JSON. The server has no node to ask and says so. */
    char path[200];
    snprintf(path, sizeof path, "/api/v1/namespaces/%s/pods/%s/log", ns, "p");
    EXPECT(kcr_client_request(client, "GET", path, NULL, 0, "{\"query\":{\"tailLines\":\"1\"}}", &text, NULL, NULL, &error), KCR_ERR_NOT_FOUND, error, NULL, "the log of no pod");
    text = NULL;
    WORKS(kcr_client_request(client, "GET", "/metrics", NULL, 0, "{\"accept\":\"text/plain\"}", &text, NULL, NULL, &error), error, "metrics");
    CHECK(text && strstr(text, "# HELP "), "the text of metrics");
    kcr_string_free(text);
}

static void requests_take_escapes_queries_and_content_types(void) {
    kcr_object *object = NULL;
    kcr_error *error = NULL;
    char *text = NULL, path[400];
    int32_t http = 0;
    WORKS(create("asked", "q", NULL, &object, &error), error, "create");
    free_of(&object);
    snprintf(path, sizeof path, "/apis/example.sealyun.com/v1alpha1/namespaces/%s/projects/%%61sked", ns);
    WORKS(kcr_client_request(client, "GET", path, NULL, 0, NULL, &text, NULL, &http, &error), error, "an escaped path");
    CHECK(http == 200 && strstr(text, "\"asked\""), "HTTP %d", http);
    kcr_string_free(text);
    text = NULL;
    snprintf(path, sizeof path, "/apis/example.sealyun.com/v1alpha1/namespaces/%s/projects?labelSelector=app%%3Dq", ns);
    WORKS(kcr_client_request(client, "GET", path, NULL, 0, "{\"query\":{\"limit\":\"5\",\"fieldSelector\":\"metadata.name=asked\"},\"headers\":{\"X-Request\":\"1\"}}", &text, NULL, NULL, &error), error, "two queries");
    CHECK(text && strstr(text, "\"asked\"") && !strstr(text, "\"scaled\""), "what was selected");
    kcr_string_free(text);
    text = NULL;
    snprintf(path, sizeof path, "/apis/example.sealyun.com/v1alpha1/namespaces/%s/projects/asked", ns);
    WORKS(kcr_client_request(client, "PATCH", path, "[{\"op\":\"replace\",\"path\":\"/spec/replicas\",\"value\":9}]", KCR_AUTO_LEN, "{\"contentType\":\"application/json-patch+json\"}", &text, NULL, NULL, &error), error, "a patch");
    CHECK(text && strstr(text, "\"replicas\":9"), "patched");
    kcr_string_free(text);
    text = NULL;
    EXPECT(kcr_client_request(client, "PATCH", path, "x: y", KCR_AUTO_LEN, "{\"contentType\":\"application/x-nothing\"}", &text, NULL, NULL, &error), KCR_ERR_BAD_REQUEST, error, NULL, "a type the server does not know");
    EXPECT(kcr_client_request(client, "POST", path, "{}", KCR_AUTO_LEN, NULL, &text, NULL, NULL, &error), KCR_ERR_BAD_REQUEST, error, NULL, "a method the path does not have");
    WORKS(kcr_client_request(client, "DELETE", path, NULL, 0, NULL, NULL, NULL, &http, &error), error, "a delete");
    CHECK(http == 200, "HTTP %d", http);
}

/* Three MiB is what servers read of a request; what etcd then thinks of them is the server's to say. */
static void R5_three_mebibytes_are_sent_whole(void) {
    enum { SIZE = 3 * 1024 * 1024 };
    static char body[SIZE + 100];
    kcr_object *object = NULL;
    kcr_error *error = NULL;
    WORKS(create("large", "x", NULL, &object, &error), error, "create");
    free_of(&object);
    size_t at = (size_t)snprintf(body, sizeof body, "{\"status\":{\"phase\":\"");
    size_t letters = SIZE - at - 3;
    memset(body + at, 'x', letters);
    memcpy(body + at + letters, "\"}}", 4);
    kcr_status status = kcr_client_patch(client, "example.sealyun.com/v1alpha1/projects/status", ns, "large", KCR_PATCH_MERGE, body, SIZE, NULL, &object, &error);
    if (is_test_server()) {
        WORKS(status, error, "three MiB");
        free_of(&object);
        WORKS(kcr_client_get(client, PROJECTS, ns, "large", NULL, &object, &error), error, "three MiB back");
        size_t length = 0;
        kcr_object_slice(object, "/status/phase", &length);
        CHECK(length == letters + 2, "%zu letters of %zu were stored", length, letters);
        free_of(&object);
    } else {
        CHECK(status != KCR_OK && kcr_error_http_status(error) >= 400 && strstr(kcr_error_message(error), "large"), "the server's words: %s", kcr_error_message(error));
        printf("three MiB: %s (HTTP %d)\n", kcr_error_message(error), kcr_error_http_status(error));
        kcr_error_free(error);
        error = NULL;
    }
    memset(body + at, 'x', letters + 50);
    memcpy(body + at + letters + 50, "\"}}", 4);
    status = kcr_client_patch(client, "example.sealyun.com/v1alpha1/projects/status", ns, "large", KCR_PATCH_MERGE, body, SIZE + 50, NULL, &object, &error);
    CHECK(kcr_error_http_status(error) == 413, "HTTP %d", kcr_error_http_status(error));
    CHECK_TEXT(kcr_error_reason(error), "RequestEntityTooLarge", "reason");
    EXPECT(status, KCR_ERR_BAD_REQUEST, error, "3145728", "more than the server reads");
}

int main(int argc, char **argv) {
    kcr_error *error = NULL;
    kcr_object *info = NULL;
    client = open_client(kubeconfig_of(argc, argv), QUICK);
    fresh_namespace(client, "options", ns);
    has_core = kcr_client_discover(client, "v1/serviceaccounts", &info, &error) == KCR_OK;
    kcr_object_free(info);
    kcr_error_free(error);
    RUN(metadata_comes_alone_when_asked_for);
    RUN(an_informer_may_keep_metadata_alone);
    RUN(options_do_what_they_say);
    RUN(R7_names_arrive_as_one_segment_or_not_at_all);
    RUN(subresources_of_any_kind_work);
    RUN(requests_take_escapes_queries_and_content_types);
    RUN(R5_three_mebibytes_are_sent_whole);
    kcr_client_free(client);
    return finish();
}
