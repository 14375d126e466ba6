/* Cases: replace; many calls at once; values that are easily broken on the way. */
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
    struct answer second = replace(PROJECTS, self(), body_of(first, 2, ""));
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
    fails(replace(PROJECTS, self(), body_of(first, 9, "")), KCR_ERR_CONFLICT, 409, "Conflict", "a replace of an old version");
    expect(replicas_of(get(admin, PROJECTS, self()).object) == 2, "the object has changed");
}

static void replace_without_a_version_is_invalid(void) {
    made(0, 1);
    struct answer answer = replace(PROJECTS, self(), project(0, 2));
    fails(answer, KCR_ERR_INVALID, 422, "Invalid", "a replace without a version");
    same(text_at(status_of(answer), "/details/causes/0/field"), "metadata.resourceVersion", "field");
}

static void replace_of_nothing_is_not_found(void) {
    fails(replace(PROJECTS, self(), project(0, 1)), KCR_ERR_NOT_FOUND, 404, "NotFound", "a replace of nothing");
}

static void replace_dry_run_changes_nothing(void) {
    const kcr_object *first = made(0, 1);
    struct answer dry = replace_with(PROJECTS, NS, self(), body_of(first, 5, ""), "{\"dryRun\":\"All\"}");
    works(dry, "a dry run");
    expect(replicas_of(dry.object) == 5, "replicas %" PRId64, replicas_of(dry.object));
    same(kcr_object_resource_version(get(admin, PROJECTS, self()).object), kcr_object_resource_version(first), "the object's version");
    fails(replace_with(PROJECTS, NS, self(), body_of(first, 0, ""), "{\"dryRun\":[\"All\"]}"), KCR_ERR_INVALID, 422, "Invalid", "a dry run of what is invalid");
}

static void replace_with_another_uid_is_conflict(void) {
    const kcr_object *first = made(0, 1);
    fails(replace(PROJECTS, self(), body_of(first, 5, ",\"uid\":\"00000000-0000-0000-0000-000000000000\"")), KCR_ERR_CONFLICT, 409, "Conflict", "another's uid");
    works(replace(PROJECTS, self(), body_of(first, 5, text(",\"uid\":\"%s\"", kcr_object_uid(first)))), "its own uid");
}

static void replace_by_the_name_in_the_body(void) {
    const kcr_object *first = made(0, 1);
    struct answer answer = replace_with(PROJECTS, NULL, NULL, body_of(first, 5, text(",\"namespace\":\"%s\"", NS)), NULL);
    works(answer, "a replace without a name");
    same(kcr_object_name(answer.object), self(), "name");
    expect(replicas_of(answer.object) == 5, "replicas %" PRId64, replicas_of(answer.object));
    fails(replace_with(PROJECTS, NS, NULL, "{\"metadata\":{},\"spec\":{\"replicas\":1}}", NULL), KCR_ERR_ARGUMENT, 0, "", "a replace of no name at all");
}

static void replace_checks_fields(void) {
    const kcr_object *first = made(0, 1);
    const char *body = text("{\"metadata\":%s,\"spec\":{\"replicas\":2,\"colour\":\"red\"}}", metadata(0, text(",\"resourceVersion\":\"%s\"", kcr_object_resource_version(first))));
    struct answer strict = replace_with(PROJECTS, NS, self(), body, "{\"fieldValidation\":\"Strict\"}");
    fails(strict, KCR_ERR_BAD_REQUEST, 400, "BadRequest", "an unknown field");
    says(strict, "spec.colour", "the refusal");
    works(replace_with(PROJECTS, NS, self(), body, "{\"fieldValidation\":\"Ignore\"}"), "a replace that ignores unknown fields");
}

static void *add_one_five_times(void *unused) {
    (void)unused;
    for (int added = 0, tries = 0; added < 5 && tries < 200; tries++) {
        const kcr_object *current = get(admin, PROJECTS, self()).object;
        struct answer answer = replace(PROJECTS, self(), body_of(current, replicas_of(current) + 1, ""));
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
    struct answer replaced = replace(PROJECTS, self(), kcr_object_json(first, NULL));
    works(replaced, "a replace without a change");
    same(kcr_object_resource_version(replaced.object), version, "the version after a replace");
    struct answer patched = merge(self(), "{\"spec\":{\"replicas\":3}}");
    works(patched, "a patch without a change");
    same(kcr_object_resource_version(patched.object), version, "the version after a patch");
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
    {"replace-dry-run-changes-nothing", replace_dry_run_changes_nothing},
    {"replace-with-another-uid-is-conflict", replace_with_another_uid_is_conflict},
    {"replace-by-the-name-in-the-body", replace_by_the_name_in_the_body},
    {"replace-checks-fields", replace_checks_fields},
    {"update-settles-conflicts", update_settles_conflicts},
    {"write-without-a-change", write_without_a_change},
    {"many-calls-at-once", many_calls_at_once},
    {"odd-text-survives", odd_text_survives},
    {"big-integers-survive", big_integers_survive},
    {"big-object-survives", big_object_survives},
    {NULL, NULL},
};
