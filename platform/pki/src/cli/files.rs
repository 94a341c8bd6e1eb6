//! Files and passphrases of the command line.

use std::fs::OpenOptions;
use std::io::Write as _;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::{Path, PathBuf};

use kit::{Error, Result};

/// How a passphrase comes in.
#[derive(Debug, clap::Args)]
pub struct Passphrase {
    /// A file whose first line is the passphrase; without it, it is asked for
    #[arg(long, value_name = "FILE")]
    passphrase_file: Option<PathBuf>,
}

impl Passphrase {
    /// The passphrase; asked for twice when it is `new`.
    ///
    /// # Errors
    /// The file cannot be read, there is no terminal, or the two are not the same.
    pub(super) fn ask(&self, new: bool) -> Result<String> {
        if let Some(file) = &self.passphrase_file {
            let text = String::from_utf8_lossy(&read(file)?).into_owned();
            return Ok(text.lines().next().unwrap_or_default().to_owned());
        }
        let asked = |words: &str| {
            rpassword::prompt_password(words).map_err(|_| {
                let advice = "there is no terminal to ask for it: give --passphrase-file FILE";
                Error::invalid("passphrase", advice)
            })
        };
        let first = asked("passphrase of the root: ")?;
        if new && asked("once more: ")? != first {
            return Err(Error::invalid("passphrase", "the two were not the same: begin again"));
        }
        Ok(first)
    }
}

/// What is in `file`.
pub(super) fn read(file: &Path) -> Result<Vec<u8>> {
    std::fs::read(file).map_err(|error| Error::io(format!("reading {}", file.display()), error))
}

/// Refuses a file that is there already: nothing is written over.
pub(super) fn must_be_new(file: &Path) -> Result<()> {
    match file.exists() {
        true => Err(Error::Conflict(format!("{} is there already: choose another name", file.display()))),
        false => Ok(()),
    }
}

/// Writes a file that was not there, for its owner alone.
pub(super) fn write_new(file: &Path, text: &str) -> Result<()> {
    let write = || {
        let mut open = OpenOptions::new().write(true).create_new(true).mode(0o600).open(file)?;
        open.write_all(text.as_bytes())?;
        open.sync_all()
    };
    write().map_err(|error| Error::io(format!("writing {}", file.display()), error))
}
