/* Server-side apply of manifests on a real server: the order, CRDs with their objects, conflicts, and every way to fail. */
#include "cluster.h"

#include <poll.h>

static kcr_client *client;
static char ns[64];
static bool has_namespaces, has_owners;

static const char *CRDS = "apiextensions.k8s.io/v1/customresourcedefinitions";

/* The manifest, with every "$NS" as the namespace and every "$G" as a group of this run; the caller frees it. */
static char *fill(const char *text) {
    char *out = malloc(2 * strlen(text) + 64 * 64);
    size_t at = 0;
    while (*text) {
        if (!strncmp(text, "$NS", 3)) at += (size_t)sprintf(out + at, "%s", ns), text += 3;
        else if (!strncmp(text, "$G", 2)) at += (size_t)sprintf(out + at, "%s.kubecr.test", ns), text += 2;
        else out[at++] = *text++;
    }
    out[at] = 0;
    return out;
}

/* Applies it and checks the status; on failure the message must hold the fragment. Gives the list, NULL on failure. */
static kcr_list *apply(const kcr_client *with, const char *manifest, const char *options, kcr_status want, const char *fragment, const char *what) {
    char *text = fill(manifest), *part = fragment ? fill(fragment) : NULL;
    kcr_list *list = NULL;
    kcr_error *error = NULL;
    kcr_status status = kcr_client_apply(with, text, KCR_AUTO_LEN, options, &list, &error);
    if (want == KCR_OK) WORKS(status, error, what);
    else EXPECT(status, want, error, part, what);
    free(text);
    free(part);
    return list;
}

static void applies(const char *manifest, const char *options, const char *what) { kcr_list_free(apply(client, manifest, options, KCR_OK, NULL, what)); }
static void fails(const char *manifest, const char *options, kcr_status want, const char *fragment, const char *what) {
    kcr_list *list = apply(client, manifest, options, want, fragment, what);
    CHECK(!list, "%s: no list with an error", what);
}

static int64_t replicas(const char *name) {
    kcr_object *object = NULL;
    int64_t number = -1;
    if (kcr_client_get(client, PROJECTS, ns, name, NULL, &object, NULL) == KCR_OK) kcr_object_get_int(object, "/spec/replicas", &number, NULL);
    kcr_object_free(object);
    return number;
}

#define PROJECT(name, replicas)                                                                                                 \
    "apiVersion: example.sealyun.com/v1alpha1\nkind: Project\nmetadata: {name: " name ", namespace: $NS}\nspec: {replicas: " #replicas "}\n"

static void objects_are_created_and_changed(void) {
    kcr_list *list = apply(client, "# two\n" PROJECT("a", 1) "---\n---\n" PROJECT("b", 2), NULL, KCR_OK, NULL, "two objects");
    CHECK(kcr_list_count(list) == 2, "%zu objects in the list", kcr_list_count(list));
    CHECK_TEXT(kcr_object_name(kcr_list_at(list, 0)), "a", "the first");
    CHECK_TEXT(kcr_object_name(kcr_list_at(list, 1)), "b", "the second");
    CHECK(*kcr_object_resource_version(kcr_list_at(list, 0)), "what the server made of it");
    kcr_list_free(list);
    applies(PROJECT("a", 5), NULL, "the same with another value");
    CHECK(replicas("a") == 5 && replicas("b") == 2, "a has %d replicas", (int)replicas("a"));
    char options[128];
    snprintf(options, sizeof options, "{\"namespace\":\"%s\",\"dryRun\":\"All\"}", ns);
    applies("{\"apiVersion\":\"v1\",\"kind\":\"List\",\"items\":[{\"apiVersion\":\"example.sealyun.com/v1alpha1\",\"kind\":\"Project\",\"metadata\":{\"name\":\"c\"},"
            "\"spec\":{\"replicas\":3}}]}",
            options, "a dry run of a List, in the namespace of the option");
    CHECK(replicas("c") == -1, "a dry run keeps nothing");
    kcr_status status = kcr_client_apply(client, "---\n", KCR_AUTO_LEN, NULL, NULL, NULL);
    CHECK(status == KCR_OK, "a manifest of nothing gives %s", kcr_status_name(status));
}

