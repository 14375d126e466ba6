"""The synchronous client: verbs, failures, threads, Ctrl-C, its end."""

import json
import os
import signal
import threading
import time
import unittest

import kubecr
from kubecr import _engine

from .server import PROJECTS, ROOT, Refused, Server


class Case(unittest.TestCase):
    def setUp(self) -> None:
        self.server = Server()
        self.enterContext_(self.server)
        self.client = kubecr.Client(**self.server.options)
        self.addCleanup(self.client.close)
        self.projects = self.client.resource(PROJECTS, "default")

    def enterContext_(self, context):  # enterContext is 3.11
        self.addCleanup(context.__exit__, None, None, None)
        return context.__enter__()

    def interrupt(self, path: str) -> threading.Event:
        """Ctrl-C, as soon as the server has heard of the path and the event that is given back is set."""
        go = threading.Event()

        def press() -> None:
            self.server.wait_for(lambda: any(path in one for one in self.server.requests))
            go.wait(10)
            os.kill(os.getpid(), signal.SIGINT)

        thread = threading.Thread(target=press, daemon=True)
        thread.start()
        self.addCleanup(thread.join)
        return go

    def assert_quick(self, began: float) -> None:
        self.assertLess(time.monotonic() - began, 5)


class VerbTests(Case):
    def test_the_verbs_of_an_object(self):
        made = self.projects.create({"metadata": {"name": "a"}, "spec": {"replicas": 1}})
        self.assertEqual((made["kind"], made["apiVersion"], made["metadata"]["namespace"]), ("Project", f"{ROOT[6:]}", "default"))
        self.assertEqual(self.projects.get("a"), made)
        made["spec"]["replicas"] = 2
        self.assertEqual(self.projects.replace(made)["spec"], {"replicas": 2})
        self.assertEqual(self.projects.patch("a", {"spec": {"replicas": 3}})["spec"], {"replicas": 3})
        self.assertEqual(self.projects.apply(
            {"metadata": {"name": "a"}, "spec": {"replicas": 4}}, field_manager="me", force=True)["spec"], {"replicas": 4})
        self.assertIn("fieldManager=me", self.server.requests[-1])
        self.assertIsNone(self.projects.delete("a", grace_period_seconds=0))
        with self.assertRaises(kubecr.NotFound):
            self.projects.get("a")

    def test_lists_and_pages(self):
        for number in range(5):
            self.server.put(f"p{number}")
        listed = self.projects.list()
        self.assertEqual([one["metadata"]["name"] for one in listed], ["p0", "p1", "p2", "p3", "p4"])
        self.assertEqual((listed.resource_version, listed.continue_), ("105", ""))
        self.assertEqual([len(page) for page in self.projects.pages(limit=2)], [2, 2, 1])
        first = self.projects.list(limit=2)
        self.assertEqual(len(self.projects.list(limit=2, continue_=first.continue_)), 2)
        self.assertEqual([len(page) for page in self.projects.pages(limit=2, continue_=first.continue_)], [2, 1])
        self.assertEqual(len(self.client.resource("proj").list()), 5)
        self.projects.delete_collection(label_selector="a=b")
        self.assertEqual(self.projects.list(), [])

    def test_subresources(self):
        self.server.put("a")
        self.projects.patch_status("a", {"status": {"phase": "Ready"}})
        self.assertTrue(self.server.requests[-1].endswith("/projects/a/status"))
        self.projects.scale("a", 3)
        self.assertEqual(self.server.requests[-1], f"PATCH {ROOT}/namespaces/default/projects/a/scale")
        self.assertEqual(self.projects.get_scale("a")["spec"]["replicas"], 3)
        self.assertEqual(self.projects.replace_status(self.projects.get_status("a"))["status"], {"phase": "Ready"})

    def test_a_verb_takes_a_namespace_of_its_own(self):
        self.server.put("a")
        self.assertEqual(self.client.resource(PROJECTS).get("a", namespace="default")["metadata"]["name"], "a")

    def test_other_endpoints(self):
        self.assertEqual(self.client.version()["gitVersion"], "v1.99.0")
        self.assertEqual(self.client.request("GET", "/version", query={"a": ["1", "2"]})["gitVersion"], "v1.99.0")
        self.assertEqual(self.server.requests[-1], "GET /version?a=1&a=2")
        self.assertEqual(self.client.request_raw("GET", "/text"), b"plain text, \xff\x00 and bytes")
        for length in (0, 1, 2, 3, 4, 256):
            self.assertEqual(self.client.request_raw("GET", f"/bytes/{length}"), bytes(range(256 - length, 256)))
        self.assertEqual(json.loads(self.client.request_raw("GET", "/version"))["gitVersion"], "v1.99.0")
        with self.assertRaises(kubecr.TypeMismatch):
            self.client.request("GET", "/text")
        self.assertEqual(self.client.discover("proj")["kind"], "Project")
        self.assertGreater(self.client.stats()["calls"], 3)

    def test_an_update_settles_conflicts(self):
        self.server.put("a", 1)
        meddled = []

        def change(project: dict) -> None:
            if len(meddled) < 2:
                meddled.append(self.server.put("a", 10 + len(meddled)))
            project["spec"]["replicas"] += 1

        self.assertEqual(self.projects.update("a", change)["spec"]["replicas"], 12)
        with self.assertRaises(kubecr.Conflict):
            self.projects.update("a", lambda project: self.server.put("a", 1) and None, attempts=2)

    def test_waiting_for_a_state(self):
        self.assertIsNone(self.projects.wait("a", lambda project: project is None, timeout=10))
        timer = threading.Thread(target=lambda: (
            self.server.wait_for(lambda: sum("watch=" in one for one in self.server.requests) > 0), self.server.put("a", 7)))
        timer.start()
        self.assertEqual(self.projects.wait("a", lambda project: project and project["spec"]["replicas"] == 7, timeout=10)["spec"], {"replicas": 7})
        timer.join()
        with self.assertRaisesRegex(kubecr.Timeout, "0.2 s"):
            self.projects.wait("a", lambda project: project is None, timeout=0.2)


