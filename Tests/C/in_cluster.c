/* A Pod's view of its cluster: two variables and the files of a bound service-account token, in a mount namespace of its own.
   Runs within real.sh on kube-apiserver. Exit status 3: this machine gives no mount namespace. */
#include "cluster.h"

#include <errno.h>
#include <sched.h>
#include <sys/mount.h>
#include <sys/stat.h>

#define ACCOUNT "/run/secrets/kubernetes.io/serviceaccount"
#define SEEN "/var" ACCOUNT

static char ns[64];
static kcr_client *admin;

static bool write_text(const char *path, const char *text) {
    FILE *file = fopen(path, "w");
    if (!file) return false;
    bool good = fputs(text, file) >= 0;
    return fclose(file) == 0 && good;
}

/* As the kubelet does: a new file in the old one's place, at once. */
static void put(const char *name, const char *text) {
    char path[128], fresh[128];
    snprintf(path, sizeof path, ACCOUNT "/%s", name);
    snprintf(fresh, sizeof fresh, ACCOUNT "/..%s", name);
    REQUIRE(write_text(fresh, text) && rename(fresh, path) == 0, "writing %s", path);
}

/* Its own mounts, with an empty /run; as an ordinary user in a user namespace, which takes a process without threads. */
static bool enter_namespace(void) {
    uid_t user = geteuid();
    if (unshare(CLONE_NEWNS) != 0) {
        char map[64];
        if (unshare(CLONE_NEWUSER | CLONE_NEWNS) != 0) return false;
        snprintf(map, sizeof map, "0 %u 1", user);
        if (!write_text("/proc/self/uid_map", map)) return false;
    }
    if (mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0 || mount("tmpfs", "/run", "tmpfs", 0, "mode=755") != 0) return false;
    return mkdir("/run/secrets", 0755) == 0 && mkdir("/run/secrets/kubernetes.io", 0755) == 0 && mkdir(ACCOUNT, 0755) == 0 &&
           access("/var/run/secrets/kubernetes.io/serviceaccount", R_OK) == 0;
}

static char *request(const char *method, const char *path, const char *body) {
    kcr_error *error = NULL;
    char *answer = NULL;
    kcr_status status = kcr_client_request(admin, method, path, body, KCR_AUTO_LEN, NULL, &answer, NULL, NULL, &error);
    REQUIRE(status == KCR_OK, "%s %s: %s", method, path, kcr_error_message(error));
    return answer;
}

/* A service account that may list Projects, and a bound token of it for ten minutes. */
static void account_token(char out[4096]) {
    char path[256], body[1024];
    snprintf(path, sizeof path, "/api/v1/namespaces/%s/serviceaccounts", ns);
    kcr_string_free(request("POST", path, "{\"apiVersion\":\"v1\",\"kind\":\"ServiceAccount\",\"metadata\":{\"name\":\"pod\"}}"));
    snprintf(body, sizeof body,
             "{\"apiVersion\":\"rbac.authorization.k8s.io/v1\",\"kind\":\"ClusterRoleBinding\",\"metadata\":{\"name\":\"%s\"},\"roleRef\":"
             "{\"apiGroup\":\"rbac.authorization.k8s.io\",\"kind\":\"ClusterRole\",\"name\":\"kubecr-readonly\"},\"subjects\":"
             "[{\"kind\":\"ServiceAccount\",\"namespace\":\"%s\",\"name\":\"pod\"}]}", ns, ns);
    kcr_string_free(request("POST", "/apis/rbac.authorization.k8s.io/v1/clusterrolebindings", body));
    snprintf(path, sizeof path, "/api/v1/namespaces/%s/serviceaccounts/pod/token", ns);
    char *answer = request("POST", path, "{\"apiVersion\":\"authentication.k8s.io/v1\",\"kind\":\"TokenRequest\",\"spec\":{\"expirationSeconds\":600}}");
    kcr_error *error = NULL;
    kcr_object *object = NULL;
    char *token = NULL;
    WORKS(kcr_object_from_json(answer, KCR_AUTO_LEN, &object, &error), error, "reading the answer");
    WORKS(kcr_object_get_string(object, "/status/token", &token, &error), error, "finding the token");
    snprintf(out, 4096, "%s", token ? token : "");
    kcr_string_free(token);
    kcr_object_free(object);
    kcr_string_free(answer);
}

static void the_account_is_found_and_used(void) {
    kcr_error *error = NULL;
    kcr_config *config = NULL;
    WORKS(kcr_config_load(NULL, &config, &error), error, "loading without options");
    const char *json = kcr_config_json(config, NULL);
    CHECK(strstr(json, "\"source\":\"inCluster\"") && strstr(json, SEEN "/token") && strstr(json, SEEN "/ca.crt"), "%s", json);
    CHECK(keeps_secrets(json), "the token is shown");
    CHECK_TEXT(kcr_config_namespace(config), ns, "the namespace");
    kcr_client *client = NULL;
    kcr_list *list = NULL;
    WORKS(kcr_client_new(config, QUICK, &client, &error), error, "a client");
    WORKS(kcr_client_list(client, PROJECTS, ns, NULL, &list, &error), error, "listing as the service account");
    kcr_list_free(list);
    /* It is the account, not an administrator. */
    EXPECT(kcr_client_delete(client, PROJECTS, ns, "none", NULL, &error), KCR_ERR_FORBIDDEN, error, "system:serviceaccount:", "deleting");
    kcr_client_free(client);
    kcr_config_free(config);
}

