/* Cases: informers. */
#include "conformance.h"


static int64_t cached_replicas(const struct stream *stream, int number) {
    kcr_object *cached = NULL;
    kcr_informer_get(stream->informer, text("%s/%s", NS, name(number)), &cached, NULL);
    int64_t replicas = replicas_of(cached);
    kcr_object_free(cached);
    return replicas;
}

static void informer_syncs_and_answers(void) {
    for (int i = 1; i <= 3; i++) made(i, i);
    struct stream *stream = informer(admin, PROJECTS, NS, labelled());
    start(stream, 10000);
    expect(kcr_informer_has_synced(stream->informer) == 1, "it does not say that it is synced");
    expect(kcr_informer_count(stream->informer) == 3, "%zu objects", kcr_informer_count(stream->informer));
    for (int i = 1; i <= 3; i++) expect(cached_replicas(stream, i) == i, "the replicas of %d are %" PRId64, i, cached_replicas(stream, i));
    kcr_object *absent = NULL;
    expect(kcr_informer_get(stream->informer, NS "/nothing", &absent, NULL) == KCR_ERR_NOT_FOUND && !absent, "an absent key is found");
    kcr_list *all = NULL;
    expect(kcr_informer_list(stream->informer, NULL, &all, NULL) == KCR_OK && kcr_list_count(all) == 3, "%zu objects listed", kcr_list_count(all));
    kcr_list_free(all);
}

static void informer_tells_what_was_there_first(void) {
    made(1, 1);
    struct stream *stream = informer(admin, PROJECTS, NS, labelled());
    start(stream, 10000);
    hears(stream, KCR_EVENT_SYNCED, NULL, 1, 10000);
    made(2, 2);
    hears(stream, KCR_EVENT_ADDED, name(2), 1, 10000);
    same(story(stream), "ADDED 1 r1 initial, SYNCED, ADDED 2 r2", "the handler");
}

static void informer_follows(void) {
    struct stream *stream = informer(admin, PROJECTS, NS, labelled());
    start(stream, 10000);
    made(1, 1);
    hears(stream, KCR_EVENT_ADDED, name(1), 1, 10000);
    set_replicas(1, 3);
    hears(stream, KCR_EVENT_MODIFIED, name(1), 1, 10000);
    works(delete(name(1), NULL), "the delete");
    hears(stream, KCR_EVENT_DELETED, name(1), 1, 10000);
    same(story(stream), "SYNCED, ADDED 1 r1, MODIFIED 1 r1>r3, DELETED 1 r3", "the handler");
    for (size_t i = 1; i < stream->count; i++) expect(stream->events[i].cached, "event %zu was told before the cache held it", i);
    expect(kcr_informer_count(stream->informer) == 0, "%zu objects are left", kcr_informer_count(stream->informer));
}

static void informer_late_handler(void) {
    made(1, 1), made(2, 2);
    struct stream *stream = informer(admin, PROJECTS, NS, labelled());
    start(stream, 10000);
    struct stream *late = late_handler(stream);
    hears(late, KCR_EVENT_SYNCED, NULL, 1, 10000);
    expect(heard(late, KCR_EVENT_ADDED, name(1)) == 1 && heard(late, KCR_EVENT_ADDED, name(2)) == 1 && late->count == 3, "it heard: %s", story(late));
    set_replicas(1, 4);
    hears(late, KCR_EVENT_MODIFIED, name(1), 1, 10000);
    expect(late->count == 4, "it heard: %s", story(late));
}

static void informer_by_label(void) {
    made(1, 1), made(2, 2);
    works(merge(name(1), "{\"metadata\":{\"labels\":{\"held\":\"yes\"}}}"), "a label");
    struct stream *stream = informer(admin, PROJECTS, NS, text("{\"labelSelector\":\"held=yes,conformance=%s\"}", self()));
    start(stream, 10000);
    works(merge(name(1), "{\"metadata\":{\"labels\":{\"held\":null}}}"), "removing the label");
    hears(stream, KCR_EVENT_DELETED, name(1), 1, 10000);
    works(merge(name(2), "{\"metadata\":{\"labels\":{\"held\":\"yes\"}}}"), "setting the label");
    hears(stream, KCR_EVENT_ADDED, name(2), 1, 10000);
    same(story(stream), "ADDED 1 r1 initial, SYNCED, DELETED 1 r1, ADDED 2 r2", "the handler");
}

static void two_informers_agree(void) {
    struct stream *one = informer(admin, PROJECTS, NS, labelled()), *two = informer(admin, PROJECTS, NS, labelled());
    start(one, 10000);
    start(two, 10000);
    for (int i = 1; i <= 6; i++) made(i, i);
    for (int i = 1; i <= 3; i++) set_replicas(i, 10 + i);
    works(delete(name(6), NULL), "a delete");
    hears(one, KCR_EVENT_DELETED, name(6), 1, 10000);
    hears(two, KCR_EVENT_DELETED, name(6), 1, 10000);
    for (int i = 1; i <= 6; i++) {
        int64_t wanted = i == 6 ? -1 : i <= 3 ? 10 + i : i;
        expect(cached_replicas(one, i) == wanted && cached_replicas(two, i) == wanted, "%d: %" PRId64 " and %" PRId64 ", not %" PRId64, i,
               cached_replicas(one, i), cached_replicas(two, i), wanted);
    }
}

