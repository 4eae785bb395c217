//! Holds a log against itself, its signatures, and a hash that was kept elsewhere.
//!
//! A changed, removed, moved, doubled or added line is named by its file and line. It does **not** find what was cut off
//! the end after the last checkpoint, unless a later hash is given ([`Expected::head`]).

use std::{
    collections::BTreeSet,
    io::{self, BufRead},
};

use mcpsec_policy::audit_log::{Checkpoint, Hash, Link, signing::Verifier};
use serde::Serialize;

use super::entry::{Entry, next_line};

/// Findings beyond these are counted alone.
const MOST: usize = 1_000;
/// Lines that a server which crashed may have left unsigned beside its promise.
const SLACK: u64 = 2;

/// What is wrong with a line.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd, Serialize)]
#[serde(rename_all = "kebab-case")]
pub enum Kind {
    /// Its bytes do not give its hash.
    Changed,
    /// It is no line of a log at all.
    Unreadable,
    /// Lines before it are missing.
    Removed,
    /// It stands after lines that came later.
    Reordered,
    /// Its place in the chain is taken by another line.
    Added,
    /// It does not follow the line before it, though it is the next.
    Rewritten,
    /// A file of the log is missing, or is another one than its name says.
    File,
    /// A checkpoint is not what its key signs.
    Signature,
    /// A checkpoint is signed by a key that was not given.
    UnknownKey,
    /// There is no checkpoint where one was promised.
    Unsigned,
    /// The log does not contain the hash that it should.
    Head,
}

/// One thing that is wrong.
#[derive(Clone, Debug, PartialEq, Serialize)]
pub struct Finding {
    /// The file.
    pub file: String,
    /// The line, from 1; 0 for the file as a whole.
    pub line: u64,
    /// What is wrong.
    pub kind: Kind,
    /// The same in words.
    pub message: String,
}

/// What a log is held against.
#[derive(Clone, Debug, Default)]
pub struct Expected {
    /// Keys whose signatures count.
    pub keys: Vec<Verifier>,
    /// A hash that a line of the log has.
    pub head: Option<Hash>,
    /// Whether the log is one file of several, so that its begin and end say nothing.
    pub part: bool,
}

/// What came out.
#[derive(Clone, Debug, Default, Serialize)]
pub struct Report {
    /// Lines read.
    pub lines: u64,
    /// Good checkpoints of the keys that were given.
    pub checkpoints: u64,
    /// Sequence number up to which all is signed.
    pub signed_to: Option<u64>,
    /// Sequence number of the last line.
    pub last: Option<u64>,
    /// Its hash: to be kept elsewhere, and given the next time.
    pub head: Option<String>,
    /// What is wrong, in the order of files and lines.
    pub findings: Vec<Finding>,
    /// How many more there are.
    pub more: u64,
    /// What could not be looked at.
    pub incomplete: Vec<String>,
    /// What is worth knowing, and not wrong.
    pub notes: Vec<String>,
}

/// Where a line stands.
#[derive(Clone, Debug, Default)]
struct Place {
    order: (usize, u64),
    file: String,
}

/// Lines that are missing so far.
struct Gap {
    from: u64,
    to: u64,
    place: Place,
}

/// A line that is no link: torn by a crash, if the next line says so.
struct Odd {
    place: Place,
    bytes: u64,
    sha256: String,
}

/// A verification under way. Give it the files in order.
pub struct Verification {
    expected: Expected,
    report: Report,
    found: Vec<((usize, u64), Finding)>,
    place: Place,
    /// Where the first line of the log stands.
    first_place: Place,
    file_number: Option<u64>,
    last_file_number: Option<u64>,
    /// The end of the chain so far.
    last: Option<Link>,
    /// Where the line at the end was changed: the link before it. Its hash is not to be trusted then.
    doubtful: Option<Option<Link>>,
    /// Files were left out, so that the next line may follow anything.
    jump: bool,
    gaps: Vec<Gap>,
    odd: Option<Odd>,
    retired: BTreeSet<u64>,
    /// Sequence number of the first line, and the number of the file that it begins.
    beginning: Option<(u64, Option<u64>)>,
    unchecked: u64,
    promise: Option<(u64, u64)>,
    promise_broken: bool,
    head_seen: bool,
}

impl Verification {
    /// Begins.
    pub fn new(expected: Expected) -> Self {
        Self {
            jump: expected.part,
            expected,
            report: Report::default(),
            found: Vec::new(),
            place: Place::default(),
            first_place: Place::default(),
            file_number: None,
            last_file_number: None,
            last: None,
            doubtful: None,
            gaps: Vec::new(),
            odd: None,
            retired: BTreeSet::new(),
            beginning: None,
            unchecked: 0,
            promise: None,
            promise_broken: false,
            head_seen: false,
        }
    }

    /// Says that the next file could not be read.
    pub fn skip(&mut self, name: &str, number: Option<u64>, why: &str) {
        self.enter(name, number);
        self.report.incomplete.push(format!("{name}: {why}"));
        (self.jump, self.promise) = (true, None);
    }

