/* What a call meets beside a good answer, and what kcr_client_request sends and brings: on a server of its own whose answers the
 * test chooses by name (loopback.h). Also the counters of kcr_client_stats, and what a Warning header becomes. */
#include "loopback.h"

static kcr_client *client;

static int64_t stat_of(const char *pointer) {
    kcr_object *stats = NULL;
    kcr_error *error = NULL;
    int64_t value = -1;
    WORKS(kcr_client_stats(client, &stats, &error), error, "stats");
    kcr_object_get_int(stats, pointer, &value, NULL);
    kcr_object_free(stats);
    return value;
}

/* One get of an answer of that name; `message`, of 3000 bytes, may be NULL. */
static kcr_status ask(const char *name, const char *options, char *message) {
    kcr_object *object = NULL;
    kcr_error *error = NULL;
    kcr_status status = kcr_client_get(client, PROJECTS, "answer", name, options, &object, &error);
    CHECK((status == KCR_OK) == (error == NULL) && (status == KCR_OK) == (object != NULL), "%s: an object or an error", name);
    if (message) snprintf(message, 3000, "%s", kcr_error_message(error));
    CHECK(strlen(kcr_error_message(error)) < 2300 && !strchr(kcr_error_message(error), '\n'), "%s: one line, cut: %.100s...", name, kcr_error_message(error));
    kcr_object_free(object);
    kcr_error_free(error);
    return status;
}

/* R5: a body that is no Status is quoted as one line of at most 2 KiB. R8: what is short is read to its end and leaves the
 * connection in use; a body without end in sight costs the connection, and nothing else. */
static void R8_error_bodies_leave_or_cost_the_connection(void) {
    static const struct { const char *name; kcr_status status; bool kept; } answers[] = {
        {"404_-1_0", KCR_ERR_NOT_FOUND, true}, {"409_-1_60", KCR_ERR_CONFLICT, true}, {"500_-1_2000", KCR_ERR_SERVER, true},
        {"502_-1_2048", KCR_ERR_SERVER, true}, {"503_-1_200000", KCR_ERR_UNAVAILABLE, true}, {"500_-1_9000000", KCR_ERR_SERVER, false}};
    client = loopback_client("{\"qps\":0}");
    for (int round = 0; round < 3; round++)
        for (size_t i = 0; i < sizeof answers / sizeof *answers; i++) {
            char message[3000];
            REQUIRE(ask("200_-1_60", NULL, NULL) == KCR_OK, "a good answer");
            int64_t before = stat_of("/connections");
            kcr_status status = ask(answers[i].name, NULL, message);
            CHECK(status == answers[i].status, "%s gives %s: %s", answers[i].name, kcr_status_name(status), message);
            CHECK(strstr(message, strstr(answers[i].name, "_60") ? "as asked: 409" : "HTTP "), "%s: %.200s", answers[i].name, message);
            CHECK(ask("200_-1_60", NULL, NULL) == KCR_OK, "the next call works");
            CHECK((stat_of("/connections") == before) == answers[i].kept, "%s: %" PRId64 " connections, %" PRId64 " before", answers[i].name, stat_of("/connections"), before);
        }
    kcr_client_free(client);
}

static void R8_after_a_time_out_the_connection_is_not_used_again(void) {
    kcr_object *object = NULL;
    kcr_error *error = NULL;
    client = loopback_client("{\"qps\":0}");
    REQUIRE(ask("200_-1_60", NULL, NULL) == KCR_OK, "a good answer");
    CHECK(stat_of("/connections") == 1 && stat_of("/openConnections") == 1, "one connection");
    EXPECT(kcr_client_get(client, PROJECTS, "silent", "a", "{\"timeoutMs\":100}", &object, &error), KCR_ERR_TIMEOUT, error, "100 ms", "no answer");
    EVENTUALLY(stat_of("/openConnections") == 0, 2000, "%" PRId64 " connections are open", stat_of("/openConnections"));
    CHECK(ask("200_-1_60", NULL, NULL) == KCR_OK && stat_of("/connections") == 2, "a new one");
    kcr_client_free(client);
}

