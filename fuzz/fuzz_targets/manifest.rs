//! Any text is a manifest, or an error, and its places lie in the text.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    let paths = ["package.json", "pnpm-workspace.yaml", "pyproject.toml", "requirements.txt", "setup.py", "setup.cfg", "Cargo.toml", "go.mod", "pom.xml", "build.gradle", "gradle/libs.versions.toml", "a.csproj"];
    let project = mcpsec_fuzz::project(paths.map(|path| (path, text)));
    for manifest in &project.manifests {
        for dependency in &manifest.dependencies {
            assert!(text.get(dependency.place.start..dependency.place.end).is_some());
            let _ = dependency.floating(manifest.ecosystem);
        }
        let _ = project.locked(manifest);
    }
});
