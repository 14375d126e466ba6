/* Cases: replace, patch, subresources, delete; many calls at once; values that are easily broken on the way. */
#include "conformance.h"
#include "pool.h"

#include <stdlib.h>

/* The object as a body with other replicas: its name, label and version. */
static const char *body_of(const kcr_object *object, int64_t replicas, const char *more) {
    return text("{\"metadata\":%s,\"spec\":{\"replicas\":%" PRId64 "}}",
                metadata(0, text(",\"resourceVersion\":\"%s\"%s", kcr_object_resource_version(object), more)), replicas);
}

static void replace_counts_generations(void) {
    const kcr_object *first = made(0, 1);
    struct answer second = replace(admin, PROJECTS, self(), body_of(first, 2, ""));
    works(second, "a replace of the spec");
    expect(replicas_of(second.object) == 2, "replicas %" PRId64, replicas_of(second.object));
    expect(int_at(second.object, "/metadata/generation") == 2, "generation %" PRId64, int_at(second.object, "/metadata/generation"));
    expect(strcmp(kcr_object_resource_version(first), kcr_object_resource_version(second.object)), "the resourceVersion is as before");
    struct answer third = merge(self(), "{\"metadata\":{\"labels\":{\"more\":\"yes\"}}}");
    works(third, "a change of a label");
    expect(int_at(third.object, "/metadata/generation") == 2, "a label raised the generation");
    expect(strcmp(kcr_object_resource_version(second.object), kcr_object_resource_version(third.object)), "a label left the resourceVersion");
}

static void replace_of_an_old_version_is_conflict(void) {
    const kcr_object *first = made(0, 1);
    set_replicas(0, 2);
    fails(replace(admin, PROJECTS, self(), body_of(first, 9, "")), KCR_ERR_CONFLICT, 409, "Conflict", "a replace of an old version");
    expect(replicas_of(get(admin, PROJECTS, self()).object) == 2, "the object has changed");
}

static void replace_without_a_version_is_invalid(void) {
    made(0, 1);
    struct answer answer = replace(admin, PROJECTS, self(), project(0, 2));
    fails(answer, KCR_ERR_INVALID, 422, "Invalid", "a replace without a version");
    same(text_at(status_of(answer), "/details/causes/0/field"), "metadata.resourceVersion", "field");
}

static void replace_of_nothing_is_not_found(void) {
    fails(replace(admin, PROJECTS, self(), project(0, 1)), KCR_ERR_NOT_FOUND, 404, "NotFound", "a replace of nothing");
}

static void *add_one_five_times(void *unused) {
    (void)unused;
    for (int added = 0, tries = 0; added < 5 && tries < 200; tries++) {
        const kcr_object *current = get(admin, PROJECTS, self()).object;
        struct answer answer = replace(admin, PROJECTS, self(), body_of(current, replicas_of(current) + 1, ""));
        if (answer.status == KCR_ERR_CONFLICT) continue;
        if (!works(answer, "a writer's replace")) break;
        added++;
    }
    return NULL;
}

/* Runs `work` in `count` threads, each with its number, and waits for them. */
static void in_threads(size_t count, void *(*work)(void *)) {
    pthread_t threads[16];
    size_t numbers[16], started = 0;
    for (; started < count; started++) {
        numbers[started] = started;
        if (!expect(pthread_create(&threads[started], NULL, work, &numbers[started]) == 0, "a thread could not be made")) break;
    }
    while (started > 0) pthread_join(threads[--started], NULL);
}

static void update_settles_conflicts(void) {
    made(0, 1);
    in_threads(4, add_one_five_times);
    int64_t replicas = replicas_of(get(admin, PROJECTS, self()).object);
    expect(replicas == 21, "replicas %" PRId64 ", not 21", replicas);
}

