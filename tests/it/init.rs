//! `mcpsec init`, in small repositories that were there before it.

use std::{collections::BTreeMap, fs, path::Path};

use predicates::{boolean::PredicateBooleanExt, str::contains};

use super::{
    command::mcpsec,
    repository::{commit, git, repository, write},
};

const TYPESCRIPT: &str = "import { exec } from \"node:child_process\";\n\
    import { McpServer } from \"@modelcontextprotocol/sdk/server/mcp.js\";\n\
    import { StdioServerTransport } from \"@modelcontextprotocol/sdk/server/stdio.js\";\n\
    import { z } from \"zod\";\n\
    const server = new McpServer({ name: \"files\", version: \"1.0.0\" });\n\
    server.tool(\"list\", { folder: z.string() }, async ({ folder }) => {\n  \
    exec(`ls ${folder}`);\n  \
    return { content: [] };\n\
    });\n\
    await server.connect(new StdioServerTransport());\n";

const PYTHON: &str = "from mcp.server.fastmcp import FastMCP\n\nmcp = FastMCP(\"notes\")\n\n\n@mcp.tool()\n\
    def read(name: str) -> str:\n    \"\"\"Reads a note.\"\"\"\n    return open(f\"/notes/{name}\").read()\n\n\nmcp.run()\n";

const RUST: &str = "use rmcp::{ServiceExt, transport::stdio};\n\n#[tokio::main]\nasync fn main() {\n    \
    let service = Server.serve(stdio()).await.unwrap();\n    service.waiting().await.unwrap();\n}\n";

const GO: &str = "package main\n\nimport (\n\t\"context\"\n\n\t\"github.com/modelcontextprotocol/go-sdk/mcp\"\n)\n\n\
    func main() {\n\tserver := mcp.NewServer(&mcp.Implementation{Name: \"a\", Version: \"v1\"}, nil)\n\t\
    server.Run(context.Background(), &mcp.StdioTransport{})\n}\n";

const SERVERS: [(&str, &str); 4] =
    [("src/a.ts", TYPESCRIPT), ("server.py", PYTHON), ("src/main.rs", RUST), ("main.go", GO)];

fn run(folder: &Path, arguments: &[&str]) -> assert_cmd::Command {
    let mut command = mcpsec();
    command.current_dir(folder).args(arguments);
    command
}

/// Every file with its text, but those of git.
fn files(folder: &Path) -> BTreeMap<String, String> {
    let mut found = BTreeMap::new();
    let mut folders = vec![folder.to_path_buf()];
    while let Some(next) = folders.pop() {
        for path in fs::read_dir(next).expect("a folder").map(|entry| entry.expect("an entry").path()) {
            if path.ends_with(".git") {
                continue;
            }
            if path.is_dir() {
                folders.push(path);
            } else {
                let name = path.strip_prefix(folder).expect("below it").to_string_lossy().into_owned();
                found.insert(name, fs::read_to_string(&path).expect("text"));
            }
        }
    }
    found
}

#[test]
fn nothing_is_written_before_somebody_says_so() {
    let repository = repository(&[("src/a.ts", TYPESCRIPT)]);
    let before = files(repository.path());
    for arguments in [&["init"][..], &["init", "--dry-run"], &["init", "-q"]] {
        run(repository.path(), arguments).assert().code(0).stdout(
            contains("1 server in TypeScript, over stdio")
                .and(contains("+++ b/mcpsec.toml\n"))
                .and(contains("+++ b/.github/workflows/mcpsec.yml\n"))
                .and(contains("+shell-injection\tsrc/a.ts\t")),
        );
        assert_eq!(files(repository.path()), before);
    }
    run(repository.path(), &["init"]).assert().stderr(contains("nothing was written; `mcpsec init --yes` writes it"));
}

#[test]
fn the_doctor_is_content_afterwards_and_a_second_run_has_nothing_to_do() {
    for (path, text) in SERVERS {
        let repository = repository(&[(path, text)]);
        let folder = repository.path();
        run(folder, &["init", "--yes"])
            .assert()
            .code(0)
            .stderr(contains("from now on: exit 0").and(contains("git add")));
        run(folder, &["doctor"]).assert().code(0);
        run(folder, &["policy", "check"]).assert().code(0);
        commit(folder);
        run(folder, &["doctor"]).assert().code(0);
        run(folder, &["doctor", "--staged"]).assert().code(0);
        let after = files(folder);
        for path in ["mcpsec.toml", ".pre-commit-config.yaml", ".github/workflows/mcpsec.yml"] {
            assert!(after.contains_key(path), "{path}");
        }
        run(folder, &["init", "--yes"]).assert().code(0).stdout(contains("everything is there already"));
        assert_eq!(files(folder), after, "{path}");

        // What comes later is not accepted.
        let key = ["AKIA", "Z7QX3MPL5RNT2VWY"].concat();
        write(folder, "config.ts", &format!("export const key = \"{key}\";\n"));
        git(folder, &["add", "-A"]);
        run(folder, &["doctor", "--staged"]).assert().code(1);
    }
}

#[test]
fn the_workflow_runs_for_the_branch_that_there_is() {
    for (branch, expected) in [("main", "[main, master]"), ("trunk", "[trunk]")] {
        let repository = repository(&[("src/a.ts", TYPESCRIPT)]);
        git(repository.path(), &["branch", "-q", "-m", branch]);
        let wanted = format!("    branches: {expected}\n");
        run(repository.path(), &["init", "--dry-run"]).assert().code(0).stdout(contains(wanted.trim_end()));
    }
    let repository = repository(&[("src/a.ts", TYPESCRIPT)]);
    git(repository.path(), &["update-ref", "refs/remotes/origin/develop", "HEAD"]);
    git(repository.path(), &["symbolic-ref", "refs/remotes/origin/HEAD", "refs/remotes/origin/develop"]);
    run(repository.path(), &["init", "--yes"]).assert().code(0);
    let workflow = fs::read_to_string(repository.path().join(".github/workflows/mcpsec.yml")).expect("it is written");
    assert!(workflow.contains("    branches: [develop]\n") && !workflow.contains("@BRANCHES@"), "{workflow}");
}

