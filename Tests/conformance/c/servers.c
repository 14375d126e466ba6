/* Cases: what a configuration, a user, a server is; discovery; the core API. */
#include "conformance.h"

#include <stdlib.h>

static void config_hides_secrets(void) {
    static const char *const secret_keys[] = {"token:", "client-key-data:", "password:"};
    kcr_config *config = NULL;
    kcr_error *error = NULL;
    expect(kcr_config_load(NULL, &config, &error) == KCR_OK, "the configuration: %s", kcr_error_message(error));
    const char *json = kcr_config_json(config, NULL);
    char line[16384], server[256] = "";
    int secrets = 0;
    FILE *file = fopen(getenv("KUBECONFIG"), "r");
    if (!expect(file != NULL, "KUBECONFIG is no readable file")) return;
    while (fgets(line, sizeof line, file)) {
        char *at = line + strspn(line, " -");
        at[strcspn(at, "\r\n")] = 0;
        if (!strncmp(at, "server:", 7)) snprintf(server, sizeof server, "%.250s", at + 7 + strspn(at + 7, " \"'"));
        for (size_t i = 0; i < sizeof secret_keys / sizeof *secret_keys; i++) {
            if (strncmp(at, secret_keys[i], strlen(secret_keys[i]))) continue;
            char *secret = at + strlen(secret_keys[i]);
            secret += strspn(secret, " \"'");
            secret[strcspn(secret, "\"'")] = 0;
            secrets += *secret != 0;
            expect(!*secret || !strstr(json, secret), "the configuration shows the value of %s", secret_keys[i]);
        }
    }
    fclose(file);
    server[strcspn(server, "\"'")] = 0;
    expect(secrets > 0 || strstr(json, "server"), "nothing to compare");
    expect(*server && strstr(json, server), "the configuration does not show the server's address");
    kcr_config_free(config);
    kcr_error_free(error);
}

static void wrong_token_is_unauthorized(void) {
    struct answer answer = get(client_of_file("KUBECR_WRONG_TOKEN"), PROJECTS, self());
    fails(answer, KCR_ERR_UNAUTHORIZED, 401, "Unauthorized", "a get with a wrong token");
    expect(!strstr(kcr_error_message(answer.error), "kubecr-wrong-token"), "the message shows the token");
}

static void reader_may_not_write(void) {
    made(1, 1);
    const kcr_client *reader = client_of_file("KUBECR_READONLY");
    struct answer listed = list(reader, PROJECTS, labelled());
    works(listed, "the reader's list");
    same(names(listed.list), "1", "what the reader sees");
    fails(create(reader, PROJECTS, project(2, 1), NULL), KCR_ERR_FORBIDDEN, 403, "Forbidden", "the reader's create");
    fails(get(admin, PROJECTS, name(2)), KCR_ERR_NOT_FOUND, 404, "NotFound", "what the reader did not create");
}

static void denied_may_nothing(void) {
    const kcr_client *denied = client_of_file("KUBECR_DENIED");
    fails(list(denied, PROJECTS, NULL), KCR_ERR_FORBIDDEN, 403, "Forbidden", "the denied user's list");
    struct stream *stream = informer(denied, PROJECTS, NS, NULL);
    kcr_error *error = NULL;
    expect(kcr_informer_start(stream->informer, NULL) == KCR_OK, "the start");
    kcr_status status = kcr_informer_wait_synced(stream->informer, patient(2000), &error);
    expect(status == KCR_ERR_FORBIDDEN, "the wait for a sync: %s", kcr_status_name(status));
    kcr_error_free(error);
}

static void resource_by_any_name(void) {
    static const char *const spellings[] = {PROJECTS, "projects.example.sealyun.com", "projects", "proj",
                                            "Project.example.sealyun.com", "project.v1alpha1.example.sealyun.com"};
    const char *uid = kcr_object_uid(made(0, 1));
    for (size_t i = 0; i < sizeof spellings / sizeof *spellings; i++) {
        struct answer answer = get(admin, spellings[i], self());
        works(answer, spellings[i]);
        same(kcr_object_uid(answer.object), uid, spellings[i]);
    }
}

static void unknown_resource_is_not_found(void) {
    struct answer answer = list(admin, "unknowns.example.sealyun.com", NULL);
    expect(answer.status == KCR_ERR_NOT_FOUND, "by discovery: %s", kcr_status_name(answer.status));
    fails(list(admin, "example.sealyun.com/v1alpha1/unknowns", NULL), KCR_ERR_NOT_FOUND, 404, NULL, "a list by its path");
}