static void write_without_a_change(void) {
    const kcr_object *first = made(0, 3);
    const char *version = kcr_object_resource_version(first);
    struct answer replaced = replace(admin, PROJECTS, self(), kcr_object_json(first, NULL));
    works(replaced, "a replace without a change");
    same(kcr_object_resource_version(replaced.object), version, "the version after a replace");
    struct answer patched = merge(self(), "{\"spec\":{\"replicas\":3}}");
    works(patched, "a patch without a change");
    same(kcr_object_resource_version(patched.object), version, "the version after a patch");
}

static void merge_patch_sets_and_removes(void) {
    made(0, 1);
    works(merge(self(), "{\"metadata\":{\"labels\":{\"old\":\"1\"}}}"), "a first patch");
    struct answer answer = merge(self(), "{\"metadata\":{\"labels\":{\"old\":null,\"new\":\"2\"}},\"spec\":{\"replicas\":5}}");
    works(answer, "the patch");
    expect(!has(answer.object, "/metadata/labels/old"), "the old label is still there");
    same(text_at(answer.object, "/metadata/labels/new"), "2", "the new label");
    same(text_at(answer.object, "/metadata/labels/conformance"), self(), "the untouched label");
    expect(replicas_of(answer.object) == 5, "replicas %" PRId64, replicas_of(answer.object));
}

static struct answer json_patch(int tested) {
    return patch(admin, PROJECTS, self(), KCR_PATCH_JSON,
                 text("[{\"op\":\"test\",\"path\":\"/spec/replicas\",\"value\":%d},{\"op\":\"replace\",\"path\":\"/spec/replicas\",\"value\":7}]", tested), NULL);
}

static void json_patch_tests_first(void) {
    made(0, 1);
    struct answer failed = json_patch(2);
    fails(failed, KCR_ERR_INVALID, 422, NULL, "a patch whose test fails");
    expect(replicas_of(get(admin, PROJECTS, self()).object) == 1, "it has changed the object");
    struct answer answer = json_patch(1);
    works(answer, "a patch whose test holds");
    expect(replicas_of(answer.object) == 7, "replicas %" PRId64, replicas_of(answer.object));
}

static void patch_into_invalid_is_refused(void) {
    const kcr_object *first = made(0, 1);
    fails(merge(self(), "{\"spec\":{\"replicas\":0}}"), KCR_ERR_INVALID, 422, "Invalid", "a patch to replicas 0");
    same(kcr_object_resource_version(get(admin, PROJECTS, self()).object), kcr_object_resource_version(first), "the object's version");
}

static void strategic_patch_of_a_custom_resource_is_refused(void) {
    made(0, 1);
    fails(patch(admin, PROJECTS, self(), KCR_PATCH_STRATEGIC, "{\"spec\":{\"replicas\":2}}", NULL), KCR_ERR_BAD_REQUEST, 415, "UnsupportedMediaType",
          "a strategic merge patch");
}

static struct answer apply(int64_t replicas, const char *options) {
    return patch(admin, PROJECTS, self(), KCR_PATCH_APPLY,
                 text("{\"apiVersion\":\"example.sealyun.com/v1alpha1\",\"kind\":\"Project\",\"metadata\":%s,\"spec\":{\"replicas\":%" PRId64 "}}", metadata(0, ""), replicas),
                 options);
}

static void apply_creates_and_changes(void) {
    struct answer first = apply(1, "{\"fieldManager\":\"one\"}"), second = apply(2, "{\"fieldManager\":\"one\"}");
    works(first, "the first apply");
    expect(replicas_of(first.object) == 1 && *kcr_object_uid(first.object), "the first apply: %s", kcr_object_json(first.object, NULL));
    works(second, "the second apply");
    same(kcr_object_uid(second.object), kcr_object_uid(first.object), "uid");
    expect(replicas_of(second.object) == 2, "replicas %" PRId64, replicas_of(second.object));
}

