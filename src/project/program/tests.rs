//! Which files imports mean, across packages, and what names are.

use super::Program;
use crate::project::{Project, versions::Versions};

/// The files that the first file needs, itself left out.
#[track_caller]
fn check(files: &[(&str, &str)], expected: &[&str]) {
    let owned = files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned()));
    let project = Project::from_files(owned);
    let versions = Versions::default();
    let program = Program::new(&project.files, &versions);
    let unit = |path: &str| program.units().iter().position(|unit| unit.path == path).expect("it is a source");
    let first = unit(files[0].0);
    let needed = program.needs(first).into_iter().filter(|&file| file != first);
    assert_eq!(needed.map(|file| program.units()[file].path).collect::<Vec<_>>(), expected);
}

#[test]
fn packages_of_a_workspace_are_found_by_name() {
    check(
        &[
            ("apps/web/a.ts", "import '@x/built'; import '@x/plain/tools'; import 'mapped/deep'; import 'left-pad';"),
            ("apps/web/left-pad/deep.ts", ""),
            ("packages/built/package.json", r#"{"name": "@x/built", "main": "./dist/main.js"}"#),
            ("packages/built/src/main.ts", ""),
            ("packages/mapped/package.json", r#"{"name": "mapped", "exports": {"./*": {"types": "./lib/*.d.ts"}}}"#),
            ("packages/mapped/src/deep.ts", ""),
            ("packages/plain/package.json", r#"{"name": "@x/plain"}"#),
            ("packages/plain/src/tools.ts", ""),
        ],
        &["packages/built/src/main.ts", "packages/mapped/src/deep.ts", "packages/plain/src/tools.ts"],
    );
}

#[test]
fn two_packages_with_one_name_and_known_sdks_are_not_guessed() {
    check(
        &[
            ("a.ts", "import 'twice'; import '@modelcontextprotocol/server';"),
            ("one/index.ts", ""),
            ("one/package.json", r#"{"name": "twice"}"#),
            ("sdk/index.ts", ""),
            ("sdk/package.json", r#"{"name": "@modelcontextprotocol/server"}"#),
            ("two/index.ts", ""),
            ("two/package.json", r#"{"name": "twice"}"#),
        ],
        &[],
    );
}

#[test]
fn aliases_of_typescript_and_of_packages_lead_to_files() {
    check(
        &[
            ("app/src/a.ts", "import '~lib/x.js'; import 'based'; import '#own/y'; import '@/z'; import 'else/where';"),
            ("app/generated/own/y.ts", ""),
            ("app/package.json", r##"{"imports": {"#own/*": "./generated/own/*.js"}}"##),
            ("app/src/based.ts", ""),
            ("app/src/z.ts", ""),
            (
                "app/tsconfig.json",
                "{ // comment\n\"compilerOptions\": {\"baseUrl\": \"src\", \"paths\": {\"~lib/*\": [\"../../lib/*\"]}},}",
            ),
            ("lib/x.ts", ""),
            ("where.ts", ""),
        ],
        &["app/generated/own/y.ts", "app/src/based.ts", "app/src/z.ts", "lib/x.ts"],
    );
}

#[test]
fn crates_of_a_workspace_and_the_own_library_are_found() {
    check(
        &[
            (
                "server/src/main.rs",
                "use server_core::tools::run;\nfn main() { other::go(); run(); }\nuse other::start;",
            ),
            ("core/Cargo.toml", "[package]\nname = \"server-core\"\n"),
            ("core/src/lib.rs", "pub mod tools;"),
            ("core/src/tools.rs", "pub fn run() {}"),
            ("other/Cargo.toml", "[package]\nname = \"x\"\n[lib]\nname = \"other\"\npath = \"code/all.rs\"\n"),
            ("other/code/all.rs", "pub fn go() {}\npub fn start() {}"),
        ],
        &["core/src/tools.rs", "other/code/all.rs"],
    );
}

#[test]
fn a_go_module_says_which_imports_are_its_own() {
    let library =
        "package main\nimport (\n \"github.com/mark3labs/mcp-go/server\"\n \"example.com/me/app/v2/tools\"\n)";
    check(
        &[
            ("cmd/main.go", library),
            ("go.mod", "module example.com/me/app/v2\n"),
            ("server/server.go", "package server"),
            ("tools/tools.go", "package tools"),
        ],
        &["tools/tools.go"],
    );
}

#[test]
fn a_generic_class_with_its_types_is_that_class() {
    let text = "from typing import Generic\nfrom fastmcp import FastMCP\n\nclass Box(Generic[T]):\n    def open(self):\n        pass\n\nFastMCP[Context]('x').run()\nBox[int]().open()\n";
    let project = Project::from_files([("a.py".to_owned(), text.to_owned())]);
    let versions = Versions::default();
    let program = Program::new(&project.files, &versions);
    let symbols = program.calls_in(0).filter_map(|site| program.symbol(site.at, &site.call.function));
    let symbols: Vec<String> = symbols.filter(|symbol| symbol.contains(['.', '#'])).collect();
    assert!(symbols.iter().any(|symbol| symbol == "fastmcp.FastMCP().run"), "{symbols:?}");
    assert!(symbols.iter().any(|symbol| symbol == "@/a.py#Box.open"), "{symbols:?}");
}
