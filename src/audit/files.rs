//! The files of a log, opened for reading.

use std::{
    fs::File,
    io::{self, BufRead, BufReader},
    path::{Path, PathBuf},
};

use mcpsec_policy::audit_log::{
    age::{self, Identity},
    segments,
};

/// The files of one log, in order.
#[derive(Clone, Debug)]
pub struct Log {
    /// Oldest first; the one that is written to comes last.
    pub files: Vec<Segment>,
    /// Whether only one file of a log was asked for.
    pub part: bool,
}

/// One of them.
#[derive(Clone, Debug)]
pub struct Segment {
    /// Where it is.
    pub path: PathBuf,
    /// From its name; the file that is written to has none.
    pub number: Option<u64>,
    /// Whether it is an age file.
    pub encrypted: bool,
}

impl Log {
    /// The log at `path` with its full segments; or one segment, if `path` names one.
    ///
    /// # Errors
    ///
    /// When there is no such file, or its folder cannot be listed.
    pub fn find(path: &Path) -> io::Result<Self> {
        if let Some(log) = segments::log_of(path) {
            let listed = segments::rotated(&log)?.into_iter().find(|segment| segment.path == path);
            let segment = listed.ok_or(io::ErrorKind::NotFound)?;
            return Ok(Self { files: vec![segment.into()], part: true });
        }
        let mut files: Vec<Segment> = segments::rotated(path)?.into_iter().map(Segment::from).collect();
        // A crash while a segment was encrypted leaves both forms; the plain one comes first.
        files.dedup_by_key(|segment| segment.number);
        if path.is_file() {
            files.push(Segment { path: path.to_owned(), number: None, encrypted: false });
        }
        if files.is_empty() {
            return Err(io::ErrorKind::NotFound.into());
        }
        Ok(Self { files, part: false })
    }
}

impl From<segments::Rotated> for Segment {
    fn from(rotated: segments::Rotated) -> Self {
        Self { path: rotated.path, number: Some(rotated.number), encrypted: rotated.encrypted }
    }
}

impl Segment {
    /// What people call it.
    pub fn name(&self) -> String {
        self.path.display().to_string()
    }

    /// Its lines; `None` if it is encrypted and there are no identities.
    ///
    /// # Errors
    ///
    /// When it cannot be opened, or no identity can read it.
    pub fn open(&self, identities: &[Identity]) -> io::Result<Option<Box<dyn BufRead>>> {
        if self.encrypted && identities.is_empty() {
            return Ok(None);
        }
        let file = BufReader::with_capacity(256 * 1024, File::open(&self.path)?);
        if self.encrypted {
            return Ok(Some(Box::new(BufReader::new(age::decrypt(identities, file)?))));
        }
        Ok(Some(Box::new(file)))
    }
}
