//! What the build script packed into the command: templates, and the sources of the runtime's packages.

use sha2::{Digest as _, Sha256};

/// A file that the command carries.
#[derive(Clone, Copy, Debug)]
pub struct File {
    /// Relative, with forward slashes.
    pub path: &'static str,
    /// Its content.
    pub bytes: &'static [u8],
}

include!(concat!(env!("OUT_DIR"), "/embedded.rs"));

/// A fingerprint of `files`, which come sorted by path: SHA-256 in lowercase hexadecimal over each file's path, a zero
/// byte, its length as eight little-endian bytes, and its content.
///
/// Over the files below a project's `vendor/` it equals [`RUNTIME_DIGEST`] if, and only if, the copy of the runtime is
/// the one that this command writes.
pub fn digest<'a>(files: impl IntoIterator<Item = (&'a str, &'a [u8])>) -> String {
    let mut hash = Sha256::new();
    for (path, bytes) in files {
        hash.update(path.as_bytes());
        hash.update([0]);
        hash.update((bytes.len() as u64).to_le_bytes());
        hash.update(bytes);
    }
    hash.finalize().iter().map(|byte| format!("{byte:02x}")).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_recorded_fingerprint_is_that_of_the_embedded_sources() {
        assert_eq!(digest(RUNTIME.iter().map(|file| (file.path, file.bytes))), RUNTIME_DIGEST);
    }

    #[test]
    fn vendored_manifests_stand_alone() {
        let manifests: Vec<_> = RUNTIME.iter().filter(|file| file.path.ends_with("Cargo.toml")).collect();
        assert_eq!(manifests.len(), 3, "{manifests:?}");
        for manifest in manifests {
            let text = str::from_utf8(manifest.bytes).expect("a manifest is text");
            let table: toml::Table = text.parse().expect("a manifest is TOML");
            assert!(!text.contains("workspace"), "{text}");
            assert!(table["package"]["version"].is_str(), "{text}");
            assert!(!table.contains_key("dev-dependencies"), "{text}");
        }
    }

    #[test]
    fn tidy_no_template_file_has_a_name_that_cargo_package_leaves_out() {
        for file in TEMPLATES {
            let dropped = file.path.split('/').find(|name| *name == "Cargo.toml" || name.starts_with('.'));
            assert_eq!(dropped, None, "`{}`: store `Cargo.toml.hbs`, and `_` for a leading dot", file.path);
        }
    }
}
