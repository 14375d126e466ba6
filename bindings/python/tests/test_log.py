"""The library's log in Python: whom it is told, when, and that nothing waits for it for ever."""

import asyncio
import gc
import logging
import threading
import time
import unittest

import kubecr
from kubecr import _engine

from .server import PROJECTS, ROOT, Refused, Server
from .test_package import python

PATH = f"{ROOT}/namespaces/default/projects/a"


class LogTests(unittest.TestCase):
    def setUp(self) -> None:
        self.server = Server()
        self.server.__enter__()
        self.addCleanup(self.server.__exit__, None, None, None)
        self.server.put("a")
        self.client = kubecr.Client(**self.server.options)
        self.addCleanup(self.client.close)
        self.addCleanup(kubecr.log_to, None)
        self.projects = self.client.resource(PROJECTS, "default")
        self.lines = []

    def write(self, level: int, message: str) -> None:
        """Hears that a call is tried again, and lets it succeed."""
        self.lines.append((level, message))
        with self.server.news:
            self.server.broken.clear()

    def refuse(self) -> None:
        with self.server.news:
            self.server.broken["GET", PATH] = Refused(503, "ServiceUnavailable", "not now", {"Retry-After": "0"})

    def test_a_function_is_told_while_the_call_goes_on(self):
        kubecr.log_to(self.write)
        self.refuse()
        # If it were told at the end, the call would fail: only `write` ends the refusals.
        self.assertEqual(self.projects.get("a")["metadata"]["name"], "a")
        self.assertEqual(self.lines[0][0], logging.INFO)
        self.assertRegex(self.lines[0][1], "tried again in .* not now")

    def test_a_logger_is_told_by_its_own_level(self):
        logger = logging.getLogger("tests.kubecr")
        self.addCleanup(logger.setLevel, logging.NOTSET)
        with self.assertLogs(logger, "DEBUG") as logged:
            logger.setLevel(logging.WARNING)
            kubecr.log_to(logger)
            with self.assertRaises(kubecr.Timeout):
                self.refuse()
                self.projects.wait("a", kubecr.deleted, timeout=0.2)
            logger.setLevel(logging.DEBUG)
            with self.server.news:
                self.server.broken["GET", f"{ROOT}/namespaces/default/projects"] = Refused(500, "InternalError", "100 %s")
            with self.assertRaises(kubecr.Timeout):
                self.projects.wait("a", kubecr.deleted, timeout=0.2)
        self.assertEqual({record.levelno for record in logged.records}, {logging.WARNING})
        self.assertIn("100 %s", logged.records[-1].getMessage())

    def test_levels(self):
        for level in ("warning", logging.ERROR, 50):
            kubecr.log_to(self.write, level)
            self.refuse()
            with self.assertRaises(kubecr.Unavailable):
                self.projects.get("a")
            self.assertEqual(self.lines, [])
        kubecr.log_to(self.write, "DEBUG")
        with self.server.news:
            self.server.broken.clear()
        with self.projects.informer() as informer:
            informer.wait_synced(10)
        self.assertIn(logging.DEBUG, [level for level, _ in self.lines])
        for wrong in ("LOUD", ""):
            with self.assertRaisesRegex(ValueError, "is no level"):
                kubecr.log_to(self.write, wrong)
        with self.assertRaises(TypeError):
            kubecr.log_to("kubecr")

    def test_nobody_is_told_any_more(self):
        kubecr.log_to(self.write)
        kubecr.log_to(None)
        self.refuse()
        with self.assertRaises(kubecr.Unavailable):
            self.projects.get("a")
        self.assertEqual(self.lines, [])

    def test_a_target_may_use_the_client_and_take_a_lock_of_its_own(self):
        mine, got = threading.Lock(), []

        def write(level: int, message: str) -> None:
            self.write(level, message)
            with mine:
                got.append(self.projects.get("a")["metadata"]["name"])

        kubecr.log_to(write)
        self.refuse()
        begun = threading.Event()

        def other() -> None:
            with mine:
                begun.set()
                got.append(self.client.version()["gitVersion"])

        thread = threading.Thread(target=other)
        with self.server.news:  # nobody is answered before the other one has its lock
            thread.start()
            begun.wait(10)
        self.projects.get("a")
        thread.join(10)
        self.assertFalse(thread.is_alive())
        # As often as something was logged: a second try may come before the first refusal was told.
        self.assertEqual(set(got), {"a", "v1.99.0"})

    def test_what_a_target_raises_is_logged_and_the_next_is_told(self):
        def write(level: int, message: str) -> None:
            self.write(level, message)
            if len(self.lines) == 1:
                raise IndexError("mine")

        kubecr.log_to(write)
        for _ in range(2):
            self.refuse()
            if not self.lines:
                with self.assertLogs("kubecr", "ERROR"):
                    self.projects.get("a")
            else:
                self.projects.get("a")
        self.assertGreaterEqual(len(self.lines), 2)

    def test_it_is_told_beside_an_informer(self):
        told = threading.Event()
        kubecr.log_to(lambda level, message: (self.write(level, message), told.set()))
        with self.projects.informer() as informer:
            informer.wait_synced(10)
            self.refuse()
            self.projects.get("a")
            self.assertTrue(told.wait(10))

    def test_a_client_that_is_forgotten_is_freed(self):
        kubecr.log_to(self.write, "DEBUG")
        before = len(_engine._locks)
        client = kubecr.Client(**self.server.options)
        client.resource(PROJECTS, "default").get("a")
        self.assertEqual(len(_engine._locks), before + 1)
        del client
        gc.collect()
        deadline = time.monotonic() + 10
        while len(_engine._locks) > before:
            self.assertLess(time.monotonic(), deadline)
            time.sleep(0.01)

    def test_leaving_with_the_log_on_is_clean(self):
        for code in (
            "watch = projects.watch(); next(watch); informer = projects.informer().start()",
            "threading.Thread(target=lambda: [projects.get('a') for _ in range(100000)], daemon=True).start()",
            "import asyncio\nasync def main():\n  other = kubecr.AsyncClient(source='none', server=os.environ['SERVER'])\n"
            "  asyncio.get_running_loop().slow_callback_duration = 60\n"
            "  await other.resource('example.sealyun.com/v1alpha1/projects', 'default').informer().wait_synced(10)\n  return other\n"
            "kept = asyncio.run(main())",
        ):
            begin = f"""
import os, threading, kubecr
kubecr.log_to(lambda level, message: len(message), "DEBUG")
client = kubecr.Client(source="none", server=os.environ["SERVER"])
projects = client.resource({PROJECTS!r}, "default")
projects.get("a")
"""
            done = python(begin + code, SERVER=self.server.url)
            self.assertEqual((done.returncode, done.stderr, done.stdout), (0, "", ""), code)


class AsyncLogTests(unittest.IsolatedAsyncioTestCase):
    async def test_it_is_told_in_the_event_loop_while_the_call_goes_on(self):
        with Server() as server:
            server.put("a")
            told = []

            def write(level: int, message: str) -> None:
                told.append((asyncio.get_running_loop(), level))
                with server.news:
                    server.broken.clear()

            kubecr.log_to(write)
            self.addCleanup(kubecr.log_to, None)
            with server.news:
                server.broken["GET", PATH] = Refused(503, "ServiceUnavailable", "not now", {"Retry-After": "0"})
            async with kubecr.AsyncClient(**server.options) as client:
                await client.resource(PROJECTS, "default").get("a")
            self.assertEqual(told[0], (asyncio.get_running_loop(), logging.INFO))


if __name__ == "__main__":
    unittest.main()