    /// Reads the next file; `number` is that in its name.
    ///
    /// # Errors
    ///
    /// When reading fails.
    pub fn file(&mut self, name: &str, number: Option<u64>, reader: &mut impl BufRead) -> io::Result<()> {
        self.enter(name, number);
        let mut line = Vec::new();
        while let Some(whole) = next_line(reader, &mut line)? {
            self.place.order.1 += 1;
            self.report.lines += 1;
            let link = Link::parse(&line);
            if !whole && number.is_none() && link.is_none_or(|link| !link.intact) {
                let at = self.place.order.1;
                let why = "ends in the middle of it: it is being written, or a crash tore it";
                self.report.incomplete.push(format!("{name}:{at}: {why}"));
                break;
            }
            match link {
                Some(link) => self.link(link, Entry::parse(&line).unwrap_or_default()),
                None => self.odd(&line),
            }
        }
        Ok(())
    }

    /// What came out.
    pub fn finish(mut self) -> Report {
        self.settle_odd(None);
        for gap in std::mem::take(&mut self.gaps) {
            let records = span(gap.from, gap.to);
            self.add(&gap.place, Kind::Removed, format!("{records} missing before this line"));
        }
        self.judge_beginning();
        self.judge_signatures();
        if let Some(head) = self.expected.head.filter(|_| !self.head_seen) {
            let place = self.place.clone();
            self.add(&place, Kind::Head, format!("no line has the hash {head}: the end was cut off or replaced"));
        }
        self.found.sort_by_key(|(order, finding)| (*order, finding.kind));
        self.report.findings = self.found.into_iter().map(|(_, finding)| finding).collect();
        self.report.last = self.last.map(|link| link.sequence);
        self.report.head = self.last.map(|link| link.hash.to_string());
        self.report
    }

    fn enter(&mut self, name: &str, number: Option<u64>) {
        self.settle_odd(None);
        self.place = Place { order: (self.place.order.0 + 1, 0), file: name.to_owned() };
        if let (Some(before), Some(number)) = (self.last_file_number, number)
            && before + 1 < number
        {
            let place = self.place.clone();
            self.add(&place, Kind::File, format!("before it, {} missing", span_of("segment", before + 1, number - 1)));
        }
        self.file_number = number;
        self.last_file_number = number.or(self.last_file_number);
    }

    fn add(&mut self, place: &Place, kind: Kind, message: String) {
        if self.found.len() == MOST {
            self.report.more += 1;
            return;
        }
        let finding = Finding { file: place.file.clone(), line: place.order.1, kind, message };
        self.found.push((place.order, finding));
    }

    fn find(&mut self, kind: Kind, message: String) {
        let place = self.place.clone();
        self.add(&place, kind, message);
    }

    fn odd(&mut self, line: &[u8]) {
        self.settle_odd(None);
        let sha256 = Hash::of(line).to_string();
        self.odd = Some(Odd { place: self.place.clone(), bytes: line.len() as u64, sha256 });
    }

    /// Decides what a line was that is no link, now that `next` follows it.
    fn settle_odd(&mut self, next: Option<&Entry>) {
        let Some(odd) = self.odd.take() else { return };
        let torn = next.filter(|next| next.kind.as_deref() == Some("start")).and_then(|next| next.torn.as_ref());
        let (file, line) = (&odd.place.file, odd.place.order.1);
        if torn.is_some_and(|torn| torn.bytes == odd.bytes && torn.sha256 == odd.sha256) {
            self.report.notes.push(format!("{file}:{line}: torn by a crash, as the next line says"));
            return;
        }
        self.add(&odd.place, Kind::Unreadable, "this is no line of a log: it was changed or added".to_owned());
    }

    fn link(&mut self, link: Link, entry: Entry) {
        if !link.intact {
            self.settle_odd(None);
            self.changed(link);
            return;
        }
        self.settle_odd(Some(&entry));
        self.head_seen |= self.expected.head == Some(link.hash);
        if self.last.is_none() && !self.jump {
            self.beginning = Some((link.sequence, entry.segment));
            self.first_place = self.place.clone();
        }
        if self.follows(link) {
            self.last = Some(link);
            self.doubtful = None;
            self.heed(link, &entry);
        }
    }

    /// The line's bytes are not what they were. It is taken for the one that belongs here.
    fn changed(&mut self, link: Link) {
        let sequence = self.last.map_or(link.sequence, |last| last.sequence + 1);
        let what = format!("its bytes do not give its hash: this line (record {sequence}) was changed");
        self.find(Kind::Changed, what);
        let before = self.last;
        let previous = before.map_or(link.previous, |before| before.hash);
        self.last = Some(Link { sequence, previous, ..link });
        self.doubtful = Some(before);
    }

