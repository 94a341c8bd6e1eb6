//! Moments and clocks.

use askama::Template;

use super::{Markup, prints_as_html};
use crate::format::{self, Int};

/// A moment, `19:20` today and with its date otherwise, with the full time for machines. µs since 1970 UTC.
pub fn time(time: impl Int, now: impl Int) -> Markup {
    let at = time.int();
    Markup::of(Time { iso: format::iso(at), shown: format::time(at, now) })
}

/// A moment to the second. µs since 1970 UTC.
pub fn time_exact(time: impl Int, now: impl Int) -> Markup {
    let at = time.int();
    Markup::of(Time { iso: format::iso(at), shown: format::time_exact(at, now) })
}

/// A day, `2026-11-21`. µs since 1970 UTC.
pub fn date(time: impl Int) -> Markup {
    let day = format::date(time);
    Markup::of(Time { iso: day.clone(), shown: day })
}

#[derive(Template)]
#[template(ext = "html", source = r#"<time datetime="{{ iso }}">{{ shown }}</time>"#)]
struct Time {
    iso: String,
    shown: String,
}

/// What is left until something is due, and how much of the time has gone. As a whole, `{{ clock }}`, it is the
/// last cell of a row; its pieces serve elsewhere.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Clock {
    started: i64,
    due: i64,
    now: i64,
}

/// Within this time before it is due a clock warns.
const WARNS_WITHIN: i64 = 3_600_000_000;
/// Width of a gauge in its own units.
const GAUGE: i64 = 64;

impl Clock {
    /// A clock that began at `started` and runs out at `due`, read at `now`: all µs since 1970 UTC.
    pub fn new(started: i64, due: i64, now: i64) -> Clock {
        Clock { started, due, now }
    }

    /// Whether its time is over.
    pub fn is_over(&self) -> bool {
        self.now >= self.due
    }

    /// Its colour: `bad` when over, `warn` in the last hour, else `plain`.
    pub fn kind(&self) -> &'static str {
        match self.due.saturating_sub(self.now) {
            ..=0 => "bad",
            1..=WARNS_WITHIN => "warn",
            _ => "plain",
        }
    }

    /// `0:34 over`, `2:38 left`.
    pub fn words(&self) -> String {
        let left = self.due.saturating_sub(self.now);
        format!("{} {}", format::duration(left), if self.is_over() { "over" } else { "left" })
    }

    /// Symbol, colour and words.
    pub fn status(&self) -> Markup {
        super::status(self.kind(), if self.is_over() { "over" } else { "clock" }, &self.words())
    }

    /// The status of a clock that was stopped at `done` (µs since 1970 UTC): `met in 0:19`, `late, after 3:04`.
    pub fn met(&self, done: impl Int) -> Markup {
        let done = done.int();
        let took = format::duration(done.saturating_sub(self.started));
        if done <= self.due {
            super::status("ok", "check", &format!("met in {took}"))
        } else {
            super::status("warn", "over", &format!("late, after {took}"))
        }
    }

    /// The bar that shows how much of the time has gone.
    pub fn gauge(&self) -> Markup {
        let kind = if self.kind() == "plain" { "" } else { self.kind() };
        Markup::of(Gauge { kind, width: self.gone() })
    }

    /// How much has gone, of 64; never none, so that the bar can be seen.
    fn gone(&self) -> i64 {
        let whole = i128::from(self.due) - i128::from(self.started);
        let gone = i128::from(self.now) - i128::from(self.started);
        let share = if whole <= 0 { i128::from(GAUGE) } else { gone * i128::from(GAUGE) / whole };
        i64::try_from(share.clamp(1, i128::from(GAUGE))).unwrap_or(GAUGE)
    }

    fn markup(&self) -> Markup {
        let age = format::age(self.now.saturating_sub(self.started));
        Markup::of(Whole { status: self.status(), gauge: self.gauge(), age })
    }
}

prints_as_html!(Clock);

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<svg class="gauge{% if !kind.is_empty() %} {{ kind }}{% endif %}" viewBox="0 0 64 4" preserveAspectRatio="none" aria-hidden="true"><rect width="{{ width }}" height="4"/></svg>"#
)]
struct Gauge<'a> {
    kind: &'a str,
    width: i64,
}

#[derive(Template)]
#[template(
    ext = "html",
    source = r#"<div class="clock">{{ status }}<span class="age">{{ gauge }}<span class="sr">waiting for </span>{{ age }}</span></div>"#
)]
struct Whole {
    status: Markup,
    gauge: Markup,
    age: String,
}

#[cfg(test)]
mod tests {
    use super::*;

    const MINUTE: i64 = 60_000_000;

    #[test]
    fn a_clock_says_what_is_left_and_shows_what_has_gone() {
        let clock = Clock::new(0, 60 * MINUTE, 38 * MINUTE);
        assert_eq!((clock.words().as_str(), clock.kind(), clock.gone()), ("0:22 left", "warn", 40));
        assert!(clock.to_string().contains("38 min"));
        let late = Clock::new(0, 60 * MINUTE, 94 * MINUTE);
        assert_eq!((late.words().as_str(), late.kind(), late.gone()), ("0:34 over", "bad", 64));
        assert!(late.status().as_str().contains("#i-over"));
        let early = Clock::new(0, 600 * MINUTE, 0);
        assert_eq!((early.kind(), early.gone()), ("plain", 1));
    }

    #[test]
    fn a_stopped_clock_says_whether_it_was_in_time() {
        let clock = Clock::new(0, 60 * MINUTE, 500 * MINUTE);
        assert!(clock.met(19 * MINUTE).as_str().contains("met in 0:19"));
        assert!(clock.met(61 * MINUTE).as_str().contains("late, after 1:01"));
    }

    proptest::proptest! {
        #[test]
        fn no_clock_breaks_its_gauge(started: i64, due: i64, now: i64) {
            let clock = Clock::new(started, due, now);
            proptest::prop_assert!((1..=64).contains(&clock.gone()));
            proptest::prop_assert!(!clock.to_string().is_empty());
        }
    }
}
