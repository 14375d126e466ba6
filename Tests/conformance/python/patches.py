"""Cases of patches and applies of one object."""

import kubecr

from .case import Case, case, replicas


@case
def patch_dry_run_changes_nothing(c: Case) -> None:
    made = c.create()
    body = {"apiVersion": "example.sealyun.com/v1alpha1", "kind": "Project", **c.project(0, 7)}
    for answer in (
        c.projects.patch(c.name(), {"spec": {"replicas": 7}}, dry_run=True),
        c.projects.patch(c.name(), [{"op": "replace", "path": "/spec/replicas", "value": 7}], type="json", dry_run="All"),
        c.projects.apply(body, field_manager="one", force=True, dry_run=True),
    ):
        assert replicas(answer) == 7, answer
    assert c.projects.get(c.name()) == made


@case
def json_patch_edits_anything(c: Case) -> None:
    c.create()

    def patch(*operations: "tuple[str, str, object]") -> kubecr.Object:
        keys = {"copy": "from", "move": "from"}
        return c.projects.patch(
            c.name(), [{"op": op, "path": path, keys.get(op, "value"): value} for op, path, value in operations], type="json"
        )

    finalizers = "/metadata/finalizers"
    changed = patch(
        ("add", finalizers, ["example.com/b"]), ("add", f"{finalizers}/-", "example.com/d"), ("add", f"{finalizers}/0", "example.com/a"),
        ("replace", f"{finalizers}/2", "example.com/c"), ("test", finalizers, ["example.com/a", "example.com/b", "example.com/c"]),
        ("remove", f"{finalizers}/1", None),
    )  # fmt: skip
    assert changed["metadata"]["finalizers"] == ["example.com/a", "example.com/c"], changed
    c.fails(kubecr.Invalid, 422, "Invalid", patch, ("test", f"{finalizers}/1", "example.com/a"), ("remove", finalizers, None))
    patch(("remove", finalizers, None))
    annotations = "/metadata/annotations"
    changed = patch(
        ("add", annotations, {"example.com/a": "1"}), ("test", f"{annotations}/example.com~1a", "1"),
        ("copy", f"{annotations}/b", f"{annotations}/example.com~1a"), ("move", f"{annotations}/example.com~1c", f"{annotations}/example.com~1a"),
    )  # fmt: skip
    assert changed["metadata"]["annotations"] == {"b": "1", "example.com/c": "1"}, changed
    error = c.fails(kubecr.Invalid, 422, "Invalid", patch, ("add", f"{annotations}/a~0b", "1"))
    assert "a~b" in str(error), error


@case
def merge_patch_at_a_version(c: Case) -> None:
    made = c.create()
    changed = c.projects.patch(c.name(), {"spec": {"replicas": 2}})

    def at(version: str) -> kubecr.Object:
        return c.projects.patch(c.name(), {"metadata": {"resourceVersion": version}, "spec": {"replicas": 9}})

    c.fails(kubecr.Conflict, 409, "Conflict", at, made["metadata"]["resourceVersion"])
    assert c.projects.get(c.name()) == changed
    assert replicas(at(changed["metadata"]["resourceVersion"])) == 9


@case
def apply_removes_what_it_no_longer_states(c: Case) -> None:
    body = {"apiVersion": "example.sealyun.com/v1alpha1", "kind": "Project", **c.project(annotations={"a": "1", "b": "2"})}
    c.projects.apply(body, field_manager="one")
    c.projects.patch(c.name(), {"metadata": {"annotations": {"c": "3"}}})
    del body["metadata"]["annotations"]["a"]
    changed = c.projects.apply(body, field_manager="one")
    assert changed["metadata"]["annotations"] == {"b": "2", "c": "3"}, changed
