/* Discovery on a real server: kubectl's names, what a lookup costs, a CRD made a moment ago, names that are not there. */
#include "cluster.h"

static kcr_client *client;

static int64_t requests(void) {
    kcr_object *stats = NULL;
    kcr_error *error = NULL;
    int64_t number = -1;
    WORKS(kcr_client_stats(client, &stats, &error), error, "stats");
    kcr_object_get_int(stats, "/requests", &number, NULL);
    kcr_object_free(stats);
    return number;
}

static void resolves(const char *name, const char *version, const char *plural) {
    kcr_error *error = NULL;
    kcr_object *info = NULL;
    char *found = NULL, *resource = NULL;
    WORKS(kcr_client_discover(client, name, &info, &error), error, name);
    if (!info) return;
    kcr_object_get_string(info, "/version", &found, NULL);
    kcr_object_get_string(info, "/resource", &resource, NULL);
    CHECK_TEXT(found, version, name);
    CHECK_TEXT(resource, plural, name);
    kcr_string_free(found);
    kcr_string_free(resource);
    kcr_object_free(info);
}

static void is_missing(const char *name) {
    kcr_error *error = NULL;
    kcr_object *info = NULL;
    kcr_status status = kcr_client_discover(client, name, &info, &error);
    CHECK(status == KCR_ERR_NOT_FOUND && kcr_error_http_status(error) == 404, "%s gives %s: %s", name, kcr_status_name(status), kcr_error_message(error));
    kcr_error_free(error);
}

static void names_are_kubectls(void) {
    const char *names[] = {"projects", "project", "proj", "Project", "PROJECT", "projects.example.sealyun.com", "Project.v1alpha1.example.sealyun.com",
                           "proj.example", "proj.v1alpha1", "example.sealyun.com/v1alpha1/projects"};
    int64_t before = requests();
    resolves(names[0], "v1alpha1", "projects");
    printf("     the first lookup: %d requests\n", (int)(requests() - before));
    before = requests();
    for (size_t i = 1; i < sizeof names / sizeof *names; i++) resolves(names[i], "v1alpha1", "projects");
    CHECK(requests() == before, "what is known costs no request, not %d", (int)(requests() - before));
    resolves("vm", "v1", "virtulmachines");
    resolves("crd", "v1", "customresourcedefinitions");
}

static void what_is_said_in_full_costs_one_request(void) {
    kcr_client *old = client;
    client = open_client(environment("KUBECR_REAL_ADMIN_CERT"), QUICK);
    resolves("example.sealyun.com/v1alpha1/projects", "v1alpha1", "projects");
    CHECK(requests() == 1, "%d requests", (int)requests());
    is_missing("example.sealyun.com/v1alpha1/nothing");
    is_missing("example.sealyun.com/v9/projects");
    is_missing("nowhere.sealyun.com/v1/projects");
    kcr_client_free(client);
    client = old;
}

static void define(const char *plural, bool make) {
    char body[1024], name[128];
    kcr_error *error = NULL;
    kcr_object *made = NULL;
    snprintf(name, sizeof name, "%s.kubecr.test", plural);
    if (!make) {
        WORKS(kcr_client_delete(client, "apiextensions.k8s.io/v1/customresourcedefinitions", "", name, NULL, &error), error, "deleting a CRD");
        return;
    }
    snprintf(body, sizeof body,
             "{\"apiVersion\":\"apiextensions.k8s.io/v1\",\"kind\":\"CustomResourceDefinition\",\"metadata\":{\"name\":\"%s\"},\"spec\":{\"group\":\"kubecr.test\","
             "\"scope\":\"Namespaced\",\"names\":{\"plural\":\"%s\",\"singular\":\"%s-one\",\"kind\":\"%s-kind\",\"listKind\":\"%s-list\"},\"versions\":[{\"name\":\"v1\","
             "\"served\":true,\"storage\":true,\"schema\":{\"openAPIV3Schema\":{\"type\":\"object\"}}}]}}",
             name, plural, plural, plural, plural);
    WORKS(kcr_client_create(client, "apiextensions.k8s.io/v1/customresourcedefinitions", "", NULL, body, KCR_AUTO_LEN, NULL, &made, &error), error, "making a CRD");
    kcr_object_free(made);
}

