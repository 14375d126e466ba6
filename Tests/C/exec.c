/* Exec plugins of Tests/plugins against a real server (real.sh): tokens and certificates, expiry, refusals, plugins that hang,
   flood or outlive, what they get and what is told of them; thread mode and external mode. */
#include "cluster.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/stat.h>
#include <sys/wait.h>

static char zoo[64], admin_token[128], readonly_token[128];

/* ---- Files ---- */

static void read_file(const char *folder, const char *name, char *out, size_t size) {
    char path[512];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "r");
    size_t length = file ? fread(out, 1, size - 1, file) : 0;
    out[length] = 0;
    if (file) fclose(file);
}

static void put(const char *name, const char *text) {
    char path[512], part[520];
    snprintf(path, sizeof path, "%s/%s", zoo, name);
    snprintf(part, sizeof part, "%s.part", path);
    FILE *file = fopen(part, "w");
    REQUIRE(file && fputs(text, file) >= 0 && !fclose(file) && !rename(part, path), "writing %s", path);
}

/* What the plugins give, for secrets.sh: each line of it that says something. */
static void tell_secrets_of(const char *name) {
    char text[16384], *rest = text;
    read_file(environment("KUBECR_REAL_DIR"), name, text, sizeof text);
    REQUIRE(*text, "reading %s", name);
    for (char *line; (line = strtok_r(rest, "\n", &rest));)
        if (*line != '-') uses_secret(line);
}

static void copy(const char *from, const char *name) {
    char text[16384];
    read_file(environment("KUBECR_REAL_DIR"), from, text, sizeof text);
    REQUIRE(*text, "reading %s", from);
    put(name, text);
}

static const char *told(const char *name) {
    static char text[65536];
    read_file(zoo, name, text, sizeof text);
    return text;
}

static int runs(void) {
    int count = 0;
    for (const char *at = told("runs"); *at; at++) count += *at == '\n';
    return count;
}

static bool is_alive(const char *pid_file) {
    char path[64], state[256];
    snprintf(path, sizeof path, "/proc/%d", atoi(told(pid_file)));
    read_file(path, "stat", state, sizeof state);
    char *end = strrchr(state, ')');
    return end && end[2] != 'Z';
}

static void begin(const char *token) {
    put("runs", "");
    put("token", token);
    char path[128];
    snprintf(path, sizeof path, "%s/go", zoo);
    unlink(path);
}

/* ---- Clients ---- */

/* Options of kcr_config_load for a plugin. `more` goes on in the exec entry; each test's plugin is another (argument), since
   answers are shared. */
static const char *options_of(const char *animal, const char *more, const char *options) {
    static char yaml[16384], text[32768];
    static int number;
    char script[4096];
    REQUIRE(realpath(environment("KUBECR_PLUGIN"), script), "the plugin's path");
    snprintf(yaml, sizeof yaml,
             "{\"current-context\":\"c\",\"contexts\":[{\"name\":\"c\",\"context\":{\"cluster\":\"k\",\"user\":\"u\",\"namespace\":\"default\"}}],"
             "\"clusters\":[{\"name\":\"k\",\"cluster\":{\"server\":\"%s\",\"certificate-authority\":\"%s/pki/ca.crt\","
             "\"extensions\":[{\"name\":\"client.authentication.k8s.io/exec\",\"extension\":{\"audience\":\"kubecr\"}}]}}],"
             "\"users\":[{\"name\":\"u\",\"user\":{\"exec\":{\"apiVersion\":\"client.authentication.k8s.io/v1\",\"interactiveMode\":\"IfAvailable\","
             "\"command\":\"%s\",\"args\":[\"%s\",\"run-%d\"],\"env\":[{\"name\":\"ZOO\",\"value\":\"%s\"}]%s}}}]}",
             environment("KUBECR_REAL_SERVER"), environment("KUBECR_REAL_DIR"), script, animal, ++number, zoo, more);
    char *quoted = kcr_json_quote(yaml, KCR_AUTO_LEN);
    snprintf(text, sizeof text, "{\"kubeconfigYAML\":%s%s}", quoted, options);
    kcr_string_free(quoted);
    return text;
}

