/* Cases: names of resources, and what discovery says of them. */
#include "conformance.h"

static bool is_true(const kcr_object *object, const char *pointer) {
    int32_t value = 0;
    return kcr_object_get_bool(object, pointer, &value, NULL) == KCR_OK && value == 1;
}

static void resource_by_any_name(void) {
    static const char *const spellings[] = {PROJECTS, "projects.example.sealyun.com", "projects", "proj",
                                            "Project.example.sealyun.com", "project.v1alpha1.example.sealyun.com"};
    const char *uid = kcr_object_uid(made(0, 1));
    for (size_t i = 0; i < sizeof spellings / sizeof *spellings; i++) {
        struct answer answer = get(admin, spellings[i], self());
        works(answer, spellings[i]);
        same(kcr_object_uid(answer.object), uid, spellings[i]);
    }
    same(text_at(get(admin, "proj/scale", self()).object, "/kind"), "Scale", "proj/scale: kind");
    same(kcr_object_uid(get_with(admin, "proj", NULL, self(), NULL).object), uid, "in the namespace of the configuration");
}

static void unknown_resource_is_not_found(void) {
    static const char *const unknown[][2] = {{"unknowns.example.sealyun.com", "unknowns"}, {"unknowns", "unknowns"},
                                             {"projects.nothing.example.com", "nothing.example.com"}, {"projects.v9.example.sealyun.com", "v9"}};
    for (size_t i = 0; i < sizeof unknown / sizeof *unknown; i++) {
        struct answer answer = discover(admin, unknown[i][0]);
        expect(answer.status == KCR_ERR_NOT_FOUND, "%s: %s", unknown[i][0], kcr_status_name(answer.status));
        says(answer, unknown[i][1], unknown[i][0]);
    }
    struct answer listed = list(admin, unknown[0][0], NULL);
    expect(listed.status == KCR_ERR_NOT_FOUND, "a list: %s", kcr_status_name(listed.status));
    fails(list(admin, "example.sealyun.com/v1alpha1/unknowns", NULL), KCR_ERR_NOT_FOUND, 404, NULL, "a list by its path");
}

static void discover_describes_a_resource(void) {
    static const char *const verbs[] = {"get", "list", "watch", "create", "update", "patch", "delete", "deletecollection"};
    struct answer found = discover(admin, "projects.example.sealyun.com");
    works(found, "the discovery");
    same(text_at(found.object, "/resource"), "projects", "resource");
    same(text_at(found.object, "/kind"), "Project", "kind");
    same(text_at(found.object, "/group"), "example.sealyun.com", "group");
    same(text_at(found.object, "/version"), "v1alpha1", "version");
    same(text_at(found.object, "/shortNames/0"), "proj", "short name");
    expect(is_true(found.object, "/namespaced"), "it is not namespaced");
    const char *json = kcr_object_json(found.object, NULL);
    for (size_t i = 0; i < sizeof verbs / sizeof *verbs; i++)
        expect(strstr(json, text("\"%s\"", verbs[i])) != NULL, "the verb %s is missing", verbs[i]);
    expect(strstr(json, "\"status\"") && strstr(json, "\"scale\""), "the subresources: %s", json);
}

static void discover_knows_the_core(void) {
    const char *spellings[][2] = {{"configmaps", "ConfigMap"}, {"configmap", "ConfigMap"}, {"cm", "ConfigMap"}, {"ConfigMap", "ConfigMap"}, {"ns", "Namespace"}, {"v1/namespaces", "Namespace"}};
    for (size_t i = 0; i < sizeof spellings / sizeof *spellings; i++) {
        struct answer found = discover(admin, spellings[i][0]);
        works(found, spellings[i][0]);
        same(text_at(found.object, "/kind"), spellings[i][1], spellings[i][0]);
        same(text_at(found.object, "/version"), "v1", spellings[i][0]);
        same(text_at(found.object, "/group"), "", spellings[i][0]);
        expect(is_true(found.object, "/namespaced") == (*spellings[i][1] == 'C'), "%s: namespaced", spellings[i][0]);
    }
}

static bool is_found(const kcr_client *client, const char *resource) { return discover(client, resource).status == KCR_OK; }

static void discover_finds_a_new_crd(void) {
    EVENTUALLY(crd_is_gone(), 60000, "a CRD of an earlier run does not go");
    kcr_client *client = client_of(NULL, NULL); /* it has looked before the CRD is there */
    expect(!is_found(client, text("things.%s", group())), "found before it was made");
    EVENTUALLY(make_crd("v1"), 60000, "the CRD can't be made");
    EVENTUALLY(is_found(client, text("things.%s", group())), 30000, "the plural is not found");
    const char *spellings[] = {text("thing.%s", group()), text("th.%s", group()), text("Thing.%s", group()), text("things.v1.%s", group())};
    for (size_t i = 0; i < sizeof spellings / sizeof *spellings; i++) expect(is_found(client, spellings[i]), "%s is not found", spellings[i]);
    EVENTUALLY(make_thing("v1", 1), 60000, "no object can be made");
    same(text_at(get_with(client, spellings[1], NULL, name(1), NULL).object, "/kind"), "Thing", "got by its short name");
    EVENTUALLY(crd_is_gone(), 60000, "the CRD does not go in the end");
}

static void discover_prefers_a_version(void) {
    EVENTUALLY(crd_is_gone(), 60000, "a CRD of an earlier run does not go");
    EVENTUALLY(make_crd("v1beta1 v2alpha1 v1"), 60000, "the CRD can't be made");
    EVENTUALLY(make_thing("v1beta1", 1), 60000, "no object can be made");
    kcr_client *client = client_of(NULL, NULL);
    EVENTUALLY(is_found(client, text("things.%s", group())), 30000, "it is not found");
    same(text_at(discover(client, text("things.%s", group())).object, "/version"), "v1", "the preferred version");
    same(text_at(discover(client, text("things.v2alpha1.%s", group())).object, "/version"), "v2alpha1", "the version that was asked for");
    same(text_at(get(client, text("th.%s", group()), name(1)).object, "/apiVersion"), text("%s/v1", group()), "got in the preferred version");
    same(text_at(get(client, text("Thing.v1beta1.%s", group()), name(1)).object, "/apiVersion"), text("%s/v1beta1", group()), "got in its own version");
    EVENTUALLY(crd_is_gone(), 60000, "the CRD does not go in the end");
}

const struct conformance_case discovery_cases[] = {
    {"resource-by-any-name", resource_by_any_name},
    {"unknown-resource-is-not-found", unknown_resource_is_not_found},
    {"discover-describes-a-resource", discover_describes_a_resource},
    {"discover-knows-the-core", discover_knows_the_core},
    {"discover-finds-a-new-crd", discover_finds_a_new_crd},
    {"discover-prefers-a-version", discover_prefers_a_version},
    {NULL, NULL},
};
