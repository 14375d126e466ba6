/* One object's life: create, patch, replace, a conflict and the retry that settles it, status, delete. */
#include "story.h"

#define NAME "story-change"

/* Replaces what was read, with other replicas. The resourceVersion in the body makes sure that nothing is overwritten unseen. */
static kcr_status replace(const kcr_client *client, const kcr_object *read, int replicas, kcr_object **out, kcr_error **error) {
    char body[512];
    snprintf(body, sizeof body,
             "{\"metadata\": {\"name\": \"%s\", \"labels\": {\"story\": \"change\"}, \"resourceVersion\": \"%s\"}, \"spec\": {\"replicas\": %d}}", NAME,
             kcr_object_resource_version(read), replicas);
    return kcr_client_replace(client, PROJECTS, NAMESPACE, NULL, body, KCR_AUTO_LEN, NULL, out, error);
}

/* Read, change, replace; and again as long as somebody else was faster: five times, 10 ms apart, as client-go's RetryOnConflict. */
static kcr_object *update(const kcr_client *client, int replicas) {
    for (int tries = 5; tries > 0; tries--) {
        kcr_object *read = NULL, *replaced = NULL;
        kcr_error *error = NULL;
        if (kcr_client_get(client, PROJECTS, NAMESPACE, NAME, NULL, &read, &error) != KCR_OK) fail("get", error);
        kcr_status status = replace(client, read, replicas, &replaced, &error);
        kcr_object_free(read);
        if (status == KCR_OK) return replaced;
        if (status != KCR_ERR_CONFLICT || tries == 1) fail("replace", error);
        kcr_error_free(error);
        rest(10);
    }
    return NULL;
}

int main(int argc, char **argv) {
    kcr_client *client = open_client(argc, argv);
    kcr_error *error = NULL;
    clear_up(client, "change");

    kcr_object *created = create_project(client, "change", NAME, 1);
    printf("created %s: replicas %" PRId64 "\n", kcr_object_name(created), replicas_of(created));

    kcr_object *patched = NULL;
    const char *patch = "{\"spec\": {\"replicas\": 2}}";
    if (kcr_client_patch(client, PROJECTS, NAMESPACE, NAME, KCR_PATCH_MERGE, patch, KCR_AUTO_LEN, NULL, &patched, &error) != KCR_OK) fail("patch", error);
    printf("patched: replicas %" PRId64 "\n", replicas_of(patched));
    kcr_object_free(patched);

    kcr_status status = replace(client, created, 3, NULL, &error);
    if (status != KCR_ERR_CONFLICT) fail("an old version was not refused", error);
    printf("replaced an old version: %s\n", kcr_status_name(status));
    kcr_error_free(error);
    error = NULL;
    kcr_object_free(created);

    kcr_object *updated = update(client, 3);
    printf("replaced after reading it anew: replicas %" PRId64 "\n", replicas_of(updated));
    kcr_object_free(updated);

    kcr_object *with_status = NULL;
    char *phase = NULL;
    patch = "{\"status\": {\"phase\": \"Ready\"}}";
    if (kcr_client_patch(client, PROJECTS "/status", NAMESPACE, NAME, KCR_PATCH_MERGE, patch, KCR_AUTO_LEN, NULL, &with_status, &error) != KCR_OK) fail("status", error);
    if (kcr_object_get_string(with_status, "/status/phase", &phase, &error) != KCR_OK) fail("phase", error);
    printf("status: phase %s, replicas still %" PRId64 "\n", phase, replicas_of(with_status));
    kcr_string_free(phase);
    kcr_object_free(with_status);

    delete_project(client, NAME);
    printf("deleted\n");
    kcr_object *gone = NULL;
    status = kcr_client_get(client, PROJECTS, NAMESPACE, NAME, NULL, &gone, &error);
    if (status != KCR_ERR_NOT_FOUND) fail("it is still there", error);
    printf("get: %s\n", kcr_status_name(status));
    kcr_error_free(error);
    kcr_client_free(client);
    return 0;
}
