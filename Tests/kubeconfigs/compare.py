#!/usr/bin/env python3
"""Compares the expected results of this folder with kubectl: what it reads, and what it sends. usage: compare.py [NAME...]

For each case: `kubectl config view --minify --raw` must show the same values, and `kubectl get --raw` against a server that
only records must be refused where we refuse, and otherwise send the same credentials. Exit status 1: a difference; 3: no kubectl.
"""
import base64, glob, http.server, json, os, re, shutil, ssl, subprocess, sys, tempfile, threading, urllib.parse

HERE = os.path.dirname(os.path.abspath(__file__))
ENCODE = {
    "bom": lambda t: b"\xef\xbb\xbf" + t.encode(), "utf-16le": lambda t: b"\xff\xfe" + t.encode("utf-16-le"),
    "utf-16be": lambda t: b"\xfe\xff" + t.encode("utf-16-be"), "crlf": lambda t: t.replace("\n", "\r\n").encode(),
    "latin-1": lambda t: t.encode("latin-1"), "": str.encode,
}
# What a kubectl older than 1.26 does not know.
NEW = re.compile(r"as-uid|interactiveMode|disable-compression|client\.authentication\.k8s\.io/v1$", re.M)


def blocks(path):
    with open(path, encoding="utf-8", newline="") as file:
        for block in ("\n" + file.read()).split("\n=== ")[1:]:
            name, _, text = block.partition("\n")
            yield name, text if text.endswith("\n") else text + "\n"


def write_case(text, folder):
    """Writes the files of a case; gives its $KUBECONFIG and its headers."""
    headers, files, current = {}, [], ["config", "", "", False]
    for line in text.splitlines(keepends=True) if "\r" in text else text.split("\n")[:-1]:
        words = line.split(" ")
        if words[0] != "---" or len(words) < 2:
            current[2] += line + "\n"
            continue
        if words[1] in ("file", "data"):
            if current[2]:
                files.append(current)
            current = [words[2], words[3] if len(words) > 3 else "", "", words[1] == "data"]
        else:
            headers[words[1]] = line.split(" ", 2)[2]
    files.append(current)
    for name in os.listdir(HERE + "/files"):
        shutil.copy(f"{HERE}/files/{name}", folder)
    for path, encoding, body, _ in files:
        os.makedirs(os.path.dirname(f"{folder}/{path}"), exist_ok=True)
        with open(f"{folder}/{path}", "wb") as file:
            file.write(ENCODE[encoding](body))
    return ":".join(f"{folder}/{f[0]}" for f in files if not f[3]), headers


class Recorder(http.server.BaseHTTPRequestHandler):
    seen = None

    def do_GET(self):
        fields = [(k.lower(), v) for k, v in self.headers.items()]
        Recorder.seen = sorted((k, v) for k, v in fields if k == "authorization" or k.startswith("impersonate-"))
        self.send_response(200)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"ok")

    def log_message(self, *_):
        pass


def recorder(folder):
    key, certificate = folder + "/server.key", folder + "/server.crt"
    subprocess.run(["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-keyout", key, "-out", certificate, "-days", "2",
                    "-subj", "/CN=127.0.0.1"], check=True, stderr=subprocess.DEVNULL)
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Recorder)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return server.server_address[1]


def wanted_fields(facts):
    """The header fields that an expected result stands for."""
    fields = []
    if "basic" in facts:
        fields.append(("authorization", "Basic " + base64.b64encode(":".join(facts["basic"]).encode()).decode()))
    elif "tokenFile" in facts and not facts["tokenFile"].endswith("nowhere"):
        path = facts["tokenFile"].replace("$DIR", facts["dir"])
        fields.append(("authorization", "Bearer " + open(path).read().strip()))
    elif "token" in facts:
        # http.server reads header bytes as Latin-1.
        fields.append(("authorization", "Bearer " + facts["token"].encode().decode("latin-1")))
    if "as" in facts:
        fields.append(("impersonate-user", facts["as"]))
        fields += [("impersonate-uid", facts["asUid"])] if "asUid" in facts else []
        fields += [("impersonate-group", group) for group in facts["asGroups"]]
        for key, values in facts["asExtra"].items():
            fields += [("impersonate-extra-" + urllib.parse.quote(key.lower(), safe="").lower(), value) for value in values]
    return sorted(fields)


