//! Regular expressions that are matched by backtracking.

use super::{Row, Takes};
use crate::project::facts::Sink;

pub(super) const ROWS: &[Row] = &[Row {
    sink: Sink::Regex,
    takes: Takes::Argument(0, &["pattern"]),
    calls: &[
        "RegExp",
        "re.compile",
        "re.search",
        "re.match",
        "re.fullmatch",
        "re.findall",
        "re.finditer",
        "re.sub",
        "re.split",
    ],
}];
