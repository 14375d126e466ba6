"""Manifests and their apply, and reading metadata alone: what is not a whole object is not written back."""

import copy
import tempfile
import threading
import unittest
from pathlib import Path

import kubecr

from .server import PROJECTS, ROOT, Server

MANIFEST = """
apiVersion: example.sealyun.com/v1alpha1
kind: Project
metadata: {name: a, labels: {on: "yes"}}
spec: {replicas: 1}
---
# nothing
---
apiVersion: v1
kind: List
items:
- {apiVersion: example.sealyun.com/v1alpha1, kind: Project, metadata: {name: ü, namespace: other}, spec: {replicas: 0x10}}
"""
PROJECT = {"apiVersion": "example.sealyun.com/v1alpha1", "kind": "Project", "metadata": {"name": "a"}, "spec": {"replicas": 1}}


def names(objects: list) -> list:
    return [(one["metadata"].get("namespace"), one["metadata"]["name"], one["spec"]["replicas"]) for one in objects]


class ParseTests(unittest.TestCase):
    def test_text_bytes_and_files(self):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "manifest.yaml")
            path.write_text(MANIFEST, "utf-16")
            for manifest in (MANIFEST, MANIFEST.encode(), MANIFEST.encode("utf-16"), MANIFEST.encode("utf-8-sig"), path):
                self.assertEqual(names(kubecr.parse_manifest(manifest)), [(None, "a", 1), ("other", "ü", 16)])
            with self.assertRaises(FileNotFoundError):
                kubecr.parse_manifest(Path(folder, "nothing"))
        self.assertEqual(kubecr.parse_manifest(""), [])

    def test_what_is_wrong_names_the_document(self):
        for manifest in (MANIFEST + "\n---\nkind: Project", MANIFEST + "\n---\na: [", b"\xff", "\ud800", "a\0b"):
            with self.assertRaises(kubecr.KubeError) as caught:
                kubecr.parse_manifest(manifest)
            self.assertIn(caught.exception.code, ("DECODE", "ARGUMENT"))
        with self.assertRaisesRegex(kubecr.DecodeError, "document 4"):
            kubecr.parse_manifest(MANIFEST + "\n---\nkind: Project")


