"""The process around a client: leaving it with everything running, Ctrl-C, fork."""

import os
import signal
import subprocess
import sys
import unittest

import kubecr

from .server import PROJECTS, Server
from .test_package import python

BEGIN = """
import os, sys, threading, kubecr
client = kubecr.Client(source="none", server=sys.argv[1] if len(sys.argv) > 1 else os.environ["SERVER"])
projects = client.resource({projects!r}, "default")
""".format(projects=PROJECTS)


class ProcessTests(unittest.TestCase):
    def setUp(self) -> None:
        self.server = Server()
        self.server.__enter__()
        self.addCleanup(self.server.__exit__, None, None, None)
        self.server.put("a")

    def run_python(self, code: str) -> subprocess.CompletedProcess:
        return python(BEGIN + code, SERVER=self.server.url)

    def assert_clean(self, code: str) -> None:
        done = self.run_python(code)
        self.assertEqual((done.returncode, done.stderr, done.stdout), (0, "", ""))

    def test_leaving_with_everything_alive_is_clean(self):
        self.assert_clean("""
informer = projects.informer()
informer.on(added=lambda one: projects.get("a"))
informer.wait_synced(10)
watch = projects.watch()
next(watch)
threading.Thread(target=lambda: list(watch), daemon=True).start()
threading.Thread(target=lambda: [projects.get("a") for _ in range(100000)], daemon=True).start()
""")

    def test_what_runs_at_exit_may_still_use_the_client(self):
        done = python(
            "import atexit\natexit.register(lambda: (print(projects.get('a')['metadata']['name']), client.close()))\n" + BEGIN
            + "projects.informer().wait_synced(10)", SERVER=self.server.url,
        )  # fmt: skip
        self.assertEqual((done.returncode, done.stderr, done.stdout), (0, "", "a\n"))

    def test_leaving_in_a_storm_of_events_is_clean(self):
        for _ in range(5):
            self.assert_clean("""
for _ in range(5):
    projects.informer().start().on(changed=lambda change: None)
def change():
    while True: projects.patch("a", {"spec": {"replicas": 2}})
threading.Thread(target=change, daemon=True).start()
projects.informer().wait_synced(10)
""")

    def test_leaving_by_sys_exit_with_an_informer_keeps_the_status(self):
        done = self.run_python("projects.informer().wait_synced(10)\nsys.exit(7)")
        self.assertEqual((done.returncode, done.stderr), (7, ""))

    def test_leaving_an_event_loop_with_everything_alive_is_clean(self):
        self.assert_clean("""
import asyncio
async def main():
    asyncio.get_running_loop().slow_callback_duration = 60  # nothing is said of a busy machine
    client = kubecr.AsyncClient(source="none", server=os.environ["SERVER"])
    projects = client.resource("example.sealyun.com/v1alpha1/projects", "default")
    await projects.informer().wait_synced(10)
    await projects.watch().__anext__()
    return client
kept = asyncio.run(main())
""")

    def test_ctrl_c_ends_a_program_that_waits(self):
        code = BEGIN + "for event in projects.watch(): print(event, flush=True)"
        command = [sys.executable, "-X", "dev", "-W", "error", "-c", code, self.server.url]
        with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
            self.assertEqual(process.stdout.readline(), "Event(ADDED default/a)\n")
            process.send_signal(signal.SIGINT)
            _, errors = process.communicate(timeout=10)
        self.assertEqual(errors.splitlines()[-1], "KeyboardInterrupt")
        self.assertEqual(process.returncode, -signal.SIGINT)

    def test_a_forked_child_gets_a_clear_error_and_makes_its_own(self):
        self.assert_clean("""
projects.get("a")
informer = projects.informer()
child = os.fork()
if child == 0:
    for use in (lambda: projects.get("a"), projects.watch, informer.start, lambda: informer.get("default/a"), client.close):
        try: use()
        except RuntimeError as error: assert "fork" in str(error), error
        else: raise SystemExit("used")
    with kubecr.Client(source="none", server=os.environ["SERVER"]) as other:
        assert other.resource("example.sealyun.com/v1alpha1/projects", "default").get("a")
    sys.exit(0)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
assert projects.get("a")
informer.wait_synced(10)
client.close()
""")

    def test_a_child_of_a_process_with_a_driving_thread_leaves_cleanly(self):
        self.assert_clean("""
import warnings
projects.informer().wait_synced(10)
with warnings.catch_warnings():
    warnings.simplefilter("ignore")  # of a fork while threads run
    child = os.fork()
if child == 0: sys.exit(0)
assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
""")

    def test_descriptors_of_closed_and_of_forgotten_clients_are_given_back(self):
        self.assert_clean("""
import gc
def one(close):
    client = kubecr.Client(source="none", server=os.environ["SERVER"])
    projects = client.resource("example.sealyun.com/v1alpha1/projects", "default")
    projects.get("a")
    if close:
        projects.informer().wait_synced(10)
        next(projects.watch())
        client.close()
one(True)
gc.collect()
before = len(os.listdir("/proc/self/fd"))
for turn in range(20):
    one(turn % 2 == 0)
gc.collect()
assert len(os.listdir("/proc/self/fd")) == before, os.listdir("/proc/self/fd")
""")


if __name__ == "__main__":
    unittest.main()
