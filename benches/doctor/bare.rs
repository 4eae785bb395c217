//! Reading and parsing and nothing else: the least that a checker on tree-sitter can cost.
//!
//! It runs as a process of its own, this program called again, so that it is measured as the doctor is.

use std::{env, fs, path::Path, process::Command};

use mcpsec::project::{File, Language};
use rayon::prelude::*;
use tree_sitter::{Language as Grammar, Parser};

use crate::measure::{Cost, best};

/// Says that this program is called to parse a list of files.
pub(crate) const ARGUMENT: &str = "parse-bare";

/// What parsing these files costs.
pub(crate) fn measure(root: &Path, files: &[&File], runs: usize) -> Cost {
    let list = Path::new(env!("CARGO_MANIFEST_DIR")).join("target/bench/list");
    let paths: Vec<String> = files.iter().map(|file| root.join(&file.path).display().to_string()).collect();
    fs::create_dir_all(list.parent().expect("it has a folder")).expect("target is writable");
    fs::write(&list, paths.join("\n")).expect("target is writable");
    let program = env::current_exe().expect("it runs");
    best(Command::new(program).arg(ARGUMENT).arg(&list), &[0], runs).expect("it is this program")
}

/// Parses the files of a list in parallel, and forgets the trees.
pub(crate) fn parse(list: &Path) {
    let list = fs::read_to_string(list).expect("the list was just written");
    let paths: Vec<&str> = list.lines().collect();
    let nodes: usize = paths.par_iter().map(|path| parse_one(path)).sum();
    assert!(paths.is_empty() || nodes > 0, "nothing was parsed");
}

fn parse_one(path: &str) -> usize {
    let (Ok(text), Some(grammar)) = (fs::read_to_string(path), grammar(path)) else { return 0 };
    let mut parser = Parser::new();
    parser.set_language(&grammar).expect("the grammar fits");
    parser.parse(&text, None).map_or(0, |tree| tree.root_node().descendant_count())
}

fn grammar(path: &str) -> Option<Grammar> {
    Some(match Language::of(path)? {
        Language::TypeScript if path.ends_with('x') => tree_sitter_typescript::LANGUAGE_TSX.into(),
        Language::TypeScript => tree_sitter_typescript::LANGUAGE_TYPESCRIPT.into(),
        Language::Python => tree_sitter_python::LANGUAGE.into(),
        Language::Rust => tree_sitter_rust::LANGUAGE.into(),
        Language::Go => tree_sitter_go::LANGUAGE.into(),
        Language::Java => tree_sitter_java::LANGUAGE.into(),
        Language::CSharp => tree_sitter_c_sharp::LANGUAGE.into(),
    })
}
