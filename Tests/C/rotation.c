/* Certificates that change under a running client and its informer. usage: rotation FOLDER, made by rotation.sh: "kubeconfig" names
 * ca.crt, client.crt and client.key beside it; next/ holds what takes their place: denied.crt, denied.key (a user who may
 * nothing), second.crt, second.key (another administrator), other.crt (a CA that signed nothing). */
#include "cluster.h"

static const char *folder;
static kcr_client *client, *other; /* `other` holds its certificates inline: it sees nothing of all this */
static char ns[64];
static char last_log[1024];
static pthread_mutex_t log_lock = PTHREAD_MUTEX_INITIALIZER;

static void on_log(int32_t level, const char *message, void *user_data) {
    (void)user_data;
    CHECK(keeps_secrets(message), "a log line holds a key");
    if (level > KCR_LOG_WARN) return;
    pthread_mutex_lock(&log_lock);
    snprintf(last_log, sizeof last_log, "%s", message);
    pthread_mutex_unlock(&log_lock);
}

static bool warned_of(const char *fragment) {
    pthread_mutex_lock(&log_lock);
    bool found = strstr(last_log, fragment) != NULL;
    pthread_mutex_unlock(&log_lock);
    return found;
}

/* A copy of `from` takes the place of `to`, as programs that renew certificates do it. */
static void put(const char *from, const char *to) {
    char command[2048];
    snprintf(command, sizeof command, "cp '%s/%s' '%s/new' && mv '%s/new' '%s/%s'", folder, from, folder, folder, folder, to);
    REQUIRE(system(command) == 0, "%s", command);
}

static kcr_status get_status(void) {
    kcr_error *error = NULL;
    kcr_object *object = NULL;
    kcr_status status = kcr_client_get(client, PROJECTS, ns, "first", NULL, &object, &error);
    kcr_object_free(object);
    kcr_error_free(error);
    return status;
}

/* Every request may look at the files, a second after the last look at the latest. */
#define BECOMES(status, what) EVENTUALLY(get_status() == (status), 10000, "%s: %s", what, kcr_status_name(get_status()))

static void certificates_change_under_an_informer(void) {
    static struct record record = RECORD_INITIALIZER;
    kcr_error *error = NULL;
    kcr_informer *informer = NULL;
    create_project(other, ns, "first", 1);
    WORKS(kcr_informer_new(client, PROJECTS, ns, NULL, &informer, &error), error, "an informer");
    WORKS(kcr_informer_add_handler(informer, record_handler, &record, record_freed, NULL, &error), error, "a handler");
    WORKS(kcr_informer_start(informer, &error), error, "start");
    WORKS(kcr_informer_wait_synced(informer, 20000, &error), error, "the first list");
    BECOMES(KCR_OK, "the first certificate");

    put("next/second.crt", "client.crt");
    EVENTUALLY((get_status(), warned_of("is not the key of the certificate")), 10000, "half a pair is not said: %s", last_log);
    CHECK(get_status() == KCR_OK, "half a pair is used: %s", kcr_status_name(get_status()));
    put("next/second.key", "client.key");
    create_project(other, ns, "second", 2);
    EVENTUALLY((get_status(), seen(&record, KCR_EVENT_ADDED, "second") == 1), 20000, "no event with the second certificate");

    put("next/denied.key", "client.key");
    put("next/denied.crt", "client.crt");
    BECOMES(KCR_ERR_FORBIDDEN, "a certificate that may nothing");
    create_project(other, ns, "third", 3);
    pause_ms(200);
    CHECK(seen(&record, KCR_EVENT_ADDED, "third") == 0, "the watch lives on with the old certificate");
    put("next/second.key", "client.key");
    put("next/second.crt", "client.crt");
    BECOMES(KCR_OK, "a good certificate again");
    EVENTUALLY(seen(&record, KCR_EVENT_ADDED, "third") == 1, 70000, "the informer does not come back");
    kcr_informer_free(informer);
    ENDS_ONCE(&record);
}

static void the_authority_changes(void) {
    BECOMES(KCR_OK, "before");
    put("next/other.crt", "ca.crt");
    BECOMES(KCR_ERR_TLS, "an authority that signed nothing");
    put("kubeconfig", "ca.crt");
    EVENTUALLY((get_status(), warned_of("holds no PEM certificate")), 10000, "a broken authority is not said: %s", last_log);
    CHECK(get_status() == KCR_ERR_TLS, "a broken authority has taken the place of the last one: %s", kcr_status_name(get_status()));
    put("next/ca.crt", "ca.crt");
    BECOMES(KCR_OK, "the right authority again");
}

int main(int argc, char **argv) {
    REQUIRE(argc == 2, "usage: rotation FOLDER");
    folder = argv[1];
    check_secrets[0] = "PRIVATE KEY";
    char path[1024];
    snprintf(path, sizeof path, "%s/kubeconfig", folder);
    other = open_client(environment("KUBECR_REAL_ADMIN_CERT"), QUICK);
    fresh_namespace(other, "rotation", ns);
    kcr_log_set(KCR_LOG_INFO, on_log, NULL, NULL);
    client = open_client(path, IMPATIENT);
    RUN(certificates_change_under_an_informer);
    RUN(the_authority_changes);
    kcr_client_free(client);
    kcr_client_free(other);
    kcr_log_set(0, NULL, NULL, NULL);
    return finish();
}
