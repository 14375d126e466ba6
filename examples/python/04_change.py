"""One object's life: create, patch, replace, a conflict and the retry that settles it, status, delete."""

import kubecr
from story import project, run

NAME = "story-change"


def set_replicas(project: kubecr.Object) -> None:
    project["spec"]["replicas"] = 3


def story(client: kubecr.Client, projects: kubecr.Resource) -> None:
    created = projects.create(project("change", NAME, 1))
    print(f"created {created['metadata']['name']}: replicas {created['spec']['replicas']}")

    patched = projects.patch(NAME, {"spec": {"replicas": 2}})
    print(f"patched: replicas {patched['spec']['replicas']}")

    # The resourceVersion in the body makes sure that nothing is overwritten unseen.
    set_replicas(created)
    try:
        projects.replace(created)
    except kubecr.Conflict as error:
        print(f"replaced an old version: {error.code}")

    # Read, change, replace; and again as long as somebody else was faster.
    updated = projects.update(NAME, set_replicas)
    print(f"replaced after reading it anew: replicas {updated['spec']['replicas']}")

    changed = projects.patch_status(NAME, {"status": {"phase": "Ready"}})
    print(f"status: phase {changed['status']['phase']}, replicas still {changed['spec']['replicas']}")

    projects.delete(NAME)
    print("deleted")
    try:
        projects.get(NAME)
    except kubecr.NotFound as error:
        print(f"get: {error.code}")


run("change", story)
