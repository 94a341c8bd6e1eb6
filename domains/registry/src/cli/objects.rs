//! `wardmote registry update|show|history|erase`: single objects, by the node's administrator. Each gives what it says,
//! and whether all was well.

use std::io::Read as _;
use std::path::PathBuf;

use identity::{Granted, LookUp, ManageNode, UpdateRegistry};
use kit::{Error, Result};

use crate::Registry;
use crate::update::{Keywords, Proofs, Submission, VersionView};

/// Objects to be made, changed or removed.
#[derive(Debug, clap::Args)]
pub struct Changes {
    /// Objects as RPSL text; - reads from standard input
    #[arg(value_name = "FILE")]
    pub file: PathBuf,
    /// Say what would happen, and change nothing
    #[arg(long)]
    pub dry_run: bool,
    /// Only make objects that are not there yet
    #[arg(long)]
    pub new: bool,
    /// Show what changes, line by line
    #[arg(long)]
    pub diff: bool,
    /// Print the report as JSON
    #[arg(long)]
    pub json: bool,
}

/// Which object.
#[derive(Debug, clap::Args)]
pub struct Which {
    /// Its class, for example inetnum
    pub class: String,
    /// Its primary key
    pub key: String,
    /// The registry; this node's own when it is not named
    #[arg(long)]
    pub source: Option<String>,
}

/// An old version of an object.
#[derive(Debug, clap::Args)]
pub struct Outdated {
    /// The object's class, for example person
    pub class: String,
    /// Its primary key
    pub key: String,
    /// The version, as `registry history` counts it
    pub version: i64,
}

pub(super) async fn update(
    registry: &Registry,
    granted: &Granted<ManageNode>,
    args: Changes,
) -> Result<(String, bool)> {
    let failed = |error| Error::io(format!("reading {}", args.file.display()), error);
    let mut text = Vec::new();
    if args.file.as_os_str() == "-" {
        std::io::stdin().lock().read_to_end(&mut text).map_err(failed)?;
    } else {
        text = std::fs::read(&args.file).map_err(failed)?;
    }
    let keywords = Keywords { new: args.new, diff: args.diff, help: false };
    let mut submission = Submission::from_text(&text, keywords)?;
    submission.dry_run |= args.dry_run;
    let report = registry.update(&Proofs::overriding(granted), submission).await?;
    let text = if args.json {
        let json = serde_json::to_string_pretty(&report);
        json.map_err(|error| Error::Corrupt(format!("the report could not be written: {error}")))? + "\n"
    } else {
        report.acknowledgement()
    };
    Ok((text, report.is_success()))
}

/// The object as it is stored.
pub(super) async fn show(
    registry: &Registry,
    granted: &Granted<ManageNode>,
    which: Which,
) -> Result<(String, bool)> {
    let source = source(registry, &which);
    let proofs = Proofs::overriding(granted);
    let object = registry.object_for(&look(), &proofs, &source, &which.class, &which.key).await?;
    Ok((object.text, true))
}

pub(super) async fn history(registry: &Registry, which: Which) -> Result<(String, bool)> {
    let source = source(registry, &which);
    let updater = Granted::<UpdateRegistry>::for_node();
    let versions =
        registry.versions_of_any(&look(), Some(&updater), &source, &which.class, &which.key).await?;
    Ok((versions.iter().map(in_words).collect(), !versions.is_empty()))
}

pub(super) async fn erase(
    registry: &Registry,
    granted: &Granted<ManageNode>,
    args: Outdated,
) -> Result<(String, bool)> {
    registry.erase_version(granted, &args.class, &args.key, args.version).await?;
    Ok((format!("The text of version {} was erased.\n", args.version), true))
}

fn look() -> Granted<LookUp> {
    Granted::for_node()
}

fn source(registry: &Registry, which: &Which) -> String {
    which.source.clone().or_else(|| registry.settings().source.clone()).unwrap_or_default()
}

fn in_words(version: &VersionView) -> String {
    let erased = if version.erased { ", text erased" } else { "" };
    format!(
        "{:>4}  {}  {:<6}  {}{erased}\n",
        version.version,
        ui::format::iso(version.at),
        version.kind,
        version.by.as_deref().unwrap_or_default()
    )
}
