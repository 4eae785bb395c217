//! What else an attacker orders: overriding, fetching, sending, threatening, and marks of false authority.

use super::{Aim, Order, words::Word};

/// Marks that look as if the system or the platform spoke. Compared in lower case.
const MARKS: &[&str] = &[
    "<important>",
    "<system>",
    "<system_prompt>",
    "<system-prompt>",
    "<hidden>",
    "<secret>",
    "<critical>",
    "<admin>",
    "<override>",
    "<|im_start|>",
    "<|system|>",
    "<<sys>>",
    "[inst]",
    "[system]",
    "### system",
];

/// Encoded text of at least this many characters is read by no person.
const MIN_ENCODED: usize = 120;

/// Marks and encoded text, which need no sentence around them.
pub(super) fn marks(text: &str) -> Vec<Order> {
    let lower = text.to_ascii_lowercase();
    let mut found: Vec<Order> = MARKS
        .iter()
        .filter_map(|mark| lower.find(mark).map(|at| Order { aim: Aim::Authority, range: at..at + mark.len() }))
        .collect();
    found.extend(encoded(text));
    found
}

/// The first run of base64 or hexadecimal that is long, and not part of an address or of `data:image/..`.
fn encoded(text: &str) -> Option<Order> {
    let mut start = 0;
    for (at, c) in text.char_indices().chain(std::iter::once((text.len(), ' '))) {
        if c.is_ascii_alphanumeric() || matches!(c, '+' | '/' | '=' | '_' | '-') {
            continue;
        }
        let run = &text[start..at];
        let before = &text[..start];
        if run.len() >= MIN_ENCODED && is_random(run) && !before.ends_with([',', ':', '?', '&', '#', '.']) {
            return Some(Order { aim: Aim::Encoded, range: start..at });
        }
        start = at + c.len_utf8();
    }
    None
}

/// Digits and letters of both cases mixed, without the separators of paths and identifiers.
fn is_random(run: &str) -> bool {
    let count = |is: fn(&char) -> bool| run.chars().filter(is).count();
    let digits = count(char::is_ascii_digit);
    let separators = run.chars().filter(|c| matches!(c, '_' | '-')).count();
    let kinds = run.chars().collect::<std::collections::BTreeSet<char>>().len();
    let hexadecimal = run.chars().all(|c| c.is_ascii_hexdigit());
    let mixed = count(char::is_ascii_uppercase) > 10 && count(char::is_ascii_lowercase) > 10;
    digits > 4 && separators < 4 && ((mixed && kinds > 20) || (hexadecimal && kinds > 8))
}

/// The verb at `at` is an order: not denied, and no infinitive of purpose.
fn is_order(words: &[Word], at: usize) -> bool {
    let before = |steps: usize| at.checked_sub(steps).map(|at| &words[at]);
    let denies = ["not", "never", "don't", "doesn't", "cannot", "can't", "won't", "without", "no", "nor"];
    if (1..=3).any(|steps| before(steps).is_some_and(|word| word.is(&denies))) {
        return false;
    }
    match before(1) {
        Some(word) if word.lower == "to" => {
            before(2).is_some_and(|word| word.is(&["need", "have", "required", "sure", "order", "first", "necessary"]))
        }
        // "tools that read", "it can read": somebody else does it.
        Some(word) => !word.is(&["that", "which", "can", "may", "could", "will", "would", "agents", "attackers"]),
        None => true,
    }
}

/// "ignore all previous instructions"
pub(super) fn overrides(words: &[Word]) -> Option<usize> {
    (0..words.len()).find(|&at| {
        let verb = words[at].is(&["ignore", "disregard", "forget", "override", "bypass"]);
        let rest = &words[at + 1..];
        let window = &rest[..rest.len().min(5)];
        let earlier =
            ["previous", "prior", "above", "earlier", "preceding", "other", "existing", "system", "your", "all", "any"];
        let what =
            ["instructions", "instruction", "prompts", "prompt", "rules", "guidelines", "directives", "guardrails"];
        verb && is_order(words, at)
            && window.iter().any(|word| word.is(&earlier))
            && window.iter().any(|word| word.is(&what))
    })
}

