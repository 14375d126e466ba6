"""Waiting for a state of one object: the goals, what counts, how it ends; and under asyncio."""

import asyncio
import threading
import time
import unittest

import kubecr
from kubecr import _wait

from .server import PROJECTS, ROOT, Refused, Server


def project(status: object = None, generation: object = None) -> dict:
    metadata = {"name": "a"} if generation is None else {"name": "a", "generation": generation}
    return {"metadata": metadata, "spec": {"replicas": 1}} if status is None else {"metadata": metadata, "status": status}


def ready(status: object = "True", **more: object) -> dict:
    return {"conditions": [{"type": "Other", "status": "False"}, {"type": "Ready", "status": status, **more}]}


class GoalTests(unittest.TestCase):
    def test_a_condition_counts_as_for_kubectl(self):
        reached = [
            project(ready()), project(ready("true")), project(ready(), 2), project(ready(observedGeneration=2), 2),
            project({**ready(), "observedGeneration": 3}, 2), project({**ready(observedGeneration=2), "observedGeneration": 1}, 2),
            project(ready(observedGeneration="1"), 2), project({"conditions": [{"type": "Ready"}, {"type": "READY", "status": "True"}]}),
        ]  # fmt: skip
        for one in reached:
            self.assertTrue(kubecr.condition("ready")(one), one)
        missed = [
            None, project(), project({}), project({"conditions": None}), project("Ready"), project({"conditions": [None, 1, {}]}),
            project(ready("False")), project(ready(None)), project(ready(observedGeneration=1), 2),
            project({**ready(), "observedGeneration": 1}, 2), project({**ready(observedGeneration=1), "observedGeneration": 2}, 2),
            project({"conditions": [{"type": "Ready", "status": "False"}, {"type": "Ready", "status": "True"}]}),
        ]  # fmt: skip
        for one in missed:
            self.assertFalse(kubecr.condition("Ready")(one), one)
        self.assertTrue(kubecr.condition("Ready", "False")(project(ready("False"))))

    def test_a_field_is_compared_as_json(self):
        one = {"status": {"phase": "Ready", "on": True, "count": 1, "list": [{"a/b~c": None}, "x"], "none": None}}
        for pointer, value in [("/status/phase", "Ready"), ("/status/count", 1), ("/status/on", True), ("/status/list/1", "x"), ("", one)]:
            self.assertTrue(kubecr.field(pointer, value)(one), pointer)
            self.assertTrue(kubecr.field(pointer)(one), pointer)
        for pointer, value in [("/status/phase", "ready"), ("/status/count", True), ("/status/on", 1), ("/status/list/2", "x"), ("/no", "x")]:
            self.assertFalse(kubecr.field(pointer, value)(one), pointer)
            self.assertFalse(kubecr.field(pointer, value)(None), pointer)
        for pointer in ["/status/none", "/status/list/0/a~1b~0c", "/status/phase/0", "/status/list/x"]:
            self.assertFalse(kubecr.field(pointer)(one), pointer)
        self.assertTrue(kubecr.field("/status/none", None)(one))
        self.assertFalse(kubecr.field("/status/none", None)(None))
        with self.assertRaisesRegex(kubecr.ArgumentError, "no JSON pointer"):
            kubecr.field("status")
        with self.assertRaises(TypeError):
            kubecr.field("/a", 1, 2)

    def test_goals_say_what_they_are(self):
        self.assertEqual(str(kubecr.condition("Ready")), "condition Ready=True")
        self.assertEqual(str(kubecr.deleted), "deleted")
        self.assertEqual(str(kubecr.field("/status/phase", "Ready")), '/status/phase="Ready"')
        self.assertEqual(repr(kubecr.field("/spec")), "<goal: /spec>")

    def test_R7_a_name_is_escaped_or_refused(self):
        self.assertEqual(_wait.selector("a.b"), "metadata.name=a.b")
        self.assertEqual(_wait.selector("a,b=c\\"), "metadata.name=a\\,b\\=c\\\\")
        for name in ["", ".", "..", "a/b", "%2e", "a\n"]:
            with self.assertRaises(kubecr.ArgumentError):
                _wait.selector(name)


