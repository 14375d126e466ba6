/* Cases: patches and applies of one object. */
#include "conformance.h"
#include "pool.h"

static void merge_patch_sets_and_removes(void) {
    made(0, 1);
    works(merge(self(), "{\"metadata\":{\"labels\":{\"old\":\"1\"}}}"), "a first patch");
    struct answer answer = merge(self(), "{\"metadata\":{\"labels\":{\"old\":null,\"new\":\"2\"}},\"spec\":{\"replicas\":5}}");
    works(answer, "the patch");
    expect(!has(answer.object, "/metadata/labels/old"), "the old label is still there");
    same(text_at(answer.object, "/metadata/labels/new"), "2", "the new label");
    same(text_at(answer.object, "/metadata/labels/conformance"), self(), "the untouched label");
    expect(replicas_of(answer.object) == 5, "replicas %" PRId64, replicas_of(answer.object));
}

static struct answer json_patch(int tested) {
    return patch(admin, PROJECTS, self(), KCR_PATCH_JSON,
                 text("[{\"op\":\"test\",\"path\":\"/spec/replicas\",\"value\":%d},{\"op\":\"replace\",\"path\":\"/spec/replicas\",\"value\":7}]", tested), NULL);
}

static void json_patch_tests_first(void) {
    made(0, 1);
    struct answer failed = json_patch(2);
    fails(failed, KCR_ERR_INVALID, 422, NULL, "a patch whose test fails");
    expect(replicas_of(get(admin, PROJECTS, self()).object) == 1, "it has changed the object");
    struct answer answer = json_patch(1);
    works(answer, "a patch whose test holds");
    expect(replicas_of(answer.object) == 7, "replicas %" PRId64, replicas_of(answer.object));
}

static void patch_into_invalid_is_refused(void) {
    const kcr_object *first = made(0, 1);
    fails(merge(self(), "{\"spec\":{\"replicas\":0}}"), KCR_ERR_INVALID, 422, "Invalid", "a patch to replicas 0");
    same(kcr_object_resource_version(get(admin, PROJECTS, self()).object), kcr_object_resource_version(first), "the object's version");
}

static void strategic_patch_of_a_custom_resource_is_refused(void) {
    made(0, 1);
    fails(patch(admin, PROJECTS, self(), KCR_PATCH_STRATEGIC, "{\"spec\":{\"replicas\":2}}", NULL), KCR_ERR_BAD_REQUEST, 415, "UnsupportedMediaType",
          "a strategic merge patch");
}

static struct answer apply(int64_t replicas, const char *options) {
    return patch(admin, PROJECTS, self(), KCR_PATCH_APPLY,
                 text("{\"apiVersion\":\"example.sealyun.com/v1alpha1\",\"kind\":\"Project\",\"metadata\":%s,\"spec\":{\"replicas\":%" PRId64 "}}", metadata(0, ""), replicas),
                 options);
}

static void apply_creates_and_changes(void) {
    struct answer first = apply(1, "{\"fieldManager\":\"one\"}"), second = apply(2, "{\"fieldManager\":\"one\"}");
    works(first, "the first apply");
    expect(replicas_of(first.object) == 1 && *kcr_object_uid(first.object), "the first apply: %s", kcr_object_json(first.object, NULL));
    works(second, "the second apply");
    same(kcr_object_uid(second.object), kcr_object_uid(first.object), "uid");
    expect(replicas_of(second.object) == 2, "replicas %" PRId64, replicas_of(second.object));
}

/* What fieldManager `manager` owns: its entry in managedFields as text, "" for none. */
static const char *owned_by(const kcr_object *object, const char *manager) {
    for (int i = 0; has(object, text("/metadata/managedFields/%d", i)); i++) {
        char *fields = NULL;
        if (strcmp(text_at(object, text("/metadata/managedFields/%d/manager", i)), manager)) continue;
        if (kcr_object_get_json(object, text("/metadata/managedFields/%d/fieldsV1", i), &fields, NULL) != KCR_OK) continue;
        own(fields, OWN_STRING);
        return fields;
    }
    return "";
}

