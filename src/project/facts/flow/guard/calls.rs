//! Calls as conditions: methods of texts and sets, and functions of the project.

use super::{Proof, Subject, all, alphabet::Alphabet, either, literal_set, text::pattern_text};
use crate::project::{
    facts::{
        Weakness,
        flow::{
            comprehension::iterated,
            engine::Run,
            environment::{Environment, Fact, Via},
            mask::Mask,
            taint::dotted,
        },
    },
    program::{At, Program},
    syntax::{Call, Expression, Kind, Span},
};

/// Words of functions that look at where a host leads.
const ADDRESS_WORDS: &[&str] = &[
    "private",
    "internal",
    "loopback",
    "localhost",
    "reserved",
    "link_local",
    "metadata",
    "ssrf",
    "blocked",
    "public",
];

impl<'a> Run<'_, '_, 'a> {
    pub(super) fn call_proof(
        &mut self,
        call: &'a Call,
        span: Span,
        environment: &mut Environment,
        steps: usize,
    ) -> Proof {
        if let Some(proof) = self.asked_guard(call) {
            return proof;
        }
        let symbol = self.program().symbol(self.at, &call.function).unwrap_or_default();
        if let Some(target) = self.program().function(self.at, &call.function) {
            let own = self.function_proof(call, target, environment);
            let judged = own.when_true.iter().chain(&own.when_false).any(|fact| !fact.mask.is_empty());
            return if judged { own } else { self.addresses(call, span, environment, own) };
        }
        let method = match &call.function.kind {
            Kind::Member(_, method) => method.value.as_str(),
            Kind::Name(name) => name.as_str(),
            _ => "",
        };
        if let Some(proof) = self.path_test(&symbol, method, call, span, environment) {
            return proof;
        }
        if let Some(proof) = self.set_or_text(&symbol, method, call, span, environment) {
            return proof;
        }
        if let Some(proof) = self.pattern_test(method, call, span, environment) {
            return proof;
        }
        if let Some(proof) = self.some_of(method, call, environment, steps) {
            return proof;
        }
        self.addresses(call, span, environment, Proof::default())
    }

    /// `SET.includes(x)`, `x.startsWith(root + sep)`, `strings.HasPrefix(x, ..)`
    fn set_or_text(
        &mut self,
        symbol: &str,
        method: &str,
        call: &'a Call,
        span: Span,
        environment: &mut Environment,
    ) -> Option<Proof> {
        let first = call.positional(0)?;
        if let Some(proof) = self.go_text(symbol, call, span, environment) {
            return Some(proof);
        }
        if method == "matches!" {
            return self.matches_literals(first, call.positional(1)?, environment);
        }
        let Kind::Member(object, _) = &call.function.kind else { return None };
        // Rust: `x.contains(['/', '\\'])`
        if let ("contains", Kind::List(characters)) = (method, &first.kind)
            && self.is_text_value(object, environment)
        {
            let characters: Vec<String> =
                characters.iter().filter_map(|character| self.program().text(self.at, character)).collect();
            let facts = characters.iter().map(|literal| self.contains_text(object, literal, span, environment));
            let when_false = facts.flat_map(|proof| proof.when_false).collect();
            return Some(Proof { when_false, ..Proof::default() });
        }
        match method {
            "includes" | "has" | "contains" | "contains_key" | "hasOwnProperty" | "__contains__" | "hasOwn" => {
                if let Some(literal) = self.program().text(self.at, first)
                    && !literal_set(self.program(), self.at, object)
                {
                    return Some(self.contains_text(object, &literal, span, environment));
                }
                let subject = self.subject(first, environment)?;
                if self.value(object, environment).is_some() {
                    return None;
                }
                Some(self.in_set(&subject, object, span))
            }
            "startsWith" | "startswith" | "starts_with" => {
                let subject = self.subject(object, environment)?;
                if let Kind::List(items) = &first.kind {
                    let proofs: Vec<Proof> = items
                        .iter()
                        .map(|item| self.begins_with(&subject, (object, item), span, environment))
                        .collect();
                    return proofs.into_iter().reduce(|a, b| Proof {
                        when_true: either(&a.when_true, &b.when_true, None),
                        when_false: [a.when_false, b.when_false].concat(),
                        equals: None,
                    });
                }
                Some(self.begins_with(&subject, (object, first), span, environment))
            }
            "endsWith" | "endswith" | "ends_with" => {
                let subject = self.subject(object, environment)?;
                Some(self.ends_with(&subject, first, span))
            }
            _ => None,
        }
    }

