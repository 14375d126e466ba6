"""Cases of the verbs on objects: get, list, create, replace, patch, subresources, delete."""

import threading

import kubecr

from .case import PROJECTS, Case, case, numbers, replicas, wait_until


@case
def get_one_whole(c: Case) -> None:
    made = c.create()
    got = c.projects.get(c.name())
    metadata = got["metadata"]
    assert (got["apiVersion"], got["kind"], got["spec"]) == ("example.sealyun.com/v1alpha1", "Project", {"replicas": 1}), got
    assert (metadata["name"], metadata["namespace"], metadata["generation"]) == (c.name(), "default", 1), metadata
    assert metadata["uid"] and metadata["resourceVersion"] and metadata["creationTimestamp"], metadata
    assert got == made, "it is not what the create answered"


@case
def get_missing_is_not_found(c: Case) -> None:
    error = c.fails(kubecr.NotFound, 404, "NotFound", c.projects.get, c.name())
    assert f'projects.example.sealyun.com "{c.name()}" not found' in str(error), error


@case
def list_complete_and_versioned(c: Case) -> None:
    for number in (3, 1, 2):
        c.create(number)
    listed = c.list()
    assert numbers(c, listed) == [1, 2, 3], numbers(c, listed)
    assert listed.resource_version and listed.continue_ == ""
    for one in listed:
        assert (one["apiVersion"], one["kind"]) == ("example.sealyun.com/v1alpha1", "Project"), one


@case
def list_by_label(c: Case) -> None:
    for number, labels in enumerate(({"colour": "red"}, {"colour": "green"}, {"colour": "blue"}, {}), 1):
        c.create(number, labels=labels)
    for selector, wanted in (
        ("colour=red", [1]), ("colour!=red", [2, 3, 4]), ("colour in (red,blue)", [1, 3]), ("colour notin (red,blue)", [2, 4]),
        ("colour", [1, 2, 3]), ("!colour", [4]),
    ):  # fmt: skip
        found = numbers(c, c.projects.list(label_selector=f"{c.selector},{selector}"))
        assert found == wanted, f"{selector}: {found}"


@case
def list_in_pages(c: Case) -> None:
    for number in range(1, 6):
        c.create(number)
    pages = list(c.projects.pages(limit=2, label_selector=c.selector))
    assert [numbers(c, page) for page in pages] == [[1, 2], [3, 4], [5]], [numbers(c, page) for page in pages]
    assert len({page.resource_version for page in pages}) == 1
    assert [bool(page.continue_) for page in pages] == [True, True, False]


@case
def list_all_namespaces(c: Case) -> None:
    c.create()
    everywhere = c.client.resource(PROJECTS)
    assert [one["metadata"]["namespace"] for one in everywhere.list(label_selector=c.selector)] == ["default"]
    with everywhere.informer(label_selector=c.selector) as informer:
        informer.wait_synced(10)
        assert list(informer) == [f"default/{c.name()}"], list(informer)


@case
def create_answers_the_object(c: Case) -> None:
    made = c.create()
    assert (made["apiVersion"], made["kind"]) == ("example.sealyun.com/v1alpha1", "Project"), made
    assert made["metadata"]["namespace"] == "default" and made["metadata"]["uid"] and made["metadata"]["resourceVersion"], made


@case
def create_generates_a_name(c: Case) -> None:
    prefix = f"{c.label}-"
    body = c.project()
    del body["metadata"]["name"]
    body["metadata"]["generateName"] = prefix
    made = {c.projects.create(body)["metadata"]["name"] for _ in range(2)}
    assert len(made) == 2 and all(name.startswith(prefix) and len(name) > len(prefix) for name in made), made


@case
def create_twice_is_already_exists(c: Case) -> None:
    made = c.create()
    c.fails(kubecr.AlreadyExists, 409, "AlreadyExists", c.create, 0, 2)
    assert c.projects.get(c.name()) == made


@case
def create_invalid_names_the_field(c: Case) -> None:
    for wrong in (0, "many"):
        error = c.fails(kubecr.Invalid, 422, "Invalid", c.create, 0, wrong)
        assert error.details and error.details["details"]["causes"][0]["field"] == "spec.replicas", error.details
    body = c.project()
    del body["spec"]
    c.fails(kubecr.Invalid, 422, "Invalid", c.projects.create, body)


@case
def create_dry_run_makes_nothing(c: Case) -> None:
    assert c.projects.create(c.project(), dry_run=True)["metadata"]["uid"]
    c.fails(kubecr.NotFound, 404, "NotFound", c.projects.get, c.name())


@case
def replace_counts_generations(c: Case) -> None:
    made = c.create()
    changed = c.projects.replace({**made, "spec": {"replicas": 2}})
    assert changed["metadata"]["generation"] == 2 and replicas(changed) == 2, changed
    assert changed["metadata"]["resourceVersion"] != made["metadata"]["resourceVersion"]
    changed["metadata"]["labels"]["colour"] = "red"
    labelled = c.projects.replace(changed)
    assert labelled["metadata"]["generation"] == 2, labelled
    assert labelled["metadata"]["resourceVersion"] != changed["metadata"]["resourceVersion"]


@case
def replace_of_an_old_version_is_conflict(c: Case) -> None:
    made = c.create()
    changed = c.projects.patch(c.name(), {"spec": {"replicas": 2}})
    c.fails(kubecr.Conflict, 409, "Conflict", c.projects.replace, {**made, "spec": {"replicas": 3}})
    assert c.projects.get(c.name()) == changed


