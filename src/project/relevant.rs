//! Which sources matter: those that speak of MCP or of secrets, servers and their protection, whatever those need, and
//! whatever needs those. The rest of a repository is read as text and not parsed.
//!
//! Judged by words and by import lines, without a parser, and generously: a word in a comment is enough, and a file that
//! loads others by computed names takes its whole folder with it. A flow from a tool to a sink only crosses imports, so
//! nothing is lost that the facts could have followed.

use std::{
    collections::{BTreeMap, VecDeque},
    sync::LazyLock,
};

use aho_corasick::AhoCorasick;
use rayon::prelude::*;
use regex::Regex;

use super::{
    File, Role,
    language::Language,
    program::{
        modules::{Paths, Source, crate_folder},
        packages::Packages,
    },
    syntax::{Import, Span},
};

/// A source without any of these, in any case of letters, is judged only for what calls it or is called by it.
const WORDS: &[&str] = &[
    // The protocol and its suppressions.
    "mcp",
    "modelcontextprotocol",
    "jsonrpc",
    "tools/call",
    // Settings and secrets.
    "process.env",
    "environ",
    "getenv",
    "env::var",
    "env!(",
    "dotenv",
    "basesettings",
    "secret",
    "passw",
    "apikey",
    "api_key",
    "api-key",
    "token",
    "credential",
    "authoriz",
    "authent",
    "bearer",
    "jwt",
    "oauth",
    "session",
    "nonce",
    "random",
    // Servers and what protects them.
    "listen(",
    "listenandserve",
    "createserver",
    "uvicorn",
    ".serve(",
    "0.0.0.0",
    "cors",
    "access-control",
    "websocket",
    "tls",
    "danger_accept",
    "https.agent",
    "ssl",
    "verify=",
    "rejectunauthorized",
    "insecure",
    "limiter",
    "ratelimit",
    "rate_limit",
];

/// Files of tests that are parsed at the most.
const MAX_TESTS: usize = 60;

static WORD: LazyLock<AhoCorasick> = LazyLock::new(|| {
    AhoCorasick::builder().ascii_case_insensitive(true).build(WORDS).expect("a constant list of short words")
});

