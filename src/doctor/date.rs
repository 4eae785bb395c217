//! Calendar days, for suppressions that expire.

use std::fmt;

/// A day of the Gregorian calendar, in UTC.
#[derive(Clone, Copy, Debug, Eq, Ord, PartialEq, PartialOrd)]
pub struct Date {
    year: i64,
    month: u32,
    day: u32,
}

impl Date {
    /// Reads `2027-03-31`; nothing for what is no day.
    pub fn parse(text: &str) -> Option<Self> {
        let shape = text.len() == 10 && text.bytes().all(|byte| byte.is_ascii_digit() || byte == b'-');
        let mut parts = text.split('-');
        let (year, month, day) = (parts.next()?, parts.next()?, parts.next()?);
        let date = Self { year: year.parse().ok()?, month: month.parse().ok()?, day: day.parse().ok()? };
        let valid = shape && (1..=12).contains(&date.month) && (1..=date.days_of_month()).contains(&date.day);
        valid.then_some(date)
    }

    /// The day of a number of seconds since 1970-01-01.
    pub fn from_seconds(seconds: u64) -> Self {
        let mut days = seconds / 86_400;
        let mut date = Self { year: 1970, month: 1, day: 1 };
        while days >= u64::from(date.days_of_month()) {
            days -= u64::from(date.days_of_month());
            date.month += 1;
            if date.month > 12 {
                (date.year, date.month) = (date.year + 1, 1);
            }
        }
        date.day = 1 + days as u32;
        date
    }

    fn days_of_month(self) -> u32 {
        let leap = self.year % 4 == 0 && (self.year % 100 != 0 || self.year % 400 == 0);
        match self.month {
            2 if leap => 29,
            2 => 28,
            4 | 6 | 9 | 11 => 30,
            _ => 31,
        }
    }
}

impl fmt::Display for Date {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:04}-{:02}-{:02}", self.year, self.month, self.day)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn only_real_days_are_read() {
        assert_eq!(Date::parse("2027-03-31").map(|date| date.to_string()).as_deref(), Some("2027-03-31"));
        assert!(Date::parse("2028-02-29").is_some());
        for wrong in ["2027-02-29", "2027-13-01", "2027-00-10", "2027-3-1", "tomorrow", "2027-03-311", ""] {
            assert_eq!(Date::parse(wrong), None, "{wrong}");
        }
    }

    #[test]
    fn seconds_become_the_day_they_lie_in() {
        assert_eq!(Date::from_seconds(0).to_string(), "1970-01-01");
        assert_eq!(Date::from_seconds(951_782_399).to_string(), "2000-02-28");
        assert_eq!(Date::from_seconds(951_782_400).to_string(), "2000-02-29");
        assert_eq!(Date::from_seconds(1_795_219_200).to_string(), "2026-11-21");
    }
}
