/* Cancelling a call at any moment, and its time limit at the same moments: in the rate limit, in a name lookup, while connecting, in
 * the handshake, before and in the answer, in the pause before a retry, in discovery, before the start, in its own callback, twice,
 * afterwards. Both modes. Needs no server but its own. */
#include "loopback.h"

#include <dlfcn.h>
#include <netdb.h>
#include <poll.h>

/* The callback of a cancelled call comes within 50 ms; a busy machine gets five times as long. */
enum { WITHIN_MS = 250 };

/* ---- A resolver that hangs, and ports that do not answer ---------------------------------------------------------------- */

static atomic_int lookups; /* that hang now */
static atomic_bool resolver_works;
typedef int lookup_fn(const char *, const char *, const struct addrinfo *, struct addrinfo **);
int getaddrinfo(const char *restrict node, const char *restrict service, const struct addrinfo *restrict hints, struct addrinfo **restrict out) {
    lookup_fn *real;
    *(void **)&real = dlsym(RTLD_NEXT, "getaddrinfo");
    if (!node || strcmp(node, "hangs.test")) return real(node, service, hints, out);
    atomic_fetch_add(&lookups, 1);
    while (!atomic_load(&resolver_works)) pause_ms(5);
    atomic_fetch_sub(&lookups, 1);
    return EAI_NONAME;
}

static int full_port, mute_port;

/* A port that takes no connection any more: its queue is full. */
static int port_with(int backlog, int fill) {
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK)};
    socklen_t length = sizeof address;
    int listener = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    REQUIRE(!bind(listener, (struct sockaddr *)&address, length) && !listen(listener, backlog) && !getsockname(listener, (struct sockaddr *)&address, &length), "a port");
    for (int i = 0; i < fill; i++) {
        int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
        connect(fd, (struct sockaddr *)&address, sizeof address);
    }
    return ntohs(address.sin_port);
}

/* ---- One call ----------------------------------------------------------------------------------------------------------- */

struct moment {
    const char *what;
    const char *server;  /* "": the loopback server; else a URL for this port */
    const int *port;
    const char *options; /* of the client, besides the loop */
    const char *resource, *ns, *name;
    int settle_ms;       /* until the call is there; it would stay for ever */
    const char *time_out; /* what the time limit's error says; NULL: it does not count there */
};

static const char *const EXACT = "example.sealyun.com/v1alpha1/projects";
static struct moment moments[] = {
    {"in the rate limit", "", NULL, "\"qps\":0.001,\"burst\":1", NULL, "calm", "a", 20, NULL},
    {"in a name lookup", "https://hangs.test:%d", &loopback_port, "\"qps\":0", NULL, "calm", "a", 20, "no answer"},
    {"while connecting", "https://127.0.0.1:%d", &full_port, "\"qps\":0", NULL, "calm", "a", 20, "no answer"},
    {"in the handshake", "https://127.0.0.1:%d", &mute_port, "\"qps\":0", NULL, "calm", "a", 20, "no answer"},
    {"before the answer", "", NULL, "\"qps\":0", NULL, "silent", "a", 20, "no answer"},
    {"in the answer's body", "", NULL, "\"qps\":0", NULL, "drip", "a", 40, "no answer"},
    {"in the pause before a retry", "", NULL, "\"qps\":0", NULL, "answer", "503_30_60", 40, NULL},
    {"in discovery", "http://127.0.0.1:%d", &mute_port, "\"qps\":0", "projects", "calm", "a", 20, "no answer"},
    {"in discovery of a scope", "http://127.0.0.1:%d", &mute_port, "\"qps\":0", NULL, NULL, "a", 20, "no answer"},
};

struct result {
    atomic_int calls, freed;
    kcr_status status;
    int64_t at;
    char message[512];
    kcr_call *cancels; /* itself, in its own callback */
};

static void on_result(kcr_status status, const kcr_object *object, const kcr_list *list, const kcr_error *error, void *user_data) {
    struct result *result = user_data;
    (void)object, (void)list;
    result->status = status;
    result->at = now_ms();
    snprintf(result->message, sizeof result->message, "%s", kcr_error_message(error));
    kcr_call_cancel(result->cancels);
    atomic_fetch_add(&result->calls, 1);
}

