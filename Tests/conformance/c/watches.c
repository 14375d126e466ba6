/* Cases: raw watches. */
#include "conformance.h"

/* The options of a watch by the case's label from a list made now. */
static const char *from_now(const char *more) {
    struct answer answer = list(admin, PROJECTS, labelled());
    works(answer, "a list for its version");
    return text("{\"labelSelector\":\"conformance=%s\",\"resourceVersion\":\"%s\"%s}", self(), kcr_list_resource_version(answer.list), more);
}

static void watch_from_a_list(void) {
    made(1, 1);
    const char *options = from_now("");
    made(2, 2);
    struct stream *stream = watch(admin, PROJECTS, options);
    hears(stream, KCR_EVENT_ADDED, name(2), 1, 10000);
    set_replicas(1, 7);
    works(delete(name(1), NULL), "a delete");
    hears(stream, KCR_EVENT_DELETED, name(1), 1, 10000);
    same(story(stream), "ADDED 2 r2, MODIFIED 1 r7, DELETED 1 r7", "the watch");
}

static void watch_from_nothing(void) {
    made(1, 1), made(2, 2);
    struct stream *stream = watch(admin, PROJECTS, labelled());
    hears(stream, KCR_EVENT_BOOKMARK, NULL, 1, 10000);
    same(story(stream), "ADDED 1 r1, ADDED 2 r2", "the watch up to its BOOKMARK");
    set_replicas(2, 5);
    hears(stream, KCR_EVENT_MODIFIED, name(2), 1, 10000);
    same(story(stream), "ADDED 1 r1, ADDED 2 r2, MODIFIED 2 r5", "the watch");
}

static void watch_by_label(void) {
    made(1, 1), made(2, 2);
    works(merge(name(1), "{\"metadata\":{\"labels\":{\"watched\":\"yes\"}}}"), "a label");
    const char *options = from_now("");
    struct stream *stream = watch(admin, PROJECTS, text("{\"labelSelector\":\"watched,%s", strstr(options, "conformance=")));
    works(merge(name(1), "{\"metadata\":{\"labels\":{\"watched\":null}}}"), "removing the label");
    works(merge(name(2), "{\"metadata\":{\"labels\":{\"watched\":\"yes\"}}}"), "setting the label");
    hears(stream, KCR_EVENT_ADDED, name(2), 1, 10000);
    same(story(stream), "DELETED 1 r1, ADDED 2 r2", "the watch");
}

static void watch_one_object(void) {
    made(1, 1), made(2, 2);
    const char *version = kcr_list_resource_version(list(admin, PROJECTS, labelled()).list);
    struct stream *stream = watch(admin, PROJECTS, text("{\"fieldSelector\":\"metadata.name=%s\",\"resourceVersion\":\"%s\"}", name(2), version));
    set_replicas(1, 5);
    set_replicas(2, 6);
    hears(stream, KCR_EVENT_MODIFIED, name(2), 1, 10000);
    same(story(stream), "MODIFIED 2 r6", "the watch");
}

static void watch_outlives_its_requests(void) {
    struct stream *stream = watch(admin, PROJECTS, from_now(",\"timeoutSeconds\":1"));
    int64_t until = now_ms() + 3000;
    int count = 0;
    while (now_ms() < until) {
        count++;
        made(count, count);
        pause_ms(100); /* so that changes fall into every request and between them */
    }
    hears(stream, KCR_EVENT_ADDED, name(count), 1, 10000);
    expect(heard(stream, KCR_EVENT_ADDED, NULL) == (size_t)count, "%zu of %d came: %s", heard(stream, KCR_EVENT_ADDED, NULL), count, story(stream));
    for (int i = 1; i <= count; i++) expect(heard(stream, KCR_EVENT_ADDED, name(i)) == 1, "%s did not come once", name(i));
}

static void watch_ends_by_its_time_out(void) {
    int64_t began = now_ms();
    struct stream *stream = watch(admin, PROJECTS, from_now(",\"timeoutMs\":700"));
    hears(stream, KCR_EVENT_END, NULL, 1, 10000);
    int64_t took = now_ms() - began;
    expect(took >= 600 && took < patient(5000), "it took %" PRId64 " ms", took);
    expect(last_event(stream).status == KCR_OK, "it ended with %s", kcr_status_name(last_event(stream).status));
}

