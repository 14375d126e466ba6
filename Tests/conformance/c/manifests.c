/* Cases: server-side apply of whole manifests. */
#include "conformance.h"

static const char *project_yaml(int number, int replicas) {
    return text("apiVersion: example.sealyun.com/v1alpha1\nkind: Project\nmetadata:\n  name: %s\n  labels: {conformance: %s}\nspec: {replicas: %d}\n", name(number), self(), replicas);
}

static void manifest_applies_many(void) {
    const char *manifest = text("# a manifest\n%s---\n---\n%s---\n{\"kind\":\"List\",\"apiVersion\":\"v1\",\"items\":[{\"apiVersion\":\"example.sealyun.com/v1alpha1\",\"kind\":\"Project\","
                                "\"metadata\":%s,\"spec\":{\"replicas\":3}}]}\n", project_yaml(2, 2), project_yaml(1, 1), metadata(3, ""));
    struct answer first = apply_manifest(manifest, "{\"fieldManager\":\"one\"}");
    works(first, "the apply");
    same(names(first.list), "2 1 3", "what was applied");
    expect(replicas_of(kcr_list_at(first.list, 0)) == 2 && *kcr_object_uid(kcr_list_at(first.list, 0)), "the first object");
    same(names(list(admin, PROJECTS, labelled()).list), "1 2 3", "what is there");
    struct answer again = apply_manifest(project_yaml(2, 5), "{\"fieldManager\":\"one\",\"namespace\":\"" NS "\"}");
    works(again, "a second apply");
    expect(replicas_of(kcr_list_at(again.list, 0)) == 5, "the second apply did not change it");
    same(kcr_object_uid(kcr_list_at(again.list, 0)), kcr_object_uid(kcr_list_at(first.list, 0)), "uid");
    struct answer called = call(admin, text("{\"verb\":\"apply\",\"options\":{\"fieldManager\":\"one\"},\"body\":%s}", quoted(project_yaml(1, 6))));
    works(called, "an apply by a call");
    expect(replicas_of(kcr_list_at(called.list, 0)) == 6, "the call did not change it");
}

static void manifest_dry_run_makes_nothing(void) {
    struct answer dry = apply_manifest(text("%s---\n%s", project_yaml(1, 1), project_yaml(2, 2)), "{\"dryRun\":\"All\"}");
    works(dry, "a dry run");
    same(names(dry.list), "1 2", "what would be applied");
    same(names(list(admin, PROJECTS, labelled()).list), "", "what is there");
}

static void manifest_makes_its_crd_first(void) {
    EVENTUALLY(crd_is_gone(), 60000, "a CRD of an earlier run does not go");
    const char *thing = text("apiVersion: %s/v1\nkind: Thing\nmetadata:\n  name: %s\n  labels: {conformance: %s}\nspec: {replicas: 1}\n", group(), name(1), self());
    struct answer answer = apply_manifest(text("%s---\n%s\n---\n%s", thing, crd("v1"), project_yaml(2, 2)), "{\"timeoutMs\":60000}");
    works(answer, "objects before their CRD");
    same(text_at(kcr_list_at(answer.list, 0), "/kind"), "Thing", "the first document");
    same(text_at(kcr_list_at(answer.list, 1), "/kind"), "CustomResourceDefinition", "the second document");
    works(get(admin, things("v1"), name(1)), "a get of the thing");
    EVENTUALLY(crd_is_gone(), 60000, "the CRD does not go in the end");
}

static void manifest_error_names_the_document(void) {
    struct answer invalid = apply_manifest(text("%s---\n%s---\n%s", project_yaml(1, 1), project_yaml(2, 0), project_yaml(3, 3)), NULL);
    fails(invalid, KCR_ERR_INVALID, 422, "Invalid", "an invalid document");
    says(invalid, "document 2", "which document");
    says(invalid, name(2), "whose document");
    says(invalid, name(1), "what was applied before it");
    same(names(list(admin, PROJECTS, labelled()).list), "1", "what was applied before it");
    struct answer unknown = apply_manifest(text("%s---\napiVersion: nothing.example.com/v1\nkind: Nothing\nmetadata: {name: a}\n", project_yaml(4, 1)), NULL);
    expect(unknown.status == KCR_ERR_NOT_FOUND, "an unknown kind: %s", kcr_status_name(unknown.status));
    says(unknown, "Nothing", "an unknown kind");
    struct answer broken = apply_manifest(text("%s---\na: [1\n", project_yaml(4, 1)), NULL);
    expect(broken.status != KCR_OK && kcr_error_http_status(broken.error) == 0, "a broken document: %s", kcr_status_name(broken.status));
    says(broken, "document 2", "a broken document");
    fails(get(admin, PROJECTS, name(4)), KCR_ERR_NOT_FOUND, 404, "NotFound", "what stands before a broken document is not sent");
}

static void manifest_tells_conflicts(void) {
    works(apply_manifest(project_yaml(1, 1), "{\"fieldManager\":\"one\"}"), "one's apply");
    struct answer other = apply_manifest(project_yaml(1, 2), "{\"fieldManager\":\"two\"}");
    fails(other, KCR_ERR_CONFLICT, 409, "Conflict", "two's apply");
    says(other, "\"one\"", "whose field it is");
    works(apply_manifest(project_yaml(1, 2), "{\"fieldManager\":\"two\",\"force\":true}"), "two's apply with force");
}

const struct conformance_case manifest_cases[] = {
    {"manifest-applies-many", manifest_applies_many},
    {"manifest-dry-run-makes-nothing", manifest_dry_run_makes_nothing},
    {"manifest-makes-its-crd-first", manifest_makes_its_crd_first},
    {"manifest-error-names-the-document", manifest_error_names_the_document},
    {"manifest-tells-conflicts", manifest_tells_conflicts},
    {NULL, NULL},
};