    /// `strings.HasPrefix(x, ..)`, `slices.Contains(set, x)`
    fn go_text(&mut self, symbol: &str, call: &'a Call, span: Span, environment: &mut Environment) -> Option<Proof> {
        let first = call.positional(0)?;
        match symbol {
            "strings.HasPrefix" => {
                let subject = self.subject(first, environment)?;
                Some(self.begins_with(&subject, (first, call.positional(1)?), span, environment))
            }
            "strings.Contains" => {
                let literal = self.program().text(self.at, call.positional(1)?)?;
                Some(self.contains_text(first, &literal, span, environment))
            }
            "strings.HasSuffix" => {
                let subject = self.subject(first, environment)?;
                Some(self.ends_with(&subject, call.positional(1)?, span))
            }
            "slices.Contains" => {
                let subject = self.subject(call.positional(1)?, environment)?;
                Some(self.in_set(&subject, first, span))
            }
            _ => None,
        }
    }

    /// A host below a fixed domain; anything else that a text ends with proves nothing.
    fn ends_with(&self, subject: &Subject, suffix: &'a Expression, span: Span) -> Proof {
        if subject.via != Via::Host {
            return Proof::default();
        }
        let (_, value) = self.program().value(self.at, suffix);
        let dotted = match &value.kind {
            Kind::Text(text) => text.starts_with('.'),
            Kind::Template(parts) => {
                matches!(parts.first(), Some(crate::project::syntax::Part::Text(text)) if text.starts_with('.'))
            }
            Kind::Binary(_, a, _) => a.text() == Some("."),
            _ => false,
        };
        if dotted {
            return Proof { when_true: self.fixed(subject), ..Proof::default() };
        }
        let fact = self.weak(subject, Weakness::Hosts, span);
        Proof { when_true: vec![fact.clone()], when_false: vec![fact], equals: None }
    }

    /// Patterns, and tests for digits and letters.
    fn pattern_test(&mut self, method: &str, call: &'a Call, span: Span, environment: &Environment) -> Option<Proof> {
        let Kind::Member(object, _) = &call.function.kind else { return None };
        let first = call.positional(0);
        match method {
            "isalnum" | "isalpha" | "isidentifier" => {
                let name = self.subject(object, environment)?.name;
                let mask = if method == "isidentifier" { Mask::ALL } else { Alphabet::plain().harmless() };
                let fact = Fact { name, mask: mask | Mask::OBJECT, ..Fact::default() };
                Some(Proof { when_true: vec![fact], ..Proof::default() })
            }
            "isInteger" | "isSafeInteger" | "isFinite" => {
                Some(Proof { when_true: vec![all(first.and_then(dotted)?)], ..Proof::default() })
            }
            // `re.match(pattern, x)`, `re.fullmatch(pattern, x)`
            "match" | "fullmatch" | "search" if object.name() == Some("re") => {
                let text = call.positional(1)?;
                if let Some(proof) = self.configured_patterns(first?, text, environment) {
                    return Some(proof);
                }
                let proofs: Vec<Proof> = patterns(self.program(), self.at, first?)?
                    .into_iter()
                    .map(
                        |pattern| {
                            if method == "match" { format!("^{}", pattern.trim_start_matches('^')) } else { pattern }
                        },
                    )
                    .map(|pattern| self.matches_pattern(text, &pattern, method == "fullmatch", span, environment))
                    .collect();
                proofs.into_iter().reduce(|a, b| Proof {
                    when_true: either(&a.when_true, &b.when_true, None),
                    when_false: [a.when_false, b.when_false].concat(),
                    equals: None,
                })
            }
            // `regexp.MatchString(pattern, x)`
            "MatchString" if call.arguments.len() == 2 => {
                let pattern = self.program().text(self.at, first?)?;
                Some(self.matches_pattern(call.positional(1)?, &pattern, false, span, environment))
            }
            // `/p/.test(x)`, `P.match(x)`, `P.is_match(x)`, `x.match(/p/)`
            "test" | "match" | "fullmatch" | "MatchString" | "is_match" | "search" | "exec" => {
                let first = first?;
                let by_object = !self.is_text_value(object, environment);
                let (pattern, text) = if by_object { (&**object, first) } else { (first, &**object) };
                let pattern = pattern_text(self.program(), self.at, pattern)?;
                Some(self.matches_pattern(text, &pattern, method == "fullmatch", span, environment))
            }
            _ => None,
        }
    }

