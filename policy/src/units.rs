//! Readable units: `"1MiB"`, `"30s"`, `"100/min"`.

use std::{fmt, num::NonZeroU32, str::FromStr, time::Duration};

/// A number of bytes, written as `"512KiB"`, `"1MiB"` or a plain integer.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct ByteSize(pub u64);

impl ByteSize {
    /// `n` times 1024 bytes.
    pub const fn kib(n: u64) -> Self {
        Self(n * 1024)
    }

    /// `n` times 1024 × 1024 bytes.
    pub const fn mib(n: u64) -> Self {
        Self(n * 1024 * 1024)
    }

    /// The size as an index type; sizes that do not fit saturate.
    pub fn as_usize(self) -> usize {
        usize::try_from(self.0).unwrap_or(usize::MAX)
    }
}

/// So many calls in a period, written as `"100/min"`. The period is one second, minute, hour or day, or a duration as in
/// `"100/15min"`.
#[derive(Clone, Copy, Debug, Eq, PartialEq)]
pub struct Rate {
    /// Calls allowed in one period; also the largest burst.
    pub count: NonZeroU32,
    /// The period.
    pub period: Duration,
}

impl Rate {
    /// `count` calls a minute. A count of zero becomes one.
    pub const fn per_minute(count: u32) -> Self {
        let count = match NonZeroU32::new(count) {
            Some(count) => count,
            None => NonZeroU32::MIN,
        };
        Self { count, period: Duration::from_secs(60) }
    }
}

/// Why a text is no value of its unit: what was expected, with an example.
#[derive(Clone, Debug, Eq, PartialEq)]
pub struct UnitError(String);

impl fmt::Display for UnitError {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

impl std::error::Error for UnitError {}

fn expected(what: &str) -> UnitError {
    UnitError(what.to_owned())
}

impl FromStr for ByteSize {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        let (count, unit) = number(text).ok_or_else(|| expected("expected a size such as \"512KiB\" or \"1MiB\""))?;
        let factor = match unit {
            "" | "B" => 1,
            "KiB" => 1 << 10,
            "MiB" => 1 << 20,
            "GiB" => 1 << 30,
            "k" | "K" | "kB" | "KB" | "kb" | "kib" => {
                return Err(expected("write kibibytes as `KiB`, such as \"512KiB\""));
            }
            "m" | "M" | "MB" | "mb" | "mib" => return Err(expected("write mebibytes as `MiB`, such as \"1MiB\"")),
            _ => return Err(expected("a size has the unit B, KiB, MiB or GiB, such as \"1MiB\"")),
        };
        count.checked_mul(factor).map(Self).ok_or_else(|| expected("this size is beyond what a computer can count"))
    }
}

/// Reads a duration such as `"500ms"`, `"30s"`, `"5min"`, `"1h"` or `"90d"`.
///
/// # Errors
///
/// When the number or the unit is missing, unknown or too large.
pub fn parse_duration(text: &str) -> Result<Duration, UnitError> {
    let (count, unit) = number(text).ok_or_else(|| expected("expected a duration such as \"500ms\" or \"30s\""))?;
    let seconds = match unit {
        "ms" => return Ok(Duration::from_millis(count)),
        "" => return Err(UnitError(format!("a duration needs a unit, such as \"{count}s\" or \"{count}ms\""))),
        _ => seconds_in(unit).ok_or_else(|| expected("a duration has the unit ms, s, min, h or d, such as \"30s\""))?,
    };
    count
        .checked_mul(seconds)
        .map(Duration::from_secs)
        .ok_or_else(|| expected("this duration is longer than a computer can count"))
}

impl FromStr for Rate {
    type Err = UnitError;

    fn from_str(text: &str) -> Result<Self, UnitError> {
        let shape = || expected("expected a rate such as \"100/min\" or \"5/s\"");
        let (count, period) = text.split_once('/').ok_or_else(shape)?;
        let count: u32 = match number(count.trim()) {
            Some((count, "")) => {
                count.try_into().map_err(|_| expected("this rate is beyond what a server can answer"))?
            }
            _ => return Err(shape()),
        };
        let count =
            NonZeroU32::new(count).ok_or_else(|| expected("a rate of zero would refuse every call; use at least 1"))?;
        let period = period.trim();
        let period = match seconds_in(period) {
            Some(seconds) => Duration::from_secs(seconds),
            None => {
                parse_duration(period).map_err(|_| expected("a rate is per s, min, h or day, such as \"100/min\""))?
            }
        };
        if period.is_zero() {
            return Err(expected("a rate per no time at all is no limit; use a period such as `min`"));
        }
        Ok(Self { count, period })
    }
}

fn seconds_in(unit: &str) -> Option<u64> {
    Some(match unit {
        "s" | "sec" | "second" => 1,
        "m" | "min" | "minute" => 60,
        "h" | "hour" => 3_600,
        "d" | "day" => 86_400,
        _ => return None,
    })
}

