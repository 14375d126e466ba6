/* Bad input from files, options and C: each its own status and a message naming file or field, never a secret. Needs no
   server; failures.c has the servers that refuse. */
#include "cluster.h"
#include "refusals.h"

static char folder[64] = "/tmp/kubecr-bad-input-XXXXXX";
#define SECRET "s3cr3t-token-that-must-not-show"
#define PASSWORD "p4ssw0rd-that-must-not-show"

static kcr_status load(const char *options, kcr_error **error) {
    kcr_config *config = NULL;
    kcr_status status = kcr_config_load(options, &config, error);
    CHECK((status == KCR_OK) == (config != NULL), "a config came exactly on success");
    kcr_config_free(config);
    return status;
}

/* Writes a file into the test's folder and gives options that name it. */
static void kubeconfig_file(const char *name, const char *text, char options[512]) {
    char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "w");
    REQUIRE(file, "writing %s", path);
    fputs(text, file);
    fclose(file);
    snprintf(options, 512, "{\"kubeconfig\":\"%s\"}", path);
}

static void files_that_cannot_be_read_are_named(void) {
    kcr_error *error = NULL;
    char options[512];
    EXPECT(load("{\"kubeconfig\":\"/no/such/kubeconfig\"}", &error), KCR_ERR_CONFIG, error, "/no/such/kubeconfig", "a missing kubeconfig");
    error = NULL;
    EXPECT(load("{\"kubeconfig\":\"/tmp\"}", &error), KCR_ERR_CONFIG, error, "/tmp", "a folder");
    kubeconfig_file("missing-ca", "apiVersion: v1\nkind: Config\ncurrent-context: c\n"
                    "clusters: [{name: c, cluster: {server: 'https://127.0.0.1:1', certificate-authority: gone.crt}}]\n"
                    "users: [{name: u, user: {token: " SECRET "}}]\ncontexts: [{name: c, context: {cluster: c, user: u}}]\n", options);
    error = NULL;
    kcr_config *config = NULL;
    kcr_client *client = NULL;
    kcr_status status = kcr_config_load(options, &config, &error);
    if (status == KCR_OK) status = kcr_client_new(config, NULL, &client, &error);
    EXPECT(status, KCR_ERR_CONFIG, error, "gone.crt", "a missing CA file");
    kcr_client_free(client);
    kcr_config_free(config);
}

static void broken_yaml_is_refused_with_the_file(void) {
    static const char *const broken[] = {"clusters: [", "a: b: c", "\t- x", "users: {token: \"" SECRET "\"", "clusters: 3", "- a\n- b\n",
                                         "clusters: &a [*a]", "a: \xff\xfe\xff", "{\"clusters\": [}"};
    for (size_t i = 0; i < sizeof broken / sizeof *broken; i++) {
        char options[512];
        kcr_error *error = NULL;
        kubeconfig_file("broken.yaml", broken[i], options);
        EXPECT(load(options, &error), KCR_ERR_CONFIG, error, "broken.yaml", broken[i]);
    }
    kcr_error *error = NULL;
    EXPECT(load("{\"kubeconfigYAML\":\"clusters: [\"}", &error), KCR_ERR_CONFIG, error, NULL, "broken YAML as text");
}

