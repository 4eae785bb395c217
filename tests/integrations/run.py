#!/usr/bin/env python3
"""Runs the pre-commit hook and the steps of the GitHub Action for real, in repositories of their own.

    tests/integrations/run.py [--mcpsec PATH]

pre-commit comes from PyPI, pinned, into a virtual environment below target/. Needs git, bash and Python 3.11.
"""

import argparse
import os
import pathlib
import subprocess
import sys
import tempfile
import venv

HERE = pathlib.Path(__file__).resolve().parent
ROOT = HERE.parent.parent
TARGET = pathlib.Path(os.environ.get("CARGO_TARGET_DIR", ROOT / "target"))

# Put together here, so that this file holds no key.
KEY = "AKIA" + "Z7QX3MPL5RNT2VWY"
SERVER = """from mcp.server.fastmcp import FastMCP

mcp = FastMCP("notes")


@mcp.tool()
def add(left: int, right: int) -> int:
    \"\"\"Adds two numbers.\"\"\"
    return left + right


mcp.run()
"""
WEAK = SERVER.replace("from mcp", "import os\nfrom mcp", 1).replace(
    "def add(left: int, right: int) -> int:", "def show(name: str) -> int:"
).replace("return left + right", "return os.system(f\"cat {name}\")")


class Failure(Exception):
    pass


def check(condition, message):
    if not condition:
        raise Failure(message)


def run(command, folder, environment, expected=0, text=None):
    done = subprocess.run(command, cwd=folder, env=environment, text=True, input=text,
                          stdout=subprocess.PIPE, stderr=subprocess.STDOUT, timeout=300, check=False)
    if expected is not None:
        check(done.returncode == expected, f"{command} ended with {done.returncode}:\n{done.stdout}")
    return done


def environment(mcpsec, extra):
    """Nothing of the tester's own, and the built command in front."""
    path = os.pathsep.join([str(mcpsec.parent), *map(str, extra), os.environ["PATH"]])
    return {
        "PATH": path, "HOME": str(TARGET / "integrations"), "GIT_CONFIG_GLOBAL": "/dev/null", "GIT_CONFIG_SYSTEM": "/dev/null",
        "GIT_AUTHOR_NAME": "a", "GIT_AUTHOR_EMAIL": "a@example.com", "GIT_COMMITTER_NAME": "a",
        "GIT_COMMITTER_EMAIL": "a@example.com", "PRE_COMMIT_HOME": str(TARGET / "integrations" / "pre-commit"),
    }


def pre_commit():
    """The folder with the pinned pre-commit."""
    folder = TARGET / "integrations" / "venv"
    stamp = folder / "installed"
    # A virtual environment that was moved does not run any more.
    wanted = f"{folder}\n{(HERE / 'requirements.txt').read_text()}"
    if not stamp.exists() or stamp.read_text() != wanted:
        venv.create(folder, with_pip=True, clear=True)
        subprocess.run([folder / "bin" / "pip", "install", "--quiet", "--disable-pip-version-check", "-r", HERE / "requirements.txt"],
                       check=True)
        stamp.write_text(wanted)
    return folder / "bin"


def repository(folder, env):
    run(["git", "init", "-q", "-b", "main"], folder, env)
    (folder / "server.py").write_text(SERVER)
    (folder / ".gitignore").write_text(".env\n")
    run(["git", "add", "-A"], folder, env)
    run(["git", "commit", "-q", "-m", "first"], folder, env)


def hooks(folder, env):
    """This repository's hooks, as a repository that holds them alone: what is not committed here counts, too."""
    run(["git", "init", "-q", "-b", "main"], folder, env)
    (folder / ".pre-commit-hooks.yaml").write_text((ROOT / ".pre-commit-hooks.yaml").read_text())
    run(["git", "add", "-A"], folder, env)
    run(["git", "commit", "-q", "-m", "hooks"], folder, env)
    return run(["git", "rev-parse", "HEAD"], folder, env).stdout.strip()