static void apply_tells_conflicts(void) {
    works(apply(1, "{\"fieldManager\":\"one\"}"), "one's apply");
    fails(apply(2, "{\"fieldManager\":\"two\"}"), KCR_ERR_CONFLICT, 409, "Conflict", "two's apply");
    struct answer forced = apply(2, "{\"fieldManager\":\"two\",\"force\":true}");
    works(forced, "two's apply with force");
    expect(replicas_of(forced.object) == 2, "replicas %" PRId64, replicas_of(forced.object));
}

static void status_is_apart(void) {
    made(0, 1);
    struct answer answer = patch(admin, PROJECTS "/status", self(), KCR_PATCH_MERGE, "{\"spec\":{\"replicas\":9},\"status\":{\"phase\":\"Ready\"}}", NULL);
    works(answer, "a patch of the status");
    same(text_at(answer.object, "/status/phase"), "Ready", "the phase");
    expect(replicas_of(answer.object) == 1, "the patch of the status changed the spec");
    expect(int_at(answer.object, "/metadata/generation") == 1, "the status raised the generation");
    const char *body = text("{\"metadata\":%s,\"spec\":{\"replicas\":2},\"status\":{\"phase\":\"Broken\"}}",
                            metadata(0, text(",\"resourceVersion\":\"%s\"", kcr_object_resource_version(answer.object))));
    struct answer replaced = replace(admin, PROJECTS, self(), body);
    works(replaced, "a replace with a status");
    same(text_at(replaced.object, "/status/phase"), "Ready", "the phase after the replace");
    expect(replicas_of(replaced.object) == 2, "replicas %" PRId64, replicas_of(replaced.object));
}

static void scale_reads_and_sets(void) {
    made(0, 2);
    struct answer scale = get(admin, PROJECTS "/scale", self());
    works(scale, "a get of scale");
    same(text_at(scale.object, "/kind"), "Scale", "kind");
    expect(replicas_of(scale.object) == 2, "the scale's replicas %" PRId64, replicas_of(scale.object));
    struct answer patched = patch(admin, PROJECTS "/scale", self(), KCR_PATCH_MERGE, "{\"spec\":{\"replicas\":3}}", NULL);
    works(patched, "a patch of scale");
    same(text_at(patched.object, "/kind"), "Scale", "kind of what the patch answers");
    expect(replicas_of(get(admin, PROJECTS, self()).object) == 3, "the object has not 3 replicas");
}

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
    kcr_error *error = NULL;
    kcr_status status = kcr_client_delete_collection(admin, PROJECTS, NS, text("{\"labelSelector\":\"conformance=%s,!keep\"}", self()), &error);
    expect(status == KCR_OK, "the deleteCollection: %s", kcr_error_message(error));
    kcr_error_free(error);
    same(names(list(admin, PROJECTS, labelled()).list), "2", "what is left");
}

static void *ten_lives(void *number) {
    for (int i = 1; i <= 10; i++) {
        int mine = (int)*(size_t *)number * 100 + i;
        works(create(admin, PROJECTS, project(mine, mine), NULL), "a thread's create");
        expect(replicas_of(get(admin, PROJECTS, name(mine)).object) == mine, "a thread got another's object");
        works(delete(name(mine), NULL), "a thread's delete");
    }
    return NULL;
}

static void many_calls_at_once(void) {
    in_threads(8, ten_lives);
    same(names(list(admin, PROJECTS, labelled()).list), "", "what is left");
}

