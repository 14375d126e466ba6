"""Cases of server-side apply of whole manifests."""

import json

import kubecr

from .case import Case, case, numbers, replicas
from .definitions import Things


def project_yaml(c: Case, number: int, replicas: int) -> str:
    return (
        "apiVersion: example.sealyun.com/v1alpha1\nkind: Project\n"
        f"metadata:\n  name: {c.name(number)}\n  labels: {{conformance: {c.label}}}\nspec: {{replicas: {replicas}}}\n"
    )


@case
def manifest_applies_many(c: Case) -> None:
    third = {"apiVersion": "example.sealyun.com/v1alpha1", "kind": "Project", **c.project(3, 3)}
    items = json.dumps({"kind": "List", "apiVersion": "v1", "items": [third]})
    manifest = f"# a manifest\n{project_yaml(c, 2, 2)}---\n---\n{project_yaml(c, 1, 1)}---\n{items}\n"
    first = c.client.apply(manifest, field_manager="one")
    assert numbers(c, first) == [2, 1, 3] and [replicas(one) for one in first] == [2, 1, 3], first
    assert numbers(c, c.list()) == [1, 2, 3]
    again = c.client.apply(project_yaml(c, 2, 5), field_manager="one", namespace="default")
    assert replicas(again[0]) == 5 and again[0]["metadata"]["uid"] == first[0]["metadata"]["uid"], again


@case
def manifest_dry_run_makes_nothing(c: Case) -> None:
    dry = c.client.apply(f"{project_yaml(c, 1, 1)}---\n{project_yaml(c, 2, 2)}", dry_run=True)
    assert numbers(c, dry) == [1, 2], dry
    assert c.list() == []


@case
def manifest_makes_its_crd_first(c: Case) -> None:
    things = Things(c)
    things.remove()
    try:
        made = c.client.apply([things.thing("first"), things.definition], timeout=60)
        assert [one["kind"] for one in made] == ["Thing", "CustomResourceDefinition"], made
        assert things.resource.get("first")["metadata"]["uid"]
    finally:
        things.remove()


@case
def manifest_error_names_the_document(c: Case) -> None:
    manifest = f"{project_yaml(c, 1, 1)}---\n{project_yaml(c, 2, 0)}---\n{project_yaml(c, 3, 3)}"
    error = c.fails(kubecr.Invalid, 422, "Invalid", c.client.apply, manifest)
    assert "document 2" in str(error) and c.name(2) in str(error) and c.name(1) in str(error), error
    assert numbers(c, c.list()) == [1]
    first = project_yaml(c, 4, 1)
    try:
        c.client.apply(f"{first}---\napiVersion: nothing.example.com/v1\nkind: Nothing\nmetadata: {{name: a}}\n")
        raise AssertionError("an unknown kind was applied")
    except kubecr.NotFound as error_:
        assert "Nothing" in str(error_), error_
    try:
        c.client.apply(f"{first}---\na: [1\n")
        raise AssertionError("a broken document was applied")
    except kubecr.KubeError as error_:
        assert error_.http_status is None and "document 2" in str(error_), error_
    c.fails(kubecr.NotFound, 404, "NotFound", c.projects.get, c.name(4))
