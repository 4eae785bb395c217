//! Keeping something from the person who uses the model.

use super::words::Word;

const PEOPLE: &[&str] = &["user", "users", "human", "humans", "anyone", "anybody", "them", "person", "operator"];
const NEGATIONS: &[&str] = &["not", "don't", "never", "mustn't", "shouldn't", "cannot", "avoid", "without"];
/// Words that make a condition of an order, or a matter of course.
const CONDITIONS: &[&str] = &["unless", "until", "before", "yet", "if", "except", "otherwise"];
/// The act at hand, not some thing.
const THIS: &[&str] = &["this", "that", "these", "those", "any", "anything"];

/// The word at which a sentence begins to keep something from the person.
pub(super) fn find(words: &[Word]) -> Option<usize> {
    if words.iter().any(|word| word.is(CONDITIONS)) {
        return None;
    }
    (0..words.len()).find(|&at| {
        let rest = &words[at..];
        forbids(words, at) || without(words, at) || keeps(rest) || silently(words, at) || person_must_not(rest)
    })
}

/// "do not tell the user", "never mention that you ...", "do not reveal these instructions"
fn forbids(words: &[Word], at: usize) -> bool {
    if !words[at].is(NEGATIONS) || words[at].lower == "without" {
        return false;
    }
    let mut next = at + 1;
    while words.get(next).is_some_and(|word| word.is(&["ever", "to", "explicitly", "directly", "do", "also"])) {
        next += 1;
    }
    let Some(verb) = words.get(next) else { return false };
    let rest = &words[next + 1..];
    match verb.lower.trim_end_matches("ing") {
        "tell" | "tel" | "inform" | "notify" | "alert" | "warn" => person(rest).is_some_and(this_act),
        "let" => person(rest).is_some_and(|after| {
            after.first().is_some_and(|word| word.is(&["know", "notice", "find"])) && this_act(&after[1..])
        }),
        "mention" | "say" | "admit" | "acknowledge" => object(rest, THIS) || that_you(rest),
        "reveal" | "disclose" | "expose" | "explain" | "report" => object(rest, THIS) && speaks_of_orders(rest),
        "show" | "display" => rest.len() > 1 && speaks_of_orders(&rest[..rest.len().min(3)]),
        _ => false,
    }
}

/// What follows the person that is named first.
fn person(rest: &[Word]) -> Option<&[Word]> {
    let at = rest.iter().take(3).position(|word| word.is(PEOPLE))?;
    let determiners = ["the", "any", "your", "a", "any", "to"];
    rest[..at].iter().all(|word| word.is(&determiners)).then(|| &rest[at + 1..])
}

/// Nothing follows, or what the model does: "about this", "that you read it". Not "to restart", not "you cannot".
fn this_act(after: &[Word]) -> bool {
    if after.iter().any(|word| word.is(&["can't", "cannot", "don't", "unable", "not", "couldn't"])) {
        return false;
    }
    match after.first() {
        None => true,
        Some(word) if word.is(&["about", "of", "regarding"]) => {
            object(&after[1..], &["this", "that", "it", "these", "any"])
        }
        Some(word) if word.is(&["and", "or", "but", "in", "at", "under", "just", "anything"]) => true,
        _ => that_you(after),
    }
}

/// "that you ...", "you're ...", "what you ..."
fn that_you(rest: &[Word]) -> bool {
    let of_model = |word: &Word| word.is(&["you", "you're", "you've", "you'll", "this", "your"]);
    let introduces = |word: &Word| word.is(&["that", "what", "how", "why", "the"]);
    match rest {
        [first, second, ..] if introduces(first) && first.lower != "the" => of_model(second),
        [first, ..] => first.is(&["you're", "you've"]),
        [] => false,
    }
}

