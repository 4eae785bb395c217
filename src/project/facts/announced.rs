//! What servers announce beyond a capability, subscriptions and changing lists, and whether anything keeps the promise.

use super::Facts;
use crate::{
    finding::Place,
    project::{
        Language, Role,
        program::{At, Program},
        syntax::{Call, Expression, Kind, Text},
    },
};

/// A promise.
#[derive(Clone, Copy, Debug, Eq, Hash, PartialEq)]
pub enum Promise {
    /// Clients can subscribe to resources.
    Subscribe,
    /// Clients are told when the list of tools, resources or prompts changes.
    ListChanged,
}

/// A promise that is written down.
#[derive(Clone, Debug)]
pub struct Announced {
    /// What is promised.
    pub promise: Promise,
    /// Where.
    pub place: Place,
    /// Something in the program keeps it, or the SDK may.
    pub kept: bool,
}

/// Words that keep a promise when they stand anywhere in the program.
const SUBSCRIBES: &[&str] = &[
    "SubscribeRequestSchema",
    "resources/subscribe",
    "subscriptions/listen",
    "subscribe_resource",
    "SubscribeRequest",
    "SubscribeHandler",
    "on_subscribe_resource",
    "on_subscribe",
    "on_listen",
    "fallbackRequestHandler",
];

pub(super) fn of(program: &Program<'_>, facts: &Facts) -> Vec<Announced> {
    let mut all = Vec::new();
    let mut found = Vec::new();
    let mut kept = Kept::default();
    for (file, unit) in program.units().iter().enumerate().filter(|(_, unit)| unit.role != Role::Test) {
        for class in &unit.module.classes {
            let handler = class.bases.iter().any(|base| base.name.ends_with("ServerHandler"));
            let methods = class.methods.iter().filter_map(|&id| unit.module.functions[id].name.as_deref());
            kept.subscribe |= handler && methods.into_iter().any(|name| matches!(name, "subscribe" | "listen"));
        }
        for function in &unit.module.functions {
            function.attributes.iter().for_each(|attribute| attribute.walk(&mut |part| kept.word(part)));
        }
        unit.expressions(&mut |function, expression| {
            kept.word(expression);
            if !unit.module.functions[function].is_test {
                announced(program, At { file, function }, expression, &mut found);
            }
        });
    }
    // High-level servers tell clients of changes by themselves.
    let automatic = facts.servers.iter().any(|server| match server.language {
        Language::TypeScript => server.kind != "Server",
        Language::Python => server.kind != "Server",
        Language::Rust => false,
        Language::Go | Language::Java | Language::CSharp => true,
    });
    let modern = facts.servers.iter().any(|server| server.sdk == "@modelcontextprotocol/server");
    for (promise, place, whole) in found {
        // A table of what revisions have announces nothing: some server's declaration must be made of it.
        let declared = |whole: &Place| {
            let mut declared = facts.servers.iter().flat_map(|server| &server.declared).map(|declared| &declared.place);
            declared.any(|it| it.path == whole.path && whole.start <= it.start && it.end <= whole.end)
        };
        if whole.as_ref().is_some_and(|whole| !declared(whole)) {
            continue;
        }
        let kept = match promise {
            Promise::Subscribe => kept.subscribe || modern,
            Promise::ListChanged => kept.list_changed || automatic,
        };
        all.push(Announced { promise, place, kept });
    }
    all
}

#[derive(Default)]
struct Kept {
    subscribe: bool,
    list_changed: bool,
}

impl Kept {
    fn word(&mut self, expression: &Expression) {
        if let Kind::Record(record) = &expression.kind {
            // Go's options are fields: `SubscribeHandler: follow`.
            self.subscribe |= SUBSCRIBES.iter().any(|key| record.get(key).is_some());
        }
        let word = match &expression.kind {
            Kind::Name(word) | Kind::Text(word) | Kind::Member(_, Text { value: word, .. }) => word.as_str(),
            _ => return,
        };
        self.subscribe |= SUBSCRIBES.contains(&word);
        let plain: String = word.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
        let sends = ["send", "notify", "notifications"].iter().any(|start| plain.starts_with(start));
        self.list_changed |= sends && plain.ends_with("listchanged");
    }
}

fn announced<'a>(
    program: &Program<'a>,
    at: At,
    expression: &'a Expression,
    found: &mut Vec<(Promise, Place, Option<Place>)>,
) {
    let whole = expression.record().map(|_| program.place(at.file, expression.span));
    let mut add = |promise, part: &Expression| found.push((promise, program.place(at.file, part.span), whole.clone()));
    match &expression.kind {
        Kind::Record(record) => {
            for (key, keys) in [
                ("tools", ["tools", "Tools"]),
                ("resources", ["resources", "Resources"]),
                ("prompts", ["prompts", "Prompts"]),
            ] {
                let Some(inner) = keys.iter().find_map(|key| record.get(key)) else { continue };
                let (owner, value) = program.value(at, inner);
                let Some(details) = value.record().filter(|_| owner.file == at.file) else { continue };
                let is_true = |keys: [&str; 2]| {
                    let given = keys.iter().find_map(|key| details.get(key));
                    given.filter(|given| matches!(given.kind, Kind::Boolean(true)))
                };
                if key == "resources"
                    && let Some(given) = is_true(["subscribe", "Subscribe"])
                {
                    add(Promise::Subscribe, given);
                }
                if let Some(given) = is_true(["listChanged", "ListChanged"]) {
                    add(Promise::ListChanged, given);
                }
            }
        }
        Kind::Call(call) => called(program, at, call, found),
        _ => {}
    }
}

/// Calls that announce: `ResourcesCapability(subscribe=True)`, `.enable_resources_subscribe()`.
fn called<'a>(program: &Program<'a>, at: At, call: &'a Call, found: &mut Vec<(Promise, Place, Option<Place>)>) {
    let mut add = |promise, part: &Expression| found.push((promise, program.place(at.file, part.span), None));
    let word = super::tools::written(call);
    let is_true = |given: Option<&'a Expression>| given.filter(|given| matches!(given.kind, Kind::Boolean(true)));
    match word {
        "ResourcesCapability" | "ToolsCapability" | "PromptsCapability" => {
            if let Some(given) = is_true(call.keyword("subscribe")) {
                add(Promise::Subscribe, given);
            }
            if let Some(given) = is_true(call.keyword("listChanged").or_else(|| call.keyword("list_changed"))) {
                add(Promise::ListChanged, given);
            }
        }
        "NotificationOptions" => {
            for key in ["tools_changed", "resources_changed", "prompts_changed"] {
                if let Some(given) = is_true(call.keyword(key)) {
                    add(Promise::ListChanged, given);
                }
            }
        }
        "WithResourceCapabilities" => {
            if let Some(given) = is_true(call.positional(0)) {
                add(Promise::Subscribe, given);
            }
        }
        "enable_resources_subscribe"
        | "enable_tool_list_changed"
        | "enable_resources_list_changed"
        | "enable_prompts_list_changed" => {
            let Kind::Member(_, name) = &call.function.kind else { return };
            let promise = if word.ends_with("subscribe") { Promise::Subscribe } else { Promise::ListChanged };
            found.push((promise, program.place(at.file, name.span), None));
        }
        _ => {}
    }
}