    /// Whether the line goes on with the chain; says why not.
    fn follows(&mut self, link: Link) -> bool {
        let jump = std::mem::take(&mut self.jump);
        let Some(last) = self.last else {
            if link.sequence == 1 && link.previous != Hash::NONE {
                self.find(Kind::Rewritten, "the first record names one before it".to_owned());
            }
            return true;
        };
        let next = last.sequence + 1;
        let added = self
            .doubtful
            .flatten()
            .is_some_and(|before| link.sequence == before.sequence + 1 && link.previous == before.hash);
        if jump || added || (link.sequence == next && (link.previous == last.hash || self.doubtful.is_some())) {
            return true;
        }
        let record = link.sequence;
        if record == next {
            self.find(
                Kind::Rewritten,
                format!("record {record} does not follow the line before it: one of them was replaced"),
            );
        } else if next < record {
            self.gaps.push(Gap { from: next, to: record - 1, place: self.place.clone() });
        } else if self.fill(record) {
            self.find(Kind::Reordered, format!("record {record} stands after record {}", last.sequence));
            return false;
        } else {
            self.find(Kind::Added, format!("record {record} was there before: this line was added"));
            return false;
        }
        true
    }

    /// Takes `record` out of what is missing. Says whether it was.
    fn fill(&mut self, record: u64) -> bool {
        let Some(at) = self.gaps.iter().position(|gap| (gap.from..=gap.to).contains(&record)) else { return false };
        let gap = self.gaps.remove(at);
        let parts = [(gap.from, record - 1), (record + 1, gap.to)];
        for (from, to) in parts.into_iter().filter(|(from, to)| from <= to) {
            self.gaps.push(Gap { from, to, place: gap.place.clone() });
        }
        true
    }

    /// What a line says of the log.
    fn heed(&mut self, link: Link, entry: &Entry) {
        match entry.kind.as_deref() {
            Some("segment") => {
                if let (Some(named), Some(written)) = (self.file_number, entry.segment)
                    && named != written
                {
                    self.find(Kind::File, format!("this is segment {written}, and the file's name says {named}"));
                }
            }
            Some("retention") => self.retired.extend(entry.removed),
            Some("lost") => {
                let (count, calls) = (entry.count.unwrap_or_default(), entry.calls.as_deref().unwrap_or("run"));
                let place = format!("{}:{}", self.place.file, self.place.order.1);
                self.report
                    .notes
                    .push(format!("{place}: {count} calls were {calls} without a record, as this line says"));
            }
            Some("checkpoint") => {
                self.checkpoint(link, entry);
                return;
            }
            _ => {}
        }
        if let Some((signed, within)) = self.promise
            && signed + within + SLACK < link.sequence
            && !std::mem::replace(&mut self.promise_broken, true)
        {
            let why = format!("record {signed} promised a checkpoint within {within} lines, and there is none");
            self.find(Kind::Unsigned, why + ": what follows it may be forged");
        }
    }

    fn checkpoint(&mut self, link: Link, entry: &Entry) {
        let (key, signature) =
            (entry.key.as_deref().unwrap_or_default(), entry.signature.as_deref().unwrap_or_default());
        let within = entry.within.unwrap_or_default();
        if self.expected.keys.is_empty() {
            self.unchecked += 1;
            return;
        }
        let Some(verifier) = self.expected.keys.iter().find(|verifier| verifier.id() == key) else {
            self.find(Kind::UnknownKey, format!("signed by the key `{}`, which was not given", key.escape_debug()));
            return;
        };
        let statement = Checkpoint { sequence: link.sequence, previous: link.previous, time: &entry.time, within };
        if !verifier.verify(&statement, signature) {
            self.find(Kind::Signature, format!("the signature of record {} is wrong", link.sequence));
            return;
        }
        self.report.checkpoints += 1;
        self.report.signed_to = Some(link.sequence);
        (self.promise, self.promise_broken) = (Some((link.sequence, within)), false);
    }

    fn judge_beginning(&mut self) {
        let Some((record, segment)) = self.beginning.filter(|(record, _)| *record > 1) else { return };
        let first = segment.unwrap_or(1);
        if first > 1 && self.retired.contains(&(first - 1)) {
            let removed = span_of("segment", 1, first - 1);
            self.report.notes.push(format!("{removed} over: removed by retention, as the log says"));
            return;
        }
        let place = self.first_place.clone();
        self.add(&place, Kind::Removed, format!("{} missing, and no retention removed them", span(1, record - 1)));
    }

    fn judge_signatures(&mut self) {
        let last = self.last.map_or(0, |link| link.sequence);
        if self.unchecked > 0 {
            let count = self.unchecked;
            self.report
                .incomplete
                .push(format!("{count} signatures were not checked: give the public key with `--key`"));
        }
        if self.expected.keys.is_empty() || self.expected.part {
            return;
        }
        match self.report.signed_to {
            None if last > 0 => {
                let place = self.place.clone();
                self.add(&place, Kind::Unsigned, "no checkpoint is signed by a key that was given".to_owned());
            }
            Some(signed) if signed < last => {
                self.report.notes.push(format!("{} not signed yet", span(signed + 1, last)));
            }
            _ => {}
        }
    }
}

fn span(from: u64, to: u64) -> String {
    span_of("record", from, to)
}

fn span_of(what: &str, from: u64, to: u64) -> String {
    if from == to { format!("{what} {from} is") } else { format!("{what}s {from} to {to} are") }
}
