//! Embeds what the command carries: the templates, and the sources of the runtime crates for `vendor/` of a new
//! project.
//!
//! A package from the registry has no `screen`, `policy` and `runtime` folders (cargo leaves out every subfolder with a
//! `Cargo.toml`): then no sources are embedded, and a new project names the registry's version.

use std::{
    env, fs, io,
    path::{Path, PathBuf},
};

use sha2::{Digest as _, Sha256};
use toml::{Table, Value};

/// The packages that a generated project needs, as folder here and name there.
const PACKAGES: [(&str, &str); 3] =
    [("policy", "mcpsec-policy"), ("runtime", "mcpsec-runtime"), ("screen", "mcpsec-screen")];

/// A file to embed: its path as the command knows it, and where its bytes are while it is built.
struct Embedded {
    path: String,
    source: PathBuf,
}

fn main() {
    let root = PathBuf::from(env::var_os("CARGO_MANIFEST_DIR").expect("cargo sets it"));
    let out = PathBuf::from(env::var_os("OUT_DIR").expect("cargo sets it"));
    println!("cargo::rerun-if-changed=build.rs");
    println!("cargo::rerun-if-changed=templates");

    let templates = below(&root.join("templates"), "").expect("templates/ is readable");
    let runtime = if PACKAGES.iter().all(|(folder, _)| root.join(folder).join("Cargo.toml").is_file()) {
        runtime(&root, &out).expect("the runtime's sources are readable")
    } else {
        Vec::new()
    };

    let code = format!(
        "{}{}/// SHA-256 of [`RUNTIME`] as [`digest`] computes it. Of nothing where nothing is embedded.\n\
         pub const RUNTIME_DIGEST: &str = \"{}\";\n",
        table("TEMPLATES", "Every file below `templates/`, sorted by path.", &templates),
        table("RUNTIME", "The runtime's packages as standalone sources, sorted by path; may be empty.", &runtime),
        digest(&runtime),
    );
    fs::write(out.join("embedded.rs"), code).expect("OUT_DIR is writable");
}

/// Every file in `folder`, sorted, named `prefix` and the path below the folder with forward slashes.
fn below(folder: &Path, prefix: &str) -> io::Result<Vec<Embedded>> {
    let mut files = Vec::new();
    let mut entries = fs::read_dir(folder)?.collect::<io::Result<Vec<_>>>()?;
    entries.sort_by_key(fs::DirEntry::file_name);
    for entry in entries {
        let name =
            entry.file_name().into_string().map_err(|name| io::Error::other(format!("{name:?} is not UTF-8")))?;
        let path = format!("{prefix}{name}");
        if entry.file_type()?.is_dir() {
            files.extend(below(&entry.path(), &format!("{path}/"))?);
        } else {
            files.push(Embedded { path, source: entry.path() });
        }
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

fn runtime(root: &Path, out: &Path) -> io::Result<Vec<Embedded>> {
    let workspace = read_toml(&root.join("Cargo.toml"))?;
    let mut files = Vec::new();
    for (folder, name) in PACKAGES {
        let package = root.join(folder);
        println!("cargo::rerun-if-changed={folder}/Cargo.toml");
        println!("cargo::rerun-if-changed={folder}/src");
        let manifest = out.join(format!("{name}.toml"));
        let text = toml::to_string(&standalone(read_toml(&package.join("Cargo.toml"))?, &workspace))
            .map_err(io::Error::other)?;
        fs::write(
            &manifest,
            format!("# A copy that `mcpsec new` wrote. Its fingerprint is in .mcpsec/project.toml.\n{text}"),
        )?;
        files.push(Embedded { path: format!("{name}/Cargo.toml"), source: manifest });
        for license in ["LICENSE-APACHE", "LICENSE-MIT"] {
            files.push(Embedded { path: format!("{name}/{license}"), source: root.join(license) });
        }
        files.extend(below(&package.join("src"), &format!("{name}/src/"))?);
    }
    files.sort_by(|a, b| a.path.cmp(&b.path));
    Ok(files)
}

fn read_toml(path: &Path) -> io::Result<Table> {
    fs::read_to_string(path)?.parse().map_err(io::Error::other)
}

/// The manifest of a workspace member as it has to read outside of the workspace: what was inherited is written out,
/// path dependencies point to their neighbour in `vendor/`, and what only serves our own tests is gone.
fn standalone(mut manifest: Table, workspace: &Table) -> Table {
    let inherited = workspace.get("workspace").and_then(|it| it.get("package"));
    if let Some(Value::Table(package)) = manifest.get_mut("package") {
        for (key, value) in package.iter_mut() {
            let from_workspace = value.get("workspace").is_some_and(|it| it.as_bool() == Some(true));
            if let (true, Some(resolved)) = (from_workspace, inherited.and_then(|it| it.get(key))) {
                *value = resolved.clone();
            }
        }
        // Examples, tests and benches stay behind, so their discovery is off, too.
        for key in ["autobenches", "autobins", "autoexamples", "autotests"] {
            package.insert(key.to_owned(), Value::Boolean(false));
        }
        package.insert("publish".to_owned(), Value::Boolean(false));
    }
    for key in ["dev-dependencies", "example", "test", "bench", "bin"] {
        manifest.remove(key);
    }
    manifest.insert("lints".to_owned(), Value::Table("[rust]\nunsafe_code = \"forbid\"".parse().expect("constant")));
    if let Some(Value::Table(dependencies)) = manifest.get_mut("dependencies") {
        for (name, dependency) in dependencies.iter_mut() {
            if let (Value::Table(dependency), true) = (dependency, PACKAGES.iter().any(|(_, it)| it == name)) {
                dependency.insert("path".to_owned(), Value::String(format!("../{name}")));
            }
        }
    }
    manifest
}

/// Must agree with `embedded::digest`, which a test compares.
fn digest(files: &[Embedded]) -> String {
    let mut hash = Sha256::new();
    for file in files {
        let bytes = fs::read(&file.source).expect("it was listed a moment ago");
        hash.update(file.path.as_bytes());
        hash.update([0]);
        hash.update((bytes.len() as u64).to_le_bytes());
        hash.update(&bytes);
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

fn table(name: &str, docs: &str, files: &[Embedded]) -> String {
    let mut code = format!("/// {docs}\npub static {name}: &[File] = &[\n");
    for file in files {
        let source = file.source.to_str().expect("the build folder's path is UTF-8");
        code.push_str(&format!("    File {{ path: {:?}, bytes: include_bytes!({source:?}) }},\n", file.path));
    }
    code.push_str("];\n");
    code
}
