//! Who can connect: what the host of a listener is, or is by default.

use super::{super::Bind, Scan, secret_defaults::variable};
use crate::project::{
    program::At,
    syntax::{Entry, Expression, Kind},
};

/// Names followed in a row.
const MAX_STEPS: usize = 6;

/// The addresses behind a host's name.
pub(super) fn classify(host: &str) -> Bind {
    let host = host.trim().trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase();
    match host.as_str() {
        "localhost" | "::1" | "0:0:0:0:0:0:0:1" => Bind::Loopback,
        "0.0.0.0" | "::" | "" | "0" | "*" => Bind::All,
        _ if host.starts_with("127.") => Bind::Loopback,
        _ => Bind::Address(host),
    }
}

/// The same, unless configuration says otherwise.
fn configured(bind: Bind) -> Bind {
    match bind {
        Bind::Loopback => Bind::ConfiguredLoopback,
        Bind::All => Bind::ConfiguredAll,
        Bind::Address(_) => Bind::Unknown,
        known => known,
    }
}

/// What holds whichever of these it is.
fn either(binds: impl IntoIterator<Item = Bind>) -> Bind {
    let mut result = None;
    for bind in binds {
        result = Some(match (result, bind) {
            (None, bind) => bind,
            (Some(a), b) if a == b => a,
            (Some(a), b) if configured(a.clone()) == configured(b.clone()) => configured(a),
            _ => return Bind::Unknown,
        });
    }
    result.unwrap_or(Bind::Unknown)
}