static void wrong_fields_are_named(void) {
    static const struct {
        const char *extra_cluster, *user, *fragment;
    } cases[] = {
        {"", "token: [" SECRET "]", "token"},
        {", certificate-authority-data: '" SECRET "!'", "token: t", "certificate-authority-data"},
        {"", "client-certificate-data: QUJD", "client-certificate-data"},
        {", insecure-skip-tls-verify: maybe", "token: t", "insecure-skip-tls-verify"},
        {"", "token: \"" SECRET "\\nX-Injected: yes\"", "token"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        char yaml[1024], options[512];
        snprintf(yaml, sizeof yaml, "apiVersion: v1\nkind: Config\ncurrent-context: c\n"
                 "clusters: [{name: c, cluster: {server: 'https://127.0.0.1:1'%s}}]\nusers: [{name: u, user: {%s}}]\n"
                 "contexts: [{name: c, context: {cluster: c, user: u}}]\n", cases[i].extra_cluster, cases[i].user);
        kubeconfig_file("field.yaml", yaml, options);
        kcr_error *error = NULL;
        kcr_config *config = NULL;
        kcr_client *client = NULL;
        kcr_status status = kcr_config_load(options, &config, &error);
        if (status == KCR_OK) status = kcr_client_new(config, NULL, &client, &error);
        EXPECT(status, KCR_ERR_CONFIG, error, cases[i].fragment, cases[i].fragment);
        kcr_client_free(client);
        kcr_config_free(config);
    }
}

static void what_no_version_does_is_refused_by_name(void) {
    static const char *const users[][2] = {
        {"exec: {apiVersion: client.authentication.k8s.io/v1, command: /bin/true, interactiveMode: Always}", "exec.interactiveMode"},
        {"exec: {apiVersion: client.authentication.k8s.io/v1alpha1, command: /bin/true}", "exec.apiVersion"},
        {"auth-provider: {name: gcp, config: {access-token: " SECRET "}}", "auth-provider"},
    };
    for (size_t i = 0; i < sizeof users / sizeof *users; i++) {
        char yaml[1024], options[512];
        snprintf(yaml, sizeof yaml, "apiVersion: v1\nkind: Config\ncurrent-context: c\nclusters: [{name: c, cluster: {server: 'https://127.0.0.1:1'}}]\n"
                 "users: [{name: u, user: {%s}}]\ncontexts: [{name: c, context: {cluster: c, user: u}}]\n", users[i][0]);
        kubeconfig_file("refused.yaml", yaml, options);
        kcr_error *error = NULL;
        EXPECT(load(options, &error), KCR_ERR_UNSUPPORTED, error, users[i][1], users[i][1]);
    }
}

static void unknown_contexts_are_named(void) {
    char options[600], file[512];
    kubeconfig_file("contexts.yaml", "apiVersion: v1\nkind: Config\nclusters: []\nusers: []\ncontexts: []\ncurrent-context: nowhere\n", file);
    kcr_error *error = NULL;
    EXPECT(load(file, &error), KCR_ERR_CONFIG, error, "nowhere", "a current-context that is not there");
    snprintf(options, sizeof options, "%.*s,\"context\":\"elsewhere\"}", (int)strlen(file) - 1, file);
    error = NULL;
    EXPECT(load(options, &error), KCR_ERR_CONFIG, error, "elsewhere", "a context option that is not there");
}

static void unknown_options_are_named_everywhere(void) {
    kcr_client *client = client_of("{\"source\":\"none\",\"server\":\"http://127.0.0.1:1\"}", IMPATIENT), *second = NULL;
    kcr_object *object = NULL;
    kcr_list *list = NULL;
    kcr_informer *informer = NULL;
    kcr_watch *watch = NULL;
    kcr_error *error = NULL;
    char *text = NULL;
#define NAMED(call, fragment)                                                                                                   \
    do {                                                                                                                        \
        error = NULL;                                                                                                           \
        EXPECT(call, KCR_ERR_ARGUMENT, error, fragment, #call);                                                                 \
    } while (0)
    NAMED(load("{\"kubecnfig\":\"x\"}", &error), "kubecnfig");
    NAMED(load("{\"kubeconfig\":3}", &error), "kubeconfig");
    NAMED(load("{\"source\":\"moon\"}", &error), "source");
    NAMED(load("{\"kubeconfig\":", &error), NULL);
    NAMED(load("[]", &error), NULL);
    NAMED(load("{\"token\":\"" SECRET "\",\"tokn\":\"" SECRET "\"}", &error), "tokn");
    NAMED(kcr_client_new(NULL, "{\"lop\":\"external\"}", &second, &error), "lop");
    NAMED(kcr_client_new(NULL, "{\"loop\":\"circle\"}", &second, &error), "loop");
    NAMED(kcr_client_new(NULL, "{\"timeoutMs\":\"soon\"}", &second, &error), "timeoutMs");
    NAMED(kcr_client_new(NULL, "{\"timeoutMs\":-5}", &second, &error), "timeoutMs");
    NAMED(kcr_client_new(NULL, "{\"idleMs\":10}", &second, &error), "idleMs");
    NAMED(kcr_client_get(client, PROJECTS, "default", "a", "{\"colour\":1}", &object, &error), "colour");
    NAMED(kcr_client_list(client, PROJECTS, "default", "{\"limit\":\"seven\"}", &list, &error), "limit");
    NAMED(kcr_client_list(client, PROJECTS, "default", "{\"labelSelecter\":\"a=b\"}", &list, &error), "labelSelecter");
    NAMED(kcr_client_create(client, PROJECTS, "default", NULL, "{}", 2, "{\"dryrun\":\"All\"}", &object, &error), "dryrun");
    NAMED(kcr_client_delete(client, PROJECTS, "default", "a", "{\"grace\":1}", &error), "grace");
    NAMED(kcr_client_request(client, "GET", "/version", NULL, 0, "{\"colour\":1}", &text, NULL, NULL, &error), "colour");
    NAMED(kcr_client_watch(client, PROJECTS, "default", "{\"colour\":1}", refusals_watch, NULL, NULL, &watch, &error), "colour");
    NAMED(kcr_client_call(client, "{\"verb\":\"list\",\"resource\":\"v1/pods\",\"options\":{\"colour\":1}}", refusals_call, NULL, NULL, NULL, &error), "colour");
    NAMED(kcr_client_call(client, "{\"verb\":\"list\",\"resource\":\"v1/pods\",\"answer\":\"base64\"}", refusals_call, NULL, NULL, NULL, &error), "answer");
    NAMED(kcr_client_call(client, "{\"verb\":\"request\",\"method\":\"GET\",\"path\":\"/\",\"answer\":\"hex\"}", refusals_call, NULL, NULL, NULL, &error), "answer");
    NAMED(kcr_informer_new(client, PROJECTS, NULL, "{\"resync\":5}", &informer, &error), "resync");
    NAMED(kcr_informer_new(client, PROJECTS, NULL, "{\"resyncMs\":5}", &informer, &error), "resyncMs");
    CHECK(!second && !object && !list && !informer && !text, "no output was written");
    kcr_client_free(client);
}

static void fault96_null_and_foreign_handles_are_refused(void) {
    kcr_client *client = client_of("{\"source\":\"none\",\"server\":\"http://127.0.0.1:1\"}", IMPATIENT);
    kcr_object *object = NULL, *other = NULL;
    kcr_list *list = NULL;
    char *text = NULL;
    int64_t integer = 0;
    double number = 0;
    int32_t boolean = 0;
    REFUSED(kcr_object_from_json(NULL, 2, &object, &error));
    REFUSED(kcr_object_from_json("{}", 2, NULL, &error));
    REFUSED(kcr_object_from_json("{}", (size_t)-2, &object, &error));
    REQUIRE(kcr_object_from_json("{}", 2, &object, NULL) == KCR_OK, "an object");
    REFUSED(kcr_object_get_string(NULL, "/a", &text, &error));
    REFUSED(kcr_object_get_string(object, NULL, &text, &error));
    REFUSED(kcr_object_get_string(object, "/a", NULL, &error));
    REFUSED(kcr_object_get_int(NULL, "/a", &integer, &error));
    REFUSED(kcr_object_get_int(object, "/a", NULL, &error));
    REFUSED(kcr_object_get_double(NULL, "/a", &number, &error));
    REFUSED(kcr_object_get_bool(NULL, "/a", &boolean, &error));
    REFUSED(kcr_object_get_json(NULL, "/a", &text, &error));
    REFUSED(kcr_config_load(NULL, NULL, &error));
    REFUSED(kcr_client_new((const kcr_config *)(const void *)object, NULL, &(kcr_client *){NULL}, &error));
    REFUSED(kcr_client_new(NULL, NULL, NULL, &error));
    refuses_wrong_client(NULL);
    refuses_wrong_client((const kcr_client *)(const void *)object);
    refuses_wrong_informer(NULL);
    refuses_wrong_informer((kcr_informer *)(void *)object);
    refuses_bad_arguments(client);
    CHECK_TEXT(kcr_object_name((const kcr_object *)(const void *)client), "", "the name of what is no object");
    CHECK(kcr_client_get(NULL, NULL, NULL, NULL, NULL, NULL, NULL) == KCR_ERR_ARGUMENT, "error may be NULL");
    kcr_status status = kcr_list_from_yaml(NULL, 0, &list, NULL);
    CHECK(status == KCR_ERR_ARGUMENT || status == KCR_ERR_UNSUPPORTED, "no manifest gives %s", kcr_status_name(status));
    status = kcr_client_apply(NULL, NULL, 0, NULL, &list, NULL);
    CHECK(status == KCR_ERR_ARGUMENT || status == KCR_ERR_UNSUPPORTED, "apply of nothing gives %s", kcr_status_name(status));
    CHECK(other == NULL && text == NULL && list == NULL, "no output was written");
    kcr_object_free(object);
    kcr_client_free(client);
}

/* Text as C may bring it: no UTF-8, empty, a NUL where none can be, lengths that no body has, megabytes. */
static void fault97_text_of_every_kind_is_checked(void) {
    kcr_client *client = client_of("{\"source\":\"none\",\"server\":\"http://127.0.0.1:1\"}", IMPATIENT);
    kcr_object *object = NULL;
    char *text = NULL;
    kcr_error *error = NULL;
    enum { HUGE_SIZE = 9000000 };
    static char huge[HUGE_SIZE + 1];
    NAMED(kcr_client_get(client, "v1/\xff", "n", "a", NULL, &object, &error), "resource");
    NAMED(kcr_client_get(client, PROJECTS, "\xc3", "a", NULL, &object, &error), "namespace");
    NAMED(kcr_client_get(client, PROJECTS, "n", "\xed\xa0\x80", NULL, &object, &error), "name");
    NAMED(kcr_client_get(client, PROJECTS, "n", "", NULL, &object, &error), "name");
    NAMED(kcr_client_get(client, PROJECTS, "n", NULL, NULL, &object, &error), "name");
    NAMED(kcr_client_get(client, "", "n", "a", NULL, &object, &error), NULL);
    NAMED(kcr_client_get(client, PROJECTS, "n", "a", "{\"resourceVersion\":\"\xff\"}", &object, &error), "options");
    NAMED(kcr_client_get(client, PROJECTS, "n", "a", "{\"resourceVersion\":\"1\\u0000\"}", &object, &error), "resourceVersion");
    NAMED(kcr_client_create(client, PROJECTS, "n", NULL, "{\"a\":\"\xff\"}", KCR_AUTO_LEN, NULL, &object, &error), "body");
    NAMED(kcr_client_create(client, PROJECTS, "n", NULL, "{\0}", 3, NULL, &object, &error), "body");
    NAMED(kcr_client_create(client, PROJECTS, "n", NULL, "{}", (size_t)-2, NULL, &object, &error), "length");
    NAMED(kcr_client_create(client, PROJECTS, "n", NULL, "{}", (size_t)INT32_MAX + 1, NULL, &object, &error), "2 GiB");
    NAMED(kcr_client_create(client, PROJECTS, "n", NULL, NULL, 5, NULL, &object, &error), "NULL");
    NAMED(kcr_client_create(client, PROJECTS, "n", NULL, "", 0, NULL, &object, &error), "body");
    NAMED(kcr_client_patch(client, PROJECTS, "n", "a", KCR_PATCH_MERGE, "", 0, NULL, &object, &error), "patch");
    NAMED(kcr_client_patch(client, PROJECTS, "n", "a", KCR_PATCH_JSON, "[", 1, NULL, &object, &error), "patch");
    NAMED(kcr_client_request(client, "G\xff", "/", NULL, 0, NULL, &text, NULL, NULL, &error), "method");
    NAMED(kcr_client_request(client, "GET", "/\xc3\xbc", NULL, 0, NULL, &text, NULL, NULL, &error), "path");
    NAMED(kcr_client_request(client, "GET", "", NULL, 0, NULL, &text, NULL, NULL, &error), "path");
    int megabytes = patience() == 1; /* a byte at a time takes a minute there */
    memset(huge, 'a', HUGE_SIZE);
    kcr_list *list = NULL;
    if (megabytes) NAMED(kcr_client_get(client, PROJECTS, "n", huge, NULL, &object, &error), "too long");
    memcpy(huge, "{\"labelSelector\":\"", 18);
    memcpy(huge + HUGE_SIZE - 2, "\"}", 3);
    if (megabytes) NAMED(kcr_client_list(client, PROJECTS, "n", huge, &list, &error), "too long");
    CHECK(!object && !text && !list, "no output was written");
    kcr_client_free(client);
}

static void accessors_and_frees_accept_null(void) {
    size_t length = 77;
    CHECK(kcr_error_status(NULL) == KCR_OK && kcr_error_http_status(NULL) == 0 && kcr_error_is_retryable(NULL) == 0, "no error");
    CHECK_TEXT(kcr_error_message(NULL), "", "message");
    CHECK_TEXT(kcr_error_reason(NULL), "", "reason");
    CHECK(kcr_error_status_json(NULL, &length) == NULL, "no Status");
    CHECK_TEXT(kcr_object_key(NULL), "", "key");
    CHECK_TEXT(kcr_object_namespace(NULL), "", "namespace");
    CHECK_TEXT(kcr_object_uid(NULL), "", "uid");
    CHECK_TEXT(kcr_object_resource_version(NULL), "", "resourceVersion");
    CHECK(kcr_object_is_partial(NULL) == 0, "not partial");
    CHECK(kcr_list_count(NULL) == 0 && kcr_list_at(NULL, 0) == NULL, "no list");
    CHECK_TEXT(kcr_list_resource_version(NULL), "", "resourceVersion");
    CHECK_TEXT(kcr_list_continue(NULL), "", "continue");
    CHECK_TEXT(kcr_config_namespace(NULL), "", "namespace");
    CHECK(kcr_list_retain(NULL) == NULL, "no list to keep");
    CHECK(kcr_json_quote(NULL, KCR_AUTO_LEN) == NULL, "nothing to quote");
    kcr_error_free(NULL), kcr_string_free(NULL), kcr_object_free(NULL), kcr_list_free(NULL), kcr_config_free(NULL);
    kcr_client_free(NULL), kcr_call_cancel(NULL), kcr_call_free(NULL), kcr_watch_stop(NULL), kcr_watch_free(NULL);
    kcr_handler_free(NULL), kcr_informer_stop(NULL), kcr_informer_free(NULL);
    kcr_log_set(KCR_LOG_ERROR, NULL, NULL, NULL);
}

static void effective_config_hides_secrets(void) {
    kcr_config *config = NULL;
    kcr_error *error = NULL;
    WORKS(kcr_config_load("{\"source\":\"none\",\"server\":\"https://127.0.0.1:1\",\"token\":\"" SECRET "\",\"namespace\":\"team-a\"}", &config, &error),
          error, "a config from options");
    const char *json = kcr_config_json(config, NULL);
    CHECK(json && strstr(json, "REDACTED") && strstr(json, "https://127.0.0.1:1"), "the effective config is %s", json);
    CHECK(keeps_secrets(json), "the effective config hides the token");
    CHECK_TEXT(kcr_config_namespace(config), "team-a", "namespace");
    kcr_config_free(config);
}

static void credentials_never_go_over_http(void) {
    kcr_config *config = NULL;
    kcr_client *client = NULL;
    kcr_error *error = NULL;
    kcr_status status = kcr_config_load("{\"source\":\"none\",\"server\":\"http://127.0.0.1:1\",\"token\":\"" SECRET "\"}", &config, &error);
    if (status == KCR_OK) status = kcr_client_new(config, NULL, &client, &error);
    EXPECT(status, KCR_ERR_CONFIG, error, "http", "a token for an http server");
    kcr_client_free(client);
    kcr_config_free(config);
}

int main(void) {
    check_secrets[0] = SECRET;
    check_secrets[1] = PASSWORD;
    REQUIRE(mkdtemp(folder), "a folder for files");
    RUN(files_that_cannot_be_read_are_named);
    RUN(broken_yaml_is_refused_with_the_file);
    RUN(wrong_fields_are_named);
    RUN(what_no_version_does_is_refused_by_name);
    RUN(unknown_contexts_are_named);
    RUN(unknown_options_are_named_everywhere);
    RUN(fault96_null_and_foreign_handles_are_refused);
    RUN(fault97_text_of_every_kind_is_checked);
    RUN(accessors_and_frees_accept_null);
    RUN(effective_config_hides_secrets);
    RUN(credentials_never_go_over_http);
    char clean[128];
    snprintf(clean, sizeof clean, "rm -rf '%s'", folder);
    if (system(clean)) perror("cleaning up");
    return finish();
}