/* The whole of a small system, in the wrong order: objects, then their CRD and their namespace. */
static void crds_and_namespaces_go_first(void) {
    const char *crd = "---\napiVersion: apiextensions.k8s.io/v1\nkind: CustomResourceDefinition\nmetadata: {name: things.$G}\nspec:\n  group: $G\n  scope: Namespaced\n"
                      "  names: {plural: things, singular: thing, kind: Thing}\n  versions:\n  - name: v1\n    served: true\n    storage: true\n    schema:\n"
                      "      openAPIV3Schema: {type: object, x-kubernetes-preserve-unknown-fields: true}\n";
    char manifest[4096];
    snprintf(manifest, sizeof manifest, "apiVersion: $G/v1\nkind: Thing\nmetadata: {name: one, namespace: $NS-new}\nspec: {large: 9007199254740993}\n%s%s", crd,
             has_namespaces ? "---\napiVersion: v1\nkind: Namespace\nmetadata: {name: $NS-new}\n" : "");
    fails(manifest, "{\"dryRun\":\"All\"}", KCR_ERR_NOT_FOUND, "a dry run does not create", "a dry run of a CRD with its objects");
    int64_t began = now_ms();
    kcr_list *list = apply(client, manifest, NULL, KCR_OK, NULL, "a CRD with its objects");
    printf("     a CRD with its object: %d ms\n", (int)(now_ms() - began));
    CHECK(kcr_list_count(list) == (has_namespaces ? 3u : 2u), "%zu objects", kcr_list_count(list));
    CHECK_TEXT(kcr_object_name(kcr_list_at(list, 0)), "one", "the first is the manifest's first");
    char *number = NULL;
    kcr_object_get_json(kcr_list_at(list, 0), "/spec/large", &number, NULL);
    CHECK_TEXT(number, "9007199254740993", "a large integer");
    kcr_string_free(number);
    kcr_list_free(list);
    applies(manifest, NULL, "the same again");
    char *name = fill("things.$G");
    kcr_error *error = NULL;
    WORKS(kcr_client_delete(client, CRDS, "", name, NULL, &error), error, "deleting the CRD");
    free(name);
}

/* Kubernetes 1.20 serves both versions of CRDs, today's servers one. */
static void v1beta1_crds_work_where_they_are_served(void) {
    const char *manifest = "apiVersion: apiextensions.k8s.io/v1beta1\nkind: CustomResourceDefinition\nmetadata: {name: olds.$G}\nspec:\n  group: $G\n  version: v1\n  scope: Cluster\n"
                           "  names: {plural: olds, singular: old, kind: Old}\n---\napiVersion: $G/v1\nkind: Old\nmetadata: {name: one}\n";
    kcr_object *info = NULL;
    kcr_error *error = NULL;
    bool served = kcr_client_discover(client, "apiextensions.k8s.io/v1beta1/customresourcedefinitions", &info, NULL) == KCR_OK;
    kcr_object_free(info);
    if (!served) {
        fails(manifest, NULL, KCR_ERR_NOT_FOUND, "document 1 (line 1), CustomResourceDefinition \"olds.$G\"", "a version that is not served");
        return;
    }
    if (getenv("KUBECR_SERVER")) return; /* kubecr-testserver lists v1beta1, and takes it by create only */
    applies(manifest, NULL, "a v1beta1 CRD with its object");
    char *name = fill("olds.$G");
    WORKS(kcr_client_delete(client, CRDS, "", name, NULL, &error), error, "deleting the CRD");
    free(name);
}

static void what_is_bad_is_told_before_anything_is_sent(void) {
    fails(PROJECT("n1", 1) "---\napiVersion: example.sealyun.com/v1alpha1\nkind: Projct\nmetadata: {name: n2}\n", NULL, KCR_ERR_NOT_FOUND,
          "document 2 (line 6), Projct \"n2\": the server has no kind \"Projct\" in example.sealyun.com/v1alpha1; nothing was applied", "an unknown kind");
    fails(PROJECT("n1", 1) "---\napiVersion: nowhere.kubecr.test/v1\nkind: Project\nmetadata: {name: n2}\n", NULL, KCR_ERR_NOT_FOUND, "document 2", "an unknown group");
    fails(PROJECT("n1", 1) "---\n" PROJECT("n2", 1) "---\nkind: [\n---\n" PROJECT("n4", 1) "---\n" PROJECT("n5", 1), NULL, KCR_ERR_ARGUMENT, "document 3, line 12", "a broken third of five");
    fails(PROJECT("n1", 1) "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {}\n", NULL, KCR_ERR_ARGUMENT, "document 2", "an object without a name");
    fails(PROJECT("n1", 1) "---\napiVersion: v1\nkind: ConfigMap\nmetadata: {generateName: a-}\n", NULL, KCR_ERR_ARGUMENT, "generateName", "a name that the server makes");
    fails(PROJECT("'..'", 1), NULL, KCR_ERR_ARGUMENT, "..", "R7");
    fails("apiVersion: example.sealyun.com/v1alpha1\nkind: Project\nmetadata: {name: x, namespace: ../..}\n", NULL, KCR_ERR_ARGUMENT, "metadata.namespace", "R7");
    fails("just text", NULL, KCR_ERR_ARGUMENT, "document 1", "no object");
    fails("{\"apiVersion\":\"v1\"", NULL, KCR_ERR_ARGUMENT, "document 1", "half an object");
    CHECK(replicas("n1") == -1, "nothing was sent");
}

