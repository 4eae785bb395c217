//! Low-level servers: the names of tools that are listed, and those that the handler of calls tells apart.

use std::collections::HashSet;

use super::{Facts, tools::Said};
use crate::{
    finding::Place,
    project::{
        Language, Role,
        program::{At, Program},
        syntax::{Expression, Kind, Match, Record, Statement},
    },
};

/// One server's list and handler.
#[derive(Clone, Debug)]
pub struct Dispatch {
    /// The handler of `tools/call`.
    pub place: Place,
    /// Names that are listed.
    pub listed: Vec<Said>,
    /// Every name that is listed is known.
    pub listed_completely: bool,
    /// Names that the handler tells apart.
    pub handled: Vec<Said>,
    /// What is not told apart is refused.
    pub refuses_others: bool,
    /// Conditions that the list depends on and the handler never asks for: a word, and where the list asks.
    pub gates: Vec<Said>,
}

/// Calls that are followed from a handler.
const MAX_DEPTH: usize = 3;

pub(super) fn add(program: &Program<'_>, facts: &mut Facts) {
    for (file, unit) in program.units().iter().enumerate() {
        if unit.role == Role::Test {
            continue;
        }
        let pair = match unit.language {
            Language::TypeScript => typescript(program, file),
            Language::Python => python(program, file),
            Language::Rust => rust(program, file),
            Language::Go | Language::Java | Language::CSharp => None,
        };
        if let Some((list, call)) = pair {
            facts.dispatches.push(read(program, list, call));
        }
    }
}

/// The handlers of `tools/list` and `tools/call`, where a file sets one of each.
fn typescript(program: &Program<'_>, file: usize) -> Option<(At, At)> {
    let (mut list, mut call) = (Vec::new(), Vec::new());
    for site in program.calls_in(file) {
        let Kind::Member(_, method) = &site.call.function.kind else { continue };
        if method.value != "setRequestHandler" {
            continue;
        }
        let (Some(what), Some(handler)) = (site.call.positional(0), site.call.positional(1)) else { continue };
        let what = program.text(site.at, what).unwrap_or_else(|| program.source(file, what.span).to_owned());
        let handler = program.function(site.at, handler);
        match what.rsplit('.').next() {
            Some("ListToolsRequestSchema" | "tools/list") => list.push(handler),
            Some("CallToolRequestSchema" | "tools/call") => call.push(handler),
            _ => {}
        }
    }
    only(&list).zip(only(&call))
}

fn only(found: &[Option<At>]) -> Option<At> {
    if let [only] = found { *only } else { None }
}

/// `@server.list_tools()` and `@server.call_tool()`
fn python(program: &Program<'_>, file: usize) -> Option<(At, At)> {
    let named = |word: &str| {
        let functions = program.units()[file].module.functions.iter().enumerate();
        let with = functions.filter(|(_, function)| {
            function.attributes.iter().any(|attribute| {
                let target = attribute.call().map_or(attribute, |call| &call.function);
                matches!(&target.kind, Kind::Member(_, name) if name.value == word)
            })
        });
        let found: Vec<Option<At>> = with.map(|(function, _)| Some(At { file, function })).collect();
        only(&found)
    };
    named("list_tools").zip(named("call_tool"))
}

/// `impl ServerHandler` with `list_tools` and `call_tool` by hand.
fn rust(program: &Program<'_>, file: usize) -> Option<(At, At)> {
    let module = program.units()[file].module;
    let mut handlers = module
        .classes
        .iter()
        .filter(|class| class.bases.iter().any(|base| base.name.rsplit("::").next() == Some("ServerHandler")));
    let (class, None) = (handlers.next()?, handlers.next()) else { return None };
    let method = |name: &str| {
        let id = class.methods.iter().copied().find(|&id| {
            let function = &module.functions[id];
            function.name.as_deref() == Some(name) && function.parameters.len() >= 2 && function.attributes.is_empty()
        });
        id.map(|function| At { file, function })
    };
    method("list_tools").zip(method("call_tool"))
}

