#!/usr/bin/env python3
"""Draws run.sh's JSON lines as an SVG on stdout: one panel a workload, one bar a client, medians. usage: draw.py RESULTS..."""
import collections
import json
import statistics
import sys
from xml.sax.saxutils import escape

# workload, objects (0: any), the figure's place, its title
PANELS = [
    ("sync", 100000, "cpu_s", "Informer, 100,000 objects: CPU seconds"),
    ("sync", 100000, "peak_rss_mb", "Informer, 100,000 objects: peak memory, MB"),
    ("watch", 0, "us_per_event", "Watch: CPU µs per event"),
    ("get", 0, "us_per_request", "Get: CPU µs per request"),
    ("lookup", 0, "ns", "Lookup by key, to a value of the language: ns"),
    ("latency", 0, "p50_us", "1,000 events a second: median delay, µs"),
    ("list", 10000, "cpu_s", "List, 10,000 objects: CPU seconds"),
    ("cold", 0, "cold_ms", "Start to first object: ms"),
]
NAMES = {
    "floor-null": "floor (throws away)", "floor-stream": "floor (raw bytes)", "floor-simdjson": "floor (simdjson)", "kubecr": "KubeCR, C", "kubecr-python": "KubeCR, Python",
    "kubecr-swift": "KubeCR, Swift", "py-kubernetes": "kubernetes (PyPI)", "py-lightkube": "lightkube (PyPI)",
}  # fmt: skip
WIDTH, LABEL, BAR, ROW, HEAD, GAP = 430, 130, 220, 18, 30, 22


def value(run, key):
    if key == "cold_ms":
        return run["spawn_s"] * 1000
    return run["extra"].get(key, run.get(key))


def short(number):
    return f"{number:,.0f}" if number >= 100 else f"{number:.1f}" if number >= 10 else f"{number:.3g}"


def panel(title, rows):
    out, top = [f'<text class="title" x="0" y="14">{escape(title)}</text>'], max(figure for _, figure in rows)
    for row, (peer, figure) in enumerate(rows):
        y = HEAD + row * ROW
        kind = "ours" if peer.startswith("kubecr") else "floor" if peer.startswith("floor") else "other"
        length = max(1, BAR * figure / top)
        out.append(f'<text x="{LABEL - 8}" y="{y + 10}" text-anchor="end">{escape(NAMES.get(peer, peer))}</text>')
        out.append(f'<rect class="{kind}" x="{LABEL}" y="{y}" width="{length:.1f}" height="12" rx="2"/>')
        out.append(f'<text x="{LABEL + length + 6:.1f}" y="{y + 10}">{short(figure)}</text>')
    return out


def main():
    runs = collections.defaultdict(list)
    for path in sys.argv[1:]:
        with open(path) as lines:
            for run in map(json.loads, lines):
                if not run.get("failed"):
                    runs[run["workload"], run["items"], run["peer"]].append(run)
    panels = []
    for workload, objects, key, title in PANELS:
        rows = []
        for (of, items, peer), some in runs.items():
            figures = [figure for run in some if (figure := value(run, key)) is not None]
            # What stores nothing is no peer of what stores.
            if of == workload and objects in (0, items) and figures and not (workload == "sync" and peer == "floor-null"):
                rows.append((peer, statistics.median(figures)))
        if rows:
            panels.append(panel(title, sorted(rows, key=lambda row: list(NAMES).index(row[0]) if row[0] in NAMES else 99)))
    most = max(sum(line.startswith("<rect") for line in one) for one in panels)
    height = HEAD + most * ROW + GAP
    total = (len(panels) + 1) // 2 * height
    print(f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {2 * WIDTH} {total}" width="{2 * WIDTH}" height="{total}" role="img">')
    print("<title>KubeCR beside the floor and the Python clients of PyPI: medians of one run, less is better</title>")
    print(
        "<style>text{font:11px system-ui,sans-serif;fill:#57606a}.title{font-weight:600;font-size:12px;fill:#24292f}.ours{fill:#0969da}.floor{fill:#8c959f}"
        ".other{fill:#bf8700}@media(prefers-color-scheme:dark){text{fill:#9da7b3}.title{fill:#e6edf3}.ours{fill:#4493f8}.floor{fill:#6e7681}.other{fill:#d29922}}</style>"
    )
    for index, lines in enumerate(panels):
        print(f'<g transform="translate({index % 2 * WIDTH},{index // 2 * height})">')
        print("\n".join(lines))
        print("</g>")
    print("</svg>")


main()
