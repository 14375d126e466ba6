/* A watch from the version of a list: nothing that happens between the two is missed. */
#include "story.h"
#include <semaphore.h>

struct watching {
    sem_t ended;
    int complete; /* the event that the story waits for came */
};

/* Runs on a thread of the library, one event after the other. The last one is always KCR_EVENT_END. */
static int32_t on_event(int32_t event, const kcr_object *project, const kcr_error *error, void *user_data) {
    struct watching *watching = user_data;
    switch (event) {
    case KCR_EVENT_ADDED: printf("ADDED %s replicas %" PRId64 "\n", kcr_object_name(project), replicas_of(project)); break;
    case KCR_EVENT_MODIFIED: printf("MODIFIED %s replicas %" PRId64 "\n", kcr_object_name(project), replicas_of(project)); break;
    case KCR_EVENT_DELETED:
        printf("DELETED %s\n", kcr_object_name(project));
        watching->complete = 1;
        return KCR_STOP;
    case KCR_EVENT_ERROR: fprintf(stderr, "watch: %s (it will resume)\n", kcr_error_message(error)); break;
    case KCR_EVENT_END:
        if (error) fprintf(stderr, "watch: %s\n", kcr_error_message(error));
        sem_post(&watching->ended);
        break;
    default: break; /* KCR_EVENT_BOOKMARK, and what later versions may tell */
    }
    return KCR_CONTINUE;
}

int main(int argc, char **argv) {
    kcr_client *client = open_client(argc, argv);
    clear_up(client, "watch");
    kcr_object_free(create_project(client, "watch", "story-watch-1", 1));

    kcr_list *list = NULL;
    kcr_error *error = NULL;
    if (kcr_client_list(client, PROJECTS, NAMESPACE, "{\"labelSelector\": \"story=watch\"}", &list, &error) != KCR_OK) fail("list", error);
    printf("listed %zu project, watching from there\n", kcr_list_count(list));

    char options[256];
    struct watching watching = {.complete = 0};
    kcr_watch *watch = NULL;
    sem_init(&watching.ended, 0, 0);
    snprintf(options, sizeof options, "{\"labelSelector\": \"story=watch\", \"resourceVersion\": \"%s\", \"timeoutMs\": 20000}",
             kcr_list_resource_version(list));
    kcr_list_free(list);
    if (kcr_client_watch(client, PROJECTS, NAMESPACE, options, on_event, &watching, NULL, &watch, &error) != KCR_OK) fail("watch", error);

    kcr_object_free(create_project(client, "watch", "story-watch-2", 2));
    set_replicas(client, "story-watch-1", 7);
    delete_project(client, "story-watch-2");

    sem_wait(&watching.ended); /* the watch ends by its time-out at the latest */
    kcr_watch_free(watch);
    if (!watching.complete) {
        fprintf(stderr, "watch: it ended before the delete was seen\n");
        return 1;
    }
    printf("done\n");
    clear_up(client, "watch");
    kcr_client_free(client);
    return 0;
}
