//! Where a new project takes the runtime from.

use std::path::{Path, PathBuf};

use crate::embedded::{File, RUNTIME};

/// The source of `mcpsec-runtime` and the packages below it.
#[derive(Clone, Debug, Eq, PartialEq)]
pub enum RuntimeSource {
    /// A copy in the project's `vendor/`.
    Vendor,
    /// The package registry, in this command's version.
    Registry,
    /// A checkout or a `vendor/` folder on this machine.
    Path(PathBuf),
    /// A git repository at one commit.
    Git {
        /// Address of the repository.
        url: String,
        /// Full commit hash.
        revision: String,
    },
}

/// Why a source cannot be used.
#[derive(Clone, Debug, Eq, PartialEq, thiserror::Error)]
pub enum SourceError {
    /// Not one of the four forms.
    #[error("`{0}` is not a source; there are: vendor, registry, path:DIR, git:URL@REV")]
    Unknown(String),
    /// This command was built without the sources.
    #[error("this command carries no copy of the runtime, because it was built from a registry package")]
    NothingEmbedded,
    /// No package there.
    #[error("`{}` has no `mcpsec-runtime` in it", .0.display())]
    NoRuntime(PathBuf),
    /// The path cannot stand in a manifest.
    #[error("`{}` is not UTF-8", .0.display())]
    NotText(PathBuf),
    /// A branch or a tag can move.
    #[error("`{0}` is not a full commit hash")]
    NotPinned(String),
}

impl Default for RuntimeSource {
    fn default() -> Self {
        if RUNTIME.is_empty() { Self::Registry } else { Self::Vendor }
    }
}

impl std::str::FromStr for RuntimeSource {
    type Err = SourceError;

    fn from_str(text: &str) -> Result<Self, SourceError> {
        if let Some(path) = text.strip_prefix("path:") {
            return Ok(Self::Path(PathBuf::from(path)));
        }
        if let Some((url, revision)) = text.strip_prefix("git:").and_then(|it| it.rsplit_once('@')) {
            if revision.len() != 40 || !revision.bytes().all(|it| it.is_ascii_hexdigit()) {
                return Err(SourceError::NotPinned(revision.to_owned()));
            }
            return Ok(Self::Git { url: url.to_owned(), revision: revision.to_owned() });
        }
        match text {
            "vendor" if RUNTIME.is_empty() => Err(SourceError::NothingEmbedded),
            "vendor" => Ok(Self::Vendor),
            "registry" => Ok(Self::Registry),
            _ => Err(SourceError::Unknown(text.to_owned())),
        }
    }
}

impl std::fmt::Display for RuntimeSource {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::Vendor => f.write_str("vendor"),
            Self::Registry => f.write_str("registry"),
            Self::Path(path) => write!(f, "path:{}", path.display()),
            Self::Git { url, revision } => write!(f, "git:{url}@{revision}"),
        }
    }
}

impl RuntimeSource {
    /// The part of a dependency's inline table in `Cargo.toml` that says where `package` comes from.
    pub fn dependency(&self, package: &str) -> Result<String, SourceError> {
        let version = env!("CARGO_PKG_VERSION");
        Ok(match self {
            Self::Vendor => format!("path = \"vendor/{package}\""),
            Self::Registry => format!("version = \"{version}\""),
            Self::Path(folder) => {
                let folder = package_folder(folder, package).ok_or_else(|| SourceError::NoRuntime(folder.clone()))?;
                let text = folder.to_str().ok_or_else(|| SourceError::NotText(folder.clone()))?;
                format!("path = {}", super::render::double_quoted(text))
            }
            Self::Git { url, revision } => {
                format!("git = {}, rev = \"{revision}\"", super::render::double_quoted(url))
            }
        })
    }

    /// The files of `vendor/`, by path below it.
    pub fn vendored(&self) -> &'static [File] {
        if *self == Self::Vendor { RUNTIME } else { &[] }
    }

    /// Whether a lockfile can be given without asking the network: the sources are on this machine.
    pub fn is_local(&self) -> bool {
        matches!(self, Self::Vendor | Self::Path(_))
    }
}

/// `folder` may be a checkout of the repository (`runtime/`) or a `vendor/` folder (`mcpsec-runtime/`).
fn package_folder(folder: &Path, package: &str) -> Option<PathBuf> {
    let short = package.strip_prefix("mcpsec-").unwrap_or(package);
    let candidates = [folder.join(package), folder.join(short)];
    let found = candidates.iter().find(|it| it.join("Cargo.toml").is_file())?;
    // Absolute, because a relative path would be read from the new project's folder.
    found.canonicalize().ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_a_full_commit_hash_pins() {
        let hash = "0123456789abcdef0123456789abcdef01234567";
        let parsed: RuntimeSource = format!("git:https://example.org/x@{hash}").parse().expect("it is pinned");
        assert_eq!(
            parsed.dependency("mcpsec-runtime").expect("it is text"),
            format!("git = \"https://example.org/x\", rev = \"{hash}\"")
        );
        let moving: Result<RuntimeSource, _> = "git:https://example.org/x@main".parse();
        assert_eq!(moving, Err(SourceError::NotPinned("main".to_owned())));
        assert_eq!("pigeon".parse::<RuntimeSource>(), Err(SourceError::Unknown("pigeon".to_owned())));
    }

    #[test]
    fn a_checkout_is_found_by_its_folder_names() {
        let checkout = RuntimeSource::Path(PathBuf::from(env!("CARGO_MANIFEST_DIR")));
        let dependency = checkout.dependency("mcpsec-runtime").expect("this is a checkout");
        assert!(dependency.starts_with("path = \"/") && dependency.ends_with("/runtime\""), "{dependency}");
        let elsewhere = RuntimeSource::Path(PathBuf::from("no/such/folder"));
        assert!(matches!(elsewhere.dependency("mcpsec-runtime"), Err(SourceError::NoRuntime(_))));
    }
}
