//! Any text is an ignore file, at the top and in a folder, and an environment file beside it.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let paths = [".gitignore", "src/.gitignore", ".dockerignore", ".npmignore", ".env", ".env.example", ".npmrc"];
    let project = mcpsec_fuzz::project(paths.map(|path| (path, text)));
    let _ = project.git.ignored("src/.env");
});
