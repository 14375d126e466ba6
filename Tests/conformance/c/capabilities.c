/* What a server can do, found out by asking it: the words of README.md. Changes nothing on the server. */
#include "capabilities.h"
#include "conformance.h"

#include <stdlib.h>

#define DRY_PROJECT "{\"apiVersion\":\"example.sealyun.com/v1alpha1\",\"kind\":\"Project\",\"metadata\":{\"name\":\"c-capabilities\"},\"spec\":{\"replicas\":1%s}}"

static bool answers(const char *path) { return request(admin, "GET", path, NULL).status == KCR_OK; }

static bool has_selectable_fields(void) {
    struct answer crd = request(admin, "GET", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions/virtulmachines.infra.sealyun.com", NULL);
    return has(crd.object, "/spec/versions/0/selectableFields");
}

static bool has_field_validation(void) {
    const char *options = "{\"dryRun\":\"All\",\"fieldValidation\":\"Strict\"}";
    return create(admin, PROJECTS, text(DRY_PROJECT, ",\"colour\":\"red\""), options).status == KCR_ERR_BAD_REQUEST;
}

static bool has_field_ownership(void) {
    const char *options = "{\"dryRun\":\"All\",\"fieldManager\":\"conformance\"}";
    return has(patch(admin, PROJECTS, "c-capabilities", KCR_PATCH_APPLY, text(DRY_PROJECT, ""), options).object, "/metadata/managedFields");
}

static bool has_strategic_patch(void) {
    kcr_error *error = NULL;
    kcr_status status = kcr_client_patch(admin, "v1/namespaces", "", NS, KCR_PATCH_STRATEGIC, "{}", KCR_AUTO_LEN, "{\"dryRun\":\"All\"}", NULL, &error);
    kcr_error_free(error);
    return status == KCR_OK;
}

static bool has_pods(void) { return answers("/api/v1/namespaces/default/pods?limit=1") && answers("/api/v1/namespaces/default/serviceaccounts?limit=1"); }

/* The deletion of the sample, in a dry run. A garbage collector would take the finalizers away before a case can see them. */
static bool has_full_delete(void) {
    if (answers("/apis/coordination.k8s.io/v1/namespaces/kube-system/leases/kube-controller-manager")) return false;
    const char *options = "{\"apiVersion\":\"v1\",\"kind\":\"DeleteOptions\",\"dryRun\":[\"All\"],\"propagationPolicy\":\"Foreground\"}";
    struct answer dry = request(admin, "DELETE", "/apis/example.sealyun.com/v1alpha1/namespaces/default/projects/example-project?dryRun=All", options);
    return has(dry.object, "/metadata/finalizers");
}

static bool has_any_content(void) {
    struct answer yaml = ask(admin, "GET", "/apis/example.sealyun.com/v1alpha1/namespaces/default/projects?limit=1", NULL, "{\"accept\":\"application/yaml\"}");
    return yaml.status == KCR_OK && answers("/metrics");
}

static bool has_impersonation(void) {
    const char *options = "{\"headers\":{\"Impersonate-User\":\"nobody\"}}";
    return ask(admin, "GET", "/apis/example.sealyun.com/v1alpha1/projects?limit=1", NULL, options).status == KCR_ERR_FORBIDDEN;
}

static bool is_set(const char *variable) {
    const char *value = getenv(variable);
    return value && *value;
}

void print_capabilities(void) {
    if (answers("/api/v1/namespaces/default/configmaps")) printf("core ");
    if (has_strategic_patch()) printf("strategic-patch ");
    if (is_set("KUBECR_READONLY")) printf("readonly ");
    if (is_set("KUBECR_DENIED")) printf("denied ");
    if (is_set("KUBECR_WRONG_TOKEN")) printf("wrong-token ");
    if (has_selectable_fields()) printf("selectable-fields ");
    if (has_field_validation()) printf("field-validation ");
    if (has_field_ownership()) printf("field-ownership ");
    if (has_pods()) printf("pods ");
    if (has_full_delete()) printf("full-delete ");
    if (has_any_content()) printf("any-content ");
    if (has_impersonation()) printf("impersonation ");
    if (answers("/apis/apiextensions.k8s.io/v1beta1/customresourcedefinitions")) printf("v1beta1-crd ");
    /* Known by its refusal of the method; any other server does not have the path. */
    if (kcr_error_http_status(request(admin, "GET", "/_test/compact", NULL).error) == 405) printf("control ");
    printf("\n");
}
