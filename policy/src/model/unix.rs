//! `[unix]`: one JSON-RPC message per line over a UNIX socket, and who may connect to UNIX sockets at all.

use std::path::PathBuf;

use super::Part;
use crate::{
    read::{Field, Reader, Section},
    show::{Settings, Value},
    values,
};

/// `[unix]`: the socket of the transport `unix`, and whom sockets let in.
///
/// The socket gets mode 0600 and lies in a folder that only its owner can enter. The kernel says who connects; that is
/// the caller's identity, `uid:NUMBER`.
#[derive(Clone, Debug, Default, PartialEq)]
#[cfg_attr(feature = "schema", derive(schemars::JsonSchema), schemars(default, deny_unknown_fields))]
pub struct Unix {
    /// The socket, relative to the policy file's folder; absolute after loading. Needed by the transport `unix`.
    #[cfg_attr(feature = "schema", schemars(with = "String"))]
    pub socket: Option<PathBuf>,
    /// Users, by number, whose processes may connect. Without this and the next two: the server's own user.
    pub users: Vec<u32>,
    /// Groups, by number, whose processes may connect.
    pub groups: Vec<u32>,
    /// Processes, by number, that may connect. Where this is set, a process must be in it besides being of such a user
    /// or group.
    pub processes: Vec<u32>,
}

impl Part for Unix {
    fn name(&self) -> &'static str {
        "unix"
    }

    fn read(&mut self, reader: &mut Reader<'_>, mut section: Section<'_>) {
        section.set(reader, "socket", &mut self.socket, |reader, field| values::path(reader, field).map(Some));
        section.set(reader, "users", &mut self.users, numbers);
        section.set(reader, "groups", &mut self.groups, numbers);
        section.set(reader, "processes", &mut self.processes, numbers);
        section.finish(reader);
    }

    fn show(&self, settings: &mut Settings) {
        settings.add("socket", self.socket.as_deref());
        settings.add("users", shown(&self.users));
        settings.add("groups", shown(&self.groups));
        settings.add("processes", shown(&self.processes));
    }
}

fn numbers(reader: &mut Reader<'_>, field: &Field<'_>) -> Option<Vec<u32>> {
    // The largest number stands for "nobody said" in several calls of the kernel.
    const MOST: usize = u32::MAX as usize - 1;
    let items = values::items(reader, field, "a list of numbers")?;
    let numbers: Vec<_> = items
        .iter()
        .map(|item| values::count(0..=MOST)(reader, item).and_then(|number| u32::try_from(number).ok()))
        .collect();
    numbers.into_iter().collect()
}

fn shown(numbers: &[u32]) -> Value {
    Value::Numbers(numbers.iter().map(|number| u64::from(*number)).collect())
}
