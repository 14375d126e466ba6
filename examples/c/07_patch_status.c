/* Status and scale: what belongs to a controller, apart from what users want; by merge patches and JSON patches. */
#include "story.h"

#define NAME "story-status"

/* Patches the project or, by "/status" or "/scale", a subresource of it. KCR_ERR_INVALID is the caller's to judge. */
static kcr_status try_patch(const kcr_client *client, const char *subresource, int32_t type, const char *patch, kcr_object **out) {
    char resource[128];
    kcr_error *error = NULL;
    snprintf(resource, sizeof resource, "%s%s", PROJECTS, subresource);
    kcr_status status = kcr_client_patch(client, resource, NAMESPACE, NAME, type, patch, KCR_AUTO_LEN, NULL, out, &error);
    if (status != KCR_OK && status != KCR_ERR_INVALID) fail(patch, error);
    kcr_error_free(error);
    return status;
}

static kcr_object *patch(const kcr_client *client, const char *subresource, int32_t type, const char *patch) {
    kcr_object *out = NULL;
    if (try_patch(client, subresource, type, patch, &out) != KCR_OK) fail(patch, NULL);
    return out;
}

static kcr_object *get(const kcr_client *client, const char *resource) {
    kcr_object *out = NULL;
    kcr_error *error = NULL;
    if (kcr_client_get(client, resource, NAMESPACE, NAME, NULL, &out, &error) != KCR_OK) fail("get", error);
    return out;
}

/* 0: it is not there. */
static int64_t number(const kcr_object *object, const char *pointer) {
    int64_t number = 0;
    kcr_object_get_int(object, pointer, &number, NULL);
    return number;
}

static void print_phase(const char *what, kcr_object *object) {
    char *phase = NULL;
    if (kcr_object_get_string(object, "/status/phase", &phase, NULL) == KCR_OK) printf("%s: phase %s\n", what, phase);
    else printf("%s: no phase\n", what);
    kcr_string_free(phase);
    kcr_object_free(object);
}

/* Read, change, replace; and again as long as somebody else was faster (client-go's RetryOnConflict: five times, 10 ms apart). */
static kcr_object *set_phase_done(const kcr_client *client) {
    for (int tries = 5; tries > 0; tries--) {
        kcr_object *read = get(client, PROJECTS "/status"), *replaced = NULL;
        kcr_error *error = NULL;
        char body[512];
        snprintf(body, sizeof body,
                 "{\"metadata\": {\"name\": \"%s\", \"resourceVersion\": \"%s\"}, \"spec\": {\"replicas\": %" PRId64 "},"
                 " \"status\": {\"phase\": \"Done\", \"replicas\": %" PRId64 "}}",
                 NAME, kcr_object_resource_version(read), replicas_of(read), number(read, "/status/replicas"));
        kcr_object_free(read);
        kcr_status status = kcr_client_replace(client, PROJECTS "/status", NAMESPACE, NAME, body, KCR_AUTO_LEN, NULL, &replaced, &error);
        if (status == KCR_OK) return replaced;
        if (status != KCR_ERR_CONFLICT || tries == 1) fail("replace", error);
        kcr_error_free(error);
        rest(10);
    }
    return NULL;
}

int main(int argc, char **argv) {
    kcr_client *client = open_client(argc, argv);
    clear_up(client, "status");
    kcr_object *object = create_project(client, "status", NAME, 1);
    printf("created %s: replicas %" PRId64 ", generation %" PRId64 "\n", NAME, replicas_of(object), number(object, "/metadata/generation"));
    kcr_object_free(object);

    /* Each change of the spec raises the generation. */
    object = patch(client, "", KCR_PATCH_MERGE, "{\"spec\": {\"replicas\": 2}}");
    printf("merge patch of the object: replicas %" PRId64 ", generation %" PRId64 "\n", replicas_of(object), number(object, "/metadata/generation"));
    kcr_object_free(object);

    /* The status is written through its subresource only, and so is the rest only without it. */
    print_phase("a status given with the object is ignored", patch(client, "", KCR_PATCH_MERGE, "{\"status\": {\"phase\": \"Lost\"}}"));
    object = patch(client, "/status", KCR_PATCH_MERGE, "{\"status\": {\"phase\": \"Ready\", \"replicas\": 1}}");
    printf("merge patch of the status: phase Ready, replicas %" PRId64 " of %" PRId64 ", generation still %" PRId64 "\n",
           number(object, "/status/replicas"), replicas_of(object), number(object, "/metadata/generation"));
    kcr_object_free(object);
    object = patch(client, "/status", KCR_PATCH_MERGE, "{\"spec\": {\"replicas\": 9}}");
    printf("a spec given with the status is ignored: replicas %" PRId64 "\n", replicas_of(object));
    kcr_object_free(object);

    object = get(client, PROJECTS "/scale");
    printf("scale: %" PRId64 " of %" PRId64 "\n", number(object, "/status/replicas"), replicas_of(object));
    kcr_object_free(object);
    object = patch(client, "/scale", KCR_PATCH_MERGE, "{\"spec\": {\"replicas\": 4}}");
    kcr_object *scaled = get(client, PROJECTS);
    printf("scaled: %" PRId64 " of %" PRId64 ", generation %" PRId64 "\n", number(object, "/status/replicas"), replicas_of(object),
           number(scaled, "/metadata/generation"));
    kcr_object_free(object);
    kcr_object_free(scaled);

    /* All operations of a JSON patch are done, or none: the test says what they build on. */
    const char *operations = "[{\"op\": \"test\", \"path\": \"/spec/replicas\", \"value\": 4}, {\"op\": \"replace\", \"path\": \"/spec/replicas\", \"value\": 5}]";
    object = patch(client, "", KCR_PATCH_JSON, operations);
    printf("json patch with a test: replicas %" PRId64 "\n", replicas_of(object));
    kcr_object_free(object);
    printf("the same again: %s\n", kcr_status_name(try_patch(client, "", KCR_PATCH_JSON, operations, NULL)));
    print_phase("json patch of the status", patch(client, "/status", KCR_PATCH_JSON, "[{\"op\": \"replace\", \"path\": \"/status/phase\", \"value\": \"Busy\"}]"));

    print_phase("read, changed, replaced", set_phase_done(client));
    clear_up(client, "status");
    kcr_client_free(client);
    return 0;
}
