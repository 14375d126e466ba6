/* Cases: the options of get and list beyond the plain ones. */
#include "conformance.h"

static struct answer select_with(const char *key, const char *selector) {
    return list(admin, PROJECTS, text("{%s:%s}", quoted(key), quoted(selector)));
}

static void list_by_odd_selectors(void) {
    static const char *const labels[] = {"\"example.com/tier\":\"v1.2_3-x\"", "\"example.com/tier\":\"\"", "\"example.com/tier\":\"9\",\"in\":\"notin\"", "\"x\":\"y\""};
    for (int i = 1; i <= 4; i++) {
        const char *body = text("{\"metadata\":{\"name\":\"%s\",\"labels\":{\"conformance\":\"%s\",%s}},\"spec\":{\"replicas\":1}}", name(i), self(), labels[i - 1]);
        works(create(admin, PROJECTS, body, NULL), "a create");
    }
    static const char *const selectors[][2] = {
        {"example.com/tier=v1.2_3-x", "1"}, {"example.com/tier in (v1.2_3-x,)", "1 2"}, {"example.com/tier=", "2"}, {"example.com/tier!=", "1 3 4"},
        {"example.com/tier notin ( v1.2_3-x , 9 )", "2 4"}, {"example.com/tier>8", "3"}, {"example.com/tier<8", ""}, {"example.com/tier in ()", "2"},
        {"in in (notin)", "3"}, {"example.com/tier,!in", "1 2"}, {" x = y ", "4"},
    };
    for (size_t i = 0; i < sizeof selectors / sizeof *selectors; i++) {
        struct answer answer = select_with("labelSelector", text("conformance=%s,%s", self(), selectors[i][0]));
        works(answer, selectors[i][0]);
        same(names(answer.list), selectors[i][1], selectors[i][0]);
    }
}

