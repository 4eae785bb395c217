//! Who can connect: the host of an address such as `:8080`, or its default.

use super::{super::Bind, Scan, settings::Setting, written};
use crate::{
    finding::Place,
    project::{
        program::At,
        syntax::{Entry, Expression, Kind, Part},
    },
};

/// Names followed in a row.
const MAX_STEPS: usize = 6;

/// The addresses behind a host's name.
fn classify(host: &str) -> Bind {
    let host = host.trim().trim_start_matches('[').trim_end_matches(']').to_ascii_lowercase();
    match host.as_str() {
        "localhost" | "::1" => Bind::Loopback,
        "0.0.0.0" | "::" | "" | "*" => Bind::All,
        _ if host.starts_with("127.") => Bind::Loopback,
        _ => Bind::Address(host),
    }
}

/// The host of `host:port`, as far as it is written: `:8080` has none.
fn host_of(address: &str) -> Option<Bind> {
    let (host, _) = address.rsplit_once(':')?;
    Some(classify(host))
}

fn configured(bind: Bind) -> Bind {
    match bind {
        Bind::Loopback => Bind::ConfiguredLoopback,
        Bind::All => Bind::ConfiguredAll,
        Bind::Address(_) => Bind::Unknown,
        known => known,
    }
}

/// What holds by default where several values are possible: with one that is every interface, that one.
fn among(binds: Vec<Bind>) -> Bind {
    match binds.as_slice() {
        [] => Bind::Unknown,
        [only] => only.clone(),
        [first, rest @ ..] if rest.iter().all(|bind| bind == first) => first.clone(),
        all if all.iter().any(|bind| matches!(bind, Bind::Loopback | Bind::ConfiguredLoopback)) => {
            let other = all.iter().any(|bind| matches!(bind, Bind::All | Bind::ConfiguredAll));
            if other { Bind::Unknown } else { Bind::ConfiguredLoopback }
        }
        all if all.iter().any(|bind| matches!(bind, Bind::All | Bind::ConfiguredAll)) => Bind::ConfiguredAll,
        _ => Bind::Unknown,
    }
}

