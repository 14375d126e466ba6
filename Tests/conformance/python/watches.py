"""Cases of watches."""

import threading
import time

import kubecr

from .case import Case, case, patient, replicas


def told(event: kubecr.Event) -> "tuple[str, str, object]":
    return event.type, event.object["metadata"]["name"], replicas(event.object)


@case
def watch_from_a_list(c: Case) -> None:
    c.create(1)
    version = c.list().resource_version
    c.create(2)
    with c.watch(resource_version=version) as events:
        assert told(next(events)) == ("ADDED", c.name(2), 1)
        c.projects.patch(c.name(2), {"spec": {"replicas": 2}})
        c.projects.delete(c.name(2))
        assert told(next(events)) == ("MODIFIED", c.name(2), 2)
        assert told(next(events)) == ("DELETED", c.name(2), 2)


@case
def watch_from_nothing(c: Case) -> None:
    c.create(1)
    c.create(2)
    with c.watch() as events:
        assert sorted([told(next(events)), told(next(events))]) == [("ADDED", c.name(1), 1), ("ADDED", c.name(2), 1)]
        c.projects.patch(c.name(1), {"spec": {"replicas": 5}})
        assert told(next(events)) == ("MODIFIED", c.name(1), 5)


@case
def watch_outlives_its_requests(c: Case) -> None:
    """Changes over three seconds, which is three requests of the watch."""
    c.create()
    with c.watch(resource_version=c.list().resource_version, timeout_seconds=1, timeout=patient(20)) as events:
        began = time.monotonic()
        wanted = 1
        while time.monotonic() - began < 3:
            wanted += 1
            c.projects.patch(c.name(), {"spec": {"replicas": wanted}})
            assert told(next(events)) == ("MODIFIED", c.name(), wanted)
            time.sleep(0.1)


@case
def watch_ends_by_its_time_out(c: Case) -> None:
    began = time.monotonic()
    assert list(c.watch(timeout=0.7)) == []
    assert 0.6 <= time.monotonic() - began < patient(5)


@case
def watch_ends_when_stopped(c: Case) -> None:
    with c.watch(timeout=patient(30)) as events:
        ended: "list[float]" = []

        def read() -> None:
            assert list(events) == []
            ended.append(time.monotonic())

        thread = threading.Thread(target=read)
        thread.start()
        began = time.monotonic()
        events.close()
        thread.join(patient(10))
        assert ended and ended[0] - began < patient(1), "it went on"
    assert c.list() == []


@case
def watch_too_old_is_gone(c: Case) -> None:
    try:
        next(c.watch(resource_version="1"))
        raise AssertionError("it began")
    except kubecr.Gone:
        pass


@case
def watch_by_another_name(c: Case) -> None:
    with c.client.resource("proj", "default").watch(label_selector=c.selector, timeout=patient(10), resource_version=c.list().resource_version) as events:
        c.create(1)
        assert told(next(events)) == ("ADDED", c.name(1), 1)


@case
def watch_all_namespaces(c: Case) -> None:
    version = c.list().resource_version
    with c.client.resource(c.projects.name).watch(label_selector=c.selector, timeout=patient(10), resource_version=version) as events:
        c.create(1)
        assert told(next(events)) == ("ADDED", c.name(1), 1)


@case
def wait_until_a_state(c: Case) -> None:
    definitions = c.client.resource("apiextensions.k8s.io/v1/customresourcedefinitions")
    found = definitions.wait("projects.example.sealyun.com", kubecr.condition("Established"), timeout=patient(10))
    assert found and found["spec"]["names"]["plural"] == "projects", found
    reached: "list[object]" = []

    def wait() -> None:
        reached.append(c.projects.wait(c.name(), kubecr.field("/status/phase", "Ready"), timeout=patient(20)))

    waiting = threading.Thread(target=wait)
    waiting.start()
    c.create()
    ready = c.projects.patch_status(c.name(), {"status": {"phase": "Ready"}})
    waiting.join()
    assert reached == [ready], reached
    error = c.fails(kubecr.Timeout, None, "", c.projects.wait, c.name(), kubecr.deleted, timeout=0.3)
    assert c.name() in str(error) and "deleted" in str(error), error
    c.projects.delete(c.name())
    assert c.projects.wait(c.name(), kubecr.deleted, timeout=patient(10)) is None
