/* Cases: the verbs without blocking, and many of them at once. */
#include "conformance.h"
#include "pool.h"

#include <stdlib.h>

/* A call that is waited for. Callbacks come from the library's threads. */
struct pending {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    int answered, freed;
    kcr_status status;
    kcr_object *object;
    kcr_list *list;
    kcr_error *error;
};

static void on_answer(kcr_status status, const kcr_object *object, const kcr_list *list, const kcr_error *error, void *user_data) {
    struct pending *pending = user_data;
    pthread_mutex_lock(&pending->lock);
    pending->answered++;
    pending->status = status;
    pending->object = kcr_object_retain(object);
    pending->list = kcr_list_retain(list);
    pending->error = kcr_error_retain(error);
    pthread_cond_broadcast(&pending->changed);
    pthread_mutex_unlock(&pending->lock);
}

static void on_freed(void *user_data) {
    struct pending *pending = user_data;
    pthread_mutex_lock(&pending->lock);
    pending->freed++;
    pthread_cond_broadcast(&pending->changed);
    pthread_mutex_unlock(&pending->lock);
}

/* Begins the call; a request that is refused at once has its error in the answer, and no callback. */
static bool begin(struct pending *pending, const kcr_client *client, const char *request_json, kcr_call **handle) {
    *pending = (struct pending){.lock = PTHREAD_MUTEX_INITIALIZER, .changed = PTHREAD_COND_INITIALIZER};
    kcr_error *error = NULL;
    kcr_status status = kcr_client_call(client, request_json, on_answer, pending, on_freed, handle, &error);
    if (status == KCR_OK) return true; /* the answer may be there already */
    pending->status = status;
    pending->error = error;
    return false;
}

/* Waits until the call is over and its user_data is freed: the struct may go then. */
static struct answer end(struct pending *pending) {
    pthread_mutex_lock(&pending->lock);
    while (!pending->freed) pthread_cond_wait(&pending->changed, &pending->lock);
    pthread_mutex_unlock(&pending->lock);
    own(pending->object, OWN_OBJECT);
    own(pending->list, OWN_LIST);
    own(pending->error, OWN_ERROR);
    return (struct answer){.status = pending->status, .object = pending->object, .list = pending->list, .error = pending->error};
}

struct answer call(const kcr_client *client, const char *request_json) {
    struct pending pending;
    bool began = begin(&pending, client, request_json, NULL);
    struct answer answer = end(&pending);
    expect(pending.answered == (began ? 1 : 0), "%d callbacks of %s", pending.answered, request_json);
    return answer;
}

static const char *of_project(const char *verb, const char *more) {
    return text("{\"verb\":\"%s\",\"resource\":\"%s\",\"namespace\":\"%s\",\"name\":\"%s\"%s}", verb, PROJECTS, NS, self(), more);
}