static kcr_client *keeper(const char *animal, const char *client_options) { return client_of(options_of(animal, "", ""), client_options); }

static kcr_status get(kcr_client *client, kcr_error **error) {
    kcr_object *object = NULL;
    kcr_status status = kcr_client_get(client, PROJECTS, "default", "example-project", NULL, &object, error);
    kcr_object_free(object);
    return status;
}

static void works(kcr_client *client, const char *what) {
    kcr_error *error = NULL;
    WORKS(get(client, &error), error, what);
}

static kcr_status try_to_write(kcr_client *client) {
    kcr_object *object = NULL;
    kcr_status status = kcr_client_patch(client, PROJECTS, "default", "example-project", KCR_PATCH_MERGE, "{\"metadata\":{\"labels\":{\"a\":\"b\"}}}",
                                         KCR_AUTO_LEN, NULL, &object, NULL);
    kcr_object_free(object);
    return status;
}

/* ---- The log ---- */

static char logged[1 << 16];
static size_t logged_length;
static pthread_mutex_t log_lock = PTHREAD_MUTEX_INITIALIZER;

static void write_log(int32_t level, const char *message, void *user_data) {
    (void)user_data;
    pthread_mutex_lock(&log_lock);
    if (logged_length + strlen(message) + 8 < sizeof logged)
        logged_length += (size_t)sprintf(logged + logged_length, "%d %s\n", level, message);
    pthread_mutex_unlock(&log_lock);
}

static void start_log(void) {
    logged_length = 0;
    *logged = 0;
    kcr_log_set(KCR_LOG_DEBUG, write_log, NULL, NULL);
}

/* ---- Good plugins ---- */

static void a_token_is_used_by_all_clients_and_asked_for_once(void) {
    begin(admin_token);
    char options[32768];
    snprintf(options, sizeof options, "%s", options_of("token", "", ""));
    kcr_client *one = client_of(options, QUICK), *two = client_of(options, QUICK);
    works(one, "a get with the plugin's token");
    works(two, "a get of another client");
    kcr_client_free(one);
    one = client_of(options, QUICK);
    works(one, "a get of a later client");
    CHECK(runs() == 1, "the plugin ran %d times", runs());
    kcr_client_free(one);
    kcr_client_free(two);
}

static void certificates_and_yaml_are_taken(void) {
    const char *animals[] = {"certificate", "both", "yaml"};
    for (size_t i = 0; i < 3; i++) {
        begin(admin_token);
        kcr_client *client = keeper(animals[i], QUICK);
        works(client, animals[i]);
        CHECK(try_to_write(client) == KCR_OK, "%s: may not write", animals[i]);
        CHECK(runs() == 1, "%s: ran %d times", animals[i], runs());
        kcr_client_free(client);
    }
}

static void T6_a_401_is_told_and_the_next_call_runs_the_plugin(void) {
    begin("not-a-token-of-this-server");
    kcr_client *client = keeper("token", QUICK);
    kcr_error *error = NULL;
    EXPECT(get(client, &error), KCR_ERR_UNAUTHORIZED, error, NULL, "a wrong token");
    put("token", admin_token);
    works(client, "the call after it");
    CHECK(runs() == 2, "the plugin ran %d times", runs());
    kcr_client_free(client);
}

static void expire_after(int seconds) {
    char text[16];
    snprintf(text, sizeof text, "%d", (int)(seconds * patience()));
    put("seconds", text);
}

