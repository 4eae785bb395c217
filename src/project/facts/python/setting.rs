//! Values that configuration may replace: environment variables, command lines, settings classes.

use super::{last, path};
use crate::project::{
    Role,
    program::{At, Program, Thing},
    syntax::{Call, Expression, Kind, Statement},
};

/// Most steps from a name to a text.
const STEPS: usize = 10;

/// A text, and whether it is only what holds when nothing is configured.
#[derive(Debug)]
pub(super) struct Setting<'a> {
    pub(super) text: String,
    /// Something outside the program may replace it.
    pub(super) configured: bool,
    /// Other values that are allowed in so many words.
    pub(super) choices: Vec<String>,
    /// Where the text is written.
    pub(super) at: At,
    pub(super) written: &'a Expression,
}

/// The text that an expression has unless configuration replaces it.
pub(super) fn setting<'a>(program: &Program<'a>, at: At, expression: &'a Expression) -> Option<Setting<'a>> {
    resolve(program, at, expression, STEPS)
}

fn resolve<'a>(program: &Program<'a>, at: At, expression: &'a Expression, steps: usize) -> Option<Setting<'a>> {
    let steps = steps.checked_sub(1)?;
    if let Some((owner, position, _)) = program.parameter_of(at, expression) {
        return parameter(program, owner, position, steps);
    }
    let (origin_at, origin) = program.origin(at, expression);
    if !std::ptr::eq(origin, expression) && program.parameter_of(origin_at, origin).is_some() {
        return resolve(program, origin_at, origin, steps);
    }
    let from_class = is_field(program, origin_at, origin);
    if let Some(text) = program.text(origin_at, origin) {
        let choices = Vec::new();
        return Some(Setting { text, configured: from_class, choices, at: origin_at, written: origin });
    }
    match &origin.kind {
        Kind::Call(call) => call_setting(program, origin_at, call, steps),
        Kind::Binary(operator, _, otherwise) if operator == "or" => {
            configured(resolve(program, origin_at, otherwise, steps))
        }
        // The second way is the one that is taken when nothing is said.
        Kind::Conditional(condition, then, otherwise) => {
            let (usual, other) =
                if matches!(condition.kind, Kind::Unary(..)) { (then, otherwise) } else { (otherwise, then) };
            let usual = configured(resolve(program, origin_at, usual, steps));
            usual.or_else(|| configured(resolve(program, origin_at, other, steps)))
        }
        Kind::Member(object, name) if is_command_line(program, origin_at, object) => {
            option(program, origin_at, &name.value, steps)
        }
        Kind::Member(object, name) => constructed(program, origin_at, object, &name.value, steps),
        _ => None,
    }
}

fn configured(setting: Option<Setting<'_>>) -> Option<Setting<'_>> {
    setting.map(|setting| Setting { configured: true, ..setting })
}

/// A value that stands in a class's declaration: settings classes are filled from outside.
fn is_field(program: &Program<'_>, at: At, written: &Expression) -> bool {
    let classes = &program.unit(at).module.classes;
    classes.iter().any(|class| class.fields.iter().any(|field| field.span.contains(written.span)))
}

fn call_setting<'a>(program: &Program<'a>, at: At, call: &'a Call, steps: usize) -> Option<Setting<'a>> {
    let path = path(program, at, &call.function);
    let name = match &call.function.kind {
        Kind::Member(_, name) => name.value.as_str(),
        _ => last(&path),
    };
    match name {
        "getenv" | "get" | "pop" => {
            configured(resolve(program, at, call.positional(1).or(call.keyword("default"))?, steps))
        }
        "str" | "int" => resolve(program, at, call.positional(0)?, steps),
        "strip" | "lower" | "rstrip" => {
            let Kind::Member(object, _) = &call.function.kind else { return None };
            resolve(program, at, object, steps)
        }
        "Field" | "Option" | "Argument" | "config" | "env" | "field" | "Query" => {
            if let Some(Kind::Function(function)) = call.keyword("default_factory").map(|factory| &factory.kind) {
                let at = At { file: at.file, function: *function };
                let Some(Statement::Return(Some(value), _)) = program.function_at(at).body.first() else { return None };
                return configured(resolve(program, at, value, steps));
            }
            let default =
                call.keyword("default").or_else(|| call.positional(usize::from(name == "config" || name == "env")));
            configured(resolve(program, at, default?, steps))
        }
        _ => result(program, at, call, steps),
    }
}

/// A field of a class of the project, which whoever makes the object gives.
fn constructed<'a>(
    program: &Program<'a>,
    at: At,
    object: &'a Expression,
    name: &str,
    steps: usize,
) -> Option<Setting<'a>> {
    let Some(Thing::Instance(file, class)) = program.thing(at, object) else { return None };
    let mut near = vec![file, at.file];
    near.extend(program.callers(At { file: at.file, function: at.function }).iter().map(|site| site.at.file));
    near.extend(program.closure(file));
    near.dedup();
    near.into_iter().flat_map(|file| program.calls_in(file)).find_map(|site| {
        let value = site.call.keyword(name).filter(|_| !is_test(program, site.at))?;
        let made = program.thing(site.at, &site.call.function);
        let same = matches!(made, Some(Thing::Class(f, c)) if (f, c) == (file, class));
        same.then(|| resolve(program, site.at, value, steps)).flatten()
    })
}