    /// Patterns that whoever calls this function, or configures the server, has chosen: a list of addresses, mostly.
    fn configured_patterns(
        &self,
        pattern: &'a Expression,
        text: &'a Expression,
        environment: &Environment,
    ) -> Option<Proof> {
        let name = pattern.name().filter(|name| !environment.holds(name))?;
        iterated(self.program(), self.at, name)?;
        if patterns(self.program(), self.at, pattern).is_some() {
            return None;
        }
        let subject = self.subject(text, environment)?;
        let mask = Mask::ADDRESS.with(Mask::ENDPOINT);
        Some(Proof { when_true: vec![Fact { name: subject.name, mask, ..Fact::default() }], ..Proof::default() })
    }

    fn is_text_value(&self, expression: &'a Expression, environment: &Environment) -> bool {
        self.subject(expression, environment).is_some_and(|subject| environment.holds(&subject.name))
    }

    /// `roots.some((root) => inside(root, x))`, `any(.. for root in roots)`
    fn some_of(&mut self, method: &str, call: &'a Call, environment: &mut Environment, steps: usize) -> Option<Proof> {
        let some = matches!(method, "some" | "any" | "find" | "ContainsFunc" | "IndexFunc" | "findIndex");
        if !some && !matches!(method, "every" | "all") {
            return None;
        }
        let test = call.arguments.last()?;
        if !some && let Some(proof) = self.letters(call, &test.value, environment) {
            return Some(proof);
        }
        let inner = match test.value.kind.closure() {
            Some(function) => {
                let summary = self.closure_summary(function, &[], environment);
                self.add_hits(summary.hits.iter().cloned());
                let facts = |facts: &Option<Vec<Fact>>| facts.clone().unwrap_or_default();
                Proof { when_true: facts(&summary.truthy), when_false: facts(&summary.falsy), equals: None }
            }
            None => match &test.value.kind {
                Kind::Other(_) | Kind::Binary(..) | Kind::Call(_) => {
                    self.prove_within(&test.value, environment, steps.checked_sub(1)?)
                }
                _ => return None,
            },
        };
        // One that holds is enough for `some`; for `every`, one that does not.
        Some(if some {
            Proof { when_false: only_weak(inner.when_false), ..inner }
        } else {
            Proof { when_true: only_weak(inner.when_true), ..inner }
        })
    }

    /// `matches!(url.host_str(), Some("a" | "b"))`
    fn matches_literals(
        &self,
        value: &'a Expression,
        pattern: &'a Expression,
        environment: &Environment,
    ) -> Option<Proof> {
        let subject = self.subject(value, environment)?;
        let (mut literals, mut others) = (0, 0);
        pattern.walk(&mut |part| match &part.kind {
            Kind::Text(_) => literals += 1,
            Kind::Name(name) if !matches!(name.as_str(), "Some" | "Ok") => others += 1,
            _ => {}
        });
        let when_true = if literals > 0 && others == 0 { self.fixed(&subject) } else { Vec::new() };
        Some(Proof { when_true, ..Proof::default() })
    }