/* R12, B2: an answer that asks for more time than there is, is the result at once. */
static void R12_retry_after_is_bounded_by_what_is_left(void) {
    char message[3000];
    client = loopback_client("{\"qps\":0}");
    int64_t began = now_ms();
    CHECK(ask("429_30_60", "{\"timeoutMs\":3000}", message) == KCR_ERR_TOO_MANY_REQUESTS, "%s", message);
    CHECK(now_ms() - began < 2000 * patience(), "after %" PRId64 " ms", now_ms() - began);
    CHECK(stat_of("/requests") == 1 && stat_of("/retries") == 0, "one request");
    /* Fault 49: it gives up. */
    CHECK(ask("503_0_60", NULL, message) == KCR_ERR_UNAVAILABLE && stat_of("/requests") == 12 && stat_of("/retries") == 10, "%" PRId64 " requests", stat_of("/requests"));
    CHECK(ask("503_1_60", "{\"timeoutMs\":2500}", message) == KCR_ERR_UNAVAILABLE && stat_of("/retries") == 12, "%" PRId64 " retries", stat_of("/retries"));
    CHECK(stat_of("/failed") == 3 && stat_of("/failures/UNAVAILABLE") == 2 && stat_of("/failures/TOO_MANY_REQUESTS") == 1, "the failures by name");
    kcr_client_free(client);
}

#define ECHO "/apis/example.sealyun.com/v1alpha1/namespaces/echo/projects/x"

static void requests_carry_any_bytes_both_ways(void) {
    static char bytes[300000];
    kcr_error *error = NULL;
    client = loopback_client("{\"qps\":0,\"maxObjectBytes\":1000000}");
    for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (char)(i * 7 + i / 256);
    static const size_t sizes[] = {1, 2, 255, 256, 16384, 16385, sizeof bytes};
    for (size_t i = 0; i < sizeof sizes / sizeof *sizes; i++) {
        char *text = NULL;
        size_t length = 0;
        int32_t http = 0;
        WORKS(kcr_client_request(client, "POST", ECHO, bytes, sizes[i], "{\"contentType\":\"application/octet-stream\"}", &text, &length, &http, &error), error, "bytes");
        CHECK(http == 200 && length == sizes[i] && !memcmp(text, bytes, length) && text[length] == 0, "%zu of %zu bytes came back", length, sizes[i]);
        kcr_string_free(text);
    }
    /* No body, an empty one, nobody who wants the answer. */
    char *text = NULL;
    size_t length = 7;
    WORKS(kcr_client_request(client, "POST", ECHO, NULL, 0, NULL, &text, &length, NULL, &error), error, "no body");
    CHECK(text && length == 0 && *text == 0, "an empty answer is an empty string");
    kcr_string_free(text);
    WORKS(kcr_client_request(client, "PUT", ECHO, "", 0, NULL, NULL, NULL, NULL, &error), error, "an empty body");
    WORKS(kcr_client_request(client, "DELETE", ECHO, "{}", KCR_AUTO_LEN, NULL, NULL, NULL, NULL, &error), error, "a body of a DELETE");
    kcr_client_free(client);
}

#define ANSWER "/apis/example.sealyun.com/v1alpha1/namespaces/answer/projects/"

