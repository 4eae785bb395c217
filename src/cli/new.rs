//! `mcpsec new [NAME]`

use std::{
    fs,
    io::{self, IsTerminal as _, Write as _},
    path::{Path, PathBuf},
    sync::{
        Arc,
        atomic::{AtomicBool, Ordering},
    },
};

use dialoguer::{Input, MultiSelect, Select, console::Term};
use mcpsec_policy::suggest::nearest;

use super::{Exit, Failure, Output};
use crate::scaffold::{
    answers::{self, AnswerError, Answers, Draft},
    plan::{self, Plan, PlanError},
    render::{RenderError, shell_quoted},
    source::RuntimeSource,
    template::{self, Answer, Kind, Template, Variable},
    write::{self, WriteError},
};

const EXAMPLES: &str = "\
Examples:
  mcpsec new                                        ask what is needed
  mcpsec new my-server --defaults                   ask nothing
  mcpsec new my-server --transport http --defaults  ask nothing, and serve HTTP
  mcpsec new my-server --defaults --dry-run --diff  show what would be written";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    /// Name of the project, and of its folder
    name: Option<String>,
    /// How clients reach it: stdio, http
    #[arg(long)]
    transport: Option<String>,
    /// What it offers, with commas between: tools, resources, prompts
    #[arg(long, value_delimiter = ',')]
    providers: Option<Vec<String>>,
    /// What it is for, in one line
    #[arg(long, value_name = "TEXT")]
    description: Option<String>,
    /// License: "MIT OR Apache-2.0", MIT, Apache-2.0, none
    #[arg(long)]
    license: Option<String>,
    /// Continuous integration: github, none
    #[arg(long)]
    ci: Option<String>,
    /// Take the default of every question that has one
    #[arg(short = 'y', long)]
    defaults: bool,
    /// Never ask: a missing answer is an error
    #[arg(long)]
    no_input: bool,
    /// A TOML file of answers, with the names of the flags as keys; flags win over it
    #[arg(long, value_name = "FILE")]
    answers: Option<PathBuf>,
    /// Folder of the project, instead of ./NAME; must not exist or be empty
    #[arg(long, value_name = "DIR")]
    path: Option<PathBuf>,
    /// Where the runtime comes from: vendor (a copy), registry, path:DIR, git:URL@REV
    #[arg(long, value_name = "SOURCE")]
    runtime: Option<String>,
    /// Template to use
    #[arg(long, default_value = "rust")]
    template: String,
    /// Show what would be written, and write nothing
    #[arg(long)]
    dry_run: bool,
    /// With --dry-run: show the files' content as a diff
    #[arg(long, requires = "dry_run")]
    diff: bool,
}

pub(super) fn run(arguments: &Arguments, output: &mut Output) -> Result<Exit, Failure> {
    let template = template::load(&arguments.template).map_err(|error| Failure::usage(error.to_string()))?;
    let source = source(arguments)?;
    let interrupted = Arc::new(AtomicBool::new(false));
    let draft = answer(arguments, &template, &interrupted)?;
    let answers = Answers::new(&template, &draft).map_err(|error| explain(error, &template))?;
    let name = answers.one("name").to_owned();
    let shown = arguments.path.clone().unwrap_or_else(|| PathBuf::from(&name));
    let plan = plan::plan(&template, &answers, &source, target(&shown)?).map_err(explain_plan)?;
    write::vacant(&plan).map_err(explain_write)?;
    let repeat = repeat(arguments, &template, &answers);
    if arguments.dry_run {
        dry_run(arguments, output, &plan, &shown)?;
    } else {
        listen_to_the_end(&interrupted)?;
        write::write(&plan, &|| interrupted.load(Ordering::Relaxed)).map_err(explain_write)?;
        written(output, &plan, &shown, &answers, &source)?;
    }
    if !output.quiet {
        writeln!(output.out, "\nRepeat with:\n  {repeat}")?;
    }
    Ok(Exit::Clean)
}

fn source(arguments: &Arguments) -> Result<RuntimeSource, Failure> {
    match &arguments.runtime {
        None => Ok(RuntimeSource::default()),
        Some(text) => text.parse().map_err(|error| Failure::usage(format!("`--runtime`: {error}"))),
    }
}