static void watch_ends_when_stopped(void) {
    struct stream *stream = watch(admin, PROJECTS, labelled());
    hears(stream, KCR_EVENT_BOOKMARK, NULL, 1, 10000);
    kcr_watch_stop(stream->watch);
    hears(stream, KCR_EVENT_END, NULL, 1, 1000);
    expect(last_event(stream).status == KCR_OK, "it ended with %s", kcr_status_name(last_event(stream).status));
    works(list(admin, PROJECTS, labelled()), "a list afterwards");
}

static void ends_with(struct stream *stream, kcr_status status, int32_t http) {
    if (!hears(stream, KCR_EVENT_END, NULL, 1, 20000)) return;
    struct event last = last_event(stream);
    expect(last.status == status, "it ended with %s", kcr_status_name(last.status));
    expect(http == 0 || last.http == http, "it ended with HTTP status %d", last.http);
}

static void watch_too_old_is_gone(void) {
    ends_with(watch(admin, PROJECTS, "{\"resourceVersion\":\"1\"}"), KCR_ERR_GONE, 0);
}

static void watch_of_an_unknown_resource(void) {
    ends_with(watch(admin, "example.sealyun.com/v1alpha1/unknowns", "{\"resourceVersion\":\"5\"}"), KCR_ERR_NOT_FOUND, 404);
}

static void watch_after_compaction_is_gone(void) {
    const char *options = from_now("");
    made(1, 1);
    works(request(admin, "POST", "/_test/compact", ""), "the compaction");
    ends_with(watch(admin, PROJECTS, options), KCR_ERR_GONE, 0);
}

static void list_page_after_compaction(void) {
    for (int i = 1; i <= 3; i++) made(i, i);
    struct answer first = list(admin, PROJECTS, text("{\"labelSelector\":\"conformance=%s\",\"limit\":2}", self()));
    works(first, "the first page");
    set_replicas(3, 9);
    works(request(admin, "POST", "/_test/compact", ""), "the compaction");
    struct answer second = list(admin, PROJECTS, text("{\"labelSelector\":\"conformance=%s\",\"limit\":2,\"continue\":%s}", self(), quoted(kcr_list_continue(first.list))));
    fails(second, KCR_ERR_GONE, 410, "Expired", "the second page");
}

static void many_watches_on_one_client(void) {
    struct stream *streams[20];
    const char *options = from_now("");
    for (size_t i = 0; i < 20; i++) streams[i] = watch(admin, PROJECTS, options);
    made(1, 1);
    for (size_t i = 0; i < 20; i++) hears(streams[i], KCR_EVENT_ADDED, name(1), 1, 10000);
}

static int32_t never_called(int32_t event, const kcr_object *object, const kcr_error *error, void *user_data) {
    (void)object, (void)error, (void)user_data;
    expect(false, "a watch that was refused calls back with event %d", event);
    return KCR_STOP;
}

static void watch_by_both_selectors(void) {
    made(1, 1), made(2, 2);
    const char *version = kcr_list_resource_version(list(admin, PROJECTS, labelled()).list);
    struct stream *stream = watch(admin, PROJECTS, text("{\"labelSelector\":\"conformance=%s,watched\",\"fieldSelector\":\"metadata.name=%s\",\"resourceVersion\":\"%s\"}", self(), name(2), version));
    for (int i = 1; i <= 2; i++) works(merge(name(i), "{\"metadata\":{\"labels\":{\"watched\":\"yes\"}}}"), "a label");
    hears(stream, KCR_EVENT_ADDED, name(2), 1, 10000);
    set_replicas(1, 7), set_replicas(2, 8);
    hears(stream, KCR_EVENT_MODIFIED, name(2), 1, 10000);
    same(story(stream), "ADDED 2 r2, MODIFIED 2 r8", "the watch");
}

