//! Times, sizes and counts as words: one way to write each, on every page.
//!
//! Times are µs since 1970 UTC and are written in UTC, dates as in ISO 8601; a duration is hours and minutes.

use jiff::Timestamp;
use jiff::tz::TimeZone;

const MINUTE: i64 = 60_000_000;
const HOUR: i64 = 60 * MINUTE;
const DAY: i64 = 24 * HOUR;

/// A whole number as templates have it: by value or behind references, of any width.
pub trait Int {
    /// The number; what does not fit is the largest that does.
    fn int(&self) -> i64;
}

macro_rules! int {
    ($($kind:ty)*) => { $(impl Int for $kind {
        fn int(&self) -> i64 { i64::try_from(*self).unwrap_or(i64::MAX) }
    })* };
}
int!(i64 u64 i32 u32 u16 u8 usize);

impl<T: Int + ?Sized> Int for &T {
    fn int(&self) -> i64 {
        (**self).int()
    }
}

/// Writes a time with a strftime pattern; a time that no calendar has is a dash.
fn written(time: i64, pattern: &str) -> String {
    match Timestamp::from_microsecond(time) {
        Ok(time) => time.to_zoned(TimeZone::UTC).strftime(pattern).to_string(),
        Err(_) => "–".to_owned(),
    }
}

/// `2026-11-21T19:20:41Z` (RFC 3339), for machines.
pub fn iso(time: impl Int) -> String {
    written(time.int(), "%Y-%m-%dT%H:%M:%SZ")
}

/// `2026-11-21`.
pub fn date(time: impl Int) -> String {
    written(time.int(), "%Y-%m-%d")
}

/// `19:20` when it is the day of `now`, else `2026-11-20 19:20`.
pub fn time(time: impl Int, now: impl Int) -> String {
    let (time, now) = (time.int(), now.int());
    let today = time.div_euclid(DAY) == now.div_euclid(DAY);
    written(time, if today { "%H:%M" } else { "%Y-%m-%d %H:%M" })
}

/// `19:20:41` when it is the day of `now`, else with the date before it.
pub fn time_exact(time: impl Int, now: impl Int) -> String {
    let (time, now) = (time.int(), now.int());
    let today = time.div_euclid(DAY) == now.div_euclid(DAY);
    written(time, if today { "%H:%M:%S" } else { "%Y-%m-%d %H:%M:%S" })
}

/// How long something takes or is left: `0:34`, `23:05`, `2 d 21 h`. Takes µs; the sign is dropped.
pub fn duration(micros: impl Int) -> String {
    let minutes = micros.int().unsigned_abs() / MINUTE.unsigned_abs();
    match (minutes / 1440, minutes / 60 % 24, minutes % 60) {
        (0, hours, minutes) => format!("{hours}:{minutes:02}"),
        (days, hours, _) => format!("{days} d {hours} h"),
    }
}

/// How old something is: `38 min`, `3 h 04`, `2 d 21 h`. Takes µs; what lies ahead is `0 min` old.
pub fn age(micros: impl Int) -> String {
    let minutes = micros.int().max(0) / MINUTE;
    match (minutes / 1440, minutes / 60 % 24, minutes % 60) {
        (0, 0, minutes) => format!("{minutes} min"),
        (0, hours, minutes) => format!("{hours} h {minutes:02}"),
        (days, hours, _) => format!("{days} d {hours} h"),
    }
}

/// How far a day lies from `now`: `today`, `in 54 days`, `19 days ago`; counted in days of the calendar.
pub fn days_away(time: impl Int, now: impl Int) -> String {
    match time.int().div_euclid(DAY) - now.int().div_euclid(DAY) {
        0 => "today".to_owned(),
        1 => "tomorrow".to_owned(),
        -1 => "yesterday".to_owned(),
        days if days > 0 => format!("in {} days", count(days)),
        days => format!("{} days ago", count(-days)),
    }
}

/// `10,648`.
pub fn count(number: impl Int) -> String {
    let number = number.int();
    let digits = number.unsigned_abs().to_string();
    let mut grouped = String::with_capacity(digits.len() + 7);
    if number < 0 {
        grouped.push('−');
    }
    for (index, digit) in digits.chars().enumerate() {
        if index > 0 && (digits.len() - index).is_multiple_of(3) {
            grouped.push(',');
        }
        grouped.push(digit);
    }
    grouped
}

/// `1 report`, `10,648 reports`.
pub fn plural(number: impl Int, one: &str, many: &str) -> String {
    let number = number.int();
    format!("{} {}", count(number), if number == 1 { one } else { many })
}