static void writes_tell_their_field_manager(void) {
    struct answer created = create(admin, PROJECTS, project(0, 1), "{\"fieldManager\":\"who-creates\"}");
    expect(strstr(owned_by(created.object, "who-creates"), "f:replicas") != NULL, "create: %s", kcr_object_json(created.object, NULL));
    struct answer patched = patch(admin, PROJECTS, self(), KCR_PATCH_MERGE, "{\"metadata\":{\"annotations\":{\"a\":\"1\"}}}", "{\"fieldManager\":\"who-patches\"}");
    expect(strstr(owned_by(patched.object, "who-patches"), "f:a") != NULL, "patch: %s", kcr_object_json(patched.object, NULL));
    const char *body = text("{\"metadata\":%s,\"spec\":{\"replicas\":5}}", metadata(0, text(",\"resourceVersion\":\"%s\"", kcr_object_resource_version(patched.object))));
    struct answer replaced = replace_with(PROJECTS, NS, self(), body, "{\"fieldManager\":\"who-replaces\"}");
    expect(strstr(owned_by(replaced.object, "who-replaces"), "f:replicas") != NULL, "replace: %s", kcr_object_json(replaced.object, NULL));
    made(1, 1);
    struct answer without = get(admin, PROJECTS, name(1));
    expect(strstr(kcr_object_json(without.object, NULL), "\"manager\":\"kubecr-conformance") || strstr(kcr_object_json(without.object, NULL), "\"manager\": \"kubecr-conformance"), "without the option it is not the userAgent: %s", kcr_object_json(without.object, NULL));
}

static void apply_removes_what_it_no_longer_states(void) {
    const char *stated = text("{\"apiVersion\":\"example.sealyun.com/v1alpha1\",\"kind\":\"Project\",\"metadata\":%s,\"spec\":{\"replicas\":1}}",
                              metadata(0, ",\"annotations\":{\"a\":\"1\",\"b\":\"2\"}"));
    works(patch(admin, PROJECTS, self(), KCR_PATCH_APPLY, stated, "{\"fieldManager\":\"one\"}"), "the first apply");
    works(merge(self(), "{\"metadata\":{\"annotations\":{\"c\":\"3\"}}}"), "another's annotation");
    stated = text("{\"apiVersion\":\"example.sealyun.com/v1alpha1\",\"kind\":\"Project\",\"metadata\":%s,\"spec\":{\"replicas\":1}}",
                  metadata(0, ",\"annotations\":{\"b\":\"2\"}"));
    struct answer second = patch(admin, PROJECTS, self(), KCR_PATCH_APPLY, stated, "{\"fieldManager\":\"one\"}");
    works(second, "the second apply");
    expect(!has(second.object, "/metadata/annotations/a"), "what is no longer stated is still there");
    expect(has(second.object, "/metadata/annotations/b") && has(second.object, "/metadata/annotations/c"), "what is stated, or another's, has gone");
}

static void apply_takes_yaml(void) {
    const char *yaml = text("apiVersion: example.sealyun.com/v1alpha1\nkind: Project\nmetadata:\n  name: %s\n  labels:\n    conformance: %s # mine\nspec:\n  replicas: 6\n", self(), self());
    struct answer answer = patch(admin, PROJECTS, self(), KCR_PATCH_APPLY, yaml, "{\"fieldManager\":\"one\"}");
    works(answer, "an apply of YAML");
    expect(replicas_of(answer.object) == 6, "replicas %" PRId64, replicas_of(answer.object));
}

static void apply_needs_a_field_manager(void) {
    struct answer answer = apply(1, NULL);
    if (answer.status == KCR_ERR_ARGUMENT) says(answer, "fieldManager", "the refusal");
    else fails_at(answer, "fieldManager", "an apply without a fieldManager");
    fails(get(admin, PROJECTS, self()), KCR_ERR_NOT_FOUND, 404, "NotFound", "a get afterwards");
}

static void force_is_for_apply(void) {
    made(0, 1);
    fails_at(patch(admin, PROJECTS, self(), KCR_PATCH_MERGE, "{}", "{\"force\":true}"), "force", "a merge patch with force");
}

static void apply_tells_conflicts(void) {
    works(apply(1, "{\"fieldManager\":\"one\"}"), "one's apply");
    fails(apply(2, "{\"fieldManager\":\"two\"}"), KCR_ERR_CONFLICT, 409, "Conflict", "two's apply");
    struct answer forced = apply(2, "{\"fieldManager\":\"two\",\"force\":true}");
    works(forced, "two's apply with force");
    expect(replicas_of(forced.object) == 2, "replicas %" PRId64, replicas_of(forced.object));
}

