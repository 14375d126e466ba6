/* The verbs of the cases: each is one call of the library whose outputs the case owns. */
#include "conformance.h"
#include "pool.h"

#include <stdlib.h>

static struct answer owned(kcr_status status, kcr_object *object, kcr_list *objects, kcr_error *error) {
    own(object, OWN_OBJECT);
    own(objects, OWN_LIST);
    own(error, OWN_ERROR);
    return (struct answer){.status = status, .object = object, .list = objects, .error = error};
}

struct answer get_with(const kcr_client *client, const char *resource, const char *ns, const char *object_name, const char *options) {
    kcr_object *object = NULL;
    kcr_error *error = NULL;
    kcr_status status = kcr_client_get(client, resource, ns, object_name, options, &object, &error);
    return owned(status, object, NULL, error);
}

struct answer get(const kcr_client *client, const char *resource, const char *object_name) {
    return get_with(client, resource, NS, object_name, NULL);
}

struct answer list(const kcr_client *client, const char *resource, const char *options) {
    kcr_list *objects = NULL;
    kcr_error *error = NULL;
    kcr_status status = kcr_client_list(client, resource, NS, options, &objects, &error);
    return owned(status, NULL, objects, error);
}

struct answer create_in(const kcr_client *client, const char *resource, const char *ns, const char *object_name, const char *body, const char *options) {
    kcr_object *object = NULL;
    kcr_error *error = NULL;
    kcr_status status = kcr_client_create(client, resource, ns, object_name, body, KCR_AUTO_LEN, options, &object, &error);
    return owned(status, object, NULL, error);
}

struct answer create(const kcr_client *client, const char *resource, const char *body, const char *options) {
    return create_in(client, resource, NS, NULL, body, options);
}

struct answer replace_with(const char *resource, const char *ns, const char *object_name, const char *body, const char *options) {
    kcr_object *object = NULL;
    kcr_error *error = NULL;
    kcr_status status = kcr_client_replace(admin, resource, ns, object_name, body, KCR_AUTO_LEN, options, &object, &error);
    return owned(status, object, NULL, error);
}

struct answer replace(const char *resource, const char *object_name, const char *body) {
    return replace_with(resource, NS, object_name, body, NULL);
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

struct answer delete_of(const char *resource, const char *object_name, const char *options) {
    kcr_error *error = NULL;
    kcr_status status = kcr_client_delete(admin, resource, NS, object_name, options, &error);
    return owned(status, NULL, NULL, error);
}

struct answer delete(const char *object_name, const char *options) { return delete_of(PROJECTS, object_name, options); }

struct answer delete_all(const char *resource, const char *options) {
    kcr_error *error = NULL;
    kcr_status status = kcr_client_delete_collection(admin, resource, NS, options, &error);
    return owned(status, NULL, NULL, error);
}

struct answer ask(const kcr_client *client, const char *method, const char *path, const char *body, const char *options) {
    char *content = NULL;
    kcr_object *object = NULL;
    kcr_error *error = NULL;
    size_t length = 0;
    int32_t http = 0;
    kcr_status status = kcr_client_request(client, method, path, body, body ? KCR_AUTO_LEN : 0, options, &content, &length, &http, &error);
    if (content) kcr_object_from_json(content, length, &object, NULL);
    own(content, OWN_STRING);
    struct answer answer = owned(status, object, NULL, error);
    answer.content = content ? content : "";
    answer.length = length;
    answer.http = http;
    return answer;
}

struct answer request(const kcr_client *client, const char *method, const char *path, const char *body) {
    return ask(client, method, path, body, NULL);
}

struct answer discover(const kcr_client *client, const char *resource) {
    kcr_object *object = NULL;
    kcr_error *error = NULL;
    kcr_status status = kcr_client_discover(client, resource, &object, &error);
    return owned(status, object, NULL, error);
}

struct answer apply_manifest(const char *manifest, const char *options) {
    kcr_list *objects = NULL;
    kcr_error *error = NULL;
    kcr_status status = kcr_client_apply(admin, manifest, KCR_AUTO_LEN, options, &objects, &error);
    return owned(status, NULL, objects, error);
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

bool fails_at(struct answer answer, const char *field, const char *what) {
    return fails(answer, KCR_ERR_INVALID, 422, "Invalid", what) && same(text_at(status_of(answer), "/details/causes/0/field"), field, text("%s: field", what));
}

bool says(struct answer answer, const char *words, const char *what) {
    return expect(strstr(kcr_error_message(answer.error), words) != NULL, "%s: the message is: %s", what, kcr_error_message(answer.error));
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
