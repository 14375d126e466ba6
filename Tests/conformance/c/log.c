/* What the library tells its log, kept for a case to look through. */
#include "conformance.h"

#include <stdlib.h>

static pthread_mutex_t log_lock = PTHREAD_MUTEX_INITIALIZER;
static char lines[64][1024];
static size_t line_count;

static void keep(int32_t level, const char *message, void *user_data) {
    (void)level, (void)user_data;
    pthread_mutex_lock(&log_lock);
    if (line_count < sizeof lines / sizeof *lines) snprintf(lines[line_count++], sizeof *lines, "%s", message);
    pthread_mutex_unlock(&log_lock);
}

void hear_log(int32_t level) {
    line_count = 0;
    kcr_log_set(level, keep, NULL, NULL);
}

size_t log_lines(const char *words) {
    size_t count = 0;
    pthread_mutex_lock(&log_lock);
    for (size_t i = 0; i < line_count; i++) count += strstr(lines[i], words) != NULL;
    pthread_mutex_unlock(&log_lock);
    return count;
}

void stop_log(void) { kcr_log_set(KCR_LOG_ERROR, NULL, NULL, NULL); }
