/* Cases: what a configuration and a user is. */
#include "conformance.h"

#include <stdlib.h>

static void config_hides_secrets(void) {
    static const char *const secret_keys[] = {"token:", "client-key-data:", "password:"};
    kcr_config *config = NULL;
    kcr_error *error = NULL;
    expect(kcr_config_load(NULL, &config, &error) == KCR_OK, "the configuration: %s", kcr_error_message(error));
    const char *json = kcr_config_json(config, NULL);
    char line[16384], server[256] = "";
    int secrets = 0;
    FILE *file = fopen(getenv("KUBECONFIG"), "r");
    if (!expect(file != NULL, "KUBECONFIG is no readable file")) return;
    while (fgets(line, sizeof line, file)) {
        char *at = line + strspn(line, " -");
        at[strcspn(at, "\r\n")] = 0;
        if (!strncmp(at, "server:", 7)) snprintf(server, sizeof server, "%.250s", at + 7 + strspn(at + 7, " \"'"));
        for (size_t i = 0; i < sizeof secret_keys / sizeof *secret_keys; i++) {
            if (strncmp(at, secret_keys[i], strlen(secret_keys[i]))) continue;
            char *secret = at + strlen(secret_keys[i]);
            secret += strspn(secret, " \"'");
            secret[strcspn(secret, "\"'")] = 0;
            secrets += *secret != 0;
            expect(!*secret || !strstr(json, secret), "the configuration shows the value of %s", secret_keys[i]);
        }
    }
    fclose(file);
    server[strcspn(server, "\"'")] = 0;
    expect(secrets > 0 || strstr(json, "server"), "nothing to compare");
    expect(*server && strstr(json, server), "the configuration does not show the server's address");
    kcr_config_free(config);
    kcr_error_free(error);
}

static void wrong_token_is_unauthorized(void) {
    struct answer answer = get(client_of_file("KUBECR_WRONG_TOKEN"), PROJECTS, self());
    fails(answer, KCR_ERR_UNAUTHORIZED, 401, "Unauthorized", "a get with a wrong token");
    expect(!strstr(kcr_error_message(answer.error), "kubecr-wrong-token"), "the message shows the token");
}

static void reader_may_not_write(void) {
    made(1, 1);
    const kcr_client *reader = client_of_file("KUBECR_READONLY");
    struct answer listed = list(reader, PROJECTS, labelled());
    works(listed, "the reader's list");
    same(names(listed.list), "1", "what the reader sees");
    fails(create(reader, PROJECTS, project(2, 1), NULL), KCR_ERR_FORBIDDEN, 403, "Forbidden", "the reader's create");
    fails(get(admin, PROJECTS, name(2)), KCR_ERR_NOT_FOUND, 404, "NotFound", "what the reader did not create");
}

static void denied_may_nothing(void) {
    const kcr_client *denied = client_of_file("KUBECR_DENIED");
    fails(list(denied, PROJECTS, NULL), KCR_ERR_FORBIDDEN, 403, "Forbidden", "the denied user's list");
    struct stream *stream = informer(denied, PROJECTS, NS, NULL);
    kcr_error *error = NULL;
    expect(kcr_informer_start(stream->informer, NULL) == KCR_OK, "the start");
    kcr_status status = kcr_informer_wait_synced(stream->informer, patient(2000), &error);
    expect(status == KCR_ERR_FORBIDDEN, "the wait for a sync: %s", kcr_status_name(status));
    kcr_error_free(error);
}

const struct conformance_case server_cases[] = {
    {"config-hides-secrets", config_hides_secrets},
    {"wrong-token-is-unauthorized", wrong_token_is_unauthorized},
    {"reader-may-not-write", reader_may_not_write},
    {"denied-may-nothing", denied_may_nothing},
    {NULL, NULL},
};
