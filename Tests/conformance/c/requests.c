/* Cases: any request, any content. */
#include "conformance.h"

#define COLLECTION "/apis/example.sealyun.com/v1alpha1/namespaces/" NS "/projects"

static void request_reaches_any_path(void) {
    struct answer version = request(admin, "GET", "/version", NULL);
    works(version, "GET /version");
    expect(version.http == 200, "HTTP status %d", version.http);
    expect(*text_at(version.object, "/gitVersion") != 0, "/version has no gitVersion");
    fails(request(admin, "GET", "/no-such-path", NULL), KCR_ERR_NOT_FOUND, 404, NULL, "GET of no path");
}

static void request_carries_any_method(void) {
    const char *one = text(COLLECTION "/%s", self());
    const char *body = text("{\"apiVersion\":\"example.sealyun.com/v1alpha1\",\"kind\":\"Project\",\"metadata\":%s,\"spec\":{\"replicas\":1}}", metadata(0, ""));
    struct answer posted = request(admin, "POST", COLLECTION, body);
    works(posted, "POST");
    expect(posted.http == 201, "POST: HTTP status %d", posted.http);
    struct answer patched = ask(admin, "PATCH", one, "{\"spec\":{\"replicas\":2}}", "{\"contentType\":\"application/merge-patch+json\"}");
    works(patched, "PATCH");
    expect(replicas_of(patched.object) == 2, "PATCH: replicas %" PRId64, replicas_of(patched.object));
    const char *changed = text("{\"apiVersion\":\"example.sealyun.com/v1alpha1\",\"kind\":\"Project\",\"metadata\":%s,\"spec\":{\"replicas\":3}}",
                               metadata(0, text(",\"resourceVersion\":\"%s\"", kcr_object_resource_version(patched.object))));
    struct answer put = request(admin, "PUT", one, changed);
    works(put, "PUT");
    expect(replicas_of(put.object) == 3, "PUT: replicas %" PRId64, replicas_of(put.object));
    struct answer got = request(admin, "GET", one, NULL);
    same(kcr_object_resource_version(got.object), kcr_object_resource_version(put.object), "GET: resourceVersion");
    works(request(admin, "DELETE", one, NULL), "DELETE");
    fails(request(admin, "GET", one, NULL), KCR_ERR_NOT_FOUND, 404, "NotFound", "GET after the DELETE");
}

static void request_gives_text(void) {
    struct answer health = request(admin, "GET", "/healthz", NULL);
    works(health, "GET /healthz");
    same(health.content, "ok", "/healthz");
    expect(health.length == 2 && health.http == 200, "%zu bytes, HTTP status %d", health.length, health.http);
}

static void request_asks_for_the_head(void) {
    made(0, 1);
    struct answer head = ask(admin, "HEAD", text(COLLECTION "/%s", self()), NULL, NULL);
    works(head, "HEAD");
    expect(head.http == 200 && head.length == 0, "HTTP status %d, %zu bytes", head.http, head.length);
    fails(ask(admin, "HEAD", text(COLLECTION "/%s", name(1)), NULL, NULL), KCR_ERR_NOT_FOUND, 404, "", "HEAD of nothing");
}

static void request_takes_a_query(void) {
    made(1, 1), made(2, 2), made(3, 3);
    const char *options = text("{\"query\":{\"labelSelector\":\"conformance in (%s)\",\"limit\":\"2\"}}", self());
    struct answer answer = ask(admin, "GET", COLLECTION, NULL, options);
    works(answer, "a query in the options");
    same(text_at(answer.object, "/items/1/metadata/name"), name(2), "the second object");
    expect(!has(answer.object, "/items/2") && *text_at(answer.object, "/metadata/continue"), "the limit did not travel");
    struct answer both = ask(admin, "GET", COLLECTION "?limit=1", NULL, text("{\"query\":{\"labelSelector\":\"conformance=%s\"}}", self()));
    works(both, "a query in the path, and one in the options");
    expect(has(both.object, "/items/0") && !has(both.object, "/items/1"), "one of the queries did not travel");
    struct answer odd = ask(admin, "GET", COLLECTION, NULL, "{\"query\":{\"labelSelector\":\"colour=a&b=c+d %25\"}}");
    fails(odd, KCR_ERR_BAD_REQUEST, 400, "BadRequest", "an odd value");
    says(odd, "unable to parse requirement", "an odd value");
}

static void request_takes_yaml(void) {
    const char *yaml = text("apiVersion: example.sealyun.com/v1alpha1\nkind: Project\nmetadata:\n  name: %s\n  labels: {conformance: %s}\nspec:\n  replicas: 7\n", self(), self());
    struct answer answer = ask(admin, "POST", COLLECTION, yaml, "{\"contentType\":\"application/yaml\"}");
    works(answer, "POST of YAML");
    expect(replicas_of(answer.object) == 7, "replicas %" PRId64, replicas_of(answer.object));
}

static void request_gives_any_content(void) {
    struct answer metrics = ask(admin, "GET", "/metrics", NULL, "{\"accept\":\"text/plain\"}");
    works(metrics, "GET /metrics");
    expect(strstr(metrics.content, "# TYPE ") != NULL, "the metrics begin with: %.80s", metrics.content);
    expect(metrics.length > 10000 && metrics.length == strlen(metrics.content), "%zu bytes, a NUL after %zu", metrics.length, strlen(metrics.content));
    made(0, 1);
    struct answer yaml = ask(admin, "GET", text(COLLECTION "/%s", self()), NULL, "{\"accept\":\"application/yaml\"}");
    works(yaml, "GET of YAML");
    expect(strstr(yaml.content, "\nkind: Project\n") != NULL, "it begins with: %.80s", yaml.content);
}

static void request_refuses_bad_arguments(void) {
    const struct {
        const char *method, *path, *options;
    } wrong[] = {{"GET", "version", NULL}, {"GET", "", NULL}, {"G E T", "/version", NULL}, {"", "/version", NULL}, {"GET", "/a b", NULL}, {"GET", "/version\r\nX: y", NULL},
                 {"GET", "/version", "{\"headers\":{\"Authorization\":\"Bearer x\"}}"}, {"GET", "/version", "{\"headers\":{\"X\":\"a\\r\\nY: b\"}}"},
                 {"GET", "/version", "{\"accept\":\"a\\nb\"}"}, {"GET", "/version", "{\"colour\":1}"}, {"GET", "/version", "{\"query\":7}"}};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++)
        fails(ask(admin, wrong[i].method, wrong[i].path, NULL, wrong[i].options), KCR_ERR_ARGUMENT, 0, "", text("number %zu", i));
}

const struct conformance_case request_cases[] = {
    {"request-reaches-any-path", request_reaches_any_path},
    {"request-carries-any-method", request_carries_any_method},
    {"request-gives-text", request_gives_text},
    {"request-asks-for-the-head", request_asks_for_the_head},
    {"request-takes-a-query", request_takes_a_query},
    {"request-takes-yaml", request_takes_yaml},
    {"request-gives-any-content", request_gives_any_content},
    {"request-refuses-bad-arguments", request_refuses_bad_arguments},
    {NULL, NULL},
};
