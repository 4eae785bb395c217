//! The key file on disk: read only if nobody else can have written it, written whole or not at all.

use std::{
    fmt,
    fs::{self, File, OpenOptions},
    io::{self, Write as _},
    path::{Path, PathBuf},
};

/// Larger files are no key files.
const LARGEST: u64 = 16 * 1024 * 1024;

/// Why a key file was not read or not written. The operating system's fault or the owner's, never the key's.
#[derive(Debug)]
#[non_exhaustive]
pub enum FileError {
    /// It is not there.
    Missing,
    /// Its group, or everybody, can write it and so grant themselves access.
    WritableByOthers,
    /// Others than its owner can read it, and secrets stand in it.
    ReadableByOthers,
    /// It belongs to another user of this machine.
    OfAnother,
    /// It is larger than any key file, or not a file, or not text.
    NoKeyFile,
    /// The operating system refused.
    Io(io::Error),
}

impl fmt::Display for FileError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Missing => f.write_str("the key file does not exist"),
            Self::WritableByOthers => f.write_str("the key file can be written by others than its owner"),
            Self::ReadableByOthers => f.write_str("the file can be read by others than its owner"),
            Self::OfAnother => f.write_str("the file belongs to another user"),
            Self::NoKeyFile => f.write_str("this is not a key file"),
            Self::Io(error) => write!(f, "cannot use the key file: {error}"),
        }
    }
}

impl std::error::Error for FileError {
    fn source(&self) -> Option<&(dyn std::error::Error + 'static)> {
        match self {
            Self::Io(error) => Some(error),
            _ => None,
        }
    }
}

impl FileError {
    /// What to do about it.
    pub fn help(&self) -> Option<&'static str> {
        match self {
            Self::Missing => Some("make a first key with `mcpsec key new --file FILE`"),
            Self::WritableByOthers => Some("take the right away with `chmod 600 FILE`, and check who is in it"),
            Self::ReadableByOthers => Some("take the right away with `chmod 600 FILE`, and make new tokens"),
            Self::OfAnother => Some("the user that runs the server owns its files of tokens: `chown USER FILE`"),
            Self::NoKeyFile | Self::Io(_) => None,
        }
    }
}

impl From<io::Error> for FileError {
    fn from(error: io::Error) -> Self {
        if error.kind() == io::ErrorKind::NotFound { Self::Missing } else { Self::Io(error) }
    }
}

/// Reads a file of keys: a file of text that nobody but its owner can have written.
///
/// # Errors
///
/// See [`FileError`].
pub fn read(path: &Path) -> Result<String, FileError> {
    read_with(path, false)
}

/// Reads a file that only its owner, who runs this process, can read and write.
pub(super) fn read_private(path: &Path) -> Result<String, FileError> {
    read_with(path, true)
}

fn read_with(path: &Path, private: bool) -> Result<String, FileError> {
    let file = File::open(path)?;
    // Asked of the open file, so that nobody can exchange it between the question and the reading.
    let metadata = file.metadata()?;
    if !metadata.is_file() || metadata.len() > LARGEST {
        return Err(FileError::NoKeyFile);
    }
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        if metadata.mode() & 0o022 != 0 {
            return Err(FileError::WritableByOthers);
        }
        if private && metadata.mode() & 0o077 != 0 {
            return Err(FileError::ReadableByOthers);
        }
        // Elsewhere than on Linux there is no such folder; there, who is not root could not have opened the file of
        // another with these rights.
        let myself = fs::metadata("/proc/self").ok().map(|process| process.uid());
        if private && myself.is_some_and(|user| user != metadata.uid()) {
            return Err(FileError::OfAnother);
        }
    }
    #[cfg(not(unix))]
    let _ = private;
    match io::read_to_string(io::Read::take(file, LARGEST)) {
        Err(error) if error.kind() == io::ErrorKind::InvalidData => Err(FileError::NoKeyFile),
        other => Ok(other?),
    }
}

/// The right to change a key file: two commands that add a key at the same time must not lose one.
#[derive(Debug)]
pub struct Lock {
    /// Where the file is, with links followed, so that a link stays one.
    path: PathBuf,
    _folder: File,
}

impl Lock {
    /// Waits until nobody else changes a key file in the same folder.
    ///
    /// # Errors
    ///
    /// When the folder does not exist or cannot be locked.
    pub fn new(path: &Path) -> Result<Self, FileError> {
        let path = match path.canonicalize() {
            Err(error) if error.kind() == io::ErrorKind::NotFound => std::path::absolute(path)?,
            other => other?,
        };
        let folder = File::open(path.parent().ok_or(FileError::NoKeyFile)?)?;
        match folder.lock() {
            // Not every system can lock a folder. The file is still written whole.
            Err(error) if error.kind() != io::ErrorKind::Unsupported => return Err(error.into()),
            _ => {}
        }
        Ok(Self { path, _folder: folder })
    }

    /// Replaces the file by one with `text` that only its owner can read: whole, or not at all.
    ///
    /// # Errors
    ///
    /// When the operating system refuses; the file is then as it was.
    pub fn write(&self, text: &str) -> Result<(), FileError> {
        let name = self.path.file_name().and_then(|name| name.to_str()).ok_or(FileError::NoKeyFile)?;
        let temporary = self.path.with_file_name(format!(".{name}.{}.new", std::process::id()));
        let mut options = OpenOptions::new();
        options.write(true).create_new(true);
        #[cfg(unix)]
        std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
        let written = options.open(&temporary).and_then(|mut file| {
            file.write_all(text.as_bytes())?;
            file.sync_all()
        });
        let replaced = written.and_then(|()| fs::rename(&temporary, &self.path));
        if replaced.is_err() {
            // What is left would hold hashes only; the first error is the one to tell.
            let _ = fs::remove_file(&temporary);
        }
        Ok(replaced?)
    }
}
