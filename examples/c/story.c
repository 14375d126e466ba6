/* What the stories share; see story.h. */
#include "story.h"
#include <threads.h>

/* Nothing goes on after a failure that was not expected, so nothing is freed either. */
void fail(const char *what, const kcr_error *error) {
    fprintf(stderr, "%s: %s [%s]\n", what, kcr_error_message(error), kcr_status_name(kcr_error_status(error)));
    exit(1);
}

kcr_client *open_client(int argc, char **argv) {
    kcr_config *config = NULL;
    kcr_client *client = NULL;
    kcr_error *error = NULL;
    char options[4096] = "{}";
    if (argc == 3 && !strcmp(argv[1], "--kubeconfig")) {
        char *path = kcr_json_quote(argv[2], KCR_AUTO_LEN);
        snprintf(options, sizeof options, "{\"kubeconfig\": %s}", path ? path : "\"\"");
        kcr_string_free(path);
    } else if (argc != 1) {
        fprintf(stderr, "usage: %s [--kubeconfig PATH]\n", argv[0]);
        exit(2);
    }
    if (kcr_config_load(options, &config, &error) != KCR_OK) fail("config", error);
    if (kcr_client_new(config, NULL, &client, &error) != KCR_OK) fail("client", error);
    kcr_config_free(config); /* the client keeps what it needs */
    return client;
}

int64_t replicas_of(const kcr_object *project) {
    int64_t replicas = 0;
    kcr_error *error = NULL;
    if (kcr_object_get_int(project, "/spec/replicas", &replicas, &error) != KCR_OK) fail("replicas", error);
    return replicas;
}

kcr_object *create_project(const kcr_client *client, const char *story, const char *name, int replicas) {
    char body[512];
    kcr_object *created = NULL;
    kcr_error *error = NULL;
    snprintf(body, sizeof body, "{\"metadata\": {\"name\": \"%s\", \"labels\": {\"story\": \"%s\", \"parity\": \"%s\"}}, \"spec\": {\"replicas\": %d}}",
             name, story, replicas % 2 ? "odd" : "even", replicas);
    if (kcr_client_create(client, PROJECTS, NAMESPACE, NULL, body, KCR_AUTO_LEN, NULL, &created, &error) != KCR_OK) fail("create", error);
    return created;
}

void set_replicas(const kcr_client *client, const char *name, int replicas) {
    char body[64];
    kcr_error *error = NULL;
    snprintf(body, sizeof body, "{\"spec\": {\"replicas\": %d}}", replicas);
    if (kcr_client_patch(client, PROJECTS, NAMESPACE, name, KCR_PATCH_MERGE, body, KCR_AUTO_LEN, NULL, NULL, &error) != KCR_OK) fail("patch", error);
}

void delete_project(const kcr_client *client, const char *name) {
    kcr_error *error = NULL;
    if (kcr_client_delete(client, PROJECTS, NAMESPACE, name, NULL, &error) != KCR_OK) fail("delete", error);
}

void clear_up(const kcr_client *client, const char *story) {
    char options[128];
    kcr_error *error = NULL;
    snprintf(options, sizeof options, "{\"labelSelector\": \"story=%s\"}", story);
    if (kcr_client_delete_collection(client, PROJECTS, NAMESPACE, options, &error) != KCR_OK) fail("clearing up", error);
}

void rest(int milliseconds) {
    thrd_sleep(&(struct timespec){.tv_sec = milliseconds / 1000, .tv_nsec = milliseconds % 1000 * 1000000L}, NULL);
}
