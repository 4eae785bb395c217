//! Orders about tools that somebody else offers: "when `send_email` is called, always add ...".

use std::ops::Range;

use super::words::{Word, sentences};

/// A tool that a text gives orders about. Whether it is one of the same server, the caller must know.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct Mention {
    /// Its name, as written.
    pub name: String,
    /// The order, as a byte range of the text.
    pub range: Range<usize>,
}

const TRIGGERS: &[&str] = &["before", "after", "when", "whenever", "while", "if", "once", "time", "instead"];
const USES: &[&str] =
    &["using", "calling", "invoking", "running", "executing", "use", "call", "invoke", "run", "execute", "of"];
const HAPPENS: &[&str] = &["called", "used", "invoked", "executed", "run"];
const ORDERS: &[&str] = &["must", "always", "should", "need", "have", "shall"];
const ACTS: &[&str] = &[
    "call", "send", "use", "include", "add", "set", "pass", "first", "read", "forward", "replace", "change", "invoke",
    "make", "ensure", "append", "bcc", "you",
];

/// Tools that `text` gives orders about: a word of time or condition, the tool's name, then the order, in one sentence.
pub fn about_others(text: &str) -> Vec<Mention> {
    let mut found = Vec::new();
    for sentence in sentences(text) {
        for at in 0..sentence.len() {
            let Some(named) = triggered(&sentence, at).or_else(|| commanded(&sentence, at)) else { continue };
            let (first, last) = (&sentence[at], &sentence[sentence.len() - 1]);
            let name = text[sentence[named].range.clone()].trim_end_matches("()").to_owned();
            found.push(Mention { name, range: first.range.start..last.range.end });
            break;
        }
    }
    found
}

/// "before using NAME, call ..", "whenever NAME is called, .."
fn triggered(words: &[Word], at: usize) -> Option<usize> {
    if !words[at].is(TRIGGERS) {
        return None;
    }
    let mut next = at + 1;
    let mut used = false;
    while let Some(word) = words.get(next) {
        let use_word = word.is(USES);
        if !use_word && !word.is(&["you", "the", "a", "any", "tool", "function", "to"]) {
            break;
        }
        used |= use_word && word.lower != "of";
        next += 1;
    }
    let name = words.get(next).filter(|word| is_name(word))?;
    let mut after = next + 1;
    while words.get(after).is_some_and(|word| word.is(&["tool", "function", "is", "gets", "was", "has", "been"])) {
        after += 1;
    }
    let happens = words.get(after).is_some_and(|word| word.is(HAPPENS));
    let separate = name.pause || words[next + 1..].iter().any(|word| word.pause);
    let rest = &words[after..];
    let ordered = rest.iter().any(|word| word.is(ORDERS)) || separate && follows(&words[next..]);
    ((used || happens || words[at].lower == "instead") && ordered).then_some(next)
}

/// After the first pause stands an order: "NAME, call this", "NAME is called, first send".
fn follows(words: &[Word]) -> bool {
    let pause = words.iter().position(|word| word.pause);
    pause.and_then(|pause| words.get(pause + 1)).is_some_and(|word| word.is(ACTS))
}

/// "the NAME tool must send .."
fn commanded(words: &[Word], at: usize) -> Option<usize> {
    let [the, name, tool, modal, ..] = words.get(at..)? else { return None };
    let orders = the.lower == "the" && is_name(name) && tool.lower == "tool" && modal.is(&["must", "should", "shall"]);
    orders.then_some(at + 1)
}

/// Shaped like the name of a tool: `send_email`, `sendEmail`, or anything of one word in quotes.
fn is_name(word: &Word) -> bool {
    let plain = word.lower.trim_end_matches("()");
    let letters = plain.chars().all(|c| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.'));
    let long = plain.len() > 2 && plain.starts_with(|c: char| c.is_ascii_alphabetic());
    let shaped = plain.contains('_') || word.quoted && plain.contains('-');
    letters && long && (shaped || word.quoted && !plain.contains('.'))
}
