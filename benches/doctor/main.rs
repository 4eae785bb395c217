//! The doctor on synthetic repositories, beside `ripgrep` counting lines in the same tree and beside bare tree-sitter
//! parsing the same sources. Best of several runs of whole processes; the tree is in the file cache.
//!
//! `cargo bench --bench doctor -- [small] [large] [parse] [staged] [growth[=LANGUAGE]] [at=FOLDER]`; the first four without arguments.
//! `growth` ends with 100,000 files and takes minutes; `growth=LANGUAGE` does so with one package or namespace of files
//! in `csharp`, `go`, `java`, `python`, `rust` or `typescript`. `at` measures a repository that is there.
#![expect(clippy::print_stdout, reason = "the tables are this program's output")]

mod bare;
mod measure;
mod speech;
mod staged;
mod tree;

use std::{
    env, fs,
    path::{Path, PathBuf},
    process::Command,
};

use mcpsec::project::{File, Options, Project};
use measure::{Cost, best};
use speech::Speech;
use tree::Kind;

const RUNS: usize = 7;

fn main() {
    let arguments: Vec<String> = env::args().skip(1).filter(|it| it != "--bench").collect();
    if let [first, list] = &arguments[..]
        && first == bare::ARGUMENT
    {
        return bare::parse(Path::new(list));
    }
    let usual = ["small", "large", "parse", "staged"].map(str::to_owned);
    let sections = if arguments.is_empty() { &usual[..] } else { &arguments[..] };
    for section in sections {
        match section.split_once('=').unwrap_or((section, "")) {
            ("small", _) => beside_ripgrep(&[tree::write(Kind::Usual, 50)], RUNS),
            ("large", _) => beside_ripgrep(&[tree::write(Kind::Usual, 5_000)], RUNS),
            ("parse", _) => beside_parsers(&[tree::write(Kind::Usual, 5_000), tree::write(Kind::Dense, 2_000)], RUNS),
            ("staged", _) => staged::measure(),
            ("growth", "") => growth("half of the modules speak of MCP", |files| tree::write(Kind::Half, files)),
            ("growth", word) => match Speech::ALL.iter().find(|(name, _)| *name == word) {
                Some(&(_, speech)) => {
                    growth(&format!("all of one package, in {word}"), |files| tree::write_in(speech, files));
                }
                None => {
                    println!("`{word}` is no language; there are: {}", Speech::ALL.map(|(name, _)| name).join(", "))
                }
            },
            ("at", folder) => {
                beside_ripgrep(&[PathBuf::from(folder)], RUNS);
                beside_parsers(&[PathBuf::from(folder)], RUNS);
            }
            _ => println!(
                "`{section}` is no section; there are: small, large, parse, staged, growth, growth=LANGUAGE, at=FOLDER"
            ),
        }
    }
}

fn doctor(root: &Path, runs: usize) -> Cost {
    let mut command = Command::new(env!("CARGO_BIN_EXE_mcpsec"));
    command.args(["doctor", "--project"]).arg(root).args(["--format", "json"]);
    best(&mut command, &[0, 1, 3, 5], runs).expect("the command was built for this")
}

fn ripgrep(root: &Path, runs: usize) -> Option<Cost> {
    best(Command::new("rg").args(["--count-matches", "", "--hidden"]).arg(root), &[0], runs)
}

fn beside_ripgrep(roots: &[PathBuf], runs: usize) {
    println!("\nbest of {runs} runs; reference: `rg --count-matches '' --hidden` in the same tree");
    println!("{:>7} {:>10} {:>9} {:>10} {:>7} {:>9}", "files", "lines", "doctor s", "ripgrep s", "ratio", "peak MiB");
    for root in roots {
        let (files, lines) = size(root);
        let cost = doctor(root, runs);
        let (seconds, ratio) = match ripgrep(root, runs) {
            Some(reference) => {
                (format!("{:.3}", reference.seconds), format!("{:.1}", cost.seconds / reference.seconds))
            }
            None => ("no rg".to_owned(), "-".to_owned()),
        };
        println!("{files:7} {lines:10} {:9.3} {seconds:>10} {ratio:>7} {:>9}", cost.seconds, cost.peak());
    }
}

fn beside_parsers(roots: &[PathBuf], runs: usize) {
    println!(
        "\nbest of {runs} runs; reference: reading and parsing with tree-sitter in as many threads, and nothing else"
    );
    let columns = ["sources", "matter", "lines", "doctor s", "matter s", "ratio", "all s", "ratio", "peak MiB"];
    println!("{}", columns.map(|column| format!("{column:>9}")).join(" "));
    for root in roots {
        let project = Project::read(root, &Options::default()).expect("the tree is there");
        let sources: Vec<&File> = project.files.iter().filter(|file| file.language.is_some()).collect();
        let matter: Vec<&File> = sources.iter().copied().filter(|file| file.module.is_some()).collect();
        let cost = doctor(root, runs);
        let [of_matter, of_all] = [&matter, &sources].map(|files| bare::measure(root, files, runs).seconds);
        let lines: usize = sources.iter().map(|file| file.text.lines().count()).sum();
        println!(
            "{:9} {:9} {lines:9} {:9.3} {of_matter:9.3} {:9.2} {of_all:9.3} {:9.2} {:>9}",
            sources.len(),
            matter.len(),
            cost.seconds,
            cost.seconds / of_matter,
            cost.seconds / of_all,
            cost.peak(),
        );
    }
}

/// Twice as many files should take twice as long. Once each, because the last takes minutes to write alone.
fn growth(what: &str, write: impl Fn(usize) -> PathBuf) {
    println!("\none run each, {what}");
    println!(
        "{:>7} {:>10} {:>9} {:>13} {:>9} {:>13}",
        "files", "lines", "doctor s", "us per line", "peak MiB", "bytes per line"
    );
    for files in [1_000, 10_000, 100_000] {
        let root = write(files);
        let (files, lines) = size(&root);
        let cost = doctor(&root, if files > 50_000 { 1 } else { 3 });
        let (each, memory) = (cost.seconds * 1e6 / lines as f64, cost.bytes as f64 / lines as f64);
        println!("{files:7} {lines:10} {:9.3} {each:13.2} {:>9} {memory:13.0}", cost.seconds, cost.peak());
    }
}

/// Files and lines below a folder, without the repository itself.
fn size(root: &Path) -> (usize, usize) {
    let (mut files, mut lines) = (0, 0);
    let mut open = vec![root.to_owned()];
    while let Some(folder) = open.pop() {
        for entry in fs::read_dir(folder).expect("it can be listed").flatten() {
            let Ok(kind) = entry.file_type() else { continue };
            if kind.is_dir() && entry.file_name() != ".git" {
                open.push(entry.path());
            } else if kind.is_file() {
                files += 1;
                lines += fs::read_to_string(entry.path()).unwrap_or_default().lines().count();
            }
        }
    }
    (files, lines)
}
