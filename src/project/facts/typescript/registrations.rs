//! Handlers and registrations: what a server answers.

use super::{
    super::{Capability, Registered, Tool},
    Known, Scan, sdk,
};
use crate::{
    finding::Place,
    project::{
        program::At,
        syntax::{Expression, Kind, Statement},
    },
};

/// Protocol methods: the request's schema in version 1 of the SDK, the method, what it serves.
const METHODS: &[(&str, &str, Capability)] = &[
    ("ListToolsRequestSchema", "tools/list", Capability::Tools),
    ("CallToolRequestSchema", "tools/call", Capability::Tools),
    ("ListResourcesRequestSchema", "resources/list", Capability::Resources),
    ("ListResourceTemplatesRequestSchema", "resources/templates/list", Capability::Resources),
    ("ReadResourceRequestSchema", "resources/read", Capability::Resources),
    ("SubscribeRequestSchema", "resources/subscribe", Capability::Resources),
    ("UnsubscribeRequestSchema", "resources/unsubscribe", Capability::Resources),
    ("ListPromptsRequestSchema", "prompts/list", Capability::Prompts),
    ("GetPromptRequestSchema", "prompts/get", Capability::Prompts),
    ("CompleteRequestSchema", "completion/complete", Capability::Completions),
    ("SetLevelRequestSchema", "logging/setLevel", Capability::Logging),
];

/// A registration and the server that it is made on.
#[derive(Debug)]
pub(super) struct Registration<'a> {
    pub(super) at: At,
    /// The server, as the code names it.
    pub(super) receiver: Option<&'a Expression>,
    pub(super) registered: Option<Registered>,
    pub(super) tool: Option<Tool>,
    /// Why it cannot be told what is registered.
    pub(super) incomplete: Option<String>,
}

/// The method and capability of a protocol method's name.
fn protocol_method(text: &str) -> Option<(&'static str, Capability)> {
    METHODS.iter().find(|(_, method, _)| *method == text).map(|&(_, method, capability)| (method, capability))
}

