/* Cases: configuration, users, discovery, get, list, create. */
#define _GNU_SOURCE
#include "conformance.h"

#include <stdlib.h>

#define REFUSED_FIELD "/details/causes/0/field"

/* A field of the server's Status inside an error. */
static const char *status_text(struct answer answer, const char *pointer) {
    kcr_object *status = NULL;
    const char *json = kcr_error_status_json(answer.error, NULL);
    if (!json || kcr_object_from_json(json, KCR_AUTO_LEN, &status, NULL) != KCR_OK) return "";
    const char *value = text("%s", text_at(status, pointer));
    kcr_object_free(status);
    return value;
}

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

static void get_one_whole(void) {
    const kcr_object *created = made(0, 4);
    struct answer got = get(admin, PROJECTS, self());
    works(got, "the get");
    same(text_at(got.object, "/apiVersion"), "example.sealyun.com/v1alpha1", "apiVersion");
    same(text_at(got.object, "/kind"), "Project", "kind");
    same(kcr_object_name(got.object), self(), "name");
    same(kcr_object_namespace(got.object), NS, "namespace");
    expect(*kcr_object_uid(created) != 0 && *kcr_object_resource_version(created) != 0, "uid or resourceVersion is missing");
    same(kcr_object_uid(got.object), kcr_object_uid(created), "uid");
    same(kcr_object_resource_version(got.object), kcr_object_resource_version(created), "resourceVersion");
    expect(int_at(got.object, "/metadata/generation") == 1, "generation %" PRId64, int_at(got.object, "/metadata/generation"));
    const char *made_at = text_at(got.object, "/metadata/creationTimestamp");
    expect(strlen(made_at) == 20 && made_at[19] == 'Z', "creationTimestamp \"%s\"", made_at);
    expect(replicas_of(got.object) == 4, "replicas %" PRId64, replicas_of(got.object));
}

static void get_missing_is_not_found(void) {
    struct answer answer = get(admin, PROJECTS, self());
    fails(answer, KCR_ERR_NOT_FOUND, 404, "NotFound", "a get of nothing");
    const char *words = text("projects.example.sealyun.com \"%s\" not found", self());
    expect(strstr(kcr_error_message(answer.error), words) != NULL, "the message is: %s", kcr_error_message(answer.error));
}

static void list_complete_and_versioned(void) {
    made(2, 2), made(3, 3), made(1, 1);
    struct answer answer = list(admin, PROJECTS, labelled());
    works(answer, "the list");
    same(names(answer.list), "1 2 3", "the objects");
    expect(*kcr_list_resource_version(answer.list) != 0, "no resourceVersion");
    same(kcr_list_continue(answer.list), "", "continue");
    for (size_t i = 0; i < kcr_list_count(answer.list); i++) {
        same(text_at(kcr_list_at(answer.list, i), "/kind"), "Project", "an item's kind");
        same(text_at(kcr_list_at(answer.list, i), "/apiVersion"), "example.sealyun.com/v1alpha1", "an item's apiVersion");
    }
}

static void list_of_nothing(void) {
    struct answer answer = list(admin, PROJECTS, labelled());
    works(answer, "the list");
    expect(answer.list && kcr_list_count(answer.list) == 0, "%zu objects", kcr_list_count(answer.list));
    expect(*kcr_list_resource_version(answer.list) != 0, "no resourceVersion");
}

static void selects(const char *selector, const char *wanted) {
    struct answer answer = list(admin, PROJECTS, text("{\"labelSelector\":\"conformance=%s,%s\"}", self(), selector));
    works(answer, selector);
    same(names(answer.list), wanted, selector);
}

static void list_by_label(void) {
    for (int i = 1; i <= 4; i++) {
        const char *colour = i == 4 ? "" : text(",\"colour\":\"%s\"", i == 1 ? "red" : i == 2 ? "green" : "blue");
        const char *body = text("{\"metadata\":{\"name\":\"%s\",\"labels\":{\"conformance\":\"%s\"%s}},\"spec\":{\"replicas\":1}}", name(i), self(), colour);
        works(create(admin, PROJECTS, body, NULL), "a create");
    }
    selects("colour=red", "1");
    selects("colour==green", "2");
    selects("colour!=red", "2 3 4");
    selects("colour in (red, blue)", "1 3");
    selects("colour notin (red,blue)", "2 4");
    selects("colour", "1 2 3");
    selects("!colour", "4");
}

static void list_by_name_field(void) {
    for (int i = 1; i <= 3; i++) made(i, 1);
    struct answer one = list(admin, PROJECTS, text("{\"fieldSelector\":\"metadata.name=%s\"}", name(2)));
    works(one, "metadata.name=");
    same(names(one.list), "2", "metadata.name=");
    struct answer others = list(admin, PROJECTS, text("{\"labelSelector\":\"conformance=%s\",\"fieldSelector\":\"metadata.name!=%s\"}", self(), name(2)));
    works(others, "metadata.name!=");
    same(names(others.list), "1 3", "metadata.name!=");
}