fn read(program: &Program<'_>, list: At, call: At) -> Dispatch {
    let mut names = Names { program, found: Vec::new(), complete: true };
    names.list(list);
    let mut handled = Handled { program, found: Vec::new(), refuses: false, opaque: false, seen: HashSet::new() };
    handled.function(call, MAX_DEPTH);
    let gates = gates(program, list, call, &handled.seen);
    Dispatch {
        place: program.place(call.file, program.function_at(call).span),
        listed_completely: names.complete && !names.found.is_empty(),
        listed: names.found,
        refuses_others: handled.refuses && !handled.opaque,
        handled: handled.found,
        gates,
    }
}

/// Names of tools in what a function gives back.
struct Names<'p, 'a> {
    program: &'p Program<'a>,
    found: Vec<Said>,
    complete: bool,
}

impl<'a> Names<'_, 'a> {
    fn list(&mut self, list: At) {
        let results = self.program.results(list);
        self.complete &= !results.is_empty();
        for result in results {
            self.value(list, result, 8);
        }
    }

    fn value(&mut self, at: At, value: &'a Expression, steps: usize) {
        let Some(steps) = steps.checked_sub(1) else {
            self.complete = false;
            return;
        };
        match &value.kind {
            Kind::Record(record) => self.record(at, record, steps),
            Kind::List(items) => items.iter().for_each(|item| self.value(at, item, steps)),
            Kind::Spread(inner) => self.value(at, inner, steps),
            Kind::Call(call) => self.call(at, value, call, steps),
            Kind::Name(_) | Kind::Member(..) | Kind::Index(..) => {
                let (owner, origin) = self.program.origin(at, value);
                if std::ptr::eq(origin, value) {
                    self.complete = false;
                } else {
                    self.value(owner, origin, steps);
                }
            }
            _ => self.complete = false,
        }
    }

    /// `{ tools: [..] }`, `ListToolsResult { tools, .. }`, or a tool itself.
    fn record(&mut self, at: At, record: &'a Record, steps: usize) {
        if let Some(tools) = record.get("tools") {
            return self.value(at, tools, steps);
        }
        match record.get("name") {
            Some(name) => self.name(at, name),
            None => self.complete = false,
        }
    }

    fn name(&mut self, at: At, name: &'a Expression) {
        match self.program.text(at, name) {
            Some(text) => self.found.push(Said { text, place: self.program.place(at.file, name.span) }),
            None => self.complete = false,
        }
    }

    /// `types.Tool(name=..)`, `Tool::new("..")`, `ListToolsResult::with_all_items(..)`, a function of the project.
    fn call(&mut self, at: At, value: &'a Expression, call: &'a crate::project::syntax::Call, steps: usize) {
        if let Some(target) = self.program.function(at, &call.function) {
            let results = self.program.results(target);
            self.complete &= !results.is_empty();
            return results.into_iter().for_each(|result| self.value(target, result, steps));
        }
        let path = self.program.symbol(at, &call.function).unwrap_or_default();
        let last = path.rsplit('.').next().unwrap_or_default();
        let named = call.keyword("name");
        match (&call.function.kind, named) {
            (_, Some(name)) if last == "Tool" => self.name(at, name),
            (Kind::Member(..), _) if last == "new" && path.contains("Tool.new") => match call.positional(0) {
                Some(name) => self.name(at, name),
                None => self.complete = false,
            },
            _ if matches!(last, "Ok" | "ListToolsResult" | "with_all_items") => {
                let tools = call.keyword("tools").or_else(|| call.positional(0));
                match tools {
                    Some(tools) => self.value(at, tools, steps),
                    None => self.complete = false,
                }
            }
            _ => {
                let _ = value;
                self.complete = false;
            }
        }
    }
}

/// Names that a handler compares with the name that was asked for.
struct Handled<'p, 'a> {
    program: &'p Program<'a>,
    found: Vec<Said>,
    refuses: bool,
    /// Something else may choose: a table, a computed method.
    opaque: bool,
    seen: HashSet<At>,
}

