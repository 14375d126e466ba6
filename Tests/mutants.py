#!/usr/bin/env python3
"""Takes one rule after the other out of the machines, and demands that the simulation notices each within 1,000 seeds.

    mutants.py [NAME...]      all, or those whose name holds one of the words

Each mutant is one piece of Sources/KubeCore that is written otherwise, in a copy beside the build. A piece that is not there exactly once
is an error: the list must follow the code. The table of results is Tests/KubeCoreTests/MUTANTS.md.
"""
import os, shutil, subprocess, sys, time

MACHINE, PAGER, BACKOFF = "Watch/ReflectorMachine", "Watch/Pager", "Retry/Backoff"
QUEUE, REPLACEMENT, TABLE, INDEX = "Watch/HandlerQueue", "Store/Replacement", "Store/SegmentedTable", "Store/ObjectIndex"

# name, file, what stands there, what stands there instead
MUTANTS = [
    ("L2: every later list asks for the newest state's cache", MACHINE, 'return hasListed ? resourceVersion : firstList', 'return "0"'),
    ("L3: a refused revision is used again before a list succeeded", MACHINE, "            isRevisionUnusable = true\n            return list(now, &random)\n        }\n        return pause(.list",
     '            return .list(resourceVersion: "")\n        }\n        return pause(.list'),
    ("L3: a refused revision is asked for again", MACHINE, "if isRevisionUnusable { return \"\" }", ""),
    ("W3: no event advances the revision", MACHINE, "if !resourceVersion.isEmpty { self.resourceVersion = resourceVersion }", "if type == .bookmark { self.resourceVersion = resourceVersion }"),
    ("W6: a revision that is too old is watched again", MACHINE, "return gones <= Self.gonesWithoutPause ? list(now, &random) : pause(.list,", "return gones <= Self.gonesWithoutPause ? watch(now, &random) : pause(.watch,"),
    ("W6: too old for ever is not paced", MACHINE, "return gones <= Self.gonesWithoutPause ? list(now, &random) : pause(.list, now, error.retryAfterMs, &random)", "return list(now, &random)"),
    ("W7: a server out of reach is not paced", MACHINE, "case .unreachable: return pause(.watch, now, -1, &random)", "case .unreachable: return watch(now, &random)"),
    ("W5: an ordinary end is listed", MACHINE, "            return watch(now, &random)\n        case .silent", "            return list(now, &random)\n        case .silent"),
    ("W13: a silent stream is listed", MACHINE, "case .silent: return watch(now, &random)", "case .silent: return list(now, &random)"),
    ("W7: 429 on a stream ends in a relist", MACHINE, "if error.code == .tooManyRequests { return pause(.watch,", "if error.code == .tooManyRequests { return pause(.list,"),
    ("W7: a server out of reach ends in a relist", MACHINE, "case .unreachable: return pause(.watch, now, -1, &random)", "case .unreachable: return list(now, &random)"),
    ("W10: a very short stream is not paced", MACHINE, "if streamEvents == 0, now - streamStart < 1000 {", "if streamEvents == 0, now - streamStart < 0 {"),
    ("W11: bytes that are no event are never listed past", MACHINE, "return pause(relistsNow ? .list : .watch, now, -1, &random)", "return pause(.watch, now, -1, &random)"),
    ("W9: a resource that is gone is watched from its old revision", MACHINE, "(error.code == .notFound || error.code == .badRequest || relistsNow)", "false"),
    ("a list that failed counts as one that succeeded", MACHINE, "        if isFinal(error) { return end(error) }\n        if !listRevision.isEmpty",
     "        if isFinal(error) { return end(error) }\n        if error.httpStatus == 503 { return watch(now, &random) }\n        if !listRevision.isEmpty"),
    ("W1: streams for ever", MACHINE, "Int64.random(in: 300...600, using: &random)", "Int64.random(in: 3000...6000, using: &random)"),
    ("B2: the server's Retry-After is dropped", BACKOFF, "let pause = max(jittered, min(retryAfterMs, Self.maxRetryAfterMs))", "let pause = jittered"),
    ("B2: a server can ask for any pause", BACKOFF, "min(retryAfterMs, Self.maxRetryAfterMs)", "retryAfterMs"),
    ("B1: pauses do not grow", BACKOFF, "baseMs = min(baseMs * 2, Self.capMs)", "baseMs = Self.firstMs"),
    ("B1: pauses grow without end", BACKOFF, "min(baseMs * 2, Self.capMs)", "baseMs * 2"),
    ("B3: a success resets the pause", MACHINE, "(hasListed, hasWorked, isRevisionUnusable, refusals, brokenLists) = (true, true, false, 0, 0)",
     "(hasListed, hasWorked, isRevisionUnusable, refusals, brokenLists) = (true, true, false, 0, 0)\n        backoff = Backoff()"),
    ("B3: an opened stream resets the pause", MACHINE, "    package mutating func streamOpened() {\n", "    package mutating func streamOpened() {\n        backoff = Backoff()\n"),
    ("L10: the revision of the bookmark is not adopted", MACHINE, "        listed(resourceVersion, now)\n        state", "        listed(self.resourceVersion, now)\n        state"),
    ("L10: a server without initial events is asked again", MACHINE, "        case .noInitialEvents:\n            streaming = .never\n", "        case .noInitialEvents:\n"),
    ("L10: a server that refuses them is asked again", MACHINE, "streaming = saysNothing ? .notUntilListed : .never", "streaming = .notUntilListed"),
    ("L10: a broken streaming list is not paced", MACHINE, "        return pause(.list, now, retryAfterMs, &random)", "        return list(now, &random)"),
    ("L10, L3: a streaming list at a refused revision is asked for again", MACHINE,
     "                isRevisionUnusable = true\n                return list(now, &random)\n            }\n            if error.httpStatus < 500", "                return list(now, &random)\n            }\n            if error.httpStatus < 500"),
    ("L5: a limit at a concrete revision", PAGER, 'resourceVersion.isEmpty || resourceVersion == "0" || pagesAtRevisions ? limit : 0', "limit"),
    ("L6: a revision beside a token", PAGER, "        } else {\n            if !resourceVersion.isEmpty", "        }\n        do {\n            if !resourceVersion.isEmpty"),
    ("L6: the revision of the last page", PAGER, "if self.revision == nil { self.revision = revision }", "self.revision = revision"),
    ("L7: an expired token starts over, pages before it kept their revision", PAGER, "        token = \"\"\n        revision = nil", "        token = \"\""),
    ("L8: the first page passes for the list", PAGER, "if token.isEmpty { return .done }", "return .done"),
    ("H4: what a relist misses is not deleted", REPLACEMENT, "if table.find(blob) == nil { changes.append(", "if table.count > 2, table.find(blob) == nil { changes.append("),
    ("H4: tombstones are not marked", REPLACEMENT, "Delivery(.deleted, blob, flags: .stale)", "Delivery(.deleted, blob)"),
    ("H5: unchanged objects are told", REPLACEMENT, "if before !== blob {", "if before === blob || before !== blob {"),
    ("H5: an object is taken over whatever its revision", REPLACEMENT, "            ObjectKey.equal(there.resourceVersionBytes, bytes(outline.resourceVersion))", "            true"),
    ("H10: an add and its deletion become a deletion", QUEUE, "            entries[at] = nil\n            count -= 1\n        case (.deleted, .deleted)", "            entries[at] = new\n        case (.deleted, .deleted)"),
    ("H10: a deletion and an add become an add", QUEUE, "entries[at] = Delivery(.modified, new.object, old: entries[at]?.object)", "entries[at] = Delivery(.added, new.object)"),
    ("H10: a pending update swallows the deletion", QUEUE, "case (_, .deleted): entries[at] = Delivery(.deleted, new.object, flags: new.flags)", "case (_, .deleted): break"),
    ("H10: what comes is merged into an older entry of its key", QUEUE, "            slots[known].at = place", "            _ = slots[known].at"),
    ("H10: merged from the first entry on", QUEUE, "if count >= maxQueued {", "if count >= 0 {"),
    ("the table closes no gap", TABLE, "TableSegment.closeGap(slots, at: index, mask)", "slots[index].element = nil"),
    ("the index keeps what was deleted", INDEX, "for value in self.values(of: old) where !values.contains(value) { remove(old, from: value) }", "_ = old"),
    ("the index does not follow an update", INDEX, "        for value in values { insert(new, at: value) }", "        if old == nil { for value in values { insert(new, at: value) } }"),
]


