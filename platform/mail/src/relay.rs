//! Hands a mail to the relay of the house, for one recipient at a time, and says what became of it.
//!
//! One recipient per transaction gives each its own state, its own return path (VERP) and its own encryption. Retrying is
//! the queue's.

mod section;

use std::net::IpAddr;
use std::time::Duration;

use lettre::address::{Address, Envelope};
use lettre::transport::smtp::authentication::Credentials;
use lettre::transport::smtp::client::{Certificate, Tls, TlsParameters};
use lettre::transport::smtp::extension::ClientId;
use lettre::transport::smtp::{self, AsyncSmtpTransport};
use lettre::{AsyncTransport, Tokio1Executor};

pub use section::Section;

/// How the relay is reached.
#[derive(Clone)]
pub struct RelayConfig {
    /// Host name or address.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// Encryption of the connection.
    pub tls: RelayTls,
    /// User and password for AUTH. Sent over TLS, or to this machine, only.
    pub credentials: Option<(String, String)>,
    /// Certificates (PEM) trusted beside the public ones: the CA of the house.
    pub root_certificates: Vec<u8>,
    /// Our name in EHLO.
    pub hello: String,
    /// How long a reply is waited for.
    pub timeout: Duration,
}

/// Encryption of the connection to the relay.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, serde::Serialize, serde::Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum RelayTls {
    /// None: for a relay on this machine.
    None,
    /// STARTTLS, required (RFC 3207).
    #[default]
    StartTls,
    /// TLS from the first byte (RFC 8314).
    Tls,
}

/// What became of one mail for one recipient.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Outcome {
    /// The relay has it.
    Accepted {
        /// Its words.
        reply: String,
    },
    /// Not now: 4xx, or the relay was not reached.
    Deferred {
        /// Its words, or what went wrong.
        reply: String,
    },
    /// Never: 5xx, or an address that no SMTP server takes.
    Failed {
        /// Its words, or what is wrong.
        reply: String,
    },
}

/// A configuration that cannot work.
#[derive(Debug, thiserror::Error)]
pub enum RelayError {
    /// The password would go over the network unencrypted.
    #[error("the password for {0} would be sent unencrypted: set tls to starttls or tls")]
    PasswordInTheClear(String),
    /// The certificates cannot be read.
    #[error("the relay's certificates cannot be read: {0}")]
    Certificates(smtp::Error),
    /// TLS cannot be set up.
    #[error("TLS to {0} cannot be set up: {1}")]
    Tls(String, smtp::Error),
}

/// A relay.
#[derive(Clone)]
pub struct Relay {
    transport: AsyncSmtpTransport<Tokio1Executor>,
}

impl Relay {
    /// Makes a relay; does not connect yet.
    ///
    /// # Errors
    /// [`RelayError`] says which setting cannot work.
    pub fn new(config: &RelayConfig) -> Result<Relay, RelayError> {
        let mut builder = AsyncSmtpTransport::<Tokio1Executor>::builder_dangerous(config.host.as_str())
            .port(config.port)
            .timeout(Some(config.timeout))
            .hello_name(ClientId::Domain(config.hello.clone()));
        if config.tls != RelayTls::None {
            let mut tls = TlsParameters::builder(config.host.clone());
            if !config.root_certificates.is_empty() {
                let certificate =
                    Certificate::from_pem(&config.root_certificates).map_err(RelayError::Certificates)?;
                tls = tls.add_root_certificate(certificate);
            }
            let tls = tls.build().map_err(|e| RelayError::Tls(config.host.clone(), e))?;
            builder =
                builder.tls(if config.tls == RelayTls::Tls { Tls::Wrapper(tls) } else { Tls::Required(tls) });
        }
        if let Some((user, password)) = &config.credentials {
            if config.tls == RelayTls::None && !is_this_machine(&config.host) {
                return Err(RelayError::PasswordInTheClear(config.host.clone()));
            }
            builder = builder.credentials(Credentials::new(user.clone(), password.clone()));
        }
        Ok(Relay { transport: builder.build() })
    }

    /// Sends `message` (lines ending with CR LF) to `rcpt`. `return_path` is where bounces go; empty for the null path.
    pub async fn send(&self, return_path: &str, rcpt: &str, message: &[u8]) -> Outcome {
        let envelope = match envelope(return_path, rcpt) {
            Ok(envelope) => envelope,
            Err(reply) => return Outcome::Failed { reply },
        };
        // lettre ends the data with CR LF . CR LF of its own.
        let message = message.strip_suffix(b"\r\n").unwrap_or(message);
        let needs_extension = !(return_path.is_ascii() && rcpt.is_ascii() && message.is_ascii());
        match self.transport.send_raw(&envelope, message).await {
            Ok(response) => {
                let words: Vec<&str> = response.message().collect();
                Outcome::Accepted { reply: words.join(" ") }
            }
            Err(error) if error.is_permanent() => Outcome::Failed { reply: words(&error) },
            // The server lacks SMTPUTF8 or 8BITMIME, and this mail needs it (RFC 6531, RFC 6152). Other refusals of lettre's
            // own, such as a missing STARTTLS, are for the administrator to mend.
            Err(error) if error.is_client() && needs_extension => Outcome::Failed { reply: words(&error) },
            Err(error) => Outcome::Deferred { reply: words(&error) },
        }
    }
}

impl std::fmt::Debug for Relay {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Relay")
    }
}

fn is_this_machine(host: &str) -> bool {
    host == "localhost" || host.parse::<IpAddr>().is_ok_and(|ip| ip.is_loopback())
}

fn envelope(return_path: &str, rcpt: &str) -> Result<Envelope, String> {
    let address = |text: &str| text.parse::<Address>().map_err(|e| format!("{text} is not an address: {e}"));
    let from = if return_path.is_empty() { None } else { Some(address(return_path)?) };
    Envelope::new(from, vec![address(rcpt)?]).map_err(|e| e.to_string())
}

/// The error with its causes, on one line.
fn words(error: &smtp::Error) -> String {
    let mut words = error.to_string();
    let mut cause = std::error::Error::source(error);
    while let Some(inner) = cause {
        let inner_words = inner.to_string();
        if !words.contains(&inner_words) {
            words = format!("{words}: {inner_words}");
        }
        cause = inner.source();
    }
    words.replace(['\r', '\n'], " ")
}
