"""The client inside asyncio."""

import asyncio
import os
import threading
import time
import unittest
from pathlib import Path

import kubecr

from .server import PROJECTS, ROOT, Refused, Server


def name_of_task(task: str) -> str:
    return Path(f"/proc/self/task/{task}/comm").read_text()


class AsyncTests(unittest.IsolatedAsyncioTestCase):
    async def asyncSetUp(self) -> None:
        self.server = Server()
        self.server.__enter__()
        self.addCleanup(self.server.__exit__, None, None, None)
        self.client = kubecr.AsyncClient(**self.server.options)
        self.addAsyncCleanup(self.client.close)
        self.projects = self.client.resource(PROJECTS, "default")

    async def heard(self, condition) -> None:
        await asyncio.get_running_loop().run_in_executor(None, self.server.wait_for, condition)

    async def test_the_verbs(self):
        made = await self.projects.create({"metadata": {"name": "a"}, "spec": {"replicas": 1}})
        self.assertEqual(await self.projects.get("a"), made)
        made["spec"]["replicas"] = 2
        self.assertEqual((await self.projects.replace(made))["spec"], {"replicas": 2})
        self.assertEqual((await self.projects.patch("a", {"spec": {"replicas": 3}}))["spec"], {"replicas": 3})
        body = {"metadata": {"name": "a"}, "spec": {"replicas": 4}}
        self.assertEqual((await self.projects.apply(body, field_manager="me"))["spec"], {"replicas": 4})
        await self.projects.patch_status("a", {"status": {"phase": "Ready"}})
        status = await self.projects.get_status("a")
        self.assertEqual((await self.projects.replace_status(status))["status"], {"phase": "Ready"})
        await self.projects.scale("a", 6)
        self.assertEqual((await self.projects.get_scale("a"))["spec"], {"replicas": 6})
        self.server.put("b")
        self.assertEqual(len(await self.projects.list()), 2)
        self.assertEqual([len(page) async for page in self.projects.pages(limit=1)], [1, 1])
        with self.assertRaises(kubecr.AlreadyExists):
            await self.projects.create({"metadata": {"name": "b"}, "spec": {"replicas": 1}})
        self.assertIsNone(await self.projects.delete("a"))
        await self.projects.delete_collection()
        self.assertEqual(await self.projects.list(), [])
        self.assertEqual((await self.client.version())["gitVersion"], "v1.99.0")
        self.assertEqual(await self.client.request_raw("GET", "/text"), b"plain text, \xff\x00 and bytes")
        self.assertEqual((await self.client.discover("proj"))["kind"], "Project")
        self.assertGreater(self.client.stats()["calls"], 10)
        self.assertEqual(self.client.config["server"], self.server.url)

    async def test_calls_run_side_by_side(self):
        async def one(name: str) -> str:
            await self.projects.create({"metadata": {"name": name}, "spec": {"replicas": 1}})
            got = await self.projects.get(name)
            await self.projects.delete(name)
            return got["metadata"]["name"]

        names = [f"p{number}" for number in range(40)]
        self.assertEqual(await asyncio.gather(*map(one, names)), names)

    async def test_updates_settle_conflicts(self):
        self.server.put("a", 0)

        def add(project: dict) -> None:
            project["spec"]["replicas"] += 1

        await asyncio.gather(*(self.projects.update("a", add, attempts=100) for _ in range(4)))
        self.assertEqual((await self.projects.get("a"))["spec"], {"replicas": 4})

    async def test_a_cancelled_task_cancels_its_call(self):
        silent = ("GET", f"{ROOT}/namespaces/default/projects/silent")
        self.server.broken[silent] = None
        task = asyncio.ensure_future(self.projects.get("silent"))
        await self.heard(lambda: any("silent" in one for one in self.server.requests))
        task.cancel()
        with self.assertRaises(asyncio.CancelledError):
            await task
        with self.assertRaises(asyncio.TimeoutError):
            await asyncio.wait_for(self.projects.get("silent"), 0.1)
        self.server.put("a")
        self.assertEqual((await self.projects.get("a"))["metadata"]["name"], "a")
        self.assertEqual(self.client.stats()["running"], 0)

    async def test_watches(self):
        self.server.put("a")
        async with self.projects.watch() as events:
            self.assertEqual((await events.__anext__()).type, "ADDED")
            self.server.put("a", 2)
            async for event in events:
                self.assertEqual((event.type, event.object["spec"]), ("MODIFIED", {"replicas": 2}))
                break
        self.assertEqual([event async for event in events], [])
        self.assertEqual([event.type async for event in self.projects.watch(timeout=0.2)], ["ADDED"])
        with self.assertRaises(kubecr.Gone):
            await self.projects.watch(resource_version="1").__anext__()
        self.assertNotIn("kubecr", [one.name for one in threading.enumerate()])
        self.assertFalse(any(name.startswith("kubecr") for name in map(name_of_task, os.listdir("/proc/self/task"))))

    async def test_a_slow_reader_gets_everything_once(self):
        wanted = [f"p{number}" for number in range(60)]
        async with self.projects.watch(max_queued=5, resource_version="100") as events:
            for name in wanted:
                self.server.put(name)
            self.assertEqual([(await events.__anext__()).object["metadata"]["name"] for _ in wanted], wanted)

    async def test_closing_ends_what_waits(self):
        watch = self.projects.watch()
        task = asyncio.ensure_future(watch.__anext__())
        self.server.broken["GET", f"{ROOT}/namespaces/default/projects/silent"] = None
        call = asyncio.ensure_future(self.projects.get("silent"))
        await self.heard(lambda: any("silent" in one for one in self.server.requests))
        await self.client.close()
        with self.assertRaises(StopAsyncIteration):
            await task
        with self.assertRaises(kubecr.Cancelled):
            await call
        with self.assertRaisesRegex(RuntimeError, "closed"):
            await self.projects.get("a")

    async def test_informers(self):
        self.server.put("a")
        told, done = [], asyncio.Event()
        async with self.projects.informer() as informer:
            informer.on(added=lambda one: told.append(one["metadata"]["name"]), deleted=lambda one: done.set())
            await informer.wait_synced(timeout=10)
            self.assertEqual(informer["default/a"]["spec"], {"replicas": 1})
            self.server.put("b")
            self.server.remove("b")
            await asyncio.wait_for(done.wait(), 10)
        self.assertEqual((told, sorted(informer)), (["a", "b"], ["default/a"]))
        self.server.broken["GET", ROOT] = Refused(403, "Forbidden", "no")
        with self.assertRaises(kubecr.Forbidden):
            await self.projects.informer().wait_synced(timeout=0.5)

    async def test_a_failing_handler_is_logged(self):
        with self.assertLogs("kubecr", "ERROR"):
            informer = self.projects.informer()
            informer.on(synced=lambda: {}["wrong"])
            await informer.wait_synced(10)
            while not informer.stats()["queued"] == 0:
                await asyncio.sleep(0)
            await self.projects.list()

    async def test_a_handler_that_nobody_would_await_is_refused(self):
        async def added(one: dict) -> None:
            pass

        with self.assertRaisesRegex(TypeError, "coroutine"):
            self.projects.informer().on(added=added)

    async def test_waiting_for_a_state(self):
        task = asyncio.ensure_future(self.projects.wait("a", lambda one: one and one["spec"]["replicas"] == 2, timeout=10))
        await self.heard(lambda: any("watch=" in one for one in self.server.requests))
        self.server.put("a", 2)
        self.assertEqual((await task)["spec"], {"replicas": 2})
        with self.assertRaises(kubecr.Timeout):
            await self.projects.wait("a", lambda one: one is None, timeout=0.1)

    async def test_it_belongs_to_one_loop(self):
        await self.projects.list()

        def elsewhere() -> None:
            async def use() -> None:
                with self.assertRaisesRegex(RuntimeError, "another event loop"):
                    await self.projects.list()

            asyncio.run(use())

        await asyncio.get_running_loop().run_in_executor(None, elsewhere)

    async def test_the_loop_goes_on_meanwhile(self):
        self.server.broken["GET", ROOT] = None
        began = time.monotonic()
        with self.assertRaises(kubecr.Timeout):
            await asyncio.gather(self.projects.get("a", timeout=0.3), asyncio.sleep(0.1))
        self.assertLess(time.monotonic() - began, 5)


if __name__ == "__main__":
    unittest.main()
