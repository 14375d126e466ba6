/* KubeCR's side of the bench: the workloads of ../../README.md through the C API. usage: kubecr WORKLOAD URL N M
 * INFORMER_OPTIONS: those of kcr_informer_new, for figures of options. */
#define _GNU_SOURCE
#include <kubecr.h>
#include <malloc.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>

static const char *PROJECTS = "example.sealyun.com/v1alpha1/projects";
static const char *SENT = "/metadata/annotations/bench.sealyun.com~1sent-ns";
enum { LIST_VERSION = 1000000 };

static double now(void) {
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (double)t.tv_sec + (double)t.tv_nsec * 1e-9;
}
static double cpu(void) {
    struct rusage r;
    getrusage(RUSAGE_SELF, &r);
    return (double)(r.ru_utime.tv_sec + r.ru_stime.tv_sec) + (double)(r.ru_utime.tv_usec + r.ru_stime.tv_usec) * 1e-6;
}
static double status_mb(const char *key) {
    char line[256];
    double value = 0;
    FILE *file = fopen("/proc/self/status", "r");
    while (file && fgets(line, sizeof line, file))
        if (!strncmp(line, key, strlen(key))) value = atof(line + strlen(key)) / 1024;
    if (file) fclose(file);
    return value;
}
static void need(kcr_status status, const kcr_error *error, const char *what) {
    if (status == KCR_OK) return;
    fprintf(stderr, "kubecr: %s: %s [%s]\n", what, kcr_error_message(error), kcr_status_name(status));
    exit(1);
}

static kcr_client *open_client(const char *url) {
    char options[4096];
    const char *ca = getenv("BENCH_CA");
    kcr_error *error = NULL;
    kcr_config *config = NULL;
    kcr_client *client = NULL;
    snprintf(options, sizeof options, "{\"source\":\"none\",\"server\":\"%s\"%s%s%s}", url, ca ? ",\"certificateAuthority\":\"" : "", ca ? ca : "", ca ? "\"" : "");
    need(kcr_config_load(options, &config, &error), error, "config");
    need(kcr_client_new(config, "{\"qps\":0}", &client, &error), error, "client");
    kcr_config_free(config);
    return client;
}

/* What the handler of watch and latency fills. */
static struct {
    long want, seen;
    char last[32];      /* the version of the last event */
    double *latencies;  /* in us; NULL: not asked for */
    long measured;
    atomic_bool complete;
} follow;

static void on_event(int32_t event, int32_t flags, const kcr_object *object, const kcr_object *old, void *user_data) {
    (void)old, (void)user_data;
    if (event == KCR_EVENT_SYNCED || event == KCR_EVENT_END || (flags & KCR_FLAG_INITIAL)) return;
    follow.seen++;
    if (follow.latencies) {
        size_t length = 0;
        const char *sent = kcr_object_slice(object, SENT, &length); /* "0123456789012345678", quotes included */
        struct timespec t;
        clock_gettime(CLOCK_REALTIME, &t);
        if (sent && length == 21 && follow.measured < follow.want)
            follow.latencies[follow.measured++] = (double)(t.tv_sec * 1000000000LL + t.tv_nsec - atoll(sent + 1)) * 1e-3;
    }
    if (!atomic_load_explicit(&follow.complete, memory_order_relaxed) &&
        (follow.seen >= follow.want || !strcmp(kcr_object_resource_version(object), follow.last)))
        atomic_store(&follow.complete, true);
}

static kcr_informer *start_informer(kcr_client *client, int with_handler) {
    kcr_error *error = NULL;
    kcr_informer *informer = NULL;
    const char *options = getenv("INFORMER_OPTIONS");
    /* Every event is to be told: a handler that lags is told less by default. */
    if (!options && with_handler) options = "{\"maxQueued\":1000000000}";
    need(kcr_informer_new(client, PROJECTS, NULL, options, &informer, &error), error, "informer");
    if (with_handler) need(kcr_informer_add_handler(informer, on_event, NULL, NULL, NULL, &error), error, "handler");
    need(kcr_informer_start(informer, &error), error, "start");
    need(kcr_informer_wait_synced(informer, 120000, &error), error, "sync");
    return informer;
}

static int compare(const void *a, const void *b) {
    double x = *(const double *)a, y = *(const double *)b;
    return (x > y) - (x < y);
}

static void get_once(kcr_client *client) {
    kcr_error *error = NULL;
    kcr_object *object = NULL;
    need(kcr_client_get(client, PROJECTS, "ns-00", "project-0000000", NULL, &object, &error), error, "get");
    kcr_object_free(object);
}