class FailureTests(Case):
    def test_an_error_has_it_all(self):
        with self.assertRaises(kubecr.NotFound) as caught:
            self.projects.get("nothing")
        error = caught.exception
        self.assertEqual((error.status, error.code, error.http_status, error.reason), (-104, "NOT_FOUND", 404, "NotFound"))
        self.assertEqual((error.details["code"], error.details["kind"], error.retry_after), (404, "Status", None))
        self.assertIn('"nothing" not found', str(error))
        self.assertFalse(error.retryable)

    def test_a_server_that_asks_to_wait_is_heard(self):
        self.server.broken["GET", ROOT] = Refused(429, "TooManyRequests", "slow down", {"Retry-After": "7"})
        with kubecr.Client(**self.server.options, max_retries=0) as client, self.assertRaises(kubecr.TooManyRequests) as caught:
            client.resource(PROJECTS, "default").list()
        self.assertEqual((caught.exception.retry_after, caught.exception.http_status), (7.0, 429))

    def test_each_refusal_has_its_class(self):
        self.server.put("a")
        for code, reason, kind in (
            (400, "BadRequest", kubecr.BadRequest), (401, "Unauthorized", kubecr.Unauthorized), (403, "Forbidden", kubecr.Forbidden),
            (409, "Conflict", kubecr.Conflict), (410, "Expired", kubecr.Gone), (422, "Invalid", kubecr.Invalid),
            (500, "InternalError", kubecr.ServerError),
        ):  # fmt: skip
            self.server.broken["PATCH", ROOT] = Refused(code, reason, "no")
            with self.subTest(reason), self.assertRaises(kind):
                self.projects.patch("a", {})

    def test_arguments_are_refused_before_anything_is_sent(self):
        before = len(self.server.requests)
        for name in ("..", "a/b", ""):
            with self.subTest(name), self.assertRaises(kubecr.ArgumentError):
                self.projects.get(name)
        with self.assertRaises(ValueError):
            self.projects.create({"metadata": {"name": "a"}, "spec": {"replicas": float("nan")}})
        for verb in (self.projects.list, self.projects.watch, self.projects.informer, self.client.version, self.projects.pages):
            with self.assertRaisesRegex(TypeError, "nope"):
                list(verb(nope=1))
        self.assertEqual(len(self.server.requests), before)

    def test_silence_is_a_timeout(self):
        self.server.broken["GET", ROOT] = None
        began = time.monotonic()
        with self.assertRaises(TimeoutError):
            self.projects.get("a", timeout=0.2)
        self.assert_quick(began)

    def test_an_answer_that_python_can_not_take_is_told(self):
        self.server.put("a")
        original, _engine.object_of = _engine.object_of, lambda handle: {}[handle]
        self.addCleanup(setattr, _engine, "object_of", original)
        with self.assertRaises(KeyError):
            self.projects.get("a")