static void a_refused_token_is_read_anew(void) {
    char good[4096] = "";
    FILE *file = fopen(ACCOUNT "/token", "r");
    REQUIRE(file && fgets(good, sizeof good, file), "the token");
    fclose(file);
    put("token", "not-a-token\n");
    kcr_client *client = client_of("{\"source\":\"inCluster\"}", IMPATIENT);
    kcr_error *error = NULL;
    kcr_list *list = NULL;
    EXPECT(kcr_client_list(client, PROJECTS, ns, NULL, &list, &error), KCR_ERR_UNAUTHORIZED, error, NULL, "listing with a bad token");
    put("token", good);
    WORKS(kcr_client_list(client, PROJECTS, ns, NULL, &list, &error), error, "listing with the renewed token");
    kcr_list_free(list);
    kcr_client_free(client);
}

static void without_a_ca_the_server_is_not_trusted(void) {
    REQUIRE(rename(ACCOUNT "/ca.crt", ACCOUNT "/away") == 0, "moving the CA");
    kcr_client *client = client_of("{\"source\":\"inCluster\"}", IMPATIENT);
    kcr_error *error = NULL;
    kcr_list *list = NULL;
    EXPECT(kcr_client_list(client, PROJECTS, ns, NULL, &list, &error), KCR_ERR_TLS, error, NULL, "listing without a CA");
    kcr_client_free(client);
    REQUIRE(rename(ACCOUNT "/away", ACCOUNT "/ca.crt") == 0, "moving the CA back");
}

static void the_variable_names_another_namespace(void) {
    kcr_error *error = NULL;
    kcr_config *config = NULL;
    setenv("POD_NAMESPACE", "elsewhere", 1);
    WORKS(kcr_config_load("{\"source\":\"inCluster\"}", &config, &error), error, "loading");
    CHECK_TEXT(kcr_config_namespace(config), "elsewhere", "the namespace");
    kcr_config_free(config);
    unsetenv("POD_NAMESPACE");
}

static void what_is_missing_is_named(void) {
    kcr_error *error = NULL;
    kcr_config *config = NULL;
    REQUIRE(rename(ACCOUNT "/token", ACCOUNT "/away") == 0, "moving the token");
    EXPECT(kcr_config_load("{\"source\":\"inCluster\"}", &config, &error), KCR_ERR_CONFIG, error, SEEN "/token", "no token");
    setenv("HOME", "/nonexistent", 1);
    EXPECT(kcr_config_load(NULL, &config, &error), KCR_ERR_CONFIG, error, "not in a cluster", "nothing at all");
    unsetenv("KUBERNETES_SERVICE_PORT");
    EXPECT(kcr_config_load("{\"source\":\"inCluster\"}", &config, &error), KCR_ERR_CONFIG, error, "KUBERNETES_SERVICE_PORT", "no port");
}

int main(void) {
    char token[4096], ca_path[512], ca[16384], host[256];
    if (!enter_namespace()) {
        printf("this machine gives no mount namespace: %s\n", strerror(errno));
        return 3;
    }
    const char *server = environment("KUBECR_REAL_SERVER");
    admin = open_client(environment("KUBECR_REAL_ADMIN_CERT"), QUICK);
    fresh_namespace(admin, "in-cluster", ns);
    account_token(token);
    kcr_client_free(admin);
    snprintf(ca_path, sizeof ca_path, "%s/pki/ca.crt", environment("KUBECR_REAL_DIR"));
    FILE *file = fopen(ca_path, "r");
    REQUIRE(file, "opening %s", ca_path);
    ca[fread(ca, 1, sizeof ca - 1, file)] = 0;
    fclose(file);
    check_secrets[0] = token;
    put("token", token);
    put("ca.crt", ca);
    put("namespace", ns);
    REQUIRE(sscanf(server, "https://%255[^:/]", host) == 1 && strrchr(server, ':'), "the server's address: %s", server);
    setenv("KUBERNETES_SERVICE_HOST", host, 1);
    setenv("KUBERNETES_SERVICE_PORT", strrchr(server, ':') + 1, 1);
    unsetenv("KUBECONFIG");
    RUN(the_account_is_found_and_used);
    RUN(a_refused_token_is_read_anew);
    RUN(without_a_ca_the_server_is_not_trusted);
    RUN(the_variable_names_another_namespace);
    RUN(what_is_missing_is_named);
    return finish();
}
