//! What the command line asks of a hand-over; the binary only mounts it.

use std::path::{Path, PathBuf};

use identity::Granted;
use kit::{Error, Result};
use mail::pgp::{PublicKey, SecretKey, limits};
use pki::Pki;

use super::folder::read;
use super::{In, Next, Out, Verified, Word, verify};
use crate::Trust;

/// What is done about handing the operation over; `N` says of which node.
#[derive(Debug, clap::Subcommand)]
pub enum Command<N: clap::Args> {
    /// Show whether the owner has given the word, and to whom the operation goes
    Status(N),
    /// Write everything that the community is for the next operator, and close the record here
    ///
    /// The owner gives the word first, at /trust/community. What is written is secret: it is encrypted to the next
    /// operator's key, or lies in clear where you say so.
    Export {
        /// Of which node
        #[command(flatten)]
        node: N,
        /// The file to write, or with --in-clear the folder; it is there whole, or not at all
        path: PathBuf,
        /// The next operator's OpenPGP key: the file is encrypted to it
        #[arg(long, value_name = "FILE", required_unless_present = "in_clear")]
        to: Option<PathBuf>,
        /// A folder that everybody can read who gets at it
        #[arg(long, conflicts_with = "to")]
        in_clear: bool,
        /// The keys of the issuing authorities, too: lists and answers about what they have issued go on as before
        #[arg(long)]
        with_authority_keys: bool,
    },
    /// Check a hand-over without any node: signature, files, chain, replay, checkpoints, documents
    ///
    /// Exit codes: 0 all fits; 1 the message names what does not.
    Verify {
        /// The folder, the archive, or the encrypted file
        path: PathBuf,
        /// The old operator's public key; without it the key in the hand-over is taken, and its fingerprint shown
        #[arg(long, value_name = "FILE")]
        key: Option<PathBuf>,
        /// What opens an encrypted file
        #[command(flatten)]
        secret: Secret,
    },
    /// Take the operation into a new, empty node: verified first, all or nothing
    Take {
        /// Into which node
        #[command(flatten)]
        node: N,
        /// The folder, the archive, or the encrypted file
        path: PathBuf,
        /// The old operator's public key, which came another way than the hand-over
        #[arg(long, value_name = "FILE")]
        key: PathBuf,
        /// What opens an encrypted file
        #[command(flatten)]
        secret: Secret,
    },
}

/// What opens an encrypted hand-over.
#[derive(Debug, clap::Args)]
pub struct Secret {
    /// Your OpenPGP secret key, as `gpg --export-secret-keys` writes it
    #[arg(long, value_name = "FILE")]
    secret: Option<PathBuf>,
    /// A file whose first line is its passphrase
    #[arg(long, value_name = "FILE", requires = "secret")]
    passphrase_file: Option<PathBuf>,
}

impl Secret {
    fn key(&self) -> Result<Option<SecretKey>> {
        let Some(path) = &self.secret else { return Ok(None) };
        let passphrase = match &self.passphrase_file {
            Some(file) => Some(String::from_utf8_lossy(&read(file, 1 << 16)?).into_owned()),
            None => None,
        };
        let passphrase = passphrase.as_deref().and_then(|text| text.lines().next());
        let key = SecretKey::parse(&read(path, limits::KEY_FILE_BYTES as u64)?, passphrase);
        key.map(Some).map_err(|error| Error::invalid(path.display().to_string(), error.to_string()))
    }
}

impl<N: clap::Args> Command<N> {
    /// Of which node; `None`: it needs none.
    pub fn node(&self) -> Option<&N> {
        match self {
            Self::Verify { .. } => None,
            Self::Status(node) | Self::Export { node, .. } | Self::Take { node, .. } => Some(node),
        }
    }
}

/// Runs what needs no node; what it says goes to standard output.
///
/// # Errors
/// What does not fit, or a file that cannot be read.
pub fn offline<N: clap::Args>(command: &Command<N>) -> Result<()> {
    let Command::Verify { path, key, secret } = command else {
        return Err(Error::invalid("command", "it needs a node"));
    };
    let keys = key.as_deref().map(public_keys).transpose()?;
    let verified = verify(&In::open(path, secret.key()?.as_ref())?, keys.as_deref())?;
    tell(path, &verified);
    match key {
        Some(_) => println!("signed by {}, as it should be", verified.signed_by),
        None => println!(
            "signed by {}, whose key lies in the hand-over itself: compare this fingerprint with one that came another way",
            verified.signed_by
        ),
    }
    Ok(())
}