impl<'a> Handled<'_, 'a> {
    fn function(&mut self, at: At, depth: usize) {
        if !self.seen.insert(at) {
            return;
        }
        let function = self.program.function_at(at);
        self.statements(at, &function.body);
        let mut targets = Vec::new();
        function.expressions(&mut |expression| match &expression.kind {
            Kind::Binary(operator, a, b) if matches!(operator.as_str(), "==" | "===") => self.compared(at, a, b),
            Kind::Binary(operator, a, _) if matches!(operator.as_str(), "in" | "not in") && names_tool(a) => {
                self.opaque = true;
            }
            Kind::Match(chosen) => self.arms(at, chosen),
            Kind::Index(_, key) if names_tool(key) => self.opaque = true,
            Kind::Call(call) => {
                let by_name = call.arguments.iter().any(|argument| names_tool(&argument.value));
                match self.program.function(at, &call.function) {
                    Some(target) => targets.push((target, by_name)),
                    // `handlers.get(name)`, `startsWith` and the like choose in ways that are not read here.
                    None if by_name && chooses(&call.function) => self.opaque = true,
                    None => {
                        if let Kind::Member(object, method) = &call.function.kind {
                            let tests = ["startsWith", "startswith", "starts_with", "includes", "endsWith", "match"];
                            self.opaque |= names_tool(object) && tests.contains(&method.value.as_str());
                        }
                    }
                }
            }
            Kind::Function(inner) => targets.push((At { file: at.file, function: *inner }, true)),
            _ => {}
        });
        if let Some(depth) = depth.checked_sub(1) {
            targets.into_iter().filter(|(_, by_name)| *by_name).for_each(|(target, _)| self.function(target, depth));
        }
    }

    fn compared(&mut self, at: At, a: &'a Expression, b: &'a Expression) {
        for (name, literal) in [(a, b), (b, a)] {
            if names_tool(name)
                && let Some(text) = self.program.text(at, literal)
            {
                self.found.push(Said { text, place: self.program.place(at.file, literal.span) });
                // A chain of comparisons ends in an answer or a refusal: told by `statements`.
            }
        }
    }

    fn arms(&mut self, at: At, chosen: &'a Match) {
        if !names_tool(&chosen.subject) {
            return;
        }
        for arm in &chosen.arms {
            for value in &arm.values {
                match self.program.text(at, value) {
                    Some(text) => self.found.push(Said { text, place: self.program.place(at.file, value.span) }),
                    None => self.opaque = true,
                }
            }
            if arm.values.is_empty() {
                let mut further = false;
                arm.body.iter().for_each(|statement| {
                    statement.parts(&mut |part| part.walk(&mut |part| further |= passes_on(part)));
                });
                self.opaque |= further;
                self.refuses |= !further;
            }
        }
    }

    fn statements(&mut self, at: At, body: &'a [Statement]) {
        for statement in body {
            match statement {
                Statement::Match(chosen) => self.arms(at, chosen),
                Statement::If { then, otherwise, .. } => {
                    self.statements(at, then);
                    self.statements(at, otherwise);
                }
                Statement::Loop { body, .. } | Statement::Block(body) => self.statements(at, body),
                Statement::Try { body, .. } => self.statements(at, body),
                Statement::Raise(..) => self.refuses = true,
                _ => {}
            }
        }
        for arm in body
            .iter()
            .filter_map(|statement| if let Statement::Match(chosen) = statement { Some(chosen) } else { None })
        {
            arm.arms.iter().for_each(|arm| {
                arm.body.iter().for_each(|statement| {
                    if let Statement::Raise(..) = statement
                        && arm.values.is_empty()
                    {
                        self.refuses = true;
                    }
                });
            });
        }
    }
}

/// `name`, `request.params.name`, `tool_name`
fn names_tool(expression: &Expression) -> bool {
    let word = match &expression.kind {
        Kind::Name(name) => name.as_str(),
        Kind::Member(object, name) => {
            if matches!(name.value.as_str(), "as_str" | "as_ref") {
                return names_tool(object);
            }
            name.value.as_str()
        }
        Kind::Call(call) if call.arguments.is_empty() => return names_tool(&call.function),
        _ => return false,
    };
    matches!(word, "name" | "toolName" | "tool_name" | "tool" | "Name")
}

