"""Watches and informers of the synchronous client."""

import gc
import threading
import unittest

import kubecr

from .server import PROJECTS, ROOT, Refused
from .test_client import Case


class WatchTests(Case):
    def watches(self) -> int:
        return sum("watch=" in one for one in self.server.requests)

    def test_it_begins_at_a_version(self):
        self.server.put("before")
        listed = self.projects.list()
        self.server.put("a")
        with self.projects.watch(resource_version=listed.resource_version) as events:
            self.assertEqual(next(events).object["metadata"]["name"], "a")
            self.server.put("a", 2)
            self.server.remove("a")
            seen = [next(events), next(events)]
        self.assertEqual([(one.type, one.object["spec"]["replicas"]) for one in seen], [("MODIFIED", 2), ("DELETED", 2)])
        self.assertEqual(events.resource_version, str(self.server.version))
        self.assertEqual(list(events), [])

    def test_without_a_version_it_begins_with_what_is_there(self):
        self.server.put("a")
        self.server.put("b")
        with self.projects.watch(bookmarks=True) as events:
            first = [next(events) for _ in range(3)]
            self.assertEqual([one.type for one in first], ["ADDED", "ADDED", "BOOKMARK"])
            self.assertEqual(repr(first[0]), "Event(ADDED default/a)")
            self.server.put("c")
            type, object_ = next(events)
            self.assertEqual((type, object_["metadata"]["name"]), ("ADDED", "c"))

    def test_it_ends_by_its_time(self):
        self.assertEqual(list(self.projects.watch(timeout=0.2)), [])

    def test_it_ends_with_what_ended_it(self):
        with self.assertRaises(kubecr.Gone):
            next(self.projects.watch(resource_version="1"))
        self.server.broken["GET", ROOT] = Refused(403, "Forbidden", "no")
        events = self.projects.watch()
        with self.assertRaises(kubecr.Forbidden):
            next(events)
        self.assertEqual(list(events), [])

    def test_another_thread_may_close_it(self):
        with self.projects.watch() as events:
            self.server.wait_for(lambda: self.watches() == 1)
            thread = threading.Thread(target=events.close)
            thread.start()
            self.assertEqual(list(events), [])
            thread.join()

    def test_a_watch_that_is_left_ends_when_it_is_collected(self):
        self.server.put("a")
        for _ in self.projects.watch():
            break
        gc.collect()
        for one in threading.enumerate():
            if one.name == "kubecr":
                one.join(10)
        self.assertEqual(self.client.stats()["running"], 0)

    def test_a_slow_reader_gets_everything_once_and_delays_nobody(self):
        self.server.put("p0")
        with self.projects.watch(max_queued=5) as slow, self.projects.watch() as quick:
            self.assertEqual([next(slow).object["metadata"]["name"], next(quick).object["metadata"]["name"]], ["p0", "p0"])
            for number in range(1, 60):
                self.server.put(f"p{number}")
            wanted = [f"p{number}" for number in range(1, 60)]
            self.assertEqual([next(quick).object["metadata"]["name"] for _ in wanted], wanted)
            self.assertLessEqual(len(slow._stream._queue), 5)
            self.assertEqual([next(slow).object["metadata"]["name"] for _ in wanted], wanted)
        self.assertGreater(self.watches(), 2)

    def test_a_lagging_watch_ends_by_its_time_too(self):
        with self.projects.watch(max_queued=2, timeout=0.5) as events:
            self.server.wait_for(lambda: self.watches() == 1)
            for number in range(20):
                self.server.put(f"p{number}")
            self.assertLessEqual(len(list(events)), 20)


