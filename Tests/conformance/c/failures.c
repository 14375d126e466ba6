/* Cases: what a failure tells, and what fails before or without a server's answer. */
#include "conformance.h"

#include <stdlib.h>

static void failure_carries_the_status(void) {
    const kcr_object *status = status_of(get(admin, PROJECTS, self()));
    same(text_at(status, "/kind"), "Status", "kind");
    same(text_at(status, "/status"), "Failure", "status");
    same(text_at(status, "/reason"), "NotFound", "reason");
    same(text_at(status, "/details/name"), self(), "details.name");
    same(text_at(status, "/details/kind"), "projects", "details.kind");
    same(text_at(status, "/details/group"), "example.sealyun.com", "details.group");
    expect(int_at(status, "/code") == 404, "code %" PRId64, int_at(status, "/code"));
}

static void unreachable_is_connect(void) {
    kcr_client *client = client_of("{\"source\":\"none\",\"server\":\"https://127.0.0.1:1\"}", "{\"maxRetries\":0}");
    struct answer answer = get(client, PROJECTS, self());
    fails(answer, KCR_ERR_CONNECT, 0, "", "a get from nobody");
    expect(strstr(kcr_error_message(answer.error), "127.0.0.1:1") != NULL, "the message names no address: %s", kcr_error_message(answer.error));
}

static void silence_is_a_time_out(void) {
    int port = 0, listener = silent_server(&port);
    if (!expect(listener >= 0, "a listening socket could not be made")) return;
    kcr_client *client = client_of(text("{\"source\":\"none\",\"insecureSkipTLSVerify\":true,\"server\":\"https://127.0.0.1:%d\"}", port), "{\"timeoutMs\":500}");
    int64_t began = now_ms();
    fails(get(client, PROJECTS, self()), KCR_ERR_TIMEOUT, 0, "", "a get from a silent server");
    int64_t took = now_ms() - began;
    expect(took >= 490 && took < patient(5000), "it took %" PRId64 " ms", took);
    began = now_ms();
    fails(get_with(client, PROJECTS, NS, self(), "{\"timeoutMs\":200}"), KCR_ERR_TIMEOUT, 0, "", "a get with a time-out of its own");
    took = now_ms() - began;
    expect(took >= 190 && took < patient(5000), "the call's own time-out took %" PRId64 " ms", took);
    close_server(listener);
}

static void names_stay_in_their_path(void) {
    static const char *const bad[] = {"..", "a/b", "%2e%2e", ""};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        fails(get(admin, PROJECTS, bad[i]), KCR_ERR_ARGUMENT, 0, "", text("a get of \"%s\"", bad[i]));
}

/* Requests that every server refuses, and how each refusal is classified: the table at the top of kubecr.h. */
static void refusals_have_their_codes(void) {
    const char *projects = "/apis/" "example.sealyun.com/v1alpha1/namespaces/" NS "/projects", *one = text("%s/%s", projects, self());
    const char *body = text("{\"apiVersion\":\"example.sealyun.com/v1alpha1\",\"kind\":\"Project\",\"metadata\":{\"name\":\"%s\"},\"spec\":{\"replicas\":1}}", self());
    const char *other = text("{\"apiVersion\":\"example.sealyun.com/v1alpha1\",\"kind\":\"Project\",\"metadata\":{\"name\":\"%s\",\"resourceVersion\":\"1\"},\"spec\":{\"replicas\":2}}", self());
    const struct {
        const char *method, *path, *body, *options;
        kcr_status status;
        int32_t http;
        const char *reason;
    } refusals[] = {
        {"GET", text("%s?limit=1&continue=garbage", projects), NULL, NULL, KCR_ERR_BAD_REQUEST, 400, "BadRequest"},
        {"POST", projects, "{\"a\"", NULL, KCR_ERR_BAD_REQUEST, 400, "BadRequest"},
        {"GET", text("%s-2", one), NULL, NULL, KCR_ERR_NOT_FOUND, 404, "NotFound"},
        {"GET", "/apis/nothing.example.com/v1/things", NULL, NULL, KCR_ERR_NOT_FOUND, 404, ""},
        {"POST", "/version", "{}", NULL, KCR_ERR_BAD_REQUEST, 405, "MethodNotAllowed"},
        {"PUT", CRDS, "{}", NULL, KCR_ERR_BAD_REQUEST, 405, "MethodNotAllowed"},
        {"GET", one, NULL, "{\"accept\":\"application/xml\"}", KCR_ERR_BAD_REQUEST, 406, "NotAcceptable"},
        {"POST", projects, body, NULL, KCR_ERR_ALREADY_EXISTS, 409, "AlreadyExists"},
        {"PUT", one, other, NULL, KCR_ERR_CONFLICT, 409, "Conflict"},
        {"POST", projects, body, "{\"contentType\":\"text/plain\"}", KCR_ERR_BAD_REQUEST, 415, "UnsupportedMediaType"},
        {"PATCH", one, "{\"spec\":null}", "{\"contentType\":\"application/merge-patch+json\"}", KCR_ERR_INVALID, 422, "Invalid"},
    };
    made(0, 1);
    for (size_t i = 0; i < sizeof refusals / sizeof *refusals; i++) {
        struct answer answer = ask(admin, refusals[i].method, refusals[i].path, refusals[i].body, refusals[i].options);
        const char *what = text("%s %s, %d", refusals[i].method, refusals[i].path, refusals[i].http);
        fails(answer, refusals[i].status, refusals[i].http, refusals[i].reason, what);
        expect((kcr_error_status_json(answer.error, NULL) != NULL) == (*refusals[i].reason != 0), "%s: a Status is given or missing", what);
        expect(!kcr_error_is_retryable(answer.error), "%s: it should be tried again", what);
        expect(kcr_error_retry_after_ms(answer.error) == -1, "%s: it asks to wait", what);
    }
}