#[test]
fn what_is_written_adds_no_finding_of_its_own() {
    // What is said of a project as a whole is said of its manifest.
    let repository = repository(&[("src/a.ts", TYPESCRIPT), ("package.json", "{\"name\": \"a\"}\n")]);
    let folder = repository.path();
    run(folder, &["init", "--yes", "--no-baseline"]).assert().code(0).stderr(contains("from now on: exit 1"));
    assert!(!folder.join(".mcpsec-baseline").exists() && !folder.join(".gitattributes").exists());
    let output = run(folder, &["doctor", "--format", "json", "--min-confidence", "low"]).output().expect("it runs");
    let report: serde_json::Value = serde_json::from_slice(&output.stdout).expect("JSON");
    let ours = ["mcpsec.toml", ".pre-commit-config.yaml", ".github/workflows/mcpsec.yml"];
    for finding in report["findings"].as_array().expect("a list") {
        assert!(!ours.iter().any(|path| finding["file"] == *path), "{finding}");
    }
}

#[test]
fn files_that_exist_grow_at_their_end_or_stay() {
    let hooks =
        "# ours\nrepos:\n  - repo: https://example.com/hooks\n    rev: v1  # pinned\n    hooks:\n      - id: a\n";
    let settings = "version = 1\n[doctor]\nfail_on = \"critical\"\n";
    let repository = repository(&[
        ("src/a.ts", TYPESCRIPT),
        (".pre-commit-config.yaml", hooks),
        (".gitattributes", "* text=auto\n"),
        ("mcpsec.toml", settings),
        (
            ".github/workflows/ci.yml",
            "on: push\njobs:\n  a:\n    runs-on: ubuntu-24.04\n    steps:\n      - run: npm test\n",
        ),
    ]);
    let folder = repository.path();
    run(folder, &["init", "--yes"]).assert().code(0);
    let after = files(folder);
    assert_eq!(after["mcpsec.toml"], settings);
    assert!(after[".pre-commit-config.yaml"].starts_with(hooks));
    assert!(after[".pre-commit-config.yaml"].ends_with("always_run: true\n"));
    assert_eq!(after[".gitattributes"], "* text=auto\n.mcpsec-baseline merge=union\n");
    assert!(after.contains_key(".github/workflows/mcpsec.yml"));
    run(folder, &["init", "--yes"]).assert().stdout(contains("everything is there already"));
}

#[test]
fn what_cannot_be_added_with_certainty_is_said() {
    let ending = "repos:\n  - repo: a\n    hooks:\n      - id: b\nfail_fast: true\n";
    let odd = repository(&[
        ("server.py", PYTHON),
        (".pre-commit-config.yaml", ending),
        (".gitlab-ci.yml", "test:\n  script: pytest\n"),
    ]);
    run(odd.path(), &["init", "--yes"]).assert().code(0).stdout(
        contains(".pre-commit-config.yaml cannot be extended with certainty")
            .and(contains("    - repo: local\n"))
            .and(contains("add this job to .gitlab-ci.yml"))
            .and(contains("CI_MERGE_REQUEST_DIFF_BASE_SHA")),
    );
    let after = files(odd.path());
    assert_eq!(after[".pre-commit-config.yaml"], ending);
    assert!(!after.contains_key(".github/workflows/mcpsec.yml"));

    let managed = repository(&[("server.py", PYTHON), (".husky/pre-commit", "npm test\n")]);
    run(managed.path(), &["init"]).assert().code(0).stdout(contains("add this line to .husky/pre-commit"));
    let managed = repository(&[("server.py", PYTHON), ("lefthook.yml", "pre-commit:\n  commands: {}\n")]);
    run(managed.path(), &["init"]).assert().code(0).stdout(contains("add this to lefthook.yml"));
    let package = repository(&[("packages/a/server.py", PYTHON)]);
    run(&package.path().join("packages/a"), &["init"])
        .assert()
        .code(0)
        .stdout(contains("mcpsec doctor --staged packages/a").and(contains("the one above")));
}

#[test]
fn parts_can_be_left_out() {
    let repository = repository(&[("server.py", PYTHON)]);
    run(repository.path(), &["init", "--yes", "--no-hook", "--no-baseline", "--ci", "none"]).assert().code(0);
    let after: Vec<String> = files(repository.path()).into_keys().collect();
    assert_eq!(after, ["mcpsec.toml", "server.py"]);
}

#[test]
fn what_is_in_the_way_is_said_and_nothing_is_written() {
    let repository = repository(&[("server.py", PYTHON), (".gitignore", ".github/\n")]);
    write(repository.path(), ".github/workflows/mcpsec.yml", "mine: true\n");
    let before = files(repository.path());
    run(repository.path(), &["init", "--yes"])
        .assert()
        .code(2)
        .stderr(contains("`.github/workflows/mcpsec.yml` was not read").and(contains("nothing was written")));
    assert_eq!(files(repository.path()), before);
    let empty = tempfile::tempdir().expect("a folder");
    run(empty.path(), &["init", "--yes"]).assert().code(5).stderr(contains("no MCP server"));
    run(empty.path(), &["init", "missing"]).assert().code(2).stderr(contains("`missing` is not a directory"));
}
