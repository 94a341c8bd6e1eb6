//! `wardmote registry import`: dumps into the node's registry.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Instant;

use identity::{Granted, ImportRegistry};
use indicatif::{ProgressBar, ProgressStyle};
use kit::{Error, Result};

use crate::import::{Options, Outcome, Progress, Summary};
use crate::service::Registry;

/// Load registry dumps (RPSL, plain or gzip).
///
/// Objects are added, or replace those with the same source, class and key. An import that was interrupted goes on
/// where it was when the same command is given again. Exit codes: 0 all files were read to their end (objects that
/// were refused are listed); 1 a file broke off; 2 the command could not be carried out.
#[derive(Debug, clap::Args)]
pub struct Import {
    /// The files
    #[arg(value_name = "FILE", required = true)]
    pub files: Vec<PathBuf>,
    /// The files are whole dumps: remove objects of their sources and classes that they do not have any more
    #[arg(long)]
    pub whole: bool,
    /// Read and check the files, and store nothing
    #[arg(long, conflicts_with = "whole")]
    pub check: bool,
    /// Print the summary as JSON
    #[arg(long)]
    pub json: bool,
    /// Tell on standard error how long it took
    #[arg(long)]
    pub timing: bool,
}

/// Runs the command; the summary goes to standard output.
pub async fn import(registry: &Registry, granted: &Granted<ImportRegistry>, args: Import) -> ExitCode {
    let (registry, granted) = (registry.clone(), granted.clone());
    let done = tokio::task::spawn_blocking(move || {
        import_to(&args, &registry, &granted, &mut std::io::stdout().lock())
    });
    match done.await {
        Ok(Ok(true)) => ExitCode::SUCCESS,
        Ok(Ok(false)) => ExitCode::from(1),
        Ok(Err(error)) => {
            eprintln!("wardmote: {error}");
            ExitCode::from(2)
        }
        Err(_) => ExitCode::from(2), // a panic, which has told its own story
    }
}

/// Imports what `args` name into `registry`; the summary goes to `out`, a progress bar to standard error when that is
/// a terminal. True when every file was read to its end.
///
/// # Errors
/// A file cannot be opened, the database refuses something, or `out` cannot be written to.
pub fn import_to(
    args: &Import,
    registry: &Registry,
    granted: &Granted<ImportRegistry>,
    out: &mut dyn Write,
) -> Result<bool> {
    let mut bar = Bar::default();
    let start = Instant::now();
    let mut show = |progress: Progress<'_>| bar.show(progress);
    let summary = if args.check {
        crate::import::check(&args.files, &mut show)?
    } else {
        registry.import(granted, &args.files, Options { whole: args.whole }, &mut show)?
    };
    bar.finish();
    if args.timing {
        let objects: i64 = summary.files.iter().map(|file| file.objects).sum();
        let done = if args.check { "checked" } else { "imported" };
        eprintln!("{done} {objects} objects in {:.3} s", start.elapsed().as_secs_f64());
    }
    let text = if args.json {
        let json = serde_json::to_string_pretty(&summary);
        json.map_err(|error| Error::Corrupt(format!("the summary could not be written: {error}")))? + "\n"
    } else {
        in_words(&summary, (!args.check).then_some(registry))
    };
    out.write_all(text.as_bytes()).map_err(|error| Error::io("writing the summary", error))?;
    Ok(summary.files.iter().all(|file| file.failed.is_none()))
}

/// Problems of a file that are told one by one.
const TOLD: usize = 20;

fn in_words(summary: &Summary, registry: Option<&Registry>) -> String {
    let mut lines = Vec::new();
    for file in &summary.files {
        lines.push(headline(file));
        for problem in file.problems.iter().take(TOLD) {
            let verdict = if problem.refused { "refused" } else { "taken all the same" };
            let object =
                if problem.object.is_empty() { String::new() } else { format!("{}, ", problem.object) };
            lines.push(format!("  line {}: {object}{} ({verdict})", problem.line, problem.reason));
        }
        if file.problems.len() > TOLD {
            lines.push(format!(
                "  {} more: see the page Registry, or ask with --json",
                file.problems.len() - TOLD
            ));
        }
        if let Some(why) = &file.failed {
            lines.push(format!(
                "  It broke off: {why}. {}",
                match registry {
                    Some(_) => "What was read is in the registry; nothing was removed.",
                    None => "Nothing behind that was checked.",
                }
            ));
        }
    }
    if summary.removed > 0 {
        lines.push(format!("{} objects removed that the files do not have any more", count(summary.removed)));
    }
    let Some(registry) = registry else {
        lines.push("Nothing was stored.\n".to_owned());
        return lines.join("\n");
    };
    let snapshot = registry.snapshot();
    let report = snapshot.report();
    lines.push(format!(
        "The registry has {} networks and {} teams of {}.",
        ui::format::count(report.networks),
        ui::format::count(report.irts),
        if snapshot.sources().is_empty() { "no source".to_owned() } else { snapshot.sources().join(", ") }
    ));
    lines.extend(report.overlaps.iter().take(TOLD).map(|overlap| format!("  {overlap}")));
    if report.overlapping > TOLD {
        lines.push(format!("  {} networks in all were left out of the look-up", report.overlapping));
    }
    lines.push(String::new());
    lines.join("\n")
}

fn headline(file: &Outcome) -> String {
    let mut line = format!("{}: {} objects", file.file.display(), count(file.objects));
    if file.resumed > 0 {
        line += &format!(", {} of them before it was interrupted", count(file.resumed));
    }
    if file.refused > 0 {
        line += &format!(", {} refused", count(file.refused));
    }
    line
}

fn count(number: i64) -> String {
    ui::format::count(number)
}

/// One bar for each file; invisible when standard error is no terminal.
#[derive(Default)]
struct Bar {
    shown: Option<(PathBuf, ProgressBar)>,
}

impl Bar {
    fn show(&mut self, progress: Progress<'_>) {
        let bar = match &self.shown {
            Some((file, bar)) if file == progress.file => bar,
            _ => self.begin(progress.file, progress.length),
        };
        bar.set_position(progress.read);
        bar.set_message(match progress.refused {
            0 => format!("{} objects", count(progress.objects)),
            refused => format!("{} objects, {} refused", count(progress.objects), count(refused)),
        });
    }

    fn begin(&mut self, file: &Path, length: u64) -> &ProgressBar {
        self.finish();
        let bar = ProgressBar::new(length);
        if let Ok(style) =
            ProgressStyle::with_template("{prefix} {bar:30} {binary_bytes}/{binary_total_bytes} {eta} {msg}")
        {
            bar.set_style(style);
        }
        bar.set_prefix(file.file_name().unwrap_or_default().to_string_lossy().into_owned());
        &self.shown.insert((file.to_owned(), bar)).1
    }

    fn finish(&mut self) {
        if let Some((_, bar)) = self.shown.take() {
            bar.finish_and_clear();
        }
    }
}
