//! Where an existing log ends, so that the chain goes on.
//!
//! A line that a crash left unfinished is kept as it is: the next record names its length and hash. Anything else at the
//! end of the file that is not a link of the chain stops the start: going on would bury it.

use std::{
    fs::File,
    io::{self, Read as _, Seek as _, SeekFrom},
    path::Path,
    time::SystemTime,
};

use mcpsec_policy::{
    audit_log::{Chain, Hash, Link, segments},
    keys,
};

use super::note::Torn;

/// As much of the end is read; a line has some kilobytes at the most.
const END: u64 = 1024 * 1024;
/// As much of the beginning, for the first line.
const BEGIN: u64 = 16 * 1024;

/// How the log was left.
#[derive(Debug)]
pub(super) struct Left {
    /// Its end; `None` where lines are not chained.
    pub chain: Option<Chain>,
    /// Number of the file that is written to.
    pub segment: u64,
    /// When that file began.
    pub began: SystemTime,
    /// Whether there is nothing in it.
    pub empty: bool,
    /// Whether it holds decisions, as far as its end shows.
    pub used: bool,
    /// Whether the last line lacks its newline.
    pub unfinished: bool,
    /// The last line, if it is more than its newline that it lacks.
    pub torn: Option<Torn>,
}

/// Looks at the log at `path`.
///
/// # Errors
///
/// When it cannot be read, or, where it is to be a chain, does not end with a link of one.
pub(super) fn recover(path: &Path, chained: bool) -> io::Result<Left> {
    let rotated = segments::rotated(path)?;
    let (first, end) = (beginning(path)?, end(path)?);
    let newest = rotated.iter().map(|segment| segment.number).max().unwrap_or(0);
    let (number, began) = heading(&first).unwrap_or((newest + 1, SystemTime::now()));
    let mut left = Left {
        chain: None,
        segment: number.max(newest + 1),
        began,
        empty: end.is_empty(),
        used: end.windows(11).any(|window| window == b"\"verdict\":\""),
        unfinished: end.last().is_some_and(|byte| *byte != b'\n'),
        torn: None,
    };
    let (whole, tail) = end.split_at(end.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1));
    if !chained {
        return Ok(left);
    }
    let mut chain = match last_line(whole) {
        Some(line) => Chain::after(&link(line).ok_or_else(|| no_log(path))?),
        // A folder that held a log, from which all or the newest file was taken away.
        None => match rotated.iter().rfind(|segment| segment.number == newest) {
            None => Chain::default(),
            Some(newest) if rotated.iter().all(|it| it.number != newest.number || it.encrypted) => {
                let why = format!("the log's newest lines are encrypted in `{}`", newest.path.display());
                return Err(io::Error::other(why + ": move the older files away to begin a new log"));
            }
            Some(_) => {
                let path = segments::rotated_path(path, newest);
                let end = self::end(&path)?;
                Chain::after(&last_line(&end).and_then(link).ok_or_else(|| no_log(&path))?)
            }
        },
    };
    match link(tail) {
        Some(link) if link.sequence == chain.last() + 1 && link.previous == chain.head() => chain = Chain::after(&link),
        _ if tail.is_empty() => {}
        _ => left.torn = Some(Torn { bytes: tail.len() as u64, sha256: Hash::of(tail).to_string() }),
    }
    left.chain = Some(chain);
    Ok(left)
}

fn link(line: &[u8]) -> Option<Link> {
    Link::parse(line).filter(|link| link.intact)
}

fn no_log(path: &Path) -> io::Error {
    io::Error::other(format!(
        "its last line is not a link of an audit log's chain: look at it with `mcpsec audit verify {0}`, keep it, and move \
         it away, or write `chain = false`",
        path.display()
    ))
}

/// The last line of `lines`, which ends with a newline or is empty.
fn last_line(lines: &[u8]) -> Option<&[u8]> {
    let lines = lines.strip_suffix(b"\n")?;
    Some(&lines[lines.iter().rposition(|byte| *byte == b'\n').map_or(0, |at| at + 1)..])
}

fn beginning(path: &Path) -> io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    File::open(path)?.take(BEGIN).read_to_end(&mut bytes)?;
    Ok(bytes)
}

/// The end of the file, from the beginning of a line on where it is too long to be read as a whole.
fn end(path: &Path) -> io::Result<Vec<u8>> {
    let mut file = File::open(path)?;
    let length = file.metadata()?.len();
    let mut bytes = Vec::new();
    file.seek(SeekFrom::Start(length.saturating_sub(END)))?;
    file.take(END).read_to_end(&mut bytes)?;
    if END < length {
        let begin = bytes.iter().position(|byte| *byte == b'\n').ok_or_else(|| no_log(path))?;
        bytes.drain(..=begin);
    }
    Ok(bytes)
}

/// Number and time of the file that begins with `bytes`.
fn heading(bytes: &[u8]) -> Option<(u64, SystemTime)> {
    let line = bytes.split(|byte| *byte == b'\n').next()?;
    let record: serde_json::Value = serde_json::from_slice(line).ok()?;
    Some((record["segment"].as_u64()?, keys::time::parse(record["time"].as_str()?)?))
}
