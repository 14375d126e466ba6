/* An informer: a live local copy that answers without the server, and a handler that hears of every change. */
#define _POSIX_C_SOURCE 200809L
#include "story.h"
#include <semaphore.h>
#include <time.h>

/* Runs on a thread of the library, one change after the other, each after the cache holds it. */
static void on_change(int32_t event, int32_t flags, const kcr_object *project, const kcr_object *old, void *user_data) {
    switch (event) {
    case KCR_EVENT_ADDED:
        printf("added %s replicas %" PRId64 "%s\n", kcr_object_name(project), replicas_of(project), flags & KCR_FLAG_INITIAL ? " (was there)" : "");
        if (flags & KCR_FLAG_INITIAL) return; /* the story waits for KCR_EVENT_SYNCED then */
        break;
    case KCR_EVENT_MODIFIED: printf("modified %s replicas %" PRId64 " -> %" PRId64 "\n", kcr_object_name(project), replicas_of(old), replicas_of(project)); break;
    case KCR_EVENT_DELETED: printf("deleted %s\n", kcr_object_name(project)); break;
    case KCR_EVENT_SYNCED: break; /* the handler has heard of all that was there */
    default: return;
    }
    sem_post(user_data);
}

/* Waits until the handler has heard of one more change. */
static void wait_for_handler(sem_t *heard) {
    struct timespec until;
    clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += 20;
    if (sem_timedwait(heard, &until) != 0) fail("the handler heard nothing for 20 s", NULL);
}

static void look_up(const kcr_informer *informer, const char *key) {
    kcr_object *project = NULL;
    kcr_error *error = NULL;
    kcr_status status = kcr_informer_get(informer, key, &project, &error);
    if (status == KCR_OK) printf("%s: replicas %" PRId64 "\n", key, replicas_of(project));
    else if (status == KCR_ERR_NOT_FOUND) printf("%s: not in the cache\n", key);
    else fail("look-up", error);
    kcr_object_free(project);
    kcr_error_free(error);
}

int main(int argc, char **argv) {
    kcr_client *client = open_client(argc, argv);
    clear_up(client, "cache");
    kcr_object_free(create_project(client, "cache", "story-cache-1", 1));

    sem_t heard;
    kcr_informer *informer = NULL;
    kcr_error *error = NULL;
    sem_init(&heard, 0, 0);
    if (kcr_informer_new(client, PROJECTS, NAMESPACE, "{\"labelSelector\": \"story=cache\"}", &informer, &error) != KCR_OK) fail("informer", error);
    if (kcr_informer_add_handler(informer, on_change, &heard, NULL, NULL, &error) != KCR_OK) fail("handler", error);
    if (kcr_informer_start(informer, &error) != KCR_OK) fail("start", error);
    if (kcr_informer_wait_synced(informer, 20000, &error) != KCR_OK) fail("sync", error); /* says why, if it can't */
    wait_for_handler(&heard);

    printf("synced, objects in the cache: %zu\n", kcr_informer_count(informer));
    look_up(informer, "default/story-cache-1");
    look_up(informer, "default/nothing");

    set_replicas(client, "story-cache-1", 4);
    wait_for_handler(&heard);
    kcr_object_free(create_project(client, "cache", "story-cache-2", 2));
    wait_for_handler(&heard);
    delete_project(client, "story-cache-1");
    wait_for_handler(&heard);

    kcr_list *cached = NULL;
    if (kcr_informer_list(informer, NULL, &cached, &error) != KCR_OK) fail("snapshot", error);
    for (size_t i = 0; i < kcr_list_count(cached); i++) printf("in the cache: %s\n", kcr_object_key(kcr_list_at(cached, i)));
    kcr_list_free(cached);
    int64_t staleness = kcr_informer_staleness_ms(informer);
    printf("server heard within the last minute: %s\n", staleness >= 0 && staleness < 60000 ? "yes" : "no");

    kcr_informer_free(informer); /* returns after the handler's last call */
    clear_up(client, "cache");
    kcr_client_free(client);
    return 0;
}
