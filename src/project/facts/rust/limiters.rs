//! Limiters of Rust servers, and why some do not limit.

use super::{calls, path, word};
use crate::project::{
    facts::{Facts, Limiter},
    program::{Program, Site},
    syntax::{Expression, Kind},
};

/// Calls in a burst above which a limit limits nobody.
const MANY: u64 = 10_000;

pub(super) fn add(program: &Program<'_>, facts: &mut Facts) {
    for site in calls(program) {
        let function = path(program, site.at, &site.call.function);
        let governor = function.starts_with("tower_governor.") && word(site.call) == "finish";
        let tower = function == "tower.limit.RateLimitLayer.new" || function.ends_with(".RateLimitLayer.new");
        if !governor && !tower {
            continue;
        }
        let weakness = if governor { of_chain(site) } else { number(site.call.positional(0)).and_then(huge) };
        facts.limiters.push(Limiter { place: program.place(site.at.file, site.span), weakness });
    }
}

/// `GovernorConfigBuilder::default().per_second(..).burst_size(..).finish()`
fn of_chain<'a>(site: Site<'a>) -> Option<String> {
    let mut next = Some(site.call);
    while let Some(call) = next {
        let argument = call.positional(0);
        match word(call) {
            "burst_size" => {
                if let Some(weakness) = number(argument).and_then(huge) {
                    return Some(weakness);
                }
            }
            "key_extractor" => {
                let mut global = false;
                argument?.walk(&mut |part| global |= part.name() == Some("GlobalKeyExtractor"));
                if global {
                    return Some("all clients share one key: `GlobalKeyExtractor`".to_owned());
                }
            }
            _ => {}
        }
        next = match &call.function.kind {
            Kind::Member(object, _) => object.call(),
            _ => None,
        };
    }
    None
}

fn number(argument: Option<&Expression>) -> Option<u64> {
    match &argument?.kind {
        Kind::Number(number) => number.replace('_', "").trim_end_matches(char::is_alphabetic).parse().ok(),
        _ => None,
    }
}

fn huge(count: u64) -> Option<String> {
    (count > MANY).then(|| format!("{count} calls are more than anybody makes"))
}
