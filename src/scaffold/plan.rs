//! What would be written, before anything is: the files, a tree of them, a diff.

use std::{fmt::Write as _, io, path::PathBuf};

use super::{
    answers::Answers,
    base,
    check::{self, CheckError},
    render::{self, RenderError, Rendered},
    source::RuntimeSource,
    template::Template,
};

/// A project that is ready to be written: rendered and checked.
#[derive(Debug)]
pub struct Plan {
    /// The project's folder.
    pub folder: PathBuf,
    /// Every file, sorted by path.
    pub files: Vec<Rendered>,
    /// How many of them are the copy of the runtime, below `vendor/`.
    pub vendored: usize,
}

/// Why there is no plan.
#[derive(Debug, thiserror::Error)]
pub enum PlanError {
    /// The template did not render.
    #[error(transparent)]
    Render(#[from] RenderError),
    /// What it rendered is wrong.
    #[error(transparent)]
    Check(#[from] CheckError),
    /// The base could not be packed.
    #[error("cannot pack the base copy")]
    Base(#[from] io::Error),
}

/// Plans the project of `template` with these answers in `folder`. Reads and writes no file.
pub fn plan(
    template: &Template,
    answers: &Answers,
    source: &RuntimeSource,
    folder: PathBuf,
) -> Result<Plan, PlanError> {
    let mut files = render::render(template, answers, source)?;
    check::check(&files)?;
    files.extend(base::record(template, answers, source, &files)?);
    let vendored = source.vendored();
    files.extend(vendored.iter().map(|it| Rendered { path: format!("vendor/{}", it.path), bytes: it.bytes.to_vec() }));
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(Plan { folder, files, vendored: vendored.len() })
}

impl Plan {
    /// The files as a tree; the copy of the runtime is one line per package.
    pub fn tree(&self) -> String {
        let mut tree = String::new();
        let mut open: Vec<&str> = Vec::new();
        let mut packages: Vec<&str> = Vec::new();
        for file in &self.files {
            if let Some(package) = package_of(&file.path) {
                if !packages.contains(&package) {
                    packages.push(package);
                }
                continue;
            }
            let mut parts: Vec<&str> = file.path.split('/').collect();
            let name = parts.pop().unwrap_or_default();
            let shared = open.iter().zip(&parts).take_while(|(a, b)| a == b).count();
            for (depth, part) in parts.iter().enumerate().skip(shared) {
                // Writing to a string cannot fail.
                let _ = writeln!(tree, "{}{part}/", "  ".repeat(depth + 1));
            }
            let _ = writeln!(tree, "{}{name}", "  ".repeat(parts.len() + 1));
            open = parts;
        }
        if !packages.is_empty() {
            let _ = writeln!(tree, "  vendor/");
        }
        for package in packages {
            let count = self.files.iter().filter(|it| package_of(&it.path) == Some(package)).count();
            let _ = writeln!(tree, "    {package}/ ({count} files)");
        }
        tree
    }

    /// A unified diff from nothing to every text file but the copy of the runtime.
    pub fn diff(&self) -> String {
        let mut diff = String::new();
        for file in self.files.iter().filter(|it| package_of(&it.path).is_none()) {
            let path = &file.path;
            let _ = writeln!(diff, "--- /dev/null\n+++ b/{path}");
            let Ok(text) = str::from_utf8(&file.bytes) else {
                let _ = writeln!(diff, "Binary file, {} bytes", file.bytes.len());
                continue;
            };
            let _ = writeln!(diff, "@@ -0,0 +1,{} @@", text.lines().count());
            for line in text.lines() {
                let _ = writeln!(diff, "+{line}");
            }
        }
        diff
    }
}

fn package_of(path: &str) -> Option<&str> {
    path.strip_prefix("vendor/")?.split_once('/').map(|it| it.0)
}
