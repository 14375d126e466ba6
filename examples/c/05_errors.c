/* What goes wrong, and how a program tells one failure from another: a code, the HTTP status, the server's reason and Status. */
#include "story.h"

/* One line for a failure that was expected; frees the error. */
static void print_failure(const char *what, kcr_error *error) {
    if (!error) fail(what, NULL);
    const char *reason = kcr_error_reason(error);
    printf("%s: %s %d %s", what, kcr_status_name(kcr_error_status(error)), kcr_error_http_status(error), *reason ? reason : "-");

    /* The server's whole Status tells which fields it means. */
    size_t length = 0;
    const char *json = kcr_error_status_json(error, &length);
    kcr_object *status = NULL;
    char *field = NULL;
    if (kcr_error_status(error) == KCR_ERR_INVALID && json && kcr_object_from_json(json, length, &status, NULL) == KCR_OK &&
        kcr_object_get_string(status, "/details/causes/0/field", &field, NULL) == KCR_OK)
        printf(", field %s", field);
    printf("\n");
    kcr_string_free(field);
    kcr_object_free(status);
    kcr_error_free(error);
}

static kcr_error *create(const kcr_client *client, const char *body) {
    kcr_error *error = NULL;
    kcr_client_create(client, PROJECTS, NAMESPACE, NULL, body, KCR_AUTO_LEN, NULL, NULL, &error);
    return error;
}

static kcr_error *get(const kcr_client *client, const char *name) {
    kcr_error *error = NULL;
    kcr_object *project = NULL;
    kcr_client_get(client, PROJECTS, NAMESPACE, name, NULL, &project, &error);
    kcr_object_free(project);
    return error;
}

int main(int argc, char **argv) {
    kcr_client *client = open_client(argc, argv);
    clear_up(client, "errors");
    kcr_object *created = create_project(client, "errors", "story-errors", 1);

    print_failure("get what is not there", get(client, "story-errors-nothing"));
    print_failure("create it twice", create(client, "{\"metadata\": {\"name\": \"story-errors\"}, \"spec\": {\"replicas\": 1}}"));
    print_failure("create with replicas 0", create(client, "{\"metadata\": {\"name\": \"story-errors-bad\"}, \"spec\": {\"replicas\": 0}}"));

    set_replicas(client, "story-errors", 2); /* now `created` is old */
    size_t length = 0;
    const char *old = kcr_object_json(created, &length);
    kcr_error *error = NULL;
    kcr_client_replace(client, PROJECTS, NAMESPACE, NULL, old, length, NULL, NULL, &error);
    print_failure("replace an old version", error);
    kcr_object_free(created);

    kcr_config *nowhere = NULL;
    kcr_client *lonely = NULL;
    error = NULL;
    if (kcr_config_load("{\"source\": \"none\", \"server\": \"https://127.0.0.1:1\"}", &nowhere, &error) != KCR_OK) fail("config", error);
    if (kcr_client_new(nowhere, NULL, &lonely, &error) != KCR_OK) fail("client", error);
    print_failure("ask a server that is not there", get(lonely, "story-errors"));
    kcr_client_free(lonely);
    kcr_config_free(nowhere);

    clear_up(client, "errors");
    kcr_client_free(client);
    return 0;
}