@case
def update_settles_conflicts(c: Case) -> None:
    c.create()
    failures: "list[BaseException]" = []

    def add(project: kubecr.Object) -> None:
        project["spec"]["replicas"] += 1

    def work() -> None:
        try:
            for _ in range(5):
                c.projects.update(c.name(), add, attempts=100)
        except BaseException as error:
            failures.append(error)

    in_threads(4, work)
    assert not failures, failures
    assert replicas(c.projects.get(c.name())) == 21, replicas(c.projects.get(c.name()))


def in_threads(count: int, work: "object") -> None:
    threads = [threading.Thread(target=work) for _ in range(count)]  # type: ignore[arg-type]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


@case
def many_calls_at_once(c: Case) -> None:
    failures: "list[BaseException]" = []
    turns = iter(range(1, 9))

    def work() -> None:
        try:
            first = next(turns) * 100
            for number in range(first, first + 10):
                made = c.create(number)
                assert c.projects.get(c.name(number)) == made
                c.projects.delete(c.name(number))
        except BaseException as error:
            failures.append(error)

    in_threads(8, work)
    assert not failures, failures
    assert c.list() == []


@case
def merge_patch_sets_and_removes(c: Case) -> None:
    c.create(labels={"old": "1"})
    changed = c.projects.patch(c.name(), {"metadata": {"labels": {"new": "2", "old": None}}, "spec": {"replicas": 4}})
    assert changed["metadata"]["labels"] == {"conformance": c.label, "new": "2"} and replicas(changed) == 4, changed


@case
def json_patch_tests_first(c: Case) -> None:
    c.create()

    def patch(expected: int, wanted: int) -> kubecr.Object:
        operations = [
            {"op": "test", "path": "/spec/replicas", "value": expected}, {"op": "replace", "path": "/spec/replicas", "value": wanted},
        ]  # fmt: skip
        return c.projects.patch(c.name(), operations, type="json")

    changed = patch(1, 5)
    assert replicas(changed) == 5
    try:
        patch(1, 6)
        raise AssertionError("the test did not fail")
    except kubecr.KubeError as error:
        assert error.http_status == 422, error
    assert c.projects.get(c.name()) == changed


@case
def apply_creates_and_changes(c: Case) -> None:
    body = {"apiVersion": "example.sealyun.com/v1alpha1", "kind": "Project", **c.project()}
    assert replicas(c.projects.apply(body, field_manager="one")) == 1
    body["spec"] = {"replicas": 2}
    assert replicas(c.projects.apply(body, field_manager="one")) == 2
    assert replicas(c.projects.get(c.name())) == 2


@case
def status_is_apart(c: Case) -> None:
    c.create()
    changed = c.projects.patch_status(c.name(), {"status": {"phase": "Ready"}, "spec": {"replicas": 9}})
    assert changed["status"]["phase"] == "Ready" and replicas(changed) == 1, changed
    assert changed["metadata"]["generation"] == 1, changed
    replaced = c.projects.replace({**changed, "status": {"phase": "Lost"}, "spec": {"replicas": 2}})
    assert replaced["status"]["phase"] == "Ready" and replicas(replaced) == 2, replaced
    assert c.projects.get_status(c.name()) == replaced


@case
def scale_reads_and_sets(c: Case) -> None:
    c.create()
    scale = c.projects.get_scale(c.name())
    assert (scale["kind"], scale["spec"]["replicas"]) == ("Scale", 1), scale
    assert c.projects.scale(c.name(), 3)["spec"]["replicas"] == 3
    assert replicas(c.projects.get(c.name())) == 3


@case
def delete_removes(c: Case) -> None:
    c.create()
    c.projects.delete(c.name())
    c.fails(kubecr.NotFound, 404, "NotFound", c.projects.get, c.name())
    c.fails(kubecr.NotFound, 404, "NotFound", c.projects.delete, c.name())


@case
def delete_with_preconditions(c: Case) -> None:
    metadata = c.create()["metadata"]
    wrong = {"uid": "00000000-0000-0000-0000-000000000000"}
    c.fails(kubecr.Conflict, 409, "Conflict", c.projects.delete, c.name(), preconditions=wrong)
    c.projects.get(c.name())
    c.projects.delete(c.name(), preconditions={"uid": metadata["uid"], "resourceVersion": metadata["resourceVersion"]})
    c.fails(kubecr.NotFound, 404, "NotFound", c.projects.get, c.name())


@case
def delete_waits_for_finalizers(c: Case) -> None:
    c.create(finalizers=["example.sealyun.com/conformance"])
    c.projects.delete(c.name())
    assert c.projects.get(c.name())["metadata"]["deletionTimestamp"]
    c.projects.patch(c.name(), {"metadata": {"finalizers": None}})
    wait_until(lambda: c.list() == [], "it is gone")


@case
def delete_collection_by_label(c: Case) -> None:
    for number, colour in enumerate(("red", "red", "blue"), 1):
        c.create(number, labels={"colour": colour})
    c.projects.delete_collection(label_selector=f"{c.selector},colour=red")
    assert numbers(c, c.list()) == [3], numbers(c, c.list())


@case
def core_objects(c: Case) -> None:
    maps = c.client.resource("v1/configmaps", namespace="default")
    maps.delete_collection(label_selector=c.selector)
    body = {"metadata": {"name": c.name(), "labels": {"conformance": c.label}}, "data": {"a": "1", "b": "2"}}
    assert maps.create(body)["kind"] == "ConfigMap"
    assert maps.patch(c.name(), {"data": {"c": "3", "a": None}})["data"] == {"b": "2", "c": "3"}
    assert len(maps.list(label_selector=c.selector)) == 1
    maps.delete(c.name())
    c.fails(kubecr.NotFound, 404, "NotFound", maps.get, c.name())
    assert c.client.resource("v1/namespaces").get("default")["metadata"]["name"] == "default"