static TYPESCRIPT: LazyLock<Regex> =
    LazyLock::new(|| pattern(r#"(?-u:\b)(?:from|import|require)\s*\(?\s*["']([^"'\n]+)["']"#));
static PYTHON: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?m)^[ \t]*(?:from[ \t]+(\S+)[ \t]+import[ \t]*(\([^)]*\)|[^\n]*)|import[ \t]+([^\n]+))")
});
static GO: LazyLock<Regex> = LazyLock::new(|| pattern(r#""([\w.~-]+\.[\w.~-]+/[^"\s]+)""#));
static GO_PACKAGE: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?m)^package[ \t]+(\w+)"));
static JAVA: LazyLock<Regex> =
    LazyLock::new(|| pattern(r"(?m)^[ \t]*import[ \t]+(?:static[ \t]+)?([\w.]+)\.(?:\w+|\*)[ \t]*;"));
static CSHARP: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r"(?m)^[ \t]*(?:global[ \t]+)?using[ \t]+(?:static[ \t]+|\w+[ \t]*=[ \t]*)?([\w.]+)[ \t]*;")
});
static SPACE: LazyLock<Regex> = LazyLock::new(|| pattern(r"(?m)^[ \t]*(?:package|namespace)[ \t]+([\w.]+)"));
static COMPUTED: LazyLock<Regex> = LazyLock::new(|| {
    pattern(r#"(?-u:\b)(?:(?:import_module|pkgutil|__import__|glob)(?-u:\b)|readdir|(?:import|require)\(\s*[^"'\s)])"#)
});

fn pattern(text: &str) -> Regex {
    Regex::new(text).expect("a constant pattern")
}

/// Where a case of a test begins, in any of the languages.
static CASES: LazyLock<Regex> = LazyLock::new(|| {
    pattern(
        r"(?-u:\b(?:it|test)(?:\.\w+)*\(|\bdef test|\bfunc Test|#\[[\w:]*test|@(?:\w+)?Test\b|\[(?:Fact|Theory|Test))",
    )
});

/// Marks each source of `files` that matters; everything else is unmarked.
pub(super) fn mark(files: &[File]) -> Vec<bool> {
    let sources: Vec<(usize, Outline<'_>)> = files
        .par_iter()
        .enumerate()
        .filter_map(|(index, file)| Some((index, Outline::of(file, file.language?))))
        .collect();
    let outlines: Vec<&Outline<'_>> = sources.iter().map(|(_, outline)| outline).collect();
    if !outlines.iter().any(|one| one.speaks) {
        // Nothing to begin with: what there is, is all looked at.
        return files.iter().map(|file| file.language.is_some()).collect();
    }
    let graph = Graph::of(&outlines, Packages::of(files));
    let mut reached = graph.closure(outlines.iter().enumerate().filter(|(_, one)| one.speaks).map(|(file, _)| file));
    take_folders(&outlines, &graph, &mut reached);
    // Tests that nothing connects with a server may still start it: where no other test matters, all do.
    let is_test = |file: &usize| outlines[*file].file.role == Role::Test;
    if !(0..outlines.len()).any(|file| is_test(&file) && reached[file]) {
        graph.needs((0..outlines.len()).filter(is_test), &mut reached);
    }
    let mut marks = vec![false; files.len()];
    for ((index, _), reached) in sources.iter().zip(reached) {
        marks[*index] = reached;
    }
    leave_tests(files, &mut marks);
    marks
}

/// Leaves of the files of tests the shortest that hold cases. What the others say is read as text as well
/// ([`super::facts::Tested`]), and nothing else is asked of them than that they are there; large projects have more
/// tests than product.
fn leave_tests(files: &[File], marks: &mut [bool]) {
    let tests: Vec<usize> = (0..files.len()).filter(|&index| marks[index] && files[index].role == Role::Test).collect();
    if tests.len() <= MAX_TESTS {
        return;
    }
    let rank = |index: usize| (!CASES.is_match(&files[index].text), files[index].text.len(), index);
    let mut ranks: Vec<_> = tests.into_par_iter().map(rank).collect();
    ranks.sort_unstable();
    ranks.iter().skip(MAX_TESTS).for_each(|&(.., index)| marks[index] = false);
}

/// What lies beside or below a file that loads others by computed names.
fn take_folders(outlines: &[&Outline<'_>], graph: &Graph, reached: &mut [bool]) {
    let folder = |path: &'_ str| path.rfind('/').map_or(0, |slash| slash + 1);
    let loaders: Vec<&str> = outlines
        .iter()
        .zip(reached.iter())
        .filter(|(one, reached)| **reached && one.file.role != Role::Test && COMPUTED.is_match(&one.file.text))
        .map(|(one, _)| &one.file.path[..folder(&one.file.path)])
        // What stands at the root would take everything: there, a folder has to be named by an import.
        .filter(|folder| !folder.is_empty())
        .collect();
    let below = (0..outlines.len()).filter(|&file| {
        let path = outlines[file].file.path.as_str();
        loaders.iter().any(|folder| path.starts_with(folder))
    });
    graph.needs(below, reached);
}

/// A source as far as a glance shows it.
struct Outline<'a> {
    file: &'a File,
    language: Language,
    package: &'a str,
    imports: Vec<Import>,
    /// It has one of the words.
    speaks: bool,
}

impl Source for &Outline<'_> {
    fn path(&self) -> &str {
        &self.file.path
    }

    fn language(&self) -> Language {
        self.language
    }

    fn package(&self) -> &str {
        self.package
    }
}

impl<'a> Outline<'a> {
    fn of(file: &'a File, language: Language) -> Self {
        let text = file.text.as_str();
        let package = match language {
            Language::Go => GO_PACKAGE.captures(text).and_then(|found| found.get(1)).map_or("", |name| name.as_str()),
            Language::Java | Language::CSharp => {
                SPACE.captures(text).and_then(|found| found.get(1)).map_or("", |name| name.as_str())
            }
            _ => "",
        };
        Self { file, language, package, imports: imports(text, language), speaks: WORD.is_match(text) }
    }
}

/// What the import lines of a text name. Rust's are not needed: a crate matters as a whole.
fn imports(text: &str, language: Language) -> Vec<Import> {
    let import = |module: &str, name: Option<&str>| Import {
        local: String::new(),
        module: module.to_owned(),
        name: name.map(str::to_owned),
        span: Span::default(),
    };
    match language {
        Language::TypeScript => TYPESCRIPT
            .captures_iter(text)
            .filter_map(|found| found.get(1))
            .map(|module| import(module.as_str(), None))
            .collect(),
        Language::Go => GO.captures_iter(text).map(|found| import(&found[1], None)).collect(),
        Language::Rust => Vec::new(),
        Language::Java => JAVA.captures_iter(text).map(|found| import(&found[1], None)).collect(),
        Language::CSharp => CSHARP.captures_iter(text).map(|found| import(&found[1], None)).collect(),
        Language::Python => {
            let first_word = |part: &'_ str| part.split_whitespace().next().map(str::to_owned);
            let mut imports = Vec::new();
            for found in PYTHON.captures_iter(text) {
                if let (Some(module), Some(names)) = (found.get(1), found.get(2)) {
                    let names = names.as_str().trim_start_matches('(').trim_end_matches(')').split(',');
                    imports.push(import(module.as_str(), None));
                    let names = names.filter_map(first_word);
                    imports.extend(names.map(|name| import(module.as_str(), Some(&name))));
                } else if let Some(modules) = found.get(3) {
                    let modules = modules.as_str().split(',').filter_map(first_word);
                    imports.extend(modules.map(|module| import(&module, None)));
                }
            }
            imports
        }
    }
}

/// Who imports whom, both ways.
struct Graph {
    imports: Vec<Vec<usize>>,
    importers: Vec<Vec<usize>>,
}

impl Graph {
    fn of(outlines: &[&Outline<'_>], packages: Packages) -> Self {
        let paths = Paths::by_name(outlines, packages);
        let imports: Vec<Vec<usize>> = outlines
            .par_iter()
            .enumerate()
            .map(|(file, one)| one.imports.iter().flat_map(|import| paths.files(outlines, file, import)).collect())
            .collect();
        let mut graph = Self { importers: vec![Vec::new(); imports.len()], imports };
        for (file, targets) in graph.imports.iter().enumerate() {
            targets.iter().for_each(|&target| graph.importers[target].push(file));
        }
        graph.tie_packages(outlines, &paths.packages);
        graph
    }

    /// The files of a crate, of a package of Go or Java, or of a namespace need each other without saying so, and a crate
    /// needs those that its manifest names.
    fn tie_packages(&mut self, outlines: &[&Outline<'_>], packages: &Packages) {
        let mut first: BTreeMap<(Language, String), usize> = BTreeMap::new();
        for (file, one) in outlines.iter().enumerate() {
            let path = one.file.path.as_str();
            let package = match one.language {
                Language::Rust => crate_folder(path),
                Language::Go => path.rsplit_once('/').map_or(String::new(), |(folder, _)| folder.to_owned()),
                Language::Java | Language::CSharp => one.package.to_owned(),
                Language::TypeScript | Language::Python => continue,
            };
            let head = *first.entry((one.language, package)).or_insert(file);
            if head != file {
                self.imports[head].push(file);
                self.imports[file].push(head);
            }
        }
        for (from, to) in packages.crate_needs() {
            let head = |folder| first.get(&(Language::Rust, folder)).copied();
            if let (Some(from), Some(to)) = (head(from), head(to)) {
                self.imports[from].push(to);
            }
        }
    }

    /// What needs one of `start`, and whatever that needs.
    fn closure(&self, start: impl Iterator<Item = usize>) -> Vec<bool> {
        let mut importers = vec![false; self.imports.len()];
        spread(&self.importers, start, &mut importers);
        let mut reached = vec![false; self.imports.len()];
        self.needs((0..importers.len()).filter(|&file| importers[file]), &mut reached);
        reached
    }

    fn needs(&self, start: impl Iterator<Item = usize>, reached: &mut [bool]) {
        spread(&self.imports, start, reached);
    }
}

/// Marks `start` and everything that follows from it.
fn spread(edges: &[Vec<usize>], start: impl Iterator<Item = usize>, reached: &mut [bool]) {
    let mut open: VecDeque<usize> = start.filter(|&file| !std::mem::replace(&mut reached[file], true)).collect();
    while let Some(file) = open.pop_front() {
        for &next in &edges[file] {
            if !std::mem::replace(&mut reached[next], true) {
                open.push_back(next);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::project::Project;

    #[track_caller]
    fn check(files: &[(&str, &str)], expected: &[&str]) {
        let owned = files.iter().map(|(path, text)| ((*path).to_owned(), (*text).to_owned()));
        let project = Project::from_files(owned);
        let marks = mark(&project.files);
        let kept: Vec<_> = project.files.iter().zip(marks).filter(|(_, m)| *m).map(|(f, _)| f.path.as_str()).collect();
        assert_eq!(kept, expected);
    }

    #[test]
    fn of_many_tests_those_with_cases_are_kept() {
        let helper = |number: usize| (format!("tests/helper{number:03}.py"), "token = 1".to_owned());
        let server = ("server.py".to_owned(), "from mcp.server.fastmcp import FastMCP".to_owned());
        let case = "import server\n\n\ndef test_token():\n    assert True  # and more words than a helper has\n";
        let case = ("tests/test_token.py".to_owned(), case.to_owned());
        let project = Project::from_files((0..100).map(helper).chain([server, case]));
        let kept = |project: &Project| project.files.iter().filter(|file| file.module.is_some()).count();
        assert_eq!(kept(&project), MAX_TESTS + 1);
        assert_eq!(project.facts.tests.len(), 1);
    }

    #[test]
    fn what_a_server_needs_and_what_needs_it_matters() {
        check(
            &[
                ("src/apart.ts", "export const apart = 1;"),
                ("src/deep.ts", "export const deep = 1;"),
                ("src/index.ts", "import { start } from './server.js';\nimport './deep.js';\nstart();"),
                ("src/server.ts", "import '@modelcontextprotocol/server';\nimport { tool } from \"./tool\";"),
                ("src/tool.ts", "export const tool = 1;"),
            ],
            &["src/deep.ts", "src/index.ts", "src/server.ts", "src/tool.ts"],
        );
        check(
            &[
                ("app/__init__.py", ""),
                ("app/apart.py", "x = 1"),
                ("app/main.py", "from fastmcp import FastMCP\nfrom .tools import (\n    one,\n    two as second,\n)"),
                ("app/tools/__init__.py", ""),
                ("app/tools/one.py", "x = 1"),
                ("app/tools/two.py", "import app.tools.one, json"),
            ],
            &["app/main.py", "app/tools/__init__.py", "app/tools/one.py", "app/tools/two.py"],
        );
    }

    #[test]
    fn crates_and_go_packages_matter_as_a_whole() {
        check(
            &[
                ("a/src/main.rs", "use rmcp::ServerHandler;"),
                ("a/src/x.rs", "pub fn x() {}"),
                ("b/src/lib.rs", "pub fn b() {}"),
            ],
            &["a/src/main.rs", "a/src/x.rs"],
        );
        check(
            &[
                ("cmd/main.go", "package main\nimport \"github.com/a/b/pkg/tools\"\n// MCP"),
                ("pkg/other/o.go", "package other"),
                ("pkg/tools/a.go", "package tools"),
                ("pkg/tools/b.go", "package tools"),
            ],
            &["cmd/main.go", "pkg/tools/a.go", "pkg/tools/b.go"],
        );
    }

    #[test]
    fn a_file_that_loads_by_computed_names_takes_its_folder_along() {
        check(
            &[
                ("lib/a.py", "x = 1"),
                ("tools/__init__.py", "import pkgutil  # mcp tools\n"),
                ("tools/deep/b.py", "x = 1"),
            ],
            &["tools/__init__.py", "tools/deep/b.py"],
        );
    }

    #[test]
    fn tests_matter_where_connected_or_where_none_is() {
        let server = ("server.py", "import mcp");
        check(&[server, ("tests/test_a.py", "def test_a(): pass")], &["server.py", "tests/test_a.py"]);
        check(
            &[server, ("tests/test_a.py", "def test_a(): pass"), ("tests/test_b.py", "import server")],
            &["server.py", "tests/test_b.py"],
        );
    }
}
