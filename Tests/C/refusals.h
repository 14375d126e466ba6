/* Every function of the API called with nothing where something is needed: one table, used by bad_input.c only. */
#ifndef KUBECR_TESTS_REFUSALS_H
#define KUBECR_TESTS_REFUSALS_H

#include "check.h"

MAYBE_UNUSED static void refusals_call(kcr_status status, const kcr_object *object, const kcr_list *list, const kcr_error *error, void *user_data) {
    (void)status, (void)object, (void)list, (void)error, (void)user_data;
}
MAYBE_UNUSED static int32_t refusals_watch(int32_t event, const kcr_object *object, const kcr_error *error, void *user_data) {
    (void)event, (void)object, (void)error, (void)user_data;
    return KCR_CONTINUE;
}
MAYBE_UNUSED static void refusals_event(int32_t event, int32_t flags, const kcr_object *object, const kcr_object *old, void *user_data) {
    (void)event, (void)flags, (void)object, (void)old, (void)user_data;
}
static int refusals_freed;
MAYBE_UNUSED static void refusals_free(void *user_data) {
    (void)user_data;
    refusals_freed++;
}

/* One refused call: ARGUMENT, with an error if one was asked for. */
#define REFUSED(call)                                                                                                           \
    do {                                                                                                                        \
        kcr_error *error = NULL;                                                                                                \
        EXPECT(call, KCR_ERR_ARGUMENT, error, NULL, #call);                                                                     \
    } while (0)

/* What needs a client, with `client` NULL or of another type; no request may leave. */
MAYBE_UNUSED static void refuses_wrong_client(const kcr_client *client) {
    static const char *const R = "example.sealyun.com/v1alpha1/projects";
    kcr_object *object = NULL;
    kcr_list *list = NULL;
    kcr_call *call = NULL;
    kcr_watch *watch = NULL;
    kcr_informer *informer = NULL;
    char *text = NULL;
    REFUSED(kcr_client_get(client, R, "default", "a", NULL, &object, &error));
    REFUSED(kcr_client_list(client, R, "default", NULL, &list, &error));
    REFUSED(kcr_client_create(client, R, "default", NULL, "{}", 2, NULL, &object, &error));
    REFUSED(kcr_client_replace(client, R, "default", "a", "{}", 2, NULL, &object, &error));
    REFUSED(kcr_client_patch(client, R, "default", "a", KCR_PATCH_MERGE, "{}", 2, NULL, &object, &error));
    REFUSED(kcr_client_delete(client, R, "default", "a", NULL, &error));
    REFUSED(kcr_client_delete_collection(client, R, "default", NULL, &error));
    REFUSED(kcr_client_request(client, "GET", "/version", NULL, 0, NULL, &text, NULL, NULL, &error));
    REFUSED(kcr_client_discover(client, R, &object, &error));
    REFUSED(kcr_client_stats(client, &object, &error));
    refusals_freed = 0;
    REFUSED(kcr_client_call(client, "{\"verb\":\"list\",\"resource\":\"v1/pods\"}", refusals_call, NULL, refusals_free, &call, &error));
    CHECK(refusals_freed == 1, "user_data_free ran %d times for a refused call", refusals_freed);
    refusals_freed = 0;
    REFUSED(kcr_client_watch(client, R, "default", NULL, refusals_watch, NULL, refusals_free, &watch, &error));
    CHECK(refusals_freed == 1, "user_data_free ran %d times for a refused watch", refusals_freed);
    REFUSED(kcr_informer_new(client, R, NULL, NULL, &informer, &error));
    REFUSED(kcr_client_process((kcr_client *)client, &error));
    CHECK(kcr_client_fd(client) == -1, "no descriptor");
    CHECK(kcr_client_timeout_ms(client) == -1, "no timeout");
    CHECK(!object && !list && !call && !watch && !informer && !text, "no output was written");
}

/* What needs an informer, with none or another handle. */
MAYBE_UNUSED static void refuses_wrong_informer(kcr_informer *informer) {
    kcr_object *object = NULL;
    kcr_list *list = NULL;
    kcr_handler *handler = NULL;
    refusals_freed = 0;
    REFUSED(kcr_informer_add_handler(informer, refusals_event, NULL, refusals_free, &handler, &error));
    CHECK(refusals_freed == 1, "user_data_free ran %d times for a refused handler", refusals_freed);
    REFUSED(kcr_informer_start(informer, &error));
    REFUSED(kcr_informer_wait_synced(informer, 0, &error));
    REFUSED(kcr_informer_get(informer, "a/b", &object, &error));
    REFUSED(kcr_informer_list(informer, NULL, &list, &error));
    REFUSED(kcr_informer_stats(informer, &object, &error));
    CHECK(kcr_informer_has_synced(informer) == 0, "never synced");
    CHECK(kcr_informer_count(informer) == 0, "nothing there");
    CHECK(kcr_informer_staleness_ms(informer) == -1, "never heard");
    CHECK(kcr_informer_last_error(informer) == NULL, "no error");
    kcr_informer_stop(informer);
    CHECK(!object && !list && !handler, "no output was written");
}

/* With a client that is good (it may point nowhere): what else may not be NULL, negative or not UTF-8. */
MAYBE_UNUSED static void refuses_bad_arguments(kcr_client *client) {
    static const char *const R = "example.sealyun.com/v1alpha1/projects";
    const size_t negative = (size_t)-2, huge = SIZE_MAX / 2;
    kcr_object *object = NULL;
    kcr_list *list = NULL;
    kcr_informer *informer = NULL;
    char *text = NULL;
    REFUSED(kcr_client_get(client, NULL, "default", "a", NULL, &object, &error));
    REFUSED(kcr_client_get(client, R, "default", NULL, NULL, &object, &error));
    REFUSED(kcr_client_get(client, R, "default", "", NULL, &object, &error));
    REFUSED(kcr_client_get(client, R, "default", "a", NULL, NULL, &error));
    REFUSED(kcr_client_get(client, R, "default", "a\xff", NULL, &object, &error));
    REFUSED(kcr_client_get(client, R, "na\xc3", "a", NULL, &object, &error));
    REFUSED(kcr_client_get(client, "v1/\xed\xa0\x80", "default", "a", NULL, &object, &error));
    static const char *const traversals[] = {"..", ".", "a/b", "%2e", "a%b"};
    for (size_t i = 0; i < sizeof traversals / sizeof *traversals; i++) {
        REFUSED(kcr_client_get(client, R, "default", traversals[i], NULL, &object, &error));
        REFUSED(kcr_client_delete(client, R, traversals[i], "a", NULL, &error));
    }
    REFUSED(kcr_client_get(client, "", "default", "a", NULL, &object, &error));
    REFUSED(kcr_client_list(client, NULL, "default", NULL, &list, &error));
    REFUSED(kcr_client_list(client, R, "default", NULL, NULL, &error));
    REFUSED(kcr_client_create(client, R, "default", NULL, NULL, 2, NULL, &object, &error));
    REFUSED(kcr_client_create(client, R, "default", NULL, "{}", negative, NULL, &object, &error));
    REFUSED(kcr_client_create(client, R, "default", NULL, "{}", huge, NULL, &object, &error));
    REFUSED(kcr_client_patch(client, R, "default", "a", KCR_PATCH_MERGE, "{}", huge, NULL, &object, &error));
    REFUSED(kcr_client_request(client, "POST", "/version", "x", huge, NULL, &text, NULL, NULL, &error));
    REFUSED(kcr_client_create(client, R, "default", NULL, "{\"metadata\":", KCR_AUTO_LEN, NULL, &object, &error));
    REFUSED(kcr_client_create(client, R, "default", NULL, "{\"metadata\":{\"name\":\"\xff\"}}", KCR_AUTO_LEN, NULL, &object, &error));
    REFUSED(kcr_client_create(client, R, "default", NULL, "[]", KCR_AUTO_LEN, NULL, &object, &error));
    REFUSED(kcr_client_replace(client, R, "default", NULL, "{}", 2, NULL, &object, &error));
    REFUSED(kcr_client_replace(client, R, "default", "a", NULL, 0, NULL, &object, &error));
    REFUSED(kcr_client_patch(client, R, "default", "a", 99, "{}", 2, NULL, &object, &error));
    REFUSED(kcr_client_patch(client, R, "default", "a", KCR_PATCH_MERGE, NULL, 2, NULL, &object, &error));
    REFUSED(kcr_client_patch(client, R, "default", "a", KCR_PATCH_MERGE, "{}", negative, NULL, &object, &error));
    REFUSED(kcr_client_patch(client, R, "default", "a", KCR_PATCH_MERGE, "{", 1, NULL, &object, &error));
    REFUSED(kcr_client_delete(client, R, "default", NULL, NULL, &error));
    REFUSED(kcr_client_delete_collection(client, NULL, "default", NULL, &error));
    REFUSED(kcr_client_request(client, NULL, "/version", NULL, 0, NULL, &text, NULL, NULL, &error));
    REFUSED(kcr_client_request(client, "GET", NULL, NULL, 0, NULL, &text, NULL, NULL, &error));
    REFUSED(kcr_client_request(client, "GET\r\nX: y", "/version", NULL, 0, NULL, &text, NULL, NULL, &error));
    REFUSED(kcr_client_request(client, "GET", "/version HTTP/1.1\r\nX: y", NULL, 0, NULL, &text, NULL, NULL, &error));
    REFUSED(kcr_client_request(client, "POST", "/version", "x", negative, NULL, &text, NULL, NULL, &error));
    REFUSED(kcr_client_discover(client, NULL, &object, &error));
    REFUSED(kcr_client_discover(client, R, NULL, &error));
    refusals_freed = 0;
    REFUSED(kcr_client_call(client, NULL, refusals_call, NULL, refusals_free, NULL, &error));
    REFUSED(kcr_client_call(client, "{\"verb\":\"list\",\"resource\":\"v1/pods\"}", NULL, NULL, refusals_free, NULL, &error));
    REFUSED(kcr_client_call(client, "{\"verb\":\"sing\",\"resource\":\"v1/pods\"}", refusals_call, NULL, refusals_free, NULL, &error));
    REFUSED(kcr_client_call(client, "{\"verb\":", refusals_call, NULL, refusals_free, NULL, &error));
    REFUSED(kcr_client_call(client, "{\"verb\":\"list\",\"resource\":\"v1/pods\",\"colour\":1}", refusals_call, NULL, refusals_free, NULL, &error));
    REFUSED(kcr_client_watch(client, R, "default", NULL, NULL, NULL, refusals_free, NULL, &error));
    REFUSED(kcr_client_watch(client, NULL, "default", NULL, refusals_watch, NULL, refusals_free, NULL, &error));
    CHECK(refusals_freed == 7, "user_data_free ran %d times for 7 refused starts", refusals_freed);
    REFUSED(kcr_informer_new(client, NULL, NULL, NULL, &informer, &error));
    REFUSED(kcr_informer_new(client, R, NULL, NULL, NULL, &error));
    CHECK(!object && !list && !informer && !text, "no output was written");
    CHECK(kcr_json_quote("x", huge) == NULL && kcr_json_quote("x", negative) == NULL, "no text is so long");
    REQUIRE(kcr_informer_new(client, R, NULL, NULL, &informer, NULL) == KCR_OK, "an informer");
    REFUSED(kcr_informer_get(informer, NULL, &object, &error));
    REFUSED(kcr_informer_get(informer, "a\xff", &object, &error));
    REFUSED(kcr_informer_list(informer, "{\"namespace\":3}", &list, &error));
    REFUSED(kcr_informer_wait_synced(informer, -2, &error));
    kcr_informer_free(informer);
}

#endif
