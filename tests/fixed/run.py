#!/usr/bin/env python3
"""Fixes projects with the doctor, and asks their own toolchains before and after.

    tests/fixed/run.py [--doctor PATH] [--only WORD] [--safe] [--keep] [FOLDER ...]

Without folders, the small servers beside this file: each fix that `OWN` names must be offered and end its finding, and
the fixed server must start and list its tools. With folders, any projects: each is copied, its packages are installed
without their scripts, and what a toolchain says of the fixed copy must have been said of the copy before.

A project is left with what is asked for: nothing that a fix refuses, and nothing that a second run would change. The
toolchains: Python's compiler and pyflakes, node and tsc, cargo check, go vet, and parsers for YAML, JSON and Dockerfiles.
One that is not there, or whose packages cannot be installed, is said to be missing, and does not fail the run; with
MCPSEC_FIXED_STRICT=1 it does. Packages are installed below target/fixed.
"""

import argparse
import collections
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import time
import urllib.request

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))
WORK = TARGET / "fixed"
# What is not copied.
SKIPPED = shutil.ignore_patterns(".git", "node_modules", "target", ".venv", "__pycache__", "dist")
# Our servers: the rules whose fixes must be taken, and how the server is started. A number is a port.
OWN = {
    "ts-stdio": (
        "capability-undeclared client-runner-unpinned compose-port-public container-root env-not-ignored stdout-noise "
        "timeout-missing tls-verify-disabled typescript-strict-off workflow-permissions",
        ["node", "dist/index.js"], None),
    "ts-http": ("bind-all-interfaces host-check-missing", ["node", "dist/index.js"], 8765),
    "ts-factory": ("host-check-missing", ["node", "dist/index.js"], 8766),
    "py-stdio": ("container-root stdout-noise timeout-missing tls-verify-disabled", ["python", "server.py"], None),
    "py-http": ("host-check-missing", ["python", "server.py"], 8767),
    "py-low": ("bind-all-interfaces debug-enabled", ["python", "server.py"], 8768),
    "py-hand": ("capability-undeclared capability-unregistered", ["python", "server.py"], None),
    "rs-stdio": (
        "capability-undeclared capability-unregistered stdout-noise timeout-missing", ["target/debug/rs-stdio"], None),
    "rs-http": (
        "bind-all-interfaces capability-undeclared host-check-disabled", ["target/debug/rs-http"], 8769),
    "go-stdio": (
        "capability-undeclared capability-unregistered stdout-noise timeout-missing", ["./server"], None),
    "go-http": (
        "bind-all-interfaces capability-unregistered host-check-disabled http-timeouts-missing", ["./server"], 8770),
}


class Missing(Exception):
    """A toolchain, or a package that it needs, is not there."""


def run(command, folder, **more):
    """Runs a program and gives what it says; it may fail."""
    try:
        return subprocess.run(command, cwd=folder, capture_output=True, text=True, errors="replace", timeout=1200,
                              stdin=subprocess.DEVNULL, check=False, **more)
    except FileNotFoundError as error:
        raise Missing(f"{command[0]} is not installed") from error


def said(text, pattern):
    """The complaints in a toolchain's words, without the lines in which they stand: those may move."""
    return collections.Counter(" ".join(part for part in match.groups() if part) for match in re.finditer(pattern, text, re.M))


def files(folder, *endings):
    """The files of a copy whose names end so."""
    found = (path for path in folder.rglob("*") if path.is_file() and path.name.endswith(endings))
    hidden = {"node_modules", ".venv", "target"}
    return sorted(path for path in found if not hidden & set(path.relative_to(folder).parts))


class Python:
    """Every source compiles, and every name in it is one."""

    def __init__(self, folder):
        self.python = venv("checks", ["pyflakes==3.4.0", "PyYAML==6.0.3", "dockerfile-parse==2.0.1"])

    @staticmethod
    def applies(folder):
        return files(folder, ".py")

    def check(self, folder):
        sources = [str(path.relative_to(folder)) for path in files(folder, ".py")]
        complaints = said(run([self.python, "-m", "pyflakes", *sources], folder).stdout, r"^(\S+?):\d+:\d+:? (.*)$")
        compiled = run([self.python, "-X", "pycache_prefix=" + str(WORK / "cache"), "-m", "py_compile", *sources], folder)
        return complaints + said(compiled.stderr, r"^ *File \"(.*)\"|^(\w+Error: .*)$")


