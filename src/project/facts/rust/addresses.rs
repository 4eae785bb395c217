//! Addresses that a listener is given: literals, constants, formats, the environment, command lines.

use super::{attribute, path, word};
use crate::{
    finding::Place,
    project::{
        facts::Bind,
        program::{At, Program, Thing},
        syntax::{Arm, Call, Expression, Field, Kind, Part, Pattern, Statement},
    },
};

/// Most steps from a name to an address.
const STEPS: usize = 14;

/// What stands for a part that is not known.
const HOLE: &str = "{}";

/// A text, parts of which may not be known, and whether it is only what holds when nothing is configured.
#[derive(Debug)]
struct Address<'a> {
    text: String,
    configured: bool,
    at: At,
    written: &'a Expression,
}

/// Who can connect to an address, and where it is written.
pub(super) fn bind<'a>(program: &Program<'a>, at: At, address: &'a Expression) -> (Bind, Place) {
    let Some(found) = resolve(program, at, address, STEPS) else {
        return (Bind::Unknown, program.place(at.file, address.span));
    };
    let place = program.place(found.at.file, found.written.span);
    let bind = match (host(&found.text), found.configured) {
        ("0.0.0.0" | "::" | "", false) => Bind::All,
        ("0.0.0.0" | "::" | "", true) => Bind::ConfiguredAll,
        (host, configured) if host == "localhost" || host == "::1" || host.starts_with("127.") => {
            if configured {
                Bind::ConfiguredLoopback
            } else {
                Bind::Loopback
            }
        }
        (host, configured) if configured || host.contains('{') => Bind::Unknown,
        (host, _) => Bind::Address(host.to_owned()),
    };
    (bind, place)
}

fn host(text: &str) -> &str {
    let text = text.trim();
    if let Some((host, _)) = text.strip_prefix('[').and_then(|inner| inner.split_once(']')) {
        return host;
    }
    match text.rsplit_once(':') {
        Some((host, _)) if !host.contains(':') => host,
        _ => text,
    }
}

fn resolve<'a>(program: &Program<'a>, at: At, expression: &'a Expression, steps: usize) -> Option<Address<'a>> {
    let steps = steps.checked_sub(1)?;
    if let Some((owner, position, parameter)) = program.parameter_of(at, expression) {
        let receiver = program
            .function_at(owner)
            .parameters
            .first()
            .is_some_and(|first| matches!(&first.pattern, Pattern::Name(name, _) if name == "self"));
        let _ = parameter;
        let position = position.checked_sub(usize::from(receiver))?;
        let mut callers = program.callers(owner).iter().filter(|site| !program.function_at(site.at).is_test).take(4);
        return callers.find_map(|site| resolve(program, site.at, site.call.positional(position)?, steps));
    }
    let (origin_at, origin) = program.origin(at, expression);
    let known = |text: String| Some(Address { text, configured: false, at: origin_at, written: origin });
    match &origin.kind {
        Kind::Text(text) => known(text.clone()),
        Kind::Template(parts) => template(program, origin_at, origin, parts, steps),
        Kind::List(items) => match numbers(items) {
            Some(text) => known(text),
            None => resolve(program, origin_at, items.first()?, steps),
        },
        Kind::Call(call) => called(program, origin_at, origin, call, steps),
        Kind::Conditional(_, then, otherwise) => {
            let usual = configured(resolve(program, origin_at, otherwise, steps));
            usual.or_else(|| configured(resolve(program, origin_at, then, steps)))
        }
        Kind::Match(chosen) => {
            configured(chosen.arms.iter().rev().find_map(|arm| of_arm(program, origin_at, arm, steps)))
        }
        Kind::Block(body) => of_body(program, origin_at, body, steps),
        Kind::Member(object, name) => match name.value.as_str() {
            "LOCALHOST" => known("127.0.0.1".to_owned()),
            "UNSPECIFIED" => known("0.0.0.0".to_owned()),
            "0" => resolve(program, origin_at, object, steps),
            field => configured(of_field(program, origin_at, object, field, steps)),
        },
        _ => None,
    }
}

fn configured(address: Option<Address<'_>>) -> Option<Address<'_>> {
    address.map(|address| Address { configured: true, ..address })
}

fn of_arm<'a>(program: &Program<'a>, at: At, arm: &'a Arm, steps: usize) -> Option<Address<'a>> {
    of_body(program, at, &arm.body, steps)
}

fn of_body<'a>(program: &Program<'a>, at: At, body: &'a [Statement], steps: usize) -> Option<Address<'a>> {
    match body.last()? {
        Statement::Expression(value) | Statement::Return(Some(value), _) => resolve(program, at, value, steps),
        Statement::Block(body) => of_body(program, at, body, steps.checked_sub(1)?),
        Statement::If { then, otherwise, .. } => {
            let usual = configured(of_body(program, at, otherwise, steps.checked_sub(1)?));
            usual.or_else(|| configured(of_body(program, at, then, steps.checked_sub(1)?)))
        }
        Statement::Match(chosen) => {
            configured(chosen.arms.iter().rev().find_map(|arm| of_arm(program, at, arm, steps.checked_sub(1)?)))
        }
        _ => None,
    }
}

/// `format!("{host}:{port}")`: the host decides.
fn template<'a>(
    program: &Program<'a>,
    at: At,
    whole: &'a Expression,
    parts: &'a [Part],
    steps: usize,
) -> Option<Address<'a>> {
    let mut found = Address { text: String::new(), configured: false, at, written: whole };
    for part in parts {
        match part {
            Part::Text(text) => found.text.push_str(text),
            Part::Value(value) => match resolve(program, at, value, steps) {
                Some(inner) => {
                    if !found.text.contains(':') {
                        found.configured |= inner.configured;
                        (found.at, found.written) = (inner.at, inner.written);
                    }
                    found.text.push_str(&inner.text);
                }
                None => found.text.push_str(HOLE),
            },
        }
    }
    Some(found)
}

