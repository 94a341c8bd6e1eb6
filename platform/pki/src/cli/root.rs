//! `wardmote cert root`: the ceremony, on a machine without a network.

use std::path::PathBuf;

use kit::{Clock as _, Error, Result, SystemClock, SystemRandom};
use x509_cert::Certificate;
use x509_cert::der::Decode as _;

use super::files::{Passphrase, must_be_new, read, write_new};
use crate::api::parse_reason;
use crate::ceremony::{IssuerTerms, Root};
use crate::trusted::one_block;
use crate::x509::armour;
use crate::x509::crl::Entry;

/// What is done with a root.
#[derive(Debug, clap::Subcommand)]
pub enum Command {
    /// Make a root
    Init {
        /// The community's name, as it stands in all certificates
        #[arg(long)]
        community: String,
        /// The file for the root, its key encrypted
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// For how many days it is valid
        #[arg(long, default_value_t = 5475)]
        days: u32,
        /// How its passphrase comes in
        #[command(flatten)]
        passphrase: Passphrase,
    },
    /// A new certificate for the same root key, before the old one ends
    Renew {
        /// The root's file
        #[arg(long, value_name = "FILE")]
        root: PathBuf,
        /// The file for the renewed root, under the same passphrase
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// For how many days it is valid
        #[arg(long, default_value_t = 5475)]
        days: u32,
        /// How its passphrase comes in
        #[command(flatten)]
        passphrase: Passphrase,
    },
    /// Sign the issuing authority that a node asks for
    SignIssuer {
        /// The root's file
        #[arg(long, value_name = "FILE")]
        root: PathBuf,
        /// The node's request
        #[arg(long, value_name = "FILE")]
        csr: PathBuf,
        /// The file for the certificate and the root's behind it: `cert issuing install` takes it
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// For how many days it is valid
        #[arg(long, default_value_t = 1825)]
        days: u32,
        /// A DNS domain under which alone it may issue, once for each; none: everywhere
        #[arg(long, value_name = "DOMAIN")]
        permit: Vec<String>,
        /// Where the node is reached: the certificate names the root's revocation list there
        #[arg(long, default_value = "")]
        url: String,
        /// How the passphrase comes in
        #[command(flatten)]
        passphrase: Passphrase,
    },
    /// Sign a revocation list
    Crl {
        /// The root's file
        #[arg(long, value_name = "FILE")]
        root: PathBuf,
        /// The file for the list: `cert issuing root-crl` takes it
        #[arg(long, value_name = "FILE")]
        out: PathBuf,
        /// Its number: higher than that of the one before
        #[arg(long)]
        number: u64,
        /// The certificate of an issuing authority to be revoked, once for each; name those of earlier lists again
        #[arg(long, value_name = "FILE")]
        revoke: Vec<PathBuf>,
        /// Why they are revoked
        #[arg(long, default_value = "cACompromise")]
        reason: String,
        /// For how many days the list is good
        #[arg(long, default_value_t = 400)]
        days: u32,
        /// How the passphrase comes in
        #[command(flatten)]
        passphrase: Passphrase,
    },
}

/// Runs the command.
pub(super) fn run(command: Command) -> Result<()> {
    let (now, random) = (SystemClock.now(), SystemRandom);
    match command {
        Command::Init { community, out, days, passphrase } => {
            must_be_new(&out)?;
            let root = Root::make(&community, days, now, &random)?;
            write_new(&out, &root.to_file(&passphrase.ask(true)?, &random)?)?;
            println!("the root of {community} is in {}", out.display());
        }
        Command::Renew { root, out, days, passphrase } => {
            must_be_new(&out)?;
            let passphrase = passphrase.ask(false)?;
            let renewed = open(&root, &passphrase)?.renewed(days, now, &random)?;
            write_new(&out, &renewed.to_file(&passphrase, &random)?)?;
            println!("the renewed root is in {}: install its certificate on the node, too", out.display());
        }
        Command::SignIssuer { root, csr, out, days, permit, url, passphrase } => {
            must_be_new(&out)?;
            let root = open(&root, &passphrase.ask(false)?)?;
            let terms = IssuerTerms { days, only_below: permit, url };
            let der = root.sign_issuer(&read(&csr)?, &terms, now, &random)?;
            write_new(&out, &(armour("CERTIFICATE", &der) + &root.pem()))?;
            println!("signed: {}; on the node, `wardmote cert issuing install` takes it", out.display());
        }
        Command::Crl { root, out, number, revoke, reason, days, passphrase } => {
            must_be_new(&out)?;
            let root = open(&root, &passphrase.ask(false)?)?;
            let reason = parse_reason(&reason)?;
            let mut entries = Vec::new();
            for file in revoke {
                let certificate =
                    Certificate::from_der(&one_block(&read(&file)?, "CERTIFICATE")).map_err(|error| {
                        Error::invalid("revoke", format!("{} is no certificate ({error})", file.display()))
                    })?;
                let serial = certificate.tbs_certificate.serial_number.as_bytes().to_vec();
                entries.push(Entry { serial, since: now, reason });
            }
            write_new(&out, &armour("X509 CRL", &root.crl(&entries, number, now, days)?))?;
            println!(
                "the list is in {}; on the node, `wardmote cert issuing root-crl` takes it",
                out.display()
            );
        }
    }
    Ok(())
}

fn open(file: &std::path::Path, passphrase: &str) -> Result<Root> {
    Root::from_file(&String::from_utf8_lossy(&read(file)?), passphrase)
}
