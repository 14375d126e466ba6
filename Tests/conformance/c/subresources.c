/* Cases: status and scale. */
#include "conformance.h"

static void status_is_apart(void) {
    made(0, 1);
    struct answer answer = patch(admin, PROJECTS "/status", self(), KCR_PATCH_MERGE, "{\"spec\":{\"replicas\":9},\"status\":{\"phase\":\"Ready\"}}", NULL);
    works(answer, "a patch of the status");
    same(text_at(answer.object, "/status/phase"), "Ready", "the phase");
    expect(replicas_of(answer.object) == 1, "the patch of the status changed the spec");
    expect(int_at(answer.object, "/metadata/generation") == 1, "the status raised the generation");
    const char *body = text("{\"metadata\":%s,\"spec\":{\"replicas\":2},\"status\":{\"phase\":\"Broken\"}}",
                            metadata(0, text(",\"resourceVersion\":\"%s\"", kcr_object_resource_version(answer.object))));
    struct answer replaced = replace(PROJECTS, self(), body);
    works(replaced, "a replace with a status");
    same(text_at(replaced.object, "/status/phase"), "Ready", "the phase after the replace");
    expect(replicas_of(replaced.object) == 2, "replicas %" PRId64, replicas_of(replaced.object));
}

static void scale_reads_and_sets(void) {
    made(0, 2);
    struct answer scale = get(admin, PROJECTS "/scale", self());
    works(scale, "a get of scale");
    same(text_at(scale.object, "/kind"), "Scale", "kind");
    expect(replicas_of(scale.object) == 2, "the scale's replicas %" PRId64, replicas_of(scale.object));
    struct answer patched = patch(admin, PROJECTS "/scale", self(), KCR_PATCH_MERGE, "{\"spec\":{\"replicas\":3}}", NULL);
    works(patched, "a patch of scale");
    same(text_at(patched.object, "/kind"), "Scale", "kind of what the patch answers");
    expect(replicas_of(get(admin, PROJECTS, self()).object) == 3, "the object has not 3 replicas");
}

static void status_is_replaced_alone(void) {
    const kcr_object *first = made(0, 1);
    const char *body = text("{\"metadata\":%s,\"spec\":{\"replicas\":9},\"status\":{\"phase\":\"Ready\",\"replicas\":1}}",
                            metadata(0, text(",\"resourceVersion\":\"%s\"", kcr_object_resource_version(first))));
    struct answer replaced = replace(PROJECTS "/status", self(), body);
    works(replaced, "a replace of the status");
    same(text_at(replaced.object, "/status/phase"), "Ready", "the phase");
    expect(replicas_of(replaced.object) == 1, "it changed the spec");
    expect(int_at(replaced.object, "/metadata/generation") == 1, "it raised the generation");
    fails(replace(PROJECTS "/status", self(), body), KCR_ERR_CONFLICT, 409, "Conflict", "a replace of an old version");
    struct answer got = get(admin, PROJECTS "/status", self());
    same(text_at(got.object, "/status/phase"), "Ready", "the phase that is got");
    same(kcr_object_resource_version(got.object), kcr_object_resource_version(get(admin, PROJECTS, self()).object), "the version that is got");
}

static void status_takes_every_patch(void) {
    made(0, 1);
    struct answer dry = patch(admin, PROJECTS "/status", self(), KCR_PATCH_MERGE, "{\"status\":{\"phase\":\"Never\"}}", "{\"dryRun\":\"All\"}");
    same(text_at(dry.object, "/status/phase"), "Never", "the phase of the dry run");
    expect(!has(get(admin, PROJECTS, self()).object, "/status"), "the dry run set a status");
    struct answer by_json = patch(admin, PROJECTS "/status", self(), KCR_PATCH_JSON, "[{\"op\":\"add\",\"path\":\"/status\",\"value\":{\"phase\":\"One\"}}]", NULL);
    same(text_at(by_json.object, "/status/phase"), "One", "the phase of a JSON patch");
    const char *body = text("{\"apiVersion\":\"example.sealyun.com/v1alpha1\",\"kind\":\"Project\",\"metadata\":{\"name\":\"%s\"},\"status\":{\"replicas\":2}}", self());
    struct answer applied = patch(admin, PROJECTS "/status", self(), KCR_PATCH_APPLY, body, "{\"fieldManager\":\"one\"}");
    works(applied, "an apply of the status");
    expect(int_at(applied.object, "/status/replicas") == 2, "the apply: %s", kcr_object_json(applied.object, NULL));
    same(text_at(applied.object, "/status/phase"), "One", "the phase after the apply");
    fails(patch(admin, PROJECTS "/status", name(1), KCR_PATCH_MERGE, "{\"status\":{}}", NULL), KCR_ERR_NOT_FOUND, 404, "NotFound", "the status of nothing");
}

static void scale_takes_every_write(void) {
    made(0, 1);
    struct answer by_json = patch(admin, PROJECTS "/scale", self(), KCR_PATCH_JSON, "[{\"op\":\"replace\",\"path\":\"/spec/replicas\",\"value\":2}]", NULL);
    expect(replicas_of(by_json.object) == 2, "JSON patch: %s", kcr_object_json(by_json.object, NULL));
    struct answer replaced = replace(PROJECTS "/scale", self(), text("{\"apiVersion\":\"autoscaling/v1\",\"kind\":\"Scale\",\"metadata\":{\"name\":\"%s\",\"namespace\":\"%s\"},"
                                                                      "\"spec\":{\"replicas\":4}}", self(), NS));
    works(replaced, "a replace of scale");
    same(text_at(replaced.object, "/kind"), "Scale", "kind");
    struct answer dry = patch(admin, PROJECTS "/scale", self(), KCR_PATCH_MERGE, "{\"spec\":{\"replicas\":9}}", "{\"dryRun\":\"All\"}");
    works(dry, "a dry run");
    expect(replicas_of(get(admin, PROJECTS, self()).object) == 4, "replicas %" PRId64, replicas_of(get(admin, PROJECTS, self()).object));
    fails(get(admin, MACHINES "/scale", self()), KCR_ERR_NOT_FOUND, 404, NULL, "the scale of what has none");
}

const struct conformance_case subresource_cases[] = {
    {"status-is-apart", status_is_apart},
    {"scale-reads-and-sets", scale_reads_and_sets},
    {"status-is-replaced-alone", status_is_replaced_alone},
    {"status-takes-every-patch", status_takes_every_patch},
    {"scale-takes-every-write", scale_takes_every_write},
    {NULL, NULL},
};