int main(int argc, char **argv) {
    if (argc != 5) return fprintf(stderr, "usage: kubecr WORKLOAD URL N M\n"), 2;
    double t0 = now(), c0 = cpu(), wall = 0, used = 0;
    const char *work = argv[1];
    long n = atol(argv[3]), m = atol(argv[4]);
    char extra[512] = "";
    kcr_error *error = NULL;
    kcr_client *client = open_client(argv[2]);
    if (!strcmp(work, "list") || !strcmp(work, "sync")) {
        kcr_list *list = NULL;
        kcr_informer *informer = NULL;
        if (*work == 'l') need(kcr_client_list(client, PROJECTS, "", NULL, &list, &error), error, "list");
        else informer = start_informer(client, 0);
        wall = now() - t0, used = cpu() - c0;
        malloc_trim(0);
        snprintf(extra, sizeof extra, "\"stored\":%zu,\"rss_mb\":%.1f", list ? kcr_list_count(list) : kcr_informer_count(informer), status_mb("VmRSS:"));
        kcr_list_free(list);
        kcr_informer_free(informer);
    } else if (!strcmp(work, "watch") || !strcmp(work, "latency")) {
        follow.want = m;
        snprintf(follow.last, sizeof follow.last, "%ld", LIST_VERSION + m);
        if (*work == 'l') follow.latencies = calloc((size_t)m, sizeof(double));
        kcr_informer *informer = start_informer(client, 1);
        t0 = now(), c0 = cpu(); /* the list is not part of it */
        while (!atomic_load(&follow.complete)) nanosleep(&(struct timespec){0, 1000000}, NULL);
        wall = now() - t0, used = cpu() - c0;
        size_t stored = kcr_informer_count(informer);
        kcr_informer_free(informer); /* after this no callback writes `follow` */
        if (follow.latencies && follow.measured > 5) {
            double *l = follow.latencies + follow.measured / 5; /* not what queued up during the start */
            size_t count = (size_t)(follow.measured - follow.measured / 5);
            qsort(l, count, sizeof *l, compare);
            snprintf(extra, sizeof extra, "\"p50_us\":%.1f,\"p99_us\":%.1f,\"us_per_event\":%.2f,\"seen\":%ld", l[count / 2], l[count * 99 / 100], used * 1e6 / (double)m, follow.seen);
        } else {
            snprintf(extra, sizeof extra, "\"events_per_s\":%.0f,\"us_per_event\":%.3f,\"stored\":%zu,\"seen\":%ld", (double)m / wall, used * 1e6 / (double)m, stored, follow.seen);
        }
        n = m;
    } else if (!strcmp(work, "get")) {
        get_once(client); /* the connection */
        t0 = now(), c0 = cpu();
        for (long i = 0; i < m; i++) get_once(client);
        wall = now() - t0, used = cpu() - c0;
        snprintf(extra, sizeof extra, "\"per_s\":%.0f,\"us_per_request\":%.2f", (double)m / wall, used * 1e6 / (double)m);
        n = m;
    } else if (!strcmp(work, "cold")) {
        get_once(client);
        wall = now() - t0, used = cpu(); /* the whole process */
    } else if (!strcmp(work, "lookup")) {
        kcr_informer *informer = start_informer(client, 0);
        kcr_list *list = NULL;
        need(kcr_informer_list(informer, NULL, &list, &error), error, "keys");
        size_t count = kcr_list_count(list), found = 0;
        char **keys = calloc(count, sizeof *keys);
        for (size_t i = 0; i < count; i++) keys[i] = strdup(kcr_object_key(kcr_list_at(list, i)));
        kcr_list_free(list);
        t0 = now(), c0 = cpu();
        for (long i = 0; i < m; i++) {
            kcr_object *object = NULL;
            if (kcr_informer_get(informer, keys[(size_t)i * 7919 % count], &object, NULL) == KCR_OK) found++;
            kcr_object_free(object);
        }
        wall = now() - t0, used = cpu() - c0;
        snprintf(extra, sizeof extra, "\"ns\":%.1f,\"found\":%zu", wall * 1e9 / (double)m, found);
        for (size_t i = 0; i < count; i++) free(keys[i]);
        free(keys);
        kcr_informer_free(informer);
    } else return fprintf(stderr, "kubecr: no workload %s\n", work), 2;
    printf("{\"peer\":\"kubecr\",\"workload\":\"%s\",\"n\":%ld,\"wall_s\":%.4f,\"cpu_s\":%.4f,\"peak_rss_mb\":%.1f,\"extra\":{%s}}\n", work, n, wall, used, status_mb("VmHWM:"), extra);
    free(follow.latencies);
    kcr_client_free(client);
    return 0;
}
