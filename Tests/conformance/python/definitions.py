"""A CRD of the case's own, that comes and goes."""

import kubecr

from .case import Case, patient, wait_until

CRDS = "apiextensions.k8s.io/v1/customresourcedefinitions"


class Things:
    """things.LABEL.example.com, kind Thing, short name th."""

    def __init__(self, c: Case) -> None:
        self.group = f"{c.label}.example.com"
        self.case = c
        self.definitions = c.client.resource(CRDS)
        self.resource = c.client.resource(f"{self.group}/v1/things", namespace="default")
        schema = {"openAPIV3Schema": {"type": "object", "x-kubernetes-preserve-unknown-fields": True}}
        self.definition = {
            "apiVersion": "apiextensions.k8s.io/v1", "kind": "CustomResourceDefinition", "metadata": {"name": f"things.{self.group}"},
            "spec": {
                "group": self.group, "scope": "Namespaced",
                "names": {"plural": "things", "singular": "thing", "kind": "Thing", "listKind": "ThingList", "shortNames": ["th"]},
                "versions": [{"name": "v1", "served": True, "storage": True, "schema": schema}],
            },
        }  # fmt: skip

    def remove(self) -> None:
        name = f"things.{self.group}"
        try:
            self.definitions.delete(name)
        except kubecr.NotFound:
            pass
        self.definitions.wait(name, lambda one: one is None, timeout=patient(60))

    def thing(self, name: str) -> kubecr.Object:
        metadata = {"name": name, "namespace": "default", "labels": {"conformance": self.case.label}}
        return {"apiVersion": f"{self.group}/v1", "kind": "Thing", "metadata": metadata}

    def make(self, name: str) -> None:
        """Makes the CRD and one object."""
        self.definitions.create(self.definition)
        body = self.thing(name)

        def is_made() -> bool:
            try:
                return bool(self.resource.create(body))
            except kubecr.AlreadyExists:
                return True
            except kubecr.KubeError:  # not served yet
                return False

        wait_until(is_made, f"{name} can be made", 60)