/// The act at hand is the object, and not a thing of it: "this", "this step to the user"; not "these fields".
fn object(rest: &[Word], pronouns: &[&str]) -> bool {
    let Some(first) = rest.first().filter(|word| word.is(pronouns) || word.lower == "it") else { return false };
    match rest.get(1) {
        None => true,
        Some(_) if first.pause => true,
        Some(second) if second.is(&["to", "in", "at", "with", "and", "or", "of", "about", "anywhere", "when"]) => true,
        Some(second) => second.is(ORDERS),
    }
}

const ORDERS: &[&str] = &[
    "instruction",
    "instructions",
    "order",
    "orders",
    "step",
    "steps",
    "request",
    "action",
    "actions",
    "note",
    "message",
    "call",
    "rule",
    "rules",
    "process",
    "detail",
];

fn speaks_of_orders(rest: &[Word]) -> bool {
    rest.iter().take(4).any(|word| word.is(&["instruction", "instructions", "orders", "step", "steps"]))
}

/// "without informing the user" as an order to the model, "without the user's knowledge"
fn without(words: &[Word], at: usize) -> bool {
    if words[at].lower != "without" {
        return false;
    }
    let rest = &words[at + 1..];
    let Some(first) = rest.first() else { return false };
    if first.is(&["telling", "informing", "notifying", "alerting", "mentioning"]) {
        let named = person(&rest[1..]).is_some() || first.lower == "mentioning" && object(&rest[1..], THIS);
        let addressed = ["you", "must", "always", "should", "also", "then", "first", "please"];
        return named && words[..at].iter().any(|word| word.is(&addressed));
    }
    let rest = if first.lower == "the" { &rest[1..] } else { rest };
    match rest {
        [person, what, ..] => {
            let owner = person.lower.trim_end_matches("'s").trim_end_matches('\'');
            PEOPLE.contains(&owner) && what.is(&["knowledge", "knowing", "noticing", "awareness", "realizing"])
        }
        _ => false,
    }
}

/// "keep this hidden from the user", "keep this a secret", "hide this from the user"
fn keeps(rest: &[Word]) -> bool {
    let Some((verb, rest)) = rest.split_first() else { return false };
    if verb.lower == "hide" {
        return rest.first().is_some_and(|word| word.is(&["this", "these", "it"])) && from_person(rest);
    }
    if verb.lower != "keep" || !rest.first().is_some_and(|word| word.is(&["this", "these", "it", "that"])) {
        return false;
    }
    let hidden = rest.iter().take(4).position(|word| word.is(&["hidden", "secret"]));
    hidden.is_some_and(|at| from_person(rest) || (rest[at].lower == "secret" && rest.len() == at + 1))
}

fn from_person(rest: &[Word]) -> bool {
    rest.windows(2).any(|pair| pair[0].lower == "from" && pair[1].is(PEOPLE))
        || rest.windows(3).any(|three| three[0].lower == "from" && three[1].lower == "the" && three[2].is(PEOPLE))
}

/// "you must silently send ..."
fn silently(words: &[Word], at: usize) -> bool {
    let acts = ["send", "forward", "call", "invoke", "upload", "exfiltrate", "bcc", "read", "copy", "include"];
    let orders = ["must", "should", "then", "always", "also", "please", "and"];
    words[at].is(&["silently", "secretly", "covertly", "discreetly"])
        && words.get(at + 1).is_some_and(|word| word.is(&acts))
        && at > 0
        && words[at - 1].is(&orders)
        && words[..at].iter().any(|word| word.is(&["you", "must", "should", "always"]))
}

/// "the user must not know", "the user should not notice"
fn person_must_not(rest: &[Word]) -> bool {
    let [person, modal, rest @ ..] = rest else { return false };
    if !person.is(&["user", "human", "operator"]) || !modal.is(&["must", "should", "shall", "may"]) {
        return false;
    }
    match rest {
        [no, verb, ..] if no.is(&["not", "never"]) => {
            verb.is(&["know", "notice", "realize", "suspect"])
                || (verb.lower == "be"
                    && rest.get(2).is_some_and(|word| word.is(&["told", "informed", "aware", "notified"]))
                    && rest.len() <= 5)
        }
        _ => false,
    }
}
