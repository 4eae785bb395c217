//! Words by which answers, logs, and what hands a text on are told, and the shapes of values around them.

use crate::project::{
    Language,
    syntax::{Expression, Kind, Pattern},
};

/// Methods and functions that answer a request of the web, by language.
pub(super) fn answers(language: Language) -> &'static [&'static str] {
    match language {
        Language::TypeScript => &["json", "send", "end"],
        Language::Python => {
            &["JSONResponse", "PlainTextResponse", "HTMLResponse", "Response", "jsonify", "HTTPException"]
        }
        Language::Go => &["Error", "String", "JSON", "SendString"],
        Language::Rust => &["into_response"],
        Language::Java | Language::CSharp => &[],
    }
}

/// Calls that hand on the text that they are given.
pub(super) const CARRIERS: &[&str] = &[
    "trim",
    "toString",
    "String",
    "string",
    "str",
    "decode",
    "strip",
    "rstrip",
    "into_owned",
    "to_string",
    "to_owned",
    "from_utf8_lossy",
    "from_utf8",
    "NewToolResultText",
    "text",
    "TextContent",
    "success",
    "Ok",
    "Some",
    "join",
    "concat",
    "into",
    "trimEnd",
    "TrimSpace",
    "Sprintf",
    "append",
    "push",
];

/// Functions that write down for whoever runs the server.
pub(super) const LOGS: &[&str] = &[
    "log",
    "error",
    "warn",
    "warning",
    "info",
    "debug",
    "trace",
    "exception",
    "critical",
    "print",
    "eprintln!",
    "error!",
    "warn!",
    "info!",
    "debug!",
    "Printf",
    "Println",
    "Print",
    "Errorf",
    "captureException",
];

/// Words of conditions under which a developer asked for it.
pub(super) const WANTED: &[&str] = &["debug", "node_env", "verbose", "development", "isdev"];

/// Words of code that cuts off.
pub(super) const CUTS: &[&str] = &[
    "limit",
    "truncat",
    "slice",
    "substring",
    "max",
    "head",
    "tail",
    "[:",
    "take(",
    "substr",
    "page",
    "offset",
    "chunk",
    "preview",
    "shorten",
];

/// Words of code that takes escape sequences out.
pub(super) const STRIPS: &[&str] =
    &["ansi", "\\x1b", "\\u001b", "vtcontrol", "no_color", "nocolor", "color=never", "--no-color"];

/// The name of a `catch` that takes errors of every kind. Python says which kind it takes.
pub(super) fn catches_all(pattern: &Pattern) -> Option<&str> {
    match pattern {
        Pattern::Name(name, _) => Some(name),
        Pattern::Wrapped(kind, bound) if matches!(kind.as_str(), "Exception" | "BaseException") => {
            bound.first().and_then(catches_all)
        }
        _ => None,
    }
}

/// What a result is given to: of a value and an error, the value.
pub(super) fn first_name(pattern: &Pattern) -> &Pattern {
    match pattern {
        Pattern::Items(items) => items.first().unwrap_or(pattern),
        _ => pattern,
    }
}

/// The call inside `call().unwrap()`.
pub(super) fn unwrapped(value: &Expression) -> &Expression {
    let mut value = value;
    while let Some(Kind::Member(object, name)) = value.call().map(|call| &call.function.kind)
        && matches!(name.value.as_str(), "unwrap" | "expect" | "map_err" | "context" | "unwrap_or_default")
    {
        value = object;
    }
    value
}

/// A class or a constructor, by its spelling.
pub(super) fn is_type(name: &str) -> bool {
    name.starts_with(|c: char| c.is_ascii_uppercase())
}

/// A name that says that it holds an error.
pub(super) fn is_error(expression: &Expression) -> bool {
    expression.name().is_some_and(|name| {
        let lower = name.to_lowercase();
        matches!(lower.as_str(), "e" | "ex" | "cause" | "reason" | "exception") || lower.contains("err")
    })
}
