//! Environment variables of the systems that people come from. They win over the file.

use std::time::Duration;

use crate::{Key, Policy, Rate, environment::Origin, keys::KeyRecord, read::Reader};

const KEYS: &str = "MCP_API_KEYS";
const RATE_MAX: &str = "MCP_RATE_LIMIT_MAX";
const RATE_WINDOW: &str = "MCP_RATE_LIMIT_WINDOW_MS";

/// Applies what the environment says to `policy`.
pub(super) fn apply(reader: &mut Reader<'_>, policy: &mut Policy) {
    keys(reader, policy);
    rate(reader, policy);
    let names: Vec<String> = reader.environment.names().map(str::to_owned).collect();
    for name in names {
        if let Some(why) = not_enforced(&name) {
            let fix = format!("unset it, or start the server with `env -u {name}`: {why}");
            reader.environment_problem(format!("`{name}` is not enforced by this build"), &fix);
        }
    }
}

/// Why a variable has no effect here, where it is one that promises something.
fn not_enforced(name: &str) -> Option<&'static str> {
    if name.starts_with("OTEL_") {
        Some("this build exports no traces, metrics or logs; its log is on standard error")
    } else if name.starts_with("MCP_JWT_") && !matches!(name, "MCP_JWT_SECRET" | "MCP_JWT_AUDIENCE") {
        Some("what else is asked of a token is in [auth.jwt] of the policy file")
    } else if name.starts_with("MCP_RESILIENCE_") {
        Some("breakers and retries are in [resilience] of the policy file, limits and deadlines in [limits]")
    } else {
        None
    }
}

fn keys(reader: &mut Reader<'_>, policy: &mut Policy) {
    let Some(list) = reader.environment.get(KEYS) else { return };
    for (index, text) in list.split(',').map(str::trim).enumerate() {
        match Key::parse(text) {
            Ok(key) if policy.auth.environment_keys.iter().any(|record| record.id == key.id()) => {
                let message = format!("`{KEYS}`: the key with the id `{}` is in the list twice", key.id());
                reader.environment_problem(message, "remove one of them");
            }
            Ok(key) => policy.auth.environment_keys.push(KeyRecord::of(&key)),
            Err(_) => {
                let message = format!("`{KEYS}`: entry {} is not a key that `mcpsec key new` made", index + 1);
                reader
                    .environment_problem(message, "a value that people think up can be guessed; run `mcpsec key new`");
            }
        }
    }
    reader.origins.set("auth.environment_keys", Origin::Environment(KEYS.to_owned()));
}

fn rate(reader: &mut Reader<'_>, policy: &mut Policy) {
    let (max, window) = match (reader.environment.get(RATE_MAX), reader.environment.get(RATE_WINDOW)) {
        (None, None) => return,
        (Some(max), Some(window)) => (max, window),
        (max, _) => {
            let (set, unset) = if max.is_some() { (RATE_MAX, RATE_WINDOW) } else { (RATE_WINDOW, RATE_MAX) };
            let message = format!("`{set}` is set and `{unset}` is not: together they are `rate.default`");
            return reader.environment_problem(message, "set both or none, or write `default = \"100/min\"` in [rate]");
        }
    };
    let number = |text: &str| text.trim().parse::<u32>().ok().and_then(std::num::NonZeroU32::new);
    match (number(max), number(window)) {
        (Some(count), Some(millis)) => {
            policy.rate.default = Rate { count, period: Duration::from_millis(u64::from(millis.get())) };
            reader.origins.set("rate.default", Origin::Environment(format!("{RATE_MAX} and {RATE_WINDOW}")));
        }
        (count, _) => {
            let wrong = if count.is_none() { RATE_MAX } else { RATE_WINDOW };
            let message = format!("`{wrong}` is not a whole number from 1 to {}", u32::MAX);
            reader.environment_problem(message, "such as 100 calls in 60000 milliseconds");
        }
    }
}
