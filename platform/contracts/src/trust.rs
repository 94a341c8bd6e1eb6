//! What follows from a team's standing, asked from below the directory: filled where the program is put together. What
//! happens to a standing is told in [`record`], and what certificates prove of claims is asked in [`holdings`].

pub mod holdings;
pub mod record;

use std::future::Future;
use std::pin::Pin;

/// A service of the community to which a standing may entitle a team. Which standing each asks for is configured.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Service {
    /// The members' site: records as members see them, the community's pages.
    MembersSite,
    /// Certificates for the team's people, issued and accepted.
    PersonCertificates,
    /// Certificates for servers under the team's proven domains.
    ServerCertificates,
    /// The key ring of members, as a file and by WKD.
    KeyRing,
    /// Closed lists, and the list of emergency telephones.
    ClosedLists,
    /// A vote on listings and motions.
    Vote,
    /// Open meetings.
    OpenMeetings,
    /// Closed meetings.
    ClosedMeetings,
}

impl Service {
    /// All of them, as the catalogue shows them.
    pub const ALL: [Self; 8] = [
        Self::OpenMeetings,
        Self::MembersSite,
        Self::KeyRing,
        Self::ClosedLists,
        Self::ClosedMeetings,
        Self::PersonCertificates,
        Self::ServerCertificates,
        Self::Vote,
    ];

    /// Its name in the configuration and in files.
    pub const fn name(self) -> &'static str {
        match self {
            Self::MembersSite => "members-site",
            Self::PersonCertificates => "person-certificates",
            Self::ServerCertificates => "server-certificates",
            Self::KeyRing => "key-ring",
            Self::ClosedLists => "closed-lists",
            Self::Vote => "vote",
            Self::OpenMeetings => "open-meetings",
            Self::ClosedMeetings => "closed-meetings",
        }
    }

    /// In words, for pages and letters.
    pub const fn words(self) -> &'static str {
        match self {
            Self::MembersSite => "the members' site",
            Self::PersonCertificates => "certificates for people",
            Self::ServerCertificates => "certificates for servers",
            Self::KeyRing => "the members' key ring",
            Self::ClosedLists => "closed lists and the emergency telephones",
            Self::Vote => "a vote on listings and motions",
            Self::OpenMeetings => "open meetings",
            Self::ClosedMeetings => "closed meetings",
        }
    }
}

/// Says what a team is entitled to now. It is derived from its standing when asked, never stored.
pub trait Entitlements: Send + Sync {
    /// Whether the organisation with the id `organisation` may use `service`.
    ///
    /// # Errors
    /// Why not, in words for the one who asked.
    fn entitled(&self, organisation: &str, service: Service) -> Result<(), String>;

    /// Whether the organisation has left for good: what it was given does not come back with a later standing.
    fn gone(&self, _organisation: &str) -> bool {
        false
    }
}

/// Says which names of hosts are a team's own: those under the domains that it has proven.
pub trait ProvenNames: Send + Sync {
    /// Whether `dns_name` (small letters, no dot at the end) lies under a proven domain of `organisation`.
    ///
    /// # Errors
    /// Why not, in words for the one who asked.
    fn proven(&self, organisation: &str, dns_name: &str) -> Result<(), String>;
}

/// Says who nominated a person: they know them, and hold one half of the code by which a lost account is recovered.
pub trait Nominators: Send + Sync {
    /// The account of whoever nominated the person with the account `account`, and the nomination came to good; `None`
    /// when nobody did.
    ///
    /// # Errors
    /// Why it cannot be known now.
    fn nominator_of<'a>(
        &'a self,
        account: &'a str,
    ) -> Pin<Box<dyn Future<Output = Result<Option<String>, String>> + Send + 'a>>;
}

/// What a judge says of a client's certificate.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum CertificateVerdict {
    /// Issued by an authority that is trusted here for clients, in its time, not revoked.
    Good,
    /// Not to be accepted; why, in words for its holder.
    Refused(String),
}

/// Judges clients' certificates at every request: a TLS session that is resumed skips the handshake's check.
pub trait CertificateJudge: Send + Sync {
    /// The verdict on the certificate `der`, at `at` (microseconds since 1970 UTC). `organisation` is that of the account
    /// to which it is tied, or is about to be: whoever asks knows it as it is now. `None`: it is tied to nobody.
    fn judge(&self, der: &[u8], at: i64, organisation: Option<&str>) -> CertificateVerdict;
}

/// A signature over a document by a person's certificate, found good.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DocumentSigned {
    /// SHA-256 of the certificate, hex.
    pub fingerprint: String,
    /// The certificate's subject (RFC 4514).
    pub subject: String,
    /// The organisation of the account to which the certificate is tied.
    pub organisation: String,
    /// When the signer says that it was made, microseconds since 1970 UTC.
    pub at: i64,
}

/// Judges signatures over documents by certificates of the community's people.
pub trait SignatureJudge: Send + Sync {
    /// Whose good signature over exactly `document` stands in `signature` (detached CMS, PEM or DER). The certificate was
    /// good when it signed and is good at `at` (microseconds since 1970 UTC), and an open account has it.
    ///
    /// # Errors
    /// Why the signature does not count, in words for the one who handed it in.
    fn signed(&self, document: &[u8], signature: &[u8], at: i64) -> Result<DocumentSigned, String>;

    /// Whether a signature that counted when it was handed in still proves what it did: its certificate was good when it
    /// signed, and its key was not given up since. A certificate that has ended meanwhile takes nothing back.
    ///
    /// # Errors
    /// Why not.
    fn still_signed(&self, document: &[u8], signature: &[u8]) -> Result<(), String>;
}

/// Finds in a registry what proves a team's claims. It stands above the directory, so it is filled where the program
/// is put together.
pub trait ClaimProver: Send + Sync {
    /// The evidence that the team whose `irt` object is `irt` is responsible for all addresses from `first` to `last`:
    /// the object that says so, in words.
    ///
    /// # Errors
    /// What is missing, in words for the team.
    fn network(&self, irt: &str, first: std::net::IpAddr, last: std::net::IpAddr) -> Result<String, String>;
}
