//! Figures: spread of times, bars, and the machine they were taken on.

use std::fmt::Write as _;
use std::process::ExitCode;
use std::time::Duration;

/// Times of one kind of work.
#[derive(Debug, Clone, Default)]
pub struct Times(Vec<Duration>);

impl Times {
    /// One more.
    pub fn push(&mut self, time: Duration) {
        self.0.push(time);
    }

    /// Those of `other` too.
    pub fn extend(&mut self, other: Self) {
        self.0.extend(other.0);
    }

    /// How many there are.
    pub fn len(&self) -> usize {
        self.0.len()
    }

    /// Whether there is none.
    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    /// The time within which `percent` of them (0–100) ended: the nearest rank, so one that was measured. Zero when
    /// there is none.
    pub fn percentile(&self, percent: f64) -> Duration {
        let mut sorted = self.0.clone();
        sorted.sort_unstable();
        let rank = (percent / 100.0 * sorted.len() as f64).ceil() as usize;
        sorted.get(rank.max(1) - 1).copied().unwrap_or_default()
    }

    /// `p50 1.20 ms, p99 3.45 ms, most 9.01 ms of 200`.
    pub fn spread(&self) -> String {
        let [middle, slow, most] = [50.0, 99.0, 100.0].map(|percent| milliseconds(self.percentile(percent)));
        format!("p50 {middle}, p99 {slow}, most {most} of {}", self.len())
    }
}

/// `1.20 ms`.
pub fn milliseconds(time: Duration) -> String {
    format!("{:.2} ms", time.as_secs_f64() * 1_000.0)
}

/// What a figure must reach.
#[derive(Debug, Clone, Copy, PartialEq)]
pub enum Bar {
    /// No bar: for measure.
    None,
    /// This or more.
    AtLeast(f64),
    /// Less than this.
    Below(f64),
}

impl Bar {
    fn is_met(self, value: f64) -> bool {
        match self {
            Self::None => true,
            Self::AtLeast(bar) => value >= bar,
            Self::Below(bar) => value < bar,
        }
    }
}

/// The figures of one run.
#[derive(Debug)]
pub struct Figures {
    smoke: bool,
    missed: usize,
}

impl Figures {
    /// Tells what is measured, by which command, on which machine. Without bars when `smoke`.
    pub fn begin(what: &str, smoke: bool) -> Self {
        let given: Vec<String> = std::env::args().skip(1).collect();
        let program = std::env::current_exe().ok();
        let program = program
            .as_ref()
            .and_then(|path| path.file_name())
            .unwrap_or_default()
            .to_string_lossy()
            .into_owned();
        println!("{what}");
        println!(
            "  command   cargo run --release -p benches --bin {program} -- {}",
            without_paths(&given).join(" ")
        );
        println!("  machine   {}", machine());
        Self { smoke, missed: 0 }
    }

    /// One figure in `unit`, against its bar.
    pub fn tell(&mut self, name: &str, value: f64, unit: &str, bar: Bar) {
        let number = if value >= 100.0 { format!("{value:.0}") } else { format!("{value:.2}") };
        let mut line = format!("  {name:<34} {number:>10} {unit}");
        if !self.smoke && bar != Bar::None {
            let met = bar.is_met(value);
            self.missed += usize::from(!met);
            let limit = match bar {
                Bar::AtLeast(bar) => format!("at least {bar}"),
                Bar::Below(bar) => format!("below {bar}"),
                Bar::None => String::new(),
            };
            // Writing to a String cannot fail.
            let _ = write!(line, "   {limit} {unit}: {}", if met { "met" } else { "MISSED" });
        }
        println!("{line}");
    }

    /// A line without a bar.
    pub fn say(&self, name: &str, words: &str) {
        println!("  {name:<34} {words}");
    }

    /// Failure when a bar was missed.
    pub fn end(self) -> ExitCode {
        if self.missed == 0 { ExitCode::SUCCESS } else { ExitCode::FAILURE }
    }
}

/// The command as others can repeat it: folders are their own.
fn without_paths(arguments: &[String]) -> Vec<&str> {
    arguments.iter().map(|argument| if argument.contains('/') { "PATH" } else { argument }).collect()
}

/// Cores, processor, kernel, memory.
pub fn machine() -> String {
    let cores = std::thread::available_parallelism().map_or(0, usize::from);
    let model = field("/proc/cpuinfo", "model name").unwrap_or_else(|| std::env::consts::ARCH.to_owned());
    let kernel = std::fs::read_to_string("/proc/sys/kernel/ostype").unwrap_or_default();
    let release = std::fs::read_to_string("/proc/sys/kernel/osrelease").unwrap_or_default();
    let kilobytes =
        field("/proc/meminfo", "MemTotal").and_then(|text| text.split(' ').next()?.parse::<u64>().ok());
    let memory = kilobytes.unwrap_or_default() / 1024 / 1024;
    format!("{cores} cores of {model}, {memory} GB, {} {}", kernel.trim(), release.trim())
}

fn field(file: &str, name: &str) -> Option<String> {
    let text = std::fs::read_to_string(file).ok()?;
    let line = text.lines().find(|line| line.starts_with(name))?;
    Some(line.split_once(':')?.1.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_percentile_is_a_time_that_was_measured() {
        let mut times = Times::default();
        (1..=200).rev().for_each(|n| times.push(Duration::from_millis(n)));
        assert_eq!(times.percentile(50.0), Duration::from_millis(100));
        assert_eq!(times.percentile(99.0), Duration::from_millis(198));
        assert_eq!(times.percentile(100.0), Duration::from_millis(200));
        assert_eq!(Times::default().percentile(99.0), Duration::ZERO);
    }

    #[test]
    fn a_missed_bar_fails_the_run_but_not_a_smoke_run() {
        let mut real = Figures { smoke: false, missed: 0 };
        real.tell("rate", 999.0, "mails/s", Bar::AtLeast(1000.0));
        assert_eq!(format!("{:?}", real.end()), format!("{:?}", ExitCode::FAILURE));
        let mut smoke = Figures { smoke: true, missed: 0 };
        smoke.tell("rate", 999.0, "mails/s", Bar::AtLeast(1000.0));
        assert_eq!(format!("{:?}", smoke.end()), format!("{:?}", ExitCode::SUCCESS));
        assert!(Bar::Below(10.0).is_met(9.99) && !Bar::Below(10.0).is_met(10.0));
    }
}
