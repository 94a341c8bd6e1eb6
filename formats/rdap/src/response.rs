//! A whole answer (RFC 9083 section 4.1).

use serde::Serialize;

use crate::{Body, Notice, Redacted};

/// An object, or what was found, with what must be said about the answer.
#[derive(Debug, Clone, PartialEq, Eq, Serialize)]
pub struct Response<T> {
    #[serde(rename = "rdapConformance")]
    conformance: Vec<&'static str>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    notices: Vec<Notice>,
    #[serde(flatten)]
    body: T,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    redacted: Vec<Redacted>,
}

impl<T: Body> Response<T> {
    /// The answer `body` with `notices`; extensions and marks for what was left out are found in it.
    pub fn new(body: T, notices: Vec<Notice>) -> Self {
        let (mut redacted, mut trust) = (Vec::new(), false);
        body.entities(&mut |path, entity| {
            redacted.extend(entity.withheld.iter().map(|withheld| Redacted::at(path, *withheld)));
            trust |= entity.trust.is_some();
        });
        let used =
            [(crate::CIDR, body.has_cidrs()), (crate::REDACTED, !redacted.is_empty()), (crate::TRUST, trust)];
        let used = used.into_iter().filter(|(_, used)| *used).map(|(name, _)| name);
        Self { conformance: std::iter::once(crate::LEVEL).chain(used).collect(), notices, body, redacted }
    }

    /// Declares every extension of the server: for the answer to `help` (section 7).
    pub fn declaring_all(mut self) -> Self {
        self.conformance = crate::EXTENSIONS.to_vec();
        self
    }
}