def the_hook_stops_a_commit_with_a_secret(work, env):
    source, project = work / "hooks", work / "project"
    source.mkdir()
    project.mkdir()
    revision = hooks(source, env)
    repository(project, env)
    (project / ".pre-commit-config.yaml").write_text(
        f"repos:\n  - repo: {source}\n    rev: {revision}\n    hooks:\n      - id: mcpsec-doctor\n")
    run(["git", "add", "-A"], project, env)
    run(["pre-commit", "install"], project, env)
    run(["git", "commit", "-q", "-m", "hooks"], project, env)

    (project / "config.py").write_text(f'AWS_ACCESS_KEY_ID = "{KEY}"\n')
    run(["git", "add", "-A"], project, env)
    stopped = run(["git", "commit", "-m", "a key"], project, env, expected=1)
    check("config.py:1" in stopped.stdout, f"the place is not said:\n{stopped.stdout}")
    check(KEY not in stopped.stdout, "the key is shown")
    check("2" == run(["git", "rev-list", "--count", "HEAD"], project, env).stdout.strip(), "the commit was made")

    (project / "config.py").write_text("import os\n\nKEY = os.environ[\"AWS_ACCESS_KEY_ID\"]\n")
    run(["git", "add", "-A"], project, env)
    run(["git", "commit", "-q", "-m", "from the environment"], project, env)
    print("the hook: a commit with a secret is stopped, one without is made")


def steps():
    """The scripts of the action's steps, from its file: blocks behind `run: |`, by their indentation."""
    scripts, block, depth = [], None, 0
    for line in (ROOT / "action.yml").read_text().splitlines():
        indent = len(line) - len(line.lstrip())
        if block is not None and (line.strip() == "" or indent > depth):
            block.append(line[depth + 2:])
            continue
        block = None
        if line.strip() in ("run: |", "- run: |"):
            block, depth = [], indent
            scripts.append(block)
    return ["\n".join(script) + "\n" for script in scripts]


def the_action_annotates_and_sums_up(work, env):
    project = work / "action"
    project.mkdir()
    repository(project, env)
    scripts = steps()
    check(len(scripts) == 1, f"{len(scripts)} steps instead of one")

    def act(expected, **inputs):
        given = {"PROJECT": ".", "FAIL_ON": "", "SINCE": "", "ANNOTATIONS": "true", "SUMMARY": "true", "SARIF": "mcpsec.sarif"}
        for name in ("output", "summary"):
            (work / name).write_text("")
        variables = {f"MCPSEC_{name}": value for name, value in (given | inputs).items()}
        variables |= {"GITHUB_OUTPUT": str(work / "output"), "GITHUB_STEP_SUMMARY": str(work / "summary"), "GITHUB_ACTIONS": "true"}
        done = run(["bash", "--noprofile", "--norc", "-eo", "pipefail"], project, env | variables, expected=expected, text=scripts[0])
        check((work / "output").read_text() == f"exit-code={expected}\n", "the exit code is no output of the step")
        return done.stdout

    (project / "server.py").write_text(WEAK)
    printed = act(1)
    check("::error file=server.py,line=" in printed, f"no annotation:\n{printed}")
    check("shell-injection" in (work / "summary").read_text(), "no summary")
    check('"shell-injection"' in (project / "mcpsec.sarif").read_text(), "no SARIF")
    (project / "mcpsec.sarif").unlink()
    run(["git", "add", "-A"], project, env)
    run(["git", "commit", "-q", "-m", "weak"], project, env)
    act(0, SINCE="HEAD")
    act(1, SINCE="HEAD~1", SARIF="", SUMMARY="false", ANNOTATIONS="false")
    check((work / "summary").read_text() == "", "a summary that nobody asked for")
    act(2, SINCE="nowhere")
    print("the action: annotations, summary, SARIF and exit code")


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--mcpsec", type=pathlib.Path, default=TARGET / "debug" / "mcpsec")
    mcpsec = parser.parse_args().mcpsec.resolve()
    if not mcpsec.is_file():
        sys.exit(f"{mcpsec} is not there: cargo build -p mcpsec-cli")
    env = environment(mcpsec, [pre_commit()])
    with tempfile.TemporaryDirectory() as folder:
        work = pathlib.Path(folder)
        try:
            the_hook_stops_a_commit_with_a_secret(work, env)
            the_action_annotates_and_sums_up(work, env)
        except Failure as failure:
            sys.exit(f"failed: {failure}")


if __name__ == "__main__":
    main()
