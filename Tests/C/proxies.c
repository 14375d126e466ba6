/* A real API server behind real proxies; proxies.sh starts them. usage: proxies KUBECONFIG PROXY-URL...
 * A URL with a login must have the password "s3cr3t-proxy". */
#include "cluster.h"

static const char *kubeconfig, *proxy;
static const char *const PASSWORD = "s3cr3t-proxy";

static kcr_client *client_through(const char *url, const char *more) {
    char options[8192], *path = kcr_json_quote(kubeconfig, KCR_AUTO_LEN), *quoted = kcr_json_quote(url, KCR_AUTO_LEN);
    snprintf(options, sizeof options, "{\"kubeconfig\": %s, \"proxyURL\": %s%s}", path, quoted, more);
    kcr_string_free(path);
    kcr_string_free(quoted);
    return client_of(options, IMPATIENT);
}

static void everything_works_through_the_proxy(void) {
    static struct record record = RECORD_INITIALIZER;
    record = (struct record)RECORD_INITIALIZER;
    kcr_client *client = client_through(proxy, "");
    kcr_error *error = NULL;
    kcr_watch *watch = NULL;
    char ns[64], version[64], options[128];
    fresh_namespace(client, "proxies", ns);
    create_project(client, ns, "one", 1);
    list_version(client, ns, version);
    snprintf(options, sizeof options, "{\"resourceVersion\":\"%s\"}", version);
    WORKS(kcr_client_watch(client, PROJECTS, ns, options, record_watch, &record, record_freed, &watch, &error), error, "a watch");
    set_replicas(client, ns, "one", 2);
    EVENTUALLY(seen(&record, KCR_EVENT_MODIFIED, "one") == 1, 10000, "no event through the proxy");
    delete_project(client, ns, "one");
    EVENTUALLY(seen(&record, KCR_EVENT_DELETED, "one") == 1, 10000, "no second event");
    kcr_watch_free(watch);
    kcr_client_free(client);
    ENDS_ONCE(&record);
}

static void get_fails(kcr_client *client, kcr_status status, const char *fragment, const char *what) {
    kcr_error *error = NULL;
    char *answer = NULL;
    EXPECT(kcr_client_request(client, "GET", "/version", NULL, 0, NULL, &answer, NULL, NULL, &error), status, error, fragment, what);
    kcr_client_free(client);
}

static void wrong_passwords_are_the_proxys_refusal(void) {
    const char *at = strstr(proxy, PASSWORD);
    if (!at) return;
    char wrong[512];
    snprintf(wrong, sizeof wrong, "%.*s%s-not%s", (int)(at - proxy), proxy, PASSWORD, at + strlen(PASSWORD));
    get_fails(client_through(wrong, ""), KCR_ERR_PROXY, "proxy ", "a wrong password");
    /* From behind the "@": without any login. */
    snprintf(wrong, sizeof wrong, "%.*s%s", (int)(strstr(proxy, "://") + 3 - proxy), proxy, strchr(proxy, '@') + 1);
    get_fails(client_through(wrong, ""), KCR_ERR_PROXY, "proxy ", "no password");
}

/* What is wrong with the server stays the server's, and the name that is verified is the configured one. */
static void failures_behind_the_proxy_are_the_servers(void) {
    get_fails(client_through(proxy, ", \"tlsServerName\": \"wrong.test\""), KCR_ERR_TLS, "wrong.test", "a wrong name");
    kcr_client *client = client_through(proxy, ", \"tlsServerName\": \"kubernetes.default.svc\"");
    kcr_error *error = NULL;
    char *answer = NULL;
    WORKS(kcr_client_request(client, "GET", "/version", NULL, 0, NULL, &answer, NULL, NULL, &error), error, "the right name");
    kcr_string_free(answer);
    kcr_client_free(client);
}

/* The proxies of the environment are for servers elsewhere, which only the proxy can tell from nothing. */
static void the_environment_names_proxies_for_other_machines(void) {
    char options[8192], *path = kcr_json_quote(kubeconfig, KCR_AUTO_LEN);
    setenv("HTTPS_PROXY", proxy, 1);
    snprintf(options, sizeof options, "{\"kubeconfig\": %s, \"server\": \"https://api.kubecr.invalid:6443\"}", path);
    get_fails(client_of(options, IMPATIENT), KCR_ERR_PROXY, "proxy ", "a server that does not exist, through a proxy");
    setenv("NO_PROXY", "other, .kubecr.invalid:6443", 1);
    get_fails(client_of(options, IMPATIENT), KCR_ERR_CONNECT, "api.kubecr.invalid", "the same, directly");
    setenv("HTTPS_PROXY", "http://127.0.0.1:1", 1);
    snprintf(options, sizeof options, "{\"kubeconfig\": %s}", path);
    kcr_client *client = client_of(options, IMPATIENT);
    kcr_error *error = NULL;
    char *answer = NULL;
    WORKS(kcr_client_request(client, "GET", "/version", NULL, 0, NULL, &answer, NULL, NULL, &error), error, "a server of this machine");
    kcr_string_free(answer);
    kcr_client_free(client);
    get_fails(client_through("http://127.0.0.1:1", ""), KCR_ERR_PROXY, "connection refused", "a proxy that is not there");
    unsetenv("HTTPS_PROXY");
    unsetenv("NO_PROXY");
    kcr_string_free(path);
}

int main(int argc, char **argv) {
    REQUIRE(argc > 2, "usage: proxies KUBECONFIG PROXY-URL...");
    kubeconfig = argv[1];
    check_secrets[0] = PASSWORD;
    for (int i = 2; i < argc; i++) {
        proxy = argv[i];
        printf("%.*s%s\n", (int)strcspn(proxy, ":"), proxy, strchr(proxy, '@') ? " with a login" : "");
        RUN(everything_works_through_the_proxy);
        RUN(wrong_passwords_are_the_proxys_refusal);
        RUN(failures_behind_the_proxy_are_the_servers);
    }
    proxy = argv[2];
    RUN(the_environment_names_proxies_for_other_machines);
    return finish();
}
