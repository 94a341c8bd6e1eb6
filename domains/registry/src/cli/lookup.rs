//! `wardmote lookup`: who is responsible, with or without a node.

use std::io::{Read, Write};
use std::path::PathBuf;
use std::process::ExitCode;
use std::time::Instant;

use kit::{Error, Result};

use super::output::{Format, Output};
use super::stream;
use crate::index::Index;
use crate::resource::Resource;
use crate::service::Snapshot;

/// Who is responsible for addresses, ranges, domains and AS numbers.
///
/// Exit codes: 0 somebody was found; 1 nobody was found for anything; 2 the command or a file could not be read.
#[derive(Debug, clap::Args)]
pub struct Lookup {
    /// Look into this dump (RPSL, plain or gzip) instead of the node's registry; may be given several times
    #[arg(long = "registry", value_name = "FILE")]
    pub registry: Vec<PathBuf>,
    /// How to print the answers
    #[arg(long, value_enum, default_value_t = Format::Table)]
    pub format: Format,
    /// Tell on standard error how long loading and looking up took
    #[arg(long)]
    pub timing: bool,
    /// Addresses, prefixes, ranges, domains, AS numbers; "-" reads text from standard input: lists, one a line, or
    /// any text with addresses in it
    #[arg(value_name = "RESOURCE", required = true)]
    pub resources: Vec<String>,
}

/// What a look-up came to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Verdict {
    /// Somebody is responsible for at least one resource.
    Found,
    /// Nobody is, for none of them.
    Nobody,
}

impl Verdict {
    /// The exit code of the program.
    pub fn exit_code(self) -> u8 {
        match self {
            Self::Found => 0,
            Self::Nobody => 1,
        }
    }
}

/// Runs the command on the process's own standard input and output. The node's registry is opened by `node` when no
/// dump is given.
pub fn lookup(args: &Lookup, node: impl FnOnce() -> Result<Snapshot>) -> ExitCode {
    let (mut input, mut out) = (std::io::stdin().lock(), std::io::stdout().lock());
    match look_up(args, node, &mut input, &mut out, &mut std::io::stderr()) {
        Ok(verdict) => verdict.exit_code().into(),
        // Whoever reads the answers has seen enough: `wardmote lookup - | head`.
        Err(Error::Io { source, .. }) if source.kind() == std::io::ErrorKind::BrokenPipe => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("wardmote: {error}");
            ExitCode::from(2)
        }
    }
}

/// Looks up what `args` name; `-` stands for `input`. Answers go to `out`, remarks to `remarks`. The node's registry is
/// opened by `node` when no dump is given.
///
/// # Errors
/// A dump or the node's registry cannot be read, a resource is none, or writing fails.
pub fn look_up(
    args: &Lookup,
    node: impl FnOnce() -> Result<Snapshot>,
    input: &mut dyn Read,
    out: &mut dyn Write,
    remarks: &mut dyn Write,
) -> Result<Verdict> {
    // A typing error should not cost the time of loading a registry.
    for resource in args.resources.iter().filter(|resource| *resource != "-") {
        Resource::parse(resource)?;
    }
    let start = Instant::now();
    let snapshot = if args.registry.is_empty() { node()? } else { from_files(&args.registry, remarks)? };
    let loaded = start.elapsed();
    let many = args.resources.iter().any(|resource| resource == "-");
    let mut output = Output::new(args.format, many, &snapshot, out)?;
    let start = Instant::now();
    let mut passed_over = 0;
    for resource in &args.resources {
        match resource.as_str() {
            "-" => passed_over += stream::read(input, &mut output)?,
            resource => output.resource(&Resource::parse(resource)?)?,
        }
    }
    let (count, verdict) = output.finish()?;
    if passed_over > 0 {
        let lines = ui::format::plural(passed_over, "line", "lines");
        say(remarks, &format!("{lines} without anything to look up"))?;
    }
    if args.timing {
        let report = snapshot.report();
        say(
            remarks,
            &format!(
                "loaded {} networks and {} teams in {:.3} s; looked up {count} in {:.3} s",
                report.networks,
                report.irts,
                loaded.as_secs_f64(),
                start.elapsed().as_secs_f64()
            ),
        )?;
    }
    Ok(verdict)
}

/// Refusals that are told one by one.
const TOLD: usize = 20;

fn from_files(files: &[PathBuf], remarks: &mut dyn Write) -> Result<Snapshot> {
    let (index, problems) = Index::from_files(files)?;
    for (file, problem) in problems.iter().take(TOLD) {
        let file = files[*file].display();
        say(remarks, &format!("{file}, line {}: {} {}", problem.line, problem.object, problem.reason))?;
    }
    if problems.len() > TOLD {
        say(remarks, &format!("{} more objects were left out", problems.len() - TOLD))?;
    }
    for overlap in &index.report().overlaps {
        say(remarks, overlap)?;
    }
    Ok(Snapshot::of(index))
}

fn say(remarks: &mut dyn Write, text: &str) -> Result<()> {
    writeln!(remarks, "{text}").map_err(|error| Error::io("writing a remark", error))
}
