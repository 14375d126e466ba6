/* Every verb on a real server: create, get, list, replace, patch, delete, request, discover. Each test runs four times:
   with the library's thread and in external mode, through the blocking verbs and through kcr_client_call. */
#include "cluster.h"

#include <poll.h>

static kcr_client *client;
static bool external, calling; /* which of the four */
static char ns[64];

struct request {
    const char *verb, *resource, *ns, *name, *options, *body, *patch_type;
};

struct answer {
    kcr_status status;
    kcr_object *object;
    kcr_list *list;
    kcr_error *error;
    atomic_int calls, freed;
};

static void on_answer(kcr_status status, const kcr_object *object, const kcr_list *list, const kcr_error *error, void *user_data) {
    struct answer *answer = user_data;
    answer->status = status;
    answer->object = object ? kcr_object_retain(object) : NULL;
    answer->list = list ? kcr_list_retain(list) : NULL;
    answer->error = error ? kcr_error_retain(error) : NULL;
    atomic_fetch_add(&answer->calls, 1);
}

static void on_freed(void *user_data) { atomic_fetch_add(&((struct answer *)user_data)->freed, 1); }

static size_t field(char *out, size_t size, const char *key, const char *text) {
    if (!text) return 0;
    char *quoted = kcr_json_quote(text, KCR_AUTO_LEN);
    size_t length = (size_t)snprintf(out, size, ",\"%s\":%s", key, quoted);
    kcr_string_free(quoted);
    return length;
}

static void perform_call(const struct request *r, struct answer *answer) {
    char json[4096];
    size_t at = (size_t)snprintf(json, sizeof json, "{\"verb\":\"%s\"", r->verb);
    at += field(json + at, sizeof json - at, "resource", r->resource);
    at += field(json + at, sizeof json - at, "namespace", r->ns);
    at += field(json + at, sizeof json - at, "name", r->name);
    at += field(json + at, sizeof json - at, "patchType", r->patch_type);
    if (r->options) at += (size_t)snprintf(json + at, sizeof json - at, ",\"options\":%s", r->options);
    if (r->body) at += (size_t)snprintf(json + at, sizeof json - at, ",\"body\":%s", r->body);
    snprintf(json + at, sizeof json - at, "}");
    kcr_call *call = NULL;
    kcr_status status = kcr_client_call(client, json, on_answer, answer, on_freed, &call, &answer->error);
    if (status != KCR_OK) { /* refused at once, as the blocking verb would */
        answer->status = status;
        CHECK(atomic_load(&answer->calls) == 0 && atomic_load(&answer->freed) == 1, "a refused call frees its user_data once and calls nothing");
        return;
    }
    int64_t deadline = now_ms() + 30000 * patience();
    while (!atomic_load(&answer->freed) && now_ms() < deadline) {
        if (!external) {
            pause_ms(1);
            continue;
        }
        struct pollfd fd = {kcr_client_fd(client), POLLIN, 0};
        poll(&fd, 1, 1000);
        kcr_error *error = NULL;
        WORKS(kcr_client_process(client, &error), error, "process");
    }
    CHECK(atomic_load(&answer->calls) == 1 && atomic_load(&answer->freed) == 1, "%s: %d callbacks, user_data freed %d times", r->verb,
          atomic_load(&answer->calls), atomic_load(&answer->freed));
    kcr_call_free(call);
}

