//! What a project's baseline has, beside what is found there now: for `mcpsec baseline`.

use std::path::Path;

use super::{input, quietly::quietly, settings};
use crate::{
    cli::Failure,
    doctor::{self, Baseline, Identity, Options, baseline},
    finding::Finding,
    project::Project,
};

/// A project, its baseline, and what a baseline written now would hold.
pub(in crate::cli) struct Accepted {
    /// Where the baseline lies or would lie, relative to the project's folder.
    pub(in crate::cli) name: String,
    pub(in crate::cli) project: Project,
    pub(in crate::cli) written: Option<Baseline>,
    pub(in crate::cli) found: Vec<(Identity, Finding)>,
}

/// A project with its settings and its baseline, before anything is asked of it.
pub(in crate::cli) struct Standing {
    pub(in crate::cli) project: Project,
    /// What a run is asked for when nothing is said on the command line, without the baseline.
    pub(in crate::cli) options: Options,
    /// Where the baseline lies or would lie, relative to the project's folder.
    pub(in crate::cli) name: String,
    pub(in crate::cli) written: Option<Baseline>,
}

/// Reads the project in `root`.
pub(in crate::cli) fn standing(root: &Path) -> Result<Standing, Failure> {
    input::folder(root)?;
    let doctor = settings::on_disk(root)?;
    let options = settings::usual(&doctor)?;
    let project = input::on_disk(root)?;
    let name = doctor.baseline.unwrap_or_else(|| baseline::NAME.to_owned());
    let text = input::text_of(&root.join(&name))?;
    let written = text.map(|text| input::parsed(&name, &text)).transpose()?;
    Ok(Standing { project, options, name, written })
}

/// Reads and checks the project in `root`.
pub(in crate::cli) fn accepted(root: &Path) -> Result<Accepted, Failure> {
    let Standing { project, options, name, written } = standing(root)?;
    let found = quietly(|| doctor::acceptable(&project, &options))?;
    Ok(Accepted { name, project, written, found })
}
