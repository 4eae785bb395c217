//! Dates as key files write them: RFC 3339, in UTC.

use std::time::{Duration, SystemTime};

use toml::value::{Datetime, Offset};

const DAY: i64 = 86_400;

/// The moment that `text` names: `2027-03-31T12:00:00Z`, or `2027-03-31` for the end of that day in UTC.
pub fn parse(text: &str) -> Option<SystemTime> {
    moment(&text.parse().ok()?)
}

/// The moment of a TOML date or date-time; `None` without a date, or with a time but without an offset, which would mean
/// another moment on another machine.
pub fn moment(datetime: &Datetime) -> Option<SystemTime> {
    let date = datetime.date?;
    let days = days_from_civil(i64::from(date.year), i64::from(date.month), i64::from(date.day));
    let seconds = match (&datetime.time, &datetime.offset) {
        (None, None) => DAY,
        (Some(time), Some(offset)) => {
            let minutes = match offset {
                Offset::Z => 0,
                Offset::Custom { minutes } => i64::from(*minutes),
            };
            i64::from(time.hour) * 3_600 + i64::from(time.minute) * 60 + i64::from(time.second.unwrap_or(0))
                - minutes * 60
        }
        _ => return None,
    };
    let seconds = u64::try_from(days * DAY + seconds).ok()?;
    SystemTime::UNIX_EPOCH.checked_add(Duration::from_secs(seconds))
}

/// `time` as `2027-03-31T12:00:00Z`; times before 1970 as its beginning.
pub fn show(time: SystemTime) -> String {
    let seconds = time.duration_since(SystemTime::UNIX_EPOCH).map_or(0, |since| since.as_secs());
    let days = i64::try_from(seconds / 86_400).unwrap_or(i64::MAX / 2);
    let (year, month, day) = civil_from_days(days);
    let (hour, minute, second) = (seconds / 3_600 % 24, seconds / 60 % 60, seconds % 60);
    format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}Z")
}

/// Days since 1970-01-01 in the Gregorian calendar. Years begin in March here, so that the leap day comes last.
fn days_from_civil(year: i64, month: i64, day: i64) -> i64 {
    let year = if month <= 2 { year - 1 } else { year };
    let era = year.div_euclid(400);
    let year_of_era = year.rem_euclid(400);
    let day_of_year = (153 * ((month + 9) % 12) + 2) / 5 + day - 1;
    era * 146_097 + year_of_era * 365 + year_of_era / 4 - year_of_era / 100 + day_of_year - 719_468
}

fn civil_from_days(days: i64) -> (i64, i64, i64) {
    let days = days + 719_468;
    let era = days.div_euclid(146_097);
    let day_of_era = days.rem_euclid(146_097);
    let year_of_era = (day_of_era - day_of_era / 1_460 + day_of_era / 36_524 - day_of_era / 146_096) / 365;
    let day_of_year = day_of_era - (365 * year_of_era + year_of_era / 4 - year_of_era / 100);
    let shifted = (5 * day_of_year + 2) / 153;
    let month = if shifted < 10 { shifted + 3 } else { shifted - 9 };
    let year = year_of_era + era * 400 + i64::from(month <= 2);
    (year, month, day_of_year - (153 * shifted + 2) / 5 + 1)
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, SystemTime};

    use super::{civil_from_days, days_from_civil, parse, show};

    #[test]
    fn moments_agree_with_known_ones() {
        let check = |text: &str, seconds: Option<u64>| {
            assert_eq!(parse(text), seconds.map(|it| SystemTime::UNIX_EPOCH + Duration::from_secs(it)), "{text}");
        };
        check("1970-01-01T00:00:00Z", Some(0));
        check("2001-09-09T01:46:40Z", Some(1_000_000_000));
        check("2024-02-29T12:00:00+02:00", Some(1_709_200_800));
        check("2024-02-29", Some(1_709_251_200));
        for text in ["", "2024-02-30", "2024-13-01", "12:00:00", "2024-02-29T12:00:00", "1969-12-30", "tomorrow"] {
            check(text, None);
        }
    }

    #[test]
    fn every_day_of_five_centuries_comes_back() {
        for days in 0..182_500 {
            let (year, month, day) = civil_from_days(days);
            assert_eq!(days_from_civil(year, month, day), days);
        }
    }

    #[test]
    fn what_is_shown_can_be_read_again() {
        for seconds in [0, 951_782_400, 1_709_251_199, 4_102_444_800] {
            let time = SystemTime::UNIX_EPOCH + Duration::from_secs(seconds);
            assert_eq!(parse(&show(time)), Some(time));
        }
    }
}