/* Performs the request in the way that this run is about; the caller frees the answer with done(). */
static void perform(const struct request *r, struct answer *a) {
    *a = (struct answer){.status = KCR_OK};
    if (calling) {
        perform_call(r, a);
        return;
    }
    size_t n = KCR_AUTO_LEN;
    int32_t type = r->patch_type && !strcmp(r->patch_type, "json") ? KCR_PATCH_JSON : KCR_PATCH_MERGE;
    if (!strcmp(r->verb, "get")) a->status = kcr_client_get(client, r->resource, r->ns, r->name, r->options, &a->object, &a->error);
    else if (!strcmp(r->verb, "list")) a->status = kcr_client_list(client, r->resource, r->ns, r->options, &a->list, &a->error);
    else if (!strcmp(r->verb, "create")) a->status = kcr_client_create(client, r->resource, r->ns, r->name, r->body, n, r->options, &a->object, &a->error);
    else if (!strcmp(r->verb, "replace")) a->status = kcr_client_replace(client, r->resource, r->ns, r->name, r->body, n, r->options, &a->object, &a->error);
    else if (!strcmp(r->verb, "patch")) a->status = kcr_client_patch(client, r->resource, r->ns, r->name, type, r->body, n, r->options, &a->object, &a->error);
    else if (!strcmp(r->verb, "delete")) a->status = kcr_client_delete(client, r->resource, r->ns, r->name, r->options, &a->error);
    else if (!strcmp(r->verb, "deleteCollection")) a->status = kcr_client_delete_collection(client, r->resource, r->ns, r->options, &a->error);
    else if (!strcmp(r->verb, "discover")) a->status = kcr_client_discover(client, r->resource, &a->object, &a->error);
    else REQUIRE(false, "no verb %s", r->verb);
}

static void done(struct answer *a) {
    kcr_object_free(a->object);
    kcr_list_free(a->list);
    kcr_error_free(a->error);
}

/* PERFORM(answer, wanted status, .verb = ..., ...) */
#define PERFORM(answer, want, ...)                                                                                              \
    do {                                                                                                                        \
        struct request request = {__VA_ARGS__};                                                                                 \
        perform(&request, &(answer));                                                                                           \
        CHECK((answer).status == (want), "%s gives %s, not %s: %s", request.verb, kcr_status_name((answer).status),             \
              kcr_status_name(want), kcr_error_message((answer).error));                                                        \
    } while (0)
#define QUIETLY(want, ...)                                                                                                      \
    do {                                                                                                                        \
        struct answer quiet;                                                                                                    \
        PERFORM(quiet, want, __VA_ARGS__);                                                                                      \
        done(&quiet);                                                                                                           \
    } while (0)

static int64_t replicas_of(const kcr_object *object) {
    int64_t replicas = -1;
    CHECK(kcr_object_get_int(object, "/spec/replicas", &replicas, NULL) == KCR_OK, "the object has replicas");
    return replicas;
}

