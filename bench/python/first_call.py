"""Makes one client's first call (a get of one Project over TLS) in this process, and says what that cost.

    first_call.py bare|base|kubecr|kubernetes|lightkube KUBECONFIG NAMESPACE NAME

One line of JSON: import_ms (the import statements alone), call_ms, rss_kb and rss_anon_kb after the call, modules. `base` is what
any client by ctypes pays: ctypes, json and libcurl, loaded and used. KUBECR_LIBRARY names libkubecr.so.
"""

import sys
import time

GROUP, VERSION, PLURAL = "example.sealyun.com", "v1alpha1", "projects"


def base(kubeconfig, namespace, name):
    import ctypes
    import json

    yield
    # The kubeconfig was written by a script of the tests: one value a line, which is all that this reader knows.
    values = {}
    with open(kubeconfig) as lines:
        for line in lines:
            for field in line.replace("{", " ").replace("}", " ").split(","):
                words = field.replace("- ", " ").split(": ", 1)
                if len(words) == 2:
                    values.setdefault(words[0].split()[-1], words[1].strip().strip("\"'"))
    curl = ctypes.CDLL("libcurl.so.4")
    curl.curl_easy_init.restype = ctypes.c_void_p
    curl.curl_slist_append.restype = ctypes.c_void_p
    curl.curl_slist_append.argtypes = [ctypes.c_void_p, ctypes.c_char_p]
    setopt = curl.curl_easy_setopt
    answer = bytearray()
    write = ctypes.CFUNCTYPE(ctypes.c_size_t, ctypes.c_void_p, ctypes.c_size_t, ctypes.c_size_t, ctypes.c_void_p)

    @write
    def collect(data, size, count, _):
        answer.extend(ctypes.string_at(data, size * count))
        return size * count

    handle = ctypes.c_void_p(curl.curl_easy_init())
    url = f"{values['server']}/apis/{GROUP}/{VERSION}/namespaces/{namespace}/{PLURAL}/{name}"
    header = curl.curl_slist_append(None, f"Authorization: Bearer {values['token']}".encode())
    texts = [(10002, url)]
    if "certificate-authority" in values:
        texts.append((10065, values["certificate-authority"]))
    for option, value in texts:
        setopt(handle, option, ctypes.c_char_p(value.encode()))
    if "certificate-authority-data" in values:
        import binascii

        class Blob(ctypes.Structure):
            _fields_ = [("data", ctypes.c_char_p), ("len", ctypes.c_size_t), ("flags", ctypes.c_uint)]

        ca = binascii.a2b_base64(values["certificate-authority-data"])
        setopt(handle, 40309, ctypes.byref(Blob(ca, len(ca), 1)))
    setopt(handle, 10023, ctypes.c_void_p(header))
    setopt(handle, 20011, collect)
    code = curl.curl_easy_perform(handle)
    assert code == 0, f"curl: {code}"
    yield json.loads(answer)


def bare(kubeconfig, namespace, name):
    yield
    yield {"metadata": {"name": name}}


def kubecr(kubeconfig, namespace, name):
    import kubecr

    yield
    client = kubecr.Client(kubeconfig)
    yield client.resource(f"{GROUP}/{VERSION}/{PLURAL}", namespace).get(name)


def kubernetes(kubeconfig, namespace, name):
    from kubernetes import client, config

    yield
    config.load_kube_config(kubeconfig)
    yield client.CustomObjectsApi().get_namespaced_custom_object(GROUP, VERSION, namespace, PLURAL, name)


def lightkube(kubeconfig, namespace, name):
    from lightkube import Client, KubeConfig
    from lightkube.generic_resource import create_namespaced_resource

    yield
    project = create_namespaced_resource(GROUP, VERSION, "Project", PLURAL)
    got = Client(config=KubeConfig.from_file(kubeconfig)).get(project, name, namespace=namespace)
    yield {"metadata": {"name": got.metadata.name}}


def memory(field):
    with open("/proc/self/status") as lines:
        return next(int(line.split()[1]) for line in lines if line.startswith(field + ":"))


which, kubeconfig, namespace, name = sys.argv[1:]
steps = {"bare": bare, "base": base, "kubecr": kubecr, "kubernetes": kubernetes, "lightkube": lightkube}[which](kubeconfig, namespace, name)
began = time.perf_counter()
next(steps)
imported = time.perf_counter()
answer = next(steps)
called = time.perf_counter()
assert answer["metadata"]["name"] == name, answer
figures = {
    "import_ms": (imported - began) * 1000, "call_ms": (called - imported) * 1000, "rss_kb": memory("VmRSS"),
    "rss_anon_kb": memory("RssAnon"), "modules": len(sys.modules),
}  # fmt: skip
if which == "bare":
    figures["call_ms"] = 0
print("{" + ", ".join(f'"{key}": {value:.3f}' for key, value in figures.items()) + "}")