static void patch_dry_run_changes_nothing(void) {
    const kcr_object *first = made(0, 1);
    const struct {
        int32_t type;
        const char *body, *options;
    } patches[] = {
        {KCR_PATCH_MERGE, "{\"spec\":{\"replicas\":7}}", "{\"dryRun\":\"All\"}"},
        {KCR_PATCH_JSON, "[{\"op\":\"replace\",\"path\":\"/spec/replicas\",\"value\":7}]", "{\"dryRun\":[\"All\"]}"},
        {KCR_PATCH_APPLY, text("{\"apiVersion\":\"example.sealyun.com/v1alpha1\",\"kind\":\"Project\",\"metadata\":{\"name\":\"%s\"},\"spec\":{\"replicas\":7}}", self()),
         "{\"dryRun\":\"All\",\"fieldManager\":\"one\",\"force\":true}"},
    };
    for (size_t i = 0; i < sizeof patches / sizeof *patches; i++) {
        struct answer answer = patch(admin, PROJECTS, self(), patches[i].type, patches[i].body, patches[i].options);
        works(answer, patches[i].body);
        expect(replicas_of(answer.object) == 7, "%s: replicas %" PRId64, patches[i].body, replicas_of(answer.object));
    }
    same(kcr_object_resource_version(get(admin, PROJECTS, self()).object), kcr_object_resource_version(first), "the object's version");
}

static void json_patch_edits_anything(void) {
    made(0, 1);
    struct answer lists = patch(admin, PROJECTS, self(), KCR_PATCH_JSON,
                                "[{\"op\":\"add\",\"path\":\"/metadata/finalizers\",\"value\":[\"example.com/b\"]},{\"op\":\"add\",\"path\":\"/metadata/finalizers/-\",\"value\":"
                                "\"example.com/d\"},{\"op\":\"add\",\"path\":\"/metadata/finalizers/0\",\"value\":\"example.com/a\"},{\"op\":\"replace\",\"path\":"
                                "\"/metadata/finalizers/2\",\"value\":\"example.com/c\"},{\"op\":\"test\",\"path\":\"/metadata/finalizers\",\"value\":"
                                "[\"example.com/a\",\"example.com/b\",\"example.com/c\"]},{\"op\":\"remove\",\"path\":\"/metadata/finalizers/1\"}]", NULL);
    works(lists, "a patch of a list");
    same(text_at(lists.object, "/metadata/finalizers/0"), "example.com/a", "the first");
    same(text_at(lists.object, "/metadata/finalizers/1"), "example.com/c", "the second");
    fails(patch(admin, PROJECTS, self(), KCR_PATCH_JSON, "[{\"op\":\"test\",\"path\":\"/metadata/finalizers/1\",\"value\":\"example.com/a\"},"
                "{\"op\":\"remove\",\"path\":\"/metadata/finalizers\"}]", NULL), KCR_ERR_INVALID, 422, NULL, "a test of an element");
    works(patch(admin, PROJECTS, self(), KCR_PATCH_JSON, "[{\"op\":\"remove\",\"path\":\"/metadata/finalizers\"}]", NULL), "removing the list");
    struct answer keys = patch(admin, PROJECTS, self(), KCR_PATCH_JSON,
                               "[{\"op\":\"add\",\"path\":\"/metadata/annotations\",\"value\":{\"example.com/a\":\"1\"}},{\"op\":\"test\",\"path\":\"/metadata/annotations/example.com~1a\","
                               "\"value\":\"1\"},{\"op\":\"copy\",\"from\":\"/metadata/annotations/example.com~1a\",\"path\":\"/metadata/annotations/b\"},{\"op\":\"move\",\"from\":"
                               "\"/metadata/annotations/example.com~1a\",\"path\":\"/metadata/annotations/example.com~1c\"}]", NULL);
    works(keys, "a patch of keys with ~1");
    same(text_at(keys.object, "/metadata/annotations/b"), "1", "the copy");
    same(text_at(keys.object, "/metadata/annotations/example.com~1c"), "1", "the move");
    expect(!has(keys.object, "/metadata/annotations/example.com~1a"), "what was moved is still there");
    fails_at(patch(admin, PROJECTS, self(), KCR_PATCH_JSON, "[{\"op\":\"add\",\"path\":\"/metadata/annotations/a~0b\",\"value\":\"1\"}]", NULL), "metadata.annotations", "the key a~b");
}

static void json_patch_of_no_place_is_refused(void) {
    const kcr_object *first = made(0, 1);
    fails(patch(admin, PROJECTS, self(), KCR_PATCH_JSON, "[{\"op\":\"remove\",\"path\":\"/spec/nothing\"}]", NULL), KCR_ERR_INVALID, 422, "Invalid", "a remove of nothing");
    struct answer no_list = patch(admin, PROJECTS, self(), KCR_PATCH_JSON, "{\"op\":\"remove\",\"path\":\"/spec\"}", NULL);
    if (no_list.status != KCR_ERR_ARGUMENT) fails(no_list, KCR_ERR_BAD_REQUEST, 400, "BadRequest", "a patch that is no list");
    same(kcr_object_resource_version(get(admin, PROJECTS, self()).object), kcr_object_resource_version(first), "the object's version");
}

