#!/usr/bin/env python3
"""KubeCR's Python package: the workloads of ../../README.md. usage: bench.py WORKLOAD URL N M   KUBECR_LIBRARY, PYTHONPATH: where it is.
Prints one JSON line. Objects that are counted as received are dicts, as the PyPI clients' are."""

import time

T0 = time.perf_counter()
import ctypes
import gc
import json
import os
import sys
import threading

import kubecr

WORK, URL, N, M = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])
PROJECTS, SENT, LIST_VERSION = "example.sealyun.com/v1alpha1/projects", "bench.sealyun.com/sent-ns", 1000000


def status_mb(key):
    with open("/proc/self/status") as lines:
        return next(round(int(line.split()[1]) / 1024, 1) for line in lines if line.startswith(key))


def main():
    options = {"source": "none", "server": URL, "qps": 0}
    if os.environ.get("BENCH_CA"):
        options["certificate_authority"] = os.environ["BENCH_CA"]
    client = kubecr.Client(**options)
    projects = client.resource(PROJECTS)
    extra, n, kept = {}, N, None
    t0, c0 = time.perf_counter(), time.process_time()

    def used():
        return time.perf_counter() - t0, time.process_time() - c0

    if WORK in ("list", "sync"):
        if WORK == "list":
            kept = projects.list()
        else:
            kept = projects.informer().start()
            kept.wait_synced(120)
        wall, cpu = used()
        extra["stored"] = len(kept)
        gc.collect()
        ctypes.CDLL(None).malloc_trim(0)
        extra["rss_mb"] = status_mb("VmRSS:")
    elif WORK in ("watch", "latency"):
        seen, latencies, complete, last = 0, [], threading.Event(), str(LIST_VERSION + M)

        def changed(change):
            nonlocal seen
            if change.initial or change.type not in ("ADDED", "MODIFIED", "DELETED"):
                return
            seen += 1
            if WORK == "latency":
                latencies.append((time.time_ns() - int(change.object["metadata"]["annotations"][SENT])) / 1e3)
            if seen >= M or change.object["metadata"]["resourceVersion"] == last:
                complete.set()

        kept = projects.informer(max_queued=1_000_000_000)  # every event is to be told
        kept.on(changed=changed)
        kept.start()
        kept.wait_synced(120)
        t0, c0 = time.perf_counter(), time.process_time()
        complete.wait()
        wall, cpu = used()
        extra.update(events_per_s=round(M / wall), us_per_event=cpu * 1e6 / M, stored=len(kept), seen=seen)
        if latencies:
            latencies = sorted(latencies[len(latencies) // 5 :])  # not what queued up during the start
            extra.update(p50_us=latencies[len(latencies) // 2], p99_us=latencies[len(latencies) * 99 // 100])
        n = M
    elif WORK == "get":
        mine = client.resource(PROJECTS, "ns-00")
        mine.get("project-0000000")
        t0, c0 = time.perf_counter(), time.process_time()
        for _ in range(M):
            mine.get("project-0000000")
        wall, cpu = used()
        extra.update(per_s=M / wall, us_per_request=cpu * 1e6 / M)
        n = M
    elif WORK == "lookup":
        cache = projects.informer().start()
        cache.wait_synced(120)
        keys = list(cache)
        t0, c0 = time.perf_counter(), time.process_time()
        for i in range(M):
            cache[keys[(i * 7919) % len(keys)]]
        wall, cpu = used()
        extra["ns"] = wall * 1e9 / M
    else:
        client.resource(PROJECTS, "ns-00").get("project-0000000")
        wall, cpu = time.perf_counter() - T0, time.process_time()  # the whole process
    print(json.dumps({"peer": "kubecr-python", "workload": WORK, "n": n, "wall_s": wall, "cpu_s": cpu,
                      "peak_rss_mb": status_mb("VmHWM:"), "extra": extra}), flush=True)  # fmt: skip
    os._exit(0)


main()