class InformerTests(Case):
    def test_it_keeps_and_finds_what_is_wanted(self):
        self.server.put("a", 1, labels={"team": "blue"}, annotations={"long": "x"})
        self.server.put("b", 2, labels={"team": "red"})
        with self.projects.informer(keep=["/spec/replicas"], indexes={"team": "/metadata/labels/team"}) as informer:
            informer.wait_synced(timeout=10)

            def names(**options) -> list:
                return sorted(one["metadata"]["name"] for one in informer.list(**options))

            self.assertEqual((names(), names(index="team", value="blue"), names(label_selector="team!=blue")), (["a", "b"], ["a"], ["b"]))
            self.assertEqual((names(index="team", value="none"), names(namespace="other")), ([], []))
            one = informer["default/a"]
            self.assertIsInstance(one, kubecr.PartialObject)
            self.assertEqual((one["spec"], "annotations" in one["metadata"]), ({"replicas": 1}, False))
            with self.assertRaises(kubecr.ArgumentError):
                self.projects.replace(one)
            for wrong in ({"index": "other", "value": "x"}, {"index": "team"}, {"label_selector": "a in"}):
                with self.assertRaises(kubecr.ArgumentError):
                    informer.list(**wrong)

    def test_it_is_a_mapping_that_follows(self):
        self.server.put("a")
        with self.projects.informer() as informer:
            informer.wait_synced(timeout=10)
            self.assertEqual(informer["default/a"]["spec"], {"replicas": 1})
            self.assertIsNone(informer.get("default/nothing"))
            with self.assertRaises(KeyError):
                informer["default/nothing"]
            self.assertTrue("default/a" in informer and "b" not in informer and 3 not in informer)
            self.assertEqual((len(informer), list(informer), informer.keys()), (1, ["default/a"], ["default/a"]))
            self.assertEqual([one["metadata"]["name"] for one in informer.list(namespace="default")], ["a"])
            self.assertEqual(informer.list(namespace="other"), [])
            self.assertEqual(informer.list().resource_version, "101")
            self.assertLess(informer.staleness, 10)
            self.assertTrue(informer.has_synced)
            self.assertEqual((informer.stats()["objects"], informer.last_error), (1, None))
            seen = threading.Event()
            informer.on(modified=lambda old, new: seen.set())
            self.server.put("a", 2)
            self.assertTrue(seen.wait(10))
            self.assertEqual(informer["default/a"]["spec"], {"replicas": 2})
        self.assertEqual(informer["default/a"]["spec"], {"replicas": 2})
        with self.assertRaises(kubecr.Cancelled):
            informer.start()

    def test_nothing_is_asked_before_the_start(self):
        informer = self.projects.informer()
        self.assertEqual((informer.staleness, len(informer), bool(informer)), (float("inf"), 0, True))
        self.assertEqual(self.server.requests, [])

    def test_handlers_hear_of_what_was_there_first(self):
        self.server.put("a")
        told, done = [], threading.Event()

        def changed(change: kubecr.Change) -> None:
            told.append((change.type, change.object.get("spec"), change.old and change.old["spec"], change.initial))
            if change.type == "DELETED":
                done.set()

        informer = self.projects.informer()
        names = []
        informer.on(
            added=lambda one: names.append(one["metadata"]["name"]), synced=lambda: names.append("synced"),
            modified=lambda old, new: names.append((old["spec"]["replicas"], new["spec"]["replicas"])),
            deleted=lambda one: names.append(-one["spec"]["replicas"]),
        )  # fmt: skip
        informer.on(changed=changed)
        informer.wait_synced(10)
        self.server.put("a", 2)
        self.server.remove("a")
        self.assertTrue(done.wait(10))
        self.assertEqual(names, ["a", "synced", (1, 2), -2])
        self.assertEqual(told, [
            ("ADDED", {"replicas": 1}, None, True), ("SYNCED", None, None, False), ("MODIFIED", {"replicas": 2}, {"replicas": 1}, False),
            ("DELETED", {"replicas": 2}, None, False),
        ])  # fmt: skip
        late = threading.Event()
        informer.on(synced=late.set)
        self.assertTrue(late.wait(10))

    def test_a_handler_may_use_and_close_the_client(self):
        self.server.put("a")
        done = threading.Event()

        def added(project: dict) -> None:
            self.projects.patch("a", {"spec": {"replicas": 5}})
            with self.projects.watch(timeout=10) as events:
                self.assertEqual(next(events).object["spec"]["replicas"], 5)
            other = self.projects.informer()
            other.wait_synced(10)
            self.assertEqual(other["default/a"]["spec"]["replicas"], 5)
            self.client.close()
            done.set()

        self.projects.informer().on(added=added)
        informer = self.projects.informer()
        informer.on(added=added)
        informer.start()
        self.assertTrue(done.wait(20))
        for one in threading.enumerate():
            if one.name == "kubecr":
                one.join(10)
        with self.assertRaisesRegex(RuntimeError, "closed"):
            self.projects.list()

    def test_what_a_handler_raises_is_logged_and_the_next_is_called(self):
        done = threading.Event()
        informer = self.projects.informer()
        informer.on(synced=lambda: {}["wrong"])
        informer.on(synced=done.set)
        with self.assertLogs("kubecr", "ERROR") as logs:
            informer.start()
            self.assertTrue(done.wait(10))
        self.assertIn("KeyError: 'wrong'", logs.output[0])

    def test_a_removed_handler_hears_no_more(self):
        informer, told, done = self.projects.informer().start(), [], threading.Event()
        handler = informer.on(added=told.append)
        informer.on(added=lambda one: done.set())
        informer.wait_synced(10)
        handler.remove()
        handler.remove()
        self.server.put("a")
        self.assertTrue(done.wait(10))
        self.assertEqual(told, [])

    def test_the_wait_for_the_sync_says_what_is_wrong(self):
        self.server.broken["GET", ROOT] = Refused(403, "Forbidden", "not for you")
        with self.projects.informer() as informer, self.assertRaisesRegex(kubecr.Forbidden, "not for you"):
            informer.wait_synced(timeout=0.5)
        self.server.broken["GET", ROOT] = None
        with self.projects.informer() as informer, self.assertRaisesRegex(kubecr.Timeout, "0.3 s"):
            informer.wait_synced(timeout=0.3)
        with self.projects.informer() as informer:
            timer = threading.Timer(0.1, informer.close)
            timer.start()
            with self.assertRaises(kubecr.Cancelled):
                informer.wait_synced()
            timer.join()

    def test_an_informer_that_nobody_holds_goes_on(self):
        told = threading.Event()
        self.projects.informer().start().on(added=lambda one: told.set())
        gc.collect()
        self.server.put("a")
        self.assertTrue(told.wait(10))

    def test_reading_after_the_client_s_end(self):
        self.server.put("a")
        informer = self.projects.informer()
        informer.wait_synced(10)
        self.client.close()
        self.assertEqual(informer["default/a"]["spec"], {"replicas": 1})
        del informer
        gc.collect()


if __name__ == "__main__":
    unittest.main()
