//! Test cases: functions with a test attribute.

use super::{attribute, files};
use crate::project::{facts::Facts, program::Program};

pub(super) fn add(program: &Program<'_>, facts: &mut Facts) {
    for file in files(program, true) {
        for function in &program.units()[file].module.functions {
            let marked = ["test", "rstest", "test_case", "quickcheck", "wasm_bindgen_test"];
            if marked.iter().any(|name| attribute(&function.attributes, name).is_some()) {
                facts.tests.push(program.place(file, function.name_span));
            }
        }
    }
}