static void a_failure_says_what_was_done(void) {
    char *text = fill(PROJECT("f1", 1) "---\n" PROJECT("f2", 1) "---\n" PROJECT("f3", 0) "---\n" PROJECT("f4", 1)), *want = fill("document 3 (line 11), Project \"$NS/f3\": ");
    kcr_list *list = NULL;
    kcr_error *error = NULL;
    kcr_status status = kcr_client_apply(client, text, KCR_AUTO_LEN, NULL, &list, &error);
    const char *message = kcr_error_message(error);
    CHECK(status == KCR_ERR_INVALID && kcr_error_http_status(error) == 422, "an invalid object gives %s: %s", kcr_status_name(status), message);
    CHECK_TEXT(kcr_error_reason(error), "Invalid", "the reason");
    CHECK(kcr_error_status_json(error, NULL) && strstr(kcr_error_status_json(error, NULL), "replicas"), "the Status is kept");
    CHECK(!strncmp(message, want, strlen(want)), "the message begins with the document: %s", message);
    free(want);
    want = fill("; applied before it: Project \"$NS/f1\", Project \"$NS/f2\"");
    CHECK(strstr(message, want) && strlen(strstr(message, want)) == strlen(want), "the message ends with what was applied: %s", message);
    CHECK(replicas("f1") == 1 && replicas("f2") == 1 && replicas("f3") == -1 && replicas("f4") == -1, "two of four are there");
    kcr_error_free(error);
    free(want);
    free(text);
}

static void conflicts_tell_the_manager(void) {
    if (!has_owners) return;
    applies(PROJECT("owned", 1), "{\"fieldManager\":\"first\"}", "the first manager");
    fails(PROJECT("owned", 2), "{\"fieldManager\":\"second\"}", KCR_ERR_CONFLICT, "conflict with \"first\"", "the second manager");
    fails(PROJECT("owned", 2), NULL, KCR_ERR_CONFLICT, "\"force\": true", "the manager kubecr");
    applies(PROJECT("owned", 2), "{\"fieldManager\":\"second\",\"force\":true}", "with force");
    CHECK(replicas("owned") == 2, "with force it wins");
    kcr_object *object = NULL;
    const char *labels = "apiVersion: example.sealyun.com/v1alpha1\nkind: Project\nmetadata: {name: owned, namespace: $NS, labels: {a: b}}\nspec: {replicas: 2}\n";
    char *label = NULL;
    applies(labels, "{\"fieldManager\":\"second\"}", "a label more");
    applies(PROJECT("owned", 2), "{\"fieldManager\":\"second\"}", "a label less");
    CHECK(kcr_client_get(client, PROJECTS, ns, "owned", NULL, &object, NULL) == KCR_OK && kcr_object_get_string(object, "/metadata/labels/a", &label, NULL) == KCR_ERR_NOT_FOUND,
          "what its manager states no more is removed");
    kcr_object_free(object);
}

static void who_may_not_write_is_told_so(void) {
    kcr_client *reader = open_client(environment("KUBECR_REAL_READONLY"), QUICK);
    kcr_list *list = apply(reader, PROJECT("r1", 1), NULL, KCR_ERR_FORBIDDEN, "document 1 (line 1), Project \"$NS/r1\": ", "a reader");
    CHECK(!list, "no list");
    kcr_client_free(reader);
}

