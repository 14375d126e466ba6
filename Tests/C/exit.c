/* Leaves main while watches and an informer over https run, at a chosen moment. exit.sh runs it many times.
 * usage: exit KUBECONFIG MICROSECONDS (after the start; -1: when the first objects have come; -2: when all is freed, whose threads then
 * are just ending) */
#include "cluster.h"

static int leave_behind_the_threads(const char *kubeconfig) {
    kcr_client *clients[4];
    for (int i = 0; i < 4; i++) {
        char *version = NULL;
        kcr_error *error = NULL;
        clients[i] = open_client(kubeconfig, QUICK);
        WORKS(kcr_client_request(clients[i], "GET", "/version", NULL, 0, NULL, &version, NULL, NULL, &error), error, "version");
        kcr_string_free(version);
    }
    for (int i = 0; i < 4; i++) kcr_client_free(clients[i]);
    return atomic_load(&check_failures) ? 1 : 0;
}

int main(int argc, char **argv) {
    REQUIRE(argc == 3, "usage: exit KUBECONFIG MICROSECONDS");
    long moment = atol(argv[2]);
    if (moment == -2) return leave_behind_the_threads(argv[1]);
    static struct record records[4] = {RECORD_INITIALIZER, RECORD_INITIALIZER, RECORD_INITIALIZER, RECORD_INITIALIZER};
    static const char *const resources[] = {"example.sealyun.com/v1alpha1/projects", "infra.sealyun.com/v1/virtulmachines",
                                            "apiextensions.k8s.io/v1/customresourcedefinitions"};
    kcr_client *client = open_client(argv[1], QUICK);
    kcr_error *error = NULL;
    for (int i = 0; i < 3; i++) {
        kcr_watch *watch = NULL;
        WORKS(kcr_client_watch(client, resources[i], "", NULL, record_watch, &records[i], NULL, &watch, &error), error, "watching");
    }
    kcr_informer *informer = NULL;
    WORKS(kcr_informer_new(client, PROJECTS, NULL, NULL, &informer, &error), error, "an informer");
    WORKS(kcr_informer_add_handler(informer, record_handler, &records[3], NULL, NULL, &error), error, "a handler");
    WORKS(kcr_informer_start(informer, &error), error, "start");
    if (moment < 0) EVENTUALLY(seen(&records[0], KCR_EVENT_BOOKMARK, NULL) && seen(&records[3], KCR_EVENT_SYNCED, NULL), 4000, "nothing came");
    else usleep((useconds_t)moment);
    return atomic_load(&check_failures) ? 1 : 0; /* with everything running, nothing freed */
}
