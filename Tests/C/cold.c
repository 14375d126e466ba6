/* What the library costs before it has done anything: dlopen time, and RSS after the first GET. Prints one JSON line.
 * usage: cold LIBRARY KUBECONFIG. Not linked with the library. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <kubecr.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

static double now(void) {
    struct timespec time;
    clock_gettime(CLOCK_MONOTONIC, &time);
    return (double)time.tv_sec + (double)time.tv_nsec * 1e-9;
}

static double rss_mb(void) {
    char line[256];
    double value = 0;
    FILE *file = fopen("/proc/self/status", "r");
    while (file && fgets(line, sizeof line, file))
        if (!strncmp(line, "VmRSS:", 6)) value = atof(line + 6) / 1024;
    if (file) fclose(file);
    return value;
}

/* LOAD(name): a local pointer to the library's function, of the header's type. */
#define LOAD(name)                                                                                                              \
    __typeof__(kcr_##name) *name = NULL;                                                                                        \
    *(void **)&name = dlsym(library, "kcr_" #name);                                                                             \
    if (!name) return fprintf(stderr, "cold: no kcr_" #name "\n"), 1

int main(int argc, char **argv) {
    if (argc != 3) return fprintf(stderr, "usage: cold LIBRARY KUBECONFIG\n"), 2;
    double before = rss_mb(), began = now();
    void *library = dlopen(argv[1], RTLD_NOW);
    double opened = now(), loaded = rss_mb();
    if (!library) return fprintf(stderr, "cold: %s\n", dlerror()), 1;
    LOAD(config_load);
    LOAD(client_new);
    LOAD(client_get);
    LOAD(client_free);
    LOAD(config_free);
    LOAD(object_free);
    LOAD(error_message);
    char options[4096];
    snprintf(options, sizeof options, "{\"kubeconfig\":\"%s\"}", argv[2]);
    kcr_error *error = NULL;
    kcr_config *config = NULL;
    kcr_client *client = NULL;
    kcr_object *object = NULL;
    if (config_load(options, &config, &error) || client_new(config, NULL, &client, &error) ||
        client_get(client, "example.sealyun.com/v1alpha1/projects", "default", "example-project", NULL, &object, &error))
        return fprintf(stderr, "cold: %s\n", error_message(error)), 1;
    double got = now();
    printf("{\"dlopen_ms\":%.2f,\"first_get_ms\":%.2f,\"rss_mb\":{\"before\":%.1f,\"after_dlopen\":%.1f,\"after_first_get\":%.1f}}\n",
           (opened - began) * 1e3, (got - opened) * 1e3, before, loaded, rss_mb());
    object_free(object);
    client_free(client);
    config_free(config);
    return 0;
}
