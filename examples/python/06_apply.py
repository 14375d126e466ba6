"""Server-side apply of a manifest: a CRD and what is of its kind in one, fields that belong to somebody else, and a mistake."""

import sys

import kubecr
from story import project, run

DEFINITION = "tasks.story.example.sealyun.com"

# In any order: CRDs go first, and are there before what is of their kind.
MANIFEST = """
apiVersion: story.example.sealyun.com/v1
kind: Task
metadata: {name: story-apply, namespace: default}
spec: {text: sweep}
---
apiVersion: apiextensions.k8s.io/v1
kind: CustomResourceDefinition
metadata: {name: tasks.story.example.sealyun.com}
spec:
  group: story.example.sealyun.com
  scope: Namespaced
  names: {plural: tasks, singular: task, kind: Task, listKind: TaskList}
  versions:
    - name: v1
      served: true
      storage: true
      schema:
        openAPIV3Schema:
          type: object
          properties:
            spec: {type: object, properties: {text: {type: string}}}
---
apiVersion: example.sealyun.com/v1alpha1
kind: Project
metadata: {name: story-apply, namespace: default, labels: {story: apply}}
spec: {replicas: 2}
"""

BAD = """
apiVersion: example.sealyun.com/v1alpha1
kind: Project
metadata: {name: story-apply-bad, namespace: default, labels: {story: apply}}
spec: {replicas: 1}
---
kind: Project
metadata: {name: story-apply-worse}
"""


def story(client: kubecr.Client, projects: kubecr.Resource) -> None:
    definitions = client.resource("apiextensions.k8s.io/v1/customresourcedefinitions")
    forget(definitions)  # what an interrupted run has left

    applied = client.apply(MANIFEST, field_manager="admin", timeout=60)
    print(f"applied as an admin: {len(applied)}")
    for one in applied:
        print(f"  {one['kind']} {one['metadata']['name']}")

    # What is as the manifest says is not changed.
    again = client.apply(MANIFEST, field_manager="admin")[2]
    print(f"again: replicas {again['spec']['replicas']}, generation still {again['metadata']['generation']}")

    # A field belongs to who applied it; a manifest is any text, file, or objects.
    scaled = {"apiVersion": "example.sealyun.com/v1alpha1", "kind": "Project", **project("apply", "story-apply", 5)}
    try:
        client.apply(scaled, field_manager="scaler", namespace="default")
        sys.exit("06_apply: somebody else's field was taken")
    except kubecr.Conflict as error:
        print(f"as a scaler, replicas 5: {error.code}{' with admin' if 'admin' in str(error) else ''}")
    forced = client.apply(scaled, field_manager="scaler", namespace="default", force=True)[0]
    print(f"as a scaler, with force: replicas {forced['spec']['replicas']}")

    # All of a manifest is checked before anything is sent.
    try:
        client.apply(BAD)
        sys.exit("06_apply: a document without an apiVersion was applied")
    except kubecr.ArgumentError as error:
        print(f"a manifest that is bad in its {'second' if 'document 2' in str(error) else 'other'} document: {error.code}")
    try:
        projects.get("story-apply-bad")
    except kubecr.NotFound as error:
        print(f"nothing of it was applied: {error.code}")
    forget(definitions)


def forget(definitions: kubecr.Resource) -> None:
    """A CRD takes all of its objects with it."""
    try:
        definitions.delete(DEFINITION)
    except kubecr.NotFound:
        return
    definitions.wait(DEFINITION, kubecr.deleted, timeout=60)


run("apply", story)
