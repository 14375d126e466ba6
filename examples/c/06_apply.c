/* Server-side apply of a manifest: a CRD and what is of its kind in one, fields that belong to somebody else, and a mistake. */
#include "story.h"

#define DEFINITIONS "apiextensions.k8s.io/v1/customresourcedefinitions"
#define DEFINITION "tasks.story.example.sealyun.com"

/* In any order: CRDs go first, and are there before what is of their kind. */
static const char MANIFEST[] =
    "apiVersion: story.example.sealyun.com/v1\n"
    "kind: Task\n"
    "metadata: {name: story-apply, namespace: default}\n"
    "spec: {text: sweep}\n"
    "---\n"
    "apiVersion: apiextensions.k8s.io/v1\n"
    "kind: CustomResourceDefinition\n"
    "metadata: {name: tasks.story.example.sealyun.com}\n"
    "spec:\n"
    "  group: story.example.sealyun.com\n"
    "  scope: Namespaced\n"
    "  names: {plural: tasks, singular: task, kind: Task, listKind: TaskList}\n"
    "  versions:\n"
    "    - name: v1\n"
    "      served: true\n"
    "      storage: true\n"
    "      schema:\n"
    "        openAPIV3Schema:\n"
    "          type: object\n"
    "          properties:\n"
    "            spec: {type: object, properties: {text: {type: string}}}\n"
    "---\n"
    "apiVersion: example.sealyun.com/v1alpha1\n"
    "kind: Project\n"
    "metadata: {name: story-apply, namespace: default, labels: {story: apply}}\n"
    "spec: {replicas: 2}\n";

static const char SCALED[] =
    "{\"apiVersion\": \"example.sealyun.com/v1alpha1\", \"kind\": \"Project\","
    " \"metadata\": {\"name\": \"story-apply\", \"labels\": {\"story\": \"apply\"}}, \"spec\": {\"replicas\": 5}}";

static const char BAD[] =
    "apiVersion: example.sealyun.com/v1alpha1\n"
    "kind: Project\n"
    "metadata: {name: story-apply-bad, namespace: default, labels: {story: apply}}\n"
    "spec: {replicas: 1}\n"
    "---\n"
    "kind: Project\n"
    "metadata: {name: story-apply-worse}\n";

static kcr_list *apply(const kcr_client *client, const char *manifest, const char *options) {
    kcr_list *list = NULL;
    kcr_error *error = NULL;
    if (kcr_client_apply(client, manifest, KCR_AUTO_LEN, options, &list, &error) != KCR_OK) fail("apply", error);
    return list;
}

static kcr_error *failure(const kcr_client *client, const char *manifest, const char *options) {
    kcr_error *error = NULL;
    if (kcr_client_apply(client, manifest, KCR_AUTO_LEN, options, NULL, &error) == KCR_OK) fail("it was applied", NULL);
    return error;
}

/* A CRD takes all of its objects with it. */
static void forget(const kcr_client *client) {
    kcr_error *error = NULL;
    kcr_status status = kcr_client_delete(client, DEFINITIONS, "", DEFINITION, NULL, &error);
    /* To wait without asking again and again is what 08_wait shows. */
    for (int tries = 600; tries > 0 && status == KCR_OK; tries--) {
        rest(100);
        kcr_object *left = NULL;
        status = kcr_client_get(client, DEFINITIONS, "", DEFINITION, NULL, &left, &error);
        kcr_object_free(left);
    }
    if (status != KCR_ERR_NOT_FOUND) fail("the CRD does not go", error);
    kcr_error_free(error);
}

int main(int argc, char **argv) {
    kcr_client *client = open_client(argc, argv);
    clear_up(client, "apply");
    forget(client); /* what an interrupted run has left */

    kcr_list *applied = apply(client, MANIFEST, "{\"fieldManager\": \"admin\", \"timeoutMs\": 60000}");
    printf("applied as an admin: %zu\n", kcr_list_count(applied));
    for (size_t i = 0; i < kcr_list_count(applied); i++) {
        char *kind = NULL;
        if (kcr_object_get_string(kcr_list_at(applied, i), "/kind", &kind, NULL) == KCR_OK) printf("  %s %s\n", kind, kcr_object_name(kcr_list_at(applied, i)));
        kcr_string_free(kind);
    }
    kcr_list_free(applied);

    /* What is as the manifest says is not changed. */
    applied = apply(client, MANIFEST, "{\"fieldManager\": \"admin\"}");
    int64_t generation = 0;
    kcr_object_get_int(kcr_list_at(applied, 2), "/metadata/generation", &generation, NULL);
    printf("again: replicas %" PRId64 ", generation still %" PRId64 "\n", replicas_of(kcr_list_at(applied, 2)), generation);
    kcr_list_free(applied);

    /* A field belongs to who applied it; a manifest is YAML or JSON. */
    kcr_error *error = failure(client, SCALED, "{\"fieldManager\": \"scaler\", \"namespace\": \"default\"}");
    if (kcr_error_status(error) != KCR_ERR_CONFLICT) fail("scaling", error);
    printf("as a scaler, replicas 5: %s%s\n", kcr_status_name(kcr_error_status(error)), strstr(kcr_error_message(error), "admin") ? " with admin" : "");
    kcr_error_free(error);
    applied = apply(client, SCALED, "{\"fieldManager\": \"scaler\", \"namespace\": \"default\", \"force\": true}");
    printf("as a scaler, with force: replicas %" PRId64 "\n", replicas_of(kcr_list_at(applied, 0)));
    kcr_list_free(applied);

    /* All of a manifest is checked before anything is sent. */
    error = failure(client, BAD, NULL);
    printf("a manifest that is bad in its %s document: %s\n", strstr(kcr_error_message(error), "document 2") ? "second" : "other",
           kcr_status_name(kcr_error_status(error)));
    kcr_error_free(error);
    error = NULL;
    kcr_object *bad = NULL;
    if (kcr_client_get(client, PROJECTS, NAMESPACE, "story-apply-bad", NULL, &bad, &error) == KCR_OK) fail("it is there", NULL);
    printf("nothing of it was applied: %s\n", kcr_status_name(kcr_error_status(error)));
    kcr_error_free(error);

    forget(client);
    clear_up(client, "apply");
    kcr_client_free(client);
    return 0;
}