static void merge_patch_at_a_version(void) {
    const kcr_object *first = made(0, 1);
    set_replicas(0, 2);
    const char *at_version = "{\"metadata\":{\"resourceVersion\":\"%s\"},\"spec\":{\"replicas\":9}}";
    char body[256];
    snprintf(body, sizeof body, at_version, kcr_object_resource_version(first));
    fails(merge(self(), body), KCR_ERR_CONFLICT, 409, "Conflict", "a patch of an old version");
    struct answer current_one = get(admin, PROJECTS, self());
    expect(replicas_of(current_one.object) == 2, "the object has changed");
    snprintf(body, sizeof body, at_version, kcr_object_resource_version(current_one.object));
    works(merge(self(), body), "a patch of the current version");
}

static void patch_of_metadata(void) {
    made(0, 1);
    struct answer answer = merge(self(), "{\"metadata\":{\"labels\":{\"example.com/colour\":\"red\"},\"annotations\":{\"example.com/a\":\"\"},\"finalizers\":[\"example.com/wait\"],"
                                         "\"ownerReferences\":[{\"apiVersion\":\"v1\",\"kind\":\"Node\",\"name\":\"a\",\"uid\":\"00000000-0000-0000-0000-000000000001\"}]}}");
    works(answer, "the patch");
    same(text_at(answer.object, "/metadata/labels/example.com~1colour"), "red", "the label");
    expect(has(answer.object, "/metadata/annotations/example.com~1a"), "no annotation");
    same(text_at(answer.object, "/metadata/ownerReferences/0/kind"), "Node", "the owner");
    expect(int_at(answer.object, "/metadata/generation") == 1, "generation %" PRId64, int_at(answer.object, "/metadata/generation"));
    fails_at(merge(self(), "{\"metadata\":{\"labels\":{\"colour\":\"dark red\"}}}"), "metadata.labels", "a label with a blank");
    works(merge(self(), "{\"metadata\":{\"finalizers\":null,\"ownerReferences\":null}}"), "removing them");
}

static void patch_checks_fields(void) {
    made(0, 1);
    const char *body = "{\"spec\":{\"colour\":\"red\"}}";
    struct answer strict = patch(admin, PROJECTS, self(), KCR_PATCH_MERGE, body, "{\"fieldValidation\":\"Strict\"}");
    fails_at(strict, "patch", "a patch of an unknown field");
    says(strict, "unknown field \"spec.colour\"", "the refusal");
    works(patch(admin, PROJECTS, self(), KCR_PATCH_MERGE, body, "{\"fieldValidation\":\"Ignore\"}"), "a patch that ignores unknown fields");
    works(patch(admin, PROJECTS, self(), KCR_PATCH_MERGE, body, "{\"fieldValidation\":\"Warn\"}"), "a patch that is warned of unknown fields");
}

const struct conformance_case patch_cases[] = {
    {"merge-patch-sets-and-removes", merge_patch_sets_and_removes},
    {"json-patch-tests-first", json_patch_tests_first},
    {"patch-into-invalid-is-refused", patch_into_invalid_is_refused},
    {"strategic-patch-of-a-custom-resource-is-refused", strategic_patch_of_a_custom_resource_is_refused},
    {"apply-creates-and-changes", apply_creates_and_changes},
    {"writes-tell-their-field-manager", writes_tell_their_field_manager},
    {"apply-removes-what-it-no-longer-states", apply_removes_what_it_no_longer_states},
    {"apply-takes-yaml", apply_takes_yaml},
    {"apply-needs-a-field-manager", apply_needs_a_field_manager},
    {"force-is-for-apply", force_is_for_apply},
    {"apply-tells-conflicts", apply_tells_conflicts},
    {"patch-dry-run-changes-nothing", patch_dry_run_changes_nothing},
    {"json-patch-edits-anything", json_patch_edits_anything},
    {"json-patch-of-no-place-is-refused", json_patch_of_no_place_is_refused},
    {"merge-patch-at-a-version", merge_patch_at_a_version},
    {"patch-of-metadata", patch_of_metadata},
    {"patch-checks-fields", patch_checks_fields},
    {NULL, NULL},
};
