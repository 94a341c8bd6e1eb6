//! Lengths of time as rules state them: "3 weeks", "4 months".

use std::fmt;
use std::str::FromStr;

use jiff::tz::TimeZone;
use jiff::{Timestamp, ToSpan as _};
use kit::clock::DAY;
use kit::{Error, Time};
use serde::{Deserialize, Serialize};

/// Longest length, in its unit: nobody means more.
const MOST: u32 = 1_000;

/// A number of days, weeks, months or years. Months and years are those of the calendar, in UTC.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
#[serde(try_from = "String", into = "String")]
pub struct Length {
    count: u32,
    unit: Unit,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
enum Unit {
    Day,
    Week,
    Month,
    Year,
}

impl Length {
    /// So many days.
    pub const fn days(count: u32) -> Self {
        Self { count, unit: Unit::Day }
    }

    /// So many weeks.
    pub const fn weeks(count: u32) -> Self {
        Self { count, unit: Unit::Week }
    }

    /// So many months.
    pub const fn months(count: u32) -> Self {
        Self { count, unit: Unit::Month }
    }

    /// So many years.
    pub const fn years(count: u32) -> Self {
        Self { count, unit: Unit::Year }
    }

    /// The moment so long after `time`; a moment that no calendar has stays `time`.
    pub fn after(self, time: Time) -> Time {
        self.signed(time, 1)
    }

    /// The moment so long before `time`.
    pub fn before(self, time: Time) -> Time {
        self.signed(time, -1)
    }

    fn signed(self, time: Time, sign: i64) -> Time {
        let count = i64::from(self.count.min(MOST)) * sign;
        let months = match self.unit {
            Unit::Day => return time.saturating_add(count * DAY),
            Unit::Week => return time.saturating_add(count * 7 * DAY),
            Unit::Month => count,
            Unit::Year => count * 12,
        };
        let moved = Timestamp::from_microsecond(time)
            .map(|time| time.to_zoned(TimeZone::UTC))
            .and_then(|time| time.checked_add(months.months()));
        moved.map_or(time, |moved| moved.timestamp().as_microsecond())
    }
}

impl fmt::Display for Length {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let unit = match self.unit {
            Unit::Day => "day",
            Unit::Week => "week",
            Unit::Month => "month",
            Unit::Year => "year",
        };
        write!(f, "{} {unit}{}", self.count, if self.count == 1 { "" } else { "s" })
    }
}

impl FromStr for Length {
    type Err = Error;

    fn from_str(text: &str) -> Result<Self, Error> {
        let wrong =
            || Error::invalid("length", format!("{text:?} is no length of time: write 3 weeks, 4 months"));
        let (count, unit) = text.trim().split_once(' ').ok_or_else(wrong)?;
        let unit = match unit.trim().trim_end_matches('s') {
            "day" => Unit::Day,
            "week" => Unit::Week,
            "month" => Unit::Month,
            "year" => Unit::Year,
            _ => return Err(wrong()),
        };
        let count = count.parse().ok().filter(|count| *count <= MOST).ok_or_else(wrong)?;
        Ok(Self { count, unit })
    }
}

impl TryFrom<String> for Length {
    type Error = Error;

    fn try_from(text: String) -> Result<Self, Error> {
        text.parse()
    }
}

impl From<Length> for String {
    fn from(length: Length) -> Self {
        length.to_string()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn months_are_those_of_the_calendar_and_end_where_the_month_does() {
        let at = |text: &str| text.parse::<Timestamp>().unwrap().as_microsecond();
        let january = at("2027-01-31T12:00:00Z");
        assert_eq!(Length::months(1).after(january), at("2027-02-28T12:00:00Z"));
        assert_eq!(Length::years(3).after(january), at("2030-01-31T12:00:00Z"));
        assert_eq!(Length::weeks(3).before(january), at("2027-01-10T12:00:00Z"));
        assert_eq!(Length::years(1_000).after(i64::MAX), i64::MAX);
    }

    #[test]
    fn a_length_is_read_as_it_is_written() {
        for text in ["3 weeks", "1 day", "4 months", "3 years", "0 days"] {
            assert_eq!(text.parse::<Length>().unwrap().to_string(), text);
        }
        for text in ["", "3", "weeks", "three weeks", "3 fortnights", "99999 days", "-3 days"] {
            assert!(text.parse::<Length>().is_err(), "{text}");
        }
    }
}