class ThreadTests(Case):
    def test_many_threads_share_a_client(self):
        failures = []

        def work(number: int) -> None:
            try:
                for turn in range(10):
                    name = f"t{number}-{turn}"
                    self.projects.create({"metadata": {"name": name}, "spec": {"replicas": 1}})
                    self.assertEqual(self.projects.get(name)["metadata"]["name"], name)
                    self.projects.delete(name)
            except BaseException as error:
                failures.append(error)

        for informer in (False, True):
            if informer:
                self.projects.informer().start()
            threads = [threading.Thread(target=work, args=(number,)) for number in range(8)]
            for thread in threads:
                thread.start()
            for thread in threads:
                thread.join()
            self.assertEqual(failures, [])

    def test_one_daemon_thread_lives_as_long_as_it_is_needed(self):
        def ours() -> list:
            return [one for one in threading.enumerate() if one.name == "kubecr"]

        self.projects.list()
        self.assertEqual(ours(), [])
        with self.projects.informer() as informer, self.projects.watch():
            informer.wait_synced(10)
            self.assertEqual([one.daemon for one in ours()], [True])
            thread = ours()[0]
        thread.join(10)
        self.assertEqual(ours(), [])
        self.assertEqual(self.projects.list(), [])

    def test_closing_ends_a_call_of_another_thread(self):
        for informer in (False, True):
            with self.subTest(informer=informer):
                client = kubecr.Client(**self.server.options)
                if informer:
                    client.resource(PROJECTS).informer().start().wait_synced(10)
                self.server.broken["GET", f"{ROOT}/namespaces/default/projects/silent"] = None
                raised = []

                def get() -> None:
                    try:
                        client.resource(PROJECTS, "default").get("silent")
                    except BaseException as error:
                        raised.append(error)

                thread = threading.Thread(target=get)
                before = len(self.server.requests)
                thread.start()
                self.server.wait_for(lambda: any("silent" in one for one in self.server.requests[before:]))
                client.close()
                thread.join(10)
                self.assertEqual([type(one) for one in raised], [kubecr.Cancelled])

    def test_a_closed_client_says_so(self):
        self.client.close()
        self.client.close()
        with self.assertRaisesRegex(RuntimeError, "closed"):
            self.projects.get("a")
        with self.assertRaisesRegex(RuntimeError, "closed"):
            self.projects.informer()


class InterruptTests(Case):
    def test_ctrl_c_ends_a_call(self):
        self.server.put("a")
        silent = ("GET", f"{ROOT}/namespaces/default/projects/silent")
        for informer in (False, True):
            with self.subTest(informer=informer):
                if informer:
                    self.projects.informer().start().wait_synced(10)
                self.server.broken[silent] = None
                self.server.requests.clear()
                go = self.interrupt("silent")
                began = time.monotonic()
                with self.assertRaises(KeyboardInterrupt):
                    go.set()
                    self.projects.get("silent")
                self.assert_quick(began)
                self.assertEqual(self.projects.get("a")["metadata"]["name"], "a")
                self.assertEqual(self.client.stats()["running"], 1 if informer else 0)

    def test_ctrl_c_ends_a_wait_for_events_and_for_the_sync(self):
        with self.projects.watch() as events:
            go = self.interrupt("watch=")
            with self.assertRaises(KeyboardInterrupt):
                go.set()
                next(events)
        self.server.broken["GET", f"{ROOT}/namespaces/quiet"] = None
        go = self.interrupt("/quiet/")
        with self.client.resource(PROJECTS, "quiet").informer() as informer, self.assertRaises(KeyboardInterrupt):
            go.set()
            informer.wait_synced()

    def test_ctrl_c_inside_of_a_callback_is_not_lost(self):
        self.server.put("a")
        original = _engine.object_of

        def press(handle):
            _engine.object_of = original
            os.kill(os.getpid(), signal.SIGINT)
            return original(handle)

        _engine.object_of = press
        with self.assertRaises(KeyboardInterrupt):
            self.projects.get("a")
        self.assertEqual(self.projects.get("a")["metadata"]["name"], "a")

    def test_a_signal_handler_may_use_the_client(self):
        self.server.put("a")
        self.server.broken["GET", f"{ROOT}/namespaces/default/projects/silent"] = None
        got = []
        before = signal.signal(signal.SIGUSR1, lambda *_: got.append(self.projects.get("a")))
        self.addCleanup(signal.signal, signal.SIGUSR1, before)

        def send() -> None:
            self.server.wait_for(lambda: any("silent" in one for one in self.server.requests))
            os.kill(os.getpid(), signal.SIGUSR1)

        thread = threading.Thread(target=send)
        thread.start()
        with self.assertRaises(kubecr.Timeout):
            self.projects.get("silent", timeout=1)
        thread.join()
        self.assertEqual(len(got), 1)


if __name__ == "__main__":
    unittest.main()