class WaitTests(unittest.TestCase):
    def setUp(self) -> None:
        self.server = Server()
        self.server.__enter__()
        self.addCleanup(self.server.__exit__, None, None, None)
        self.client = kubecr.Client(**self.server.options)
        self.addCleanup(self.client.close)
        self.projects = self.client.resource(PROJECTS, "default")

    def when_watched(self, change) -> None:
        """Does it when the project "a" is watched."""

        def run() -> None:
            self.server.wait_for(lambda: any("watch=" in one and "metadata.name%3Da&" in one for one in self.server.requests))
            change()

        thread = threading.Thread(target=run)
        thread.start()
        self.addCleanup(thread.join)

    def set_status(self, status: dict, generation: int = 1) -> None:
        with self.server.news:
            one = self.server.objects["default/a"]
            self.server.store({**one, "metadata": {**one["metadata"], "generation": generation}, "status": status}, "MODIFIED")

    def test_it_waits_for_an_object_that_is_not_made_yet(self):
        def change() -> None:
            self.server.put("a")
            self.set_status(ready(observedGeneration=1), 2)
            self.set_status(ready("False"), 2)
            self.set_status(ready(observedGeneration=2), 2)

        self.when_watched(change)
        self.assertEqual(self.projects.wait("a", kubecr.condition("Ready"), timeout=10)["status"], ready(observedGeneration=2))

    def test_deleted(self):
        self.assertIsNone(self.projects.wait("nothing", kubecr.deleted, timeout=10))
        self.server.put("a")

        def change() -> None:
            self.server.remove("a")
            self.server.put("a")  # at once: the deletion is seen all the same

        self.when_watched(change)
        self.assertIsNone(self.projects.wait("a", kubecr.deleted, timeout=10))

    def test_every_state_is_judged(self):
        self.server.put("a", 1)
        seen = []

        def until(one: "dict | None") -> bool:
            seen.append(one and one["spec"]["replicas"])
            return seen[-1] == 4

        def change() -> None:
            self.server.put("a", 2)
            self.server.remove("a")
            self.server.put("other", 9)
            self.server.put("a", 3)
            self.server.put("a", 4)

        self.when_watched(change)
        self.projects.wait("a", until, timeout=10)
        self.assertEqual(seen, [1, 2, None, 3, 4])

    def test_W6_after_gone_it_lists_anew_and_misses_no_deletion(self):
        with self.server.news:
            self.server.version = 50  # too old for a watch of this server
        self.server.put("a", uid="first")
        seen = []

        def until(one: "dict | None") -> bool:
            seen.append(one and one["metadata"]["uid"])
            if len(seen) == 1:  # before the watch that is refused
                with self.server.news:
                    self.server.version = 200
                self.server.put("a", 2, uid="second")
            return seen[-1] == "second"

        self.projects.wait("a", until, timeout=10)
        self.assertEqual(seen, ["first", None, "second"])

    def test_gone_again_and_again_is_paced(self):
        with self.server.news:
            self.server.version = 50
        self.server.put("a")
        with self.assertRaises(kubecr.Timeout):
            self.projects.wait("a", kubecr.deleted, timeout=0.7)
        self.assertLessEqual(sum("watch=" in one for one in self.server.requests), 3)

    def test_the_time_out_says_it_all(self):
        with self.assertRaises(kubecr.Timeout) as caught:
            self.projects.wait("a", kubecr.condition("Ready"), timeout=0.3)
        self.assertEqual(
            str(caught.exception),
            f'{PROJECTS} default/a did not come to "condition Ready=True" within 0.3 s; last seen: it is not there',
        )
        self.assertTrue(caught.exception.retryable)
        self.server.put("a", finalizers=["x/y"], deletionTimestamp="2026-01-01T00:00:00Z")
        for goal, seen in [
            (kubecr.deleted, "it is there, resourceVersion 101, being deleted, finalizers x/y"),
            (kubecr.condition("Ready"), "it has no condition Ready"),
            (kubecr.field("/spec/replicas", 7), "/spec/replicas is something else"),
            (kubecr.field("/spec/other"), "nothing is at /spec/other"),
        ]:
            with self.assertRaises(kubecr.Timeout) as caught:
                self.projects.wait("a", goal, timeout=0.3)
            self.assertTrue(str(caught.exception).endswith(f"; last seen: {seen}"), str(caught.exception))
        self.set_status(ready("False", reason="Starting", observedGeneration=1), 2)
        with self.assertRaisesRegex(kubecr.Timeout, r"last seen: condition Ready=False \(Starting\), of an older generation$"):
            self.projects.wait("a", kubecr.condition("Ready"), timeout=0.3)
        with self.assertRaisesRegex(kubecr.Timeout, "what .*never waits for"):
            self.projects.wait("a", never, timeout=0.3)

    def test_the_time_out_tells_of_the_last_failure(self):
        self.server.broken["GET", ROOT] = Refused(503, "ServiceUnavailable", "not now")
        with self.assertRaisesRegex(kubecr.Timeout, "has not said whether it is there; last failure: UNAVAILABLE: .*not now") as caught:
            self.projects.wait("a", kubecr.deleted, timeout=0.5)
        self.assertIsInstance(caught.exception.__cause__, kubecr.Unavailable)

    def test_what_is_refused_for_good_ends_it(self):
        self.server.broken["GET", ROOT] = Refused(403, "Forbidden", "no")
        with self.assertRaises(kubecr.Forbidden):
            self.projects.wait("a", kubecr.deleted)

    def test_closing_the_client_ends_it(self):
        self.when_watched(self.client.close)
        with self.assertRaisesRegex(kubecr.Cancelled, "closed while .*default/a was waited for"):
            self.projects.wait("a", never)

    def test_what_a_goal_raises_is_the_callers(self):
        with self.assertRaises(ZeroDivisionError):
            self.projects.wait("a", lambda one: 1 / 0)
        self.assertEqual(self.client.stats()["running"], 0)

    def test_without_a_namespace_it_is_the_configurations(self):
        with self.server.news:
            self.server.store({"metadata": {"name": "a", "namespace": "other"}, "spec": {}}, "ADDED")
        self.assertIsNone(self.client.resource(PROJECTS).wait("a", kubecr.deleted, timeout=10))
        self.assertEqual(self.client.resource(PROJECTS).wait("a", kubecr.field("/spec"), namespace="other", timeout=10)["spec"], {})