fn is_test(program: &Program<'_>, at: At) -> bool {
    program.function_at(at).is_test || program.unit(at).role == Role::Test
}

/// A function of the project that only returns.
fn result<'a>(program: &Program<'a>, at: At, call: &'a Call, steps: usize) -> Option<Setting<'a>> {
    let function = program.function(at, &call.function)?;
    let body = &program.function_at(function).body;
    match body.last()? {
        Statement::Return(Some(value), _) => resolve(program, function, value, steps),
        _ => None,
    }
}

/// What callers pass; the default where none does.
fn parameter<'a>(program: &Program<'a>, owner: At, position: usize, steps: usize) -> Option<Setting<'a>> {
    let function = program.function_at(owner);
    let parameter = function.parameters.get(position)?;
    let name = match &parameter.pattern {
        crate::project::syntax::Pattern::Name(name, _) => name.as_str(),
        _ => return None,
    };
    if let Some(setting) = decorated(program, owner, name, steps) {
        return Some(setting);
    }
    let receiver = usize::from(function.class.is_some());
    for site in program.callers(owner).iter().filter(|site| !is_test(program, site.at)).take(4) {
        let passed = site.call.keyword(name).or_else(|| site.call.positional(position.checked_sub(receiver)?));
        if let Some(passed) = passed {
            return resolve(program, site.at, passed, steps);
        }
    }
    let default = parameter.default.as_ref()?;
    resolve(program, owner, default, steps)
}

/// `@click.option("--host", default=..)` on the function itself.
fn decorated<'a>(program: &Program<'a>, owner: At, name: &str, steps: usize) -> Option<Setting<'a>> {
    program
        .function_at(owner)
        .attributes
        .iter()
        .filter_map(Expression::call)
        .find_map(|call| names(call, name).then(|| default_of(program, owner, call, steps)).flatten())
}

/// `args.host` of a parser in a file that is at hand.
fn option<'a>(program: &Program<'a>, at: At, name: &str, steps: usize) -> Option<Setting<'a>> {
    let files = std::iter::once(at.file).chain(program.closure(at.file));
    files.flat_map(|file| program.calls_in(file)).find_map(|site| {
        let Kind::Member(_, method) = &site.call.function.kind else { return None };
        let adds = method.value == "add_argument" && names(site.call, name);
        adds.then(|| default_of(program, site.at, site.call, steps)).flatten()
    })
}

/// What a parser returned, or a name that such a thing usually has.
fn is_command_line<'a>(program: &Program<'a>, at: At, object: &'a Expression) -> bool {
    let (_, origin) = program.origin(at, object);
    let parsed = origin.call().is_some_and(|call| {
        matches!(&call.function.kind, Kind::Member(_, name) if name.value.starts_with("parse_") && name.value.ends_with("args"))
    });
    parsed
        || matches!(
            object.name(),
            Some(
                "args" | "arguments" | "opts" | "options" | "namespace" | "ns" | "parsed" | "parsed_args" | "cli_args"
            )
        )
}

/// Whether an option is stored under `name`.
fn names(call: &Call, name: &str) -> bool {
    if let Some(target) = call.keyword("dest").and_then(Expression::text) {
        return target == name;
    }
    let written = call.arguments.iter().filter(|argument| argument.name.is_none());
    written
        .filter_map(|argument| argument.value.text())
        .any(|text| text.trim_start_matches('-').replace('-', "_") == name)
}

fn default_of<'a>(program: &Program<'a>, at: At, call: &'a Call, steps: usize) -> Option<Setting<'a>> {
    let mut setting = configured(resolve(program, at, call.keyword("default")?, steps))?;
    let choices = call.keyword("choices").or_else(|| {
        let kind = call.keyword("type")?;
        kind.call()?.positional(0)
    });
    if let Some(Kind::List(items)) = choices.map(|choices| &program.origin(at, choices).1.kind) {
        setting.choices = items.iter().filter_map(Expression::text).map(str::to_owned).collect();
    }
    Some(setting)
}
