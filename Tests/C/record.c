/* Preloaded by secrets.sh: writes down all that the library tells a program (log lines at debug, errors, configurations) and
 * the kubeconfigs and options it was given. Stands between the program and the library; changes nothing.
 *
 *   KUBECR_RECORD     the file of what was told         KUBECR_GIVEN      the file of what was given */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <fcntl.h>
#include <kubecr.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* NEXT(function): the library's own. */
#define NEXT(name) ((__typeof__(&name))dlsym(RTLD_NEXT, #name))

/* One write for one record, so that those of threads and children do not mix. */
__attribute__((format(printf, 2, 3))) static void record(const char *variable, const char *format, ...) {
    const char *path = getenv(variable);
    char *text = NULL;
    va_list arguments;
    va_start(arguments, format);
    int length = vasprintf(&text, format, arguments);
    va_end(arguments);
    int file = path && length > 0 ? open(path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600) : -1;
    if (file >= 0) {
        if (write(file, text, (size_t)length) != length) abort();
        close(file);
    }
    if (length >= 0) free(text);
}

/* ---- the log: what the program asked for reaches it too ---- */

struct listener {
    int32_t level;
    kcr_log_fn fn;
    void *user_data;
    void (*user_data_free)(void *);
};

static void heard(int32_t level, const char *message, void *user_data) {
    const struct listener *listener = user_data;
    record("KUBECR_RECORD", "log %s\n", message);
    if (listener->fn && level <= listener->level) listener->fn(level, message, listener->user_data);
}

static void forget(void *user_data) {
    struct listener *listener = user_data;
    if (listener->user_data_free) listener->user_data_free(listener->user_data);
    free(listener);
}

void kcr_log_set(int32_t level, kcr_log_fn fn, void *user_data, void (*user_data_free)(void *)) {
    struct listener *listener = malloc(sizeof *listener);
    if (!listener) abort();
    *listener = (struct listener){level, fn, user_data, user_data_free};
    NEXT(kcr_log_set)(KCR_LOG_DEBUG, heard, listener, forget);
}

static void listen_first(void) { kcr_log_set(0, NULL, NULL, NULL); }
static pthread_once_t listening = PTHREAD_ONCE_INIT;

/* ---- errors ---- */

static void record_error(const kcr_error *error) {
    const char *status = NEXT(kcr_error_status_json)(error, NULL);
    record("KUBECR_RECORD", "error %s %s %s\n", NEXT(kcr_error_message)(error), NEXT(kcr_error_reason)(error), status ? status : "");
}

const char *kcr_error_message(const kcr_error *error) {
    if (error) record_error(error);
    return NEXT(kcr_error_message)(error);
}

void kcr_error_free(kcr_error *error) {
    if (error) record_error(error);
    NEXT(kcr_error_free)(error);
}

/* ---- configurations, and what they were made of ---- */

static void give_file(const char *path);

/* The files that hold secrets, as a kubeconfig names them. */
static void give_named(const char *text, const char *folder) {
    static const char *const fields[] = {"tokenFile:", "client-key:"};
    for (size_t i = 0; i < sizeof fields / sizeof *fields; i++)
        for (const char *at = text; (at = strstr(at, fields[i]));) {
            at += strlen(fields[i]);
            at += strspn(at, " \t\"'");
            char path[8192];
            int length = (int)strcspn(at, " \t\r\n\"',}");
            snprintf(path, sizeof path, "%s%s%.*s", *at == '/' ? "" : folder, *at == '/' ? "" : "/", length, at);
            if (length > 0) give_file(path);
        }
}

static void give_text(const char *text, const char *folder) {
    record("KUBECR_GIVEN", "%s\n", text);
    give_named(text, folder);
}

static void give_file(const char *path) {
    char text[1 << 16], folder[8192];
    int file = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    ssize_t length = file < 0 ? -1 : read(file, text, sizeof text - 1);
    if (file >= 0) close(file);
    if (length <= 0) return;
    text[length] = 0;
    snprintf(folder, sizeof folder, "%s", path);
    char *slash = strrchr(folder, '/');
    if (slash) *slash = 0;
    give_text(text, slash ? folder : ".");
}

static void give_list(const char *list) {
    char *copy = strdup(list), *rest = NULL;
    for (char *path = strtok_r(copy, ":", &rest); path; path = strtok_r(NULL, ":", &rest)) give_file(path);
    free(copy);
}

static void give_options(const char *options) {
    kcr_object *object = NULL;
    record("KUBECR_GIVEN", "%s\n", options);
    if (NEXT(kcr_object_from_json)(options, KCR_AUTO_LEN, &object, NULL) != KCR_OK) return;
    static const char *const names[] = {"/kubeconfig", "/kubeconfigYAML", "/tokenFile", "/clientKey"};
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        char *text = NULL;
        if (NEXT(kcr_object_get_string)(object, names[i], &text, NULL) != KCR_OK || !text) continue;
        if (i == 1) give_text(text, ".");
        else if (i == 0) give_list(text);
        else give_file(text);
        NEXT(kcr_string_free)(text);
    }
    NEXT(kcr_object_free)(object);
}

kcr_status kcr_config_load(const char *options, kcr_config **out, kcr_error **error) {
    pthread_once(&listening, listen_first);
    if (options) give_options(options);
    if (getenv("KUBECONFIG")) give_list(getenv("KUBECONFIG"));
    give_file("/var/run/secrets/kubernetes.io/serviceaccount/token");
    return NEXT(kcr_config_load)(options, out, error);
}

void kcr_config_free(kcr_config *config) {
    if (config) record("KUBECR_RECORD", "config %s\n", NEXT(kcr_config_json)(config, NULL));
    NEXT(kcr_config_free)(config);
}