static void empty_answers_heads_and_errors_of_requests(void) {
    kcr_error *error = NULL;
    char *text = NULL;
    size_t length = 7;
    int32_t http = 0;
    client = loopback_client("{\"qps\":0,\"maxObjectBytes\":100000}");
    WORKS(kcr_client_request(client, "GET", ANSWER "204_-1_0", NULL, 0, NULL, &text, &length, &http, &error), error, "204");
    CHECK(http == 204 && text && length == 0, "HTTP %d, %zu bytes", http, length);
    kcr_string_free(text);
    text = NULL;
    WORKS(kcr_client_request(client, "HEAD", ANSWER "200_-1_5000", NULL, 0, NULL, &text, &length, &http, &error), error, "HEAD");
    CHECK(http == 200 && text && length == 0, "a HEAD has no body: %zu bytes", length);
    kcr_string_free(text);
    WORKS(kcr_client_request(client, "GET", ANSWER "200_-1_100000", NULL, 0, NULL, &text, &length, NULL, &error), error, "an answer of the limit's size");
    CHECK(length == 100000, "%zu bytes", length);
    kcr_string_free(text);
    text = NULL;
    http = -7;
    EXPECT(kcr_client_request(client, "GET", ANSWER "200_-1_100001", NULL, 0, NULL, &text, &length, &http, &error), KCR_ERR_DECODE, error, "maxObjectBytes", "one byte more");
    error = NULL;
    EXPECT(kcr_client_request(client, "GET", ANSWER "410_-1_60", NULL, 0, NULL, &text, &length, &http, &error), KCR_ERR_GONE, error, "as asked: 410", "a 410");
    error = NULL;
    EXPECT(kcr_client_request(client, "GET", ANSWER "302_-1_60", NULL, 0, NULL, &text, &length, &http, &error), KCR_ERR_SERVER, error, "redirect", "a redirect");
    CHECK(!text && http == -7, "no output on failure");
    error = NULL;
    EXPECT(kcr_client_request(client, "GET", "/metrics", NULL, 0, "{\"headers\":{\"Upgrade\":\"SPDY/3.1\"}}", &text, NULL, NULL, &error), KCR_ERR_UNSUPPORTED, error, "Upgrade", "another protocol");
    kcr_client_free(client);
}

static atomic_int warned;
static void on_log(int32_t level, const char *message, void *user_data) {
    (void)user_data;
    if (level != KCR_LOG_WARN || !strstr(message, "the server warns: ")) return;
    CHECK(strstr(message, "warns: old") || strstr(message, "warns: odd  [31m"), "what it warns of: %s", message);
    atomic_fetch_add(&warned, 1);
}

static void R11_warnings_are_told_once(void) {
    kcr_error *error = NULL;
    kcr_object *object = NULL;
    client = loopback_client("{\"qps\":0}");
    kcr_log_set(KCR_LOG_WARN, on_log, NULL, NULL);
    for (int i = 0; i < 3; i++) {
        WORKS(kcr_client_get(client, PROJECTS, "warn", "a", NULL, &object, &error), error, "get");
        kcr_object_free(object);
    }
    kcr_log_set(0, NULL, NULL, NULL);
    CHECK(atomic_load(&warned) == 2 && stat_of("/warnings") == 2, "%d lines for two texts in three answers", atomic_load(&warned));
    kcr_client_free(client);
}

static void metadata_alone_is_refused_when_whole_objects_come(void) {
    kcr_error *error = NULL;
    kcr_object *object = NULL;
    kcr_list *list = NULL;
    client = loopback_client("{\"qps\":0}");
    EXPECT(kcr_client_get(client, PROJECTS, "calm", "a", "{\"metadataOnly\":true}", &object, &error), KCR_ERR_DECODE, error, "PartialObjectMetadata", "a whole object");
    error = NULL;
    EXPECT(kcr_client_list(client, PROJECTS, "calm", "{\"metadataOnly\":true}", &list, &error), KCR_ERR_DECODE, error, "PartialObjectMetadata", "a whole list");
    kcr_client_free(client);
}

int main(void) {
    loopback_start(0);
    RUN(R8_error_bodies_leave_or_cost_the_connection);
    RUN(R8_after_a_time_out_the_connection_is_not_used_again);
    RUN(R12_retry_after_is_bounded_by_what_is_left);
    RUN(requests_carry_any_bytes_both_ways);
    RUN(empty_answers_heads_and_errors_of_requests);
    RUN(R11_warnings_are_told_once);
    RUN(metadata_alone_is_refused_when_whole_objects_come);
    return finish();
}
