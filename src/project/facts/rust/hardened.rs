//! Servers inside `mcpsec_runtime`: its policy file says what they are reached by, and every guard is in force.

use super::{calls, path};
use crate::project::{
    File,
    facts::{Bind, Endpoint, Facts, Network, Protection},
    program::Program,
};

pub(super) fn add(program: &Program<'_>, all: &[File], facts: &mut Facts) {
    for site in calls(program) {
        let function = path(program, site.at, &site.call.function);
        if !matches!(function.as_str(), "mcpsec_runtime.run" | "mcpsec_runtime.run_with" | "mcpsec_runtime.serve") {
            continue;
        }
        let place = program.place(site.at.file, site.span);
        let (stdio, network) = transports(all, &place.path);
        if stdio {
            facts.stdio.push(place.clone());
        }
        if network {
            let present = || Protection::Present(place.clone());
            facts.endpoints.push(Endpoint {
                place: place.clone(),
                network: Network::Http,
                bind: Bind::Unknown,
                bind_place: place.clone(),
                authentication: present(),
                host_check: present(),
                route: place.clone(),
                rate_limit: present(),
            });
        }
    }
}

/// Whether the nearest policy file names standard input and output, and a network; only the former without one.
fn transports(all: &[File], path: &str) -> (bool, bool) {
    let mut folder = path;
    loop {
        folder = folder.rsplit_once('/').map_or("", |(folder, _)| folder);
        let name = if folder.is_empty() { "mcpsec.toml".to_owned() } else { format!("{folder}/mcpsec.toml") };
        if let Some(file) = all.iter().find(|file| file.path == name) {
            let Ok(policy) = file.text.parse::<toml::Table>() else { return (true, false) };
            let named = policy.get("server").and_then(|server| server.get("transports"));
            let Some(named) = named.and_then(toml::Value::as_array) else { return (true, false) };
            let words: Vec<&str> = named.iter().filter_map(toml::Value::as_str).collect();
            return (words.contains(&"stdio"), words.iter().any(|word| *word != "stdio"));
        }
        if folder.is_empty() {
            return (true, false);
        }
    }
}