static void one_object_lives_and_dies(void) {
    struct answer a;
    char body[512], path[256];
    PERFORM(a, KCR_OK, .verb = "create", .resource = PROJECTS, .ns = ns, .body = "{\"metadata\":{\"name\":\"one\"},\"spec\":{\"replicas\":1}}");
    CHECK_TEXT(kcr_object_name(a.object), "one", "name");
    CHECK_TEXT(kcr_object_namespace(a.object), ns, "namespace");
    CHECK(*kcr_object_uid(a.object) && *kcr_object_resource_version(a.object), "uid and version are there");
    done(&a);
    PERFORM(a, KCR_ERR_ALREADY_EXISTS, .verb = "create", .resource = PROJECTS, .ns = ns, .body = "{\"metadata\":{\"name\":\"one\"},\"spec\":{\"replicas\":1}}");
    CHECK(kcr_error_http_status(a.error) == 409, "HTTP %d", kcr_error_http_status(a.error));
    CHECK_TEXT(kcr_error_reason(a.error), "AlreadyExists", "reason");
    done(&a);

    PERFORM(a, KCR_OK, .verb = "get", .resource = PROJECTS, .ns = ns, .name = "one");
    CHECK(replicas_of(a.object) == 1, "replicas");
    snprintf(path, sizeof path, "%s/one", ns);
    CHECK_TEXT(kcr_object_key(a.object), path, "key");
    snprintf(body, sizeof body, "{\"metadata\":{\"name\":\"one\",\"resourceVersion\":\"%s\"},\"spec\":{\"replicas\":2}}", kcr_object_resource_version(a.object));
    done(&a);
    PERFORM(a, KCR_OK, .verb = "replace", .resource = PROJECTS, .ns = ns, .name = "one", .body = body);
    CHECK(replicas_of(a.object) == 2, "replaced");
    done(&a);
    PERFORM(a, KCR_ERR_CONFLICT, .verb = "replace", .resource = PROJECTS, .ns = ns, .name = "one", .body = body);
    CHECK_TEXT(kcr_error_reason(a.error), "Conflict", "reason");
    done(&a);

    PERFORM(a, KCR_OK, .verb = "patch", .resource = PROJECTS, .ns = ns, .name = "one", .body = "{\"spec\":{\"replicas\":3}}", .patch_type = "merge");
    CHECK(replicas_of(a.object) == 3, "merged");
    done(&a);
    PERFORM(a, KCR_OK, .verb = "patch", .resource = PROJECTS, .ns = ns, .name = "one", .patch_type = "json",
            .body = "[{\"op\":\"replace\",\"path\":\"/spec/replicas\",\"value\":4}]");
    CHECK(replicas_of(a.object) == 4, "patched");
    done(&a);
    PERFORM(a, KCR_OK, .verb = "patch", .resource = "example.sealyun.com/v1alpha1/projects/status", .ns = ns, .name = "one",
            .body = "{\"status\":{\"phase\":\"Running\"}}", .patch_type = "merge");
    char *phase = NULL;
    CHECK(kcr_object_get_string(a.object, "/status/phase", &phase, NULL) == KCR_OK && !strcmp(phase, "Running"), "the status was patched");
    kcr_string_free(phase);
    done(&a);
    PERFORM(a, KCR_ERR_INVALID, .verb = "patch", .resource = PROJECTS, .ns = ns, .name = "one", .body = "{\"spec\":{\"replicas\":0}}", .patch_type = "merge");
    CHECK(strstr(kcr_error_message(a.error), "replicas"), "the server names the field: %s", kcr_error_message(a.error));
    done(&a);

    QUIETLY(KCR_OK, .verb = "delete", .resource = PROJECTS, .ns = ns, .name = "one");
    QUIETLY(KCR_ERR_NOT_FOUND, .verb = "get", .resource = PROJECTS, .ns = ns, .name = "one");
    QUIETLY(KCR_ERR_NOT_FOUND, .verb = "delete", .resource = PROJECTS, .ns = ns, .name = "one");
}

static void lists_come_whole_and_in_pages(void) {
    struct answer a;
    char name[16], options[2048];
    for (int i = 0; i < 30; i++) {
        snprintf(name, sizeof name, "p-%02d", i);
        create_project(client, ns, name, i + 1);
    }
    PERFORM(a, KCR_OK, .verb = "list", .resource = PROJECTS, .ns = ns);
    CHECK(kcr_list_count(a.list) == 30, "%zu objects", kcr_list_count(a.list));
    CHECK_TEXT(kcr_list_continue(a.list), "", "continue of a whole list");
    CHECK(*kcr_list_resource_version(a.list), "a list has a version");
    CHECK(kcr_list_at(a.list, 30) == NULL, "nothing past the end");
    CHECK(kcr_list_at(a.list, 0) == kcr_list_at(a.list, 0), "items are borrowed");
    kcr_object *kept = kcr_object_retain(kcr_list_at(a.list, 7));
    done(&a);
    CHECK_TEXT(kcr_object_name(kept), "p-07", "a kept item outlives its list");
    kcr_object_free(kept);

    size_t total = 0, pages = 0;
    snprintf(options, sizeof options, "{\"limit\":7}");
    for (bool more = true; more && pages < 10; pages++) {
        PERFORM(a, KCR_OK, .verb = "list", .resource = PROJECTS, .ns = ns, .options = options);
        size_t want = pages < 4 ? 7 : 2;
        CHECK(kcr_list_count(a.list) == want, "page %zu holds %zu objects, not %zu", pages, kcr_list_count(a.list), want);
        for (size_t i = 0; i < kcr_list_count(a.list); i++) {
            snprintf(name, sizeof name, "p-%02zu", total++);
            CHECK_TEXT(kcr_object_name(kcr_list_at(a.list, i)), name, "the order of a page");
        }
        more = *kcr_list_continue(a.list) != 0;
        char *token = kcr_json_quote(kcr_list_continue(a.list), KCR_AUTO_LEN);
        snprintf(options, sizeof options, "{\"limit\":7,\"continue\":%s}", token);
        kcr_string_free(token);
        done(&a);
    }
    CHECK(total == 30 && pages == 5, "%zu objects in %zu pages", total, pages);

    PERFORM(a, KCR_OK, .verb = "list", .resource = PROJECTS, .ns = ns, .options = "{\"labelSelector\":\"parity=odd\"}");
    CHECK(kcr_list_count(a.list) == 15, "%zu odd ones", kcr_list_count(a.list));
    done(&a);
    PERFORM(a, KCR_OK, .verb = "list", .resource = PROJECTS, .ns = ns, .options = "{\"fieldSelector\":\"metadata.name=p-11\"}");
    CHECK(kcr_list_count(a.list) == 1, "%zu of that name", kcr_list_count(a.list));
    done(&a);
    PERFORM(a, KCR_OK, .verb = "list", .resource = PROJECTS); /* NULL: all namespaces */
    CHECK(kcr_list_count(a.list) >= 31, "all namespaces hold %zu", kcr_list_count(a.list));
    done(&a);
    QUIETLY(KCR_ERR_ARGUMENT, .verb = "deleteCollection", .resource = PROJECTS);
    QUIETLY(KCR_OK, .verb = "deleteCollection", .resource = PROJECTS, .ns = ns, .options = "{\"labelSelector\":\"parity=odd\"}");
    PERFORM(a, KCR_OK, .verb = "list", .resource = PROJECTS, .ns = ns);
    CHECK(kcr_list_count(a.list) == 15, "%zu remain", kcr_list_count(a.list));
    done(&a);
    QUIETLY(KCR_OK, .verb = "deleteCollection", .resource = PROJECTS, .ns = ns);
    PERFORM(a, KCR_OK, .verb = "list", .resource = PROJECTS, .ns = ns);
    CHECK(kcr_list_count(a.list) == 0, "%zu remain", kcr_list_count(a.list));
    done(&a);
}

