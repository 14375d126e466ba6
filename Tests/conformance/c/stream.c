/* Streams: what watches and handlers were told, kept for the cases to wait for and to compare. */
#define _GNU_SOURCE
#include "stream.h"
#include "conformance.h"
#include "pool.h"

#include <stdlib.h>
#include <time.h>

static const char *const event_names[] = {"?", "ADDED", "MODIFIED", "DELETED", "BOOKMARK", "ERROR", "SYNCED", "END"};

static struct stream *new_stream(void) {
    struct stream *stream = calloc(1, sizeof *stream);
    if (!stream) abort();
    pthread_condattr_t attributes;
    pthread_condattr_init(&attributes);
    pthread_condattr_setclock(&attributes, CLOCK_MONOTONIC);
    pthread_cond_init(&stream->changed, &attributes);
    pthread_condattr_destroy(&attributes);
    pthread_mutex_init(&stream->lock, NULL);
    own(stream, OWN_STREAM);
    return stream;
}

static void record(struct stream *stream, struct event event) {
    pthread_mutex_lock(&stream->lock);
    if (stream->count < sizeof stream->events / sizeof *stream->events) stream->events[stream->count++] = event;
    pthread_cond_broadcast(&stream->changed);
    pthread_mutex_unlock(&stream->lock);
}

static struct event event_of(int32_t type, const kcr_object *object) {
    struct event event = {.type = type, .replicas = replicas_of(object), .replicas_before = -1};
    snprintf(event.name, sizeof event.name, "%s", kcr_object_name(object));
    size_t quoted_length = 0;
    if (object && kcr_object_slice(object, "/metadata/annotations/big", &quoted_length)) event.big = quoted_length - 2;
    return event;
}

static int32_t on_watch(int32_t type, const kcr_object *object, const kcr_error *error, void *user_data) {
    struct event event = event_of(type, object);
    event.status = kcr_error_status(error);
    event.http = kcr_error_http_status(error);
    record(user_data, event);
    return KCR_CONTINUE;
}

static void on_change(int32_t type, int32_t flags, const kcr_object *object, const kcr_object *old, void *user_data) {
    struct stream *stream = user_data;
    struct event event = event_of(type, object);
    event.flags = flags;
    event.replicas_before = replicas_of(old);
    if (object) {
        kcr_object *cached = NULL;
        kcr_status status = kcr_informer_get(stream->informer, kcr_object_key(object), &cached, NULL);
        event.cached = type == KCR_EVENT_DELETED ? status == KCR_ERR_NOT_FOUND
                                                 : !strcmp(kcr_object_resource_version(cached), kcr_object_resource_version(object));
        kcr_object_free(cached);
    }
    record(stream, event);
}

struct stream *watch(const kcr_client *client, const char *resource, const char *options) { return watch_in(client, resource, NS, options); }

struct stream *watch_in(const kcr_client *client, const char *resource, const char *ns, const char *options) {
    struct stream *stream = new_stream();
    kcr_error *error = NULL;
    kcr_status status = kcr_client_watch(client, resource, ns, options, on_watch, stream, NULL, &stream->watch, &error);
    expect(status == KCR_OK, "a watch: %s", kcr_error_message(error));
    kcr_error_free(error);
    return stream;
}

static void add_handler(struct stream *stream) {
    kcr_error *error = NULL;
    kcr_status status = kcr_informer_add_handler(stream->informer, on_change, stream, NULL, &stream->handler, &error);
    expect(status == KCR_OK, "a handler: %s", kcr_error_message(error));
    kcr_error_free(error);
}

struct stream *informer(const kcr_client *client, const char *resource, const char *ns, const char *options) {
    struct stream *stream = new_stream();
    kcr_error *error = NULL;
    kcr_status status = kcr_informer_new(client, resource, ns, options, &stream->informer, &error);
    expect(status == KCR_OK, "an informer: %s", kcr_error_message(error));
    kcr_error_free(error);
    stream->owns_informer = true;
    add_handler(stream);
    return stream;
}

struct stream *late_handler(const struct stream *of) {
    struct stream *stream = new_stream();
    stream->informer = of->informer;
    add_handler(stream);
    return stream;
}

void start(const struct stream *stream, int64_t milliseconds) {
    kcr_error *error = NULL;
    kcr_status status = kcr_informer_start(stream->informer, &error);
    if (status == KCR_OK) status = kcr_informer_wait_synced(stream->informer, patient(milliseconds), &error);
    expect(status == KCR_OK, "an informer's sync: %s", kcr_error_message(error));
    kcr_error_free(error);
}

void stream_free(struct stream *stream) {
    kcr_watch_free(stream->watch);
    kcr_handler_free(stream->handler);
    if (stream->owns_informer) kcr_informer_free(stream->informer);
    pthread_cond_destroy(&stream->changed);
    pthread_mutex_destroy(&stream->lock);
    free(stream);
}

/* With the lock held. */
static size_t count_events(const struct stream *stream, int32_t type, const char *object_name) {
    size_t count = 0;
    for (size_t i = 0; i < stream->count; i++)
        if (stream->events[i].type == type && (!object_name || !strcmp(stream->events[i].name, object_name))) count++;
    return count;
}

size_t heard(struct stream *stream, int32_t type, const char *object_name) {
    pthread_mutex_lock(&stream->lock);
    size_t count = count_events(stream, type, object_name);
    pthread_mutex_unlock(&stream->lock);
    return count;
}

bool hears(struct stream *stream, int32_t type, const char *object_name, size_t times, int64_t milliseconds) {
    struct timespec until;
    int64_t at = now_ms() + patient(milliseconds);
    until.tv_sec = at / 1000;
    until.tv_nsec = at % 1000 * 1000000;
    int waited = 0;
    pthread_mutex_lock(&stream->lock);
    while (count_events(stream, type, object_name) < times && waited == 0)
        waited = pthread_cond_timedwait(&stream->changed, &stream->lock, &until);
    bool good = count_events(stream, type, object_name) >= times;
    pthread_mutex_unlock(&stream->lock);
    return good || expect(false, "no %s of %s within %" PRId64 " ms, but: %s", event_names[type], object_name ? object_name : "any object",
                  patient(milliseconds), story(stream));
}

struct event last_event(struct stream *stream) {
    struct event event = {0};
    pthread_mutex_lock(&stream->lock);
    if (stream->count > 0) event = stream->events[stream->count - 1];
    pthread_mutex_unlock(&stream->lock);
    return event;
}

const char *story(struct stream *stream) {
    const char *so_far = "";
    size_t mine = strlen(self());
    pthread_mutex_lock(&stream->lock);
    for (size_t i = 0; i < stream->count; i++) {
        const struct event *event = &stream->events[i];
        if (event->type == KCR_EVENT_BOOKMARK) continue;
        const char *object = event->name;
        if (!strncmp(object, self(), mine)) object = object[mine] == '-' ? object + mine + 1 : "0";
        const char *before = event->replicas_before >= 0 ? text("r%" PRId64 ">", event->replicas_before) : "";
        so_far = text("%s%s%s%s%s%s%s", so_far, *so_far ? ", " : "", event_names[event->type], *object ? " " : "", object,
                      event->replicas >= 0 ? text(" %sr%" PRId64, before, event->replicas) : "",
                      event->flags & KCR_FLAG_INITIAL ? " initial" : "");
    }
    pthread_mutex_unlock(&stream->lock);
    return so_far;
}
