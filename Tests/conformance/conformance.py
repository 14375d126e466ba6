"""The conformance suite at the level of Python: reads cases.txt, plays each case, says one line for each (README.md).

python3 conformance.py [CASE...]
"""

import os
import sys
import traceback
from pathlib import Path

import kubecr
from python import awkward, informers, manifests, objects, options, patches, requests, server, watches
from python.case import Case, known

CASES = Path(os.environ.get("KUBECR_CASES") or Path(__file__).with_name("cases.txt"))


def asked() -> "dict[str, list[str]]":
    """The cases of this level, and what each needs."""
    needs = {}
    for line in CASES.read_text().splitlines():
        fields = [field.strip() for field in line.split("|")]
        if not line.startswith("#") and len(fields) >= 4 and "python" in fields[2].split():
            needs[fields[0]] = [need for need in fields[1].split() if need != "any"]
    return needs


def play(client: kubecr.Client, name: str) -> bool:
    case = Case(client, name)
    try:
        case.sweep()
        try:
            known[name](case)
        finally:
            case.sweep()
    except Exception as error:
        traceback.print_exc()
        where = traceback.extract_tb(error.__traceback__)[-1]
        why = " ".join(str(error).split()) or f"not so: {where.line}"
        print(f"FAIL {name}: {type(error).__name__}: {why}", flush=True)
        return False
    print(f"ok {name}", flush=True)
    return True


def main() -> int:
    needs = asked()
    capabilities = os.environ.get("KUBECR_CAPABILITIES", "").split()
    wanted = sys.argv[1:] or [*needs, *(name for name in known if name not in needs)]
    if any(name not in needs and name not in known for name in wanted):
        print("conformance.py: there is no such case", file=sys.stderr)
        return 2
    good = True
    with kubecr.Client(qps=0) as client:
        for name in wanted:
            missing = [need for need in needs.get(name, []) if need not in capabilities]
            if name not in known or name not in needs:
                print(f"FAIL {name}: {'it is not known here' if name in needs else 'it is not in cases.txt'}", flush=True)
                good = False
            elif missing:
                print(f"skip {name}: needs {' '.join(missing)}", flush=True)
            else:
                good = play(client, name) and good
    return 0 if good else 1


# The modules hold the cases; importing them is all that is needed.
assert [awkward, informers, manifests, objects, options, patches, requests, server, watches]
sys.exit(main())