static void calls_do_every_verb(void) {
    const char *create_request = text("{\"verb\":\"create\",\"resource\":\"%s\",\"namespace\":\"%s\",\"body\":%s,\"options\":{\"fieldManager\":\"calls\"}}", PROJECTS, NS, project(0, 1));
    struct answer created = call(admin, create_request);
    works(created, "create");
    expect(replicas_of(created.object) == 1, "create: replicas %" PRId64, replicas_of(created.object));
    fails(call(admin, create_request), KCR_ERR_ALREADY_EXISTS, 409, "AlreadyExists", "a second create");
    same(kcr_object_uid(call(admin, of_project("get", "")).object), kcr_object_uid(created.object), "get: uid");
    const char *of_all = text("{\"verb\":\"%%s\",\"resource\":\"%s\",\"namespace\":\"%s\",\"options\":%s}", PROJECTS, NS, labelled());
    struct answer listed = call(admin, text("{\"verb\":\"list\",%s", strchr(of_all, ',') + 1));
    works(listed, "list");
    same(names(listed.list), "0", "list");
    expect(replicas_of(call(admin, of_project("patch", ",\"patchType\":\"merge\",\"body\":{\"spec\":{\"replicas\":2}}")).object) == 2, "patch, merge");
    expect(replicas_of(call(admin, of_project("patch", ",\"patchType\":\"json\",\"body\":[{\"op\":\"replace\",\"path\":\"/spec/replicas\",\"value\":3}]")).object) == 3, "patch, json");
    struct answer applied = call(admin, of_project("patch", text(",\"patchType\":\"apply\",\"options\":{\"fieldManager\":\"calls\",\"force\":true},\"body\":{\"apiVersion\":"
                                                                 "\"example.sealyun.com/v1alpha1\",\"kind\":\"Project\",\"metadata\":{\"name\":\"%s\"},\"spec\":{\"replicas\":4}}", self())));
    works(applied, "patch, apply");
    const char *body = text("{\"metadata\":%s,\"spec\":{\"replicas\":5}}", metadata(0, text(",\"resourceVersion\":\"%s\"", kcr_object_resource_version(applied.object))));
    expect(replicas_of(call(admin, of_project("replace", text(",\"body\":%s", body))).object) == 5, "replace");
    same(text_at(call(admin, "{\"verb\":\"discover\",\"resource\":\"proj\"}").object, "/kind"), "Project", "discover: kind");
    same(text_at(call(admin, "{\"verb\":\"request\",\"method\":\"GET\",\"path\":\"/version\"}").object, "/major"), "1", "request: major");
    fails(call(admin, "{\"verb\":\"request\",\"method\":\"GET\",\"path\":\"/healthz\"}"), KCR_ERR_TYPE, 0, NULL, "request of a text");
    works(call(admin, of_project("delete", "")), "delete");
    fails(call(admin, of_project("get", "")), KCR_ERR_NOT_FOUND, 404, "NotFound", "get after the delete");
    made(1, 1);
    works(call(admin, text("{\"verb\":\"deleteCollection\",%s", strchr(of_all, ',') + 1)), "deleteCollection");
    same(names(list(admin, PROJECTS, labelled()).list), "", "what is left");
}

static void calls_are_refused_at_once(void) {
    static const char *const wrong[] = {"{}", "[]", "{\"verb\":\"burn\"}", "{\"verb\":\"get\",\"resource\":\"v1/configmaps\",\"namespace\":\"default\",\"name\":\"..\"}",
                                        "{\"verb\":\"list\",\"resource\":\"v1/configmaps\",\"options\":{\"colour\":1}}", "{\"verb\":\"get\",\"colour\":1}"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) fails(call(admin, wrong[i]), KCR_ERR_ARGUMENT, 0, "", wrong[i]);
}

static void calls_are_cancelled(void) {
    struct pending pending;
    kcr_call *handle = NULL;
    int port = 0, listener = silent_server(&port);
    if (!expect(listener >= 0, "a listening socket could not be made")) return;
    const kcr_client *client = client_of(text("{\"source\":\"none\",\"server\":\"http://127.0.0.1:%d\"}", port), NULL);
    expect(begin(&pending, client, of_project("get", ""), &handle), "the call did not begin");
    EVENTUALLY(has_caller(listener), 10000, "nothing has called the silent server");
    int64_t began = now_ms();
    kcr_call_cancel(handle);
    kcr_call_cancel(handle);
    fails(end(&pending), KCR_ERR_CANCELLED, 0, "", "a cancelled call");
    expect(pending.answered == 1, "%d callbacks", pending.answered);
    expect(now_ms() - began < patient(250), "it took %" PRId64 " ms", now_ms() - began);
    kcr_call_free(handle);
    close_server(listener);
}

static void sixty_four_calls_in_flight(void) {
    enum { CALLS = 64 };
    static struct pending pending[CALLS];
    for (int i = 0; i < CALLS; i++) {
        const char *request_json = text("{\"verb\":\"create\",\"resource\":\"%s\",\"namespace\":\"%s\",\"body\":%s}", PROJECTS, NS, project(i + 1, i + 1));
        expect(begin(&pending[i], admin, request_json, NULL), "call %d did not begin", i);
    }
    for (int i = 0; i < CALLS; i++) {
        struct answer answer = end(&pending[i]);
        works(answer, "a create in flight");
        expect(replicas_of(answer.object) == i + 1, "call %d was answered with replicas %" PRId64, i, replicas_of(answer.object));
    }
    size_t count = kcr_list_count(list(admin, PROJECTS, labelled()).list);
    expect(count == CALLS, "%zu objects", count);
}

const struct conformance_case call_cases[] = {
    {"calls-do-every-verb", calls_do_every_verb},
    {"calls-are-refused-at-once", calls_are_refused_at_once},
    {"calls-are-cancelled", calls_are_cancelled},
    {"sixty-four-calls-in-flight", sixty_four_calls_in_flight},
    {NULL, NULL},
};
