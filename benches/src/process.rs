//! What the system says of a process: processor time and memory; and how long the disk takes.

use std::fs::{self, File};
use std::io::Write as _;
use std::path::Path;
use std::time::{Duration, Instant};

use anyhow::Context as _;

use crate::figures::Times;

/// Clock ticks of `/proc/…/stat` a second: 100 on every Linux that Rust's standard library knows.
const TICKS: f64 = 100.0;

/// Processor time that process `id` has used, in user and system mode.
///
/// # Errors
/// There is no such process.
pub fn cpu(id: u32) -> anyhow::Result<Duration> {
    let text = fs::read_to_string(format!("/proc/{id}/stat")).context("reading the processor time")?;
    // The name in parentheses may hold anything; utime and stime are the 14th and 15th field (proc(5)).
    let after = text.rsplit_once(')').map_or("", |(_, rest)| rest);
    let ticks: f64 =
        after.split_whitespace().skip(11).take(2).filter_map(|field| field.parse::<f64>().ok()).sum();
    Ok(Duration::from_secs_f64(ticks / TICKS))
}

/// How much of the machine others used while something was measured: a figure from a busy machine is no figure.
#[derive(Debug)]
pub struct Others {
    begun: Instant,
    busy: Duration,
    ours: Duration,
    node: u32,
}

impl Others {
    /// From now; this process and `node` are not others.
    ///
    /// # Errors
    /// There is no such process.
    pub fn begin(node: u32) -> anyhow::Result<Self> {
        Ok(Self { begun: Instant::now(), busy: busy()?, ours: cpu(std::process::id())? + cpu(node)?, node })
    }

    /// Percent of all cores that others, and the kernel for its own ends, have used since then.
    ///
    /// # Errors
    /// The node has ended.
    pub fn percent(&self) -> anyhow::Result<f64> {
        let ours = cpu(std::process::id())? + cpu(self.node)? - self.ours;
        let cores = std::thread::available_parallelism().map_or(1, usize::from);
        let others = (busy()? - self.busy).saturating_sub(ours);
        Ok(others.as_secs_f64() / (self.begun.elapsed().as_secs_f64() * cores as f64) * 100.0)
    }
}

/// Processor time of everything on all cores but idling and waiting for disks (proc(5), `/proc/stat`).
fn busy() -> anyhow::Result<Duration> {
    let text = fs::read_to_string("/proc/stat").context("reading the machine's processor time")?;
    let fields: Vec<f64> = text
        .lines()
        .next()
        .unwrap_or_default()
        .split_whitespace()
        .skip(1)
        .filter_map(|field| field.parse().ok())
        .collect();
    // user, nice, system, idle, iowait, irq, softirq, steal; what guests use stands in user and nice already.
    let ticks: f64 =
        fields.iter().take(8).enumerate().filter(|(n, _)| !matches!(n, 3 | 4)).map(|(_, ticks)| ticks).sum();
    Ok(Duration::from_secs_f64(ticks / TICKS))
}

/// Memory of process `id` in MB (2^20 bytes): resident now, and the most it ever was.
///
/// # Errors
/// There is no such process.
pub fn memory(id: u32) -> anyhow::Result<(f64, f64)> {
    let text = fs::read_to_string(format!("/proc/{id}/status")).context("reading the memory")?;
    let of = |name: &str| {
        let line = text.lines().find(|line| line.starts_with(name));
        let kilobytes =
            line.and_then(|line| line.split_whitespace().nth(1)).and_then(|n| n.parse::<f64>().ok());
        kilobytes.unwrap_or_default() / 1024.0
    };
    Ok((of("VmRSS:"), of("VmHWM:")))
}

/// The most memory that process `id` has had counts from now on.
///
/// # Errors
/// There is no such process, or it is another user's.
pub fn forget_peak(id: u32) -> anyhow::Result<()> {
    // proc(5): 5 sets the high-water mark to what is resident now.
    fs::write(format!("/proc/{id}/clear_refs"), "5").context("forgetting the peak of the memory")
}

/// How long it takes to put 6 kB into a new file in `folder`, fsync it and the folder; `count` times.
///
/// # Errors
/// The folder cannot be written to.
pub fn fsync(folder: &Path, count: usize) -> anyhow::Result<(Times, Times)> {
    let place = folder.join("fsync");
    fs::create_dir_all(&place)?;
    let (mut files, mut folders) = (Times::default(), Times::default());
    for n in 0..count {
        let path = place.join(n.to_string());
        let mut file = File::create(&path)?;
        file.write_all(&[b'x'; 6_000])?;
        let begun = Instant::now();
        file.sync_all()?;
        files.push(begun.elapsed());
        let begun = Instant::now();
        File::open(&place)?.sync_all()?;
        folders.push(begun.elapsed());
    }
    fs::remove_dir_all(&place)?;
    Ok((files, folders))
}