/// The project's folder as an absolute path, so that it has a parent and a name.
fn target(shown: &Path) -> Result<PathBuf, Failure> {
    let folder = std::path::absolute(shown)
        .ok()
        .filter(|it| it.file_name().is_some())
        .ok_or_else(|| Failure::usage(format!("`{}` does not name a folder", shown.display())))?;
    let here = std::env::current_dir().ok().and_then(|it| it.canonicalize().ok());
    if here.is_some() && folder.canonicalize().ok() == here {
        // The folder is replaced as a whole: the shell would be left in one that is gone.
        return Err(Failure::usage("cannot replace the current folder")
            .help("go to the folder above it, and name this one with `--path`"));
    }
    Ok(folder)
}

/// Answers from the file, then from flags, then from defaults or a person. Those that are still missing are an error.
fn answer(arguments: &Arguments, template: &Template, interrupted: &Arc<AtomicBool>) -> Result<Draft, Failure> {
    let mut draft = match &arguments.answers {
        Some(path) => read_answers(path)?,
        None => Draft::new(),
    };
    let one = |it: &Option<String>| it.clone().map(Answer::One);
    let flags = [
        ("name", one(&arguments.name)),
        ("transport", one(&arguments.transport)),
        ("providers", arguments.providers.clone().map(Answer::Many)),
        ("description", one(&arguments.description)),
        ("license", one(&arguments.license)),
        ("ci", one(&arguments.ci)),
    ];
    draft.extend(flags.into_iter().filter_map(|(name, answer)| Some((name.to_owned(), answer?))));
    // What is given is judged before anybody is asked for the rest.
    for (name, given) in &draft {
        if let Some(variable) = template.variable(name) {
            answers::check(template, variable, given).map_err(|error| explain(error, template))?;
        }
    }
    let terminal = io::stdin().is_terminal() && io::stderr().is_terminal();
    let mut missing = Vec::new();
    for variable in &template.manifest.variables {
        if draft.contains_key(&variable.name) {
            continue;
        }
        let answer = match &variable.default {
            Some(default) if arguments.defaults => default.clone(),
            _ if terminal && !arguments.no_input => {
                listen(interrupted, signal_hook::consts::SIGINT)?;
                ask(template, variable)?
            }
            _ => {
                missing.push(variable);
                continue;
            }
        };
        draft.insert(variable.name.clone(), answer);
    }
    if missing.is_empty() { Ok(draft) } else { Err(unanswered(arguments, &draft, &missing)) }
}

fn read_answers(path: &Path) -> Result<Draft, Failure> {
    let wrong = |reason: String| Failure::usage(format!("cannot read the answers in `{}`: {reason}", path.display()));
    let text = fs::read_to_string(path).map_err(|error| wrong(error.to_string()))?;
    toml::from_str(&text).map_err(|error| wrong(error.to_string().trim_end().to_owned()))
}

fn unanswered(arguments: &Arguments, draft: &Draft, missing: &[&Variable]) -> Failure {
    let why = if arguments.no_input { "`--no-input` forbids to ask" } else { "stdin is not a terminal" };
    let names: Vec<String> = missing.iter().map(|it| format!("`{}`", flag(&it.name))).collect();
    let verb = if missing.len() == 1 { "is" } else { "are" };
    let mut failure = Failure::usage(format!("{} {verb} needed and {why}", names.join(", ")));
    for variable in missing.iter().filter(|it| !it.kind.choices().is_empty()) {
        failure = failure.help(format!("choices for {}: {}", flag(&variable.name), variable.kind.choices().join(", ")));
    }
    let name = match draft.get("name") {
        Some(Answer::One(name)) => name,
        _ => "my-server",
    };
    if missing.iter().any(|it| it.default.is_some()) {
        return failure.help(format!("or take the defaults: mcpsec new {} --defaults", shell_quoted(name)));
    }
    failure.help(format!("for example: mcpsec new {name} --defaults"))
}

/// How a variable is given on the command line.
fn flag(variable: &str) -> String {
    if variable == "name" { "NAME".to_owned() } else { format!("--{variable}") }
}

