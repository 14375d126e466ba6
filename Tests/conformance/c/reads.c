/* Cases: get and list. */
#include "conformance.h"

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

const struct conformance_case read_cases[] = {
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
    {NULL, NULL},
};
