/* Servers that refuse or cannot be reached: each its own status and a message naming the URL, never a secret. Needs a real
   server (real.sh); bad_input.c has what fails before a request leaves. */
#include "cluster.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>

#define SECRET "s3cr3t-token-that-must-not-show"

/* A GET and a LIST with a client for these options both fail so. */
static void expect_get(const char *options, kcr_status want, const char *fragment, const char *what) {
    kcr_client *client = client_of(options, IMPATIENT);
    kcr_object *object = NULL;
    kcr_list *list = NULL;
    kcr_error *error = NULL;
    EXPECT(kcr_client_get(client, PROJECTS, "default", "example-project", NULL, &object, &error), want, error, fragment, what);
    error = NULL;
    EXPECT(kcr_client_list(client, PROJECTS, "default", NULL, &list, &error), want, error, fragment, what);
    CHECK(!object && !list, "%s: no output on failure", what);
    kcr_client_free(client);
}

/* A port where nothing listens: bound once, then closed. */
static int free_port(void) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM, 0);
    REQUIRE(fd >= 0 && !bind(fd, (struct sockaddr *)&address, length) && !getsockname(fd, (struct sockaddr *)&address, &length), "a port");
    close(fd);
    return ntohs(address.sin_port);
}

static void refused_connections_name_the_url(void) {
    char options[512], url[64];
    snprintf(url, sizeof url, "https://127.0.0.1:%d", free_port());
    snprintf(options, sizeof options, "{\"source\":\"none\",\"server\":\"%s\",\"token\":\"" SECRET "\"}", url);
    expect_get(options, KCR_ERR_CONNECT, url, "a refused connection");
    expect_get("{\"source\":\"none\",\"server\":\"https://no-such-host.invalid:6443\",\"token\":\"" SECRET "\"}", KCR_ERR_CONNECT,
               "no-such-host.invalid", "an unknown host");
}

static char trusted[512]; /* options with its address and CA, open at the end */

static void wrong_certificates_are_tls_errors(void) {
    char options[1024];
    const char *server = environment("KUBECR_REAL_SERVER");
    snprintf(options, sizeof options, "{\"source\":\"none\",\"server\":\"%s\",\"certificateAuthority\":\"%s\",\"token\":\"" SECRET "\"}", server, environment("KUBECR_OTHER_CA"));
    expect_get(options, KCR_ERR_TLS, server, "the CA of somebody else");
    snprintf(options, sizeof options, "{\"source\":\"none\",\"server\":\"%s\",\"token\":\"" SECRET "\"}", server);
    expect_get(options, KCR_ERR_TLS, server, "the system's CAs");
    snprintf(options, sizeof options, "%s,\"tlsServerName\":\"wrong.example\",\"token\":\"" SECRET "\"}", trusted);
    expect_get(options, KCR_ERR_TLS, "wrong.example", "a name that the certificate does not hold");
    snprintf(options, sizeof options, "%s,\"clientCertificate\":\"%s/pki/admin.crt\",\"clientKey\":\"%s/pki/server.key\"}", trusted,
             environment("KUBECR_REAL_DIR"), environment("KUBECR_REAL_DIR"));
    kcr_config *config = NULL;
    kcr_error *error = NULL;
    EXPECT(kcr_config_load(options, &config, &error), KCR_ERR_CONFIG, error, "clientKey: is not the key of the certificate that option clientCertificate",
           "a key of another certificate");
}

static void wrong_tokens_are_unauthorized(void) {
    char options[1024];
    snprintf(options, sizeof options, "%s,\"token\":\"" SECRET "\"}", trusted);
    expect_get(options, KCR_ERR_UNAUTHORIZED, NULL, "a token that nobody knows");
}

