//! Writes to standard output in servers that speak over it.

use super::{calls, last, path, servers::kind_of};
use crate::project::{
    facts::{Facts, Moment, StdoutWrite, moments::Moments},
    language::Language,
    program::{At, Program, Site},
    syntax::{Expression, Kind, Span},
};

pub(super) fn add(program: &Program<'_>, facts: &mut Facts) {
    let sites = calls(program);
    let anchors = anchors(program, &sites, facts);
    if anchors.is_empty() || redirects(program, &sites) {
        return;
    }
    let moments = Moments::new(program, Language::Python, &anchors, &handlers(program, &sites));
    for site in &sites {
        let Some(call) = write(program, *site) else { continue };
        let by_hand = facts.servers.iter().any(|server| {
            server.kind == crate::project::facts::json_rpc::KIND && server.place.path == program.unit(site.at).path
        });
        if by_hand && !is_prose(program, *site) {
            continue;
        }
        let moment = moments.of(site.at, site.span);
        // What is logged is logged while serving, wherever the handler is set up.
        let moment = if call == "logging" && moment == Moment::Starting { Moment::Serving } else { moment };
        let place = program.place(site.at.file, site.span);
        let call = if call == "logging" { last(&path(program, site.at, &site.call.function)).to_owned() } else { call };
        facts.stdout_writes.push(StdoutWrite { place, call, moment });
    }
}

/// Where a server is put on standard input and output.
fn anchors<'a>(program: &Program<'a>, sites: &[Site<'a>], facts: &Facts) -> Vec<(At, Span)> {
    let stdio = |site: &&Site<'_>| facts.stdio.contains(&program.place(site.at.file, site.span));
    let mut anchors: Vec<(At, Span)> = sites.iter().filter(stdio).map(|site| (site.at, site.span)).collect();
    for (file, unit) in program.units().iter().enumerate().filter(|(_, unit)| unit.language == Language::Python) {
        unit.expressions(&mut |function, expression| {
            if facts.stdio.contains(&program.place(file, expression.span)) && expression.call().is_none() {
                anchors.push((At { file, function }, expression.span));
            }
        });
    }
    anchors
}

/// `sys.stdout = sys.stderr`, `redirect_stdout(..)`: nothing more can be said.
fn redirects<'a>(program: &Program<'a>, sites: &[Site<'a>]) -> bool {
    let redirected = sites.iter().any(|site| {
        let name = path(program, site.at, &site.call.function);
        name.ends_with("redirect_stdout") || name == "os.dup2"
    });
    let mut assigned = false;
    for file in super::files(program, false) {
        program.units()[file].expressions(&mut |_, expression| {
            if let Kind::Assign(target, _) = &expression.kind
                && let Kind::Member(object, name) = &target.kind
            {
                assigned |= name.value == "stdout" && object.name() == Some("sys");
            }
        });
    }
    redirected || assigned
}

/// Functions that answer calls: registered on a server, by decorator or by name.
fn handlers<'a>(program: &Program<'a>, sites: &[Site<'a>]) -> Vec<At> {
    let mut handlers = Vec::new();
    for file in super::files(program, false) {
        for (id, function) in program.units()[file].module.functions.iter().enumerate() {
            let at = At { file, function: function.parent.unwrap_or(0) };
            let registered = function.attributes.iter().any(|attribute| {
                let target = attribute.call().map_or(attribute, |call| &call.function);
                matches!(&target.kind, Kind::Member(object, word)
                    if word.value != "custom_route" && kind_of(program, at, object).is_some())
            });
            if registered {
                handlers.push(At { file, function: id });
            }
        }
    }
    for site in sites {
        let of_server = match &site.call.function.kind {
            Kind::Member(object, _) => kind_of(program, site.at, object).is_some(),
            _ => kind_of(program, site.at, &site.call.function).is_some(),
        };
        if of_server {
            let values = site.call.arguments.iter().filter(|argument| argument.name.as_deref() != Some("lifespan"));
            handlers.extend(values.filter_map(|argument| program.function(site.at, &argument.value)));
        }
    }
    handlers
}

/// What a call is called, where it writes to standard output.
fn write<'a>(program: &Program<'a>, site: Site<'a>) -> Option<String> {
    let call = site.call;
    let function = path(program, site.at, &call.function);
    let is_stdout =
        |value: &'a Expression| matches!(path(program, site.at, value).as_str(), "sys.stdout" | "sys.__stdout__");
    let written = match function.as_str() {
        "print" | "builtins.print" | "rich.print" => call.keyword("file").is_none_or(is_stdout),
        "pprint.pprint" | "pprint.pp" => {
            call.keyword("stream").is_none_or(is_stdout) && call.positional(1).is_none_or(is_stdout)
        }
        "sys.stdout.write" | "sys.stdout.writelines" | "sys.__stdout__.write" => true,
        "click.echo" | "click.secho" | "typer.echo" | "typer.secho" => {
            call.keyword("err").is_none() && call.keyword("file").is_none()
        }
        "rich.console.Console().print" => {
            let Kind::Member(object, _) = &call.function.kind else { return None };
            let made = program.origin(site.at, object).1.call()?;
            made.keyword("stderr").is_none() && made.keyword("file").is_none()
        }
        "logging.StreamHandler" => {
            return call.positional(0).or(call.keyword("stream")).is_some_and(is_stdout).then(|| "logging".to_owned());
        }
        "logging.basicConfig" => {
            return call.keyword("stream").is_some_and(is_stdout).then(|| "logging".to_owned());
        }
        _ => false,
    };
    written.then(|| program.source(site.at.file, call.function.span).to_owned())
}

/// A literal text: in a server that writes its own frames, only such writes are noise.
fn is_prose<'a>(program: &Program<'a>, site: Site<'a>) -> bool {
    let word = path(program, site.at, &site.call.function);
    if !matches!(word.as_str(), "print" | "rich.print" | "click.echo" | "typer.echo") {
        return false;
    }
    let first = site.call.positional(0).map(|first| &program.origin(site.at, first).1.kind);
    matches!(first, Some(Kind::Text(_) | Kind::Template(_)))
}
