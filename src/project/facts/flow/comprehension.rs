//! Comprehensions: `[open(p) for p in paths if is_safe(p)]`. Their names are their own: what an outer name holds is not
//! what they hold.

use super::{
    engine::Run,
    environment::{Environment, Fact},
    guard::Proof,
    taint::{Taint, join},
};
use crate::project::{
    language::Language,
    program::{At, Program},
    syntax::{Expression, Kind, Pattern, Statement},
};

impl<'a> Run<'_, '_, 'a> {
    /// What a comprehension gives; nothing where the parts are none.
    pub(super) fn comprehension(
        &mut self,
        parts: &'a [Expression],
        environment: &Environment,
    ) -> Option<Option<Taint>> {
        let (result, clauses) = split(self.program(), self.at, parts)?;
        let mut inner = environment.clone();
        self.enter(clauses, &mut inner);
        // `{k: v for ..}` gives both.
        Some(match &result.kind {
            Kind::Other(pair) => join(pair.iter().filter_map(|part| self.value(part, &mut inner)).collect::<Vec<_>>()),
            _ => self.value(result, &mut inner),
        })
    }

    /// What a comprehension of tests proves of the names around it.
    pub(super) fn comprehension_proof(
        &mut self,
        parts: &'a [Expression],
        environment: &Environment,
        judge: impl FnOnce(&mut Self, &'a Expression, &mut Environment) -> Proof,
    ) -> Option<Proof> {
        let (result, clauses) = split(self.program(), self.at, parts)?;
        let mut inner = environment.clone();
        self.enter(clauses, &mut inner);
        let proof = judge(self, result, &mut inner);
        let mut own: Vec<&str> = Vec::new();
        for (target, _) in clauses.iter().filter_map(clause) {
            target.walk(&mut |part| own.extend(part.name()));
        }
        let around = |fact: &Fact| !own.contains(&fact.name.split('.').next().unwrap_or_default());
        Some(Proof {
            when_true: proof.when_true.into_iter().filter(around).collect(),
            when_false: proof.when_false.into_iter().filter(around).collect(),
            equals: None,
        })
    }

    fn enter(&mut self, clauses: &'a [Expression], inner: &mut Environment) {
        for part in clauses {
            if let Some((target, from)) = clause(part) {
                let taint = self.value(from, inner);
                match &target.kind {
                    Kind::List(names) => {
                        for (position, name) in names.iter().enumerate() {
                            let piece = taint.clone().map(|taint| taint.piece(position));
                            name.name().iter().for_each(|name| inner.set(name, piece.clone()));
                        }
                    }
                    _ => target.name().iter().for_each(|name| inner.set(name, taint.clone())),
                }
            } else if let Kind::Other(condition) = &part.kind
                && let [condition] = condition.as_slice()
            {
                self.value(condition, inner);
                let proof = self.prove(condition, inner);
                inner.prove(&proof.when_true);
            }
        }
    }
}

/// The result of a comprehension, and its clauses.
fn split<'a>(program: &Program<'a>, at: At, parts: &'a [Expression]) -> Option<(&'a Expression, &'a [Expression])> {
    let (result, clauses) = parts.split_first()?;
    let python = program.unit(at).language == Language::Python;
    let all = clauses.iter().all(|part| matches!(&part.kind, Kind::Other(inner) if matches!(inner.len(), 1 | 2)));
    (python && all && clauses.first().and_then(clause).is_some()).then_some((result, clauses))
}

/// `for x in xs`: the names, and what they are taken of.
fn clause(part: &Expression) -> Option<(&Expression, &Expression)> {
    let Kind::Other(inner) = &part.kind else { return None };
    let [target, from] = inner.as_slice() else { return None };
    matches!(target.kind, Kind::Name(_) | Kind::List(_)).then_some((target, from))
}

/// What a name of a loop or comprehension of this function is taken of.
pub(super) fn iterated<'a>(program: &Program<'a>, at: At, name: &str) -> Option<&'a Expression> {
    let function = program.function_at(at);
    let mut found = None;
    Statement::each(&function.body, &mut |statement| {
        if let Statement::Loop { binding: Some((Pattern::Name(bound, _), from)), .. } = statement
            && bound == name
        {
            found = Some(from);
        }
    });
    function.expressions(&mut |expression| {
        if let Some((target, from)) = clause(expression)
            && target.name() == Some(name)
        {
            found = Some(from);
        }
    });
    found
}
