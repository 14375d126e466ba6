"""Cases of the options of get, list, create, replace and delete."""

from typing import Any

import kubecr

from .case import Case, case, numbers, replicas

UNKNOWN = {"colour": "red", "taste": "sour"}


@case
def metadata_only(c: Case) -> None:
    c.create(1)
    c.create(2)
    whole: "list[kubecr.Object]" = [c.projects.get(c.name(1), metadata_only=True)]
    listed = c.projects.list(label_selector=c.selector, metadata_only=True)
    page = c.projects.list(label_selector=c.selector, metadata_only=True, limit=1)
    assert numbers(c, listed) == [1, 2] and len(page) == 1 and page.continue_, (listed, page)
    for one in [*whole, *listed, *page]:
        assert one["kind"] == "PartialObjectMetadata" and "spec" not in one and isinstance(one, kubecr.PartialObject), one
        assert one["metadata"]["labels"] == {"conformance": c.label}, one
        c.fails(kubecr.ArgumentError, None, "", c.projects.replace, one)
    assert not isinstance(c.projects.get(c.name(1)), kubecr.PartialObject)


@case
def list_by_odd_selectors(c: Case) -> None:
    tier = "example.com/tier"
    for number, labels in enumerate(({tier: "v1.2_3-x"}, {tier: ""}, {tier: "9", "in": "notin"}, {"x": "y"}), 1):
        c.create(number, labels=labels)
    for selector, wanted in (
        (f"{tier}=v1.2_3-x", [1]), (f"{tier} in (v1.2_3-x,)", [1, 2]), (f"{tier}=", [2]), (f"{tier}!=", [1, 3, 4]),
        (f"{tier} notin ( v1.2_3-x , 9 )", [2, 4]), (f"{tier}>8", [3]), (f"{tier}<8", []), (f"{tier} in ()", [2]),
        ("in in (notin)", [3]), (f"{tier},!in", [1, 2]), (" x = y ", [4]),
    ):  # fmt: skip
        found = numbers(c, c.projects.list(label_selector=f"{c.selector},{selector}"))
        assert found == wanted, f"{selector}: {found}"


@case
def list_refuses_bad_selectors(c: Case) -> None:
    for selector, words in (
        ("colour=a&b", '"a&b"'), ("colour=a&limit=1", '"a&limit"'), ("colour=größe", '"größe"'), ("colour=50%25", "50%25"),
        ("colour=a+b", "a+b"), ("colour=a#b", "a#b"), ("colour in", "unable to parse"), ("a/b/c=d", "a/b/c"),
    ):  # fmt: skip
        error = c.fails(kubecr.BadRequest, 400, "BadRequest", c.projects.list, label_selector=selector)
        assert words in str(error), f"{selector}: {error}"


@case
def longest_names_work(c: Case) -> None:
    name = f"{c.label}.1.".ljust(253, "x")
    body = c.project()
    body["metadata"]["name"] = name
    c.projects.create(body)
    assert c.projects.get(name)["metadata"]["name"] == name
    assert len(c.projects.list(field_selector=f"metadata.name={name}")) == 1
    assert replicas(c.projects.patch(name, {"spec": {"replicas": 2}})) == 2
    c.projects.delete(name)
    body["metadata"]["name"] = name + "x"
    error = c.fails(kubecr.Invalid, 422, "Invalid", c.projects.create, body)
    assert error.details and error.details["details"]["causes"][0]["field"] == "metadata.name", error.details


@case
def create_ignores_the_status(c: Case) -> None:
    made = c.projects.create({**c.project(), "status": {"phase": "Ready"}})
    assert "status" not in made, made


@case
def writes_warn_of_unknown_fields(c: Case) -> None:
    heard: "list[str]" = []
    kubecr.log_to(lambda level, line: heard.append(line), "WARNING")
    try:
        with kubecr.Client() as client:
            projects = client.resource(c.projects.name, "default")
            for number in (1, 2):
                made = projects.create({**c.project(number), "spec": {"replicas": 1, **UNKNOWN}}, field_validation="Warn")
                assert "colour" not in made["spec"], made
            projects.create({**c.project(3), "spec": {"replicas": 1, "smell": 1}}, field_validation="Ignore")
    finally:
        kubecr.log_to(None)
    for field in UNKNOWN:
        assert sum(f'unknown field "spec.{field}"' in line for line in heard) == 1, heard
    assert not any("smell" in line for line in heard), heard


