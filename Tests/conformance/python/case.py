"""What cases share: names and objects of their own, expectations, waiting."""

import os
import queue
import time
from typing import Any, Callable, Dict, Type, TypeVar

import kubecr

PROJECTS = "example.sealyun.com/v1alpha1/projects"
PATIENCE = int(os.environ.get("PATIENCE") or 1)
E = TypeVar("E", bound=kubecr.KubeError)

known: "Dict[str, Callable[[Case], None]]" = {}


def case(function: "Callable[[Case], None]") -> "Callable[[Case], None]":
    """Its name is the case's."""
    known[function.__name__.replace("_", "-")] = function
    return function


def patient(seconds: float) -> float:
    return seconds * PATIENCE


def replicas(project: kubecr.Object) -> Any:
    return project["spec"]["replicas"]


class Case:
    def __init__(self, client: kubecr.Client, name: str) -> None:
        self.client = client
        self.label = f"python-{name}"
        self.selector = f"conformance={self.label}"
        self.projects = client.resource(PROJECTS, namespace="default")

    def name(self, number: int = 0) -> str:
        return f"{self.label}-{number}" if number else self.label

    def project(self, number: int = 0, replicas: Any = 1, **metadata: Any) -> kubecr.Object:
        labels = {"conformance": self.label, **metadata.pop("labels", {})}
        return {"metadata": {"name": self.name(number), "labels": labels, **metadata}, "spec": {"replicas": replicas}}

    def create(self, number: int = 0, replicas: Any = 1, **metadata: Any) -> kubecr.Object:
        return self.projects.create(self.project(number, replicas, **metadata))

    def list(self) -> kubecr.ObjectList:
        return self.projects.list(label_selector=self.selector)

    def informer(self, **options: Any) -> kubecr.Informer:
        return self.projects.informer(label_selector=self.selector, **options)

    def watch(self, **options: Any) -> kubecr.Watch:
        options.setdefault("timeout", patient(10))
        return self.projects.watch(label_selector=self.selector, **options)

    def sweep(self) -> None:
        """Removes what the case has made, or an earlier run of it has left."""
        for left in self.list():
            if left["metadata"].get("finalizers"):
                self.projects.patch(left["metadata"]["name"], {"metadata": {"finalizers": None}})
        self.projects.delete_collection(label_selector=self.selector)

    def fails(self, kind: Type[E], http_status: "int | None", reason: str, call: Callable[..., object], *arguments: Any, **options: Any) -> E:
        try:
            call(*arguments, **options)
        except kubecr.KubeError as error:
            assert type(error) is kind, f"{error.code} instead of {kind.code}: {error}"
            assert (error.http_status, error.reason) == (http_status, reason), f"{error.http_status} {error.reason}: {error}"
            return error
        raise AssertionError(f"it did not fail with {kind.code}")


def numbers(c: Case, objects: "list[kubecr.Object]") -> "list[int]":
    """The objects' names without the case's."""
    return [int(one["metadata"]["name"][len(c.label) + 1 :] or 0) for one in objects]


class Heard:
    """A handler that puts down what it hears, for a case that waits for it."""

    def __init__(self, look: "Callable[[kubecr.Change], Any]" = lambda change: None) -> None:
        self._changes: "queue.SimpleQueue[tuple[kubecr.Change, Any]]" = queue.SimpleQueue()
        self._look = look

    def __call__(self, change: kubecr.Change) -> None:
        self._changes.put((change, self._look(change)))

    def next(self, seconds: float = 10) -> kubecr.Change:
        return self.next_with_look(seconds)[0]

    def next_with_look(self, seconds: float = 10) -> "tuple[kubecr.Change, Any]":
        try:
            return self._changes.get(timeout=patient(seconds))
        except queue.Empty:
            raise AssertionError(f"the handler heard nothing for {seconds} s") from None


def wait_until(condition: Callable[[], object], what: str, seconds: float = 10) -> None:
    """For what only asking tells."""
    until = time.monotonic() + patient(seconds)
    while not condition():
        assert time.monotonic() < until, f"{what}: not within {seconds} s"
        time.sleep(0.02)
