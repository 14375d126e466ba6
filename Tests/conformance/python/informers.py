"""Cases of informers."""

import kubecr

from .case import Case, Heard, case, patient, replicas, wait_until

CRDS = "apiextensions.k8s.io/v1/customresourcedefinitions"


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
    group, plural = "conformance.kubecr.dev", "pythonthings"
    definitions = c.client.resource(CRDS)
    things = c.client.resource(f"{group}/v1/{plural}", namespace="default")
    schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
    definition = {
        "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": f"{plural}.{group}"},
        "spec": {
            "group": group, "scope": "Namespaced", "names": {"plural": plural, "singular": "pythonthing", "kind": "PythonThing"},
            "versions": [{"name": "v1", "served": True, "storage": True, "schema": schema}],
        },
    }  # fmt: skip

    def remove() -> None:
        try:
            definitions.delete(f"{plural}.{group}")
        except kubecr.NotFound:
            pass
        definitions.wait(f"{plural}.{group}", lambda one: one is None, timeout=patient(60))

    def make(name: str) -> None:
        definitions.create(definition)
        body = {"apiVersion": f"{group}/v1", "kind": "PythonThing", "metadata": {"name": name}}

        def is_made() -> bool:
            try:
                return bool(things.create(body))
            except kubecr.AlreadyExists:
                return True
            except kubecr.KubeError:  # not served yet
                return False

        wait_until(is_made, f"{name} can be made", 60)

    remove()
    heard = Heard()
    try:
        with things.informer() as informer:
            informer.on(changed=heard)
            make("first")
            informer.wait_synced(patient(60))
            wait_until(lambda: list(informer) == ["default/first"], "the first object", 60)
            while heard.next(60).object.get("metadata", {}).get("name") != "first":
                pass
            remove()
            make("second")
            wait_until(lambda: list(informer) == ["default/second"], "the second object alone", 60)
    finally:
        remove()
