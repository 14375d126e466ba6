/* Packed answers: lists and watches through gzip, bombs that are refused by their unpacked size, and disable-compression.
 * usage: compression PORT (of gzip_server.py) */
#include "cluster.h"

static const char *port;
static const char *SMALL = "{\"qps\": 0, \"maxRetries\": 0, \"timeoutMs\": 60000, \"maxObjectBytes\": 1048576}";

static kcr_client *client_with(const char *cluster) {
    char yaml[1024], options[2048];
    snprintf(yaml, sizeof yaml, "{clusters: [{name: c, cluster: {server: 'http://127.0.0.1:%s'%s}}], contexts: [{name: c, context: {cluster: c}}], current-context: c}", port, cluster);
    char *quoted = kcr_json_quote(yaml, KCR_AUTO_LEN);
    snprintf(options, sizeof options, "{\"kubeconfigYAML\": %s}", quoted);
    kcr_string_free(quoted);
    return client_of(options, SMALL);
}

/* The most memory this process has had, in kilobytes. */
static long peak_kb(void) {
    char line[256];
    long peak = -1;
    FILE *file = fopen("/proc/self/status", "r");
    REQUIRE(file, "reading /proc/self/status");
    while (fgets(line, sizeof line, file)) sscanf(line, "VmHWM: %ld kB", &peak);
    fclose(file);
    return peak;
}

static void a_packed_list_is_read(void) {
    kcr_client *client = client_with("");
    kcr_error *error = NULL;
    kcr_list *list = NULL;
    WORKS(kcr_client_list(client, PROJECTS, "calm", NULL, &list, &error), error, "a packed list");
    CHECK(kcr_list_count(list) == 3, "%zu objects", kcr_list_count(list));
    kcr_list_free(list);
    kcr_client_free(client);
}

/* Each event when it is sent, not when a buffer is full. */
static void a_packed_watch_brings_each_event_at_once(void) {
    static struct record record = RECORD_INITIALIZER;
    kcr_client *client = client_with("");
    kcr_error *error = NULL;
    kcr_watch *watch = NULL;
    WORKS(kcr_client_watch(client, PROJECTS, "calm", "{\"resourceVersion\":\"10\"}", record_watch, &record, record_freed, &watch, &error), error, "a watch");
    EVENTUALLY(seen(&record, KCR_EVENT_MODIFIED, "p-1") >= 5, 5000, "%d events", seen(&record, KCR_EVENT_MODIFIED, "p-1"));
    kcr_watch_free(watch);
    kcr_client_free(client);
    ENDS_ONCE(&record);
}

static void fault59_bombs_are_refused_by_their_unpacked_size(void) {
    kcr_client *client = client_with("");
    kcr_error *error = NULL;
    kcr_list *list = NULL;
    long before = peak_kb();
    EXPECT(kcr_client_list(client, PROJECTS, "bomb-item", NULL, &list, &error), KCR_ERR_DECODE, error, "maxObjectBytes", "an item of a gigabyte");
    EXPECT(kcr_client_list(client, PROJECTS, "bomb-envelope", NULL, &list, &error), KCR_ERR_DECODE, error, NULL, "an envelope of a gigabyte");
    EXPECT(kcr_client_list(client, PROJECTS, "bomb-error", NULL, &list, &error), KCR_ERR_SERVER, error, "HTTP 500", "an error of a gigabyte");
    static struct record record = RECORD_INITIALIZER;
    kcr_watch *watch = NULL;
    WORKS(kcr_client_watch(client, PROJECTS, "bomb-event", "{\"resourceVersion\":\"10\"}", record_watch, &record, record_freed, &watch, &error), error, "a watch");
    EVENTUALLY(event_count(&record) > 0, 20000, "an event of a gigabyte is not refused");
    CHECK(strstr(record.message, "maxObjectBytes"), "the watch says: %s", record.message);
    kcr_watch_free(watch);
    kcr_client_free(client);
    ENDS_ONCE(&record);
    CHECK(peak_kb() - before < 64 * 1024 * patience(), "%ld KB more than before", peak_kb() - before);
}

static bool asks_for_gzip(const char *cluster) {
    kcr_client *client = client_with(cluster);
    kcr_error *error = NULL;
    kcr_object *object = NULL;
    WORKS(kcr_client_get(client, PROJECTS, "mirror", "mirror", NULL, &object, &error), error, "the mirror");
    const char *json = kcr_object_json(object, NULL);
    bool asks = json && strstr(json, "Accept-Encoding");
    kcr_object_free(object);
    kcr_client_free(client);
    return asks;
}

static void disable_compression_asks_for_plain_answers(void) {
    CHECK(asks_for_gzip(""), "compression is asked for");
    CHECK(!asks_for_gzip(", disable-compression: true"), "compression is asked for all the same");
}

/* As the reference: what was not asked for is not unpacked. */
static void what_was_not_asked_for_is_no_json(void) {
    kcr_client *client = client_with(", disable-compression: true");
    kcr_error *error = NULL;
    kcr_object *object = NULL;
    EXPECT(kcr_client_get(client, PROJECTS, "unasked", "a", NULL, &object, &error), KCR_ERR_DECODE, error, NULL, "a packed answer");
    kcr_client_free(client);
}

int main(int argc, char **argv) {
    REQUIRE(argc == 2, "usage: compression PORT");
    port = argv[1];
    RUN(a_packed_list_is_read);
    RUN(a_packed_watch_brings_each_event_at_once);
    RUN(fault59_bombs_are_refused_by_their_unpacked_size);
    RUN(disable_compression_asks_for_plain_answers);
    RUN(what_was_not_asked_for_is_no_json);
    return finish();
}