/// A number of bytes in units of a thousand: `412 B`, `1.3 kB`, `98 kB`, `2.4 MB`.
pub fn size(bytes: impl Int) -> String {
    let bytes = bytes.int().max(0);
    let (unit, name) = match bytes {
        0..1_000 => return format!("{bytes} B"),
        // From here the number would be rounded up to 1,000 kB.
        1_000..999_500 => (1_000, "kB"),
        999_500..999_500_000 => (1_000_000, "MB"),
        _ => (1_000_000_000, "GB"),
    };
    let tenths = (i128::from(bytes) * 10 + unit / 2) / unit;
    match tenths {
        0..100 => format!("{}.{} {name}", tenths / 10, tenths % 10),
        _ => format!("{} {name}", (i128::from(bytes) + unit / 2) / unit),
    }
}

/// A fingerprint in groups of four, so that two people can read it aloud: five groups a line, four for the 64
/// digits of a SHA-256. Takes hexadecimal digits, with or without spaces or colons; gives capitals.
pub fn fingerprint(hex: &str) -> String {
    let digits: Vec<char> =
        hex.chars().filter(char::is_ascii_hexdigit).map(|c| c.to_ascii_uppercase()).collect();
    let per_line = if digits.len() == 64 { 4 } else { 5 };
    let lines = digits.chunks(4 * per_line).map(|line| {
        line.chunks(4).map(|group| group.iter().collect::<String>()).collect::<Vec<_>>().join(" ")
    });
    lines.collect::<Vec<_>>().join("\n")
}

/// The last eight digits of a fingerprint, enough to tell a team's own keys apart: `…A0D1 77E4`.
pub fn fingerprint_end(hex: &str) -> String {
    let digits: Vec<char> =
        hex.chars().filter(char::is_ascii_hexdigit).map(|c| c.to_ascii_uppercase()).collect();
    let end: String = digits[digits.len().saturating_sub(8)..].iter().collect();
    match end.split_at_checked(4) {
        Some((first, last)) if !last.is_empty() => format!("…{first} {last}"),
        _ => format!("…{end}"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    /// 2026-11-21 19:58:12 UTC
    const NOW: i64 = 1_795_291_092_000_000;

    #[test]
    fn times_carry_their_date_unless_it_is_today() {
        assert_eq!(iso(NOW), "2026-11-21T19:58:12Z");
        assert_eq!(time(NOW - HOUR, NOW), "18:58");
        assert_eq!(time(NOW - 20 * HOUR, NOW), "2026-11-20 23:58");
        assert_eq!(time_exact(NOW, NOW + DAY), "2026-11-21 19:58:12");
        assert_eq!(date(-1), "1969-12-31");
        assert_eq!(date(i64::MAX), "–");
    }

    #[test]
    fn durations_are_hours_and_minutes() {
        assert_eq!(duration(34 * MINUTE), "0:34");
        assert_eq!(duration(-7 * MINUTE - 1), "0:07");
        assert_eq!(duration(69 * HOUR), "2 d 21 h");
        assert_eq!(age(38 * MINUTE), "38 min");
        assert_eq!(age(3 * HOUR + 4 * MINUTE), "3 h 04");
        assert_eq!(age(-HOUR), "0 min");
        assert_eq!(days_away(NOW + 5 * HOUR, NOW), "tomorrow");
        assert_eq!(days_away(NOW - 19 * DAY, NOW), "19 days ago");
    }

    #[test]
    fn numbers_are_grouped_and_sizes_rounded() {
        assert_eq!(plural(1, "report", "reports"), "1 report");
        assert_eq!(plural(10_648, "report", "reports"), "10,648 reports");
        assert_eq!(count(-1_000_000), "−1,000,000");
        let sizes = [0, 412, 999, 1_000, 1_349, 9_949, 9_950, 98_000, 999_499, 999_500, 2_440_000, i64::MAX];
        let written = sizes.map(size).join(" | ");
        assert_eq!(
            written,
            "0 B | 412 B | 999 B | 1.0 kB | 1.3 kB | 9.9 kB | 10 kB | 98 kB | 999 kB | 1.0 MB | 2.4 MB | 9223372037 GB"
        );
    }

    #[test]
    fn fingerprints_are_grouped_to_be_read_aloud() {
        let v4 = "4f1c09ae77d2b0e351c8e6a490fb2d17a0d177e4";
        assert_eq!(fingerprint(v4), "4F1C 09AE 77D2 B0E3 51C8\nE6A4 90FB 2D17 A0D1 77E4");
        assert_eq!(fingerprint(&"ab".repeat(32)).lines().count(), 4);
        assert_eq!(fingerprint_end(v4), "…A0D1 77E4");
        assert_eq!(fingerprint_end("A0D"), "…A0D");
        assert_eq!(fingerprint_end("é"), "…");
    }

    proptest::proptest! {
        #[test]
        fn any_number_and_text_is_written(a: i64, b: i64, text: String) {
            for words in [time(a, b), duration(a), age(a), days_away(a >> 1, b >> 1), count(a), size(a)] {
                proptest::prop_assert!(!words.is_empty());
            }
            fingerprint(&text);
            fingerprint_end(&text);
        }
    }
}