/// `[127, 0, 0, 1]`, and eight numbers of IPv6.
fn numbers(items: &[Expression]) -> Option<String> {
    let values = items.iter().map(|item| match &item.kind {
        Kind::Number(number) => number.trim_end_matches(char::is_alphabetic).parse::<u32>().ok(),
        _ => None,
    });
    let values: Vec<u32> = values.collect::<Option<_>>()?;
    match values.as_slice() {
        [a, b, c, d] => Some(format!("{a}.{b}.{c}.{d}")),
        [0, 0, 0, 0, 0, 0, 0, 0] => Some("::".to_owned()),
        [0, 0, 0, 0, 0, 0, 0, 1] => Some("::1".to_owned()),
        _ => None,
    }
}

fn called<'a>(
    program: &Program<'a>,
    at: At,
    whole: &'a Expression,
    call: &'a Call,
    steps: usize,
) -> Option<Address<'a>> {
    let object = match &call.function.kind {
        Kind::Member(object, _) => Some(&**object),
        _ => None,
    };
    match word(call) {
        "unwrap_or" | "unwrap_or_else" | "or_else" | "or" | "unwrap_or_default" | "map_or" | "map_or_else" => {
            let fixed = object.filter(|object| !reads_environment(program, at, object));
            let fixed = fixed.and_then(|object| resolve(program, at, object, steps));
            fixed.or_else(|| configured(closure(program, at, call.positional(0)?, steps)))
        }
        "parse" | "unwrap" | "expect" | "into" | "to_string" | "to_owned" | "as_str" | "as_ref" | "clone"
        | "to_socket_addrs" | "next" | "context" | "with_context" | "map_err" | "ok" | "trim" | "ok_or_else"
        | "ok_or" | "as_deref" | "map" | "and_then" | "await" => resolve(program, at, object?, steps),
        "from" | "V4" | "V6" | "from_str" | "Some" | "Ok" | "new" => {
            let arguments: Vec<Expression> = call.arguments.iter().map(|argument| argument.value.clone()).collect();
            if let Some(text) = numbers(&arguments) {
                return Some(Address { text, configured: false, at, written: whole });
            }
            resolve(program, at, call.positional(0)?, steps)
        }
        _ => {
            let function = program.function(at, &call.function)?;
            of_body(program, function, &program.function_at(function).body, steps)
        }
    }
}

/// A value, or what a closure gives back.
fn closure<'a>(program: &Program<'a>, at: At, value: &'a Expression, steps: usize) -> Option<Address<'a>> {
    match &value.kind {
        Kind::Function(function) => {
            let at = At { file: at.file, function: *function };
            of_body(program, at, &program.function_at(at).body, steps)
        }
        _ => resolve(program, at, value, steps),
    }
}

fn reads_environment<'a>(program: &Program<'a>, at: At, object: &'a Expression) -> bool {
    let (at, origin) = program.origin(at, object);
    origin.call().is_some_and(|call| path(program, at, &call.function).starts_with("std.env."))
}

/// A field of a struct: what the command line's attributes, or its own `default`, say.
fn of_field<'a>(
    program: &Program<'a>,
    at: At,
    object: &'a Expression,
    name: &str,
    steps: usize,
) -> Option<Address<'a>> {
    let (file, class) = match program.thing(at, object)? {
        Thing::Instance(file, class) | Thing::Class(file, class) => (file, class),
        _ => return None,
    };
    let definition = program.units()[file].module.classes.get(class)?;
    let field = definition.fields.iter().find(|field| field.name == name)?;
    let top = At { file, function: 0 };
    if let Some(default) = default_of(field) {
        return resolve(program, top, default, steps);
    }
    if let Some(given) = attribute(&field.attributes, "serde").and_then(Expression::call)?.keyword("default") {
        let function = given.text()?;
        let module = program.units()[file].module;
        let found = module.functions.iter().position(|own| own.name.as_deref() == Some(function))?;
        let at = At { file, function: found };
        return of_body(program, at, &program.function_at(at).body, steps);
    }
    None
}

/// `#[arg(default_value = "..")]`
fn default_of(field: &Field) -> Option<&Expression> {
    ["arg", "clap", "structopt", "argh"].iter().find_map(|name| {
        let call = attribute(&field.attributes, name)?.call()?;
        ["default_value", "default_value_t", "default"].iter().find_map(|keyword| call.keyword(keyword))
    })
}
