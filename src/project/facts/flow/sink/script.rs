//! Scripts of the desktop, and XML with entities.

use super::{
    Row, Takes,
    shell::{built, by_hand},
};
use crate::project::{
    facts::Sink,
    program::{At, Program},
    syntax::{Call, Expression, Kind},
};

pub(super) const ROWS: &[Row] = &[
    Row {
        sink: Sink::Script,
        takes: Takes::Argument(0, &[]),
        calls: &[
            "run-applescript",
            "run-applescript.runAppleScript",
            "run-applescript.runAppleScriptSync",
            "run-jxa.runJxa",
            "applescript.execString",
            "osascript.execute",
            "applescript.AppleScript",
            "py-applescript.AppleScript",
            "osascript.run",
            "osascript.JavaScript.execute",
        ],
    },
    Row {
        sink: Sink::Xml,
        takes: Takes::Argument(0, &["text", "source"]),
        calls: &[
            "lxml.etree.fromstring",
            "lxml.etree.parse",
            "lxml.etree.XML",
            "xml.sax.parseString",
            "xml.sax.parse",
            "libxmljs.parseXml",
            "libxmljs.parseXmlString",
            "libxmljs2.parseXml",
        ],
    },
];

/// `["osascript", "-e", x]`, however it is started: the script.
pub(super) fn script<'a>(program: &Program<'a>, at: At, call: &'a Call, symbol: &str) -> Option<Vec<&'a Expression>> {
    let is_host = |name: &str| name.rsplit('/').next() == Some("osascript");
    let is_flag = |flag: &str| flag == "-e";
    let chained = built(program, at, call, symbol, &is_host, &is_flag);
    let mut inputs = chained.or_else(|| by_hand(program, at, call, &is_host, &is_flag))?;
    // What follows a script are its arguments, which is how to hand values to it.
    inputs.truncate(1);
    Some(inputs)
}

/// Whether a parser is told to replace entities.
pub(super) fn reads_entities<'a>(program: &Program<'a>, at: At, call: &'a Call) -> bool {
    let on = |value: &Expression| matches!(value.kind, Kind::Boolean(true));
    let parser = call.keyword("parser").or_else(|| call.positional(1));
    let Some(parser) = parser else { return false };
    let (owner, parser) = program.origin(at, parser);
    match &parser.kind {
        Kind::Call(made) => made.keyword("resolve_entities").is_some_and(|value| on(program.value(owner, value).1)),
        Kind::Record(options) => ["noent", "replaceEntities"].iter().any(|key| options.get(key).is_some_and(on)),
        _ => false,
    }
}