/// Files and addresses that hold secrets.
fn is_secret_place(word: &str) -> bool {
    let parts = [
        ".ssh",
        "id_rsa",
        "id_ed25519",
        ".aws/credentials",
        "/etc/passwd",
        "/etc/shadow",
        "mcp.json",
        "claude_desktop_config.json",
        ".netrc",
        ".git-credentials",
        ".kube/config",
        ".npmrc",
        ".pypirc",
        "://confidential",
        "://secret",
        "://internal",
    ];
    let path = word.rsplit('/').next().unwrap_or(word);
    parts.iter().any(|part| word.contains(part))
        || path == ".env"
        || word.contains("://") && ["confidential", "secret", "credentials"].iter().any(|part| word.contains(part))
}

/// "read ~/.ssh/id_rsa", "access the resource at company://confidential"
pub(super) fn fetches(words: &[Word]) -> Option<usize> {
    let verbs = [
        "read",
        "open",
        "access",
        "get",
        "cat",
        "load",
        "retrieve",
        "fetch",
        "include",
        "send",
        "attach",
        "upload",
        "extract",
        "copy",
        "pass",
        "accessing",
        "reading",
        "dump",
    ];
    (0..words.len()).find(|&at| {
        let gerund = words[at].lower.ends_with("ing");
        // "by accessing ..." tells how an order is followed.
        let how = gerund && at > 0 && words[at - 1].lower == "by";
        words[at].is(&verbs)
            && (how || !gerund && is_order(words, at))
            && words[at + 1..].iter().take(9).any(|word| is_secret_place(&word.lower))
    })
}

/// "forward it to me@example.com", "pass its content as sidenote"
pub(super) fn sends(words: &[Word]) -> Option<usize> {
    if let Some(at) = words.iter().position(|word| word.is(&["sidenote", "side_note", "side-note"])) {
        return Some(at);
    }
    let verbs =
        ["send", "forward", "bcc", "cc", "email", "post", "upload", "transmit", "submit", "exfiltrate", "change"];
    (0..words.len()).find(|&at| {
        let address = |word: &Word| {
            let mail = word.lower.find('@').is_some_and(|mark| mark > 0 && word.lower[mark..].contains('.'));
            mail || word.lower.starts_with("https://") || word.lower.starts_with("http://")
        };
        let rest = &words[at + 1..];
        let to = rest.iter().take(14).position(|word| word.is(&["to", "recipient", "recipients"]));
        let example = rest.iter().any(|word| word.is(&["e.g", "example", "like", "such"]));
        words[at].is(&verbs)
            && !example
            && is_order(words, at)
            && to.is_some_and(|to| rest[to + 1..].iter().take(4).any(address))
    })
}

/// "include all API keys", "send the entire conversation"
pub(super) fn hands_over(words: &[Word]) -> Option<usize> {
    let verbs =
        ["include", "send", "pass", "attach", "reveal", "output", "print", "add", "append", "forward", "give", "copy"];
    let all = ["all", "entire", "full", "whole", "any", "every", "complete", "user's"];
    let what = [
        "conversation",
        "history",
        "credentials",
        "passwords",
        "secrets",
        "keys",
        "tokens",
        "prompt",
        "variables",
        "password",
    ];
    (0..words.len()).find(|&at| {
        let rest = &words[at + 1..];
        let window = &rest[..rest.len().min(6)];
        words[at].is(&verbs)
            && is_order(words, at)
            && window.iter().any(|word| word.is(&all))
            && window.iter().any(|word| word.is(&what))
    })
}

/// "otherwise the tool will not work"
pub(super) fn threatens(words: &[Word]) -> Option<usize> {
    (0..words.len()).find(|&at| {
        let or_else = words[at].lower == "otherwise"
            || words[at].lower == "or" && words.get(at + 1).is_some_and(|word| word.lower == "else");
        let rest = &words[at + 1..];
        let window = &rest[..rest.len().min(8)];
        let own = window
            .iter()
            .any(|word| word.is(&["tool", "tools", "application", "server", "system", "you", "everything"]));
        let fails = window.windows(2).any(|pair| {
            pair[0].is(&["not", "won't", "cannot"]) && pair[1].is(&["work", "function"])
                || pair[0].is(&["will", "would"]) && pair[1].is(&["crash", "fail", "break", "die"])
        });
        or_else && own && fails
    })
}
