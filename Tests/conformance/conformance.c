/* The conformance suite at the level of the C API: reads cases.txt, plays each case, says one line for each (README.md).
 *
 *   conformance [CASE...]
 *   conformance --capabilities     says what the server can do, for KUBECR_CAPABILITIES
 */
#define _GNU_SOURCE
#include "c/capabilities.h"
#include "c/conformance.h"
#include "c/pool.h"

#include <stdarg.h>
#include <stdlib.h>
#include <time.h>

kcr_client *admin;

/* The case in work. Threads of a case may expect something, so `why` has a lock. */
static char current[96], why[1024];
static pthread_mutex_t why_lock = PTHREAD_MUTEX_INITIALIZER;

bool expect(bool holds, const char *sentence, ...) {
    if (holds) return true;
    va_list arguments;
    va_start(arguments, sentence);
    pthread_mutex_lock(&why_lock);
    if (!*why) vsnprintf(why, sizeof why, sentence, arguments);
    pthread_mutex_unlock(&why_lock);
    va_end(arguments);
    return false;
}

bool same(const char *got, const char *want, const char *what) {
    return expect(got && !strcmp(got, want), "%s: \"%s\", not \"%s\"", what, got ? got : "(none)", want);
}

int64_t now_ms(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

void pause_ms(int milliseconds) {
    struct timespec time = {milliseconds / 1000, (long)(milliseconds % 1000) * 1000000};
    nanosleep(&time, NULL);
}

int64_t patient(int64_t milliseconds) {
    const char *patience = getenv("PATIENCE");
    int64_t factor = patience ? atoi(patience) : 1;
    return milliseconds * (factor > 0 ? factor : 1);
}

const char *text(const char *format, ...) {
    static _Thread_local char ring[32][4096];
    static _Thread_local unsigned next;
    char fresh[sizeof *ring]; /* an argument may be the text that is overwritten */
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(fresh, sizeof fresh, format, arguments);
    va_end(arguments);
    char *out = ring[next++ % 32];
    return strcpy(out, fresh);
}

const char *quoted(const char *plain) {
    char *json = kcr_json_quote(plain, KCR_AUTO_LEN);
    own(json, OWN_STRING);
    return json ? json : "\"\"";
}

const char *self(void) { return current; }
const char *name(int number) { return number ? text("%s-%d", current, number) : current; }
const char *labelled(void) { return text("{\"labelSelector\":\"conformance=%s\"}", current); }

const char *metadata(int number, const char *more) {
    return text("{\"name\":\"%s\",\"labels\":{\"conformance\":\"%s\"}%s}", name(number), current, more);
}

const char *project(int number, int64_t replicas) {
    return text("{\"metadata\":%s,\"spec\":{\"replicas\":%" PRId64 "}}", metadata(number, ""), replicas);
}

const char *names(const kcr_list *objects) {
    const char *all = "";
    size_t mine = strlen(current);
    for (size_t i = 0; i < kcr_list_count(objects); i++) {
        const char *one = kcr_object_name(kcr_list_at(objects, i));
        if (!strncmp(one, current, mine)) one = one[mine] == '-' ? one + mine + 1 : "0";
        all = text("%s%s%s", all, *all ? " " : "", one);
    }
    return all;
}

/* Removes what the case has made, or an earlier run of it has left, finalizers included. */
static void sweep(void) {
    static const char *const resources[] = {PROJECTS, MACHINES};
    for (size_t i = 0; i < 2; i++) {
        struct answer left = list(admin, resources[i], labelled());
        for (size_t at = 0; at < kcr_list_count(left.list); at++) {
            const kcr_object *object = kcr_list_at(left.list, at);
            if (has(object, "/metadata/finalizers")) patch(admin, resources[i], kcr_object_name(object), KCR_PATCH_MERGE, "{\"metadata\":{\"finalizers\":null}}", NULL);
        }
        works(delete_all(resources[i], labelled()), text("clearing up %s", resources[i]));
    }
    free_owned();
}

/* Plays the case; whether it did not fail. */
static bool play(const struct conformance_case *one) {
    snprintf(current, sizeof current, "c-%s", one->name);
    *why = 0;
    sweep();
    one->play();
    free_owned();
    sweep();
    for (char *at = why; *at; at++)
        if (*at == '\n') *at = ' ';
    if (*why) printf("FAIL %s: %s\n", one->name, why);
    else printf("ok %s\n", one->name);
    return !*why;
}

static const struct conformance_case *const tables[] = {
    server_cases,      discovery_cases, core_cases,     read_cases,    list_cases, create_cases,  change_cases, patch_cases,
    subresource_cases, delete_cases,    manifest_cases, request_cases, call_cases, failure_cases, watch_cases,  informer_cases,
};
enum { TABLES = sizeof tables / sizeof *tables };

static const struct conformance_case *find(const char *wanted) {
    for (size_t i = 0; i < TABLES; i++)
        for (const struct conformance_case *one = tables[i]; one->name; one++)
            if (!strcmp(one->name, wanted)) return one;
    return NULL;
}

static size_t count_cases(void) {
    size_t count = 0;
    for (size_t i = 0; i < TABLES; i++)
        for (const struct conformance_case *one = tables[i]; one->name; one++) count++;
    return count;
}

static bool is_word_of(const char *word, const char *words) {
    size_t length = strlen(word);
    for (const char *at = words; (at = strstr(at, word)); at += length)
        if ((at == words || at[-1] == ' ') && (at[length] == ' ' || at[length] == 0)) return true;
    return false;
}

/* The needs that this server does not meet, separated by spaces. */
static const char *missing(char *needs) {
    const char *capabilities = getenv("KUBECR_CAPABILITIES"), *all = "";
    char *rest = NULL;
    for (char *need = strtok_r(needs, " ", &rest); need; need = strtok_r(NULL, " ", &rest))
        if (strcmp(need, "any") && !is_word_of(need, capabilities ? capabilities : "")) all = text("%s%s%s", all, *all ? " " : "", need);
    return all;
}

static bool chosen(const char *wanted, int argc, char **argv) {
    for (int i = 1; i < argc; i++)
        if (!strcmp(argv[i], wanted)) return true;
    return argc == 1;
}

/* The next field of a line of cases.txt, without the blanks around it; moves on to the one behind. */
static char *field(char **rest) {
    char *begin = strsep(rest, "|");
    if (!begin) return NULL;
    begin += strspn(begin, " ");
    for (char *end = begin + strlen(begin); end > begin && strchr(" \n", end[-1]); end--) end[-1] = 0;
    return begin;
}

/* Plays the chosen cases of cases.txt; the exit status. */
static int play_all(int argc, char **argv) {
    const char *path = getenv("KUBECR_CASES");
    FILE *file = fopen(path && *path ? path : KUBECR_CASES_FILE, "r");
    if (!file) return perror("conformance: cases.txt"), 2;
    int failed = 0;
    size_t known = 0;
    char line[1024];
    while (fgets(line, sizeof line, file)) {
        char *rest = line, *wanted = field(&rest), *needs = field(&rest), *levels = field(&rest);
        if (*line == '#' || !levels || !is_word_of("c", levels) || !chosen(wanted, argc, argv)) continue;
        const struct conformance_case *one = find(wanted);
        const char *needed = missing(needs);
        known += one != NULL;
        if (one && *needed) printf("skip %s: needs %s\n", wanted, needed);
        else if (one) failed += !play(one);
        else failed++, printf("FAIL %s: this driver does not know it\n", wanted);
    }
    if (argc == 1 && known != count_cases()) failed++, fprintf(stderr, "conformance: %zu cases are not in cases.txt\n", count_cases() - known);
    fclose(file);
    return failed > 0;
}

int main(int argc, char **argv) {
    setvbuf(stdout, NULL, _IOLBF, 0);
    bool asked = argc == 2 && !strcmp(argv[1], "--capabilities");
    for (int i = 1; i < argc && !asked; i++)
        if (!find(argv[i])) return fprintf(stderr, "conformance: no case \"%s\"\n", argv[i]), 2;
    kcr_error *error = NULL;
    if (kcr_client_new(NULL, "{\"qps\":0,\"userAgent\":\"kubecr-conformance\"}", &admin, &error) != KCR_OK)
        return fprintf(stderr, "conformance: %s\n", kcr_error_message(error)), 2;
    if (asked) print_capabilities();
    int status = asked ? 0 : play_all(argc, argv);
    free_owned();
    kcr_client_free(admin);
    return status;
}