class ApplyTests(unittest.TestCase):
    def setUp(self) -> None:
        self.server = Server()
        self.server.__enter__()
        self.addCleanup(self.server.__exit__, None, None, None)
        self.client = kubecr.Client(**self.server.options)
        self.addCleanup(self.client.close)
        self.projects = self.client.resource(PROJECTS, "default")

    def writes(self) -> list:
        return [one.split("?") for one in self.server.requests if one.startswith("PATCH")]

    def test_every_form_of_a_manifest(self):
        self.assertEqual(names(self.client.apply(MANIFEST)), [("default", "a", 1), ("other", "ü", 16)])
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, "manifest.yaml")
            path.write_text(MANIFEST)
            for manifest in (MANIFEST.encode(), MANIFEST.encode("utf-16"), path, PROJECT, [PROJECT, copy.deepcopy(PROJECT)], (PROJECT,)):
                self.assertEqual(names(self.client.apply(manifest))[0], ("default", "a", 1))
        for wrong in (None, 1, {"a"}):
            with self.assertRaises(TypeError):
                self.client.apply(wrong)
        with self.assertRaisesRegex(kubecr.ArgumentError, "no text.*byte 0"):
            self.client.apply(b"\xff")

    def test_the_options_arrive(self):
        self.client.apply(PROJECT)
        self.client.apply(
            PROJECT, field_manager="k=a&b", force=True, dry_run=True, field_validation="Strict", namespace="other", timeout=10
        )
        self.assertEqual([path for path, _ in self.writes()], [f"PATCH {ROOT}/namespaces/{one}/projects/a" for one in ("default", "other")])
        self.assertEqual(self.writes()[0][1], "fieldManager=kubecr")
        self.assertEqual(
            sorted(self.writes()[1][1].split("&")), ["dryRun=All", "fieldManager=k%3Da%26b", "fieldValidation=Strict", "force=true"]
        )
        with self.assertRaises(TypeError):
            self.client.apply(PROJECT, resource_version="1")

    def test_a_failure_says_where_and_is_the_servers(self):
        self.client.apply(PROJECT, field_manager="admin")
        with self.assertRaisesRegex(kubecr.Conflict, "document 2.*a.*admin") as caught:
            self.client.apply("null\n---\n" + str(PROJECT).replace("'", '"'), field_manager="scaler")
        self.assertEqual((caught.exception.http_status, caught.exception.reason), (409, "Conflict"))
        self.assertEqual(caught.exception.details["code"], 409)
        self.assertEqual(len(self.client.apply(PROJECT, field_manager="scaler", force=True)), 1)

    def test_nothing_of_a_bad_manifest_is_sent(self):
        for bad in ([PROJECT, {}], MANIFEST + "\n---\na: [", [PROJECT, {**PROJECT, "metadata": {"name": ".."}}]):
            with self.assertRaises(kubecr.ArgumentError):
                self.client.apply(bad)
        with self.assertRaises(kubecr.NotFound):
            self.client.apply([PROJECT, {**PROJECT, "kind": "Unknown"}])
        self.assertEqual(self.writes(), [])

    def test_metadata_alone(self):
        self.server.put("a")
        self.server.put("b")
        whole, one = self.projects.get("a"), self.projects.get("a", metadata_only=True)
        self.assertIsInstance(one, kubecr.PartialObject)
        self.assertNotIsInstance(whole, kubecr.PartialObject)
        self.assertEqual((one["metadata"], "spec" in one), (whole["metadata"], False))
        listed = self.projects.list(metadata_only=True)
        self.assertEqual(([one["metadata"]["name"] for one in listed], listed.resource_version), (["a", "b"], "102"))
        self.assertTrue(all(isinstance(one, kubecr.PartialObject) for one in listed))
        self.projects.list(shard_selector="shardRange(object.metadata.uid, '0x0', '0x8')")
        self.assertIn("shardSelector=shardRange%28object.metadata.uid%2C%20%270x0%27%2C%20%270x8%27%29", self.server.requests[-1])
        pages = list(self.projects.pages(limit=1, metadata_only=True))
        self.assertEqual([[type(one) for one in page] for page in pages], [[kubecr.PartialObject]] * 2)

    def test_an_informer_of_metadata_alone(self):
        self.server.put("a")
        changed = threading.Event()
        with self.projects.informer(metadata_only=True) as cache:
            cache.on(modified=lambda old, new: changed.set() if isinstance(new, kubecr.PartialObject) else None)
            cache.wait_synced(10)
            self.assertIsInstance(cache["default/a"], kubecr.PartialObject)
            self.server.wait_for(lambda: any("watch=" in one for one in self.server.requests))
            self.server.put("a", 2)
            self.assertTrue(changed.wait(10))
            self.assertNotIn("spec", cache["default/a"])

    def test_what_is_not_whole_is_not_written_back(self):
        self.server.put("a")
        one = self.projects.get("a", metadata_only=True)
        before = len(self.server.requests)
        for write in (
            lambda: self.projects.replace(one), lambda: self.projects.create(one), lambda: self.projects.replace(copy.deepcopy(one)),
            lambda: self.projects.apply(one, field_manager="me"), lambda: self.projects.replace_status(one),
            lambda: self.projects.patch("a", one), lambda: self.client.apply(one), lambda: self.client.apply([one]),
        ):  # fmt: skip
            with self.assertRaisesRegex(kubecr.ArgumentError, "PartialObject"):
                write()
        self.assertEqual(len(self.server.requests), before)


class AsyncApplyTests(unittest.IsolatedAsyncioTestCase):
    async def test_apply_and_metadata(self):
        with Server() as server:
            async with kubecr.AsyncClient(**server.options) as client:
                self.assertEqual(names(await client.apply(MANIFEST, field_manager="me")), [("default", "a", 1), ("other", "ü", 16)])
                projects = client.resource(PROJECTS, "default")
                self.assertIsInstance(await projects.get("a", metadata_only=True), kubecr.PartialObject)
                self.assertEqual([type(one) for one in await projects.list(metadata_only=True)], [kubecr.PartialObject])
                with self.assertRaises(kubecr.ArgumentError):
                    await projects.replace(await projects.get("a", metadata_only=True))
                with self.assertRaises(kubecr.Conflict):
                    await client.apply(PROJECT, field_manager="other")


if __name__ == "__main__":
    unittest.main()