static void on_result_freed(void *user_data) { atomic_fetch_add(&((struct result *)user_data)->freed, 1); }

static kcr_client *client_at(const struct moment *moment, bool external) {
    char config[160], options[160], url[64] = "";
    if (*moment->server) {
        snprintf(url, sizeof url, moment->server, *moment->port);
        /* Without a look at the system's authorities, which takes its time on a busy machine. */
        snprintf(config, sizeof config, "{\"source\":\"none\",\"server\":\"%s\",\"insecureSkipTLSVerify\":%s}", url, url[4] == 's' ? "true" : "false");
    } else {
        snprintf(config, sizeof config, "{\"source\":\"none\",\"server\":\"http://127.0.0.1:%d\"}", loopback_port);
    }
    snprintf(options, sizeof options, "{%s%s}", moment->options, external ? ",\"loop\":\"external\"" : "");
    return client_of(config, options);
}

static void start(kcr_client *client, const struct moment *moment, const char *call_options, struct result *result, kcr_call **call) {
    char request[512], ns[64] = "";
    kcr_error *error = NULL;
    if (moment->ns) snprintf(ns, sizeof ns, ",\"namespace\":\"%s\"", moment->ns);
    snprintf(request, sizeof request, "{\"verb\":\"get\",\"resource\":\"%s\"%s,\"name\":\"%s\",\"options\":%s}", moment->resource ? moment->resource : EXACT, ns, moment->name, call_options);
    WORKS(kcr_client_call(client, request, on_result, result, on_result_freed, call, &error), error, moment->what);
}

/* Turns the loop of an external client, or waits, until the call is over or the time is. */
static void turn(kcr_client *client, bool external, int64_t milliseconds, struct result *result) {
    for (int64_t until = now_ms() + milliseconds; now_ms() < until && !atomic_load(&result->freed);) {
        struct pollfd fd = {external ? kcr_client_fd(client) : -1, POLLIN, 0};
        poll(&fd, 1, 2);
        if (external) kcr_client_process(client, NULL);
    }
}

static void use_the_token(kcr_client *client, const struct moment *moment) {
    kcr_object *object = NULL;
    kcr_error *error = NULL;
    if (strcmp(moment->what, "in the rate limit")) return;
    WORKS(kcr_client_get(client, PROJECTS, "calm", "a", NULL, &object, &error), error, "the only token");
    kcr_object_free(object);
}

static int64_t slowest;

static void cancel_comes_at_once_at(const struct moment *moment, bool external) {
    struct result result = {.status = KCR_OK};
    kcr_call *call = NULL;
    kcr_client *client = client_at(moment, external);
    use_the_token(client, moment);
    start(client, moment, "{}", &result, &call);
    turn(client, external, moment->settle_ms, &result);
    CHECK(atomic_load(&result.calls) == 0, "%s: the call is still there: %s", moment->what, result.message);
    int64_t began = now_ms();
    kcr_call_cancel(call);
    kcr_call_cancel(call);
    turn(client, external, 10000, &result);
    CHECK(atomic_load(&result.calls) == 1 && atomic_load(&result.freed) == 1, "%s: %d callbacks", moment->what, atomic_load(&result.calls));
    CHECK(result.status == KCR_ERR_CANCELLED, "%s gives %s: %s", moment->what, kcr_status_name(result.status), result.message);
    if (result.at - began > slowest) slowest = result.at - began;
    CHECK(result.at - began <= WITHIN_MS * patience(), "%s: cancelled after %" PRId64 " ms", moment->what, result.at - began);
    kcr_call_cancel(call); /* long over */
    kcr_call_free(call);
    began = now_ms();
    kcr_client_free(client);
    CHECK(now_ms() - began < 1000 * patience(), "%s: the client's free takes %" PRId64 " ms", moment->what, now_ms() - began);
    CHECK(atomic_load(&result.calls) == 1, "one callback for ever");
}