static void options_are_checked(void) {
    const char *bad[] = {"{\"fieldManager\":5}", "{\"nothing\":1}", "{\"namespace\":\"..\"}", "{\"force\":1}", "{\"timeoutMs\":-1}", "[]", "{"};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) fails(PROJECT("o", 1), bad[i], KCR_ERR_ARGUMENT, NULL, bad[i]);
    kcr_error *error = NULL;
    kcr_list *list = NULL;
    EXPECT(kcr_client_apply(client, NULL, 0, NULL, &list, &error), KCR_ERR_ARGUMENT, error, "manifest", "no manifest");
    EXPECT(kcr_client_apply(client, "a", (size_t)-3, NULL, &list, &error), KCR_ERR_ARGUMENT, error, "negative", "a negative length");
    EXPECT(kcr_client_apply(NULL, "a", 1, NULL, &list, &error), KCR_ERR_ARGUMENT, error, "client", "no client");
    fails(PROJECT("o", 1), "{\"dryRun\":\"Some\"}", KCR_ERR_INVALID, "dryRun", "a dryRun that the server does not know");
    CHECK(replicas("o") == -1, "nothing was applied");
}

static void five_hundred_objects_are_applied(void) {
    size_t count = 500, size = count * 200, at = 0;
    char *text = malloc(size);
    for (size_t i = 0; i < count; i++)
        at += (size_t)snprintf(text + at, size - at, "---\napiVersion: example.sealyun.com/v1alpha1\nkind: Project\nmetadata: {name: many-%zu}\nspec: {replicas: 1}\n", i);
    char options[128];
    snprintf(options, sizeof options, "{\"namespace\":\"%s\"}", ns);
    int64_t began = now_ms();
    kcr_list *list = apply(client, text, options, KCR_OK, NULL, "500 objects");
    printf("     %zu objects: %d ms\n", kcr_list_count(list), (int)(now_ms() - began));
    CHECK(kcr_list_count(list) == count, "%zu objects", kcr_list_count(list));
    CHECK_TEXT(kcr_object_name(kcr_list_at(list, 499)), "many-499", "the last");
    kcr_list_free(list);
    free(text);
}

/* ---- As a call ---- */

struct answer {
    kcr_status status;
    size_t count;
    char message[1024];
    atomic_int calls, freed;
};

static void on_answer(kcr_status status, const kcr_object *object, const kcr_list *list, const kcr_error *error, void *user_data) {
    struct answer *answer = user_data;
    CHECK(!object && (status == KCR_OK) == (list != NULL) && (status == KCR_OK) == !error, "a list or an error");
    answer->status = status;
    answer->count = kcr_list_count(list);
    snprintf(answer->message, sizeof answer->message, "%s", kcr_error_message(error));
    atomic_fetch_add(&answer->calls, 1);
}

static void on_freed(void *user_data) { atomic_fetch_add(&((struct answer *)user_data)->freed, 1); }

static char *call_json(const char *manifest, const char *more) {
    char *text = fill(manifest), *quoted = kcr_json_quote(text, KCR_AUTO_LEN), *json = malloc(strlen(quoted) + 256);
    sprintf(json, "{\"verb\":\"apply\",\"body\":%s%s}", quoted, more);
    kcr_string_free(quoted);
    free(text);
    return json;
}

static void apply_is_a_call_too(void) {
    struct answer answer = {.status = KCR_ERR_STATE};
    kcr_error *error = NULL;
    char *json = call_json(PROJECT("call-a", 1) "---\n" PROJECT("call-b", 1), "");
    WORKS(kcr_client_call(client, json, on_answer, &answer, on_freed, NULL, &error), error, "a manifest as a string");
    EVENTUALLY(atomic_load(&answer.freed) == 1, 20000, "it ends");
    CHECK(answer.status == KCR_OK && answer.count == 2 && answer.calls == 1, "%s: %s", kcr_status_name(answer.status), answer.message);
    free(json);
    struct answer object = {.status = KCR_ERR_STATE};
    char text[512];
    snprintf(text, sizeof text,
             "{\"verb\":\"apply\",\"namespace\":\"%s\",\"body\":{\"apiVersion\":\"example.sealyun.com/v1alpha1\",\"kind\":\"Project\",\"metadata\":{\"name\":\"call-c\"},\"spec\":{\"replicas\":4}}}", ns);
    WORKS(kcr_client_call(client, text, on_answer, &object, on_freed, NULL, &error), error, "an object as body");
    EVENTUALLY(atomic_load(&object.freed) == 1, 20000, "it ends");
    CHECK(object.status == KCR_OK && object.count == 1 && replicas("call-c") == 4, "%s: %s", kcr_status_name(object.status), object.message);
    struct answer none = {.status = KCR_OK};
    EXPECT(kcr_client_call(client, "{\"verb\":\"apply\",\"body\":\"a: [\"}", on_answer, &none, on_freed, NULL, &error), KCR_ERR_ARGUMENT, error, "document 1", "a broken manifest");
    CHECK(none.calls == 0 && none.freed == 1, "refused at once");
    EXPECT(kcr_client_call(client, "{\"verb\":\"apply\",\"body\":\"\",\"name\":\"x\"}", on_answer, &none, on_freed, NULL, &error), KCR_ERR_ARGUMENT, error, "manifest", "a name");
}

