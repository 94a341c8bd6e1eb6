//! What certificates of authorities elsewhere prove of names, addresses and AS numbers: asked by the directory, of those
//! authorities alone that the operator trusts for it.
//!
//! Names and single addresses count as in TLS: the certificate is one for servers (RFC 5280 section 4.2.1.12), and webpki finds
//! it good under the authority with its name constraints. Blocks count by RFC 3779: webpki knows nothing of that extension,
//! which is critical in resource certificates (RFC 6487 section 4.8.10), so the one step from the authority to the
//! certificate is verified here.

use contracts::trust::holdings::{Holdings, HoldingsJudge, Lapse};
use kit::Time;
use kit::clock::DAY;
use webpki::KeyUsage;
use x509_cert::Certificate;
use x509_cert::der::asn1::ObjectIdentifier;
use x509_cert::der::{Decode as _, Encode as _};
use x509_cert::ext::Extension;

use crate::Pki;
use crate::issue::hex;
use crate::signature::AHEAD;
use crate::state::State;
use crate::trusted::Foreign;
use crate::x509::cms::Signature;
use crate::x509::resources::{self, Blocks, Resources};
use crate::x509::{self, fingerprint};

/// A signature over the text of claims counts for so long.
const FRESH: Time = 7 * DAY;

/// Extensions that may be critical in a certificate with blocks: the two themselves, and those that webpki knows, but for
/// what only an authority's own has.
const MAY_BE_CRITICAL: [ObjectIdentifier; 6] = [
    resources::ADDRESSES,
    resources::NUMBERS,
    ObjectIdentifier::new_unwrap("2.5.29.15"), // key usage, looked at with the signature
    ObjectIdentifier::new_unwrap("2.5.29.17"), // names, which webpki judges
    ObjectIdentifier::new_unwrap("2.5.29.19"), // basic constraints, looked at with the signature
    ObjectIdentifier::new_unwrap("2.5.29.32"), // policies, of which none is asked for
];

impl HoldingsJudge for Pki {
    fn is_asked(&self) -> bool {
        self.state().trusted.iter().any(|authority| authority.stored.serves.claims())
    }

    fn holdings(&self, text: &[u8], signature: &[u8], at: Time) -> Result<Holdings, String> {
        let signature = Signature::parse(signature)?;
        signature.is_over(text)?;
        if signature.at() > at.saturating_add(AHEAD) {
            return Err("it is dated in the future: set the clock right and sign anew".into());
        }
        if signature.at() < at.saturating_sub(FRESH) {
            let date = ui::format::date(signature.at());
            return Err(format!(
                "it was made on {date}: sign anew, and hand it in within {} days",
                FRESH / DAY
            ));
        }
        let der = signature.certificate();
        let state = self.state();
        // It was good when it signed, and it is now.
        let judged = vouched(&state, der, signature.at().min(at)).and_then(|_| vouched(&state, der, at));
        let holdings = judged.map_err(|lapse| match lapse {
            Lapse::Over(why) | Lapse::Unknown(why) => why,
        })?;
        if holdings.names.is_empty() && holdings.addresses.is_empty() && holdings.numbers.is_empty() {
            return Err(format!(
                "the certificate of {} says nothing of hosts, addresses or AS numbers that counts",
                holdings.issuer
            ));
        }
        Ok(holdings)
    }

    fn still_held(&self, certificate: &[u8], at: Time) -> Result<Holdings, Lapse> {
        vouched(&self.state(), certificate, at)
    }
}

/// What the certificate `der` says at `at`, on the word of an authority that is trusted for it.
fn vouched(state: &State, der: &[u8], at: Time) -> Result<Holdings, Lapse> {
    if state.by_fingerprint.contains_key(&fingerprint(der)) {
        return Err(Lapse::Over(
            "the certificate is of this community, which issues for what is proven".into(),
        ));
    }
    let certificate = Certificate::from_der(der);
    let certificate = certificate.map_err(|_| Lapse::Over("the certificate cannot be read".into()))?;
    let mut lapse =
        Lapse::Over("the certificate is of no authority that is trusted here to prove claims".into());
    let trusted = state.trusted.iter().filter(|authority| authority.stored.serves.claims());
    for authority in trusted.filter(|authority| authority.is_named_by(&certificate)) {
        match of_authority(state, authority, &certificate, der, at) {
            Ok(holdings) => return Ok(holdings),
            // Of several authorities of that name one may say so tomorrow.
            Err(_) if matches!(lapse, Lapse::Unknown(_)) => {}
            Err(other) => lapse = other,
        }
    }
    Err(lapse)
}

