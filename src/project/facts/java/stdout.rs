//! Writes to standard output of servers that speak the protocol there.

use super::{
    super::{Facts, Moment, StdoutWrite, builds::Build, moments::Moments},
    Known, Scan,
    servers::{Framework, offered},
};
use crate::{
    finding::Place,
    project::{
        Language, Role,
        program::At,
        syntax::{Kind, Span},
    },
};

pub(super) fn add(scan: &Scan<'_, '_>, facts: &mut Facts) {
    let stdio: Vec<&Build> = facts.stdio.iter().filter_map(|place| scan.builds.around(&place.path)).collect();
    if stdio.is_empty() {
        return;
    }
    banners(scan, facts);
    let writes: Vec<&Known<'_>> = scan.calls.iter().filter(|known| is_write(scan, known)).collect();
    if writes.is_empty() {
        return;
    }
    let moments = Moments::new(scan.program, Language::Java, &anchors(scan, facts), &handlers(scan));
    for known in writes {
        let at = known.site.at;
        let unit = scan.program.unit(at);
        let build = scan.builds.around(unit.path);
        let speaks = build.is_some_and(|build| stdio.iter().any(|other| std::ptr::eq(*other, build)));
        // This extension turns standard output away from everybody else.
        let kept = build.is_some_and(|build| Framework::of(scan, build) == Some(Framework::Quarkus));
        if !speaks || kept {
            continue;
        }
        let product = matches!(unit.role, Role::Product);
        let moment = if product { moments.of(at, known.site.span) } else { Moment::Elsewhere };
        let call = scan.program.source(at.file, known.site.call.function.span).to_owned();
        facts.stdout_writes.push(StdoutWrite { place: scan.place(at, known.site.span), call, moment });
    }
}

/// `System.out.println(..)`, `error.printStackTrace(System.out)`
fn is_write(scan: &Scan<'_, '_>, known: &Known<'_>) -> bool {
    let method = known.site.call.written();
    if method == "printStackTrace" {
        let first = known.site.call.positional(0);
        return first.is_some_and(|first| scan.program.source(known.site.at.file, first.span) == "System.out");
    }
    matches!(method, "print" | "println" | "printf" | "format" | "write" | "append")
        && known.symbol.strip_suffix(method) == Some("System.out.")
}

/// Where a server starts to speak.
fn anchors(scan: &Scan<'_, '_>, facts: &Facts) -> Vec<(At, Span)> {
    let starts = ["SpringApplication.run", "McpServer.sync", "McpServer.async", "StdioServerTransportProvider"];
    let of_calls = scan.calls.iter().filter(|known| starts.iter().any(|start| known.is(start)));
    let within = |place: &Place, known: &Known<'_>| {
        scan.builds
            .around(&place.path)
            .zip(scan.builds.around(scan.path(known.site.at)))
            .is_some_and(|(a, b)| std::ptr::eq(a, b))
    };
    let of_calls = of_calls.filter(|known| facts.stdio.iter().any(|place| within(place, known)));
    of_calls.map(|known| (known.site.at, known.site.span)).collect()
}

/// Functions that answer clients: annotated methods, and what is handed to a specification.
fn handlers(scan: &Scan<'_, '_>) -> Vec<At> {
    let mut found: Vec<At> = scan.builds.iter().flat_map(|build| offered(scan, build)).map(|(at, ..)| at).collect();
    for known in &scan.calls {
        let specifies = known.symbol.contains("ToolSpecification")
            || known.symbol.contains("PromptSpecification")
            || known.symbol.contains("ResourceSpecification")
            || matches!(known.site.call.written(), "toolCall" | "callHandler" | "readHandler" | "promptHandler");
        for argument in known.site.call.arguments.iter().filter(|_| specifies) {
            match &argument.value.kind {
                Kind::Function(function) => found.push(At { file: known.site.at.file, function: *function }),
                Kind::Member(..) | Kind::Name(_) => found.extend(scan.program.function(known.site.at, &argument.value)),
                _ => {}
            }
        }
    }
    found
}

/// Spring Boot prints a banner and logs to the console unless it is told not to; so does Logback.
fn banners(scan: &Scan<'_, '_>, facts: &mut Facts) {
    for build in scan.builds.iter() {
        let inside = |place: &&Place| scan.builds.around(&place.path).is_some_and(|other| std::ptr::eq(other, build));
        let Some(stdio) = facts.stdio.iter().find(inside).cloned() else { continue };
        let framework = Framework::of(scan, build);
        if framework == Some(Framework::Quarkus) {
            continue;
        }
        for place in build.loggers.iter().filter_map(|(_, place)| place.clone()) {
            let call = "ConsoleAppender, which has no `<target>System.err</target>`,".to_owned();
            facts.stdout_writes.push(StdoutWrite { place, call, moment: Moment::Starting });
        }
        if framework != Some(Framework::Spring) {
            continue;
        }
        let place = build.setting("spring.ai.mcp.server.stdio").map_or(stdio, |setting| setting.place.clone());
        let call = match (banner(scan, build), logs(build)) {
            (true, true) => "Spring Boot, whose banner and console log are not switched off,",
            (true, false) => "Spring Boot, whose banner is not switched off,",
            (false, true) => "Spring Boot, whose console log is not switched off,",
            (false, false) => continue,
        };
        facts.stdout_writes.push(StdoutWrite { place, call: call.to_owned(), moment: Moment::Starting });
    }
}

/// Whether `spring.main.banner-mode=off` and its like are missing.
fn banner(scan: &Scan<'_, '_>, build: &Build) -> bool {
    let mode = build.setting("spring.main.bannermode").map(|setting| setting.value.to_ascii_lowercase());
    let silent = scan.calls.iter().any(|known| {
        build.files.contains(&known.site.at.file) && matches!(known.site.call.written(), "setBannerMode" | "bannerMode")
    });
    !silent && !matches!(mode.as_deref(), Some("off" | "false" | "log"))
}

/// Whether `logging.pattern.console=` and its like are missing. A configuration of the logger is judged for itself.
fn logs(build: &Build) -> bool {
    let off = |key: &str| {
        let value = build.setting(key).map(|setting| setting.value.to_ascii_lowercase());
        matches!(value.as_deref(), Some("off" | "false"))
    };
    build.loggers.is_empty()
        && build.setting("logging.pattern.console").is_none()
        && build.setting("logging.config").is_none()
        && !["logging.threshold.console", "logging.level.root", "logging.console.enabled"].into_iter().any(off)
}
