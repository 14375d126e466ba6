"""What goes wrong, and how a program tells one failure from another: a class, the HTTP status, the server's reason and Status."""

import sys
from typing import Callable

import kubecr
from story import project, run


def print_failure(what: str, call: Callable[[], object]) -> None:
    try:
        call()
    except kubecr.KubeError as error:
        line = f"{what}: {error.code} {error.http_status or 0} {error.reason or '-'}"
        if isinstance(error, kubecr.Invalid) and error.details:
            # The server's whole Status tells which fields it means.
            line += f", field {error.details['details']['causes'][0]['field']}"
        print(line)
    else:
        sys.exit(f"05_errors: {what}: it did not fail")


def story(client: kubecr.Client, projects: kubecr.Resource) -> None:
    created = projects.create(project("errors", "story-errors", 1))
    print_failure("get what is not there", lambda: projects.get("story-errors-nothing"))
    print_failure("create it twice", lambda: projects.create(project("errors", "story-errors", 1)))
    print_failure("create with replicas 0", lambda: projects.create(project("errors", "story-errors-bad", 0)))

    projects.patch("story-errors", {"spec": {"replicas": 2}})  # now `created` is old
    print_failure("replace an old version", lambda: projects.replace(created))

    with kubecr.Client(source="none", server="https://127.0.0.1:1") as lonely:
        nowhere = lonely.resource(projects.name, namespace="default")
        print_failure("ask a server that is not there", lambda: nowhere.get("story-errors"))


run("errors", story)
