//! What a process costs: time from its start to its end, and the most memory that it held.

use std::{
    fs,
    process::{Child, Command, ExitStatus, Stdio},
    time::{Duration, Instant},
};

/// How often the memory of a running process is looked at.
const GLANCE: Duration = Duration::from_micros(500);

/// What the best of several runs cost.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Cost {
    /// Shortest time.
    pub(crate) seconds: f64,
    /// Most memory of any run, in bytes; zero where the system does not say.
    pub(crate) bytes: u64,
}

impl Cost {
    /// The memory in MiB, for a table.
    pub(crate) fn peak(&self) -> String {
        if self.bytes == 0 { "-".to_owned() } else { format!("{:.0}", self.bytes as f64 / 1_048_576.0) }
    }
}

/// The shortest of several runs; nothing where the program is missing. An exit code that is not allowed ends it all.
///
/// Memory is looked at in runs of its own, so that looking takes no time from the others.
pub(crate) fn best(command: &mut Command, allowed: &[i32], runs: usize) -> Option<Cost> {
    command.stdout(Stdio::null()).stderr(Stdio::null()).stdin(Stdio::null());
    let mut seconds = f64::INFINITY;
    for _ in 0..runs {
        let begun = Instant::now();
        let status = command.status().ok()?;
        seconds = seconds.min(begun.elapsed().as_secs_f64());
        check(command, status, allowed);
    }
    let mut child = command.spawn().ok()?;
    let (bytes, status) = watch(&mut child)?;
    check(command, status, allowed);
    Some(Cost { seconds, bytes })
}

fn check(command: &Command, status: ExitStatus, allowed: &[i32]) {
    let code = status.code().unwrap_or(-1);
    assert!(allowed.contains(&code), "{command:?} ended with {code}");
}

/// The high-water mark only rises: what was seen last, just before the end, is the peak.
fn watch(child: &mut Child) -> Option<(u64, ExitStatus)> {
    let path = format!("/proc/{}/status", child.id());
    let mut peak = 0;
    loop {
        let text = fs::read_to_string(&path).unwrap_or_default();
        let line = text.lines().find_map(|line| line.strip_prefix("VmHWM:"));
        let kibibytes: u64 = line.and_then(|it| it.trim().trim_end_matches(" kB").parse().ok()).unwrap_or(0);
        peak = peak.max(kibibytes * 1024);
        if let Some(status) = child.try_wait().ok()? {
            return Some((peak, status));
        }
        std::thread::sleep(GLANCE);
    }
}
