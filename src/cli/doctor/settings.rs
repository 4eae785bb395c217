//! What a run is asked for: the arguments, and `[doctor]` of the project's policy file.

use std::{
    collections::BTreeMap,
    fs, io,
    path::Path,
    time::{SystemTime, UNIX_EPOCH},
};

use clap::ValueEnum;

use super::arguments::{Arguments, FailOn};
use crate::{
    cli::Failure,
    doctor::{self, Date, Options, Selection, select},
    finding::Severity,
    rules,
};

/// `[doctor]` of the project's policy file, or its defaults where there is none.
pub(super) fn on_disk(root: &Path) -> Result<mcpsec_policy::model::Doctor, Failure> {
    let path = root.join("mcpsec.toml");
    let text = optional(&path, &format!("`{}`", path.display()))?;
    text.map_or_else(|| Ok(mcpsec_policy::model::Doctor::default()), |text| of(&text, &path))
}

/// The text of a file that need not be there. `shown` is what errors call it.
pub(super) fn optional(path: &Path, shown: &str) -> Result<Option<String>, Failure> {
    // Asked before opening: to open a pipe would wait for its writer.
    if fs::metadata(path).is_ok_and(|metadata| !metadata.is_file()) {
        return Err(Failure::usage(format!("cannot read {shown}: it is not a regular file")));
    }
    match fs::read_to_string(path) {
        Ok(text) => Ok(Some(text)),
        Err(error) if error.kind() == io::ErrorKind::NotFound => Ok(None),
        Err(error) => Err(Failure::usage(format!("cannot read {shown}: {error}"))),
    }
}

/// `[doctor]` of a policy file's text, which lies at `path`.
pub(super) fn of(text: &str, path: &Path) -> Result<mcpsec_policy::model::Doctor, Failure> {
    doctor::settings::parse(text).map_err(|error| {
        Failure::usage(format!("`{}` cannot be used: {error}", path.display())).help("`mcpsec policy check` tells more")
    })
}

/// What the run is asked for.
pub(super) fn options(arguments: &Arguments, settings: &mcpsec_policy::model::Doctor) -> Result<Options, Failure> {
    let fail_on = match arguments.fail_on {
        Some(given) => given.severity(),
        None => gate(settings)?,
    };
    let selection = Selection {
        select: arguments.select.clone(),
        ignore: arguments.ignore.iter().chain(&settings.ignore).cloned().collect(),
        behind_gateway: settings.behind_gateway,
    };
    known(&selection)?;
    Ok(Options {
        selection,
        fail_on,
        min_severity: arguments.min_severity.into(),
        min_confidence: arguments.min_confidence.into(),
        today: today(),
        allow_incomplete: arguments.allow_incomplete,
        exit_zero: arguments.exit_zero,
        severities: severities(settings)?,
        baseline: None,
        before: None,
    })
}

/// What a run is asked for by the settings alone.
pub(super) fn usual(settings: &mcpsec_policy::model::Doctor) -> Result<Options, Failure> {
    let (ignore, behind_gateway) = (settings.ignore.clone(), settings.behind_gateway);
    let selection = Selection { select: Vec::new(), ignore, behind_gateway };
    known(&selection)?;
    Ok(Options { selection, fail_on: gate(settings)?, severities: severities(settings)?, ..Options::usual(today()) })
}

/// The least severity that fails a run.
fn gate(settings: &mcpsec_policy::model::Doctor) -> Result<Option<Severity>, Failure> {
    FailOn::from_str(&settings.fail_on, true)
        .map(FailOn::severity)
        .map_err(|_| Failure::usage(format!("mcpsec.toml: `fail_on` cannot be `{}`", settings.fail_on)))
}

/// Every name is a rule's or a group's.
fn known(selection: &Selection) -> Result<(), Failure> {
    let Some(name) = selection.unknown() else { return Ok(()) };
    Err(suggest(Failure::usage(format!("there is no rule or group `{name}`")), name))
}

/// Adds the known name that was meant, or where the names are.
fn suggest(failure: Failure, name: &str) -> Failure {
    match select::closest(name) {
        Some(known) => failure.help(format!("did you mean `{known}`?")),
        None => failure.help("`mcpsec rules` lists them"),
    }
}

fn severities(settings: &mcpsec_policy::model::Doctor) -> Result<BTreeMap<String, Severity>, Failure> {
    let mut severities = BTreeMap::new();
    for (rule, severity) in &settings.severity {
        if rules::rule(rule).is_none() {
            let failure =
                Failure::usage(format!("mcpsec.toml: [doctor.severity] names `{rule}`, and there is no such rule"));
            return Err(suggest(failure, rule));
        }
        let known = Severity::ALL.into_iter().find(|known| known.name() == severity);
        let known = known.ok_or_else(|| {
            Failure::usage(format!("mcpsec.toml: the severity of `{rule}` cannot be `{severity}`"))
                .help("it is info, low, medium, high or critical; `[doctor] ignore` switches a rule off")
        })?;
        severities.insert(rule.clone(), known);
    }
    Ok(severities)
}

/// The day on which suppressions are judged.
pub(in crate::cli) fn today() -> Date {
    // A clock before 1970 is wrong; the first day then keeps every suppression.
    Date::from_seconds(SystemTime::now().duration_since(UNIX_EPOCH).map_or(0, |elapsed| elapsed.as_secs()))
}
