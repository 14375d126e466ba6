#!/usr/bin/env python3
"""Searches what was recorded (secrets.sh) for the secrets of what was given, as they are and in base64. usage: secrets.py FOLDER"""
import base64, json, re, sys, urllib.parse

# Shorter ones stand in ordinary words.
SHORTEST = 6
FIELD = re.compile(r"""(?<![\w-])["']?(token|password|client-key-data|clientKeyData|id-token|access-token|refresh-token|client-secret|value)["']?\s*:\s*["']?([^\s"',}\]]+)""")
USER_INFO = re.compile(r"""://([^\s/@:"']*):([^\s/"']*)@""")
KEY = re.compile(r"-----BEGIN [A-Z ]*PRIVATE KEY-----(.*?)-----END", re.S)


def read(path):
    try:
        with open(path, encoding="utf-8", errors="replace") as file:
            return file.read()
    except FileNotFoundError:
        return ""


def secrets_of(given, made):
    """Every secret of options, kubeconfigs and the files they name. A file of one word is a token."""
    found = {value for _, value in FIELD.findall(given)} | {urllib.parse.unquote(password) for _, password in USER_INFO.findall(given)}
    found |= {line.strip() for line in given.splitlines() if re.fullmatch(r"[\w.~+/=-]{16,}", line.strip())}
    found |= set(made.splitlines())
    for secret in list(found):
        try:
            found |= {line.strip() for key in KEY.findall(base64.b64decode(secret, validate=True).decode()) for line in key.splitlines()}
        except ValueError:
            pass
    found |= {line.strip() for key in KEY.findall(given) for line in key.splitlines()}
    return {secret for secret in found if len(secret) >= SHORTEST and not re.fullmatch(r"true|false|null|[\d.]+|(/[\w.-]+)+", secret)}


def forms(secret):
    """How a secret could be shown: as it is, escaped, or within base64 of something longer."""
    yield secret
    yield json.dumps(secret)[1:-1]
    yield urllib.parse.quote(secret, safe="")
    for before in range(3):
        text = base64.b64encode(b"\0" * before + secret.encode()).decode().rstrip("=")
        # The characters that the neighbours share are left out.
        yield text[(0, 2, 3)[before]:len(text) - 1]


def main():
    folder = sys.argv[1]
    told, printed = read(folder + "/told"), read(folder + "/printed")
    secrets = secrets_of(read(folder + "/given"), read(folder + "/made"))
    needles = {form: secret for secret in secrets for form in forms(secret) if len(form) >= SHORTEST}
    # The search finds what it is made for.
    for secret in secrets:
        header = "Basic " + base64.b64encode(f"user:{secret}".encode()).decode()
        assert any(form in header for form in forms(secret)), "the search misses base64"
    lines = told.splitlines() + printed.splitlines()
    text = "\n".join(lines)
    seen = [line for line in lines if any(form in line for form in needles)] if any(form in text for form in needles) else []
    kinds = {kind: sum(line.startswith(kind + " ") for line in told.splitlines()) for kind in ("log", "error", "config")}
    for line in seen[:20]:
        for form in needles:
            line = line.replace(form, "<SECRET>")
        print("a secret in: " + line[:400])
    print(f"figure: {kinds['log']} log lines, {kinds['error']} errors, {kinds['config']} configurations and {len(printed.splitlines())} printed lines searched for {len(secrets)} secrets: {len(seen)} found")
    return 1 if seen or not secrets or not kinds["error"] or not kinds["config"] else 0


if __name__ == "__main__":
    sys.exit(main())