/* The whole tour: a token, then a client certificate, then a token again, each until it expires. */
static void T8_a_token_then_a_certificate_then_expiry(void) {
    begin(readonly_token);
    expire_after(2);
    put("next", "token-expires");
    kcr_client *client = keeper("keeper", QUICK);
    works(client, "a get with the token");
    CHECK(try_to_write(client) == KCR_ERR_FORBIDDEN, "the reader may write");
    expire_after(4);
    put("next", "certificate-expires");
    EVENTUALLY(try_to_write(client) == KCR_OK, 10000, "the certificate never came");
    CHECK(runs() == 2, "the plugin ran %d times by now", runs());
    /* What runs on the certificate's connection is closed with it, and resumed. */
    struct record record = RECORD_INITIALIZER;
    kcr_watch *watch = NULL;
    kcr_error *error = NULL;
    char version[64];
    list_version(client, "default", version);
    char watched[128];
    snprintf(watched, sizeof watched, "{\"resourceVersion\":\"%s\"}", version);
    WORKS(kcr_client_watch(client, PROJECTS, "default", watched, record_watch, &record, record_freed, &watch, &error), error, "a watch");
    put("next", "token");
    EVENTUALLY(try_to_write(client) == KCR_ERR_FORBIDDEN, 10000, "the certificate never expired");
    kcr_client *admin = open_client(environment("KUBECR_REAL_ADMIN_CERT"), QUICK);
    create_project(admin, "default", "after-expiry", 1);
    EVENTUALLY(seen(&record, KCR_EVENT_ADDED, "after-expiry") == 1, 10000, "the watch did not go on");
    CHECK(!atomic_load(&record.ended), "the watch ended");
    delete_project(admin, "default", "after-expiry");
    kcr_watch_free(watch);
    ENDS_ONCE(&record);
    kcr_client_free(client);
    kcr_client_free(admin);
}

static void T8_a_plugin_gets_what_it_is_promised_and_nothing_else(void) {
    begin(admin_token);
    setenv("KUBECR_OF_THE_HOST", "yes", 1);
    int leaked = open("/dev/null", O_RDONLY); /* without close-on-exec, as hosts have them */
    int input = dup(0), words = open("/etc/passwd", O_RDONLY);
    REQUIRE(leaked >= 0 && input >= 0 && dup2(words, 0) == 0, "descriptors");
    sigset_t all, before;
    sigfillset(&all);
    pthread_sigmask(SIG_SETMASK, &all, &before);
    kcr_client *client = client_of(options_of("info", ",\"provideClusterInfo\":true", ""), QUICK_EXTERNAL);
    works(client, "a get");
    pthread_sigmask(SIG_SETMASK, &before, NULL);
    dup2(input, 0);
    char info[65536], want[512];
    snprintf(info, sizeof info, "%s", told("info"));
    snprintf(want, sizeof want, "{\"kind\":\"ExecCredential\",\"apiVersion\":\"client.authentication.k8s.io/v1\",\"spec\":{\"cluster\":{\"server\":\"%s\",\"certificate-authority-data\":\"LS0",
             environment("KUBECR_REAL_SERVER"));
    CHECK(!strncmp(info, want, strlen(want)), "KUBERNETES_EXEC_INFO begins otherwise: %.300s", info);
    CHECK(strstr(info, ",\"config\":{\"audience\":\"kubecr\"}},\"interactive\":false}}\n<run-"), "KUBERNETES_EXEC_INFO or the arguments end otherwise");
    CHECK(strstr(info, "\nKUBECR_OF_THE_HOST=yes\n") && strstr(info, "\nZOO="), "the environment lacks a variable");
    CHECK_TEXT(told("descriptors"), "0 1 2 3 ", "the descriptors of the plugin (3 is the folder that is listed)");
    CHECK_TEXT(told("stdin"), "", "its standard input");
    CHECK(strstr(told("signals"), "SigBlk:\t0000000000000000\n"), "signals are blocked: %s", told("signals"));
    close(leaked);
    close(input);
    close(words);
    kcr_client_free(client);
}

/* ---- Bad plugins ---- */