static void informer_knows_its_age(void) {
    struct stream *stream = informer(admin, PROJECTS, NS, labelled());
    expect(kcr_informer_staleness_ms(stream->informer) == -1, "known before the start: %" PRId64, kcr_informer_staleness_ms(stream->informer));
    start(stream, 10000);
    int64_t age = kcr_informer_staleness_ms(stream->informer);
    expect(age >= 0 && age < patient(10000), "%" PRId64 " ms after the sync", age);
}

static void informer_stopped_stays_readable(void) {
    made(1, 1);
    struct stream *stream = informer(admin, PROJECTS, NS, labelled()), *other = informer(admin, PROJECTS, NS, labelled());
    start(stream, 10000);
    start(other, 10000);
    hears(stream, KCR_EVENT_SYNCED, NULL, 1, 10000);
    kcr_informer_stop(stream->informer);
    hears(stream, KCR_EVENT_END, NULL, 1, 10000);
    made(2, 2);
    hears(other, KCR_EVENT_ADDED, name(2), 1, 10000);
    expect(cached_replicas(stream, 1) == 1 && cached_replicas(stream, 2) == -1, "its cache is not as it was");
    same(story(stream), "ADDED 1 r1 initial, SYNCED, END", "the handler");
}

/* ---- A CRD that comes and goes ----------------------------------------------------------------------------------------- */

static void informer_outlives_its_crd(void) {
    EVENTUALLY(crd_is_gone(), 60000, "a CRD of an earlier run does not go");
    struct stream *stream = informer(admin, things("v1"), NS, NULL);
    expect(kcr_informer_start(stream->informer, NULL) == KCR_OK, "the start");
    kcr_error *error = NULL;
    expect(kcr_informer_wait_synced(stream->informer, 300, &error) == KCR_ERR_NOT_FOUND, "it synced without a CRD, or says: %s", kcr_error_message(error));
    kcr_error_free(error);
    EVENTUALLY(make_crd("v1"), 60000, "the CRD can't be made");
    EVENTUALLY(make_thing("v1", 1), 60000, "no object can be made");
    hears(stream, KCR_EVENT_ADDED, name(1), 1, 60000);
    EVENTUALLY(crd_is_gone(), 60000, "the CRD does not go");
    EVENTUALLY(make_crd("v1"), 60000, "the CRD can't be made again");
    EVENTUALLY(make_thing("v1", 2), 60000, "no object can be made again");
    hears(stream, KCR_EVENT_ADDED, name(2), 1, 60000);
    expect(cached_replicas(stream, 2) == 2 && cached_replicas(stream, 1) == -1, "the cache holds the first object");
    expect(heard(stream, KCR_EVENT_DELETED, name(1)) == 1, "it heard: %s", story(stream));
    EVENTUALLY(crd_is_gone(), 60000, "the CRD does not go in the end");
}

static void informer_hears_of_a_missed_delete(void) {
    made(1, 1), made(2, 2);
    struct stream *stream = informer(admin, PROJECTS, NS, labelled());
    start(stream, 10000);
    hears(stream, KCR_EVENT_SYNCED, NULL, 1, 10000);
    works(delete(name(1), NULL), "the delete");
    works(request(admin, "POST", "/_test/compact", ""), "the compaction");
    works(request(admin, "POST", "/_test/drop-watches", ""), "cutting the watches");
    made(3, 3);
    hears(stream, KCR_EVENT_ADDED, name(3), 1, 60000);
    expect(heard(stream, KCR_EVENT_DELETED, name(1)) == 1 && heard(stream, KCR_EVENT_ADDED, name(2)) == 1, "it heard: %s", story(stream));
    expect(cached_replicas(stream, 1) == -1 && cached_replicas(stream, 2) == 2 && cached_replicas(stream, 3) == 3, "the cache has not converged");
}

const struct conformance_case informer_cases[] = {
    {"informer-syncs-and-answers", informer_syncs_and_answers},
    {"informer-tells-what-was-there-first", informer_tells_what_was_there_first},
    {"informer-follows", informer_follows},
    {"informer-late-handler", informer_late_handler},
    {"informer-by-label", informer_by_label},
    {"two-informers-agree", two_informers_agree},
    {"informer-knows-its-age", informer_knows_its_age},
    {"informer-stopped-stays-readable", informer_stopped_stays_readable},
    {"informer-outlives-its-crd", informer_outlives_its_crd},
    {"informer-hears-of-a-missed-delete", informer_hears_of_a_missed_delete},
    {NULL, NULL},
};
