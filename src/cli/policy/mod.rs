//! `mcpsec policy check | show | schema | review`

mod review;

use std::{
    io::{self, Write as _},
    path::PathBuf,
};

use clap::{Subcommand, ValueEnum};
use mcpsec_policy::{
    Environment, Loaded, Origin, PolicyError,
    show::{Setting, Value},
};
use serde_json::json;

use super::{Exit, Failure, Output, audit};

/// The schema, kept current by `tests/it/policy.rs`.
const SCHEMA: &str = include_str!("../../../schema/mcpsec.schema.json");

const EXAMPLES: &str = "\
Examples:
  mcpsec policy check                      is ./mcpsec.toml right?
  mcpsec policy show                       every value that applies, and where it comes from
  mcpsec policy show --format json
  mcpsec policy schema > mcpsec.schema.json
  mcpsec policy review                     who may do what, and who used it when

Exit codes: 0 the policy can be enforced, 2 it cannot, or it cannot be read.";

/// Where the schema is for editors that read it from the policy file (taplo, Even Better TOML).
const CHECK_HELP: &str = "\
The environment counts, as it does when the server starts: variables such as MCP_API_KEYS are applied, and those
that this build does not enforce are errors. The key file that the policy names is read, too.";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    #[command(subcommand)]
    action: Action,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Say everything that is wrong with a policy file
    #[command(after_help = CHECK_HELP)]
    Check(Check),
    /// Print every value that applies, and where it comes from
    Show(Show),
    /// Print the JSON Schema of the policy file, for editors
    Schema,
    /// Print who may do what, and from the audit log who used it when
    Review(review::Arguments),
}

#[derive(Debug, clap::Args)]
struct Check {
    #[command(flatten)]
    file: File,
    #[command(flatten)]
    format: Format,
}

#[derive(Debug, clap::Args)]
struct Show {
    #[command(flatten)]
    file: File,
    #[command(flatten)]
    format: Format,
}

#[derive(Debug, clap::Args)]
struct File {
    /// The policy file
    #[arg(default_value = "mcpsec.toml", value_name = "FILE")]
    path: PathBuf,
}

#[derive(Debug, clap::Args)]
struct Format {
    /// For people, or for programs
    #[arg(long, value_enum, default_value_t = Style::Human)]
    format: Style,
}

#[derive(Clone, Copy, Debug, Eq, PartialEq, ValueEnum)]
enum Style {
    Human,
    Json,
}

pub(super) fn run(arguments: &Arguments, output: &mut Output) -> Result<Exit, Failure> {
    match &arguments.action {
        Action::Check(check) => self::check(check, output),
        Action::Show(show) => self::show(show, output),
        Action::Schema => {
            output.out.write_all(SCHEMA.as_bytes())?;
            Ok(Exit::Clean)
        }
        Action::Review(review) => review::run(review, output),
    }
}

fn check(arguments: &Check, output: &mut Output) -> Result<Exit, Failure> {
    let file = arguments.file.path.display();
    let result = Loaded::read(&arguments.file.path, &Environment::real());
    if arguments.format.format == Style::Json {
        write_json(
            output,
            &json!({ "ok": result.is_ok(), "problems": result.as_ref().err().map_or_else(Vec::new, problems) }),
        )?;
        return Ok(if result.is_ok() { Exit::Clean } else { Exit::Usage });
    }
    match result {
        Ok(_) => {
            if !output.quiet {
                writeln!(output.out, "{file}: can be enforced as it is written")?;
            }
            Ok(Exit::Clean)
        }
        Err(error) => {
            writeln!(output.out, "{error}\n")?;
            let count = error.problems().len();
            let problems = if count == 1 { "1 problem".to_owned() } else { format!("{count} problems") };
            Err(Failure::usage(format!("{problems}: a server with `{file}` does not start")))
        }
    }
}

fn problems(error: &PolicyError) -> Vec<serde_json::Value> {
    let problem = |problem: &mcpsec_policy::Problem| {
        json!({
            "file": problem.file,
            "line": problem.place.as_ref().map(|place| place.line),
            "column": problem.place.as_ref().map(|place| place.column),
            "text": problem.place.as_ref().map(|place| &place.text),
            "message": problem.message,
            "help": problem.help,
        })
    };
    error.problems().iter().map(problem).collect()
}

fn show(arguments: &Show, output: &mut Output) -> Result<Exit, Failure> {
    let file = &arguments.file.path;
    let loaded = Loaded::read(file, &Environment::real()).map_err(|error| {
        Failure::usage(format!("the policy cannot be enforced\n\n{error}\n"))
            .help(format!("`mcpsec policy check {}` says the same, for programs with `--format json`", file.display()))
    })?;
    let settings = loaded.settings();
    match arguments.format.format {
        Style::Human => write_settings(output, &settings)?,
        Style::Json => {
            let entries: Vec<_> = settings.iter().map(entry).collect();
            write_json(output, &json!({ "version": 1, "settings": entries }))?;
        }
    }
    Ok(Exit::Clean)
}

fn entry(setting: &Setting) -> serde_json::Value {
    let value = match &setting.value {
        Value::Text(text) => json!(text),
        Value::Number(number) => json!(number),
        Value::Switch(switch) => json!(switch),
        Value::List(list) => json!(list),
        Value::Numbers(list) => json!(list),
        Value::Unset => json!(null),
    };
    let origin = match &setting.origin {
        Origin::Default => json!({ "kind": "default" }),
        Origin::File { file, line } => json!({ "kind": "file", "file": file, "line": line }),
        Origin::Environment(name) => json!({ "kind": "environment", "variable": name }),
    };
    json!({ "path": setting.path, "value": value, "origin": origin })
}

fn write_json(output: &mut Output, value: &serde_json::Value) -> io::Result<()> {
    writeln!(output.out, "{value:#}")
}

/// Writes the settings as a policy file would, with the origin of each as a comment.
fn write_settings(output: &mut Output, settings: &[Setting]) -> io::Result<()> {
    writeln!(output.out, "version = 1")?;
    let mut section = String::new();
    for setting in settings {
        let (above, key) = setting.path.rsplit_once('.').unwrap_or(("", &setting.path));
        if above != section {
            above.clone_into(&mut section);
            match section.strip_prefix("access.rules.") {
                Some(_) => writeln!(output.out, "\n[[access.rules]]")?,
                None => writeln!(output.out, "\n[{section}]")?,
            }
        }
        // What cannot be written in the file is a comment as a whole.
        let comment = setting.value == Value::Unset || setting.path == "auth.environment_keys";
        let line = format!("{}{key} = {}", if comment { "# " } else { "" }, setting.value);
        writeln!(output.out, "{line:<48} # {}", setting.origin)?;
    }
    Ok(())
}