static void discover_describes_a_resource(void) {
    static const char *const verbs[] = {"get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"};
    kcr_object *found = NULL;
    kcr_error *error = NULL;
    kcr_status status = kcr_client_discover(admin, "projects.example.sealyun.com", &found, &error);
    expect(status == KCR_OK, "%s", kcr_error_message(error));
    same(text_at(found, "/kind"), "Project", "kind");
    same(text_at(found, "/version"), "v1alpha1", "version");
    same(text_at(found, "/shortNames/0"), "proj", "short name");
    int32_t namespaced = 0;
    kcr_object_get_bool(found, "/namespaced", &namespaced, NULL);
    expect(namespaced == 1, "it is not namespaced");
    const char *json = kcr_object_json(found, NULL);
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        expect(strstr(json, text("\"%s\"", verbs[i])) != NULL, "the verb %s is missing", verbs[i]);
    expect(strstr(json, "\"status\"") && strstr(json, "\"scale\""), "the subresources: %s", json);
    kcr_object_free(found);
    kcr_error_free(error);
}

static void request_reaches_any_path(void) {
    struct answer version = request(admin, "GET", "/version", NULL);
    works(version, "GET /version");
    expect(*text_at(version.object, "/gitVersion") != 0, "/version has no gitVersion");
    fails(request(admin, "GET", "/no-such-path", NULL), KCR_ERR_NOT_FOUND, 404, NULL, "GET of no path");
}

/* Creates a ConfigMap (an interrupted run may have left one), patches it, and looks at what has come of it. */
static void patch_config_map(int32_t type) {
    kcr_client_delete(admin, "v1/configmaps", NS, self(), NULL, NULL);
    const char *body = text("{\"metadata\":%s,\"data\":{\"a\":\"1\",\"b\":\"2\"}}", metadata(0, ""));
    works(create(admin, "v1/configmaps", body, NULL), "creating a ConfigMap");
    struct answer patched = patch(admin, "v1/configmaps", self(), type, "{\"data\":{\"a\":null,\"c\":\"3\"}}", NULL);
    works(patched, "the patch");
    expect(!has(patched.object, "/data/a") && has(patched.object, "/data/b"), "data: %s", kcr_object_json(patched.object, NULL));
    same(text_at(patched.object, "/data/c"), "3", "what was patched");
}

static void delete_config_map(void) {
    kcr_error *error = NULL;
    expect(kcr_client_delete(admin, "configmaps", NULL, self(), NULL, &error) == KCR_OK, "the delete: %s", kcr_error_message(error));
    kcr_error_free(error);
}

static void core_objects(void) {
    patch_config_map(KCR_PATCH_MERGE);
    same(names(list(admin, "v1/configmaps", labelled()).list), "0", "the ConfigMaps");
    delete_config_map();
    kcr_object *ns = NULL;
    expect(kcr_client_get(admin, "v1/namespaces", NULL, NS, NULL, &ns, NULL) == KCR_OK, "the Namespace %s", NS);
    same(kcr_object_key(ns), NS, "the Namespace's key");
    kcr_object_free(ns);
}

static void strategic_patch_of_a_core_object(void) {
    patch_config_map(KCR_PATCH_STRATEGIC);
    delete_config_map();
}

static void v1beta1_crd_is_served(void) {
    kcr_object *crd = NULL;
    kcr_error *error = NULL;
    kcr_status status = kcr_client_get(admin, "apiextensions.k8s.io/v1beta1/customresourcedefinitions", "", "projects.example.sealyun.com", NULL, &crd, &error);
    expect(status == KCR_OK, "%s", kcr_error_message(error));
    same(text_at(crd, "/apiVersion"), "apiextensions.k8s.io/v1beta1", "apiVersion");
    kcr_object_free(crd);
    kcr_error_free(error);
}

const struct conformance_case server_cases[] = {
    {"config-hides-secrets", config_hides_secrets},
    {"wrong-token-is-unauthorized", wrong_token_is_unauthorized},
    {"reader-may-not-write", reader_may_not_write},
    {"denied-may-nothing", denied_may_nothing},
    {"resource-by-any-name", resource_by_any_name},
    {"unknown-resource-is-not-found", unknown_resource_is_not_found},
    {"discover-describes-a-resource", discover_describes_a_resource},
    {"request-reaches-any-path", request_reaches_any_path},
    {"core-objects", core_objects},
    {"strategic-patch-of-a-core-object", strategic_patch_of_a_core_object},
    {"v1beta1-crd-is-served", v1beta1_crd_is_served},
    {NULL, NULL},
};
