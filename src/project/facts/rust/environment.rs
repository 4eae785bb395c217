//! Places that load `.env` files.

use super::{calls, path};
use crate::project::{facts::Facts, program::Program};

pub(super) fn add(program: &Program<'_>, facts: &mut Facts) {
    for site in calls(program) {
        let path = path(program, site.at, &site.call.function);
        let loads = path.strip_prefix("dotenvy.").or(path.strip_prefix("dotenv."));
        if loads.is_some_and(|word| !word.contains("()") && (word.starts_with("dotenv") || word.starts_with("from_"))) {
            facts.environment_files.push(program.place(site.at.file, site.span));
        }
    }
}