static void watch_by_another_name(void) {
    struct stream *stream = watch(admin, "proj", labelled());
    hears(stream, KCR_EVENT_BOOKMARK, NULL, 1, 10000);
    made(1, 1);
    hears(stream, KCR_EVENT_ADDED, name(1), 1, 10000);
}

static void watch_all_namespaces(void) {
    struct stream *stream = watch_in(admin, PROJECTS, NULL, from_now(""));
    made(1, 1);
    hears(stream, KCR_EVENT_ADDED, name(1), 1, 10000);
}

static void watch_from_any_version(void) {
    made(1, 1), made(2, 2);
    struct stream *stream = watch(admin, PROJECTS, text("{\"labelSelector\":\"conformance=%s\",\"resourceVersion\":\"0\"}", self()));
    hears(stream, KCR_EVENT_ADDED, NULL, 2, 10000);
    set_replicas(1, 7);
    hears(stream, KCR_EVENT_MODIFIED, name(1), 1, 10000);
    expect(heard(stream, KCR_EVENT_ADDED, name(1)) == 1 && heard(stream, KCR_EVENT_ADDED, name(2)) == 1, "the watch: %s", story(stream));
}

static void watch_has_both_time_limits(void) {
    int64_t began = now_ms();
    struct stream *stream = watch(admin, PROJECTS, from_now(",\"timeoutSeconds\":1,\"timeoutMs\":2500"));
    EVENTUALLY(now_ms() - began > 1500, 5000, "the clock stands still");
    made(1, 1); /* when the first request has ended */
    hears(stream, KCR_EVENT_ADDED, name(1), 1, 1000);
    hears(stream, KCR_EVENT_END, NULL, 1, 10000);
    expect(now_ms() - began >= 2400, "it ended after %" PRId64 " ms", now_ms() - began);
    expect(last_event(stream).status == KCR_OK, "it ended with %s", kcr_status_name(last_event(stream).status));
}

static void watch_refuses_bad_options(void) {
    static const char *const wrong[] = {"{\"resourceVersion\":7}", "{\"timeoutMs\":0}", "{\"timeoutSeconds\":\"1\"}", "{\"limit\":5}", "{\"colour\":1}", "[]"};
    for (size_t i = 0; i < sizeof wrong / sizeof *wrong; i++) {
        kcr_watch *handle = NULL;
        kcr_error *error = NULL;
        kcr_status status = kcr_client_watch(admin, PROJECTS, NS, wrong[i], never_called, NULL, NULL, &handle, &error);
        fails((struct answer){.status = status, .error = error}, KCR_ERR_ARGUMENT, 0, "", wrong[i]);
        kcr_error_free(error);
        kcr_watch_free(handle);
    }
    ends_with(watch(admin, PROJECTS, "{\"resourceVersion\":\"5\",\"labelSelector\":\"colour in\"}"), KCR_ERR_BAD_REQUEST, 400);
}

const struct conformance_case watch_cases[] = {
    {"watch-from-a-list", watch_from_a_list},
    {"watch-from-nothing", watch_from_nothing},
    {"watch-by-label", watch_by_label},
    {"watch-one-object", watch_one_object},
    {"watch-outlives-its-requests", watch_outlives_its_requests},
    {"watch-ends-by-its-time-out", watch_ends_by_its_time_out},
    {"watch-ends-when-stopped", watch_ends_when_stopped},
    {"watch-too-old-is-gone", watch_too_old_is_gone},
    {"watch-of-an-unknown-resource", watch_of_an_unknown_resource},
    {"watch-after-compaction-is-gone", watch_after_compaction_is_gone},
    {"list-page-after-compaction", list_page_after_compaction},
    {"many-watches-on-one-client", many_watches_on_one_client},
    {"watch-by-both-selectors", watch_by_both_selectors},
    {"watch-by-another-name", watch_by_another_name},
    {"watch-all-namespaces", watch_all_namespaces},
    {"watch-from-any-version", watch_from_any_version},
    {"watch-has-both-time-limits", watch_has_both_time_limits},
    {"watch-refuses-bad-options", watch_refuses_bad_options},
    {NULL, NULL},
};
