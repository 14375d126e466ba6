/* Cases: create. */
#include "conformance.h"

#define REFUSED_FIELD "/details/causes/0/field"

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
    same(text_at(status_of(zero), REFUSED_FIELD), "spec.replicas", "replicas 0: field");
    struct answer many = create(admin, PROJECTS, text("{\"metadata\":%s,\"spec\":{\"replicas\":\"many\"}}", metadata(0, "")), NULL);
    fails(many, KCR_ERR_INVALID, 422, "Invalid", "replicas \"many\"");
    same(text_at(status_of(many), REFUSED_FIELD), "spec.replicas", "replicas \"many\": field");
    fails(create(admin, PROJECTS, text("{\"metadata\":%s}", metadata(0, "")), NULL), KCR_ERR_INVALID, 422, "Invalid", "no spec");
}

static void create_with_a_bad_name_is_invalid(void) {
    struct answer answer = create(admin, PROJECTS, "{\"metadata\":{\"name\":\"Not_A_Name\"},\"spec\":{\"replicas\":1}}", NULL);
    fails(answer, KCR_ERR_INVALID, 422, "Invalid", "a bad name");
    same(text_at(status_of(answer), REFUSED_FIELD), "metadata.name", "field");
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

static void create_refuses_bad_options(void) {
    char manager[160];
    memset(manager, 'x', 129);
    manager[129] = 0;
    fails_at(create(admin, PROJECTS, project(0, 1), text("{\"fieldManager\":\"%s\"}", manager)), "fieldManager", "a fieldManager of 129 characters");
    fails_at(create(admin, PROJECTS, project(0, 1), "{\"dryRun\":\"Some\"}"), "dryRun", "dryRun Some");
    static const char *const wrong[] = {"{\"fieldManager\":7}", "{\"dryRun\":true}", "{\"force\":true}", "{\"colour\":\"red\"}", "[]", "{"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) fails(create(admin, PROJECTS, project(0, 1), wrong[i]), KCR_ERR_ARGUMENT, 0, "", wrong[i]);
    fails(get(admin, PROJECTS, self()), KCR_ERR_NOT_FOUND, 404, "NotFound", "a get afterwards");
}

static void create_ignores_the_status(void) {
    struct answer answer = create(admin, PROJECTS, text("{\"metadata\":%s,\"spec\":{\"replicas\":1},\"status\":{\"phase\":\"Ready\"}}", metadata(0, "")), NULL);
    works(answer, "the create");
    expect(!has(answer.object, "/status"), "it has a status: %s", kcr_object_json(answer.object, NULL));
}

static void create_in_a_wrong_place_is_refused(void) {
    struct answer nowhere = create_in(admin, PROJECTS, "", NULL, project(0, 1), NULL);
    fails(nowhere, KCR_ERR_NOT_FOUND, 404, "", "a create in no namespace");
    struct answer versioned = create(admin, PROJECTS, text("{\"metadata\":%s,\"spec\":{\"replicas\":1}}", metadata(0, ",\"resourceVersion\":\"5\"")), NULL);
    fails(versioned, KCR_ERR_SERVER, 500, "", "a create with a resourceVersion");
    says(versioned, "resourceVersion should not be set", "the refusal");
    const char *elsewhere = text("{\"metadata\":%s,\"spec\":{\"replicas\":1}}", metadata(0, ",\"namespace\":\"another\""));
    fails(create(admin, PROJECTS, elsewhere, NULL), KCR_ERR_ARGUMENT, 0, "", "a body of another namespace");
    fails(create_in(admin, PROJECTS, NS, name(2), project(0, 1), NULL), KCR_ERR_ARGUMENT, 0, "", "a create with another name beside the body");
    fails(get(admin, PROJECTS, self()), KCR_ERR_NOT_FOUND, 404, "NotFound", "a get afterwards");
}

static void create_refuses_odd_annotation_keys(void) {
    static const char *const keys[] = {"gr\303\266\303\237e", "a b", "a/b/c", ""};
    for (size_t i = 0; i < sizeof keys / sizeof *keys; i++) {
        const char *body = text("{\"metadata\":%s,\"spec\":{\"replicas\":1}}", metadata(0, text(",\"annotations\":{%s:\"1\"}", quoted(keys[i]))));
        struct answer answer = create(admin, PROJECTS, body, NULL);
        fails_at(answer, "metadata.annotations", keys[i]);
        says(answer, keys[i], keys[i]);
    }
}

/* The case's name, dots, and x up to so many characters. */
static const char *long_name(size_t length) {
    char whole[512];
    memset(whole, 'x', length);
    whole[length] = 0;
    int begin = snprintf(whole, sizeof whole, "%s.1.", self());
    whole[begin] = 'x';
    return text("%s", whole);
}

static void longest_names_work(void) {
    const char *longest = long_name(253), *body = "{\"metadata\":{\"name\":\"%s\",\"labels\":{\"conformance\":\"%s\"}},\"spec\":{\"replicas\":1}}";
    char sent[1024];
    snprintf(sent, sizeof sent, body, longest, self());
    works(create(admin, PROJECTS, sent, NULL), "the create");
    same(kcr_object_name(get(admin, PROJECTS, longest).object), longest, "the name that is got");
    struct answer listed = list(admin, PROJECTS, text("{\"fieldSelector\":\"metadata.name=%s\"}", longest));
    expect(kcr_list_count(listed.list) == 1, "%zu are listed by its name", kcr_list_count(listed.list));
    expect(replicas_of(merge(longest, "{\"spec\":{\"replicas\":2}}").object) == 2, "the patch");
    works(delete(longest, NULL), "the delete");
    snprintf(sent, sizeof sent, body, long_name(254), self());
    fails_at(create(admin, PROJECTS, sent, NULL), "metadata.name", "a name of 254 characters");
}

static void writes_warn_of_unknown_fields(void) {
    kcr_client *client = client_of(NULL, NULL);
    hear_log(KCR_LOG_WARN);
    for (int i = 1; i <= 2; i++) {
        const char *body = text("{\"metadata\":%s,\"spec\":{\"replicas\":1,\"colour\":\"red\",\"taste\":\"sour\"}}", metadata(i, ""));
        struct answer answer = create(client, PROJECTS, body, "{\"fieldValidation\":\"Warn\"}");
        works(answer, "a create that is warned");
        expect(!has(answer.object, "/spec/colour"), "the unknown field is kept");
    }
    expect(log_lines("unknown field \"spec.colour\"") == 1, "%zu warnings of colour", log_lines("unknown field \"spec.colour\""));
    expect(log_lines("unknown field \"spec.taste\"") == 1, "%zu warnings of taste", log_lines("unknown field \"spec.taste\""));
    works(create(client_of(NULL, NULL), PROJECTS, text("{\"metadata\":%s,\"spec\":{\"replicas\":1,\"smell\":1}}", metadata(3, "")), "{\"fieldValidation\":\"Ignore\"}"),
          "a create that ignores");
    expect(log_lines("spec.smell") == 0, "a warning in spite of Ignore");
    stop_log();
    fails_at(create(admin, PROJECTS, project(0, 1), "{\"fieldValidation\":\"Sometimes\"}"), "fieldValidation", "fieldValidation Sometimes");
}

const struct conformance_case create_cases[] = {
    {"create-answers-the-object", create_answers_the_object},
    {"create-generates-a-name", create_generates_a_name},
    {"create-twice-is-already-exists", create_twice_is_already_exists},
    {"create-invalid-names-the-field", create_invalid_names_the_field},
    {"create-with-a-bad-name-is-invalid", create_with_a_bad_name_is_invalid},
    {"create-dry-run-makes-nothing", create_dry_run_makes_nothing},
    {"create-prunes-unknown-fields", create_prunes_unknown_fields},
    {"create-strict-refuses-unknown-fields", create_strict_refuses_unknown_fields},
    {"create-refuses-bad-options", create_refuses_bad_options},
    {"create-ignores-the-status", create_ignores_the_status},
    {"create-in-a-wrong-place-is-refused", create_in_a_wrong_place_is_refused},
    {"create-refuses-odd-annotation-keys", create_refuses_odd_annotation_keys},
    {"longest-names-work", longest_names_work},
    {"writes-warn-of-unknown-fields", writes_warn_of_unknown_fields},
    {NULL, NULL},
};
