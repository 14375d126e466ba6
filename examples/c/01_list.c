/* Lists: whole, by label, in pages; and a resource whose version is found by discovery. */
#include "story.h"

static void print_list(const kcr_client *client, const char *title, const char *options) {
    kcr_list *list = NULL;
    kcr_error *error = NULL;
    if (kcr_client_list(client, PROJECTS, NAMESPACE, options, &list, &error) != KCR_OK) fail("list", error);
    printf("%s: %zu\n", title, kcr_list_count(list));
    for (size_t i = 0; i < kcr_list_count(list); i++) {
        const kcr_object *project = kcr_list_at(list, i); /* borrowed: lives as long as the list */
        printf("  %s replicas %" PRId64 "\n", kcr_object_name(project), replicas_of(project));
    }
    kcr_list_free(list);
}

/* One page after the other: each list tells with which token it goes on. */
static void print_pages(const kcr_client *client) {
    char options[2048] = "{\"labelSelector\": \"story=list\", \"limit\": 2}";
    kcr_error *error = NULL;
    printf("in pages of 2:\n");
    for (int page = 1; *options; page++) {
        kcr_list *list = NULL;
        if (kcr_client_list(client, PROJECTS, NAMESPACE, options, &list, &error) != KCR_OK) fail("page", error);
        printf("  page %d:", page);
        for (size_t i = 0; i < kcr_list_count(list); i++) printf(" %s", kcr_object_name(kcr_list_at(list, i)));
        printf("\n");
        const char *token = kcr_list_continue(list);
        char *quoted = kcr_json_quote(token, KCR_AUTO_LEN);
        if (!*token) *options = 0; /* that was the last one */
        else snprintf(options, sizeof options, "{\"labelSelector\": \"story=list\", \"limit\": 2, \"continue\": %s}", quoted);
        kcr_string_free(quoted);
        kcr_list_free(list);
    }
}

static void print_machine(const kcr_client *client) {
    kcr_list *machines = NULL;
    char *cpu = NULL, *memory = NULL;
    kcr_error *error = NULL;
    const char *options = "{\"fieldSelector\": \"metadata.name=virtulmachine-sample\"}";
    if (kcr_client_list(client, "virtulmachines.infra.sealyun.com", NAMESPACE, options, &machines, &error) != KCR_OK) fail("machines", error);
    const kcr_object *machine = kcr_list_at(machines, 0);
    if (kcr_object_get_string(machine, "/spec/cpu", &cpu, &error) != KCR_OK) fail("cpu", error);
    if (kcr_object_get_string(machine, "/spec/memory", &memory, &error) != KCR_OK) fail("memory", error);
    printf("machine %s: cpu %s, memory %s\n", kcr_object_name(machine), cpu, memory);
    kcr_string_free(cpu);
    kcr_string_free(memory);
    kcr_list_free(machines);
}

int main(int argc, char **argv) {
    kcr_client *client = open_client(argc, argv);
    clear_up(client, "list");
    for (int i = 1; i <= 5; i++) {
        char name[32];
        snprintf(name, sizeof name, "story-list-%d", i);
        kcr_object_free(create_project(client, "list", name, i));
    }
    print_list(client, "all projects of the story", "{\"labelSelector\": \"story=list\"}");
    print_list(client, "with parity=even", "{\"labelSelector\": \"story=list,parity=even\"}");
    print_pages(client);
    print_machine(client);
    clear_up(client, "list");
    kcr_client_free(client);
    return 0;
}
