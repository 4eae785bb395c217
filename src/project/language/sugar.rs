//! What languages with braces write shortly: `a += b`, `case a: case b:`.

use crate::project::syntax::{Arm, Expression, Kind, Pattern, Span};

/// `case a: case b:` stands for both; with `default:` among them for everything.
pub(super) fn fall_through(arms: &mut Vec<Arm>, arm: &mut Arm) {
    let Some(mut before) = arms.pop_if(|before| before.body.is_empty() && before.guard.is_none()) else { return };
    if before.values.is_empty() && before.pattern == Pattern::Ignore {
        arm.values.clear();
    } else if !arm.values.is_empty() {
        before.values.append(&mut arm.values);
        arm.values = before.values;
    }
}

/// `target = target operator value`. A target that does something itself is not repeated: nested, that would double
/// with every level.
pub(super) fn updated(target: Expression, operator: &str, value: Expression, span: Span) -> Kind {
    let again = if is_plain(&target) { target.clone() } else { Expression { kind: Kind::Unknown, span: target.span } };
    let next = Kind::Binary(operator.to_owned(), Box::new(again), Box::new(value));
    Kind::Assign(Box::new(target), Box::new(Expression { kind: next, span }))
}

fn is_plain(target: &Expression) -> bool {
    match &target.kind {
        Kind::Name(_) | Kind::Text(_) | Kind::Number(_) => true,
        Kind::Member(object, _) => is_plain(object),
        Kind::Index(object, index) => is_plain(object) && is_plain(index),
        _ => false,
    }
}