static void namespaces_follow_rule_five(void) {
    struct answer a;
    char name[40], body[256];
    snprintf(name, sizeof name, "ns-%ld-%d%d", (long)getpid(), external, calling);
    snprintf(body, sizeof body, "{\"metadata\":{\"name\":\"%s\"},\"spec\":{\"replicas\":1}}", name);
    PERFORM(a, KCR_OK, .verb = "create", .resource = PROJECTS, .body = body); /* the config's namespace */
    CHECK_TEXT(kcr_object_namespace(a.object), "default", "the namespace of NULL");
    done(&a);
    PERFORM(a, KCR_OK, .verb = "get", .resource = PROJECTS, .name = name);
    CHECK_TEXT(kcr_object_namespace(a.object), "default", "the namespace of NULL");
    done(&a);
    QUIETLY(KCR_OK, .verb = "delete", .resource = PROJECTS, .name = name);

    snprintf(body, sizeof body, "{\"metadata\":{\"name\":\"filled\",\"namespace\":\"%s\"},\"spec\":{\"replicas\":1}}", ns);
    PERFORM(a, KCR_OK, .verb = "create", .resource = PROJECTS, .body = body); /* the body's namespace */
    CHECK_TEXT(kcr_object_namespace(a.object), ns, "the namespace of the body");
    done(&a);
    PERFORM(a, KCR_ERR_ARGUMENT, .verb = "create", .resource = PROJECTS, .ns = "default", .body = body);
    CHECK(strstr(kcr_error_message(a.error), "namespace"), "the message names the namespace: %s", kcr_error_message(a.error));
    done(&a);
    QUIETLY(KCR_ERR_ARGUMENT, .verb = "replace", .resource = PROJECTS, .ns = ns, .name = "another", .body = body);
    QUIETLY(KCR_OK, .verb = "delete", .resource = PROJECTS, .ns = ns, .name = "filled");
    /* A cluster-scoped resource has no namespace, whatever the config says. */
    PERFORM(a, KCR_OK, .verb = "get", .resource = "apiextensions.k8s.io/v1/customresourcedefinitions", .name = "projects.example.sealyun.com");
    CHECK_TEXT(kcr_object_key(a.object), "projects.example.sealyun.com", "key of a cluster-scoped object");
    done(&a);
}