static void list_refuses_bad_selectors(void) {
    static const char *const bad[][2] = {
        {"colour=a&b", "\"a&b\""}, {"colour=a&limit=1", "a&limit"}, {"colour=gr\303\266\303\237e", "\"gr\303\266\303\237e\""},
        {"colour=50%25", "50%25"}, {"colour=a+b", "a+b"}, {"colour=a#b", "a#b"}, {"colour in", "unable to parse"}, {"a/b/c=d", "a/b/c"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        struct answer answer = select_with("labelSelector", bad[i][0]);
        fails(answer, KCR_ERR_BAD_REQUEST, 400, "BadRequest", bad[i][0]);
        says(answer, bad[i][1], bad[i][0]);
    }
}

static void list_not_older_than(void) {
    made(1, 1);
    const char *version = kcr_object_resource_version(made(2, 2));
    struct answer answer = list(admin, PROJECTS, text("{\"labelSelector\":\"conformance=%s\",\"resourceVersion\":\"%s\",\"resourceVersionMatch\":\"NotOlderThan\"}", self(), version));
    works(answer, "the list");
    expect(kcr_list_count(answer.list) == 2, "%zu objects", kcr_list_count(answer.list)); /* in the order of the server's cache */
    struct answer paged = list(admin, PROJECTS, text("{\"labelSelector\":\"conformance=%s\",\"resourceVersion\":\"0\",\"resourceVersionMatch\":\"NotOlderThan\",\"limit\":500,"
                                                     "\"timeoutSeconds\":20,\"timeoutMs\":20000,\"fieldSelector\":\"metadata.name=%s\",\"metadataOnly\":false,\"shardSelector\":"
                                                     "\"shardRange(object.metadata.uid, '0x0000000000000000', '0xffffffffffffffff')\"}", self(), name(1)));
    works(paged, "a list with every option");
    same(names(paged.list), "1", "the object");
}

static void list_refuses_bad_versions(void) {
    made(0, 1);
    fails_at(list(admin, PROJECTS, "{\"resourceVersionMatch\":\"Exact\"}"), "resourceVersionMatch", "a match without a version");
    fails_at(list(admin, PROJECTS, "{\"resourceVersionMatch\":\"Sideways\",\"resourceVersion\":\"5\"}"), "resourceVersionMatch", "an unknown match");
    struct answer many = list(admin, PROJECTS, "{\"resourceVersion\":\"many\"}");
    expect(many.status == KCR_ERR_BAD_REQUEST || many.status == KCR_ERR_SERVER, "a version that is no number: %s", kcr_status_name(many.status));
    says(many, "parsing \"many\"", "a version that is no number");
    kcr_client *client = client_of(NULL, "{\"maxRetries\":0}");
    struct answer future = list(client, PROJECTS, "{\"resourceVersion\":\"999999999\",\"resourceVersionMatch\":\"NotOlderThan\"}");
    fails(future, KCR_ERR_UNAVAILABLE, 504, "Timeout", "a version of the future");
    same(text_at(status_of(future), "/details/causes/0/reason"), "ResourceVersionTooLarge", "the cause");
    expect(kcr_error_is_retryable(future.error) && kcr_error_retry_after_ms(future.error) == 1000, "it should be tried again after %" PRId64 " ms",
           kcr_error_retry_after_ms(future.error));
}

static void list_page_at_a_version_is_refused(void) {
    made(1, 1), made(2, 2);
    struct answer first = list(admin, PROJECTS, text("{\"labelSelector\":\"conformance=%s\",\"limit\":1}", self()));
    works(first, "the first page");
    struct answer second = list(admin, PROJECTS, text("{\"labelSelector\":\"conformance=%s\",\"limit\":1,\"continue\":%s,\"resourceVersion\":\"%s\"}", self(),
                                                      quoted(kcr_list_continue(first.list)), kcr_list_resource_version(first.list)));
    fails(second, KCR_ERR_BAD_REQUEST, 400, "BadRequest", "a page with continue and resourceVersion");
}

static void get_at_a_version(void) {
    const kcr_object *object = made(0, 1);
    /* What the server's cache holds, which may lag. */
    EVENTUALLY(get_with(admin, PROJECTS, NS, self(), "{\"resourceVersion\":\"0\"}").status == KCR_OK, 10000, "it is not to be had at any version");
    struct answer at_own = get_with(admin, PROJECTS, NS, self(), text("{\"resourceVersion\":\"%s\",\"timeoutMs\":20000}", kcr_object_resource_version(object)));
    works(at_own, "at its version");
    same(kcr_object_resource_version(at_own.object), kcr_object_resource_version(object), "the version");
    kcr_client *client = client_of(NULL, "{\"maxRetries\":0}");
    struct answer future = get_with(client, PROJECTS, NS, self(), "{\"resourceVersion\":\"999999999\"}");
    fails(future, KCR_ERR_UNAVAILABLE, 504, "Timeout", "at a version of the future");
    struct answer many = get_with(client, PROJECTS, NS, self(), "{\"resourceVersion\":\"many\"}");
    fails(many, KCR_ERR_SERVER, 500, "", "at a version that is no number");
    says(many, "parsing \"many\"", "at a version that is no number");
    static const char *const wrong[] = {"{\"resourceVersion\":7}", "{\"labelSelector\":\"a\"}", "{\"colour\":1}", "[]", "{", "{\"timeoutMs\":0}", "{\"timeoutMs\":\"1\"}", "{\"pretty\":true}"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) fails(get_with(admin, PROJECTS, NS, self(), wrong[i]), KCR_ERR_ARGUMENT, 0, "", wrong[i]);
}

static void is_metadata_only(const kcr_object *object, const char *what) {
    same(text_at(object, "/kind"), "PartialObjectMetadata", text("%s: kind", what));
    same(text_at(object, "/metadata/labels/conformance"), self(), text("%s: label", what));
    expect(!has(object, "/spec"), "%s: there is a spec", what);
    expect(kcr_object_is_partial(object) == 1, "%s: it does not say that it is partial", what);
}

static void metadata_only(void) {
    made(1, 1), made(2, 2);
    struct answer got = get_with(admin, PROJECTS, NS, name(1), "{\"metadataOnly\":true}");
    works(got, "the get");
    is_metadata_only(got.object, "the get");
    struct answer listed = list(admin, PROJECTS, text("{\"labelSelector\":\"conformance=%s\",\"metadataOnly\":true}", self()));
    works(listed, "the list");
    same(names(listed.list), "1 2", "the list");
    for (size_t i = 0; i < kcr_list_count(listed.list); i++) is_metadata_only(kcr_list_at(listed.list, i), "an item");
    struct answer page = list(admin, PROJECTS, text("{\"labelSelector\":\"conformance=%s\",\"metadataOnly\":true,\"limit\":1}", self()));
    expect(kcr_list_count(page.list) == 1 && *kcr_list_continue(page.list), "a page: %zu objects", kcr_list_count(page.list));
    fails(get_with(admin, PROJECTS, NS, self(), "{\"metadataOnly\":true}"), KCR_ERR_NOT_FOUND, 404, "NotFound", "a get of nothing");
    expect(!kcr_object_is_partial(get_with(admin, PROJECTS, NS, name(1), "{\"metadataOnly\":false}").object), "it is partial without having been asked for");
}

const struct conformance_case list_cases[] = {
    {"list-by-odd-selectors", list_by_odd_selectors},
    {"list-refuses-bad-selectors", list_refuses_bad_selectors},
    {"list-not-older-than", list_not_older_than},
    {"list-refuses-bad-versions", list_refuses_bad_versions},
    {"list-page-at-a-version-is-refused", list_page_at_a_version_is_refused},
    {"get-at-a-version", get_at_a_version},
    {"metadata-only", metadata_only},
    {NULL, NULL},
};
