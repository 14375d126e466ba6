"""Cases of informers."""

import kubecr

from .case import Case, Heard, case, patient, replicas, wait_until
from .definitions import Things


def told(change: kubecr.Change) -> "tuple[str, str, object]":
    return change.type, change.object["metadata"]["name"], replicas(change.object)


@case
def informer_syncs_and_answers(c: Case) -> None:
    for number in (1, 2, 3):
        c.create(number, number)
    with c.informer() as informer:
        informer.wait_synced(patient(10))
        assert len(informer) == 3
        assert replicas(informer[f"default/{c.name(2)}"]) == 2
        assert informer.get("default/nothing") is None and "default/nothing" not in informer
        assert sorted(informer) == [f"default/{c.name(number)}" for number in (1, 2, 3)], list(informer)


@case
def informer_tells_what_was_there_first(c: Case) -> None:
    c.create(1)
    c.create(2)
    heard = Heard()
    with c.informer() as informer:
        informer.on(changed=heard)
        first = [heard.next(), heard.next()]
        assert sorted(told(one) for one in first) == [("ADDED", c.name(1), 1), ("ADDED", c.name(2), 1)]
        assert all(one.initial for one in first)
        assert heard.next().type == "SYNCED"
        c.create(3)
        later = heard.next()
        assert told(later) == ("ADDED", c.name(3), 1) and not later.initial


@case
def informer_follows(c: Case) -> None:
    informer = c.informer()
    key = f"default/{c.name()}"
    heard = Heard(lambda change: informer.get(key))
    informer.on(changed=heard)
    with informer:
        informer.wait_synced(patient(10))
        assert heard.next().type == "SYNCED"
        c.create()
        change, cached = heard.next_with_look()
        assert told(change) == ("ADDED", c.name(), 1) and cached == change.object
        c.projects.patch(c.name(), {"spec": {"replicas": 2}})
        change, cached = heard.next_with_look()
        assert told(change) == ("MODIFIED", c.name(), 2) and cached == change.object
        assert change.old is not None and replicas(change.old) == 1
        c.projects.delete(c.name())
        change, cached = heard.next_with_look()
        assert told(change) == ("DELETED", c.name(), 2) and cached is None


@case
def informer_late_handler(c: Case) -> None:
    c.create(1)
    with c.informer() as informer:
        informer.wait_synced(patient(10))
        heard = Heard()
        informer.on(changed=heard)
        assert told(heard.next()) == ("ADDED", c.name(1), 1)
        assert heard.next().type == "SYNCED"
        c.projects.patch(c.name(1), {"spec": {"replicas": 2}})
        assert told(heard.next()) == ("MODIFIED", c.name(1), 2)


@case
def two_informers_agree(c: Case) -> None:
    with c.informer() as one, c.informer() as other:
        one.wait_synced(patient(10))
        other.wait_synced(patient(10))
        for number in range(1, 6):
            c.create(number)
        for number in range(1, 5):
            c.projects.patch(c.name(number), {"spec": {"replicas": number + 1}})
        c.projects.delete(c.name(5))
        wanted = {f"default/{c.name(number)}": number + 1 for number in range(1, 5)}

        def holds(informer: kubecr.Informer) -> "dict[str, int]":
            return {f"default/{found['metadata']['name']}": replicas(found) for found in informer.list()}

        wait_until(lambda: holds(one) == wanted and holds(other) == wanted, "the last change")


@case
def informer_knows_its_age(c: Case) -> None:
    informer = c.informer()
    assert informer.staleness == float("inf"), informer.staleness
    with informer:
        informer.wait_synced(patient(10))
        assert 0 <= informer.staleness < patient(10), informer.staleness


@case
def informer_stopped_stays_readable(c: Case) -> None:
    c.create(1)
    heard = Heard()
    with c.informer() as informer, c.informer() as other:
        informer.on(changed=heard)
        informer.wait_synced(patient(10))
        assert [heard.next().type, heard.next().type] == ["ADDED", "SYNCED"]
        informer.close()
        also = Heard()
        other.on(changed=also)
        c.create(2)
        while also.next().object.get("metadata", {}).get("name") != c.name(2):
            pass
        assert list(informer) == [f"default/{c.name(1)}"], list(informer)
        assert heard._changes.empty(), "it heard of more"


@case
def informer_outlives_its_crd(c: Case) -> None:
    things = Things(c)
    things.remove()
    heard = Heard()
    try:
        with things.resource.informer() as informer:
            informer.on(changed=heard)
            things.make("first")
            informer.wait_synced(patient(60))
            wait_until(lambda: list(informer) == ["default/first"], "the first object", 60)
            while heard.next(60).object.get("metadata", {}).get("name") != "first":
                pass
            things.remove()
            things.make("second")
            wait_until(lambda: list(informer) == ["default/second"], "the second object alone", 60)
    finally:
        things.remove()
