//! How protections add up, and whether they stand under a condition.

use super::Protection;
use crate::project::syntax::{Kind, Span, Statement};

/// The best of several: what is in force, else what may be, else what is switched off, else what is not known.
pub(super) fn strongest(found: impl IntoIterator<Item = Protection>) -> Protection {
    let rank = |protection: &Protection| match protection {
        Protection::Present(_) => 4,
        Protection::Unknown(_) => 3,
        Protection::Optional(_) => 2,
        Protection::Disabled(_) => 1,
        Protection::Absent => 0,
    };
    found.into_iter().fold(Protection::Absent, |best, next| if rank(&next) > rank(&best) { next } else { best })
}

/// A check of the project's own counts where the SDK has none; what is switched off is said before what is absent.
pub(super) fn combined(of_sdk: Protection, own: Protection) -> Protection {
    match (of_sdk, own) {
        (Protection::Present(place), _) | (_, Protection::Present(place)) => Protection::Present(place),
        (Protection::Absent, own) => own,
        (of_sdk, _) => of_sdk,
    }
}

/// Whether a place is somewhere in a body.
pub(super) fn contains(body: &[Statement], wanted: Span) -> bool {
    let mut found = false;
    for statement in body {
        statement.parts(&mut |part| found |= part.span.contains(wanted));
        found |= matches!(statement, Statement::Raise(_, span) | Statement::Return(_, span) if span.contains(wanted));
    }
    found
}

/// Whether a place is inside a branch, other than that of Python's `if __name__ == "__main__"`.
pub(super) fn is_conditional(body: &[Statement], wanted: Span) -> bool {
    body.iter().any(|statement| match statement {
        Statement::If { condition, then, otherwise, .. } => {
            let main = matches!(&condition.kind, Kind::Binary(_, left, _) if left.name() == Some("__name__"));
            let branch = |body: &[Statement]| if main { is_conditional(body, wanted) } else { contains(body, wanted) };
            branch(then) || branch(otherwise)
        }
        Statement::Try { body, handlers, finally, .. } => {
            is_conditional(body, wanted)
                || is_conditional(finally, wanted)
                || handlers.iter().any(|(_, body)| contains(body, wanted))
        }
        Statement::Block(body) | Statement::Loop { body, .. } => is_conditional(body, wanted),
        // Rust: `let options = { if any { .. } .. };`
        _ => {
            let mut found = false;
            statement.parts(&mut |part| {
                if part.span.contains(wanted) {
                    part.walk(&mut |inner| {
                        found |= matches!(&inner.kind, Kind::Block(body) if is_conditional(body, wanted));
                    });
                }
            });
            found
        }
    })
}

/// The conditions under which a place is reached, and whether they must hold or not.
pub(super) fn conditions(body: &[Statement], wanted: Span) -> Vec<(Span, bool)> {
    let mut found = Vec::new();
    for statement in body {
        match statement {
            Statement::If { condition, then, otherwise, .. } => {
                if contains(then, wanted) {
                    found.push((condition.span, true));
                } else if contains(otherwise, wanted) {
                    found.push((condition.span, false));
                }
                found.extend(conditions(then, wanted));
                found.extend(conditions(otherwise, wanted));
            }
            Statement::Try { body, .. } | Statement::Block(body) | Statement::Loop { body, .. } => {
                found.extend(conditions(body, wanted));
            }
            _ => {}
        }
    }
    found
}

/// Whether a version is older than another; nothing where it is not known.
pub(super) fn older(version: Option<&str>, than: [u32; 3]) -> Option<bool> {
    let version = version?.trim_start_matches(|c: char| !c.is_ascii_digit());
    let mut numbers = [0_u32; 3];
    for (slot, part) in numbers.iter_mut().zip(version.split('.')) {
        let digits: String = part.chars().take_while(char::is_ascii_digit).collect();
        *slot = digits.parse().unwrap_or(0);
    }
    version.starts_with(|c: char| c.is_ascii_digit()).then_some(numbers < than)
}