static void users_without_rights_are_forbidden(void) {
    char options[1024];
    snprintf(options, sizeof options, "{\"kubeconfig\":\"%s\"}", environment("KUBECR_REAL_DENIED"));
    expect_get(options, KCR_ERR_FORBIDDEN, "kubecr-denied", "a user without rights");

    snprintf(options, sizeof options, "{\"kubeconfig\":\"%s\"}", environment("KUBECR_REAL_READONLY"));
    kcr_client *client = client_of(options, IMPATIENT);
    kcr_object *object = NULL;
    kcr_error *error = NULL;
    WORKS(kcr_client_get(client, PROJECTS, "default", "example-project", NULL, &object, &error), error, "a reader's get");
    kcr_object_free(object);
    object = NULL;
    kcr_status status = kcr_client_create(client, PROJECTS, "default", NULL,
        "{\"apiVersion\":\"example.sealyun.com/v1alpha1\",\"kind\":\"Project\",\"metadata\":{\"name\":\"no\"},\"spec\":{\"replicas\":1}}",
        KCR_AUTO_LEN, NULL, &object, &error);
    CHECK(kcr_error_http_status(error) == 403, "HTTP %d", kcr_error_http_status(error));
    CHECK_TEXT(kcr_error_reason(error), "Forbidden", "reason");
    CHECK(strstr(kcr_error_message(error), "cannot create resource"), "the server's own words: %s", kcr_error_message(error));
    CHECK(kcr_error_is_retryable(error) == 0, "repeating it would not help");
    EXPECT(status, KCR_ERR_FORBIDDEN, error, "kubecr-readonly", "a reader's create");
    kcr_client_free(client);
}

static void absent_things_are_not_found(void) {
    char options[1024];
    snprintf(options, sizeof options, "{\"kubeconfig\":\"%s\"}", environment("KUBECR_REAL_ADMIN_CERT"));
    kcr_client *client = client_of(options, IMPATIENT);
    kcr_object *object = NULL;
    kcr_list *list = NULL;
    kcr_error *error = NULL;
    kcr_status status = kcr_client_get(client, PROJECTS, "default", "not-there", NULL, &object, &error);
    CHECK(kcr_error_http_status(error) == 404, "HTTP %d", kcr_error_http_status(error));
    CHECK_TEXT(kcr_error_reason(error), "NotFound", "reason");
    const char *json = kcr_error_status_json(error, NULL);
    CHECK(json && strstr(json, "\"Status\""), "the server's Status is kept: %s", json ? json : "(null)");
    EXPECT(status, KCR_ERR_NOT_FOUND, error, "not-there", "an absent project");
    error = NULL;
    EXPECT(kcr_client_list(client, "example.sealyun.com/v1alpha1/unknowns", "default", NULL, &list, &error), KCR_ERR_NOT_FOUND, error, NULL, "an absent resource");
    error = NULL;
    EXPECT(kcr_client_list(client, "unknowns", "default", NULL, &list, &error), KCR_ERR_NOT_FOUND, error, "unknowns", "a short form that nothing answers to");
    error = NULL;
    EXPECT(kcr_client_get(client, PROJECTS, NULL, "not-there", "{\"resourceVersion\":3}", &object, &error), KCR_ERR_ARGUMENT, error, "resourceVersion", "a number as version");
    kcr_client_free(client);
}

static void plain_http_to_a_tls_port_is_an_error(void) {
    char options[512];
    const char *server = environment("KUBECR_REAL_SERVER");
    snprintf(options, sizeof options, "{\"source\":\"none\",\"server\":\"http%s\"}", server + 5);
    kcr_client *client = client_of(options, IMPATIENT);
    kcr_object *object = NULL;
    kcr_error *error = NULL;
    kcr_status status = kcr_client_get(client, PROJECTS, "default", "a", NULL, &object, &error);
    CHECK(status == KCR_ERR_BAD_REQUEST, "HTTP to a TLS port gives %s: %s", kcr_status_name(status), kcr_error_message(error));
    EXPECT(status, status, error, NULL, "HTTP to a TLS port");
    kcr_client_free(client);
}

int main(void) {
    check_secrets[0] = SECRET;
    snprintf(trusted, sizeof trusted, "{\"source\":\"none\",\"server\":\"%s\",\"certificateAuthority\":\"%s/pki/ca.crt\"",
             environment("KUBECR_REAL_SERVER"), environment("KUBECR_REAL_DIR"));
    RUN(refused_connections_name_the_url);
    RUN(wrong_certificates_are_tls_errors);
    RUN(wrong_tokens_are_unauthorized);
    RUN(users_without_rights_are_forbidden);
    RUN(absent_things_are_not_found);
    RUN(plain_http_to_a_tls_port_is_an_error);
    return finish();
}