static void list_by_unknown_field_is_refused(void) {
    fails(list(admin, PROJECTS, "{\"fieldSelector\":\"spec.colour=red\"}"), KCR_ERR_BAD_REQUEST, 400, "BadRequest", "an unknown field");
}

static void list_by_selectable_field(void) {
    for (int i = 1; i <= 3; i++) {
        const char *body = text("{\"metadata\":%s,\"spec\":{\"cpu\":\"1\",\"memory\":\"1G\",\"nodeName\":\"%s\"}}", metadata(i, ""), i == 2 ? "elsewhere" : self());
        works(create(admin, MACHINES, body, NULL), "a create");
    }
    struct answer answer = list(admin, MACHINES, text("{\"fieldSelector\":\"spec.nodeName=%s\"}", self()));
    works(answer, "the list");
    same(names(answer.list), "1 3", "the machines of the node");
}

static void list_in_pages(void) {
    static const char *const wanted[] = {"1 2", "3 4", "5"};
    for (int i = 1; i <= 5; i++) made(i, i);
    char token[2048] = "", version[64] = "";
    for (size_t page = 0; page < 3; page++) {
        const char *options = text("{\"labelSelector\":\"conformance=%s\",\"limit\":2%s%s}", self(), *token ? ",\"continue\":" : "", *token ? quoted(token) : "");
        struct answer answer = list(admin, PROJECTS, options);
        if (!works(answer, "a page")) return;
        same(names(answer.list), wanted[page], text("page %zu", page + 1));
        if (page == 0) snprintf(version, sizeof version, "%s", kcr_list_resource_version(answer.list));
        same(kcr_list_resource_version(answer.list), version, "a page's resourceVersion");
        snprintf(token, sizeof token, "%s", kcr_list_continue(answer.list));
        expect((*token != 0) == (page < 2), "page %zu has %s continue", page + 1, *token ? "a" : "no");
    }
}

static void list_with_a_bad_token_is_refused(void) {
    fails(list(admin, PROJECTS, "{\"limit\":2,\"continue\":\"garbage\"}"), KCR_ERR_BAD_REQUEST, 400, "BadRequest", "a bad token");
}

static void list_all_namespaces(void) {
    made(0, 1);
    kcr_list *all = NULL;
    kcr_error *error = NULL;
    expect(kcr_client_list(admin, PROJECTS, "", labelled(), &all, &error) == KCR_OK, "the list: %s", kcr_error_message(error));
    same(kcr_object_key(kcr_list_at(all, 0)), text("%s/%s", NS, self()), "the key");
    kcr_list_free(all);
    kcr_error_free(error);
    struct stream *stream = informer(admin, PROJECTS, NULL, labelled());
    start(stream, 10000);
    kcr_object *cached = NULL;
    expect(kcr_informer_get(stream->informer, text("%s/%s", NS, self()), &cached, NULL) == KCR_OK, "the informer does not hold it");
    kcr_object_free(cached);
}

static void list_at_a_version(void) {
    made(1, 1);
    struct answer before = list(admin, PROJECTS, labelled());
    made(2, 2);
    struct answer then = list(admin, PROJECTS, text("{\"labelSelector\":\"conformance=%s\",\"resourceVersion\":\"%s\",\"resourceVersionMatch\":\"Exact\",\"limit\":10}",
                                                    self(), kcr_list_resource_version(before.list)));
    works(then, "a list at a version");
    same(names(then.list), "1", "the state of then");
    works(list(admin, PROJECTS, text("{\"labelSelector\":\"conformance=%s\",\"resourceVersion\":\"0\"}", self())), "a list at any version");
}

static void create_answers_the_object(void) {
    const kcr_object *created = made(0, 2);
    same(text_at(created, "/apiVersion"), "example.sealyun.com/v1alpha1", "apiVersion");
    same(text_at(created, "/kind"), "Project", "kind");
    same(kcr_object_namespace(created), NS, "namespace");
    expect(*kcr_object_uid(created) && *kcr_object_resource_version(created), "uid or resourceVersion is missing");
    expect(replicas_of(created) == 2, "replicas %" PRId64, replicas_of(created));
}

static void create_generates_a_name(void) {
    const char *body = text("{\"metadata\":{\"generateName\":\"%s-\",\"labels\":{\"conformance\":\"%s\"}},\"spec\":{\"replicas\":1}}", self(), self());
    struct answer first = create(admin, PROJECTS, body, NULL), second = create(admin, PROJECTS, body, NULL);
    works(first, "the first create");
    works(second, "the second create");
    const char *one = kcr_object_name(first.object), *two = kcr_object_name(second.object), *prefix = text("%s-", self());
    expect(!strncmp(one, prefix, strlen(prefix)) && strlen(one) > strlen(prefix), "the name \"%s\"", one);
    expect(strcmp(one, two) != 0, "two objects are named \"%s\"", one);
}

