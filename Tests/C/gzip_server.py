#!/usr/bin/env python3
"""An HTTP server for compression.c: everything packed, if it is asked for so. Prints its port; ends with its input.

Namespaces: calm (three Projects; a watch brings one change every 20 ms), bomb-item, bomb-envelope, bomb-event, bomb-error (a
gigabyte in a megabyte), mirror (one Project that holds the request's head), unasked (packed although not asked for)."""
import http.server
import json
import sys
import threading
import time
import zlib

BOMB = 1 << 30


def project(name, version, **more):
    return json.dumps({"apiVersion": "example.sealyun.com/v1alpha1", "kind": "Project", "metadata": {
        "name": name, "namespace": "x", "uid": "u-" + name, "resourceVersion": str(version)}, **more})


class Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_GET(self):
        ns = self.path.split("/namespaces/")[1].split("/")[0].split("?")[0]
        self.packer = zlib.compressobj(9, wbits=31) if "gzip" in self.headers.get("Accept-Encoding", "") or ns == "unasked" else None
        self.send_response(500 if ns == "bomb-error" else 200)
        self.send_header("Content-Type", "application/json")
        self.send_header("Transfer-Encoding", "chunked")
        if self.packer:
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        try:
            self.answer(ns)
            if self.packer:
                self.chunk(self.packer.flush())
            self.wfile.write(b"0\r\n\r\n")
        except OSError:
            self.close_connection = True

    def answer(self, ns):
        if "watch=true" in self.path:
            return self.watch(ns)
        if ns in ("mirror", "unasked"):
            return self.say(project("mirror", 1, head=str(self.headers)))
        self.say('{"kind":"ProjectList","apiVersion":"example.sealyun.com/v1alpha1","metadata":{"resourceVersion":"10"}')
        if ns == "bomb-envelope":
            self.say(',"pad":"')
            self.bomb()
            self.say('"')
        self.say(',"items":[')
        if ns == "bomb-item":
            self.say('{"metadata":{"name":"p"},"pad":"')
            self.bomb()
            self.say('"}')
        else:
            if ns == "bomb-error":
                self.bomb()
            self.say(",".join(project("p-%d" % i, 10) for i in (1, 2, 3)))
        self.say("]}")

    def watch(self, ns):
        for version in range(11, 10000):
            if ns == "bomb-event":
                self.say('{"type":"MODIFIED","object":{"pad":"')
                self.bomb()
                self.say('"}}')
            else:
                self.say('{"type":"MODIFIED","object":%s}\n' % project("p-1", version), flush=True)
                time.sleep(0.02)

    def bomb(self):
        for _ in range(BOMB >> 20):
            self.say("x" * (1 << 20))

    def say(self, text, flush=False):
        data = text.encode()
        if self.packer:
            data = self.packer.compress(data) + (self.packer.flush(zlib.Z_SYNC_FLUSH) if flush else b"")
        self.chunk(data)

    def chunk(self, data):
        if data:
            self.wfile.write(b"%x\r\n%s\r\n" % (len(data), data))
            self.wfile.flush()

    def log_message(self, *args):
        pass


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
threading.Thread(target=server.serve_forever, daemon=True).start()
print(server.server_address[1], flush=True)
sys.stdin.read()
