/* Manifests without a server: what kcr_list_from_yaml reads, refuses, and how it says where. */
#include "check.h"

static kcr_list *parse(const char *text) {
    kcr_error *error = NULL;
    kcr_list *list = NULL;
    WORKS(kcr_list_from_yaml(text, KCR_AUTO_LEN, &list, &error), error, "a manifest");
    return list;
}

static void refused(const char *text, size_t length, const char *fragment) {
    kcr_error *error = NULL;
    kcr_list *list = NULL;
    EXPECT(kcr_list_from_yaml(text, length, &list, &error), KCR_ERR_DECODE, error, fragment, fragment);
    CHECK(!list, "no list with an error");
}

#define OBJECT(name) "apiVersion: v1\nkind: ConfigMap\nmetadata: {name: " name "}\n"

static void documents_and_lists_become_objects(void) {
    kcr_list *list = parse("# a comment\n" OBJECT("a") "---\n---\n" OBJECT("b") "...\n---\napiVersion: v1\nkind: List\nitems:\n- {apiVersion: v1, kind: Pod, "
                           "metadata: {name: c, namespace: space}}\n- {apiVersion: v1, kind: Pod, metadata: {generateName: d-}}\n");
    CHECK(kcr_list_count(list) == 4, "%zu objects, not 4", kcr_list_count(list));
    CHECK_TEXT(kcr_object_json(kcr_list_at(list, 0), NULL), "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"a\"}}", "the first");
    CHECK_TEXT(kcr_object_key(kcr_list_at(list, 2)), "space/c", "the third key");
    CHECK_TEXT(kcr_object_name(kcr_list_at(list, 3)), "", "a name that the server makes");
    CHECK_TEXT(kcr_list_resource_version(list), "", "the resourceVersion");
    CHECK_TEXT(kcr_list_continue(list), "", "the token");
    CHECK(!kcr_list_at(list, 4), "nothing behind the end");
    kcr_list_free(list);
    list = parse("{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"a\"}}\n{\"apiVersion\":\"v1\",\"kind\":\"Pod\",\"metadata\":{\"name\":\"b\"}}");
    CHECK(kcr_list_count(list) == 2, "%zu JSON objects, not 2", kcr_list_count(list));
    kcr_list_free(list);
    for (size_t i = 0; i < 3; i++) {
        list = parse((const char *[]){"", "---\n", "# nothing\n---\n"}[i]);
        CHECK(kcr_list_count(list) == 0, "a manifest of nothing has no objects");
        kcr_list_free(list);
    }
}

static void scalars_are_typed_as_kubectl_types_them(void) {
    kcr_list *list = parse(OBJECT("a") "v: [yes, 'yes', 0x1F, 0o17, 1_000, 1e3, .5, ~, 2001-01-01, 12:30, \"\\u00e9\", 123456789012345678901234567890, !!str 5]\n"
                                       "base: &b {x: 1}\nmerged: {<<: *b, z: 2}\nblock: |\n  a\n  b\nfolded: >-\n  a\n  b\n");
    CHECK_TEXT(kcr_object_json(kcr_list_at(list, 0), NULL),
               "{\"apiVersion\":\"v1\",\"kind\":\"ConfigMap\",\"metadata\":{\"name\":\"a\"},\"v\":[true,\"yes\",31,15,1000,1000,0.5,null,"
               "\"2001-01-01\",\"12:30\",\"\xc3\xa9\",123456789012345678901234567890,\"5\"],\"base\":{\"x\":1},\"merged\":{\"z\":2,\"x\":1},"
               "\"block\":\"a\\nb\\n\",\"folded\":\"a b\"}",
               "the typed object");
    kcr_list_free(list);
}