static void bad_plugins_are_named_and_their_output_never_told(void) {
    static const struct { const char *animal, *fragment; } bad[] = {
        {"wrong-kind", "kind is not ExecCredential"}, {"wrong-version", "apiVersion is not"}, {"no-status", "neither a token"},
        {"half", "without the other"}, {"smuggle", "control character"}, {"garbage", "neither a JSON nor a YAML object"},
        {"nothing", "wrote nothing"}, {"exit3", "exit code 3"}, {"killed", "signal 9"}, {"unknown", "exit code 2"},
        {"flood", "more than 1048576 bytes"}, {"babble", "more than 1048576 bytes"},
    };
    start_log();
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        begin(admin_token);
        const char *modes[] = {IMPATIENT, "{\"maxRetries\":0,\"loop\":\"external\"}"};
        for (size_t mode = 0; mode < 2; mode++) {
            kcr_client *client = keeper(bad[i].animal, modes[mode]);
            kcr_error *error = NULL;
            EXPECT(get(client, &error), KCR_ERR_AUTH, error, bad[i].fragment, bad[i].animal);
            /* At once, without another run. */
            EXPECT(get(client, &error), KCR_ERR_AUTH, error, "plugin \"/", bad[i].animal);
            CHECK(runs() == (int)mode + 1, "%s ran %d times", bad[i].animal, runs());
            kcr_client_free(client);
        }
    }
    kcr_log_set(0, NULL, NULL, NULL);
    CHECK(strstr(logged, "give REDACTED to nobody"), "the words of exit3 are not in the log");
    CHECK(keeps_secrets(logged), "a token is in the log");
}

static void a_plugin_that_hangs_is_killed_with_its_children(void) {
    const char *animals[] = {"hang", "stubborn"};
    for (size_t i = 0; i < 2; i++) {
        begin(admin_token);
        kcr_client *client = client_of(options_of(animals[i], "", ",\"execTimeoutMs\":700"), QUICK);
        kcr_error *error = NULL;
        int64_t began = now_ms();
        EXPECT(get(client, &error), KCR_ERR_AUTH, error, "execTimeoutMs (700 ms)", animals[i]);
        CHECK(now_ms() - began >= 600 && now_ms() - began < 5000 * patience(), "it took %d ms", (int)(now_ms() - began));
        if (i == 0) EVENTUALLY(!is_alive("grandchild"), 5000, "the plugin's child lives");
        CHECK(waitpid(-1, NULL, WNOHANG) == -1 && errno == ECHILD, "a child of ours is left");
        kcr_client_free(client);
    }
}

static void a_plugin_whose_child_outlives_it_delays_nothing(void) {
    begin(admin_token);
    kcr_client *client = keeper("outlive", QUICK);
    int64_t began = now_ms();
    works(client, "a get");
    CHECK(now_ms() - began < 10000 * patience(), "it took %d ms", (int)(now_ms() - began));
    kill(atoi(told("grandchild")), SIGKILL);
    kcr_client_free(client);
}

static void T11_the_words_of_a_plugin_are_told_line_by_line(void) {
    begin(admin_token);
    start_log();
    kcr_client *client = keeper("noisy", QUICK);
    works(client, "a get");
    kcr_client_free(client);
    kcr_log_set(0, NULL, NULL, NULL);
    CHECK(strstr(logged, "\": one [31mred\n"), "the first line is missing: %s", keeps_secrets(logged) ? logged : "(a secret)");
    CHECK(strstr(logged, "\":   the token is REDACTED\n"), "the second line is missing");
    CHECK(!strchr(logged, 27) && !strchr(logged, 7) && !strchr(logged, '\r'), "a control character is in the log");
    CHECK(keeps_secrets(logged), "a token is in the log");
}

