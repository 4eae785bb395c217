//! Writes to standard output of servers that speak the protocol there.

use super::{
    super::{Facts, Moment, StdoutWrite, builds::Build, moments::Moments},
    Scan, attribute,
};
use crate::project::{
    Language, Role,
    program::{At, Site},
    syntax::Span,
};

/// Attributes of functions that answer clients.
const HANDLERS: &[&str] = &["McpServerTool", "McpServerPrompt", "McpServerResource"];

pub(super) fn add(scan: &Scan<'_, '_>, facts: &mut Facts) {
    let stdio: Vec<&Build> = facts.stdio.iter().filter_map(|place| scan.builds.around(&place.path)).collect();
    if stdio.is_empty() {
        return;
    }
    for (index, build) in stdio.iter().enumerate() {
        if !stdio[..index].iter().any(|other| std::ptr::eq(*other, *build)) {
            logger(scan, build, facts);
        }
    }
    let writes: Vec<&Site<'_>> = scan.calls.iter().filter(|site| is_write(scan, site)).collect();
    if writes.is_empty() {
        return;
    }
    let starts = ["AddMcpServer", "WithStdioServerTransport", "StdioServerTransport"];
    let anchors = scan.calls.iter().filter(|site| starts.contains(&site.call.written()));
    let anchors: Vec<(At, Span)> = anchors.map(|site| (site.at, site.span)).collect();
    let moments = Moments::new(scan.program, Language::CSharp, &anchors, &handlers(scan));
    for site in writes {
        let unit = scan.program.unit(site.at);
        let build = scan.builds.around(unit.path);
        if !build.is_some_and(|build| stdio.iter().any(|other| std::ptr::eq(*other, build))) {
            continue;
        }
        let product = matches!(unit.role, Role::Product);
        let moment = if product { moments.of(site.at, site.span) } else { Moment::Elsewhere };
        let call = scan.program.source(site.at.file, site.call.function.span).to_owned();
        facts.stdout_writes.push(StdoutWrite { place: scan.place(site.at, site.span), call, moment });
    }
}

/// `Console.WriteLine(..)`, `Console.Out.Write(..)`
fn is_write<'a>(scan: &Scan<'_, 'a>, site: &Site<'a>) -> bool {
    let method = site.call.written();
    if !matches!(method, "Write" | "WriteLine" | "WriteAsync" | "WriteLineAsync") {
        return false;
    }
    let symbol = scan.program.symbol(site.at, &site.call.function).unwrap_or_default();
    let symbol = symbol.strip_prefix("System.").unwrap_or(&symbol);
    symbol.strip_suffix(method).is_some_and(|object| matches!(object, "Console." | "Console.Out."))
}

fn handlers(scan: &Scan<'_, '_>) -> Vec<At> {
    let mut found = Vec::new();
    for file in scan.program.files_of(Language::CSharp, false) {
        let functions = scan.program.units()[file].module.functions.iter().enumerate();
        let marked = functions.filter(|(_, one)| one.attributes.iter().any(|it| HANDLERS.contains(&attribute(it))));
        found.extend(marked.map(|(function, _)| At { file, function }));
    }
    found
}

/// The host's logger for the console, which writes to standard output unless it is told otherwise.
fn logger(scan: &Scan<'_, '_>, build: &Build, facts: &mut Facts) {
    let speaks = |word: &str| build.files.iter().any(|&file| scan.program.units()[file].text.contains(word));
    let told = ["LogToStandardErrorThreshold", "LogLevel.None", "SetMinimumLevel(LogLevel.None"];
    let set = build.settings.iter().any(|setting| setting.key.ends_with("logtostandarderrorthreshold"));
    if set || told.iter().any(|word| speaks(word)) {
        return;
    }
    let within: Vec<&Site<'_>> = scan.calls.iter().filter(|site| build.files.contains(&site.at.file)).collect();
    let named = |names: &[&str]| within.iter().find(|site| names.contains(&site.call.written())).copied();
    let added = named(&["AddConsole", "AddSimpleConsole", "AddJsonConsole", "AddSystemdConsole"]);
    let cleared = ["ClearProviders", "Serilog", "NLog", "ConfigureLogging"].into_iter().any(speaks);
    let host = || {
        let made = |site: &&&Site<'_>| {
            let source = scan.program.source(site.at.file, site.call.function.span);
            ["Host.CreateApplicationBuilder", "Host.CreateDefaultBuilder", "WebApplication.CreateBuilder"]
                .iter()
                .any(|name| source.ends_with(name))
        };
        let starts = |site: &&&Site<'_>| facts.stdio.iter().any(|place| place.path == scan.path(site.at));
        within.iter().filter(starts).find(made).copied().filter(|_| !cleared)
    };
    if let Some(site) = added.or_else(host) {
        let call = scan.program.source(site.at.file, site.call.function.span);
        let call = call.rsplit('.').next().unwrap_or(call);
        let call = format!("{call}, whose console logger has no `LogToStandardErrorThreshold`,");
        let place = scan.place(site.at, site.call.function.span);
        facts.stdout_writes.push(StdoutWrite { place, call, moment: Moment::Starting });
    }
}