static bool is_found(const char *name) {
    kcr_object *info = NULL;
    bool found = kcr_client_discover(client, name, &info, NULL) == KCR_OK;
    kcr_object_free(info);
    return found;
}

static void a_crd_made_a_moment_ago_is_found(void) {
    is_missing("moments");
    define("moments", true);
    EVENTUALLY(is_found("moments"), 15000, "a CRD made a moment ago is found");
    kcr_object *object = NULL;
    resolves("moments-kind", "v1", "moments");
    define("moments", false);
    /* Nothing of it is left: the first call meets what is gone, and the name is looked up anew. */
    EVENTUALLY(kcr_client_get(client, "moments", "default", "x", NULL, &object, NULL) == KCR_ERR_NOT_FOUND && !is_found("moments"), 20000,
               "a CRD that is gone is not known any more");
}

/* Only a server with an aggregation layer has such groups. */
static void a_group_whose_server_is_down_hides_nothing(void) {
    kcr_object *info = NULL, *made = NULL;
    kcr_error *error = NULL;
    const char *services = "apiregistration.k8s.io/v1/apiservices", *name = "v1.down.kubecr.test";
    if (kcr_client_discover(client, services, &info, NULL) != KCR_OK) return;
    kcr_object_free(info);
    info = NULL;
    const char *body = "{\"apiVersion\":\"apiregistration.k8s.io/v1\",\"kind\":\"APIService\",\"metadata\":{\"name\":\"v1.down.kubecr.test\"},\"spec\":{\"group\":"
                       "\"down.kubecr.test\",\"version\":\"v1\",\"groupPriorityMinimum\":100,\"versionPriority\":10,\"insecureSkipTLSVerify\":true,\"service\":"
                       "{\"namespace\":\"default\",\"name\":\"nobody\"}}}";
    WORKS(kcr_client_create(client, services, "", NULL, body, KCR_AUTO_LEN, NULL, &made, &error), error, "a group that no server serves");
    kcr_object_free(made);
    kcr_client *old = client;
    client = open_client(environment("KUBECR_REAL_ADMIN_CERT"), QUICK);
    EVENTUALLY(kcr_client_discover(client, "nothing.down.kubecr.test", &info, NULL) == KCR_ERR_UNAVAILABLE, 20000, "the group is listed, and can't be read");
    resolves("proj", "v1alpha1", "projects");
    EXPECT(kcr_client_discover(client, "nothing", &info, &error), KCR_ERR_UNAVAILABLE, error, "not read: down.kubecr.test/v1", "a name that may be there");
    is_missing("nothing.example.sealyun.com");
    kcr_client_free(client);
    client = old;
    WORKS(kcr_client_delete(client, services, "", name, NULL, &error), error, "deleting the group");
}

static void names_that_are_not_there_make_no_storm(void) {
    int64_t before = requests(), began = now_ms();
    is_missing("nothing-at-all");
    int64_t each = requests() - before;
    for (int i = 0; i < 7; i++) is_missing("nothing-at-all");
    CHECK(requests() - before <= 8 * each, "%d requests for 8 misses of %d", (int)(requests() - before), (int)each);
    CHECK(now_ms() - began >= 1000, "8 misses took %d ms: they are paced", (int)(now_ms() - began));
    before = requests();
    resolves("proj", "v1alpha1", "projects");
    CHECK(requests() == before, "what is known is told meanwhile");
}

static void bad_names_are_refused(void) {
    const char *names[] = {"", "/", "a//b", "..", "v1/..", "v1/a%2fb", "a/b/c/d/e", "v1", "example.com/v1"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        kcr_error *error = NULL;
        kcr_object *info = NULL;
        EXPECT(kcr_client_discover(client, names[i], &info, &error), KCR_ERR_ARGUMENT, error, NULL, names[i]);
    }
}

int main(int argc, char **argv) {
    client = open_client(kubeconfig_of(argc, argv), QUICK);
    RUN(names_are_kubectls);
    RUN(what_is_said_in_full_costs_one_request);
    RUN(a_crd_made_a_moment_ago_is_found);
    RUN(a_group_whose_server_is_down_hides_nothing);
    RUN(names_that_are_not_there_make_no_storm);
    RUN(bad_names_are_refused);
    kcr_client_free(client);
    return finish();
}