def owned_by(object_: kubecr.Object, manager: str) -> str:
    return str([one["fieldsV1"] for one in object_["metadata"]["managedFields"] if one["manager"] == manager])


@case
def writes_tell_their_field_manager(c: Case) -> None:
    made = c.projects.create(c.project(), field_manager="who-creates")
    assert "f:replicas" in owned_by(made, "who-creates"), made
    made = c.projects.patch(c.name(), {"metadata": {"annotations": {"a": "1"}}}, field_manager="who-patches")
    assert "f:a" in owned_by(made, "who-patches"), made
    made = c.projects.replace({**made, "spec": {"replicas": 5}}, field_manager="who-replaces")
    assert "f:replicas" in owned_by(made, "who-replaces"), made
    with kubecr.Client(user_agent="conformance-agent") as client:
        made = client.resource(c.projects.name, "default").create(c.project(1))
    assert made["metadata"]["managedFields"][0]["manager"].startswith("conformance-agent"), made


@case
def replace_dry_run_changes_nothing(c: Case) -> None:
    made = c.create()
    changed = {**made, "spec": {"replicas": 5}}
    assert replicas(c.projects.replace(changed, dry_run=True)) == 5
    assert c.projects.get(c.name()) == made
    c.fails(kubecr.Invalid, 422, "Invalid", c.projects.replace, {**made, "spec": {"replicas": 0}}, dry_run=True)


@case
def bodies_that_disagree_are_refused(c: Case) -> None:
    c.create()
    bodies: "list[Any]" = [{"metadata": {"name": "another"}}, {"metadata": {"name": c.name(), "namespace": "another"}}, [], "{", ""]
    for body in bodies:
        c.fails(kubecr.ArgumentError, None, "", c.projects.replace, body, name=c.name())


@case
def status_is_replaced_alone(c: Case) -> None:
    made = c.create()
    changed = c.projects.replace_status({**made, "spec": {"replicas": 9}, "status": {"phase": "Ready"}})
    assert changed["status"] == {"phase": "Ready"} and replicas(changed) == 1, changed
    assert changed["metadata"]["generation"] == 1, changed
    c.fails(kubecr.Conflict, 409, "Conflict", c.projects.replace_status, {**made, "status": {"phase": "Lost"}})
    assert c.projects.get_status(c.name()) == changed


@case
def create_of_a_subresource(c: Case) -> None:
    accounts = c.client.resource("v1/serviceaccounts", namespace="default")
    accounts.delete_collection(label_selector=c.selector)
    accounts.create({"metadata": {"name": c.name(), "labels": {"conformance": c.label}}})
    body = {"spec": {"audiences": ["conformance"], "expirationSeconds": 3600}}
    token = accounts.create(body, name=c.name(), subresource="token")
    assert token["kind"] == "TokenRequest" and len(token["status"]["token"]) > 100, token["kind"]
    c.fails(kubecr.NotFound, 404, "NotFound", accounts.create, body, name=c.name(2), subresource="token")
    accounts.delete(c.name())


@case
def delete_dry_run_removes_nothing(c: Case) -> None:
    c.create(1)
    c.create(2)
    c.projects.delete(c.name(1), dry_run=True)
    c.projects.delete_collection(label_selector=c.selector, dry_run=True)
    assert numbers(c, c.list()) == [1, 2]
    c.fails(kubecr.NotFound, 404, "NotFound", c.projects.delete, c.name(3), dry_run=True)


@case
def delete_propagates(c: Case) -> None:
    for number, (policy, finalizers) in enumerate((("Foreground", ["foregroundDeletion"]), ("Orphan", ["orphan"])), 1):
        c.create(number)
        c.projects.delete(c.name(number), propagation_policy=policy, grace_period_seconds=0)
        assert c.projects.get(c.name(number))["metadata"]["finalizers"] == finalizers, policy
        c.projects.patch(c.name(number), {"metadata": {"finalizers": None}})
    c.create(3)
    c.projects.delete(c.name(3), propagation_policy="Background")
    assert c.list() == []
    c.create(4)
    c.fails(kubecr.Invalid, 422, "Invalid", c.projects.delete, c.name(4), propagation_policy="Orphan", orphan_dependents=True)