static void T9_plugins_run_only_where_they_may(void) {
    begin(admin_token);
    kcr_error *error = NULL;
    kcr_config *config = NULL;
    EXPECT(kcr_config_load(options_of("token", "", ",\"exec\":\"deny\""), &config, &error), KCR_ERR_CONFIG, error, "denies", "deny");
    EXPECT(kcr_config_load(options_of("token", "", ",\"exec\":[\"/bin/true\"]"), &config, &error), KCR_ERR_CONFIG, error, "does not allow", "a list without it");
    char list[8192], script[4096];
    REQUIRE(realpath(environment("KUBECR_PLUGIN"), script), "the plugin's path");
    snprintf(list, sizeof list, ",\"exec\":[\"/bin/true\",\"%s\"]", script);
    kcr_client *client = client_of(options_of("token", "", list), QUICK);
    works(client, "a plugin of the list");
    CHECK(runs() == 1, "plugins ran %d times", runs());
    kcr_client_free(client);
    EXPECT(kcr_config_load(options_of("token", "", ",\"server\":\"http://127.0.0.1:1\""), &config, &error), KCR_ERR_CONFIG, error, "http", "T4: a plugin for an http server");
    CHECK(!config, "an output beside an error");
}

static void T7_a_token_beside_it_keeps_the_plugin_from_running(void) {
    begin(admin_token);
    char given[256];
    snprintf(given, sizeof given, ",\"token\":\"%s\"", admin_token);
    kcr_client *client = client_of(options_of("token", "", given), QUICK);
    works(client, "a get");
    CHECK(runs() == 0, "the plugin ran");
    kcr_client_free(client);
}

/* ---- While it runs ---- */

static atomic_int answers;
static void count_answer(kcr_status status, const kcr_object *object, const kcr_list *listed, const kcr_error *error, void *user_data) {
    (void)object, (void)listed, (void)user_data;
    CHECK(status == KCR_OK, "a waiting call: %s", kcr_error_message(error));
    atomic_fetch_add(&answers, 1);
}

static void forget_answer(kcr_status status, const kcr_object *object, const kcr_list *listed, const kcr_error *error, void *user_data) {
    (void)status, (void)object, (void)listed, (void)error, (void)user_data;
}

static const char *REQUEST = "{\"verb\":\"get\",\"resource\":\"example.sealyun.com/v1alpha1/projects\",\"namespace\":\"default\",\"name\":\"example-project\"}";

static void an_external_loop_is_never_blocked(void) {
    begin(admin_token);
    atomic_store(&answers, 0);
    kcr_client *client = keeper("gate", QUICK_EXTERNAL), *other = keeper("token", QUICK_EXTERNAL);
    kcr_error *error = NULL;
    for (int i = 0; i < 3; i++) WORKS(kcr_client_call(client, REQUEST, count_answer, NULL, NULL, NULL, &error), error, "a call");
    int64_t longest = 0;
    for (int64_t end = now_ms() + 500; now_ms() < end;) {
        struct pollfd entry = {.fd = kcr_client_fd(client), .events = POLLIN};
        poll(&entry, 1, 50);
        int64_t began = now_ms();
        WORKS(kcr_client_process(client, &error), error, "processing");
        if (now_ms() - began > longest) longest = now_ms() - began;
    }
    CHECK(longest < 200 * patience(), "one process took %d ms", (int)longest);
    CHECK(atomic_load(&answers) == 0 && runs() == 1, "%d answers, %d runs while the plugin waits", atomic_load(&answers), runs());
    works(other, "another client meanwhile");
    put("go", "");
    /* The end of the plugin alone makes the descriptor readable. */
    int64_t deadline = now_ms() + 10000 * patience();
    while (atomic_load(&answers) < 3 && now_ms() < deadline) {
        struct pollfd entry = {.fd = kcr_client_fd(client), .events = POLLIN};
        CHECK(poll(&entry, 1, (int)(5000 * patience())) == 1, "the descriptor is never readable");
        WORKS(kcr_client_process(client, &error), error, "processing");
    }
    CHECK(atomic_load(&answers) == 3, "%d of 3 calls were answered", atomic_load(&answers));
    kcr_client_free(client);
    kcr_client_free(other);
}