fn chooses(function: &Expression) -> bool {
    matches!(&function.kind, Kind::Member(_, method) if matches!(method.value.as_str(), "get" | "has" | "find" | "call" | "call_tool" | "callTool" | "get_tool" | "contains_key"))
}

/// The name is handed to something that may know it.
fn passes_on(part: &Expression) -> bool {
    match &part.kind {
        Kind::Index(_, key) => names_tool(key),
        Kind::Call(call) => {
            let error = matches!(&call.function.kind, Kind::Name(name) if name.ends_with("Error") || name.ends_with('!'))
                || matches!(&call.function.kind, Kind::Member(_, name) if ["error", "warn", "info", "log", "debug", "invalid_params", "method_not_found", "new", "format", "err"].contains(&name.value.as_str()));
            !error && !call.construction && call.arguments.iter().any(|argument| names_tool(&argument.value))
        }
        _ => false,
    }
}

/// Words that say that something is not offered to everybody.
fn is_gate(word: &str) -> bool {
    let plain: String = word.chars().filter(char::is_ascii_alphanumeric).collect::<String>().to_lowercase();
    [
        "readonly",
        "allowwrite",
        "writeenabled",
        "enablewrite",
        "allowedtools",
        "enabledtools",
        "disabledtools",
        "allowdestructive",
        "nondestructive",
        "dangerous",
        "isadmin",
        "scopes",
        "toolallowlist",
        "blockedtools",
        "allowonlyreadonly",
        "allowonlynondestructive",
    ]
    .iter()
    .any(|gate| plain.contains(gate))
}

/// Words of conditions and filters of the list that the handler of calls never says.
fn gates(program: &Program<'_>, list: At, call: At, followed: &HashSet<At>) -> Vec<Said> {
    let mut found: Vec<Said> = Vec::new();
    for at in with_inner(program, list) {
        // What a tool says of itself decides nothing.
        let mut told: Vec<Place> = Vec::new();
        program.function_at(at).expressions(&mut |expression| {
            let Kind::Record(record) = &expression.kind else { return };
            told.extend(record.get("annotations").map(|value| program.place(at.file, value.span)));
        });
        words(program, at, &mut |word, place| {
            let says = told.iter().any(|said| said.start <= place.start && place.end <= said.end);
            if !says && is_gate(word) && !found.iter().any(|said| said.text == word) {
                found.push(Said { text: word.to_owned(), place });
            }
        });
    }
    if found.is_empty() {
        return found;
    }
    let mut asked: HashSet<String> = HashSet::new();
    let mut guards = false;
    let mut functions: HashSet<At> = with_inner(program, call).into_iter().collect();
    functions.extend(followed);
    for at in functions {
        words(program, at, &mut |word, _| {
            asked.insert(word.to_owned());
        });
        // A check of another name may ask for it: `assertAllowed(name)`.
        program.function_at(at).expressions(&mut |expression| {
            if let Kind::Call(call) = &expression.kind {
                let word = super::tools::written(call).to_lowercase();
                guards |= ["allow", "check", "assert", "ensure", "permit", "authorize", "enabled", "verify", "guard"]
                    .iter()
                    .any(|part| word.contains(part));
            }
        });
    }
    if guards || asked.iter().any(|word| is_gate(word)) {
        return Vec::new();
    }
    found
}

fn with_inner(program: &Program<'_>, at: At) -> Vec<At> {
    let span = program.function_at(at).span;
    let functions = program.units()[at.file].module.functions.iter().enumerate();
    let inside = functions.filter(|(_, function)| span.contains(function.span));
    inside.map(|(function, _)| At { file: at.file, function }).collect()
}

/// Names and members of a function's own expressions.
fn words<'a>(program: &Program<'a>, at: At, visit: &mut dyn FnMut(&str, Place)) {
    program.function_at(at).expressions(&mut |expression| {
        let word = match &expression.kind {
            Kind::Name(name) => name,
            Kind::Member(_, name) => &name.value,
            _ => return,
        };
        visit(word, program.place(at.file, expression.span));
    });
}
