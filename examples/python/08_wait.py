"""Waiting for a state: a condition, a field, a function of one's own, a deletion; and what does not come."""

import sys
from threading import Thread
from typing import Callable

import kubecr
from story import project, run

NAME = "story-wait"


def while_doing(changes: Callable[[], object], wait: Callable[[], "kubecr.Object | None"]) -> kubecr.Object:
    """Waits while somebody else makes changes; gives the object, {} if there is none any more."""
    thread = Thread(target=changes)
    thread.start()
    object = wait()
    thread.join()
    return object or {}


def story(client: kubecr.Client, projects: kubecr.Resource) -> None:
    def make() -> None:
        projects.create(project("wait", NAME, 1))
        projects.patch_status(NAME, {"status": {"phase": "Starting"}})
        projects.patch_status(NAME, {"status": {"phase": "Ready"}})

    def scale() -> None:
        for replicas in (2, 3):
            projects.scale(NAME, replicas)

    def has_three(one: "kubecr.Object | None") -> bool:
        return one is not None and bool(one["spec"]["replicas"] >= 3)

    # As `kubectl wait --for=condition=Established`.
    definitions = client.resource("apiextensions.k8s.io/v1/customresourcedefinitions")
    definition = definitions.wait("projects.example.sealyun.com", kubecr.condition("Established"), timeout=20) or {}
    print(f"{definition['metadata']['name']}: Established")

    # What is not made yet is waited for; every state that the server tells is judged, so none is missed.
    ready = while_doing(make, lambda: projects.wait(NAME, kubecr.field("/status/phase", "Ready"), timeout=20))
    print(f"while it is made: phase {ready['status']['phase']}")
    scaled = while_doing(scale, lambda: projects.wait(NAME, has_three, timeout=20))
    print(f"while it is changed: replicas {scaled['spec']['replicas']}")

    try:
        projects.wait(NAME, kubecr.field("/status/phase", "Lost"), timeout=0.3)
        sys.exit("08_wait: it came")
    except kubecr.Timeout as error:
        # The message tells what was seen last, and what failed last.
        print(f"a phase that does not come: {error.code}")

    gone = while_doing(lambda: projects.delete(NAME), lambda: projects.wait(NAME, kubecr.deleted, timeout=20))
    print("while it is deleted:", "still there" if gone else "gone")


run("wait", story)
