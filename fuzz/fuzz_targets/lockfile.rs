//! Any text is a lockfile, of which every package can be asked for.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let paths = ["package-lock.json", "pnpm-lock.yaml", "yarn.lock", "bun.lock", "uv.lock", "Cargo.lock", "go.sum"];
    let project = mcpsec_fuzz::project(paths.map(|path| (path, text)));
    for (name, _) in project.lockfiles.iter().flat_map(|lockfile| &lockfile.packages).take(20) {
        let _ = project.dependency_version(name);
    }
});
