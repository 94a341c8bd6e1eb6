//! The node's own certificate, asked from below the authority that makes it: filled where the program is put together.

use std::sync::Arc;

/// A certificate that the node's listener shows, with its key.
pub struct OwnCertificate {
    /// The certificate, and behind it those that vouch for it (DER).
    pub chain: Vec<Vec<u8>>,
    /// Its key (PKCS#8, DER). It is secret.
    pub key: Vec<u8>,
}

impl std::fmt::Debug for OwnCertificate {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("OwnCertificate")
    }
}

/// Has the certificate of the node's own listener, and renews it.
pub trait OwnCertificates: Send + Sync {
    /// The one to be shown now, out of memory; `None` when there is none yet.
    fn current(&self) -> Option<Arc<OwnCertificate>>;
}