static void an_apply_can_be_cancelled(void) {
    size_t count = 300, size = count * 200, at = 0;
    char *text = malloc(size);
    for (size_t i = 0; i < count; i++)
        at += (size_t)snprintf(text + at, size - at, "---\napiVersion: example.sealyun.com/v1alpha1\nkind: Project\nmetadata: {name: half-%zu, namespace: $NS}\nspec: {replicas: 1}\n", i);
    char *json = call_json(text, "");
    for (int i = 0; i < 3; i++) {
        struct answer answer = {.status = KCR_OK};
        kcr_call *call = NULL;
        kcr_error *error = NULL;
        WORKS(kcr_client_call(client, json, on_answer, &answer, on_freed, &call, &error), error, "a long apply");
        if (i == 1) EVENTUALLY(replicas("half-3") == 1, 20000, "it has begun");
        if (i == 2) pause_ms(1);
        int64_t began = now_ms();
        kcr_call_cancel(call);
        EVENTUALLY(atomic_load(&answer.freed) == 1, 5000, "it ends");
        CHECK(now_ms() - began < 250 * patience(), "cancelling took %d ms", (int)(now_ms() - began));
        CHECK(answer.status == KCR_ERR_CANCELLED && answer.calls == 1, "%s: %s", kcr_status_name(answer.status), answer.message);
        if (i == 1) CHECK(strstr(answer.message, "applied before it: Project") != NULL, "it says what was done: %s", answer.message);
        kcr_call_free(call);
    }
    free(json);
    free(text);
}

static void external_mode_applies_too(void) {
    kcr_client *external = open_client(environment("KUBECR_REAL_ADMIN_CERT"), QUICK_EXTERNAL);
    kcr_list_free(apply(external, PROJECT("ext-a", 1) "---\n" PROJECT("ext-b", 1), NULL, KCR_OK, NULL, "a blocking apply"));
    struct answer answer = {.status = KCR_ERR_STATE};
    kcr_error *error = NULL;
    char *json = call_json(PROJECT("ext-a", 2), "");
    WORKS(kcr_client_call(external, json, on_answer, &answer, on_freed, NULL, &error), error, "a call");
    int64_t deadline = now_ms() + 20000 * patience();
    while (!atomic_load(&answer.freed) && now_ms() < deadline) {
        struct pollfd fd = {kcr_client_fd(external), POLLIN, 0};
        poll(&fd, 1, 1000);
        WORKS(kcr_client_process(external, &error), error, "process");
    }
    CHECK(answer.status == KCR_OK && answer.count == 1 && replicas("ext-a") == 2, "%s: %s", kcr_status_name(answer.status), answer.message);
    free(json);
    kcr_client_free(external);
}

/* A server that shows managedFields also decides by them. */
static bool keeps_owners(void) {
    kcr_list *list = apply(client, PROJECT("probe", 1), "{\"dryRun\":\"All\"}", KCR_OK, NULL, "a dry run");
    size_t length;
    bool found = kcr_object_slice(kcr_list_at(list, 0), "/metadata/managedFields", &length) != NULL;
    if (!found) printf("     this server has no field owners: conflicts are not tested\n");
    kcr_list_free(list);
    return found;
}

int main(int argc, char **argv) {
    client = open_client(kubeconfig_of(argc, argv), QUICK);
    fresh_namespace(client, "apply", ns);
    kcr_object *info = NULL;
    has_namespaces = kcr_client_discover(client, "v1/namespaces", &info, NULL) == KCR_OK;
    kcr_object_free(info);
    has_owners = keeps_owners();
    RUN(objects_are_created_and_changed);
    RUN(crds_and_namespaces_go_first);
    RUN(v1beta1_crds_work_where_they_are_served);
    RUN(what_is_bad_is_told_before_anything_is_sent);
    RUN(a_failure_says_what_was_done);
    RUN(conflicts_tell_the_manager);
    RUN(who_may_not_write_is_told_so);
    RUN(options_are_checked);
    RUN(five_hundred_objects_are_applied);
    RUN(apply_is_a_call_too);
    RUN(an_apply_can_be_cancelled);
    RUN(external_mode_applies_too);
    kcr_client_free(client);
    return finish();
}
