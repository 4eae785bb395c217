//! Test cases, as pytest and unittest collect them.

use super::files;
use crate::project::{Role, facts::Facts, program::Program};

pub(super) fn add(program: &Program<'_>, facts: &mut Facts) {
    for file in files(program, true) {
        let unit = &program.units()[file];
        let name = unit.path.rsplit('/').next().unwrap_or_default();
        let collected = name.starts_with("test_") || name.ends_with("_test.py") || name == "tests.py";
        for function in &unit.module.functions {
            let case = function.name.as_deref().is_some_and(|name| name.starts_with("test"));
            let unittest = function.class.is_some_and(|class| {
                unit.module.classes[class].bases.iter().any(|base| base.name.ends_with("TestCase"))
            });
            if case && function.is_test && (collected || unittest || unit.role == Role::Test) {
                facts.tests.push(program.place(file, function.name_span));
            }
        }
    }
}