fn ask(template: &Template, variable: &Variable) -> Result<Answer, Failure> {
    let asked = prompt(template, variable);
    asked.map_err(|dialoguer::Error::IO(error)| {
        // The prompts hide the cursor, and an error leaves it so.
        let _ = Term::stderr().show_cursor();
        if error.kind() == io::ErrorKind::Interrupted {
            explain_write(WriteError::Interrupted)
        } else {
            Failure::usage(format!("cannot ask for {}: {error}", flag(&variable.name)))
        }
    })
}

fn prompt(template: &Template, variable: &Variable) -> dialoguer::Result<Answer> {
    let is_default = |choice: &String| match &variable.default {
        Some(Answer::One(one)) => one == choice,
        Some(Answer::Many(many)) => many.contains(choice),
        None => false,
    };
    let judge = |answer: Answer| match answers::check(template, variable, &answer) {
        Ok(_) => Ok(()),
        Err(AnswerError::Name(error)) => Err(format!("{error}; try `{}`", error.suggestion)),
        Err(error) => Err(error.to_string()),
    };
    match &variable.kind {
        Kind::Name | Kind::Text(_) => {
            let mut input = Input::<String>::new().with_prompt(&variable.prompt);
            if let Some(Answer::One(default)) = &variable.default {
                input = input.default(default.clone());
            }
            let input = input.validate_with(|text: &String| judge(Answer::One(text.clone())));
            Ok(Answer::One(input.interact_text_on(&Term::stderr())?))
        }
        Kind::Choice(choices) => {
            let default = choices.iter().position(is_default).unwrap_or(0);
            let select = Select::new().with_prompt(&variable.prompt).items(choices).default(default);
            Ok(Answer::One(choices[select.interact_on(&Term::stderr())?].clone()))
        }
        Kind::Choices(choices) => loop {
            let defaults: Vec<bool> = choices.iter().map(is_default).collect();
            let prompt = format!("{} (space selects, enter ends)", variable.prompt);
            let select = MultiSelect::new().with_prompt(prompt).items(choices).defaults(&defaults);
            let chosen = select.interact_on(&Term::stderr())?;
            if !chosen.is_empty() {
                return Ok(Answer::Many(chosen.into_iter().map(|it| choices[it].clone()).collect()));
            }
        },
    }
}

/// What ends a process that does not listen.
#[cfg(unix)]
const SIGNALS: &[i32] = &[signal_hook::consts::SIGHUP, signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM];
#[cfg(not(unix))]
const SIGNALS: &[i32] = &[signal_hook::consts::SIGINT, signal_hook::consts::SIGTERM];

/// Makes every signal that ends a process a flag from here on.
pub(super) fn listen_to_the_end(interrupted: &Arc<AtomicBool>) -> Result<(), Failure> {
    SIGNALS.iter().try_for_each(|signal| listen(interrupted, *signal))
}

/// Makes a signal a flag from here on: whoever writes looks at it and cleans up.
fn listen(interrupted: &Arc<AtomicBool>, signal: i32) -> Result<(), Failure> {
    signal_hook::flag::register(signal, Arc::clone(interrupted)).map(drop).map_err(|error| Failure {
        exit: Exit::Internal,
        message: format!("cannot listen to signals: {error}"),
        help: Vec::new(),
    })
}

fn dry_run(arguments: &Arguments, output: &mut Output, plan: &Plan, shown: &Path) -> Result<(), Failure> {
    if arguments.diff {
        write!(output.out, "{}", plan.diff())?;
        return Ok(());
    }
    writeln!(output.out, "Would write {} files to {}/", plan.files.len(), shown.display())?;
    write!(output.out, "{}", plan.tree())?;
    Ok(())
}

fn written(
    output: &mut Output,
    plan: &Plan,
    shown: &Path,
    answers: &Answers,
    source: &RuntimeSource,
) -> Result<(), Failure> {
    if output.quiet {
        return Ok(());
    }
    writeln!(output.out, "Wrote {} files to {}/", plan.files.len(), shown.display())?;
    write!(output.out, "{}", plan.tree())?;
    let locked = if source.is_local() { " --locked" } else { "" };
    let folder = shown.to_string_lossy();
    // A path that starts with a dash would be an option.
    let folder = if folder.starts_with('-') { format!("./{folder}") } else { folder.into_owned() };
    writeln!(output.out, "\nNext:\n  cd {}\n  cargo test{locked}", shell_quoted(&folder))?;
    if answers.chose("transport", "http") {
        writeln!(output.out, "  mcpsec key new --scope read")?;
    } else {
        writeln!(output.out, "  mcpsec doctor")?;
    }
    Ok(())
}