def never(one: object) -> bool:
    return False


class AsyncWaitTests(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self) -> None:
        self.server = Server()
        self.server.__enter__()
        self.addCleanup(self.server.__exit__, None, None, None)
        self.client = kubecr.AsyncClient(**self.server.options)
        self.addAsyncCleanup(self.client.close)
        self.projects = self.client.resource(PROJECTS, "default")

    async def watched(self) -> None:
        await asyncio.get_running_loop().run_in_executor(
            None, self.server.wait_for, lambda: any("watch=" in one for one in self.server.requests)
        )

    async def test_goals(self):
        task = asyncio.ensure_future(self.projects.wait("a", kubecr.field("/spec/replicas", 2), timeout=10))
        await self.watched()
        self.server.put("a", 1)
        self.server.put("a", 2)
        self.assertEqual((await task)["spec"], {"replicas": 2})
        with self.assertRaisesRegex(kubecr.Timeout, 'default/a did not come to "deleted" within 0.2 s; last seen: it is there'):
            await self.projects.wait("a", kubecr.deleted, timeout=0.2)
        self.server.remove("a")
        self.assertIsNone(await self.client.resource(PROJECTS).wait("a", kubecr.deleted, timeout=10))
        with self.assertRaises(kubecr.ArgumentError):
            await self.projects.wait("..", kubecr.deleted)

    async def test_W6_after_gone_it_lists_anew(self):
        with self.server.news:
            self.server.version = 50
        self.server.put("a", uid="first")
        seen = []

        def until(one: "dict | None") -> bool:
            seen.append(one and one["metadata"]["uid"])
            if len(seen) == 1:
                with self.server.news:
                    self.server.version = 200
                self.server.put("a", 2, uid="second")
            return seen[-1] == "second"

        await self.projects.wait("a", until, timeout=10)
        self.assertEqual(seen, ["first", None, "second"])

    async def test_how_it_ends_early(self):
        task = asyncio.ensure_future(self.projects.wait("a", never))
        await self.watched()
        task.cancel()
        with self.assertRaises(asyncio.CancelledError):
            await task
        began = time.monotonic()
        task = asyncio.ensure_future(self.projects.wait("a", never))
        await asyncio.sleep(0)
        await self.client.close()
        with self.assertRaises(kubecr.Cancelled):
            await task
        self.assertLess(time.monotonic() - began, 5)


if __name__ == "__main__":
    unittest.main()
