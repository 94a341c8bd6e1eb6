//! How much work one mail may cause. Whatever exceeds a limit is left out of the opened view with a
//! [`crate::message::Note`]; the original bytes are stored elsewhere and lose nothing.

/// Bounds on opening one mail. [`Limits::default`] suits a CSIRT's mailbox: the largest honest reports
/// (a night's log as zip) pass, and a hostile mail costs less than a second and about 100 MB.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of the mail that are looked at; the rest stays closed. Default 30 MiB.
    pub message_bytes: usize,
    /// Parts listed, over all nested mails and archives together. Default 1,000.
    pub parts: usize,
    /// Mails in mails, archives in archives and encrypted layers, counted together. Default 10.
    pub depth: usize,
    /// Multiparts in multiparts within one mail. Default 10.
    pub multipart_depth: usize,
    /// Decoded text of all parts together, in bytes of UTF-8. Default 32 MiB.
    pub text_bytes: usize,
    /// Members opened per archive. Default 200.
    pub archive_members: usize,
    /// Unpacked bytes over all archives of the mail. Default 32 MiB.
    pub archive_bytes: usize,
    /// Unpacked size over packed size above which a member of more than 1 MiB is not believed. Default 200;
    /// deflate itself ends at 1,032, plain logs reach about 30.
    pub archive_ratio: usize,
    /// Bytes of one header block that are read. Default 256 kB.
    pub header_bytes: usize,
    /// Addresses read from one of `To`, `Cc`, `From`, … Default 1,000.
    pub addresses: usize,
    /// Message-IDs read from `References`, the last ones (RFC 5322 3.6.4 appends). Default 100.
    pub references: usize,
    /// Public-key operations: signatures checked and messages decrypted, each. Default 10.
    pub crypto: usize,
    /// Notes written; a last one says that there were more. Default 100.
    pub notes: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            message_bytes: 30 << 20,
            parts: 1_000,
            depth: 10,
            multipart_depth: 10,
            text_bytes: 32 << 20,
            archive_members: 200,
            archive_bytes: 32 << 20,
            archive_ratio: 200,
            header_bytes: 256_000,
            addresses: 1_000,
            references: 100,
            crypto: 10,
            notes: 100,
        }
    }
}
