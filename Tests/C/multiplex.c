/* Sixty-four calls in flight share one HTTP/2 connection.
 * usage: multiplex nginx URL CA UPSTREAM-PORT LEAVING-URL   behind nginx, whose upstream is a server of our own (multiplex.sh); at
 *                                        the other URL it says GOAWAY after every few requests
 *        multiplex real [KUBECONFIG]     a real API server, each call a watch of two seconds
 * What a get costs over HTTP/2 is printed as a figure. */
#include "loopback.h"

#include <sys/resource.h>

enum { CALLS = 64 };
static kcr_client *client;

struct call {
    atomic_int freed;
    kcr_status status;
    char message[256];
};

static void on_call(kcr_status status, const kcr_object *object, const kcr_list *list, const kcr_error *error, void *user_data) {
    struct call *call = user_data;
    (void)object, (void)list;
    call->status = status;
    snprintf(call->message, sizeof call->message, "%s", kcr_error_message(error));
}
static void on_freed(void *user_data) { atomic_store(&((struct call *)user_data)->freed, 1); }

static int64_t stat_of(const char *pointer) {
    kcr_object *stats = NULL;
    kcr_error *error = NULL;
    int64_t value = -1;
    WORKS(kcr_client_stats(client, &stats, &error), error, "stats");
    kcr_object_get_int(stats, pointer, &value, NULL);
    kcr_object_free(stats);
    return value;
}

/* Our sockets that are connected to somewhere. */
static int connected(void) {
    int count = 0;
    struct sockaddr_storage peer;
    for (int fd = 0; fd < 1024; fd++) {
        socklen_t length = sizeof peer;
        if (!getpeername(fd, (struct sockaddr *)&peer, &length) && (peer.ss_family == AF_INET || peer.ss_family == AF_INET6)) count++;
    }
    return count;
}

static const char *request;

static void sixty_four_calls_share_one_connection(void) {
    static struct call calls[CALLS];
    kcr_error *error = NULL;
    int before = connected();
    memset(calls, 0, sizeof calls);
    for (int i = 0; i < CALLS; i++) WORKS(kcr_client_call(client, request, on_call, &calls[i], on_freed, NULL, &error), error, "call");
    EVENTUALLY(stat_of("/transfers") == CALLS, 5000, "%" PRId64 " in flight", stat_of("/transfers"));
    int most = connected();
    for (int i = 0; i < CALLS; i++) {
        EVENTUALLY(atomic_load(&calls[i].freed), 30000, "call %d has no end", i);
        CHECK(calls[i].status == KCR_OK, "call %d: %s: %s", i, kcr_status_name(calls[i].status), calls[i].message);
    }
    CHECK(most - before <= 1 && connected() - before <= 1, "%d and %d sockets are connected, %d before", most, connected(), before);
    CHECK(stat_of("/connections") == 1 && stat_of("/openConnections") == 1, "%" PRId64 " connections were made", stat_of("/connections"));
    CHECK(stat_of("/http2Requests") == CALLS && stat_of("/requests") == CALLS, "%" PRId64 " of %" PRId64 " over HTTP/2", stat_of("/http2Requests"), stat_of("/requests"));
}

/* R2: a server that goes away answers some streams and has not begun with the others. Those go out again, POSTs too, and none is
 * executed twice: the log of nginx says so (multiplex.sh). */
static void R2_writes_that_the_server_did_not_begin_with_go_out_again(void) {
    static struct call calls[CALLS];
    kcr_error *error = NULL;
    memset(calls, 0, sizeof calls);
    for (int i = 0; i < CALLS; i++) {
        char json[400];
        snprintf(json, sizeof json, "{\"verb\":\"request\",\"method\":\"%s\",\"path\":\"/apis/example.sealyun.com/v1alpha1/namespaces/echo/projects/write-%d\",\"body\":{\"n\":%d}}",
                 i % 3 == 0 ? "POST" : i % 3 == 1 ? "PATCH" : "PUT", i, i);
        WORKS(kcr_client_call(client, json, on_call, &calls[i], on_freed, NULL, &error), error, "call");
    }
    for (int i = 0; i < CALLS; i++) {
        EVENTUALLY(atomic_load(&calls[i].freed), 30000, "call %d has no end", i);
        CHECK(calls[i].status == KCR_OK, "call %d: %s: %s", i, kcr_status_name(calls[i].status), calls[i].message);
    }
    CHECK(stat_of("/connections") > 5, "%" PRId64 " connections: nobody was sent away", stat_of("/connections"));
    printf("GOAWAY: %d writes, %" PRId64 " connections, %" PRId64 " requests\n", CALLS, stat_of("/connections"), stat_of("/requests"));
}

static int64_t used_us(void) {
    struct rusage usage;
    getrusage(RUSAGE_SELF, &usage);
    return (int64_t)(usage.ru_utime.tv_sec + usage.ru_stime.tv_sec) * 1000000 + usage.ru_utime.tv_usec + usage.ru_stime.tv_usec;
}

static const char *path;

static void what_a_get_costs(void) {
    int64_t costs[2];
    for (int http2 = 0; http2 < 2; http2++) {
        (void)http2;
        enum { GETS = 1000 };
        int64_t began = used_us();
        for (int i = 0; i < GETS; i++) {
            kcr_error *error = NULL;
            char *text = NULL;
            WORKS(kcr_client_request(client, "GET", path, NULL, 0, NULL, &text, NULL, NULL, &error), error, "get");
            kcr_string_free(text);
        }
        costs[http2] = (used_us() - began) / GETS;
    }
    printf("figure: a get over HTTP/2 takes %" PRId64 " us of CPU (%" PRId64 " in a first thousand)\n", costs[1], costs[0]);
}

int main(int argc, char **argv) {
    char options[1024];
    REQUIRE(argc > 1, "usage: see the first lines");
    if (!strcmp(argv[1], "nginx")) {
        REQUIRE(argc > 5, "usage: see the first lines");
        loopback_start(atoi(argv[4]));
        snprintf(options, sizeof options, "{\"source\":\"none\",\"server\":\"%s\",\"certificateAuthority\":\"%s\"}", argv[2], argv[3]);
        client = client_of(options, QUICK);
        request = "{\"verb\":\"get\",\"resource\":\"example.sealyun.com/v1alpha1/projects\",\"namespace\":\"drip\",\"name\":\"a\"}";
        path = "/healthz";
    } else {
        client = open_client(kubeconfig_of(argc - 1, argv + 1), QUICK);
        request = "{\"verb\":\"request\",\"method\":\"GET\",\"path\":\"/apis/example.sealyun.com/v1alpha1/projects?watch=true&timeoutSeconds=2\",\"answer\":\"base64\"}";
        path = "/apis/example.sealyun.com/v1alpha1/namespaces/default/projects/example-project";
    }
    RUN(sixty_four_calls_share_one_connection);
    RUN(what_a_get_costs);
    kcr_client_free(client);
    if (strcmp(argv[1], "nginx")) return finish();
    snprintf(options, sizeof options, "{\"source\":\"none\",\"server\":\"%s\",\"certificateAuthority\":\"%s\"}", argv[5], argv[3]);
    client = client_of(options, QUICK);
    RUN(R2_writes_that_the_server_did_not_begin_with_go_out_again);
    kcr_client_free(client);
    return finish();
}