static void others_go_on_while_a_plugin_runs(void) {
    begin(admin_token);
    atomic_store(&answers, 0);
    kcr_client *client = keeper("gate", QUICK), *other = open_client(environment("KUBECR_REAL_ADMIN_TOKEN"), QUICK);
    kcr_error *error = NULL;
    for (int i = 0; i < 8; i++) WORKS(kcr_client_call(client, REQUEST, count_answer, NULL, NULL, NULL, &error), error, "a call");
    EVENTUALLY(runs() == 1, 5000, "the plugin does not run");
    works(other, "another client meanwhile");
    EXPECT(kcr_client_get(client, PROJECTS, "default", "example-project", "{\"timeoutMs\":100}", &(kcr_object *){NULL}, &error), KCR_ERR_TIMEOUT, error,
           "plugin has not ended", "a call that is in a hurry");
    CHECK(atomic_load(&answers) == 0, "answers without a credential");
    put("go", "");
    EVENTUALLY(atomic_load(&answers) == 8, 10000, "%d of 8 calls were answered", atomic_load(&answers));
    CHECK(runs() == 1, "the plugin ran %d times", runs());
    kcr_client_free(client);
    kcr_client_free(other);
}

static void freeing_a_client_kills_its_plugin_and_another_takes_over(void) {
    const char *modes[] = {QUICK, QUICK_EXTERNAL};
    for (size_t mode = 0; mode < 2; mode++) {
        begin(admin_token);
        char options[32768];
        snprintf(options, sizeof options, "%s", options_of("gate", "", ""));
        kcr_client *one = client_of(options, modes[mode]), *two = client_of(options, QUICK);
        kcr_error *error = NULL;
        kcr_call *call = NULL;
        WORKS(kcr_client_call(one, REQUEST, forget_answer, NULL, NULL, &call, &error), error, "a call");
        if (mode == 1) WORKS(kcr_client_process(one, &error), error, "processing");
        EVENTUALLY(runs() == 1, 5000, "the plugin does not run");
        put("first", strchr(told("runs"), ' ') + 1);
        kcr_call_cancel(call);
        kcr_call_free(call);
        kcr_client_free(one);
        EVENTUALLY(!is_alive("first"), 5000, "the plugin of a freed client lives");
        put("go", "");
        works(two, "the other client");
        CHECK(runs() == 2, "the plugin ran %d times", runs());
        kcr_client_free(two);
    }
}

static void a_forked_child_runs_no_plugin_of_its_parents_clients(void) {
    begin(admin_token);
    char options[32768];
    snprintf(options, sizeof options, "%s", options_of("token", "", ""));
    kcr_client *client = client_of(options, QUICK);
    works(client, "the parent");
    put("verdict", "");
    pid_t child = fork();
    REQUIRE(child >= 0, "fork");
    if (child == 0) {
        kcr_error *error = NULL;
        bool is_good = get(client, &error) == KCR_ERR_STATE && runs() == 1;
        kcr_client_free(client);
        client = client_of(options, QUICK);
        /* Its own clients share nothing with the parent's. */
        if (is_good && get(client, NULL) == KCR_OK && runs() == 2) put("verdict", "good");
        /* Without a last word of valgrind's: a child gives up memory of the parent's threads on purpose. */
        raise(SIGKILL);
    }
    CHECK(waitpid(child, NULL, 0) == child, "the child is not ours");
    CHECK_TEXT(told("verdict"), "good", "what the child found");
    works(client, "the parent again");
    CHECK(runs() == 2, "plugins ran %d times", runs());
    kcr_client_free(client);
}

/* ---- Impersonation ---- */