/// A leading number (underscores allowed between digits, as in TOML) and the rest without spaces.
fn number(text: &str) -> Option<(u64, &str)> {
    let text = text.trim();
    let end = text.find(|c: char| !c.is_ascii_digit() && c != '_').unwrap_or(text.len());
    let (digits, unit) = text.split_at(end);
    if digits.starts_with('_') || digits.ends_with('_') {
        return None;
    }
    let count = digits.replace('_', "").parse().ok()?;
    Some((count, unit.trim_start()))
}

impl fmt::Display for ByteSize {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.0 {
            n if n != 0 && n % (1 << 30) == 0 => write!(f, "{}GiB", n >> 30),
            n if n != 0 && n % (1 << 20) == 0 => write!(f, "{}MiB", n >> 20),
            n if n != 0 && n % (1 << 10) == 0 => write!(f, "{}KiB", n >> 10),
            n => write!(f, "{n}B"),
        }
    }
}

impl fmt::Display for Rate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self.period.as_millis() {
            1_000 => write!(f, "{}/s", self.count),
            60_000 => write!(f, "{}/min", self.count),
            3_600_000 => write!(f, "{}/h", self.count),
            86_400_000 => write!(f, "{}/day", self.count),
            _ => write!(f, "{}/{}", self.count, show_duration(self.period)),
        }
    }
}

/// A duration as the policy file writes it, in the largest unit that loses nothing above a millisecond.
pub fn show_duration(duration: Duration) -> String {
    let millis = duration.as_millis();
    match (millis % 1_000, millis / 1_000) {
        (0, seconds) if seconds > 0 && seconds % 86_400 == 0 => format!("{}d", seconds / 86_400),
        (0, seconds) if seconds > 0 && seconds % 3_600 == 0 => format!("{}h", seconds / 3_600),
        (0, seconds) if seconds > 60 && seconds % 60 == 0 => format!("{}min", seconds / 60),
        (0, seconds) => format!("{seconds}s"),
        _ => format!("{millis}ms"),
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::{ByteSize, Rate, parse_duration, show_duration};

    #[test]
    fn sizes_have_binary_units() {
        let check =
            |text: &str, expected: Option<u64>| assert_eq!(text.parse().ok(), expected.map(ByteSize), "{text:?}");
        check("0B", Some(0));
        check("1", Some(1));
        check("512KiB", Some(512 * 1024));
        check("1 MiB", Some(1 << 20));
        check("1_000B", Some(1_000));
        check("17179869183GiB", Some(17_179_869_183 << 30));
        check("17179869184GiB", None);
        for text in ["", "MiB", "1MB", "1m", "-1", "1.5MiB", "_1", "1_", "1MiBx", "99999999999999999999"] {
            check(text, None);
        }
    }

    #[test]
    fn durations_need_a_unit() {
        let check = |text: &str, millis: Option<u64>| {
            assert_eq!(parse_duration(text).ok(), millis.map(Duration::from_millis), "{text:?}");
        };
        check("500ms", Some(500));
        check("30s", Some(30_000));
        check("5min", Some(300_000));
        check("1h", Some(3_600_000));
        check("90d", Some(7_776_000_000));
        for text in ["", "30", "s", "1y", "-1s", "18446744073709551615d", "1.5s"] {
            check(text, None);
        }
        assert!(parse_duration("30").unwrap_err().to_string().contains("\"30s\""));
    }

    #[test]
    fn rates_are_counts_in_a_period() {
        let check = |text: &str, expected: Option<(u32, u64)>| {
            let rate = text.parse::<Rate>().ok().map(|rate| (rate.count.get(), rate.period.as_secs()));
            assert_eq!(rate, expected, "{text:?}");
        };
        check("100/min", Some((100, 60)));
        check("1/s", Some((1, 1)));
        check("5 / hour", Some((5, 3_600)));
        check("7/day", Some((7, 86_400)));
        check("100/15min", Some((100, 900)));
        check("4294967295/s", Some((u32::MAX, 1)));
        for text in ["", "/", "0/min", "100", "100/", "min", "1/0s", "-1/s", "4294967296/s", "1/fortnight", "1/s/s"] {
            check(text, None);
        }
    }

    #[test]
    fn what_is_shown_can_be_read_again() {
        for text in ["100/min", "1/s", "2/day", "3/h", "4/15min", "5/250ms"] {
            assert_eq!(text.parse::<Rate>().expect("valid").to_string(), text);
        }
        for text in ["500ms", "30s", "90s", "5min", "2h", "3d", "0s"] {
            assert_eq!(show_duration(parse_duration(text).expect("valid")), text);
        }
        for text in ["0B", "1023B", "1KiB", "1MiB", "3GiB"] {
            assert_eq!(text.parse::<ByteSize>().expect("valid").to_string(), text);
        }
    }
}
