//! What calls give.

use super::{
    At, Program,
    exports::canonical,
    symbol::{Thing, builtin_type},
};
use crate::project::syntax::{Call, Expression, Kind, Statement};

/// Methods and functions that hand on what they are called on or with.
const SAME_METHODS: &[&str] = &[
    "clone",
    "unwrap",
    "expect",
    "as_ref",
    "as_mut",
    "into",
    "to_owned",
    "borrow",
    "borrow_mut",
    "ok",
    "bind",
    "unwrap_or_default",
    "as_deref",
    "with_state",
    "into_inner",
];
const SAME_FUNCTIONS: &[&str] = &[
    "util.promisify",
    "promisify",
    "functools.partial",
    "functools.wraps()",
    "std.sync.Arc.new",
    "Arc.new",
    "Box.new",
    "std.rc.Rc.new",
    "Some",
    "Ok",
    "std.sync.Mutex.new",
    "Object.freeze",
    "Promise.resolve",
    "asyncio.to_thread",
];

impl<'a> Program<'a> {
    /// What a call gives.
    pub(super) fn result(&self, at: At, expression: &'a Expression, call: &'a Call, steps: usize) -> Option<Thing<'a>> {
        if let Kind::Member(object, name) = &call.function.kind
            && SAME_METHODS.contains(&name.value.as_str())
        {
            return self.thing_within(at, object, steps);
        }
        match self.thing_within(at, &call.function, steps)? {
            Thing::External(path) if SAME_FUNCTIONS.contains(&path.as_str()) => {
                self.thing_within(at, call.positional(0)?, steps)
            }
            Thing::External(path) if matches!(path.as_str(), "require" | "import") => {
                let module = call.positional(0)?.text()?;
                Some(match self.paths.module(&self.units, at.file, module).first() {
                    Some(&target) => Thing::File(target),
                    None => Thing::External(canonical(module)),
                })
            }
            Thing::External(path) => Some(Thing::External(path + "()")),
            Thing::Class(file, class) => Some(Thing::Instance(file, class)),
            Thing::Function(function) => self.returned(function, steps).or(Some(Thing::Value(at, expression))),
            _ => None,
        }
    }

    /// What a function of the project gives back.
    pub(super) fn returned(&self, at: At, steps: usize) -> Option<Thing<'a>> {
        let function = self.function_at(at);
        if let Some(result) = &function.result {
            match self.instance_of(at, result, steps) {
                Some(Thing::External(path)) if builtin_type(&path) => {}
                None => {}
                found => return found,
            }
        }
        returns(&function.body).into_iter().find_map(|value| self.thing_within(at, value, steps))
    }
}

/// The values that a body returns, in order.
pub(super) fn returns(body: &[Statement]) -> Vec<&Expression> {
    let mut found = Vec::new();
    Statement::each(body, &mut |statement| {
        if let Statement::Return(Some(value), _) = statement {
            found.push(value);
        }
    });
    found
}
