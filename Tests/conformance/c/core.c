/* Cases: the core API, and what only it has: strategic patches, tokens, Pods. */
#include "conformance.h"

#define CONFIG_MAPS "v1/configmaps"
#define ACCOUNTS "v1/serviceaccounts"
#define PODS "v1/pods"

/* Creates a ConfigMap (an interrupted run may have left one), patches it, and looks at what has come of it. */
static void patch_config_map(int32_t type) {
    delete_of(CONFIG_MAPS, self(), NULL);
    works(create(admin, CONFIG_MAPS, text("{\"metadata\":%s,\"data\":{\"a\":\"1\",\"b\":\"2\"}}", metadata(0, "")), NULL), "creating a ConfigMap");
    struct answer patched = patch(admin, CONFIG_MAPS, self(), type, "{\"data\":{\"a\":null,\"c\":\"3\"}}", NULL);
    works(patched, "the patch");
    expect(!has(patched.object, "/data/a") && has(patched.object, "/data/b"), "data: %s", kcr_object_json(patched.object, NULL));
    same(text_at(patched.object, "/data/c"), "3", "what was patched");
}

static void core_objects(void) {
    patch_config_map(KCR_PATCH_MERGE);
    same(names(list(admin, CONFIG_MAPS, labelled()).list), "0", "the ConfigMaps");
    kcr_error *error = NULL;
    expect(kcr_client_delete(admin, "configmaps", NULL, self(), NULL, &error) == KCR_OK, "the delete: %s", kcr_error_message(error));
    kcr_error_free(error);
    struct answer ns = get_with(admin, "v1/namespaces", NULL, NS, NULL);
    works(ns, "the Namespace " NS);
    same(kcr_object_key(ns.object), NS, "the Namespace's key");
}

static void create_in_no_such_namespace(void) {
    struct answer answer = create_in(admin, PROJECTS, self(), NULL, project(0, 1), NULL);
    fails(answer, KCR_ERR_NOT_FOUND, 404, "NotFound", "a create in no namespace");
    same(text_at(status_of(answer), "/details/kind"), "namespaces", "details.kind");
    same(text_at(status_of(answer), "/details/name"), self(), "details.name");
}

static const kcr_object *account(void) {
    delete_of(ACCOUNTS, self(), NULL);
    struct answer made_account = create(admin, ACCOUNTS, text("{\"metadata\":%s,\"secrets\":[{\"name\":\"a\"},{\"name\":\"b\"}]}", metadata(0, "")), NULL);
    works(made_account, "creating a ServiceAccount");
    return made_account.object;
}

static void strategic_patch_of_a_core_object(void) {
    patch_config_map(KCR_PATCH_STRATEGIC);
    works(delete_of(CONFIG_MAPS, self(), NULL), "the delete");
    account();
    /* `secrets` is a list whose elements are found by their names. */
    struct answer patched = patch(admin, ACCOUNTS, self(), KCR_PATCH_STRATEGIC, "{\"secrets\":[{\"name\":\"c\"},{\"name\":\"a\",\"$patch\":\"delete\"}]}", NULL);
    works(patched, "a strategic patch of a list");
    const char *json = kcr_object_json(patched.object, NULL);
    expect(!strstr(json, "\"name\":\"a\"") && strstr(json, "\"name\":\"b\"") && strstr(json, "\"name\":\"c\""), "the list is: %s", json);
    struct answer merged = patch(admin, ACCOUNTS, self(), KCR_PATCH_MERGE, "{\"secrets\":[{\"name\":\"d\"}]}", NULL);
    same(text_at(merged.object, "/secrets/0/name"), "d", "a merge patch replaces the list");
    works(delete_of(ACCOUNTS, self(), NULL), "the delete");
}

