//! Proof by a client certificate.

use axum::http::Extensions;
use kit::Time;
use tls::ClientCertificate;

use crate::update::Proof;

/// The certificate with which a request's connection was made, when it is valid at `now`. It says who sent the request
/// if it is the very one of a `key-cert` object. No header of the request plays a part.
pub(crate) fn certificate(of_request: &Extensions, now: Time) -> Option<Proof> {
    let shown = of_request.get::<ClientCertificate>().filter(|shown| shown.is_valid(now))?;
    Some(Proof::Certificate { der: shown.der().to_vec() })
}
