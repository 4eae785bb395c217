//! Exit codes: the same in every output format.

use std::process::ExitCode;

use crate::doctor;

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

impl Exit {
    /// The number.
    pub fn code(self) -> u8 {
        match self {
            Self::Clean => 0,
            Self::Findings => 1,
            Self::Usage => 2,
            Self::Incomplete => 3,
            Self::Internal => 4,
            Self::Nothing => 5,
            Self::Interrupted => 130,
        }
    }

    /// What several runs come to: of these the first that one of them ended with, clean where none did.
    pub fn worst(exits: impl IntoIterator<Item = Self>) -> Self {
        exits.into_iter().min_by_key(|exit| doctor::rank(exit.code())).unwrap_or(Self::Clean)
    }
}

impl From<Exit> for ExitCode {
    fn from(exit: Exit) -> Self {
        Self::from(exit.code())
    }
}
