/* What the stories share: a client for --kubeconfig, the end when something unexpected fails, and Projects to tell of. */
#ifndef STORY_H
#define STORY_H

#include <inttypes.h>
#include <kubecr.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PROJECTS "example.sealyun.com/v1alpha1/projects"
#define NAMESPACE "default"

/* Says what failed, and exits. `error` may be NULL. */
_Noreturn void fail(const char *what, const kcr_error *error);

/* A client for "--kubeconfig PATH", or for the usual places: $KUBECONFIG, in-cluster, ~/.kube/config. */
kcr_client *open_client(int argc, char **argv);

int64_t replicas_of(const kcr_object *project);

/* Creates a Project that bears the story's label; the caller frees it. */
kcr_object *create_project(const kcr_client *client, const char *story, const char *name, int replicas);

void set_replicas(const kcr_client *client, const char *name, int replicas);

void delete_project(const kcr_client *client, const char *name);

/* Deletes all that the story has made, or an interrupted run of it has left. */
void clear_up(const kcr_client *client, const char *story);

/* Lets somebody else go first. */
void rest(int milliseconds);

#endif