static void odd_text_survives(void) {
    static const char *odd = "quotes \" ' back\\slash\nline\r\n\ttab \x01 \xc3\xa4\xc3\xb6\xc3\xbc \xe4\xb8\xad\xe6\x96\x87 \xf0\x9f\x90\xb3";
    const char *at = "/metadata/annotations/odd";
    const char *body = text("{\"metadata\":%s,\"spec\":{\"replicas\":1}}", metadata(0, text(",\"annotations\":{\"odd\":%s}", quoted(odd))));
    works(create(admin, PROJECTS, body, NULL), "the create");
    same(text_at(get(admin, PROJECTS, self()).object, at), odd, "got");
    same(text_at(kcr_list_at(list(admin, PROJECTS, labelled()).list, 0), at), odd, "listed");
    struct stream *stream = informer(admin, PROJECTS, NS, labelled());
    start(stream, 10000);
    kcr_object *cached = NULL;
    kcr_informer_get(stream->informer, text("%s/%s", NS, self()), &cached, NULL);
    same(text_at(cached, at), odd, "cached");
    kcr_object_free(cached);
}

static void big_integers_survive(void) {
    expect(replicas_of(made(0, 2147483647)) == 2147483647, "2147483647 came back as %" PRId64, replicas_of(get(admin, PROJECTS, self()).object));
    struct answer answer = create(admin, PROJECTS, project(1, 9007199254740993), NULL); /* 2^53 + 1: no double holds it */
    fails(answer, KCR_ERR_INVALID, 422, "Invalid", "9007199254740993");
    expect(strstr(kcr_error_message(answer.error), "9007199254740993") != NULL, "the message: %s", kcr_error_message(answer.error));
}

static void big_object_survives(void) {
    enum { LENGTH = 200000 };
    struct stream *stream = watch(admin, PROJECTS, labelled());
    hears(stream, KCR_EVENT_BOOKMARK, NULL, 1, 10000);
    char *body = malloc(LENGTH + 1024);
    if (!body) abort();
    int begin = snprintf(body, 1024, "{\"metadata\":{\"name\":\"%s\",\"labels\":{\"conformance\":\"%s\"},\"annotations\":{\"big\":\"", self(), self());
    memset(body + begin, 'x', LENGTH);
    strcpy(body + begin + LENGTH, "\"}},\"spec\":{\"replicas\":1}}");
    struct answer created = create(admin, PROJECTS, body, NULL);
    free(body);
    works(created, "the create");
    size_t got = strlen(text_at(get(admin, PROJECTS, self()).object, "/metadata/annotations/big"));
    expect(got == LENGTH, "%zu of %d characters came back", got, LENGTH);
    hears(stream, KCR_EVENT_ADDED, self(), 1, 10000);
    expect(last_event(stream).big == LENGTH, "%zu of %d characters came by the watch", last_event(stream).big, LENGTH);
}

const struct conformance_case change_cases[] = {
    {"replace-counts-generations", replace_counts_generations},
    {"replace-of-an-old-version-is-conflict", replace_of_an_old_version_is_conflict},
    {"replace-without-a-version-is-invalid", replace_without_a_version_is_invalid},
    {"replace-of-nothing-is-not-found", replace_of_nothing_is_not_found},
    {"update-settles-conflicts", update_settles_conflicts},
    {"write-without-a-change", write_without_a_change},
    {"merge-patch-sets-and-removes", merge_patch_sets_and_removes},
    {"json-patch-tests-first", json_patch_tests_first},
    {"patch-into-invalid-is-refused", patch_into_invalid_is_refused},
    {"strategic-patch-of-a-custom-resource-is-refused", strategic_patch_of_a_custom_resource_is_refused},
    {"apply-creates-and-changes", apply_creates_and_changes},
    {"apply-tells-conflicts", apply_tells_conflicts},
    {"status-is-apart", status_is_apart},
    {"scale-reads-and-sets", scale_reads_and_sets},
    {"delete-removes", delete_removes},
    {"delete-with-preconditions", delete_with_preconditions},
    {"delete-waits-for-finalizers", delete_waits_for_finalizers},
    {"delete-collection-by-label", delete_collection_by_label},
    {"many-calls-at-once", many_calls_at_once},
    {"odd-text-survives", odd_text_survives},
    {"big-integers-survive", big_integers_survive},
    {"big-object-survives", big_object_survives},
    {NULL, NULL},
};