def view_differences(view, facts):
    """Where `config view` shows another value than the expected result."""
    one = lambda kind: (view.get(kind + "s") or [{}])[0].get(kind) or {}
    cluster, user, context, folder = one("cluster"), one("user"), one("context"), facts["dir"]
    text = lambda name: facts.get(name, "").replace("$DIR", folder)
    size = lambda data: len(base64.b64decode(data)) if data else 0
    plugin, basic, ours = user.get("exec") or {}, facts.get("basic", ["", ""]), facts.get("exec")
    file = lambda name: "" if text(name) == "inline" else text(name)
    inline = lambda name: facts.get(name + "Bytes", 0) if facts.get(name) == "inline" else 0
    normal = lambda value: os.path.normpath(value) if value else ""

    # Paths are shown as they are written, relative to the file they stand in.
    def same_path(theirs, mine):
        found = [normal(os.path.join(folder_of_file, theirs)) for folder_of_file in facts["folders"]] if theirs else [""]
        return mine if normal(mine) in found else theirs

    pairs = {
        "current-context": (view.get("current-context", ""), facts["context"]), "namespace": (context.get("namespace", "default"), facts["namespace"]),
        "server": (re.split("[?#]", cluster.get("server", ""))[0], facts["serverText"]),
        "tls-server-name": (cluster.get("tls-server-name", ""), text("tlsServerName")),
        "insecure": (cluster.get("insecure-skip-tls-verify", False), facts.get("insecure", False)),
        "ca": (same_path(cluster.get("certificate-authority", ""), file("ca")), file("ca")), "ca-data": (size(cluster.get("certificate-authority-data")), inline("ca")),
        "proxy-url": (cluster.get("proxy-url", ""), text("proxyText")), "disable-compression": (cluster.get("disable-compression", False), facts.get("disableCompression", False)),
        "client-certificate": (same_path(user.get("client-certificate", ""), file("certificate")), file("certificate")), "client-certificate-data": (size(user.get("client-certificate-data")), inline("certificate")),
        "client-key": (same_path(user.get("client-key", ""), file("key")), file("key")), "client-key-data": (size(user.get("client-key-data")), inline("key")),
        "tokenFile": (same_path(user.get("tokenFile", ""), text("tokenFile")), text("tokenFile")),
        "token": (user.get("token", ""), "" if "tokenFile" in facts and "token" not in user else facts.get("token", "")),
        "basic": ([user.get("username", ""), user.get("password", "")], basic), "as": (user.get("as", ""), text("as")), "as-uid": (user.get("as-uid", ""), text("asUid")),
        "as-groups": (user.get("as-groups") or [], facts.get("asGroups", [])), "as-user-extra": (user.get("as-user-extra") or {}, facts.get("asExtra", {})),
    }
    if ours:
        command = ours["command"].replace("$DIR", folder)
        pairs["exec"] = ([same_path(plugin["command"], command) if "/" in command else plugin["command"], plugin.get("args") or [], [[v["name"], v["value"]] for v in plugin.get("env") or []],
                          plugin["apiVersion"], plugin.get("installHint", ""), plugin.get("provideClusterInfo", False)],
                         [command, ours["args"], ours["env"], ours["apiVersion"], ours["installHint"], ours["provideClusterInfo"]])
    return [f"{name}: kubectl {theirs!r}, we {mine!r}" for name, (theirs, mine) in pairs.items() if theirs != mine]


def compare(text, expected, port, modern):
    """Differences of one case; None: not compared."""
    with tempfile.TemporaryDirectory(prefix="kubecr-corpus.") as folder:
        kubeconfig, headers = write_case(text, folder)
        word, _, why = headers.get("kubectl", "").partition(":")
        if "options" in headers or word == "skip" or (not modern and NEW.search(text)):
            return None
        environment = {"PATH": os.environ["PATH"], "HOME": folder, "KUBECONFIG": kubeconfig, "KUBECACHEDIR": folder + "/cache", "NO_PROXY": "127.0.0.1"}
        run = lambda *command: subprocess.run(["kubectl", *command], env=environment, capture_output=True, text=True, timeout=60, stdin=subprocess.DEVNULL)
        Recorder.seen = None
        got = run("--server", f"https://127.0.0.1:{port}", "--insecure-skip-tls-verify", "--request-timeout", "20s", "get", "--raw", "/probe")
        # A plugin or a proxy that is not there comes after everything has been accepted.
        # So does the question for a user name, when there is no credential.
        later = re.search(r"getting credentials: exec|fork/exec|proxyconnect|socks connect|lookup .* on|dial tcp|was refused|^error: EOF", got.stderr, re.M)
        accepted = got.returncode == 0 or bool(later)
        is_fine = expected.startswith("{")
        if accepted != {"accepts": True, "refuses": False}.get(word, is_fine):
            return [f"kubectl {'accepts' if accepted else 'refuses'}: {got.stderr.strip()[:300]}; we: {expected[:200]}"]
        if not is_fine or not accepted:
            return []
        facts = {**json.loads(expected), "dir": folder, "folders": {os.path.dirname(path) for path in kubeconfig.split(":")}}
        view = run("config", "view", "--minify", "--raw", "-o", "json")
        if "cannot locate user" in view.stderr:
            return []
        if view.returncode != 0:
            return [f"config view: {view.stderr.strip()[:300]}"]
        differences = view_differences(json.loads(view.stdout), facts)
        if not later and Recorder.seen != wanted_fields(facts):
            differences.append(f"kubectl sends {Recorder.seen}, we {wanted_fields(facts)}")
        return differences


def main():
    if not shutil.which("kubectl"):
        print("there is no kubectl (Debian: kubernetes-client)")
        return 3
    shown = subprocess.run(["kubectl", "version", "--client", "-o", "json"], capture_output=True, text=True, check=True).stdout
    version = json.loads(shown)["clientVersion"]
    number = (int(version["major"]), int(re.match("[0-9]+", version["minor"]).group()))
    modern = number >= (1, 26)
    print(f"kubectl {version['gitVersion']}{'' if modern else ': exec v1, interactiveMode, as-uid and disable-compression are not compared'}")
    compared = skipped = failed = 0
    with tempfile.TemporaryDirectory(prefix="kubecr-corpus.") as folder:
        port = recorder(folder)
        for path in sorted(glob.glob(HERE + "/*.cases")):
            expected = dict(blocks(path[:-6] + ".expected"))
            for name, text in blocks(path):
                if sys.argv[1:] and name not in sys.argv[1:]:
                    continue
                differences = compare(text, expected[name].strip(), port, modern)
                skipped += differences is None
                compared += differences is not None
                failed += bool(differences)
                for difference in differences or []:
                    print(f"{name}: {difference}", flush=True)
    print(f"figure: {compared} kubeconfigs compared with kubectl {version['gitVersion']}, {skipped} not, {failed} differ")
    return 1 if failed or not compared else 0


if __name__ == "__main__":
    sys.exit(main())
