//! Time as a parameter: nothing below the binary asks the operating system for it.

use std::sync::atomic::{AtomicI64, Ordering};

/// Microseconds since 1970-01-01T00:00:00 UTC.
pub type Time = i64;

/// One second in [`Time`]'s unit.
pub const SECOND: Time = 1_000_000;
/// One minute in [`Time`]'s unit.
pub const MINUTE: Time = 60 * SECOND;
/// One hour in [`Time`]'s unit.
pub const HOUR: Time = 60 * MINUTE;
/// One day of 24 hours in [`Time`]'s unit.
pub const DAY: Time = 24 * HOUR;

/// Where the time comes from.
pub trait Clock: Send + Sync {
    /// The current time.
    fn now(&self) -> Time;
}

/// The operating system's clock.
#[derive(Debug, Default)]
pub struct SystemClock;

impl Clock for SystemClock {
    fn now(&self) -> Time {
        #[expect(clippy::disallowed_methods, reason = "this is the one place that asks")]
        let now = std::time::SystemTime::now();
        let since = now.duration_since(std::time::UNIX_EPOCH).unwrap_or_default();
        i64::try_from(since.as_micros()).unwrap_or(i64::MAX)
    }
}

/// A clock that stands still until it is told to move: for tests.
#[derive(Debug)]
pub struct ManualClock(AtomicI64);

impl ManualClock {
    /// A clock that shows `start`.
    pub fn new(start: Time) -> Self {
        Self(AtomicI64::new(start))
    }

    /// Moves the clock by `by` (backwards when negative: clocks do jump).
    pub fn advance(&self, by: Time) {
        self.0.fetch_add(by, Ordering::Relaxed);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Time {
        self.0.load(Ordering::Relaxed)
    }
}