static void errors_name_document_and_line(void) {
    refused(OBJECT("a") "---\n" OBJECT("b") "---\nkind: [\n---\n" OBJECT("c"), KCR_AUTO_LEN, "document 3, line 10");
    refused(OBJECT("a") "---\nkind: ConfigMap\n", KCR_AUTO_LEN, "document 2 (line 5): the object has no apiVersion");
    refused(OBJECT("a") "---\napiVersion: v1\nmetadata: {name: b}\n", KCR_AUTO_LEN, "document 2 (line 5): the object has no kind");
    refused("apiVersion: v1\nkind: Pod\nmetadata: {}\n", KCR_AUTO_LEN, "document 1 (line 1): the Pod has no metadata.name");
    refused(OBJECT("a") "kind: Pod\n", KCR_AUTO_LEN, "document 1, line 4, column 1: duplicate key \"kind\"");
    refused("{\"a\":1}\n{\"b\":}x\n", KCR_AUTO_LEN, "line 2");
    refused("- a\n", KCR_AUTO_LEN, "it is an array, not an object");
    refused(OBJECT("'..'"), KCR_AUTO_LEN, "\"..\" can't be a metadata.name");
    refused(OBJECT("a/b"), KCR_AUTO_LEN, "metadata.name");
    refused("a: \0b\n", 6, "document 1, line 1");
    refused("a: \xff\n", KCR_AUTO_LEN, "document 1, line 1");
}

/* Row 102: time and memory stay small. */
static void fault102_bombs_are_refused(void) {
    char bomb[2048];
    size_t at = (size_t)snprintf(bomb, sizeof bomb, "a: &a [x,x,x,x,x,x,x,x,x,x]\n");
    for (char name = 'b'; name < 'k'; name++) {
        at += (size_t)snprintf(bomb + at, sizeof bomb - at, "%c: &%c [", name, name);
        for (int i = 0; i < 10; i++) at += (size_t)snprintf(bomb + at, sizeof bomb - at, "%s*%c", i ? "," : "", name - 1);
        at += (size_t)snprintf(bomb + at, sizeof bomb - at, "]\n");
    }
    int64_t began = now_ms();
    refused(bomb, at, "aliases expand to too much");
    size_t depth = 200000;
    char *deep = malloc(2 * depth);
    memset(deep, '[', depth);
    memset(deep + depth, ']', depth);
    refused(deep, 2 * depth, "nested deeper");
    free(deep);
    size_t size = (16u << 20) + 1;
    char *large = malloc(size);
    memset(large, ' ', size);
    refused(large, size, "larger than");
    free(large);
    CHECK(now_ms() - began < 1000 * patience(), "refusing took %d ms", (int)(now_ms() - began));
}

static void megabytes_are_read(void) {
    size_t count = 20000 / (size_t)patience(), size = count * 220;
    char *text = malloc(size);
    size_t at = 0;
    for (size_t i = 0; i < count; i++)
        at += (size_t)snprintf(text + at, size - at,
                               "---\napiVersion: v1\nkind: ConfigMap\nmetadata:\n  name: map-%zu\n  labels: {app: web, tier: \"%zu\"}\ndata:\n  key: |\n    some text that "
                               "is a line\n    and another line of it\n",
                               i, i % 7);
    int64_t began = now_ms();
    kcr_error *error = NULL;
    kcr_list *list = NULL;
    WORKS(kcr_list_from_yaml(text, at, &list, &error), error, "a large manifest");
    CHECK(kcr_list_count(list) == count, "%zu objects of %zu", kcr_list_count(list), count);
    printf("     %zu objects, %.1f MB: %d ms\n", count, (double)at / 1e6, (int)(now_ms() - began));
    kcr_list_free(list);
    free(text);
}

static void bad_arguments_are_refused(void) {
    kcr_error *error = NULL;
    kcr_list *list = NULL;
    EXPECT(kcr_list_from_yaml(NULL, 0, &list, &error), KCR_ERR_ARGUMENT, error, "yaml", "no text");
    EXPECT(kcr_list_from_yaml("a", 1, NULL, &error), KCR_ERR_ARGUMENT, error, "out", "no output");
    EXPECT(kcr_list_from_yaml("a", (size_t)-2, &list, &error), KCR_ERR_ARGUMENT, error, "negative", "a negative length");
    CHECK(kcr_list_from_yaml("a: [", KCR_AUTO_LEN, &list, NULL) == KCR_ERR_DECODE, "an error that nobody wants");
}

int main(void) {
    RUN(documents_and_lists_become_objects);
    RUN(scalars_are_typed_as_kubectl_types_them);
    RUN(errors_name_document_and_line);
    RUN(fault102_bombs_are_refused);
    RUN(megabytes_are_read);
    RUN(bad_arguments_are_refused);
    return finish();
}
