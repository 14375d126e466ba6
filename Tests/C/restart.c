/* An informer that must outlive its API server: told by stdin when to compare itself with the server. restart.sh does the
 * killing, Tests/faultproxy puts a proxy in between; usage: restart KUBECONFIG NAMESPACE LOG [READER OPTIONS], then lines "converge"
 * and "end". The library's log goes to the file LOG. READER: the kubeconfig for comparing; OPTIONS: those of the informer's client. */
#include "cluster.h"

struct row {
    char name[64], version[32];
};
/* What the handler's events alone add up to. */
static struct row model[4096];
static size_t model_count;
static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static atomic_int events, broken;

static void on_event(int32_t event, int32_t flags, const kcr_object *object, const kcr_object *old, void *user_data) {
    (void)flags, (void)old, (void)user_data;
    if (event == KCR_EVENT_SYNCED || event == KCR_EVENT_END) return;
    pthread_mutex_lock(&lock);
    size_t at = 0;
    while (at < model_count && strcmp(model[at].name, kcr_object_name(object))) at++;
    bool known = at < model_count;
    if (event == KCR_EVENT_ADDED && known) atomic_fetch_add(&broken, 1);
    if (event != KCR_EVENT_ADDED && !known) atomic_fetch_add(&broken, 1);
    if (event == KCR_EVENT_DELETED) {
        if (known) model[at] = model[--model_count];
    } else if (at < sizeof model / sizeof *model) {
        if (!known) model_count++;
        snprintf(model[at].name, sizeof model[at].name, "%s", kcr_object_name(object));
        snprintf(model[at].version, sizeof model[at].version, "%s", kcr_object_resource_version(object));
    }
    pthread_mutex_unlock(&lock);
    atomic_fetch_add(&events, 1);
}

/* Whether the informer's objects, and the handler's sum, are exactly the server's. */
static bool same(const kcr_list *server, const kcr_informer *informer, const char *ns) {
    bool equal = kcr_informer_count(informer) == kcr_list_count(server);
    for (size_t i = 0; equal && i < kcr_list_count(server); i++) {
        const kcr_object *object = kcr_list_at(server, i);
        char key[160];
        kcr_object *cached = NULL;
        snprintf(key, sizeof key, "%s/%s", ns, kcr_object_name(object));
        equal = kcr_informer_get(informer, key, &cached, NULL) == KCR_OK && !strcmp(kcr_object_resource_version(cached), kcr_object_resource_version(object));
        kcr_object_free(cached);
    }
    pthread_mutex_lock(&lock);
    equal = equal && model_count == kcr_list_count(server);
    for (size_t i = 0; equal && i < kcr_list_count(server); i++) {
        const kcr_object *object = kcr_list_at(server, i);
        size_t at = 0;
        while (at < model_count && strcmp(model[at].name, kcr_object_name(object))) at++;
        equal = at < model_count && !strcmp(model[at].version, kcr_object_resource_version(object));
    }
    pthread_mutex_unlock(&lock);
    return equal;
}

static void on_log(int32_t level, const char *message, void *user_data) {
    fprintf((FILE *)user_data, "%" PRId64 " %d %s\n", now_ms(), (int)level, message);
    fflush((FILE *)user_data);
}

int main(int argc, char **argv) {
    REQUIRE(argc == 4 || argc == 6, "usage: restart KUBECONFIG NAMESPACE LOG [READER OPTIONS]");
    const char *ns = argv[2];
    FILE *log = fopen(argv[3], "w");
    REQUIRE(log, "the log can't be opened");
    kcr_log_set(KCR_LOG_DEBUG, on_log, log, NULL);
    kcr_client *client = open_client(argv[1], argc == 6 ? argv[5] : QUICK), *reader = open_client(argc == 6 ? argv[4] : argv[1], IMPATIENT);
    kcr_error *error = NULL;
    kcr_informer *informer = NULL;
    WORKS(kcr_informer_new(client, PROJECTS, ns, NULL, &informer, &error), error, "an informer");
    WORKS(kcr_informer_add_handler(informer, on_event, NULL, NULL, NULL, &error), error, "a handler");
    WORKS(kcr_informer_start(informer, &error), error, "start");
    WORKS(kcr_informer_wait_synced(informer, 30000, &error), error, "the first list");

    char line[64];
    bool ended = false;
    while (!ended && fgets(line, sizeof line, stdin)) {
        ended = !strncmp(line, "end", 3);
        int64_t began = now_ms(), deadline = began + 150000; /* two of the longest pauses between attempts, 60 s each */
        bool equal = false;
        size_t count = 0;
        while (!equal && now_ms() < deadline) {
            kcr_list *list = NULL;
            if (kcr_client_list(reader, PROJECTS, ns, NULL, &list, &error) == KCR_OK) {
                count = kcr_list_count(list);
                equal = same(list, informer, ns);
            }
            kcr_error_free(error);
            error = NULL;
            kcr_list_free(list);
            if (!equal) pause_ms(50);
        }
        CHECK(equal, "the copy holds %zu objects, the events add up to %zu, the server has %zu", kcr_informer_count(informer), model_count, count);
        kcr_object *stats = NULL;
        kcr_informer_stats(informer, &stats, NULL);
        printf("%s after %" PRId64 " ms: %zu objects, %d events; %s\n", equal ? "equal" : "NOT EQUAL", now_ms() - began, count, atomic_load(&events),
               kcr_object_json(stats, NULL) ? kcr_object_json(stats, NULL) : "");
        fflush(stdout);
        kcr_object_free(stats);
    }
    CHECK(ended, "told to end");
    CHECK(atomic_load(&broken) == 0, "%d events did not fit what came before", atomic_load(&broken));
    kcr_informer_free(informer);
    kcr_client_free(client);
    kcr_client_free(reader);
    kcr_log_set(0, NULL, NULL, NULL);
    fclose(log);
    return finish();
}
