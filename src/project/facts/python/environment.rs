//! Places that load `.env` files.

use super::{calls, files, last, path};
use crate::project::{facts::Facts, program::Program};

pub(super) fn add(program: &Program<'_>, facts: &mut Facts) {
    for site in calls(program) {
        let path = path(program, site.at, &site.call.function);
        let loads = matches!(last(&path), "load_dotenv" | "dotenv_values" | "read_env" | "read_envfile");
        let settings = matches!(last(&path), "SettingsConfigDict" | "ConfigDict");
        let named =
            site.call.keyword("env_file").is_some_and(|file| !matches!(file.kind, crate::project::syntax::Kind::Null));
        if loads || (settings && named) {
            facts.environment_files.push(program.place(site.at.file, site.span));
        }
    }
    for file in files(program, false) {
        for class in &program.units()[file].module.classes {
            let written = class.fields.iter().filter(|field| field.name == "env_file");
            let written = written.filter(|field| field.value.as_ref().is_some_and(|value| value.text().is_some()));
            facts.environment_files.extend(written.map(|field| program.place(file, field.span)));
        }
    }
}