def main() -> int:
    top = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    copy = os.path.join(top, ".build-mutants")
    os.makedirs(copy, exist_ok=True)
    for name in ("Sources", "Tests/KubeCoreTests"):
        shutil.rmtree(os.path.join(copy, name), ignore_errors=True)
        shutil.copytree(os.path.join(top, name), os.path.join(copy, name))
    for name in os.listdir(os.path.join(top, "Tests")):
        there = os.path.join(copy, "Tests", name)
        if not os.path.lexists(there):
            os.symlink(os.path.join(top, "Tests", name), there)
    shutil.copy(os.path.join(top, "Package.swift"), copy)
    environment = dict(os.environ, KUBECR_SIMULATION="1", KUBECR_TESTSERVER="0")
    program = os.path.join(copy, ".build/release/simulation")

    def build() -> None:
        command = ["swift", "build", "-c", "release", "--product", "simulation"]
        done = subprocess.run(command, cwd=copy, env=environment, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode:
            sys.exit(f"it does not build:\n{done.stdout[-3000:]}")

    build()
    if subprocess.run([program, "1000"]).returncode:
        sys.exit("the simulation fails without a mutant")
    missed = []
    chosen = [one for one in MUTANTS if not sys.argv[1:] or any(word in one[0] for word in sys.argv[1:])]
    for name, file, old, new in chosen:
        path = os.path.join(copy, "Sources/KubeCore", file + ".swift")
        with open(path) as source:
            text = source.read()
        if text.count(old) != 1:
            sys.exit(f"{name}: its piece stands {text.count(old)} times in {file}.swift")
        with open(path, "w") as source:
            source.write(text.replace(old, new))
        build()
        start = time.monotonic()
        try:
            done = subprocess.run([program, "1000"], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True, timeout=300)
            told = (done.stdout.splitlines() or ["it died"])[0] if done.returncode else ""
        except subprocess.TimeoutExpired:
            told = "it hangs"
        with open(path, "w") as source:
            source.write(text)
        print(f"{'caught' if told else 'MISSED'}  {name}: {told[:150]} ({time.monotonic() - start:.1f} s)", flush=True)
        if not told:
            missed.append(name)
    print(f"figure: {len(chosen) - len(missed)} of {len(chosen)} mutants are caught within 1,000 seeds")
    return 1 if missed else 0


if __name__ == "__main__":
    sys.exit(main())
