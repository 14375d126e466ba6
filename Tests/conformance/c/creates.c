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

const struct conformance_case create_cases[] = {
    {"create-answers-the-object", create_answers_the_object},
    {"create-generates-a-name", create_generates_a_name},
    {"create-twice-is-already-exists", create_twice_is_already_exists},
    {"create-invalid-names-the-field", create_invalid_names_the_field},
    {"create-with-a-bad-name-is-invalid", create_with_a_bad_name_is_invalid},
    {"create-dry-run-makes-nothing", create_dry_run_makes_nothing},
    {"create-prunes-unknown-fields", create_prunes_unknown_fields},
    {"create-strict-refuses-unknown-fields", create_strict_refuses_unknown_fields},
    {NULL, NULL},
};
