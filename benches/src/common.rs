//! What every benchmark is told on its command line.

use std::path::PathBuf;

use anyhow::{Context as _, bail};

/// Options of all benchmarks.
#[derive(Debug, Clone, clap::Args)]
pub struct Common {
    /// The program to measure; `wardmote` beside this one when not given
    #[arg(long, env = "WARDMOTE", value_name = "PROGRAM")]
    wardmote: Option<PathBuf>,
    /// Small numbers and no bars: shows that it runs, not how fast
    #[arg(long)]
    pub smoke: bool,
    /// Where the throw-away node is made: the disk that is measured. The system's temporary folder when not given
    #[arg(long, value_name = "DIR")]
    place: Option<PathBuf>,
    /// Seed of everything that is invented
    #[arg(long, default_value_t = 1)]
    pub seed: u64,
}

impl Common {
    /// The program to measure.
    ///
    /// # Errors
    /// It is not there.
    pub fn program(&self) -> anyhow::Result<PathBuf> {
        let program = match &self.wardmote {
            Some(program) => program.clone(),
            None => std::env::current_exe()?.with_file_name("wardmote"),
        };
        if !program.is_file() {
            bail!(
                "{} is not there: build it with `cargo build --release -p wardmote`, or name it with --wardmote",
                program.display()
            );
        }
        program.canonicalize().context("finding the program")
    }

    /// A folder that is gone when it is dropped.
    ///
    /// # Errors
    /// It cannot be made.
    pub fn folder(&self) -> anyhow::Result<tempfile::TempDir> {
        let mut builder = tempfile::Builder::new();
        builder.prefix("wardmote-bench-");
        match &self.place {
            Some(place) => {
                std::fs::create_dir_all(place).with_context(|| place.display().to_string())?;
                builder.tempdir_in(place)
            }
            None => builder.tempdir(),
        }
        .context("making a folder for the throw-away node")
    }

    /// `usual`, or `small` with `--smoke`.
    pub fn count(&self, usual: usize, small: usize) -> usize {
        if self.smoke { small } else { usual }
    }
}
