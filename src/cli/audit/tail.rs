//! `mcpsec audit tail`

use std::{
    collections::VecDeque,
    fs::{self, File},
    io::{self, BufRead as _, BufReader, Write as _},
    path::Path,
    thread,
    time::Duration,
};

use super::{Exit, Failure, Output, Source, each, query::Style, selection, unreadable};
use crate::audit::{Entry, Filter, Log, entry::LONGEST};

/// Pause between two looks at the file.
const PAUSE: Duration = Duration::from_millis(200);

const EXAMPLES: &str = "\
Examples:
  mcpsec audit tail                              the last ten decisions
  mcpsec audit tail -f --verdict refused         what is refused, as it happens
  mcpsec audit tail -f --format json | jq .      for programs

It goes on with the next file when the server rotates. Ctrl-C ends it.";

#[derive(Debug, clap::Args)]
#[command(after_help = EXAMPLES)]
pub(super) struct Arguments {
    #[command(flatten)]
    source: Source,
    #[command(flatten)]
    selection: selection::Selection,
    /// How many of the decisions that are there
    #[arg(short = 'n', long, default_value_t = 10, value_name = "COUNT")]
    lines: usize,
    /// Wait for more
    #[arg(short, long)]
    follow: bool,
    /// Also lines that are about the log itself
    #[arg(long)]
    all: bool,
    /// For people, or the log's own lines
    #[arg(long, value_enum, default_value_t = Style::Human)]
    format: Style,
}

pub(super) fn run(arguments: &Arguments, output: &mut Output) -> Result<Exit, Failure> {
    let mut filter = arguments.selection.filter()?;
    filter.all = arguments.all;
    let (path, log) = arguments.source.find()?;
    // Opened before the old lines are read, so that none falls between.
    let follower = if arguments.follow { Some(Follower::open(&path)?) } else { None };
    let (mut last, mut seen) = (VecDeque::new(), None);
    let exit = each(&newest(&log), &arguments.source.identities, output, |entry, line, _| {
        seen = entry.seq.max(seen);
        if filter.accepts(entry) {
            last.push_back((entry.clone(), line.to_vec()));
            if last.len() > arguments.lines {
                last.pop_front();
            }
        }
        Ok(())
    })?;
    for (entry, line) in last {
        show(arguments.format, &entry, &line, output)?;
    }
    output.out.flush()?;
    match follower {
        Some(follower) => follower.follow(&path, seen, &Wanted { filter, style: arguments.format }, output),
        None => Ok(exit),
    }
}

/// The file that is written to, and the one before it that is in the clear.
fn newest(log: &Log) -> Log {
    let readable: Vec<_> = log.files.iter().filter(|segment| !segment.encrypted).cloned().collect();
    let skipped = readable.len().saturating_sub(2);
    Log { files: readable.into_iter().skip(skipped).collect(), part: log.part }
}

fn show(style: Style, entry: &Entry, line: &[u8], output: &mut Output) -> io::Result<()> {
    match style {
        Style::Human => selection::show(&mut output.out, entry),
        Style::Json => {
            output.out.write_all(line)?;
            writeln!(output.out)
        }
    }
}

/// What is shown, and how.
struct Wanted {
    filter: Filter,
    style: Style,
}

/// Reads what is added to a file.
struct Follower {
    reader: BufReader<File>,
    line: Vec<u8>,
}

impl Follower {
    /// Begins at the end of the file.
    fn open(path: &Path) -> Result<Self, Failure> {
        let mut file = File::open(path).map_err(|error| unreadable(path, &error))?;
        io::Seek::seek(&mut file, io::SeekFrom::End(0)).map_err(|error| unreadable(path, &error))?;
        Ok(Self { reader: BufReader::new(file), line: Vec::new() })
    }

    /// Shows what comes, but for what was `seen` before.
    fn follow(mut self, path: &Path, seen: Option<u64>, wanted: &Wanted, output: &mut Output) -> Result<Exit, Failure> {
        loop {
            // Asked before reading: what was written until then is in the old file.
            let moved = self.is_moved(path);
            while self.next(path)? {
                let entry = Entry::parse(&self.line).filter(|entry| wanted.filter.accepts(entry));
                if let Some(entry) = entry.filter(|entry| entry.seq.is_none() || seen < entry.seq) {
                    show(wanted.style, &entry, &self.line, output)?;
                }
                self.line.clear();
            }
            output.out.flush()?;
            if moved && let Ok(file) = File::open(path) {
                *self.reader.get_mut() = file;
                self.line.clear();
            } else {
                thread::sleep(PAUSE);
            }
        }
    }

    /// Whether a whole line came. A part of one is kept until the rest comes.
    fn next(&mut self, path: &Path) -> Result<bool, Failure> {
        let read = self.reader.read_until(b'\n', &mut self.line).map_err(|error| unreadable(path, &error))?;
        if self.line.last() == Some(&b'\n') {
            self.line.pop();
            return Ok(true);
        }
        if self.line.len() > LONGEST {
            self.line.clear();
        }
        Ok(read > 0 && self.line.is_empty())
    }

    /// Whether another file has taken the place of the one that is read.
    fn is_moved(&self, path: &Path) -> bool {
        let (Ok(now), Ok(read)) = (fs::metadata(path), self.reader.get_ref().metadata()) else { return false };
        #[cfg(unix)]
        {
            use std::os::unix::fs::MetadataExt as _;
            (now.dev(), now.ino()) != (read.dev(), read.ino())
        }
        #[cfg(not(unix))]
        {
            now.len() < read.len()
        }
    }
}