impl<'a> Scan<'_, 'a> {
    /// Where a listener binds whose host is this expression; `missing` where the value is not there.
    pub(super) fn bind(&self, at: At, host: &'a Expression, missing: &Bind) -> Bind {
        self.bind_within(at, host, missing, MAX_STEPS)
    }

    fn bind_within(&self, at: At, host: &'a Expression, missing: &Bind, steps: usize) -> Bind {
        let Some(steps) = steps.checked_sub(1) else { return Bind::Unknown };
        match &host.kind {
            Kind::Text(text) => return classify(text),
            Kind::Null => return missing.clone(),
            Kind::Binary(operator, _, fallback) if matches!(operator.as_str(), "||" | "??") => {
                return configured(self.bind_within(at, fallback, missing, steps));
            }
            Kind::Conditional(condition, then, otherwise) => {
                let (then, otherwise) =
                    (self.bind_within(at, then, missing, steps), self.bind_within(at, otherwise, missing, steps));
                // `process.env.X ? a : b`: without the variable it is the second.
                let unset = variable(condition).is_some() && !matches!(&condition.kind, Kind::Unary(..));
                return if then == otherwise {
                    then
                } else if unset {
                    configured(otherwise)
                } else {
                    Bind::Unknown
                };
            }
            _ if variable(host).is_some() => return configured(missing.clone()),
            Kind::Call(call) => {
                // `String(x)`, `x.trim()`
                let inner = match &call.function.kind {
                    Kind::Member(object, method) if matches!(method.value.as_str(), "trim" | "toString") => {
                        Some(&**object)
                    }
                    Kind::Name(name) if name == "String" => call.positional(0),
                    _ => None,
                };
                if let Some(inner) = inner {
                    return self.bind_within(at, inner, missing, steps);
                }
            }
            _ => {}
        }
        let origins = self.program.origins(at, host);
        let itself = |origin: &Expression| origin.span == host.span;
        if origins.iter().all(|(_, origin)| itself(origin)) {
            return self.option(at, host, missing);
        }
        let values = origins.into_iter().filter(|(_, origin)| !itself(origin));
        // Alternatives were taken apart: with one that is set from outside, the others are defaults.
        let (mut fixed, mut by_environment, mut by_options) = (Vec::new(), false, false);
        for (owner, origin) in values {
            match &origin.kind {
                _ if variable(origin).is_some() => by_environment = true,
                Kind::Name(_) | Kind::Member(..) => match self.option(owner, origin, missing) {
                    Bind::Unknown => by_options = true,
                    bind => fixed.push(bind),
                },
                _ => fixed.push(self.bind_within(owner, origin, missing, steps)),
            }
        }
        match (fixed.is_empty(), by_environment || by_options) {
            (true, _) if by_options => Bind::Unknown,
            (true, _) => configured(missing.clone()),
            (false, true) => configured(either(fixed)),
            (false, false) => either(fixed),
        }
    }

    /// The default of an option that is read somewhere as `options.host`, `argv.host`, `config.server.host`.
    fn option(&self, at: At, read: &'a Expression, missing: &Bind) -> Bind {
        let key = match &read.kind {
            Kind::Member(_, name) => name.value.as_str(),
            Kind::Name(name) => name.as_str(),
            _ => return Bind::Unknown,
        };
        if !matches!(
            key.to_ascii_lowercase().as_str(),
            "host" | "hostname" | "bind" | "address" | "bindaddress" | "bindhost" | "listen"
        ) {
            return Bind::Unknown;
        }
        let mut found = Vec::new();
        let mut flags_without_default = false;
        for file in self.program.closure(at.file) {
            self.program.units()[file].expressions(&mut |function, expression| {
                let owner = At { file, function };
                match &expression.kind {
                    Kind::Record(record) => {
                        for entry in &record.entries {
                            if let Entry::Field(name, value) = entry
                                && name.value.eq_ignore_ascii_case(key)
                            {
                                found.extend(self.default_in(owner, value));
                            }
                        }
                    }
                    Kind::Call(call) if super::written(call) == "option" => {
                        let name = call.positional(0).and_then(Expression::text).unwrap_or_default();
                        let flag =
                            name.split([' ', ',']).any(|word| word.trim_start_matches('-').eq_ignore_ascii_case(key));
                        if flag {
                            let last = call.arguments.iter().skip(1).next_back();
                            let default = last.and_then(|last| self.default_in(owner, &last.value));
                            // `.option("--host <host>", "where to listen")`: nothing but a description.
                            let described = |value: &Expression| value.text().is_some_and(|text| text.contains(' '));
                            flags_without_default |= call.arguments.len() == 2
                                && default.is_none()
                                && last.is_some_and(|last| described(&last.value));
                            found.extend(default);
                        }
                    }
                    _ => {}
                }
            });
        }
        match (found.is_empty(), flags_without_default) {
            (false, _) => configured(either(found)),
            (true, true) => configured(missing.clone()),
            (true, false) => Bind::Unknown,
        }
    }

    /// A host that is written as a default: `"127.0.0.1"`, `x || "127.0.0.1"`, `{ default: ".." }`, `z.string().default("..")`.
    fn default_in(&self, at: At, value: &'a Expression) -> Option<Bind> {
        let text = |value: &'a Expression| {
            let text = self.program.text(at, value)?;
            // A sentence is a description.
            (!text.contains(' ')).then(|| classify(&text)).filter(|bind| !matches!(bind, Bind::Address(_)))
        };
        match &value.kind {
            Kind::Text(_) => text(value),
            Kind::Binary(operator, _, fallback) if matches!(operator.as_str(), "||" | "??") => text(fallback),
            Kind::Record(record) => text(record.get("default").or(record.get("defaultValue"))?),
            Kind::Call(call) => match &call.function.kind {
                Kind::Member(_, method) if method.value == "default" => text(call.positional(0)?),
                Kind::Member(object, _) => self.default_in(at, object),
                _ => None,
            },
            _ => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_hosts_are_classified_and_combined() {
        assert_eq!(classify("127.0.0.1"), Bind::Loopback);
        assert_eq!(classify("[::1]"), Bind::Loopback);
        assert_eq!(classify("::"), Bind::All);
        assert_eq!(classify("10.0.0.1"), Bind::Address("10.0.0.1".to_owned()));
        assert_eq!(either([Bind::Loopback, Bind::ConfiguredLoopback]), Bind::ConfiguredLoopback);
        assert_eq!(either([Bind::Loopback, Bind::All]), Bind::Unknown);
        assert_eq!(either([]), Bind::Unknown);
    }
}