static void kubectl_names_resolve(void) {
    static const char *const forms[] = {"projects", "project", "proj", "Project", "projects.example.sealyun.com",
                                        "projects.v1alpha1.example.sealyun.com", "Project.example.sealyun.com", "example.sealyun.com/v1alpha1/projects"};
    for (size_t i = 0; i < sizeof forms / sizeof *forms; i++) {
        struct answer a;
        PERFORM(a, KCR_OK, .verb = "discover", .resource = forms[i]);
        static const char *const fields[][2] = {{"/resource", "projects"}, {"/kind", "Project"}, {"/group", "example.sealyun.com"}, {"/version", "v1alpha1"}};
        for (size_t k = 0; k < sizeof fields / sizeof *fields; k++) {
            char *text = NULL;
            CHECK(kcr_object_get_string(a.object, fields[k][0], &text, NULL) == KCR_OK, "%s has %s", forms[i], fields[k][0]);
            CHECK_TEXT(text, fields[k][1], forms[i]);
            kcr_string_free(text);
        }
        int32_t namespaced = 0;
        CHECK(kcr_object_get_bool(a.object, "/namespaced", &namespaced, NULL) == KCR_OK && namespaced, "%s is namespaced", forms[i]);
        done(&a);
        PERFORM(a, KCR_OK, .verb = "get", .resource = forms[i], .ns = "default", .name = "example-project");
        CHECK_TEXT(kcr_object_name(a.object), "example-project", forms[i]);
        done(&a);
    }
    struct answer a;
    PERFORM(a, KCR_OK, .verb = "get", .resource = "vm", .ns = "default", .name = "virtulmachine-sample");
    CHECK_TEXT(kcr_object_key(a.object), "default/virtulmachine-sample", "the sample by its short name");
    done(&a);
    PERFORM(a, KCR_OK, .verb = "get", .resource = "projects/status", .ns = "default", .name = "example-project");
    done(&a);
    QUIETLY(KCR_ERR_NOT_FOUND, .verb = "discover", .resource = "projectiles");
}

static void requests_reach_any_path(void) {
    kcr_error *error = NULL;
    char *text = NULL;
    size_t length = 0;
    int32_t http = 0;
    WORKS(kcr_client_request(client, "GET", "/version", NULL, 0, NULL, &text, &length, &http, &error), error, "GET /version");
    CHECK(http == 200 && text && length == strlen(text) && strstr(text, "gitVersion"), "HTTP %d: %s", http, text ? text : "(null)");
    kcr_string_free(text);
    text = NULL;
    WORKS(kcr_client_request(client, "GET", "/apis/example.sealyun.com/v1alpha1/projects", NULL, 0, "{\"query\":{\"limit\":\"1\"}}", &text, NULL, NULL, &error),
          error, "GET with a query");
    kcr_string_free(text);
    text = NULL;
    EXPECT(kcr_client_request(client, "GET", "/apis/no.such.group/v1", NULL, 0, NULL, &text, NULL, NULL, &error), KCR_ERR_NOT_FOUND, error, NULL, "an unknown path");
    CHECK(text == NULL, "no text on failure");
}

static void all_of_it(const char *how, const char *kubeconfig) {
    printf("--- %s\n", how);
    client = open_client(kubeconfig, external ? QUICK_EXTERNAL : QUICK);
    fresh_namespace(client, "crud", ns);
    RUN(one_object_lives_and_dies);
    RUN(lists_come_whole_and_in_pages);
    RUN(namespaces_follow_rule_five);
    RUN(kubectl_names_resolve);
    RUN(requests_reach_any_path);
    kcr_client_free(client);
}

int main(int argc, char **argv) {
    const char *kubeconfig = kubeconfig_of(argc, argv);
    all_of_it("thread mode, blocking verbs", kubeconfig);
    calling = true;
    all_of_it("thread mode, calls", kubeconfig);
    external = true;
    all_of_it("external mode, calls", kubeconfig);
    calling = false;
    all_of_it("external mode, blocking verbs", kubeconfig);
    return finish();
}