static void create_of_a_subresource(void) {
    const kcr_object *made_account = account();
    const char *body = "{\"spec\":{\"audiences\":[\"conformance\"],\"expirationSeconds\":3600}}";
    struct answer token = create_in(admin, ACCOUNTS "/token", NS, self(), body, NULL);
    works(token, "a token");
    same(text_at(token.object, "/kind"), "TokenRequest", "kind");
    expect(strlen(text_at(token.object, "/status/token")) > 100, "no token");
    expect(int_at(token.object, "/spec/expirationSeconds") == 3600, "expirationSeconds %" PRId64, int_at(token.object, "/spec/expirationSeconds"));
    struct answer wrong = create_in(admin, ACCOUNTS "/token", NS, self(), text("{\"spec\":{\"boundObjectRef\":{\"kind\":\"Pod\",\"apiVersion\":\"v1\",\"name\":\"%s\"}}}", self()), NULL);
    expect(wrong.status != KCR_OK, "a token bound to no Pod was made");
    fails(create_in(admin, ACCOUNTS "/token", NS, name(2), body, NULL), KCR_ERR_NOT_FOUND, 404, "NotFound", "a token of nobody");
    expect(*kcr_object_uid(made_account) != 0, "the account has no uid");
    works(delete_of(ACCOUNTS, self(), NULL), "the delete");
}

static const kcr_object *pod(int number) {
    const char *body = text("{\"metadata\":%s,\"spec\":{\"schedulerName\":\"conformance\",\"serviceAccountName\":\"%s\",\"automountServiceAccountToken\":false,\"containers\":[{\"name\":\"a\",\"image\":\"none\"}]}}",
                            metadata(number, ""), self());
    struct answer made_pod = create(admin, PODS, body, NULL);
    works(made_pod, "creating a Pod");
    return made_pod.object;
}

static void pods_are_bound_and_evicted(void) {
    account();
    for (int i = 1; i <= 2; i++) delete_of(PODS, name(i), "{\"gracePeriodSeconds\":0}");
    pod(1), pod(2);
    for (int i = 1; i <= 2; i++) {
        const char *binding = text("{\"metadata\":{\"name\":\"%s\"},\"target\":{\"apiVersion\":\"v1\",\"kind\":\"Node\",\"name\":\"node-1\"}}", name(i));
        works(create_in(admin, PODS "/binding", NS, name(i), binding, NULL), "the binding");
        same(text_at(get(admin, PODS, name(i)).object, "/spec/nodeName"), "node-1", "nodeName");
    }
    works(delete_of(PODS, name(1), "{\"gracePeriodSeconds\":7}"), "a delete with a grace period");
    struct answer going = get(admin, PODS, name(1));
    works(going, "a get within the grace period");
    expect(int_at(going.object, "/metadata/deletionGracePeriodSeconds") == 7, "deletionGracePeriodSeconds %" PRId64, int_at(going.object, "/metadata/deletionGracePeriodSeconds"));
    works(delete_of(PODS, name(1), "{\"gracePeriodSeconds\":0}"), "a delete without one");
    fails(get(admin, PODS, name(1)), KCR_ERR_NOT_FOUND, 404, "NotFound", "a get after it");
    const char *version = text_at(discover(admin, "poddisruptionbudgets.policy").object, "/version"); /* of evictions, too */
    const char *eviction = text("{\"apiVersion\":\"policy/%s\",\"kind\":\"Eviction\",\"metadata\":{\"name\":\"%s\"},\"deleteOptions\":{\"gracePeriodSeconds\":0}}", version, name(2));
    works(create_in(admin, PODS "/eviction", NS, name(2), eviction, NULL), "the eviction");
    fails(get(admin, PODS, name(2)), KCR_ERR_NOT_FOUND, 404, "NotFound", "a get after the eviction");
    works(delete_of(ACCOUNTS, self(), NULL), "the delete");
}

static void v1beta1_crd_is_served(void) {
    struct answer answer = get_with(admin, "apiextensions.k8s.io/v1beta1/customresourcedefinitions", "", "projects.example.sealyun.com", NULL);
    works(answer, "the CRD");
    same(text_at(answer.object, "/apiVersion"), "apiextensions.k8s.io/v1beta1", "apiVersion");
}

const struct conformance_case core_cases[] = {
    {"core-objects", core_objects},
    {"create-in-no-such-namespace", create_in_no_such_namespace},
    {"strategic-patch-of-a-core-object", strategic_patch_of_a_core_object},
    {"create-of-a-subresource", create_of_a_subresource},
    {"pods-are-bound-and-evicted", pods_are_bound_and_evicted},
    {"v1beta1-crd-is-served", v1beta1_crd_is_served},
    {NULL, NULL},
};
