//! Reads a project from disk: one walk, each file once, in parallel. What could not be read is data, never silence.

use std::{
    fs, io,
    io::Read as _,
    path::{Path, PathBuf},
};

use rayon::prelude::*;

use super::{
    File, Language, Project, Reason, Role, Skipped, above, git,
    git::Git,
    ignored::IgnoreRules,
    lockfile, role, runtime_copy,
    walk::{skip, walk},
    workers,
};

/// Source files larger than this are skipped: no hand-written source is this big.
const MAX_TEXT_BYTES: u64 = 1024 * 1024;

/// Lockfiles and other data that a tool writes.
const MAX_DATA_BYTES: u64 = 8 * 1024 * 1024;

/// As much of a file above its limit is read to see whether a tool wrote it.
const HEAD_BYTES: u64 = 4 * 1024;

/// How a project is read.
#[derive(Clone, Debug, Default)]
pub struct Options {
    /// Globs of what is not read, beside those of `[doctor] exclude`.
    pub exclude: Vec<String>,
    /// The index of what is staged, where git works with another one than its usual: for `commit -a` it makes one.
    pub index: Option<PathBuf>,
}

/// Why there is no project. The user's mistake, or the operating system's refusal.
#[derive(Debug, thiserror::Error)]
pub enum ReadError {
    /// The folder does not exist.
    #[error("`{}` does not exist", .0.display())]
    Missing(PathBuf),
    /// It is something else than a folder.
    #[error("`{}` is not a directory", .0.display())]
    NotADirectory(PathBuf),
    /// The operating system refused.
    #[error("cannot read `{}`", path.display())]
    Io {
        /// What was to be read.
        path: PathBuf,
        /// Why not.
        source: io::Error,
    },
}

impl Project {
    /// Reads the project in the folder `root`, with what matters of the folders above it up to the repository's.
    ///
    /// # Errors
    /// Only where there is no folder at all. Everything else that cannot be read is listed in [`Project::skipped`].
    pub fn read(root: &Path, options: &Options) -> Result<Self, ReadError> {
        workers::install(|| Self::read_here(root, options))
    }

    fn read_here(root: &Path, options: &Options) -> Result<Self, ReadError> {
        let shown = root.to_owned();
        let root = canonical(root)?;
        fs::read_dir(&root).map_err(|source| ReadError::Io { path: shown.clone(), source })?;
        let mut project = Self { root: shown, ..Self::default() };
        let repository = git::discover(&root);
        project.git = git_of(&root, repository.as_ref(), &mut project.skipped);
        let mut exclude = options.exclude.clone();
        exclude.extend(configured_excludes(&root));
        let found = walk(&root, &project.git, &exclude);
        project.skipped.extend(found.skipped);
        let disk = Disk(&root);
        project.read_files(&disk, &found.files);
        if let Some(repository) = &repository {
            let names = above::on_disk(&root, &repository.top);
            project.above = above::read(names, &disk, &project.git, &mut project.skipped);
        }
        project.git.rules = ignore_rules(&project, &root, repository.as_ref());
        project.runtime_copy = runtime_copy::read(&root);
        project.lower(None);
        project.conclude();
        project.skipped.sort_by(|a, b| a.path.cmp(&b.path));
        Ok(project)
    }

    pub(super) fn read_files(&mut self, store: &dyn Store, paths: &[String]) {
        let git = &self.git;
        let read: Vec<_> = paths.par_iter().map(|path| read_file(store, path, git.tracks(path))).collect();
        for (file, skipped) in read {
            self.files.extend(file);
            self.skipped.extend(skipped);
        }
        self.files.sort_by(|a, b| a.path.cmp(&b.path));
        promote_builds(&mut self.files);
    }
}

/// The folder that a path leads to.
pub(super) fn canonical(path: &Path) -> Result<PathBuf, ReadError> {
    let real = path.canonicalize().map_err(|source| match source.kind() {
        io::ErrorKind::NotFound => ReadError::Missing(path.to_owned()),
        _ => ReadError::Io { path: path.to_owned(), source },
    })?;
    if real.is_dir() { Ok(real) } else { Err(ReadError::NotADirectory(path.to_owned())) }
}

/// Where a project consists of nothing but its build output, that is the product.
fn promote_builds(files: &mut [File]) {
    if files.iter().any(|file| file.language.is_some() && file.role == Role::Product) {
        return;
    }
    for file in files.iter_mut().filter(|file| file.role == Role::Foreign && file.path.starts_with("dist/")) {
        if !role::is_generated_text(&file.text) {
            file.role = Role::Product;
            file.language = Language::of(&file.path);
        }
    }
}

