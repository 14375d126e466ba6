/* A CRD of the case's own, that comes and goes. */
#include "conformance.h"

const char *group(void) { return text("%s.example.com", self()); }
const char *things(const char *version) { return text("%s/%s/things", group(), version); }

static const char *version_of_crd(const char *version, size_t length, bool is_first) {
    return text("%s{\"name\":\"%.*s\",\"served\":true,\"storage\":%s,\"schema\":{\"openAPIV3Schema\":{\"type\":\"object\",\"properties\":{\"spec\":"
                "{\"type\":\"object\",\"properties\":{\"replicas\":{\"type\":\"integer\"}}}}}}}",
                is_first ? "" : ",", (int)length, version, is_first ? "true" : "false");
}

const char *crd(const char *versions) {
    const char *all = "";
    for (const char *at = versions; *at; at += strspn(at, " ")) {
        size_t length = strcspn(at, " ");
        all = text("%s%s", all, version_of_crd(at, length, at == versions));
        at += length;
    }
    return text("{\"apiVersion\":\"apiextensions.k8s.io/v1\",\"kind\":\"CustomResourceDefinition\",\"metadata\":{\"name\":\"things.%s\"},"
                "\"spec\":{\"group\":\"%s\",\"scope\":\"Namespaced\",\"names\":{\"plural\":\"things\",\"singular\":\"thing\",\"kind\":\"Thing\","
                "\"listKind\":\"ThingList\",\"shortNames\":[\"th\"]},\"versions\":[%s]}}",
                group(), group(), all);
}

bool make_crd(const char *versions) { return request(admin, "POST", CRDS, crd(versions)).status == KCR_OK; }

bool make_thing(const char *version, int number) {
    const char *body = text("{\"apiVersion\":\"%s/%s\",\"kind\":\"Thing\",\"metadata\":%s,\"spec\":{\"replicas\":%d}}", group(), version, metadata(number, ""), number);
    return create(admin, things(version), body, NULL).status == KCR_OK;
}

bool crd_is_gone(void) {
    const char *path = text(CRDS "/things.%s", group());
    request(admin, "DELETE", path, NULL);
    return request(admin, "GET", path, NULL).status == KCR_ERR_NOT_FOUND;
}