    /// `x.chars().all(|c| c.is_alphanumeric() || c == '-')`, `all(c.isalnum() or c in "-_" for c in x)`
    fn letters(&self, call: &'a Call, test: &'a Expression, environment: &Environment) -> Option<Proof> {
        let mut extra = String::new();
        let (mut letters, mut negated) = (false, false);
        let mut subject: Option<Subject> = None;
        let mut look = |part: &'a Expression| match &part.kind {
            Kind::Text(text) => extra.push_str(text),
            Kind::Unary(..) => negated = true,
            Kind::Member(_, name) if name.value.contains("alnum") || name.value.contains("alphanumeric") => {
                letters = true;
            }
            Kind::Name(_) => {
                let known = self.subject(part, environment).filter(|it| environment.holds(it.name()));
                subject = subject.take().or(known);
            }
            _ => {}
        };
        match test.kind.closure() {
            Some(function) => {
                let at = At { file: self.at.file, function };
                self.program().function_at(at).expressions(&mut look);
                let Kind::Member(object, _) = &call.function.kind else { return None };
                object.walk(&mut look);
            }
            None => test.walk(&mut look),
        }
        let mask = Alphabet::plain().with(&extra).harmless();
        let fact = Fact { name: subject?.name().to_owned(), mask, ..Fact::default() };
        (letters && !negated).then_some(Proof { when_true: vec![fact], ..Proof::default() })
    }

    /// What the result of a project's function says about its arguments.
    fn function_proof(&mut self, call: &'a Call, target: At, environment: &mut Environment) -> Proof {
        let Some(summary) = self.summary_of_call(call, target, environment) else { return Proof::default() };
        let facts = |facts: &Option<Vec<Fact>>| self.facts_of_arguments(call, target, facts.as_deref().unwrap_or(&[]));
        Proof { when_true: facts(&summary.truthy), when_false: facts(&summary.falsy), equals: None }
    }

    /// A function that is asked whether a host is one to avoid: what it knows is not judged here.
    fn addresses(&mut self, call: &'a Call, span: Span, environment: &Environment, known: Proof) -> Proof {
        let name = self.program().source(self.at.file, call.function.span).to_lowercase();
        if !ADDRESS_WORDS.iter().any(|word| name.contains(word)) {
            return known;
        }
        let object = match &call.function.kind {
            Kind::Member(object, _) => Some(&**object),
            _ => None,
        };
        let looked_at = object.into_iter().chain(call.arguments.iter().map(|argument| &argument.value));
        let mut facts: Vec<Fact> = Vec::new();
        for expression in looked_at {
            if let Some(subject) = self.subject(expression, environment)
                && environment.holds(&subject.name)
            {
                facts.push(self.weak(&subject, Weakness::Addresses, span));
            }
        }
        Proof {
            when_true: [known.when_true, facts.clone()].concat(),
            when_false: [known.when_false, facts].concat(),
            equals: None,
        }
    }
}

/// The pattern that an expression is, or each of those that a loop takes it from.
fn patterns<'a>(program: &Program<'a>, at: At, expression: &'a Expression) -> Option<Vec<String>> {
    if let Some(pattern) = pattern_text(program, at, expression) {
        return Some(vec![pattern]);
    }
    let (owner, list) = program.value(at, iterated(program, at, expression.name()?)?);
    let Kind::List(items) = &list.kind else { return None };
    let all: Option<Vec<String>> = items.iter().map(|item| pattern_text(program, owner, item)).collect();
    all.filter(|all| !all.is_empty())
}

fn only_weak(facts: Vec<Fact>) -> Vec<Fact> {
    let weak = facts.into_iter().filter(|fact| fact.weak.is_some());
    weak.map(|fact| Fact { name: fact.name, weak: fact.weak, ..Fact::default() }).collect()
}