static void forbidden_names_user_and_resource(void) {
    struct answer answer = get(client_of_file("KUBECR_DENIED"), PROJECTS, self());
    fails(answer, KCR_ERR_FORBIDDEN, 403, "Forbidden", "the denied user's get");
    says(answer, "kubecr-denied", "the user");
    says(answer, "cannot get resource \"projects\"", "the verb and the resource");
    same(text_at(status_of(answer), "/details/name"), self(), "details.name");
    same(text_at(status_of(answer), "/details/kind"), "projects", "details.kind");
}

/* A VirtulMachine of so many bytes, in one string. */
static char *big_machine(size_t length) {
    const char *begin = text("{\"apiVersion\":\"infra.sealyun.com/v1\",\"kind\":\"VirtulMachine\",\"metadata\":%s,\"spec\":{\"cpu\":\"1\",\"memory\":\"", metadata(0, ""));
    char *body = malloc(length + 1);
    if (!body) abort();
    memset(body, 'x', length);
    memcpy(body, begin, strlen(begin));
    strcpy(body + length - 3, "\"}}");
    return body;
}

static void three_mebibytes_go_out_whole(void) {
    enum { LENGTH = 3100000 };
    char *body = big_machine(LENGTH);
    struct answer answer = create(admin, MACHINES, body, NULL);
    free(body);
    if (answer.status == KCR_OK) {
        size_t sent = strlen(text_at(get(admin, MACHINES, self()).object, "/spec/memory"));
        expect(sent > LENGTH - 500 && sent == strlen(text_at(answer.object, "/spec/memory")), "%zu characters came back", sent);
    } else {
        fails(answer, KCR_ERR_SERVER, 500, "", "three mebibytes");
        says(answer, "larger than max", "the refusal");
        fails(get(admin, MACHINES, self()), KCR_ERR_NOT_FOUND, 404, "NotFound", "a get of what was refused");
    }
}

static void body_too_large_is_refused_with_words(void) {
    char *body = big_machine(4000000);
    struct answer answer = create(admin, MACHINES, body, NULL);
    free(body);
    fails(answer, KCR_ERR_BAD_REQUEST, 413, "RequestEntityTooLarge", "four megabytes");
    says(answer, "limit is 3145728", "the refusal");
    works(list(admin, PROJECTS, labelled()), "a list afterwards");
}

static void bodies_that_disagree_are_refused(void) {
    made(0, 1);
    static const char *const bodies[] = {"{\"metadata\":{\"name\":\"another\"}}", "{\"metadata\":{\"name\":\"%s\",\"namespace\":\"another\"}}",
                                         "[]", "{", ""};
    for (size_t i = 0; i < sizeof bodies / sizeof *bodies; i++) {
        const char *hole = strstr(bodies[i], "%s");
        const char *body = hole ? text("%.*s%s%s", (int)(hole - bodies[i]), bodies[i], self(), hole + 2) : bodies[i];
        fails(replace(PROJECTS, self(), body), KCR_ERR_ARGUMENT, 0, "", text("a replace with %s", body));
    }
}

static void impersonated_user_is_who_asks(void) {
    const char *kubeconfig = quoted(getenv("KUBECONFIG"));
    kcr_client *nobody = client_of(text("{\"kubeconfig\":%s,\"as\":\"nobody\"}", kubeconfig), NULL);
    struct answer answer = get(nobody, PROJECTS, self());
    fails(answer, KCR_ERR_FORBIDDEN, 403, "Forbidden", "nobody's get");
    says(answer, "User \"nobody\"", "who asks");
    kcr_client *master = client_of(text("{\"kubeconfig\":%s,\"as\":\"nobody\",\"asGroups\":[\"system:masters\"]}", kubeconfig), NULL);
    works(list(master, PROJECTS, labelled()), "nobody's list, of system:masters");
    struct answer by_header = ask(admin, "GET", "/apis/" PROJECTS, NULL, "{\"headers\":{\"Impersonate-User\":\"nobody\"}}");
    fails(by_header, KCR_ERR_FORBIDDEN, 403, "Forbidden", "a request with the header");
}

const struct conformance_case failure_cases[] = {
    {"failure-carries-the-status", failure_carries_the_status},
    {"unreachable-is-connect", unreachable_is_connect},
    {"silence-is-a-time-out", silence_is_a_time_out},
    {"names-stay-in-their-path", names_stay_in_their_path},
    {"refusals-have-their-codes", refusals_have_their_codes},
    {"forbidden-names-user-and-resource", forbidden_names_user_and_resource},
    {"impersonated-user-is-who-asks", impersonated_user_is_who_asks},
    {"bodies-that-disagree-are-refused", bodies_that_disagree_are_refused},
    {"three-mebibytes-go-out-whole", three_mebibytes_go_out_whole},
    {"body-too-large-is-refused-with-words", body_too_large_is_refused_with_words},
    {NULL, NULL},
};
