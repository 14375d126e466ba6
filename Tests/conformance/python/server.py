"""Cases of configuration, users, discovery, and of servers that fail."""

import os
import socket
import time

import kubecr

from .case import PROJECTS, Case, case, patient


@case
def config_hides_secrets(c: Case) -> None:
    config = c.client.config
    assert config["server"].startswith("http"), config
    secret = "kubecr-secret-words"
    with kubecr.Client(source="none", server="https://127.0.0.1:1", token=secret) as client:
        shown = f"{client.config} {client!r} {client.resource(PROJECTS)!r}"
        assert secret not in shown and client.config["token"] == "REDACTED", client.config
    for field in ("token", "clientKeyData", "clientKey", "password"):
        assert config.get(field, "REDACTED") == "REDACTED" or field == "clientKey", field


@case
def wrong_token_is_unauthorized(c: Case) -> None:
    with kubecr.Client(os.environ["KUBECR_WRONG_TOKEN"]) as client:
        error = c.fails(kubecr.Unauthorized, 401, "Unauthorized", client.resource(PROJECTS, "default").get, c.name())
        assert "kubecr-wrong-token" not in f"{error} {error!r} {error.details}", error


@case
def reader_may_not_write(c: Case) -> None:
    with kubecr.Client(os.environ["KUBECR_READONLY"]) as client:
        projects = client.resource(PROJECTS, "default")
        projects.list()
        c.fails(kubecr.Forbidden, 403, "Forbidden", projects.create, c.project())
    assert c.list() == []


@case
def denied_may_nothing(c: Case) -> None:
    with kubecr.Client(os.environ["KUBECR_DENIED"]) as client:
        projects = client.resource(PROJECTS, "default")
        c.fails(kubecr.Forbidden, 403, "Forbidden", projects.list)
        with projects.informer() as informer:
            c.fails(kubecr.Forbidden, 403, "Forbidden", informer.wait_synced, timeout=patient(2))


@case
def resource_by_any_name(c: Case) -> None:
    made = c.create()
    for name in (
        PROJECTS, "projects.example.sealyun.com", "projects", "proj", "Project.example.sealyun.com", "project.v1alpha1.example.sealyun.com",
    ):  # fmt: skip
        assert c.client.resource(name, "default").get(c.name()) == made, name


@case
def unknown_resource_is_not_found(c: Case) -> None:
    try:
        c.client.resource("unknowns.example.sealyun.com", "default").list()
        raise AssertionError("it was found")
    except kubecr.NotFound:
        pass
    try:
        c.client.resource("example.sealyun.com/v1alpha1/unknowns", "default").list()
        raise AssertionError("it was found")
    except kubecr.NotFound as error:
        assert error.http_status == 404, error


@case
def failure_carries_the_status(c: Case) -> None:
    status = c.fails(kubecr.NotFound, 404, "NotFound", c.projects.get, c.name()).details
    assert status is not None
    assert [status[field] for field in ("kind", "status", "code", "reason")] == ["Status", "Failure", 404, "NotFound"], status
    # The server calls it kind, and says the resource.
    assert status["details"] == {"name": c.name(), "group": "example.sealyun.com", "kind": "projects"}, status


@case
def unreachable_is_connect(c: Case) -> None:
    with kubecr.Client(source="none", server="https://127.0.0.1:1") as client:
        error = c.fails(kubecr.ConnectError, None, "", client.resource(PROJECTS, "default").get, "a")
        assert "127.0.0.1:1" in str(error), error


@case
def silence_is_a_time_out(c: Case) -> None:
    with socket.create_server(("127.0.0.1", 0)) as silent:
        address = f"http://127.0.0.1:{silent.getsockname()[1]}"
        with kubecr.Client(source="none", server=address) as client:
            began = time.monotonic()
            c.fails(kubecr.Timeout, None, "", client.resource(PROJECTS, "default").get, "a", timeout=0.5)
            assert 0.49 <= time.monotonic() - began < patient(5)  # the clocks differ a little


@case
def names_stay_in_their_path(c: Case) -> None:
    before = c.client.stats()["requests"]
    for name in ("..", "a/b", "%2e%2e", ""):
        c.fails(kubecr.ArgumentError, None, "", c.projects.get, name)
    assert c.client.stats()["requests"] == before, "something was sent"
