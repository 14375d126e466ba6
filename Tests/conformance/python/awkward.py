"""Cases of awkward values."""

import kubecr

from .case import Case, case, patient, replicas

ODD = 'a "quote" \\ back\\\\slash\nnew\r\nline\ttab \x01 äöüß 漢字 \U0001f600 </script> &amp;'


@case
def odd_text_survives(c: Case) -> None:
    c.create(annotations={"odd": ODD})
    with c.informer() as informer:
        informer.wait_synced(patient(10))
        for got in (c.projects.get(c.name()), c.list()[0], informer[f"default/{c.name()}"]):
            assert got["metadata"]["annotations"]["odd"] == ODD, got


@case
def big_integers_survive(c: Case) -> None:
    c.create(0, 2147483647)
    assert replicas(c.projects.get(c.name())) == 2147483647
    error = c.fails(kubecr.Invalid, 422, "Invalid", c.create, 1, 9007199254740993)
    assert "9007199254740993" in str(error), error


@case
def big_object_survives(c: Case) -> None:
    big = "0123456789" * 20_000
    with c.watch(resource_version=c.list().resource_version) as events:
        c.create(annotations={"big": big})
        assert next(events).object["metadata"]["annotations"]["big"] == big
    assert c.projects.get(c.name())["metadata"]["annotations"]["big"] == big