/// Runs the command on a node.
///
/// # Errors
/// The use case's own, or a file that cannot be read or written.
pub async fn run<N: clap::Args>(trust: &Trust, pki: &Pki, command: Command<N>) -> Result<()> {
    let granted = Granted::for_node();
    match command {
        Command::Status(_) => status(&trust.word().await?),
        Command::Export { path, to, with_authority_keys, .. } => {
            let out = match to.as_deref().map(public_keys).transpose()? {
                None => Out::folder(&path)?,
                Some(keys) => match <[PublicKey; 1]>::try_from(keys) {
                    Ok([key]) => Out::encrypted(&path, key)?,
                    Err(_) => {
                        return Err(Error::invalid("--to", "name a file with one key, the next operator's"));
                    }
                },
            };
            let done = trust.export_hand_over(&granted, pki, out, with_authority_keys).await?;
            println!(
                "{}: {} teams, {} entries, {} files",
                path.display(),
                done.teams,
                done.entries,
                done.files
            );
            println!("for {}, key {}", done.next.operator, done.next.key);
            println!("signed by {}", done.signed_by);
            println!("last digest: {}", done.digest);
            if !done.lost.is_empty() {
                println!("{} documents are not on this node any more: lost.txt names them", done.lost.len());
            }
            if done.waiting > 0 {
                println!(
                    "{} letters have not left, or were taken back: run this node until they have",
                    done.waiting
                );
            }
            println!("the record is closed here; `wardmote hand-over take` goes on with it");
        }
        Command::Take { path, key, secret, .. } => {
            let from = In::open(&path, secret.key()?.as_ref())?;
            let taken = trust.take_operation(&granted, pki, from, public_keys(&key)?).await?;
            tell(&path, &taken.verified);
            println!("signed by {}, as it should be", taken.verified.signed_by);
            println!("taken: the record goes on here, with {} entries", taken.entries);
            if taken.out_of_office > 0 {
                println!(
                    "{} people of the old operator left its office: the owner appoints yours at /trust/community",
                    taken.out_of_office
                );
            }
            println!(
                "next: your desk and its key, people's links (`wardmote user add`), `wardmote cert issuing request`"
            );
        }
        command => offline(&command)?,
    }
    Ok(())
}

fn status(word: &Word) {
    let say = |what: &str, next: &Next| {
        println!("{}: {what} {}, key {}", ui::format::date(next.at), next.operator, next.key);
    };
    match word {
        Word::None => println!("nobody has ordered a hand-over"),
        Word::Given(next) => say("the owner gave the word to hand over to", next),
        Word::Gone(next) => say("handed over to", next),
        Word::Taken(next) => say("taken by", next),
    }
}

fn tell(path: &Path, verified: &Verified) {
    let manifest = &verified.manifest;
    println!(
        "{}: {} handed over by {} to {}, {}",
        path.display(),
        manifest.community,
        manifest.from,
        manifest.to,
        manifest.made
    );
    println!("{} files, each as the manifest vouches for", manifest.files.len());
    println!(
        "{} entries follow one another and replay to what stands in the register; {} checkpoints agree",
        verified.record.entries,
        verified.record.checkpoints.len()
    );
    let counts = [
        ("team", "teams"),
        ("account", "accounts"),
        ("mail_out", "letters"),
        ("pki_certificate", "certificates"),
        ("trust_person", "people"),
    ];
    let counts = counts.map(|(table, words)| format!("{} {words}", verified.count(table)));
    println!("{}", counts.join(", "));
    if !verified.lost.is_empty() {
        println!("{} documents were lost before the hand-over: lost.txt names them", verified.lost.len());
    }
}

fn public_keys(path: &Path) -> Result<Vec<PublicKey>> {
    PublicKey::parse_all(&read(path, limits::KEY_FILE_BYTES as u64)?)
        .map_err(|error| Error::invalid(path.display().to_string(), error.to_string()))
}