impl<'a> Scan<'_, 'a> {
    /// The registration that a call is.
    pub(super) fn registration(&self, known: &Known<'a>) -> Option<Registration<'a>> {
        let call = known.site.call;
        match &call.function.kind {
            Kind::Member(receiver, method) if method.value == "setRequestHandler" => self.handler(known, receiver),
            Kind::Member(receiver, method) => {
                let capability = high_level(&method.value)?;
                self.is_registration(known, capability).then(|| self.registered(known, Some(receiver), capability))
            }
            // A library's helper that takes the server: `registerAppTool(server, ..)`.
            Kind::Name(name) => {
                let capability = helper(name)?;
                let is_library = known.symbol.as_deref().is_some_and(|symbol| symbol.contains(['/', '.']));
                let receiver = call.positional(0)?;
                (is_library && self.server_kind(known.site.at, receiver).is_some())
                    .then(|| self.registered(known, Some(receiver), capability))
            }
            _ => None,
        }
    }

    /// The kind of server that an expression is.
    pub(super) fn server_kind(&self, at: At, expression: &'a Expression) -> Option<sdk::Kind> {
        let symbol = self.program.symbol(at, expression)?;
        let symbol = symbol.strip_suffix(".server").unwrap_or(&symbol);
        symbol.ends_with("()").then(|| sdk::Kind::of(symbol)).flatten()
    }

    /// What a call registers, with what needs no handler beside it.
    pub(super) fn registrations(&self, known: &Known<'a>) -> Vec<Registration<'a>> {
        let Some(registration) = self.registration(known) else { return Vec::new() };
        let beside = self.never_asked(known).map(|registered| Registration {
            at: registration.at,
            receiver: registration.receiver,
            registered: Some(registered),
            tool: None,
            incomplete: None,
        });
        [Some(registration), beside].into_iter().flatten().collect()
    }

    /// The method that a handler answers as well by listing nothing, ever: nobody can ask for an entry of an empty list.
    fn never_asked(&self, known: &Known<'a>) -> Option<Registered> {
        let (what, handler) = (known.site.call.positional(0)?, known.site.call.positional(1)?);
        let (method, capability) = self.protocol(known.site.at, what)?;
        let (_, entry) = [("resources/list", "resources/read"), ("prompts/list", "prompts/get")]
            .into_iter()
            .find(|(list, _)| *list == method)?;
        let handler = self.program.function_at(super::handed_over(self.program, known.site.at, handler)?);
        let [Statement::Return(Some(answer), _)] = handler.body.as_slice() else { return None };
        let key = method.split('/').next()?;
        let Kind::List(items) = &answer.record()?.get(key)?.kind else { return None };
        let place = self.program.place(known.site.at.file, known.site.span);
        items.is_empty().then_some(Registered { capability, method: Some(entry), place })
    }

    fn handler(&self, known: &Known<'a>, receiver: &'a Expression) -> Option<Registration<'a>> {
        let at = known.site.at;
        let place = self.program.place(at.file, known.site.span);
        let what = known.site.call.positional(0)?;
        let found = self.protocol(at, what);
        let on_server = self.server_kind(at, receiver).is_some();
        let on_client = self.program.symbol(at, receiver).is_some_and(|symbol| symbol.contains("client"));
        if on_client || (found.is_none() && !on_server) {
            return None;
        }
        let incomplete = found.is_none().then(|| "a handler is set for a computed method".to_owned());
        let custom = self.program.text(at, what).is_some() || self.custom_schema(at, what);
        Some(Registration {
            at,
            receiver: Some(receiver),
            registered: found.map(|(method, capability)| Registered { capability, method: Some(method), place }),
            tool: None,
            incomplete: incomplete.filter(|_| !custom),
        })
    }

    /// The protocol method that the first argument of `setRequestHandler` stands for.
    fn protocol(&self, at: At, what: &'a Expression) -> Option<(&'static str, Capability)> {
        if let Some(text) = self.program.text(at, what) {
            return protocol_method(&text);
        }
        let by_schema = |name: &str| {
            METHODS.iter().find(|(schema, ..)| *schema == name).map(|&(_, method, capability)| (method, capability))
        };
        let symbol = self.program.symbol(at, what);
        let written = match &what.kind {
            Kind::Name(name) => Some(name.as_str()),
            Kind::Member(_, name) => Some(name.value.as_str()),
            _ => None,
        };
        symbol.as_deref().map(super::last).and_then(by_schema).or_else(|| written.and_then(by_schema))
    }

    /// A schema of the SDK or of the project that is none of the above: `PingRequestSchema`, a method of one's own.
    fn custom_schema(&self, at: At, what: &'a Expression) -> bool {
        let imported = self.program.symbol(at, what).is_some_and(|symbol| symbol.ends_with("Schema"));
        imported || what.name().is_some_and(|name| name.ends_with("Schema"))
    }

    /// Whether a method that sounds like a registration is one: by its receiver, else by the shape of its arguments.
    fn is_registration(&self, known: &Known<'a>, capability: Capability) -> bool {
        let Kind::Member(receiver, method) = &known.site.call.function.kind else { return false };
        let at = known.site.at;
        if self.server_kind(at, receiver).is_some() {
            return true;
        }
        // Resolved to something else: a library's method, or a method of the project's own.
        let experimental = known.symbol().contains(".experimental.");
        if known.symbol.as_deref().is_some_and(|symbol| symbol.contains('/') || symbol.contains("()")) {
            return experimental && known.symbol().starts_with("@modelcontextprotocol/");
        }
        if self.program.function(at, &known.site.call.function).is_some() {
            return false;
        }
        let arguments = &known.site.call.arguments;
        let takes_handler = arguments.iter().any(|a| super::handed_over(self.program, at, &a.value).is_some());
        let named = arguments.first().is_some_and(|first| self.program.text(at, &first.value).is_some());
        let near_sdk = || {
            let closure = self.program.closure(at.file);
            let mut modules = closure.iter().flat_map(|&file| &self.program.units()[file].module.imports);
            modules.any(|import| sdk::is_sdk(&import.module))
        };
        let distinct = method.value.starts_with("register") && arguments.len() >= 3;
        let shaped = (named || distinct) && takes_handler && arguments.len() >= 2;
        capability != Capability::Completions && shaped && near_sdk()
    }

    fn registered(
        &self,
        known: &Known<'a>,
        receiver: Option<&'a Expression>,
        capability: Capability,
    ) -> Registration<'a> {
        let at = known.site.at;
        let place = self.program.place(at.file, known.site.span);
        let tool = (capability == Capability::Tools).then(|| self.tool(known, place.clone()));
        let registered = Some(Registered { capability, method: None, place });
        Registration { at, receiver, registered, tool, incomplete: None }
    }

    /// What a registration says of its tool.
    fn tool(&self, known: &Known<'a>, place: Place) -> Tool {
        let at = known.site.at;
        let mut name = None;
        let mut description = None;
        let described = |at: At, value: &'a Expression| Some((self.program.text(at, value)?, self.place(at, value)));
        for argument in known.site.call.arguments.iter().take(3) {
            let (owner, value) = self.program.value(at, &argument.value);
            match &value.kind {
                Kind::Record(record) => {
                    name = name.or_else(|| record.get("name").and_then(|value| self.program.text(owner, value)));
                    description = description.or_else(|| described(owner, record.get("description")?));
                }
                _ => {
                    if let Some(text) = self.program.text(at, &argument.value) {
                        if name.is_none() {
                            name = Some(text);
                        } else {
                            description = description.or_else(|| described(at, &argument.value));
                        }
                    }
                }
            }
        }
        Tool { name, description, place }
    }
}

/// What a method of a high-level server registers.
fn high_level(method: &str) -> Option<Capability> {
    match method {
        "registerTool" | "tool" | "addTool" | "addTools" | "registerTools" | "registerToolTask" => {
            Some(Capability::Tools)
        }
        "registerResource"
        | "resource"
        | "addResource"
        | "addResourceTemplate"
        | "addResources"
        | "resourceTemplate" => Some(Capability::Resources),
        "registerPrompt" | "prompt" | "addPrompt" | "addPrompts" => Some(Capability::Prompts),
        _ => None,
    }
}

/// What a helper registers, by its name.
fn helper(name: &str) -> Option<Capability> {
    let rest = name.strip_prefix("register").or_else(|| name.strip_prefix("add"))?;
    let ends = |word: &str| rest.ends_with(word) || rest.strip_suffix('s').is_some_and(|rest| rest.ends_with(word));
    [("Tool", Capability::Tools), ("Resource", Capability::Resources), ("Prompt", Capability::Prompts)]
        .into_iter()
        .find(|(word, _)| ends(word))
        .map(|(_, capability)| capability)
}
