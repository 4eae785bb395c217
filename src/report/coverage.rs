//! What was looked at, in words: a line for formats that have room for one.

use std::collections::{BTreeMap, BTreeSet};

use super::{Report, counted};

impl Report {
    /// Servers, transports, tools and files.
    pub(super) fn looked_at(&self) -> Vec<String> {
        let mut parts = Vec::new();
        let mut kinds: BTreeMap<String, usize> = BTreeMap::new();
        for server in &self.servers {
            let version = server.sdk_version.as_deref().map(|version| format!(" {version}")).unwrap_or_default();
            *kinds.entry(format!("{} with {}{version}", server.language, server.sdk)).or_default() += 1;
        }
        parts.extend(kinds.iter().map(|(kind, count)| format!("{} in {kind}", counted(*count, "server"))));
        let transports: BTreeSet<&str> =
            self.transports.iter().map(|it| if it.kind == "stdio" { "stdio" } else { "network" }).collect();
        if !transports.is_empty() {
            parts.push(transports.into_iter().rev().collect::<Vec<_>>().join(" + "));
        }
        let tools: usize = self.servers.iter().map(|server| server.tools.len()).sum();
        if tools > 0 {
            parts.push(counted(tools, "tool"));
        }
        parts.push(counted(self.coverage.files, "file"));
        parts
    }

    /// Everything: what was looked at, with which rules, and what was not.
    pub(super) fn coverage_line(&self) -> String {
        if self.is_unread() {
            return "nothing was read".to_owned();
        }
        let mut parts = self.looked_at();
        let ran = self.rules.len() - self.not_applicable.len();
        parts.push(format!("{} parsed", self.coverage.parsed));
        parts.push(format!("{} ran, {} not applicable", counted(ran, "rule"), self.not_applicable.len()));
        let skipped = self.skipped.iter().filter(|skipped| !skipped.incomplete).count();
        for (count, what) in [
            (self.coverage.apart, "read as text only"),
            (skipped, "left out on purpose"),
            (self.incomplete.len(), "not checked"),
            (self.hidden, "not shown"),
            (self.known.baseline, "accepted by the baseline"),
            (self.known.before, "there before"),
            (self.findings.iter().filter(|it| it.suppressed.is_some()).count(), "suppressed"),
        ] {
            if count > 0 {
                parts.push(format!("{count} {what}"));
            }
        }
        parts.join(" · ")
    }
}
