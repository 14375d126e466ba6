/* The verbs of the cases: each is one call of the library whose outputs the case owns. */
#include "conformance.h"
#include "pool.h"

#include <stdlib.h>

static struct answer owned(kcr_status status, kcr_object *object, kcr_list *objects, kcr_error *error) {
    own(object, OWN_OBJECT);
    own(objects, OWN_LIST);
    own(error, OWN_ERROR);
    return (struct answer){status, object, objects, error};
}

struct answer get(const kcr_client *client, const char *resource, const char *object_name) {
    kcr_object *object = NULL;
    kcr_error *error = NULL;
    kcr_status status = kcr_client_get(client, resource, NS, object_name, NULL, &object, &error);
    return owned(status, object, NULL, error);
}

struct answer list(const kcr_client *client, const char *resource, const char *options) {
    kcr_list *objects = NULL;
    kcr_error *error = NULL;
    kcr_status status = kcr_client_list(client, resource, NS, options, &objects, &error);
    return owned(status, NULL, objects, error);
}

struct answer create(const kcr_client *client, const char *resource, const char *body, const char *options) {
    kcr_object *object = NULL;
    kcr_error *error = NULL;
    kcr_status status = kcr_client_create(client, resource, NS, NULL, body, KCR_AUTO_LEN, options, &object, &error);
    return owned(status, object, NULL, error);
}

struct answer replace(const kcr_client *client, const char *resource, const char *object_name, const char *body) {
    kcr_object *object = NULL;
    kcr_error *error = NULL;
    kcr_status status = kcr_client_replace(client, resource, NS, object_name, body, KCR_AUTO_LEN, NULL, &object, &error);
    return owned(status, object, NULL, error);
}

struct answer patch(const kcr_client *client, const char *resource, const char *object_name, int32_t type, const char *body,
                    const char *options) {
    kcr_object *object = NULL;
    kcr_error *error = NULL;
    kcr_status status = kcr_client_patch(client, resource, NS, object_name, type, body, KCR_AUTO_LEN, options, &object, &error);
    return owned(status, object, NULL, error);
}

struct answer merge(const char *object_name, const char *body) {
    return patch(admin, PROJECTS, object_name, KCR_PATCH_MERGE, body, NULL);
}

struct answer delete(const char *object_name, const char *options) {
    kcr_error *error = NULL;
    kcr_status status = kcr_client_delete(admin, PROJECTS, NS, object_name, options, &error);
    return owned(status, NULL, NULL, error);
}

struct answer request(const kcr_client *client, const char *method, const char *path, const char *body) {
    char *content = NULL;
    kcr_object *object = NULL;
    kcr_error *error = NULL;
    kcr_status status = kcr_client_request(client, method, path, body, body ? KCR_AUTO_LEN : 0, NULL, &content, NULL, NULL, &error);
    if (content) kcr_object_from_json(content, KCR_AUTO_LEN, &object, NULL);
    kcr_string_free(content);
    return owned(status, object, NULL, error);
}

const kcr_object *made(int number, int64_t replicas) {
    struct answer answer = create(admin, PROJECTS, project(number, replicas), NULL);
    works(answer, "a create");
    return answer.object;
}

void set_replicas(int number, int64_t replicas) {
    works(merge(name(number), text("{\"spec\":{\"replicas\":%" PRId64 "}}", replicas)), "a merge patch of replicas");
}

bool works(struct answer answer, const char *what) {
    return expect(answer.status == KCR_OK, "%s: %s: %s", what, kcr_status_name(answer.status), kcr_error_message(answer.error));
}

bool fails(struct answer answer, kcr_status status, int32_t http, const char *reason, const char *what) {
    const char *message = kcr_error_message(answer.error);
    bool good = expect(answer.status == status && kcr_error_status(answer.error) == status, "%s: %s, not %s: %s", what,
                       kcr_status_name(answer.status), kcr_status_name(status), message);
    good = expect(kcr_error_http_status(answer.error) == http, "%s: HTTP status %d, not %d", what, kcr_error_http_status(answer.error), http) && good;
    if (reason) good = same(kcr_error_reason(answer.error), reason, text("%s: reason", what)) && good;
    return expect(*message != 0 && !strchr(message, '\n'), "%s: the message is not one line: \"%s\"", what, message) && good;
}

const kcr_object *status_of(struct answer answer) {
    kcr_object *status = NULL;
    const char *json = kcr_error_status_json(answer.error, NULL);
    if (json) kcr_object_from_json(json, KCR_AUTO_LEN, &status, NULL);
    own(status, OWN_OBJECT);
    return status;
}

const char *text_at(const kcr_object *object, const char *pointer) {
    char *value = NULL;
    if (kcr_object_get_string(object, pointer, &value, NULL) != KCR_OK || !value) return "";
    own(value, OWN_STRING);
    return value;
}

int64_t int_at(const kcr_object *object, const char *pointer) {
    int64_t value = -1;
    return kcr_object_get_int(object, pointer, &value, NULL) == KCR_OK ? value : -1;
}

bool has(const kcr_object *object, const char *pointer) {
    size_t length;
    return kcr_object_slice(object, pointer, &length) != NULL;
}

int64_t replicas_of(const kcr_object *object) { return int_at(object, "/spec/replicas"); }

kcr_client *client_of(const char *config_options, const char *client_options) {
    kcr_config *config = NULL;
    kcr_client *client = NULL;
    kcr_error *error = NULL;
    if (kcr_config_load(config_options, &config, &error) == KCR_OK) kcr_client_new(config, client_options, &client, &error);
    expect(client != NULL, "a client: %s", kcr_error_message(error));
    kcr_error_free(error);
    kcr_config_free(config);
    own(client, OWN_CLIENT);
    return client;
}

kcr_client *client_of_file(const char *variable) {
    const char *path = getenv(variable);
    if (!expect(path && *path, "%s is not set", variable)) return NULL;
    return client_of(text("{\"kubeconfig\":%s}", quoted(path)), "{\"qps\":0}");
}
