//! Where the demo lives, and how its node is configured.

use std::path::Path;

use anyhow::{Context as _, bail};

/// Tells a folder that was made by the demo, and may be made anew, from any other.
const MARK: &str = "made-by-wardmote-demo";

/// Makes `dir` anew.
///
/// # Errors
/// It holds something that the demo has not made; or it cannot be made.
pub fn make_folder(dir: &Path) -> anyhow::Result<()> {
    if dir.exists() {
        let is_empty = std::fs::read_dir(dir).with_context(|| dir.display().to_string())?.next().is_none();
        if !is_empty && !dir.join(MARK).exists() {
            bail!(
                "{} is not empty and was not made by this command: choose another folder with --dir",
                dir.display()
            );
        }
        std::fs::remove_dir_all(dir).with_context(|| dir.display().to_string())?;
    }
    std::fs::create_dir_all(dir).with_context(|| dir.display().to_string())?;
    std::fs::write(dir.join(MARK), "This folder is removed and made anew by `wardmote demo`.\n")?;
    Ok(())
}

/// What the sample needs of registry, directory and trust.
pub fn configure(
    registry: &mut registry::Config,
    directory: &mut teams::Section,
    trust: &mut trust::Section,
) {
    registry.source = Some("WARD".into());
    registry.introducers = vec!["WARD-INTRODUCER-MNT".into()];
    registry.contact_check_days = 0; // the sample's people do not answer
    directory.wkd_domains = vec!["aldermark.example".into(), "skerry.example".into()];
    trust.operator = Some("aldermark".into());
    trust.community = "the Ring".into();
    trust.announce = vec!["news@ring.example".into()];
    trust.apply.enabled = true;
}