static void cancel_comes_at_once_wherever_the_call_is(void) {
    for (size_t i = 0; i < sizeof moments / sizeof *moments; i++)
        for (int external = 0; external < 2; external++) cancel_comes_at_once_at(&moments[i], external);
    printf("figure: the slowest of %zu cancels took %" PRId64 " ms\n", 2 * sizeof moments / sizeof *moments, slowest);
}

static void the_time_limit_holds_wherever_the_call_is(void) {
    for (size_t i = 0; i < sizeof moments / sizeof *moments; i++) {
        const struct moment *moment = &moments[i];
        if (!moment->time_out) continue;
        for (int external = 0; external < 2; external++) {
            struct result result = {.status = KCR_OK};
            kcr_client *client = client_at(moment, external);
            int64_t began = now_ms();
            start(client, moment, "{\"timeoutMs\":150}", &result, NULL);
            turn(client, external, 10000, &result);
            CHECK(result.status == KCR_ERR_TIMEOUT && strstr(result.message, moment->time_out), "%s gives %s: %s", moment->what, kcr_status_name(result.status), result.message);
            CHECK(result.at - began >= 150 && result.at - began < (150 + 500) * patience(), "%s: after %" PRId64 " ms", moment->what, result.at - began);
            kcr_client_free(client);
        }
    }
}

/* The blocking verbs are calls: the same limits. */
static void a_blocking_verb_keeps_its_time_limit_too(void) {
    for (size_t i = 0; i < sizeof moments / sizeof *moments; i++) {
        const struct moment *moment = &moments[i];
        if (!moment->time_out) continue;
        kcr_client *client = client_at(moment, i % 2);
        kcr_object *object = NULL;
        kcr_error *error = NULL;
        int64_t began = now_ms();
        EXPECT(kcr_client_get(client, moment->resource ? moment->resource : EXACT, moment->ns, moment->name, "{\"timeoutMs\":150}", &object, &error), KCR_ERR_TIMEOUT, error, "no answer", moment->what);
        CHECK(now_ms() - began < 650 * patience(), "%s: after %" PRId64 " ms", moment->what, now_ms() - began);
        kcr_client_free(client);
    }
}

static void cancel_before_the_start_in_the_callback_and_afterwards(void) {
    const struct moment calm = {"a calm one", "", NULL, "\"qps\":0", NULL, "once", "a", 0, NULL};
    for (int external = 0; external < 2; external++) {
        struct result early = {.status = KCR_OK}, own = {.status = KCR_OK};
        kcr_call *call = NULL;
        kcr_client *client = client_at(&calm, external);
        start(client, &calm, "{}", &early, &call);
        kcr_call_cancel(call);
        kcr_call_free(call);
        turn(client, external, 10000, &early);
        CHECK(atomic_load(&early.calls) == 1 && atomic_load(&early.freed) == 1, "one callback for a call cancelled at once");
        CHECK(early.status == KCR_ERR_CANCELLED || early.status == KCR_OK, "%s", kcr_status_name(early.status));
        if (external) CHECK(early.status == KCR_ERR_CANCELLED, "nothing has run before the cancel");
        start(client, &calm, "{}", &own, &own.cancels);
        turn(client, external, 10000, &own);
        CHECK(own.status == KCR_OK && atomic_load(&own.calls) == 1, "a cancel in its own callback is too late: %s", own.message);
        kcr_call_cancel(own.cancels);
        kcr_call_free(own.cancels);
        kcr_client_free(client);
    }
    kcr_call_cancel(NULL);
}

int main(void) {
    loopback_start(0);
    full_port = port_with(0, 8);
    mute_port = port_with(64, 0);
    int before = descriptors();
    RUN(cancel_comes_at_once_wherever_the_call_is);
    RUN(the_time_limit_holds_wherever_the_call_is);
    RUN(a_blocking_verb_keeps_its_time_limit_too);
    RUN(cancel_before_the_start_in_the_callback_and_afterwards);
    CHECK(is_thread_sanitized || atomic_load(&lookups) > 0, "the resolver was asked");
    atomic_store(&resolver_works, true);
    EVENTUALLY(atomic_load(&lookups) == 0, 5000, "%d lookups", atomic_load(&lookups));
    EVENTUALLY(descriptors() <= before, 3000, "%d descriptors, %d before", descriptors(), before);
    return finish();
}
