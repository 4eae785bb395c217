//! Exit codes: the same in every output format.

use std::process::ExitCode;

/// How a run ended.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub enum Exit {
    /// 0: nothing at or above the gate.
    Clean,
    /// 1: findings at or above the gate.
    Findings,
    /// 2: wrong arguments, or a configuration that cannot be used.
    Usage,
    /// 3: something could not be read or decided.
    Incomplete,
    /// 4: a bug of ours.
    Internal,
    /// 5: there was nothing to check.
    Nothing,
    /// 130: interrupted.
    Interrupted,
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(match exit {
            Exit::Clean => 0,
            Exit::Findings => 1,
            Exit::Usage => 2,
            Exit::Incomplete => 3,
            Exit::Internal => 4,
            Exit::Nothing => 5,
            Exit::Interrupted => 130,
        })
    }
}
