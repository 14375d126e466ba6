/* List, watch, cache: the story of README.md. */
#include <kubecr.h>
#include <semaphore.h>
#include <stdio.h>
#include <stdlib.h>

static kcr_error *error;
static sem_t done;

static void need(kcr_status status) {
    if (status == KCR_OK) return;
    fprintf(stderr, "%s: %s\n", kcr_status_name(status), kcr_error_message(error));
    exit(1);
}

/* Both run on a thread of the library, one call after the other. */
static int32_t on_event(int32_t event, const kcr_object *project, const kcr_error *why, void *user_data) {
    (void)why, (void)user_data;
    if (event == KCR_EVENT_END) sem_post(&done);
    if (event != KCR_EVENT_ADDED) return KCR_CONTINUE;
    printf("watched %s\n", kcr_object_name(project));
    return KCR_STOP;
}

static void on_change(int32_t event, int32_t flags, const kcr_object *machine, const kcr_object *old, void *user_data) {
    (void)flags, (void)old, (void)user_data;
    if (event == KCR_EVENT_ADDED) printf("machine %s\n", kcr_object_key(machine));
    if (event == KCR_EVENT_SYNCED) sem_post(&done);
}

int main(void) {
    kcr_client *client = NULL;
    sem_init(&done, 0, 0);
    need(kcr_client_new(NULL, NULL, &client, &error)); /* $KUBECONFIG, in-cluster, ~/.kube/config */

    kcr_list *projects = NULL;
    need(kcr_client_list(client, "projects.example.sealyun.com", "default", NULL, &projects, &error));
    for (size_t i = 0; i < kcr_list_count(projects); i++) printf("project %s\n", kcr_object_name(kcr_list_at(projects, i)));
    kcr_list_free(projects);

    kcr_watch *watch = NULL;
    need(kcr_client_watch(client, "projects.example.sealyun.com", "default", NULL, on_event, NULL, NULL, &watch, &error));
    sem_wait(&done);
    kcr_watch_free(watch);

    kcr_informer *machines = NULL; /* all of them, in every namespace, kept up to date */
    need(kcr_informer_new(client, "infra.sealyun.com/v1/virtulmachines", NULL, NULL, &machines, &error));
    need(kcr_informer_add_handler(machines, on_change, NULL, NULL, NULL, &error));
    need(kcr_informer_start(machines, &error));
    need(kcr_informer_wait_synced(machines, 30000, &error));
    sem_wait(&done); /* the handler has heard of all that the cache holds */
    kcr_informer_free(machines);
    kcr_client_free(client);
    return 0;
}
