/* Cases: delete and deleteCollection. */
#include "conformance.h"

static void delete_removes(void) {
    made(0, 1);
    works(delete(self(), NULL), "the delete");
    fails(get(admin, PROJECTS, self()), KCR_ERR_NOT_FOUND, 404, "NotFound", "a get after the delete");
    fails(delete(self(), NULL), KCR_ERR_NOT_FOUND, 404, "NotFound", "a second delete");
}

static void delete_with_preconditions(void) {
    const kcr_object *object = made(0, 1);
    fails(delete(self(), "{\"preconditions\":{\"uid\":\"00000000-0000-0000-0000-000000000000\"}}"), KCR_ERR_CONFLICT, 409, "Conflict", "a wrong uid");
    works(get(admin, PROJECTS, self()), "a get after the refused delete");
    works(delete(self(), text("{\"preconditions\":{\"uid\":\"%s\",\"resourceVersion\":\"%s\"}}", kcr_object_uid(object), kcr_object_resource_version(object))),
          "the right uid and version");
    fails(get(admin, PROJECTS, self()), KCR_ERR_NOT_FOUND, 404, "NotFound", "a get after the delete");
}

static void delete_waits_for_finalizers(void) {
    made(0, 1);
    works(merge(self(), "{\"metadata\":{\"finalizers\":[\"conformance.example.com/wait\"]}}"), "setting a finalizer");
    works(delete(self(), NULL), "the delete");
    struct answer still = get(admin, PROJECTS, self());
    works(still, "a get while the finalizer is there");
    expect(*text_at(still.object, "/metadata/deletionTimestamp") != 0, "no deletionTimestamp");
    works(merge(self(), "{\"metadata\":{\"finalizers\":null}}"), "removing the finalizer");
    fails(get(admin, PROJECTS, self()), KCR_ERR_NOT_FOUND, 404, "NotFound", "a get afterwards");
}

static void delete_collection_by_label(void) {
    for (int i = 1; i <= 3; i++) made(i, i);
    works(merge(name(2), "{\"metadata\":{\"labels\":{\"keep\":\"yes\"}}}"), "a label");
    works(delete_all(PROJECTS, text("{\"labelSelector\":\"conformance=%s,!keep\"}", self())), "the deleteCollection");
    same(names(list(admin, PROJECTS, labelled()).list), "2", "what is left");
}

static void delete_dry_run_removes_nothing(void) {
    made(1, 1), made(2, 2);
    works(delete(name(1), "{\"dryRun\":\"All\"}"), "a dry run");
    works(delete_all(PROJECTS, text("{\"labelSelector\":\"conformance=%s\",\"dryRun\":[\"All\"]}", self())), "a dry run of the collection");
    same(names(list(admin, PROJECTS, labelled()).list), "1 2", "what is left");
    fails(delete(name(3), "{\"dryRun\":\"All\"}"), KCR_ERR_NOT_FOUND, 404, "NotFound", "a dry run of nothing");
}

static void delete_takes_every_option(void) {
    const kcr_object *object = made(0, 1);
    const char *options = text("{\"gracePeriodSeconds\":0,\"propagationPolicy\":\"Background\",\"preconditions\":{\"uid\":\"%s\"},\"timeoutMs\":20000,"
                               "\"ignoreStoreReadErrorWithClusterBreakingPotential\":false}", kcr_object_uid(object));
    works(delete(self(), options), "the delete");
    fails(get(admin, PROJECTS, self()), KCR_ERR_NOT_FOUND, 404, "NotFound", "a get after the delete");
    made(1, 1), made(2, 2);
    options = text("{\"labelSelector\":\"conformance=%s\",\"fieldSelector\":\"metadata.name=%s\",\"limit\":100,\"timeoutSeconds\":20,\"resourceVersion\":\"0\","
                   "\"gracePeriodSeconds\":0,\"orphanDependents\":false,\"timeoutMs\":20000}", self(), name(1));
    works(delete_all(PROJECTS, options), "the deleteCollection");
    same(names(list(admin, PROJECTS, labelled()).list), "2", "what is left");
}