static void create_twice_is_already_exists(void) {
    const kcr_object *first = made(0, 1);
    fails(create(admin, PROJECTS, project(0, 2), NULL), KCR_ERR_ALREADY_EXISTS, 409, "AlreadyExists", "a second create");
    struct answer still = get(admin, PROJECTS, self());
    same(kcr_object_resource_version(still.object), kcr_object_resource_version(first), "the first object's version");
}

static void create_invalid_names_the_field(void) {
    struct answer zero = create(admin, PROJECTS, project(0, 0), NULL);
    fails(zero, KCR_ERR_INVALID, 422, "Invalid", "replicas 0");
    same(status_text(zero, REFUSED_FIELD), "spec.replicas", "replicas 0: field");
    struct answer many = create(admin, PROJECTS, text("{\"metadata\":%s,\"spec\":{\"replicas\":\"many\"}}", metadata(0, "")), NULL);
    fails(many, KCR_ERR_INVALID, 422, "Invalid", "replicas \"many\"");
    same(status_text(many, REFUSED_FIELD), "spec.replicas", "replicas \"many\": field");
    fails(create(admin, PROJECTS, text("{\"metadata\":%s}", metadata(0, "")), NULL), KCR_ERR_INVALID, 422, "Invalid", "no spec");
}

static void create_with_a_bad_name_is_invalid(void) {
    struct answer answer = create(admin, PROJECTS, "{\"metadata\":{\"name\":\"Not_A_Name\"},\"spec\":{\"replicas\":1}}", NULL);
    fails(answer, KCR_ERR_INVALID, 422, "Invalid", "a bad name");
    same(status_text(answer, REFUSED_FIELD), "metadata.name", "field");
}

static void create_dry_run_makes_nothing(void) {
    struct answer dry = create(admin, PROJECTS, project(0, 1), "{\"dryRun\":\"All\"}");
    works(dry, "a dry run");
    expect(*kcr_object_uid(dry.object) != 0, "no uid");
    fails(get(admin, PROJECTS, self()), KCR_ERR_NOT_FOUND, 404, "NotFound", "a get after the dry run");
}

static const char *with_unknown_field(void) {
    return text("{\"metadata\":%s,\"spec\":{\"replicas\":1,\"colour\":\"red\"}}", metadata(0, ""));
}

static void create_prunes_unknown_fields(void) {
    struct answer answer = create(admin, PROJECTS, with_unknown_field(), NULL);
    works(answer, "the create");
    expect(!has(answer.object, "/spec/colour") && replicas_of(answer.object) == 1, "%s", kcr_object_json(answer.object, NULL));
}

static void create_strict_refuses_unknown_fields(void) {
    fails(create(admin, PROJECTS, with_unknown_field(), "{\"fieldValidation\":\"Strict\"}"), KCR_ERR_BAD_REQUEST, 400, "BadRequest", "an unknown field");
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

const struct conformance_case object_cases[] = {
    {"config-hides-secrets", config_hides_secrets},
    {"wrong-token-is-unauthorized", wrong_token_is_unauthorized},
    {"reader-may-not-write", reader_may_not_write},
    {"denied-may-nothing", denied_may_nothing},
    {"resource-by-any-name", resource_by_any_name},
    {"unknown-resource-is-not-found", unknown_resource_is_not_found},
    {"discover-describes-a-resource", discover_describes_a_resource},
    {"request-reaches-any-path", request_reaches_any_path},
    {"get-one-whole", get_one_whole},
    {"get-missing-is-not-found", get_missing_is_not_found},
    {"list-complete-and-versioned", list_complete_and_versioned},
    {"list-of-nothing", list_of_nothing},
    {"list-by-label", list_by_label},
    {"list-by-name-field", list_by_name_field},
    {"list-by-unknown-field-is-refused", list_by_unknown_field_is_refused},
    {"list-by-selectable-field", list_by_selectable_field},
    {"list-in-pages", list_in_pages},
    {"list-with-a-bad-token-is-refused", list_with_a_bad_token_is_refused},
    {"list-all-namespaces", list_all_namespaces},
    {"list-at-a-version", list_at_a_version},
    {"create-answers-the-object", create_answers_the_object},
    {"create-generates-a-name", create_generates_a_name},
    {"create-twice-is-already-exists", create_twice_is_already_exists},
    {"create-invalid-names-the-field", create_invalid_names_the_field},
    {"create-with-a-bad-name-is-invalid", create_with_a_bad_name_is_invalid},
    {"create-dry-run-makes-nothing", create_dry_run_makes_nothing},
    {"create-prunes-unknown-fields", create_prunes_unknown_fields},
    {"create-strict-refuses-unknown-fields", create_strict_refuses_unknown_fields},
    {"core-objects", core_objects},
    {"strategic-patch-of-a-core-object", strategic_patch_of_a_core_object},
    {"v1beta1-crd-is-served", v1beta1_crd_is_served},
    {NULL, NULL},
};
