/* Cases: what a failure tells, and what fails before or without a server's answer. */
#define _GNU_SOURCE
#include "conformance.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

static void failure_carries_the_status(void) {
    const kcr_object *status = status_of(get(admin, PROJECTS, self()));
    same(text_at(status, "/kind"), "Status", "kind");
    same(text_at(status, "/status"), "Failure", "status");
    same(text_at(status, "/reason"), "NotFound", "reason");
    same(text_at(status, "/details/name"), self(), "details.name");
    same(text_at(status, "/details/kind"), "projects", "details.kind");
    same(text_at(status, "/details/group"), "example.sealyun.com", "details.group");
    expect(int_at(status, "/code") == 404, "code %" PRId64, int_at(status, "/code"));
}

static void unreachable_is_connect(void) {
    kcr_client *client = client_of("{\"source\":\"none\",\"server\":\"https://127.0.0.1:1\"}", "{\"maxRetries\":0}");
    struct answer answer = get(client, PROJECTS, self());
    fails(answer, KCR_ERR_CONNECT, 0, "", "a get from nobody");
    expect(strstr(kcr_error_message(answer.error), "127.0.0.1:1") != NULL, "the message names no address: %s", kcr_error_message(answer.error));
}

static void silence_is_a_time_out(void) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr = {htonl(INADDR_LOOPBACK)}};
    socklen_t length = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool good = listener >= 0 && bind(listener, (struct sockaddr *)&address, length) == 0 && listen(listener, 8) == 0 &&
                getsockname(listener, (struct sockaddr *)&address, &length) == 0;
    if (expect(good, "a listening socket could not be made")) {
        kcr_client *client = client_of(text("{\"source\":\"none\",\"insecureSkipTLSVerify\":true,\"server\":\"https://127.0.0.1:%d\"}", ntohs(address.sin_port)),
                                       "{\"timeoutMs\":500}");
        int64_t began = now_ms();
        fails(get(client, PROJECTS, self()), KCR_ERR_TIMEOUT, 0, "", "a get from a silent server");
        int64_t took = now_ms() - began;
        expect(took >= 490 && took < patient(5000), "it took %" PRId64 " ms", took);
    }
    if (listener >= 0) close(listener);
}

static void names_stay_in_their_path(void) {
    static const char *const bad[] = {"..", "a/b", "%2e%2e", ""};
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++)
        fails(get(admin, PROJECTS, bad[i]), KCR_ERR_ARGUMENT, 0, "", text("a get of \"%s\"", bad[i]));
}

const struct conformance_case failure_cases[] = {
    {"failure-carries-the-status", failure_carries_the_status},
    {"unreachable-is-connect", unreachable_is_connect},
    {"silence-is-a-time-out", silence_is_a_time_out},
    {"names-stay-in-their-path", names_stay_in_their_path},
    {NULL, NULL},
};
