/* Servers that do not answer as they should, and requests that try to be more than one: statuses, time limits, and what reaches
 * the wire. Needs no server but its own. */
#include "loopback.h"

#include <netdb.h>

static kcr_client *client;

/* The request line and header of a GET, as the server got them. */
static void mirrored(const char *ns, const char *name, const char *options, char out[4096]) {
    kcr_error *error = NULL;
    kcr_object *object = NULL;
    char *head = NULL;
    out[0] = 0;
    WORKS(kcr_client_get(client, PROJECTS, ns, name, options, &object, &error), error, name);
    if (kcr_object_get_string(object, "/head", &head, NULL) == KCR_OK) snprintf(out, 4096, "%s", head);
    kcr_string_free(head);
    kcr_object_free(object);
}

static void odd_names_stay_one_segment(void) {
    static const struct {
        const char *name, *line;
    } cases[] = {
        {"a?b=c&d", "/projects/a%3Fb%3Dc%26d HTTP/1.1\r\n"}, {"a#b", "/projects/a%23b HTTP/1.1\r\n"},
        {"a b", "/projects/a%20b HTTP/1.1\r\n"}, {"...", "/projects/... HTTP/1.1\r\n"}, {"a:b;c", "/projects/a%3Ab%3Bc HTTP/1.1\r\n"},
        {"\xc3\xbc", "/projects/%C3%BC HTTP/1.1\r\n"}, {"..\\..", "/projects/..%5C.. HTTP/1.1\r\n"}, {"a@b", "/projects/a%40b HTTP/1.1\r\n"},
    };
    char head[4096];
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        mirrored("mirror", cases[i].name, NULL, head);
        CHECK(strstr(head, cases[i].line), "\"%s\" reached the server as %.120s", cases[i].name, head);
    }
    char name[10001];
    memset(name, 'a', sizeof name - 1);
    name[sizeof name - 1] = 0;
    mirrored("mirror", name, NULL, head);
    CHECK(strstr(head, "/projects/aaaa"), "a name of 10000 bytes reached the server as %.80s", head);
}

static void no_header_gets_in_by_an_option(void) {
    static const char *const refused[] = {
        "{\"headers\":{\"X-A\":\"b\\r\\nX-Injected: yes\"}}", "{\"headers\":{\"X-A\\r\\nX-Injected\":\"yes\"}}", "{\"headers\":{\"X-A: b\":\"c\"}}",
        "{\"headers\":{\"Authorization\":\"Bearer x\"}}", "{\"headers\":{\"host\":\"x\"}}", "{\"headers\":{\"Transfer-Encoding\":\"chunked\"}}",
        "{\"headers\":{\"X-A\":\"b\\u0000\"}}", "{\"headers\":{\"\":\"b\"}}", "{\"accept\":\"a\\nX-Injected: yes\"}", "{\"contentType\":\"a\\r\\n\\r\\nGET / HTTP/1.1\"}",
        "{\"headers\":3}", "{\"headers\":{\"X-A\":3}}", "{\"query\":{\"a\":3}}", "{\"query\":{\"a\":[\"1\",\"\\u0000\"]}}",
    };
    kcr_error *error = NULL;
    char *text = NULL;
    for (size_t i = 0; i < sizeof refused / sizeof *refused; i++)
        EXPECT(kcr_client_request(client, "POST", "/api/v1/namespaces/mirror/pods", "x", 1, refused[i], &text, NULL, NULL, &error), KCR_ERR_ARGUMENT, error, NULL, refused[i]);
    kcr_client *other = NULL;
    EXPECT(kcr_client_new(NULL, "{\"userAgent\":\"a\\r\\nX-Injected: yes\"}", &other, &error), KCR_ERR_ARGUMENT, error, "userAgent", "a user agent of two lines");
    WORKS(kcr_client_request(client, "GET", "/api/v1/namespaces/mirror/pods?x=1", NULL, 0, "{\"headers\":{\"X-Empty\":\"\",\"X-A\":\"b: c\"},\"query\":{\"a b\":[\"1&2\",\"\\u0001\"]}}", &text, NULL, NULL, &error),
          error, "odd but harmless");
    CHECK(text && strstr(text, "?x=1&a%20b=1%262&a%20b=%01 HTTP/1.1") && strstr(text, "X-A: b: c") && strstr(text, "X-Empty:"), "the request was %s", text ? text : "");
    kcr_string_free(text);
}

