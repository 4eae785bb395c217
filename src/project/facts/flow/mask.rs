//! For which sinks a value is harmless, and in which form it is.
//!
//! A check proves a value harmless for some sinks and not for others: a name of letters and slashes cannot end a
//! shell's word and can leave a folder. So what is proven is a set.

use std::ops::{BitAnd, BitOr, BitOrAssign};

use crate::project::facts::Sink;

/// A set of kinds of sinks.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub(super) struct Mask(u16);

impl Mask {
    pub(super) const NONE: Self = Self(0);
    pub(super) const SHELL: Self = Self(1);
    pub(super) const ARGUMENT: Self = Self(1 << 1);
    pub(super) const CODE: Self = Self(1 << 2);
    pub(super) const SQL: Self = Self(1 << 3);
    /// Lexically inside of a folder.
    pub(super) const PATH: Self = Self(1 << 4);
    /// Inside of a folder also when links are followed.
    pub(super) const LINK: Self = Self(1 << 5);
    /// Decides no host.
    pub(super) const HOST: Self = Self(1 << 6);
    /// Decides no path below a host.
    pub(super) const ENDPOINT: Self = Self(1 << 7);
    /// Has a harmless scheme.
    pub(super) const SCHEME: Self = Self(1 << 8);
    pub(super) const REGEX: Self = Self(1 << 9);
    /// Text inside of a script, template or query of a database.
    pub(super) const TEXT: Self = Self(1 << 10);
    /// What only a fixed set of values makes harmless: programs, serialised objects.
    pub(super) const OBJECT: Self = Self(1 << 11);
    /// Leads nowhere else, whatever the host answers.
    pub(super) const REDIRECT: Self = Self(1 << 12);
    pub(super) const ALL: Self = Self((1 << 13) - 1);
    /// A file, wherever it is opened.
    pub(super) const FILE: Self = Self(Self::PATH.0 | Self::LINK.0);
    /// A URL, all of it.
    pub(super) const ADDRESS: Self = Self(Self::HOST.0 | Self::SCHEME.0);

    pub(super) const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) const fn contains(self, other: Self) -> bool {
        self.0 & other.0 == other.0
    }

    pub(super) const fn is_empty(self) -> bool {
        self.0 == 0
    }

    pub(super) const fn count(self) -> u32 {
        self.0.count_ones()
    }

    /// What makes a value harmless for `sink`.
    pub(super) const fn of(sink: Sink) -> Self {
        match sink {
            Sink::Shell => Self::SHELL,
            Sink::Argument => Self::ARGUMENT,
            Sink::Code => Self::CODE,
            Sink::Sql => Self::SQL,
            Sink::PathRead | Sink::PathWrite => Self::FILE,
            Sink::Url => Self::HOST.with(Self::ENDPOINT).with(Self::REDIRECT),
            Sink::Navigation | Sink::OpenUrl => Self::SCHEME,
            Sink::Regex => Self::REGEX,
            Sink::Template | Sink::NoSql | Sink::Script => Self::TEXT,
            Sink::Program | Sink::Launch | Sink::Deserialize | Sink::Xml => Self::OBJECT,
            Sink::Answer | Sink::Authorization | Sink::Options => Self::OBJECT,
        }
    }
}

impl BitOr for Mask {
    type Output = Self;
    fn bitor(self, other: Self) -> Self {
        self.with(other)
    }
}

impl BitOrAssign for Mask {
    fn bitor_assign(&mut self, other: Self) {
        *self = self.with(other);
    }
}

impl BitAnd for Mask {
    type Output = Self;
    fn bitand(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }
}

/// What is known of the form of a path.
#[derive(Clone, Copy, Debug, Default, Eq, Hash, PartialEq)]
pub(super) struct Form(u8);

impl Form {
    /// `..` was resolved in the text.
    pub(super) const NORMAL: Self = Self(1);
    /// Links were followed.
    pub(super) const REAL: Self = Self(1 << 1);
    /// Contains no `..`.
    pub(super) const NO_PARENT: Self = Self(1 << 2);
    /// Is not absolute.
    pub(super) const RELATIVE: Self = Self(1 << 3);

    pub(super) const fn with(self, other: Self) -> Self {
        Self(self.0 | other.0)
    }

    pub(super) const fn without(self, other: Self) -> Self {
        Self(self.0 & !other.0)
    }

    pub(super) const fn has(self, other: Self) -> bool {
        self.0 & other.0 != 0
    }

    pub(super) const fn both(self, other: Self) -> Self {
        Self(self.0 & other.0)
    }

    /// The containment that a check of a value in this form proves.
    pub(super) const fn contained(self) -> Mask {
        if self.has(Self::REAL) {
            Mask::FILE
        } else if self.has(Self::NORMAL) {
            Mask::PATH
        } else {
            Mask::NONE
        }
    }

    pub(super) const fn bits(self) -> u8 {
        self.0
    }
}