fn git_of(root: &Path, repository: Option<&git::Repository>, skipped: &mut Vec<Skipped>) -> Git {
    let Some(repository) = repository else { return Git::default() };
    let mut git = Git { present: true, prefix: repository.prefix_of(root), ..Git::default() };
    match repository.index() {
        Ok(tracked) => {
            git.tracked = tracked;
            git.indexed = true;
        }
        Err(error) => {
            let detail = format!("the git index cannot be read: {error}");
            skipped.push(skip(".git/index", Reason::Unreadable, detail, true));
        }
    }
    git
}

/// Every ignore file from the repository's folder down to the project's, and those within it.
fn ignore_rules(project: &Project, root: &Path, repository: Option<&git::Repository>) -> IgnoreRules {
    let mut files = Vec::new();
    let top = repository.map_or(root, |repository| repository.top.as_path());
    for folder in root.ancestors().skip(1).take_while(|folder| folder.starts_with(top)) {
        let path = folder.join(".gitignore");
        let regular = fs::symlink_metadata(&path).is_ok_and(|metadata| metadata.is_file());
        if let (true, Ok(text)) = (regular, git::read_text(&path)) {
            let below = folder.strip_prefix(top).unwrap_or(Path::new(""));
            files.push((below.to_string_lossy().replace('\\', "/"), text));
        }
    }
    files.extend(project.ignore_files());
    IgnoreRules::new(files, repository.and_then(git::Repository::exclude).as_deref())
}

/// The globs of `[doctor] exclude`.
fn configured_excludes(root: &Path) -> Vec<String> {
    let path = root.join("mcpsec.toml");
    if !fs::symlink_metadata(&path).is_ok_and(|metadata| metadata.is_file()) {
        return Vec::new();
    }
    git::read_text(&path).map_or_else(|_| Vec::new(), |text| excludes_of(&text))
}

/// The globs of `[doctor] exclude`, read leniently: what is wrong with the file is said by the rules on it.
pub(super) fn excludes_of(policy: &str) -> Vec<String> {
    let Ok(table) = policy.parse::<toml::Table>() else { return Vec::new() };
    let list = table.get("doctor").and_then(|doctor| doctor.get("exclude")).and_then(toml::Value::as_array);
    list.into_iter().flatten().filter_map(|glob| glob.as_str().map(str::to_owned)).collect()
}

/// Where the bytes of a project's files come from.
pub(super) trait Store: Sync {
    /// The bytes of a regular file and who may read and write it, or its size where that is above the limit.
    fn bytes(&self, path: &str, limit: u64) -> io::Result<Result<Content, u64>>;

    /// The beginning of a file.
    fn head(&self, path: &str) -> io::Result<Vec<u8>>;
}

/// Bytes, and the file's mode where the system has one.
pub(super) type Content = (Vec<u8>, Option<u32>);

/// A folder on disk.
pub(super) struct Disk<'a>(pub(super) &'a Path);

impl Store for Disk<'_> {
    fn bytes(&self, path: &str, limit: u64) -> io::Result<Result<Content, u64>> {
        let path = self.0.join(path);
        // Asked before opening: to open a pipe would wait for its writer.
        let metadata = fs::symlink_metadata(&path)?;
        if !metadata.is_file() {
            return Err(io::Error::other("not a regular file any more"));
        }
        if metadata.len() > limit {
            return Ok(Err(metadata.len()));
        }
        let mut bytes = Vec::with_capacity(usize::try_from(metadata.len()).unwrap_or(0));
        fs::File::open(path)?.take(limit + 1).read_to_end(&mut bytes)?;
        let size = bytes.len() as u64;
        Ok(if size > limit { Err(size) } else { Ok((bytes, mode(&metadata))) })
    }

    fn head(&self, path: &str) -> io::Result<Vec<u8>> {
        let mut head = Vec::new();
        fs::File::open(self.0.join(path))?.take(HEAD_BYTES).read_to_end(&mut head)?;
        Ok(head)
    }
}