impl<'a> Scan<'_, 'a> {
    /// Where a listener binds whose address is this expression.
    /// Who can connect, and where the address that says so is written: the widest of those that it may be.
    pub(super) fn listening(&self, at: At, address: &'a Expression) -> (Bind, Place) {
        let bind = self.address(at, address);
        let origins = self.program.origins(at, address);
        let wide = |(owner, origin): &&(At, &'a Expression)| {
            matches!(self.address(*owner, origin), Bind::All | Bind::ConfiguredAll)
        };
        let (owner, written) = origins.iter().find(wide).or(origins.first()).copied().unwrap_or((at, address));
        (bind, self.place(owner, written))
    }

    pub(super) fn address(&self, at: At, address: &'a Expression) -> Bind {
        self.address_within(at, address, MAX_STEPS)
    }

    fn address_within(&self, at: At, address: &'a Expression, steps: usize) -> Bind {
        let Some(steps) = steps.checked_sub(1) else { return Bind::Unknown };
        if let Some(text) = self.program.text(at, address) {
            // An empty address is `:http`.
            return if text.is_empty() { Bind::All } else { host_of(&text).unwrap_or(Bind::Unknown) };
        }
        match &address.kind {
            Kind::Template(parts) => return self.first(at, parts, steps),
            Kind::Binary(operator, first, _) if operator == "+" => {
                let mut first = &**first;
                while let Kind::Binary(_, inner, _) = &first.kind {
                    first = inner;
                }
                return match self.program.text(at, first) {
                    Some(text) => host_of(&text).unwrap_or(Bind::Unknown),
                    None => self.host(at, first, steps),
                };
            }
            Kind::Call(call) if written(call) == "JoinHostPort" => {
                return call.positional(0).map_or(Bind::Unknown, |host| self.host(at, host, steps));
            }
            Kind::Call(call) => {
                if let Some(default) = self.flag(at, call) {
                    return configured(host_of(&default).unwrap_or(Bind::Unknown));
                }
            }
            _ => {}
        }
        let origins = self.program.origins(at, address);
        let bind = if origins.iter().all(|(_, origin)| origin.span == address.span) {
            self.option(at, address, &host_of)
        } else {
            among(origins.into_iter().map(|(owner, origin)| self.address_within(owner, origin, steps)).collect())
        };
        self.or_set(bind, at, address, &|owner, value| self.address_within(owner, value, steps.min(2)), &host_of)
    }

    /// What is known, or else what is set apart from the declaration.
    fn or_set(
        &self,
        known: Bind,
        at: At,
        read: &'a Expression,
        follow: &dyn Fn(At, &'a Expression) -> Bind,
        judge: &dyn Fn(&str) -> Option<Bind>,
    ) -> Bind {
        if known != Bind::Unknown {
            return known;
        }
        let settings = self.settings(at, read).into_iter();
        let mut found: Vec<Bind> = settings
            .filter_map(|setting| match setting {
                Setting::Value(owner, value) => Some(follow(owner, value)),
                Setting::Default(text) => judge(&text),
            })
            .collect();
        found.retain(|bind| !matches!(bind, Bind::Unknown | Bind::Address(_)));
        configured(among(found))
    }

    /// `fmt.Sprintf("%s:%d", host, port)`
    fn first(&self, at: At, parts: &'a [Part], steps: usize) -> Bind {
        match parts {
            [Part::Text(text), ..] => host_of(text).unwrap_or(Bind::Unknown),
            [Part::Value(host), Part::Text(text), ..] if text.starts_with(':') => self.host(at, host, steps),
            _ => Bind::Unknown,
        }
    }

    fn host(&self, at: At, host: &'a Expression, steps: usize) -> Bind {
        let Some(steps) = steps.checked_sub(1) else { return Bind::Unknown };
        if let Some(text) = self.program.text(at, host) {
            return classify(&text);
        }
        if let Some(default) = host.call().and_then(|call| self.flag(at, call)) {
            return configured(classify(&default));
        }
        let judge = |text: &str| Some(classify(text));
        let origins = self.program.origins(at, host);
        let bind = if origins.iter().all(|(_, origin)| origin.span == host.span) {
            self.option(at, host, &judge)
        } else {
            among(origins.into_iter().map(|(owner, origin)| self.host(owner, origin, steps)).collect())
        };
        self.or_set(bind, at, host, &|owner, value| self.host(owner, value, steps.min(2)), &judge)
    }

    /// The address that is assigned to a server after it was made: `srv.Addr = addr`.
    pub(super) fn assigned_address(&self, at: At, server: &Expression) -> Option<(Bind, Place)> {
        let mut found = None;
        self.program.function_at(at).expressions(&mut |expression| {
            if let Kind::Assign(target, value) = &expression.kind
                && let Kind::Member(object, field) = &target.kind
                && field.value == "Addr"
                && server.name().is_some_and(|name| object.name() == Some(name))
            {
                found = Some(self.listening(at, value));
            }
        });
        found
    }

    /// The default of `flag.String("host", "127.0.0.1", "..")`, and of a helper such as `getEnv("HOST", "127.0.0.1")`.
    pub(super) fn flag(&self, at: At, call: &'a crate::project::syntax::Call) -> Option<String> {
        let name = written(call);
        let position = match name {
            "String" => 1,
            "StringVar" => 2,
            "StringP" => 2,
            "StringVarP" => 3,
            _ if name.to_ascii_lowercase().contains("env") && call.arguments.len() == 2 => 1,
            "Or" => 1,
            _ => return None,
        };
        call.positional(position).and_then(|default| self.program.text(at, default))
    }

    /// The default of an option that is read as `cfg.Host` or `viper.GetString("host")`: where a flag or record sets it.
    fn option(&self, at: At, read: &'a Expression, bind: &dyn Fn(&str) -> Option<Bind>) -> Bind {
        let key = match &read.kind {
            Kind::Member(_, name) => name.value.clone(),
            Kind::Name(name) => name.clone(),
            Kind::Call(call) => match call.positional(0).and_then(Expression::text) {
                Some(name) if written(call) == "GetString" => name.to_owned(),
                _ => return Bind::Unknown,
            },
            _ => return Bind::Unknown,
        };
        let plain = |text: &str| text.replace(['-', '_', '.'], "").to_ascii_lowercase();
        let key = plain(&key);
        if !["host", "addr", "address", "bind", "listen"].iter().any(|word| key.contains(word)) {
            return Bind::Unknown;
        }
        let mut found = Vec::new();
        for file in self.program.closure(at.file) {
            self.program.units()[file].expressions(&mut |function, expression| {
                let owner = At { file, function };
                match &expression.kind {
                    Kind::Call(call) => {
                        let names = call.arguments.iter().take(2).filter_map(|argument| argument.value.text());
                        let named = names.map(plain).any(|name| name == key);
                        if named && written(call).starts_with("String") {
                            found.extend(self.flag(owner, call).and_then(|default| bind(&default)));
                        }
                        if named && written(call) == "SetDefault" {
                            let default = call.positional(1).and_then(|value| self.program.text(owner, value));
                            found.extend(default.and_then(|default| bind(&default)));
                        }
                    }
                    Kind::Record(record) => {
                        let values = record.entries.iter().filter_map(|entry| match entry {
                            Entry::Field(name, value) if plain(&name.value) == key => Some(value),
                            _ => None,
                        });
                        found.extend(values.filter_map(|v| self.program.text(owner, v)).filter_map(|text| bind(&text)));
                    }
                    _ => {}
                }
            });
        }
        found.retain(|bind| !matches!(bind, Bind::Address(_)));
        if found.is_empty() { Bind::Unknown } else { configured(among(found)) }
    }
}
