//! Where `.env` files are loaded.

use super::{super::Facts, Scan};

/// Packages that load them when they are imported or called.
const LOADERS: &[&str] = &[
    "dotenv",
    "dotenv/config",
    "dotenv-flow",
    "dotenv-flow/config",
    "dotenv-safe",
    "dotenv-safe/config",
    "dotenv-expand",
    "dotenv-expand/config",
    "dotenv-mono",
    "dotenv-mono/load",
    "@dotenvx/dotenvx",
    "@dotenvx/dotenvx/config",
    "@next/env",
    "env-cmd",
    "custom-env",
];

pub(super) fn add(scan: &Scan<'_, '_>, facts: &mut Facts) {
    for &file in &scan.files {
        let imports = &scan.program.units()[file].module.imports;
        if let Some(import) = imports.iter().find(|import| LOADERS.contains(&import.module.as_str())) {
            facts.environment_files.push(scan.program.place(file, import.span));
        }
    }
    for known in &scan.calls {
        if known.symbol() == "process.loadEnvFile" {
            facts.environment_files.push(scan.program.place(known.site.at.file, known.site.span));
        }
    }
}