/// Reads one file; either may be present, or both where the text is there with losses.
pub(super) fn read_file(store: &dyn Store, path: &str, tracked: Option<bool>) -> (Option<File>, Option<Skipped>) {
    let mut role = role::of(path);
    let mut language = Language::of(path);
    if role == Role::Foreign {
        language = None;
    }
    if is_binary_name(path) {
        return (None, Some(skip(path, Reason::Binary, "binary by its name", false)));
    }
    let name = path.rsplit('/').next().unwrap_or(path);
    let matters = language.is_some() || lockfile::is_lockfile(name);
    let limit = if is_data(path) { MAX_DATA_BYTES } else { MAX_TEXT_BYTES };
    let (bytes, mode) = match store.bytes(path, limit) {
        Ok(Ok(read)) => read,
        Ok(Err(_)) if language.is_some() && is_generated_head(store, path) => {
            return (None, Some(skip(path, Reason::Foreign, "generated, minified or vendored", false)));
        }
        Ok(Err(size)) => {
            let detail = format!("{size} bytes are more than the limit of {limit}");
            return (None, Some(skip(path, Reason::TooLarge, detail, matters)));
        }
        Err(error) => return (None, Some(skip(path, Reason::Unreadable, error.to_string(), true))),
    };
    let (text, lossy) = match decode(bytes) {
        Some(decoded) => decoded,
        None => return (None, Some(skip(path, Reason::Binary, "not text", matters))),
    };
    if language.is_some() && role::is_generated_text(&text) {
        role = Role::Foreign;
        language = None;
    }
    let note = lossy.then(|| skip(path, Reason::Encoding, "bytes that are not UTF-8 were replaced", false));
    let listed = (role == Role::Foreign).then(|| skip(path, Reason::Foreign, "generated, minified or vendored", false));
    let path = path.to_owned();
    (Some(File { path, role, text, tracked, mode, language, module: None, plain: None }), listed.or(note))
}

#[cfg(unix)]
fn mode(metadata: &fs::Metadata) -> Option<u32> {
    use std::os::unix::fs::PermissionsExt as _;
    Some(metadata.permissions().mode() & 0o7777)
}

#[cfg(not(unix))]
fn mode(_: &fs::Metadata) -> Option<u32> {
    None
}

/// Whether the beginning of a file that is too large says that a tool wrote it.
fn is_generated_head(store: &dyn Store, path: &str) -> bool {
    store.head(path).is_ok_and(|head| role::says_generated(&String::from_utf8_lossy(&head)))
}

/// The text and whether something was lost; nothing where it is not text.
fn decode(bytes: Vec<u8>) -> Option<(String, bool)> {
    if let [0xff, 0xfe, rest @ ..] = bytes.as_slice() {
        return Some(utf16(rest, u16::from_le_bytes));
    }
    if let [0xfe, 0xff, rest @ ..] = bytes.as_slice() {
        return Some(utf16(rest, u16::from_be_bytes));
    }
    match String::from_utf8(bytes) {
        // A zero byte in otherwise readable source must not hide it: half of the text has to be unreadable for that.
        Ok(text) if text.bytes().filter(|&byte| byte == 0).count() * 2 <= text.len() => Some((text, false)),
        Ok(_) => None,
        Err(error) => {
            let bytes = error.into_bytes();
            let odd = bytes.iter().filter(|&&byte| !(9..=0x7e).contains(&byte)).count();
            (odd * 4 <= bytes.len()).then(|| (String::from_utf8_lossy(&bytes).into_owned(), true))
        }
    }
}

fn utf16(bytes: &[u8], unit: fn([u8; 2]) -> u16) -> (String, bool) {
    let units: Vec<u16> = bytes.chunks_exact(2).map(|pair| unit([pair[0], pair[1]])).collect();
    String::from_utf16(&units).map_or_else(|_| (String::from_utf16_lossy(&units), true), |text| (text, false))
}

/// Data that a tool writes and a parser here reads: it may be larger than source.
fn is_data(path: &str) -> bool {
    let name = path.rsplit('/').next().unwrap_or(path);
    lockfile::is_lockfile(name) || name.ends_with(".json")
}

fn is_binary_name(path: &str) -> bool {
    const ENDINGS: &[&str] = &[
        "7z", "a", "avi", "avif", "bin", "bmp", "bz2", "class", "db", "dll", "dylib", "eot", "exe", "gif", "gz", "ico",
        "icns", "jar", "jpeg", "jpg", "lockb", "mov", "mp3", "mp4", "o", "ogg", "onnx", "otf", "parquet", "pdf", "png",
        "pt", "pyc", "rar", "so", "sqlite", "sqlite3", "tar", "tgz", "tif", "tiff", "ttf", "wasm", "wav", "webm",
        "webp", "whl", "woff", "woff2", "xlsx", "xz", "zip", "zst",
    ];
    let name = path.rsplit('/').next().unwrap_or(path);
    name.rsplit_once('.').is_some_and(|(_, ending)| ENDINGS.contains(&ending.to_ascii_lowercase().as_str()))
}

#[cfg(test)]
mod tests;
