//! Any text is a workflow, a hook file and a list of updates, or an error, and its places lie in the text.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let paths = [".github/workflows/ci.yml", ".gitlab-ci.yml", ".pre-commit-config.yaml", ".github/dependabot.yml", "action.yml"];
    mcpsec_fuzz::project(paths.map(|path| (path, text)));
});
