"""The package before a client is made: what an import loads, where the library is looked for, options and errors."""

import os
import re
import subprocess
import sys
import types
import unittest
from pathlib import Path

import kubecr
from kubecr import _errors, _options

HERE = Path(__file__).resolve().parent


def python(code: str, **environment: str) -> subprocess.CompletedProcess:
    """Runs code in an interpreter of its own, as strict as this one."""
    return subprocess.run(
        [sys.executable, "-X", "dev", "-W", "error", "-c", code], capture_output=True, text=True, timeout=60,
        env={**os.environ, "PYTHONPATH": str(HERE.parent), **environment},
    )  # fmt: skip


class ImportTests(unittest.TestCase):
    def test_an_import_loads_neither_library_nor_ctypes_nor_asyncio(self):
        code = """
import sys
before = set(sys.modules)
import kubecr
print(sorted(set(sys.modules) - before))
with open("/proc/self/maps") as maps: print("kubecr.so" in maps.read())
"""
        done = python(code)
        self.assertEqual((done.stdout, done.stderr), ("['kubecr']\nFalse\n", ""))

    def test_the_synchronous_client_loads_no_asyncio(self):
        code = "import kubecr, sys; kubecr.Client(source='none', server='http://127.0.0.1:1').close(); print('asyncio' in sys.modules)"
        done = python(code)
        self.assertEqual((done.stdout, done.stderr), ("False\n", ""))

    def test_every_public_name_is_there(self):
        for name in kubecr.__all__:
            self.assertTrue(hasattr(kubecr, name), name)
        self.assertLessEqual(set(kubecr.__all__), set(dir(kubecr)))
        self.assertEqual(sorted(kubecr.__all__), sorted(kubecr._MODULES))
        with self.assertRaises(AttributeError):
            kubecr.nothing

    def test_a_library_that_is_not_there_is_named(self):
        done = python("import kubecr; kubecr.Client()", KUBECR_LIBRARY="/nowhere/libkubecr.so")
        self.assertIn("ImportError: libkubecr can't be loaded; tried /nowhere/libkubecr.so", done.stderr)

    def test_without_a_hint_the_package_and_the_loader_are_tried(self):
        code = """
import ctypes, kubecr
def refuse(name): raise OSError("not here")
ctypes.CDLL = refuse
try: kubecr.library_version()
except ImportError as error: print(error)
"""
        done = python(code, KUBECR_LIBRARY="")
        self.assertIn(f"{HERE.parent}/kubecr/libkubecr.so.0 (not here); libkubecr.so.0 (not here)", done.stdout)

    def test_versions_agree(self):
        self.assertEqual(kubecr.library_version(), kubecr.__version__)


class OptionTests(unittest.TestCase):
    def test_names_and_values_are_translated(self):
        encoded = _options.encode("list", {"label_selector": "a=b", "continue_": "x", "timeout": 1.5, "limit": None})
        self.assertEqual(encoded, {"labelSelector": "a=b", "continue": "x", "timeoutMs": 1500})
        encoded = _options.encode("config", {"as_": "me", "insecure_skip_tls_verify": True, "kubeconfig": Path("/a")})
        self.assertEqual(encoded, {"as": "me", "insecureSkipTLSVerify": True, "kubeconfig": "/a"})
        self.assertEqual(_options.encode("create", {"dry_run": True}), {"dryRun": ["All"]})
        self.assertEqual(_options.encode("create", {"dry_run": "All"}), {"dryRun": "All"})

    def test_an_unknown_option_is_a_type_error(self):
        with self.assertRaisesRegex(TypeError, "get has no option 'limit'"):
            _options.encode("get", {"limit": 1})
        with self.assertRaisesRegex(TypeError, "client has no option 'loop'"):
            kubecr.Client(loop="thread")  # type: ignore[call-arg]

    def test_types_and_table_agree(self):
        sys.modules.setdefault("typing_extensions", types.SimpleNamespace(Unpack=None))
        from kubecr import _types

        def keys(name: str) -> set:
            kind = getattr(_types, name)
            return set(kind.__optional_keys__ | kind.__required_keys__)

        table = {
            "GetOptions": "get", "ListOptions": "list", "WriteOptions": "create", "PatchOptions": "patch", "DeleteOptions": "delete",
            "DeleteCollectionOptions": "deleteCollection", "RequestOptions": "request", "WatchOptions": "watch",
            "ManifestOptions": "apply", "InformerOptions": "informer", "CacheListOptions": "informer list",
        }  # fmt: skip
        for name, verb in table.items():
            self.assertEqual(keys(name), _options.names(verb), name)
        self.assertEqual(keys("ClientOptions") | {"kubeconfig"}, _options.names("client") | _options.names("config"))

    def test_what_the_library_can_not_do_is_unsupported(self):
        with kubecr.Client(source="none", server="https://127.0.0.1:1") as client:
            with self.assertRaisesRegex(kubecr.Unsupported, "Upgrade"):
                client.request_raw("GET", "/api/v1/namespaces/default/pods/a/exec", headers={"Upgrade": "SPDY/3.1"})

    def test_identity_and_proxy_are_options(self):
        for options in (
            {"as_": "other"}, {"proxy_url": "http://127.0.0.1:1"}, {"exec": "deny"}, {"exec": ["/usr/bin/plugin"]}, {"username": "me", "password": "x"},
        ):  # fmt: skip
            with self.subTest(options), kubecr.Client(source="none", server="https://127.0.0.1:1", timeout=5, **options) as client:
                with self.assertRaises(kubecr.ProxyError if "proxy_url" in options else kubecr.ConnectError):
                    client.version()


class ErrorTests(unittest.TestCase):
    def test_every_status_of_the_header_has_its_class(self):
        header = HERE.parents[2] / "include" / "kubecr.h"
        found = re.findall(r"^ +KCR_ERR_(\w+) = (-\d+)", header.read_text(), re.MULTILINE)
        self.assertGreater(len(found), 20)
        self.assertEqual(
            {int(number): code for code, number in found},
            {number: kind.code for number, kind in _errors.BY_STATUS.items() if number},
        )

    def test_errors_are_also_what_python_calls_them(self):
        self.assertTrue(issubclass(kubecr.Timeout, TimeoutError))
        self.assertTrue(issubclass(kubecr.ConnectError, ConnectionError))
        self.assertTrue(issubclass(kubecr.ArgumentError, ValueError))

    def test_a_config_error_names_the_file(self):
        with self.assertRaisesRegex(kubecr.ConfigError, "/nowhere/config"):
            kubecr.Client(kubeconfig="/nowhere/config")

    def test_secrets_are_in_no_text(self):
        with kubecr.Client(source="none", server="https://127.0.0.1:1", token="s3cret-token", user_agent="me") as client:
            self.assertEqual(client.config["token"], "REDACTED")
            with self.assertRaises(kubecr.ConnectError) as caught:
                client.resource("v1/pods", "default").get("x")
        for shown in (repr(client), str(client.config), repr(caught.exception), str(vars(caught.exception))):
            self.assertNotIn("s3cret", shown)


if __name__ == "__main__":
    unittest.main()