static void options_without_measure_are_refused(void) {
    kcr_error *error = NULL;
    kcr_list *list = NULL;
    for (int depth = 500; depth <= 100000; depth = depth * 3) {
        char *text = malloc((size_t)depth * 2 + 64), *at = text + sprintf(text, "{\"labelSelector\":");
        memset(at, '[', (size_t)depth), memset(at + depth, ']', (size_t)depth), strcpy(at + 2 * depth, "}");
        EXPECT(kcr_client_list(client, PROJECTS, "calm", text, &list, &error), KCR_ERR_ARGUMENT, error, NULL, "options nested deeply");
        free(text);
    }
    WORKS(kcr_client_list(client, PROJECTS, "calm", "{\"limit\":\"x\",\"limit\":2}", &list, &error), error, "of equal keys the last one counts");
    kcr_list_free(list);
    static const char *const numbers[] = {"1e400", "-1", "9223372036854775808", "1.5", "1e3000000000", "0x10", "NaN"};
    for (size_t i = 0; i < sizeof numbers / sizeof *numbers; i++) {
        static const char *const keys[] = {"timeoutMs", "callbackThreads", "maxRetries", "idleMs", "maxObjectBytes", "connectTimeoutMs"};
        for (size_t k = 0; k < sizeof keys / sizeof *keys; k++) {
            char options[128];
            kcr_client *other = NULL;
            snprintf(options, sizeof options, "{\"%s\":%s}", keys[k], numbers[i]);
            EXPECT(kcr_client_new(NULL, options, &other, &error), KCR_ERR_ARGUMENT, error, NULL, options);
        }
    }
    static const char *const limits[] = {"{\"qps\":1e308,\"burst\":1e308}", "{\"qps\":1e-320,\"burst\":1}", "{\"qps\":5e-324,\"burst\":0}"};
    for (size_t i = 0; i < 3; i++) {
        kcr_client *other = loopback_client(limits[i]);
        kcr_object *object = NULL;
        WORKS(kcr_client_get(other, PROJECTS, "calm", "a", NULL, &object, &error), error, limits[i]);
        kcr_object_free(object);
        kcr_client_free(other);
    }
}

static void answers_that_are_none_have_their_status(void) {
    kcr_client *one = loopback_client("{\"qps\":0,\"maxRetries\":0,\"timeoutMs\":400,\"maxObjectBytes\":100000}");
    kcr_error *error = NULL;
    kcr_object *object = NULL;
    kcr_list *list = NULL;
    EXPECT(kcr_client_get(one, PROJECTS, "noise", "a", NULL, &object, &error), KCR_ERR_DECODE, error, "127.0.0.1", "what is not HTTP");
    EXPECT(kcr_client_get(one, PROJECTS, "cut", "a", NULL, &object, &error), KCR_ERR_CONNECT, error, "127.0.0.1", "a connection closed at once");
    EXPECT(kcr_client_get(one, PROJECTS, "silent", "a", NULL, &object, &error), KCR_ERR_TIMEOUT, error, "400 ms", "no answer");
    EXPECT(kcr_client_list(one, PROJECTS, "silent", NULL, &list, &error), KCR_ERR_TIMEOUT, error, "400 ms", "no list");
    EXPECT(kcr_client_get(one, PROJECTS, "large", "a", NULL, &object, &error), KCR_ERR_DECODE, error, "maxObjectBytes", "an object that is too large");
    EXPECT(kcr_client_list(one, PROJECTS, "large", NULL, &list, &error), KCR_ERR_DECODE, error, NULL, "a list with an object that is too large");
    WORKS(kcr_client_list(one, PROJECTS, "drip", NULL, &list, &error), error, "a list that never pauses for long");
    kcr_list_free(list);
    kcr_client_free(one);
}

/* A name that takes its time: the library's own thread asks for it. */
static atomic_int lookups, answered;
int getaddrinfo(const char *restrict node, const char *restrict service, const struct addrinfo *restrict hints, struct addrinfo **restrict result) {
    (void)service, (void)hints, (void)result;
    if (strcmp(node, "slow.test")) return EAI_NONAME;
    atomic_fetch_add(&lookups, 1);
    pause_ms(1000 * (int)patience());
    atomic_fetch_add(&answered, 1);
    return EAI_AGAIN;
}

static void on_call(kcr_status status, const kcr_object *object, const kcr_list *list, const kcr_error *error, void *user_data) {
    (void)object, (void)list;
    record_event(user_data, KCR_EVENT_END, 0, NULL, error);
    CHECK(status == KCR_ERR_CANCELLED, "the call ends with %s", kcr_status_name(status));
}