static void delete_refuses_bad_options(void) {
    const kcr_object *object = made(0, 1);
    fails_at(delete(self(), "{\"propagationPolicy\":\"Sideways\"}"), "propagationPolicy", "an unknown policy");
    fails(delete(self(), text("{\"preconditions\":{\"uid\":\"%s\",\"resourceVersion\":\"1\"}}", kcr_object_uid(object))), KCR_ERR_CONFLICT, 409, "Conflict", "another version");
    static const char *const wrong[] = {"{\"gracePeriodSeconds\":\"1\"}", "{\"preconditions\":{\"colour\":1}}", "{\"preconditions\":7}", "{\"orphanDependents\":1}", "{\"colour\":1}", "[]"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) fails(delete(self(), wrong[i]), KCR_ERR_ARGUMENT, 0, "", wrong[i]);
    works(get(admin, PROJECTS, self()), "a get afterwards");
}

/* Deletes an object; the finalizer that holds it then, "" when it has gone. */
static const char *held_by(int number, const char *options) {
    made(number, 1);
    works(delete(name(number), options), options);
    return text_at(get(admin, PROJECTS, name(number)).object, "/metadata/finalizers/0");
}

static void delete_propagates(void) {
    same(held_by(1, "{\"propagationPolicy\":\"Foreground\"}"), "foregroundDeletion", "Foreground");
    same(held_by(2, "{\"propagationPolicy\":\"Orphan\"}"), "orphan", "Orphan");
    same(held_by(3, "{\"orphanDependents\":true}"), "orphan", "orphanDependents");
    same(held_by(4, "{\"propagationPolicy\":\"Background\"}"), "", "Background");
    for (int i = 1; i <= 3; i++) works(merge(name(i), "{\"metadata\":{\"finalizers\":null}}"), "removing the finalizer");
    made(5, 1);
    fails_at(delete(name(5), "{\"propagationPolicy\":\"Orphan\",\"orphanDependents\":true}"), "propagationPolicy", "both at once");
    works(delete_all(PROJECTS, text("{\"labelSelector\":\"conformance=%s\",\"propagationPolicy\":\"Foreground\"}", self())), "the deleteCollection");
    same(text_at(get(admin, PROJECTS, name(5)).object, "/metadata/finalizers/0"), "foregroundDeletion", "the collection");
    works(merge(name(5), "{\"metadata\":{\"finalizers\":null}}"), "removing the finalizer");
}

static void delete_collection_in_pages(void) {
    for (int i = 1; i <= 3; i++) made(i, i);
    works(delete_all(PROJECTS, text("{\"labelSelector\":\"conformance=%s\",\"limit\":2}", self())), "the deleteCollection");
    same(names(list(admin, PROJECTS, labelled()).list), "3", "what is left");
}

static void delete_collection_by_field(void) {
    for (int i = 1; i <= 3; i++) made(i, i);
    works(delete_all(PROJECTS, text("{\"fieldSelector\":\"metadata.name=%s\"}", name(2))), "the deleteCollection");
    same(names(list(admin, PROJECTS, labelled()).list), "1 3", "what is left");
    kcr_error *error = NULL;
    kcr_status status = kcr_client_delete_collection(admin, PROJECTS, NULL, labelled(), &error);
    fails((struct answer){.status = status, .error = error}, KCR_ERR_ARGUMENT, 0, "", "a deleteCollection of no namespace");
    kcr_error_free(error);
    works(delete_all(PROJECTS, text("{\"labelSelector\":\"conformance=%s\",\"resourceVersion\":\"0\",\"resourceVersionMatch\":\"NotOlderThan\"}", self())), "at any version");
    same(names(list(admin, PROJECTS, labelled()).list), "", "what is left in the end");
}

const struct conformance_case delete_cases[] = {
    {"delete-removes", delete_removes},
    {"delete-with-preconditions", delete_with_preconditions},
    {"delete-waits-for-finalizers", delete_waits_for_finalizers},
    {"delete-collection-by-label", delete_collection_by_label},
    {"delete-dry-run-removes-nothing", delete_dry_run_removes_nothing},
    {"delete-takes-every-option", delete_takes_every_option},
    {"delete-refuses-bad-options", delete_refuses_bad_options},
    {"delete-propagates", delete_propagates},
    {"delete-collection-in-pages", delete_collection_in_pages},
    {"delete-collection-by-field", delete_collection_by_field},
    {NULL, NULL},
};
