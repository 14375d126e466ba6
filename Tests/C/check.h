/* A small harness for the C tests: named tests, sentences on failure, exit status 0 or 1. Knows nothing of Kubernetes. */
#ifndef KUBECR_TESTS_CHECK_H
#define KUBECR_TESTS_CHECK_H

#ifndef _GNU_SOURCE
#define _GNU_SOURCE
#endif
#include <inttypes.h>
#include <kubecr.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

/* A test program is one file, so this state is its own. Some programs use only a part of the harness. */
#define MAYBE_UNUSED __attribute__((unused))

static atomic_int check_failures MAYBE_UNUSED;
static atomic_int check_count MAYBE_UNUSED;
static const char *check_current MAYBE_UNUSED = "";
/* Texts that no message may hold; filled by the program, ended by NULL. */
static const char *check_secrets[16] MAYBE_UNUSED;

__attribute__((format(printf, 5, 6))) MAYBE_UNUSED static bool check_at(bool holds, const char *file, int line,
                                                                       const char *condition, const char *sentence, ...) {
    atomic_fetch_add(&check_count, 1);
    if (holds) return true;
    atomic_fetch_add(&check_failures, 1);
    va_list arguments;
    va_start(arguments, sentence);
    char text[2048];
    vsnprintf(text, sizeof text, sentence, arguments);
    va_end(arguments);
    fprintf(stderr, "%s:%d: %s: %s (%s)\n", file, line, check_current, text, condition);
    return false;
}

/* CHECK(condition, sentence...): what must be true, said so that a failure explains itself. The test goes on. */
#define CHECK(condition, ...) check_at((condition), __FILE__, __LINE__, #condition, __VA_ARGS__)

/* REQUIRE: as CHECK, but the program cannot go on without it. */
#define REQUIRE(condition, ...)                                                                                                 \
    do {                                                                                                                        \
        if (!CHECK(condition, __VA_ARGS__)) exit(1);                                                                            \
    } while (0)

/* EVENTUALLY(condition, milliseconds, sentence...): waits until the condition holds; PATIENCE stretches the time. */
#define EVENTUALLY(condition, milliseconds, ...)                                                                                \
    do {                                                                                                                        \
        int64_t check_deadline = now_ms() + (milliseconds) * patience();                                                                     \
        while (!(condition) && now_ms() < check_deadline) pause_ms(2);                                                          \
        CHECK(condition, __VA_ARGS__);                                                                                          \
    } while (0)

#define CHECK_TEXT(got, want, what)                                                                                             \
    do {                                                                                                                        \
        const char *check_got = (got), *check_want = (want);                                                                    \
        CHECK(check_got && !strcmp(check_got, check_want), "%s is \"%s\", not \"%s\"", what, check_got ? check_got : "(null)", \
              check_want);                                                                                                      \
    } while (0)

MAYBE_UNUSED static int64_t now_ms(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (int64_t)time.tv_sec * 1000 + time.tv_nsec / 1000000;
}

MAYBE_UNUSED static void pause_ms(int milliseconds) {
    struct timespec time = {milliseconds / 1000, (long)(milliseconds % 1000) * 1000000};
    nanosleep(&time, NULL);
}

/* How much slower than usual things may be: valgrind and the sanitizers set PATIENCE. */
MAYBE_UNUSED static int64_t patience(void) {
    const char *text = getenv("PATIENCE");
    int64_t factor = text ? atoi(text) : 1;
    return factor > 0 ? factor : 1;
}

/* Whether no secret of check_secrets stands in the text. */
MAYBE_UNUSED static bool keeps_secrets(const char *text) {
    for (size_t i = 0; i < sizeof check_secrets / sizeof *check_secrets && check_secrets[i]; i++)
        if (text && strstr(text, check_secrets[i])) return false;
    return true;
}

/* For secrets.sh: a secret that a test has made itself (a rotated token, what a plugin answers) and no kubeconfig names. */
MAYBE_UNUSED static void uses_secret(const char *secret) {
    const char *path = getenv("KUBECR_SECRETS");
    FILE *file = path ? fopen(path, "a") : NULL;
    if (!file) return;
    fprintf(file, "%s\n", secret);
    fclose(file);
}

/* Checks a failure whole: its status, that the error agrees, that the message is one line that holds `fragment` (NULL:
   anything) and no secret. Frees the error. */
#define EXPECT(got, want, error, fragment, what)                                                                                \
    do {                                                                                                                        \
        kcr_status check_got_status = (got); /* before `error` is read */                                                       \
        expect_at(check_got_status, (want), (error), (fragment), (what), __FILE__, __LINE__);                                   \
        (error) = NULL;                                                                                                         \
    } while (0)
MAYBE_UNUSED static void expect_at(kcr_status got, kcr_status want, kcr_error *error, const char *fragment, const char *what,
                                   const char *file, int line) {
    const char *message = kcr_error_message(error);
    check_at(got == want, file, line, "status", "%s gives %s, not %s: %s", what, kcr_status_name(got), kcr_status_name(want),
             keeps_secrets(message) ? message : "(a message with a secret)");
    if (got == KCR_OK) return;
    check_at(error != NULL, file, line, "error", "%s failed without an error", what);
    check_at(kcr_error_status(error) == got, file, line, "error status", "%s: the error says %s, the call %s", what,
             kcr_status_name(kcr_error_status(error)), kcr_status_name(got));
    check_at(message[0] != 0 && !strchr(message, '\n'), file, line, "message", "%s: the message is not one line: %s", what, message);
    check_at(!fragment || strstr(message, fragment), file, line, "message", "%s: the message does not name \"%s\": %s", what,
             fragment ? fragment : "", keeps_secrets(message) ? message : "(a message with a secret)");
    check_at(keeps_secrets(message), file, line, "secret", "%s: the message shows a secret", what);
    check_at(keeps_secrets(kcr_error_status_json(error, NULL)), file, line, "secret", "%s: the Status shows a secret", what);
    kcr_error_free(error);
}

/* A call that must work; prints the error if it does not. Frees the error. */
#define WORKS(got, error, what)                                                                                                 \
    do {                                                                                                                        \
        kcr_status check_status = (got);                                                                                        \
        CHECK(check_status == KCR_OK, "%s failed: %s [%s]", what, kcr_error_message(error), kcr_status_name(check_status));     \
        kcr_error_free(error);                                                                                                  \
        (error) = NULL;                                                                                                         \
    } while (0)

/* RUN(test): one test, a function whose name is its sentence. CHECK_ONLY=text runs those whose name holds the text. */
#define RUN(test) run_test(#test, test)
MAYBE_UNUSED static void run_test(const char *name, void (*test)(void)) {
    const char *only = getenv("CHECK_ONLY");
    if (only && !strstr(name, only)) return;
    int before = atomic_load(&check_failures);
    int64_t began = now_ms();
    check_current = name;
    test();
    check_current = "";
    bool good = atomic_load(&check_failures) == before;
    printf("%s %s (%" PRId64 " ms)\n", good ? "ok  " : "FAIL", name, now_ms() - began);
    fflush(stdout);
}

/* The program's exit status. A program that checked nothing has failed. */
MAYBE_UNUSED static int finish(void) {
    int failures = atomic_load(&check_failures), count = atomic_load(&check_count);
    printf("%d checks, %d failed\n", count, failures);
    return failures == 0 && count > 0 ? 0 : 1;
}

#endif