static void a_lookup_under_way_keeps_no_end_waiting(void) {
    int before = tasks();
    for (int mode = 0; mode < 2; mode++) {
        struct record watched = RECORD_INITIALIZER, called = RECORD_INITIALIZER;
        kcr_error *error = NULL;
        kcr_watch *watch = NULL;
        kcr_call *call = NULL;
        kcr_client *slow = client_of("{\"source\":\"none\",\"server\":\"http://slow.test:80\"}", mode ? QUICK_EXTERNAL : QUICK);
        int asked = atomic_load(&lookups);
        WORKS(kcr_client_watch(slow, PROJECTS, "calm", NULL, record_watch, &watched, record_freed, &watch, &error), error, "watch");
        WORKS(kcr_client_call(slow, "{\"verb\":\"list\",\"resource\":\"v1/pods\"}", on_call, &called, record_freed, &call, &error), error, "call");
        for (int64_t until = now_ms() + 5000; now_ms() < until && atomic_load(&lookups) == asked;) {
            pause_ms(1);
            if (mode) kcr_client_process(slow, NULL);
        }
        CHECK(atomic_load(&lookups) > asked, "the name is being looked up");
        int64_t began = now_ms();
        kcr_call_cancel(call);
        if (mode) kcr_client_process(slow, NULL);
        EVENTUALLY(atomic_load(&called.freed) == 1, 100, "the call is cancelled");
        kcr_watch_free(watch);
        kcr_client_free(slow);
        CHECK(now_ms() - began < 100 * patience(), "mode %d: the end took %" PRId64 " ms", mode, now_ms() - began);
        kcr_call_free(call);
        ENDS_ONCE(&watched);
    }
    EVENTUALLY(atomic_load(&answered) == atomic_load(&lookups), 5000, "the lookups end by themselves");
    EVENTUALLY(tasks() <= before, 5000, "the threads that asked clear up after themselves: %d, %d before", tasks(), before);
}

static atomic_int told, log_freed;
static void on_log(int32_t level, const char *message, void *user_data) {
    CHECK(level >= KCR_LOG_ERROR && level <= KCR_LOG_DEBUG && message[0] && !strchr(message, '\n'), "level %d: %s", (int)level, message);
    CHECK(!atomic_load((atomic_int *)user_data), "a log callback after its user_data was freed");
    atomic_fetch_add(&told, 1);
}
static void on_log_freed(void *user_data) { atomic_store((atomic_int *)user_data, 1), atomic_fetch_add(&log_freed, 1); }

static void the_log_may_be_replaced_at_any_moment(void) {
    static atomic_int gone[500];
    struct record records[8];
    kcr_watch *watches[8];
    kcr_error *error = NULL;
    for (int i = 0; i < 8; i++) {
        records[i] = (struct record)RECORD_INITIALIZER;
        WORKS(kcr_client_watch(client, PROJECTS, i % 2 ? "brief" : "cut", NULL, record_watch, &records[i], record_freed, &watches[i], &error), error, "watch");
    }
    for (int i = 0; i < 500; i++) {
        kcr_log_set(KCR_LOG_DEBUG, on_log, &gone[i], on_log_freed);
        CHECK(atomic_load(&log_freed) == i, "kcr_log_set returned before the previous user_data was freed: %d of %d", atomic_load(&log_freed), i);
        kcr_object *object = NULL;
        if (i % 5 == 0) kcr_client_get(client, PROJECTS, "cut", "a", "{\"timeoutMs\":20}", &object, NULL);
    }
    kcr_log_set(KCR_LOG_DEBUG, NULL, NULL, NULL);
    CHECK(atomic_load(&log_freed) == 500 && atomic_load(&told) > 0, "%d of 500 freed, %d messages", atomic_load(&log_freed), atomic_load(&told));
    for (int i = 0; i < 8; i++) kcr_watch_free(watches[i]);
    for (int i = 0; i < 8; i++) ENDS_ONCE(&records[i]);
}

static void *get_much(void *argument) {
    for (int i = 0; i < 20; i++) {
        kcr_object *object = NULL;
        kcr_error *error = NULL;
        WORKS(kcr_client_get(client, PROJECTS, (intptr_t)argument % 2 ? "once" : "calm", "a", NULL, &object, &error), error, "one of many gets");
        kcr_object_free(object);
    }
    return NULL;
}

static void many_threads_may_share_a_client(void) {
    pthread_t threads[64];
    for (intptr_t i = 0; i < 64; i++) REQUIRE(!pthread_create(&threads[i], NULL, get_much, (void *)i), "a thread");
    for (int i = 0; i < 64; i++) pthread_join(threads[i], NULL);
}

int main(void) {
    loopback_start(0);
    client = loopback_client("{\"qps\":0,\"userAgent\":\"servers\"}");
    RUN(odd_names_stay_one_segment);
    RUN(no_header_gets_in_by_an_option);
    RUN(options_without_measure_are_refused);
    RUN(answers_that_are_none_have_their_status);
    RUN(a_lookup_under_way_keeps_no_end_waiting);
    RUN(the_log_may_be_replaced_at_any_moment);
    RUN(many_threads_may_share_a_client);
    kcr_client_free(client);
    return finish();
}