class TypeScript:
    """The compiler finds nothing that it did not find before; a project without one is parsed by node."""

    def __init__(self, folder):
        for manifest in files(folder, "package.json"):
            place = manifest.parent
            lock = (place / "package-lock.json").exists()
            command = ["npm", "ci" if lock else "install", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"]
            if lock or place == folder:
                installed = run(command, place)
                if installed.returncode and lock:
                    installed = run([*command, "--legacy-peer-deps"], place)
                if installed.returncode:
                    raise Missing(f"npm cannot install what {manifest.relative_to(folder)} asks for")

    @staticmethod
    def applies(folder):
        return files(folder, "package.json")

    def check(self, folder):
        complaints = collections.Counter()
        for source in files(folder, ".js", ".mjs", ".cjs"):
            if run(["node", "--check", str(source)], folder).returncode:
                complaints[f"{source.relative_to(folder)} does not parse"] += 1
        for settings in files(folder, "tsconfig.json"):
            answer = run(["npx", "--no-install", "tsc", "--noEmit", "-p", str(settings)], settings.parent)
            if "not found" in answer.stderr or "could not determine executable" in answer.stderr:
                raise Missing("the project has no tsc")
            complaints += said(answer.stdout, r"^(\S+?)\(\d+,\d+\): (error .*)$|^(error .*)$")
        return complaints


class Rust:
    """`cargo check` finds neither an error nor a warning that was not there before."""

    def __init__(self, folder):
        self.environment = {**os.environ, "CARGO_TARGET_DIR": str(WORK / "rust"), "CARGO_TERM_COLOR": "never"}

    @staticmethod
    def applies(folder):
        return [path for path in files(folder, "Cargo.toml") if (path.parent / "Cargo.lock").exists() or path.parent == folder]

    def check(self, folder):
        complaints = collections.Counter()
        for manifest in self.applies(folder):
            command = ["cargo", "check", "--workspace", "--all-targets", "--message-format=short"]
            # What was checked before with the same time of change would be passed over.
            for source in files(manifest.parent, ".rs"):
                source.touch()
            answer = run(command, manifest.parent, env=self.environment)
            if answer.returncode and "could not compile" not in answer.stderr:
                raise Missing(f"cargo cannot prepare {manifest.relative_to(folder)}: {answer.stderr.strip()[-200:]}")
            complaints += said(answer.stderr, r"^(\S+?):\d+:\d+: ((?:error|warning).*)$")
        return complaints


class Go:
    """`go vet` finds nothing that it did not find before."""

    def __init__(self, folder):
        self.environment = {**os.environ, "GOTOOLCHAIN": "local", "GOFLAGS": "-mod=mod", "CGO_ENABLED": "0"}

    @staticmethod
    def applies(folder):
        return files(folder, "go.mod")

    def check(self, folder):
        complaints = collections.Counter()
        for manifest in self.applies(folder):
            answer = run(["go", "vet", "./..."], manifest.parent, env=self.environment)
            if re.search(r"no such host|i/o timeout|go: go.mod requires go >=|missing go.sum|connection refused", answer.stderr):
                raise Missing(f"go cannot prepare {manifest.relative_to(folder)}: {answer.stderr.strip()[-200:]}")
            complaints += said(answer.stderr, r"^(?:vet: )?(\S+?\.go):\d+:\d+: (.*)$")
        return complaints


class Data:
    """YAML, JSON and Dockerfiles can be read."""

    SCRIPT = """
import json, sys, yaml, io, dockerfile_parse
for path in sys.argv[1:]:
    text = open(path, encoding="utf-8", errors="replace").read()
    try:
        if path.endswith((".yml", ".yaml")):
            list(yaml.compose_all(text, yaml.SafeLoader))
        elif path.endswith(".json"):
            json.loads(text)
        else:
            known = "FROM ARG RUN CMD LABEL EXPOSE ENV ADD COPY ENTRYPOINT VOLUME USER WORKDIR ONBUILD STOPSIGNAL HEALTHCHECK SHELL MAINTAINER COMMENT".split()
            parser = dockerfile_parse.DockerfileParser(fileobj=io.BytesIO(text.encode()))
            words = [part["instruction"] for part in parser.structure]
            assert all(word in known for word in words), words
    except Exception as error:
        print(f"{path}: {type(error).__name__}")
"""

    def __init__(self, folder):
        self.python = venv("checks", ["pyflakes==3.4.0", "PyYAML==6.0.3", "dockerfile-parse==2.0.1"])

    @staticmethod
    def applies(folder):
        return [path for path in files(folder, ".yml", ".yaml", ".json", "Dockerfile") if path.name != "package-lock.json"]

    def check(self, folder):
        paths = [str(path.relative_to(folder)) for path in self.applies(folder)]
        return collections.Counter(run([self.python, "-c", self.SCRIPT, *paths], folder).stdout.splitlines())


def venv(name, requirements):
    """A Python with packages."""
    folder = WORK / name
    python = folder / "bin" / "python"
    done = folder / ".done"
    if not done.exists():
        subprocess.run([sys.executable, "-m", "venv", folder], check=True)
        installed = run([python, "-m", "pip", "install", "-q", *requirements], None)
        if installed.returncode:
            raise Missing(f"pip cannot install {' '.join(requirements)}: {installed.stderr.strip()[-200:]}")
        done.touch()
    return str(python)


def doctor(program, folder, *arguments):
    """A run of the doctor: its exit code, what it printed, what it said."""
    answer = run([program, "doctor", "--project", str(folder), "--min-confidence", "low", *arguments], None)
    if answer.returncode not in (0, 1, 3):
        sys.exit(f"error: the doctor ended with {answer.returncode} on {folder}\n{answer.stderr}")
    return answer


def findings(program, folder):
    """How many findings each rule has, and how many of them with a fix."""
    found = json.loads(doctor(program, folder, "--format", "json").stdout)["findings"]
    fixable = [it for it in found if (it.get("fix") or {}).get("edits")]
    return collections.Counter(it["rule"] for it in found), collections.Counter(it["rule"] for it in fixable)


def judge(program, folder, unsafe):
    """Fixes a copy; gives what was offered and what is gone, what is wrong, and what could not be asked."""
    wrong, missing, asked = [], [], []
    for toolchain in (Python, TypeScript, Rust, Go, Data):
        if toolchain.applies(folder):
            try:
                ready = toolchain(folder)
                asked.append((ready, ready.check(folder)))
            except Missing as reason:
                missing.append(f"{toolchain.__name__}: {reason}")
    more = ["--unsafe-fixes"] if unsafe else []
    found, offered = findings(program, folder)
    said_of_fixing = doctor(program, folder, "--fix", *more).stderr
    wrong += [line for line in said_of_fixing.splitlines() if line.startswith("not fixed")]
    left, fixable = findings(program, folder)
    wrong += [f"{rule} is still offered a fix" for rule in fixable if unsafe]
    if doctor(program, folder, "--diff", *more).stdout:
        wrong.append("a second run would change more")
    for toolchain, before in asked:
        fresh = toolchain.check(folder) - before
        wrong += [f"{type(toolchain).__name__}: {complaint}" for complaint in fresh]
    return offered, found - left, wrong, missing


def build(folder):
    """Makes one of our servers ready to start; gives what its path has to hold."""
    path = os.environ["PATH"]
    if (folder / "tsconfig.json").exists():
        subprocess.run(["npx", "--no-install", "tsc"], cwd=folder, check=True)
    elif (folder / "requirements.txt").exists():
        python = venv(folder.name, ["-r", str(folder / "requirements.txt")])
        path = f"{pathlib.Path(python).parent}:{path}"
    elif (folder / "Cargo.toml").exists():
        environment = {**os.environ, "CARGO_TARGET_DIR": str(WORK / "rust")}
        subprocess.run(["cargo", "build", "--quiet", "--locked"], cwd=folder, check=True, env=environment)
        (folder / "target").symlink_to(WORK / "rust")
    elif (folder / "go.mod").exists():
        environment = {**os.environ, "GOTOOLCHAIN": "local", "CGO_ENABLED": "0"}
        answer = run(["go", "build", "-o", "server", "."], folder, env=environment)
        if answer.returncode:
            raise Missing(f"go cannot build: {answer.stderr.strip()[-200:]}")
    return path


HELLO = {"protocolVersion": "2025-06-18", "capabilities": {}, "clientInfo": {"name": "fixed", "version": "1.0.0"}}


def listed(command, folder, port, path):
    """The names of the tools that a started server lists."""
    environment = {**os.environ, "PATH": path, "PYTHONDONTWRITEBYTECODE": "1"}
    command = [shutil.which(command[0], path=path) or str(folder / command[0]), *command[1:]]
    process = subprocess.Popen(command, cwd=folder, env=environment, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                               stderr=subprocess.DEVNULL, text=True)
    try:
        if port is None:
            messages = [{"id": 1, "method": "initialize", "params": HELLO}, {"method": "notifications/initialized"},
                        {"id": 2, "method": "tools/list", "params": {}}]
            for message in messages:
                process.stdin.write(json.dumps({"jsonrpc": "2.0", **message}) + "\n")
                process.stdin.flush()
            for line in process.stdout:
                answer = json.loads(line)
                if answer.get("id") == 2:
                    return [tool["name"] for tool in answer["result"]["tools"]]
            return None
        return ask(process, port)
    finally:
        process.kill()
        process.wait()


def ask(process, port, **headers):
    """The same over HTTP, once the port answers."""
    headers = {"Content-Type": "application/json", "Accept": "application/json, text/event-stream",
               "MCP-Protocol-Version": "2025-06-18", **headers}
    body = json.dumps({"jsonrpc": "2.0", "id": 2, "method": "tools/list", "params": {}}).encode()
    for path in ["/mcp", "/mcp/"] * 60:
        try:
            request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", body, headers)
            text = urllib.request.urlopen(request, timeout=10).read().decode()
            return [tool["name"] for tool in json.loads(text)["result"]["tools"]]
        except urllib.error.HTTPError as error:
            if error.code == 403:
                return "refused"
            if error.code not in (307, 404):
                return f"{error.code}: {error.read().decode()[:200]}"
        except OSError:
            time.sleep(0.25)
        if process.poll() is not None:
            return None
    return None


def one(program, source, folder, unsafe):
    """Copies, fixes and judges a project; gives what is wrong and what is missing."""
    shutil.copytree(source, folder, ignore=SKIPPED, symlinks=True)
    offered, gone, wrong, missing = judge(program, folder, unsafe)
    own = OWN.get(source.name) if source.parent == HERE else None
    if own:
        rules, command, port = own
        wrong += [f"{rule} is not fixed" for rule in rules.split() if not gone[rule]]
        try:
            path = build(folder)
            names = listed(command, folder, port, path)
            if not isinstance(names, list) or not names:
                wrong.append(f"the fixed server answers with {names}")
        except Missing as reason:
            missing.append(str(reason))
    fixed = ", ".join(f"{count} {rule}" for rule, count in sorted(offered.items())) or "nothing to fix"
    print(f"{'WRONG' if wrong else 'ok':5} {source.name:28} {fixed}", flush=True)
    for line in wrong:
        print(f"        wrong: {line}", flush=True)
    for line in missing:
        print(f"        not asked: {line}", flush=True)
    return wrong, missing


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--doctor", default=str(TARGET / "debug" / "mcpsec"), help="the program to run")
    arguments.add_argument("--only", default="", metavar="WORD", help="only projects whose name holds this")
    arguments.add_argument("--safe", action="store_true", help="safe fixes alone")
    arguments.add_argument("--keep", metavar="FOLDER", help="leave the fixed copies here")
    arguments.add_argument("folders", nargs="*", type=pathlib.Path, metavar="FOLDER")
    given = arguments.parse_args()
    folders = [folder.resolve() for folder in given.folders] or [HERE / name for name in OWN]
    WORK.mkdir(parents=True, exist_ok=True)
    failures = 0
    with tempfile.TemporaryDirectory() as scratch:
        for source in (folder for folder in folders if given.only in folder.name):
            copy = pathlib.Path(given.keep or scratch) / source.name
            wrong, missing = one(given.doctor, source, copy, not given.safe)
            failures += bool(wrong or missing and os.environ.get("MCPSEC_FIXED_STRICT"))
            if not given.keep:
                shutil.rmtree(copy, ignore_errors=True)
    print(f"{failures} wrong")
    sys.exit(failures > 0)


if __name__ == "__main__":
    main()