static void T12_impersonation_meets_rbac(void) {
    char options[1024];
    const char *server = environment("KUBECR_REAL_SERVER"), *folder = environment("KUBECR_REAL_DIR");
#define AS(text)                                                                                                                \
    (snprintf(options, sizeof options, "{\"source\":\"none\",\"server\":\"%s\",\"certificateAuthority\":\"%s/pki/ca.crt\",\"token\":\"%s\"," text "}",   \
              server, folder, admin_token),                                                                                     \
     client_of(options, QUICK))
    kcr_error *error = NULL;
    kcr_object *object = NULL;
    kcr_client *jane = AS("\"as\":\"jane\"");
    EXPECT(kcr_client_get(jane, PROJECTS, "default", "example-project", NULL, &object, &error), KCR_ERR_FORBIDDEN, error, "User \"jane\"", "jane");
    kcr_client_free(jane);
    kcr_client *reader = AS("\"as\":\"jane\",\"asUid\":\"7\",\"asGroups\":[\"nobodies\",\"kubecr-readers\"],\"asUserExtra\":{\"Acme.com/project%%\":[\"x\",\"y\"]}");
    works(reader, "jane among the readers");
    CHECK(try_to_write(reader) == KCR_ERR_FORBIDDEN, "a reader may write");
    kcr_client_free(reader);
    kcr_client *admin = AS("\"as\":\"joe\",\"asGroups\":[\"system:masters\"]");
    CHECK(try_to_write(admin) == KCR_OK, "joe among the masters may not write");
    kcr_client_free(admin);
    /* A reader may not take another's place. */
    snprintf(options, sizeof options, "{\"source\":\"none\",\"server\":\"%s\",\"certificateAuthority\":\"%s/pki/ca.crt\",\"token\":\"%s\",\"as\":\"jane\"}", server,
             folder, readonly_token);
    kcr_client *thief = client_of(options, QUICK);
    EXPECT(get(thief, &error), KCR_ERR_FORBIDDEN, error, "impersonate", "a reader as jane");
    kcr_client_free(thief);
}

int main(void) {
    snprintf(zoo, sizeof zoo, "/tmp/kubecr-zoo-XXXXXX");
    REQUIRE(mkdtemp(zoo), "a folder");
    read_file(environment("KUBECR_REAL_DIR"), "pki/admin.token", admin_token, sizeof admin_token);
    read_file(environment("KUBECR_REAL_DIR"), "pki/readonly.token", readonly_token, sizeof readonly_token);
    admin_token[strcspn(admin_token, "\n")] = readonly_token[strcspn(readonly_token, "\n")] = 0;
    check_secrets[0] = admin_token;
    check_secrets[1] = readonly_token;
    copy("pki/admin.crt", "tls.crt");
    copy("pki/admin.key", "tls.key");
    tell_secrets_of("pki/admin.token");
    tell_secrets_of("pki/readonly.token");
    tell_secrets_of("pki/admin.key");
    RUN(a_token_is_used_by_all_clients_and_asked_for_once);
    RUN(certificates_and_yaml_are_taken);
    RUN(T6_a_401_is_told_and_the_next_call_runs_the_plugin);
    RUN(T8_a_token_then_a_certificate_then_expiry);
    RUN(T8_a_plugin_gets_what_it_is_promised_and_nothing_else);
    RUN(bad_plugins_are_named_and_their_output_never_told);
    RUN(a_plugin_that_hangs_is_killed_with_its_children);
    RUN(a_plugin_whose_child_outlives_it_delays_nothing);
    RUN(T11_the_words_of_a_plugin_are_told_line_by_line);
    RUN(T9_plugins_run_only_where_they_may);
    RUN(T7_a_token_beside_it_keeps_the_plugin_from_running);
    RUN(an_external_loop_is_never_blocked);
    RUN(others_go_on_while_a_plugin_runs);
    RUN(freeing_a_client_kills_its_plugin_and_another_takes_over);
    RUN(a_forked_child_runs_no_plugin_of_its_parents_clients);
    /* kubecr-testserver knows users by their tokens alone. */
    if (!getenv("KUBECR_SERVER")) RUN(T12_impersonation_meets_rbac);
    char command[128];
    snprintf(command, sizeof command, "rm -rf '%s'", zoo);
    return system(command) == 0 ? finish() : 1;
}