/// The command that gives the same project without asking.
fn repeat(arguments: &Arguments, template: &Template, answers: &Answers) -> String {
    let mut words = vec!["mcpsec".to_owned(), "new".to_owned()];
    for variable in &template.manifest.variables {
        let value = match answers.get(&variable.name) {
            Some(Answer::One(one)) => one.clone(),
            Some(Answer::Many(many)) => many.join(","),
            None => continue,
        };
        if variable.name != "name" {
            // One word, so that a value that starts with a dash is still a value.
            words.push(shell_quoted(&format!("--{}={value}", variable.name)));
        } else {
            words.push(shell_quoted(&value));
        }
    }
    if let Some(path) = &arguments.path {
        words.push(shell_quoted(&format!("--path={}", path.to_string_lossy())));
    }
    if let Some(runtime) = &arguments.runtime {
        words.push(shell_quoted(&format!("--runtime={runtime}")));
    }
    if arguments.template != "rust" {
        words.push(format!("--template={}", shell_quoted(&arguments.template)));
    }
    words.push("--no-input".to_owned());
    words.join(" ")
}

fn explain(error: AnswerError, template: &Template) -> Failure {
    match error {
        AnswerError::Name(error) => {
            let try_this = format!("try `{0}`: mcpsec new {0}", error.suggestion);
            Failure::usage(error.to_string()).help(try_this)
        }
        AnswerError::NoChoice { variable, value, choices } => {
            let failure = Failure::usage(format!("`{value}` is not a choice for {}", flag(&variable)));
            let failure = match nearest(&value, choices.iter().map(String::as_str)) {
                Some(similar) => failure.help(format!("did you mean `{similar}`?")),
                None => failure,
            };
            failure.help(format!("choices: {}", choices.join(", ")))
        }
        AnswerError::Unknown { name, similar } => {
            let known: Vec<&str> = template.manifest.variables.iter().map(|it| it.name.as_str()).collect();
            let failure = Failure::usage(format!("the answers have `{name}`, which nobody asks"));
            let failure = match similar {
                Some(similar) => failure.help(format!("did you mean `{similar}`?")),
                None => failure,
            };
            failure.help(format!("questions: {}", known.join(", ")))
        }
        AnswerError::Text { variable, reason } => Failure::usage(format!("{} {reason}", flag(&variable))),
        AnswerError::Missing(name) => Failure::usage(format!("{} is needed", flag(&name))),
    }
}

fn explain_plan(error: PlanError) -> Failure {
    match error {
        PlanError::Render(RenderError::Source(error)) => Failure::usage(format!("`--runtime`: {error}")),
        error => Failure { exit: Exit::Internal, message: error.to_string(), help: vec!["this is a bug".to_owned()] },
    }
}

fn explain_write(error: WriteError) -> Failure {
    let message = match &error {
        WriteError::Io { source, .. } => format!("{error}: {source}"),
        _ => error.to_string(),
    };
    match error {
        WriteError::Interrupted => Failure { exit: Exit::Interrupted, message, help: Vec::new() },
        WriteError::NotEmpty { conflicts, others, .. } => {
            let mut failure = Failure::usage(message);
            let mut conflicts: Vec<String> = conflicts.iter().map(|it| shorten(it)).collect();
            conflicts.dedup();
            for (what, paths) in [("would be overwritten", conflicts), ("is in the way", others)] {
                failure = paths.iter().take(LISTED).fold(failure, |it, path| it.help(format!("{what}: {path}")));
                if paths.len() > LISTED {
                    failure = failure.help(format!("{what}: {} more", paths.len() - LISTED));
                }
            }
            failure.help("choose another name, or another folder with `--path`")
        }
        WriteError::NoParent(_) => {
            Failure::usage(message).help("make the folder first, or choose another with `--path`")
        }
        _ => Failure::usage(message),
    }
}

/// The copy of the runtime counts as one folder.
fn shorten(path: &str) -> String {
    if path.starts_with("vendor/") { "vendor/".to_owned() } else { path.to_owned() }
}

/// Conflicts that are listed; the rest is counted.
const LISTED: usize = 20;