fn of_authority(
    state: &State,
    authority: &Foreign,
    certificate: &Certificate,
    der: &[u8],
    at: Time,
) -> Result<Holdings, Lapse> {
    let name = &authority.stored.name;
    let over = |why: String| Lapse::Over(format!("the certificate {why}"));
    let above = Certificate::from_der(&authority.stored.certificate)
        .map_err(|_| Lapse::Over(format!("the certificate of {name} cannot be read")))?;
    if is_ours(state, &above) {
        return Err(Lapse::Over(format!("{name} is this community's, which issues for what is proven")));
    }
    authority.is_in_time(at).map_err(Lapse::Over)?;
    let tbs = &certificate.tbs_certificate;
    let (from, until) = (x509::micros(&tbs.validity.not_before), x509::micros(&tbs.validity.not_after));
    if at < from {
        return Err(over(format!("is good from {} on only", ui::format::date(from))));
    }
    if until <= at {
        return Err(over(format!("ended on {}", ui::format::date(until))));
    }
    is_signed_by(&above, certificate).map_err(|why| over(format!("does not hold under {name}: {why}")))?;
    is_on_no_list(authority, certificate, at)?;

    let blocks = Resources::of(certificate).map_err(over)?;
    if !blocks.is_within(&Resources::of(&above).map_err(|why| Lapse::Over(format!("{name} {why}")))?) {
        return Err(over(format!("delegates more than {name} itself has (RFC 3779)")));
    }
    let has_blocks = blocks != Resources::default();
    if has_blocks {
        knows_all(tbs.extensions.as_deref().unwrap_or_default()).map_err(over)?;
        // webpki alone knows which certificates such a list is for.
        if !authority.stored.accept_without_crl && authority.is_of_a_part() {
            let ask = "is of a part of its certificates: ask the operator for the whole";
            return Err(Lapse::Unknown(format!("the revocation list of {name} {ask}")));
        }
    }
    let (mut names, mut addresses) = (Vec::new(), blocks.named_addresses());
    let (hosts, single) = resources::subjects(certificate).map_err(over)?;
    if !(hosts.is_empty() && single.is_empty()) {
        match authority.verify_for(KeyUsage::server_auth(), der, at) {
            Ok(()) => {
                names = hosts;
                addresses.extend(single.into_iter().map(|address| address..=address));
            }
            // The blocks stand by themselves.
            Err(_) if has_blocks => {}
            Err(why) => return Err(over(format!("does not count for the names in it: {why}"))),
        }
    }
    // As openssl shows it: without the zero that keeps it positive.
    let serial = tbs.serial_number.as_bytes();
    let serial = hex(serial.strip_prefix(&[0]).unwrap_or(serial));
    let addresses = resources::merged(addresses, resources::next_address);
    let numbers: Blocks<u32> = blocks.named_numbers();
    Ok(Holdings { issuer: name.clone(), serial, until, certificate: der.to_vec(), names, addresses, numbers })
}

/// Whether the authority is one of this community, by its key, or one below them.
fn is_ours(state: &State, above: &Certificate) -> bool {
    let tbs = &above.tbs_certificate;
    state.authorities.iter().any(|own| {
        let own = &own.certificate.tbs_certificate;
        own.subject_public_key_info == tbs.subject_public_key_info || own.subject == tbs.issuer
    })
}

/// RFC 5280 section 6.1.3 (a)(1).
fn is_signed_by(above: &Certificate, certificate: &Certificate) -> Result<(), String> {
    let tbs = &certificate.tbs_certificate;
    if tbs.signature != certificate.signature_algorithm {
        return Err("it names two signature algorithms".into());
    }
    let signed = tbs.to_der().map_err(|error| error.to_string())?;
    let key = &above.tbs_certificate.subject_public_key_info;
    x509::verify(key, &certificate.signature_algorithm, &signed, certificate.signature.raw_bytes()).map(drop)
}

/// Whether the authority's list, in its time, does not name the certificate.
fn is_on_no_list(authority: &Foreign, certificate: &Certificate, at: Time) -> Result<(), Lapse> {
    let (stored, name) = (&authority.stored, &authority.stored.name);
    let is_lenient = stored.accept_without_crl;
    let Some(list) = authority.list() else {
        let ask = format!("the revocation list of {name} is not here yet: ask the operator for it");
        return if is_lenient { Ok(()) } else { Err(Lapse::Unknown(ask)) };
    };
    // Lists have the number as it stands in the certificate, without tag and length.
    let serial = certificate.tbs_certificate.serial_number.to_der();
    let serial = serial.map_err(|error| Lapse::Over(format!("the certificate cannot be read: {error}")))?;
    match list.find_serial(serial.get(2..).unwrap_or_default()) {
        Ok(Some(_)) => return Err(Lapse::Over(format!("{name} has revoked the certificate"))),
        Ok(None) => {}
        Err(error) => return Err(Lapse::Unknown(format!("the list of {name} cannot be read: {error}"))),
    }
    if !is_lenient && stored.crl_until.is_none_or(|until| until <= at) {
        let ask = "is out of date: ask the operator for the newest";
        return Err(Lapse::Unknown(format!("the revocation list of {name} {ask}")));
    }
    Ok(())
}

/// Whether all that is critical in the certificate is understood (RFC 5280 section 4.2).
fn knows_all(extensions: &[Extension]) -> Result<(), String> {
    let strange = extensions.iter().find(|one| one.critical && !MAY_BE_CRITICAL.contains(&one.extn_id));
    strange.map_or(Ok(()), |one| {
        Err(format!("has a critical extension that is not known here ({})", one.extn_id))
    })
}
