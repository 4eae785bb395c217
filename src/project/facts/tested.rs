//! What tests speak of: which tools they name, and whether they send what an attacker would.

use std::{collections::HashSet, sync::LazyLock};

use aho_corasick::AhoCorasick;
use regex::Regex;

use super::Facts;
use crate::project::{
    File, Role,
    program::Program,
    syntax::{Expression, Function, Kind, Text},
};

/// What the tests say, taken together.
#[derive(Clone, Debug, Default)]
pub struct Tested {
    /// Words of names and texts, in plain lower case.
    words: HashSet<String>,
    /// A test lists the tools, and may go through all of them.
    pub lists_tools: bool,
    /// A text that looks like an attack is sent.
    pub attacks: bool,
}

/// Pieces of texts that only attacks have.
const ATTACKS: &[&str] = &[
    "../..",
    "..\\",
    "/etc/passwd",
    "/etc/shadow",
    "; rm",
    ";rm",
    "$(",
    "&& ",
    "| cat",
    "`id`",
    "169.254.",
    "' or ",
    "\" or ",
    "' --",
    "file:///",
    "javascript:",
    "%2e%2e",
    "--upload-pack",
    "\0",
    "<script",
];

static ATTACK: LazyLock<AhoCorasick> = LazyLock::new(|| {
    AhoCorasick::builder().ascii_case_insensitive(true).build(ATTACKS).expect("a constant list of short texts")
});

impl Tested {
    /// Whether a test says a name.
    pub fn names(&self, name: &str) -> bool {
        self.words.contains(&plain(name))
    }

    /// Takes over what another part read.
    pub(super) fn absorb(&mut self, other: Self) {
        self.words.extend(other.words);
        self.lists_tools |= other.lists_tools;
        self.attacks |= other.attacks;
    }

    fn expression(&mut self, expression: &Expression) {
        match &expression.kind {
            Kind::Text(text) => self.text(text),
            Kind::Name(name) | Kind::Member(_, Text { value: name, .. }) => self.word(name),
            Kind::Template(parts) => parts.iter().for_each(|part| {
                if let crate::project::syntax::Part::Text(text) = part {
                    self.text(text);
                }
            }),
            _ => {}
        }
    }

    fn text(&mut self, text: &str) {
        self.attacks = self.attacks || ATTACK.is_match(text);
        self.lists_tools |= text == "tools/list";
        for word in text.split(|c: char| !c.is_alphanumeric() && !matches!(c, '_' | '-' | '.')) {
            self.word(word);
            if word.contains(['.', '-']) {
                self.words.extend(word.split(['.', '-']).map(plain));
            }
        }
    }

    fn word(&mut self, word: &str) {
        let word = plain(word);
        self.lists_tools |= matches!(word.as_str(), "listtools" | "gettools" | "listall" | "listalltools" | "alltools");
        // Nearly all come again and again.
        if !self.words.contains(&word) {
            self.words.insert(word);
        }
    }
}

fn plain(text: &str) -> String {
    text.bytes().filter(u8::is_ascii_alphanumeric).map(|byte| char::from(byte.to_ascii_lowercase())).collect()
}

/// Texts in quotes, of any language, within a line.
static QUOTED: LazyLock<Regex> = LazyLock::new(|| {
    Regex::new(r#""(?:[^"\\\n]|\\.)*"|'(?:[^'\\\n]|\\.)*'|`(?:[^`\\]|\\.)*`"#).expect("a constant pattern")
});

/// Reads the tests: those that were parsed, and the others as text.
pub(super) fn add(program: &Program<'_>, files: &[File], facts: &mut Facts) {
    let mut tested = Tested::default();
    let unparsed = |file: &&File| file.role == Role::Test && file.language.is_some() && file.module.is_none();
    // The same words come again and again: each is looked at once.
    let (mut texts, mut words): (HashSet<&str>, HashSet<&str>) = Default::default();
    for file in files.iter().filter(unparsed) {
        texts.extend(QUOTED.find_iter(&file.text).map(|quoted| quoted.as_str()));
        words.extend(file.text.split(|c: char| !c.is_alphanumeric() && c != '_'));
    }
    texts.into_iter().for_each(|text| tested.text(&text[1..text.len() - 1]));
    words.into_iter().for_each(|word| tested.word(word));
    for unit in program.units() {
        let whole = unit.role == Role::Test;
        let mut function = |function: &Function| {
            function.name.iter().for_each(|name| tested.word(name));
            function.attributes.iter().for_each(|it| it.walk(&mut |part| tested.expression(part)));
            function.parameters.iter().filter_map(|it| it.default.as_ref()).for_each(|it| tested.expression(it));
            function.expressions(&mut |expression| tested.expression(expression));
        };
        unit.module.functions.iter().filter(|it| whole || it.is_test).for_each(&mut function);
    }
    facts.tested = tested;
}
