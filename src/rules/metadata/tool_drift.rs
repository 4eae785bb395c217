//! What models read is no longer what somebody approved.

use std::collections::BTreeMap;

use crate::{
    finding::{Confidence, Finding, Place, Related, Severity},
    project::{
        Language, Project,
        tool_lock::{self, Approved},
    },
    rules::{Rule, context},
};

pub(super) static RULE: Rule = Rule {
    id: "tool-drift",
    group: "metadata",
    title: "a tool is not what mcpsec.lock says",
    severity: Severity::Medium,
    confidence: Confidence::High,
    languages: &Language::FOLLOWED,
    since: "0.1.0",
    references: &["MCP03", "SAFE-T1201", "CWE-494"],
    docs: "
Models do what descriptions say. Whoever changes one description, or adds a parameter, changes what every client does with the
server; in a diff of a thousand lines nobody sees it. `mcpsec.lock` holds the names, descriptions and parameters of all tools,
prompts and resources as somebody approved them, and this rule reports what differs: a changed text, a new offer, one that is gone.

Read the change as an instruction to a model. If it is meant, run `mcpsec lock` and commit the file with it, so that a
reviewer sees both.

The rule speaks only where the project has a `mcpsec.lock` in its folder. Spaces and the order of parameters do not count. What is
put together while the program runs cannot be compared, and tests and examples are left out.
",
    applies,
    check,
};

fn applies(project: &Project) -> Result<(), &'static str> {
    if project.tool_lock.is_some() { Ok(()) } else { Err("there is no mcpsec.lock") }
}

/// Offers of one kind and name: as they are approved, and where.
type ByName<'a, T> = BTreeMap<(&'a str, &'a str), Vec<(&'a Approved, T)>>;

fn check(project: &Project, findings: &mut Vec<Finding>) {
    let Some(lock) = &project.tool_lock else { return };
    let approved = match &lock.content {
        Ok(approved) => approved,
        Err(error) => {
            let place = Place::new(&lock.path, error.span.start, error.span.end);
            let message = format!("the lock cannot be read: {}", error.message);
            return findings.push(told(project, place, message, "write it anew with `mcpsec lock`"));
        }
    };
    let offered = tool_lock::offered(project);
    let (mut old, mut new): (ByName<'_, &Place>, ByName<'_, &Place>) = Default::default();
    for (entry, place) in approved {
        old.entry((&entry.kind, &entry.name)).or_default().push((entry, place));
    }
    for (entry, offer) in &offered {
        new.entry((&entry.kind, &entry.name)).or_default().push((entry, &offer.place));
    }
    for (&(kind, name), now) in &new {
        let before = old.get(&(kind, name)).map_or(&[][..], Vec::as_slice);
        for (entry, place) in now.iter().filter(|(entry, _)| before.iter().all(|(known, _)| known != entry)) {
            let message = match before.first() {
                Some((known, _)) => format!("the {kind} `{name}` {}", change(known, entry)),
                None => format!("the {kind} `{name}` is new"),
            };
            let mut finding =
                told(project, (*place).clone(), message, "read the change; run `mcpsec lock` if it is meant");
            finding.related = before
                .iter()
                .map(|(_, place)| Related { place: (*place).clone(), message: "it was approved like this".to_owned() })
                .collect();
            findings.push(finding);
        }
    }
    for (&(kind, name), before) in old.iter().filter(|(key, _)| !new.contains_key(*key)) {
        if let Some((_, place)) = before.first() {
            let message = format!("the {kind} `{name}` is gone");
            findings.push(told(project, (*place).clone(), message, "run `mcpsec lock` if it is meant"));
        }
    }
}

fn told(project: &Project, place: Place, message: String, fix: &str) -> Finding {
    let attack = "whoever can change one description changes what every client does with this server";
    context::finding(project, &RULE, place, message, attack, fix)
}

/// What is different, in a clause: the first words that differ, or the parameters.
fn change(old: &Approved, new: &Approved) -> String {
    if old.text != new.text {
        let (was, is) = differing(&old.text, &new.text);
        return format!("said `{was}` and says `{is}`");
    }
    let gone = old.inputs.iter().find(|input| !new.inputs.contains(input));
    let added = new.inputs.iter().find(|input| !old.inputs.contains(input));
    match (gone, added) {
        (Some(gone), Some(added)) => format!("took `{gone}` and takes `{added}`"),
        (None, Some(added)) => format!("takes `{added}`, too"),
        (Some(gone), None) => format!("takes `{gone}` no more"),
        (None, None) => "takes its parameters in another way".to_owned(),
    }
}

/// The words around the first difference of two texts.
fn differing<'t>(old: &'t str, new: &'t str) -> (String, String) {
    let (old, new): (Vec<&str>, Vec<&str>) = (old.split(' ').collect(), new.split(' ').collect());
    let same = old.iter().zip(&new).take_while(|(a, b)| a == b).count();
    let from = same.saturating_sub(2);
    let shown = |words: &[&str]| {
        let text = words.iter().skip(from).take(8).copied().collect::<Vec<_>>().join(" ");
        if words.len() > from + 8 { format!("{text} …") } else { text }
    };
    (shown(&old), shown(&new))
}
