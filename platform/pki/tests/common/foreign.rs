//! Another community's authority, trusted here, whose certificates people tie to their accounts.

use identity::{Actor, Certificate, Granted, Shown};
use kit::Time;
use kit::clock::DAY;
use pki::x509::{self, CaKey, Curve, Draft, Issuer, Places, Profile};
use sha2::{Digest as _, Sha256};
use tls::ClientCertificate;

use super::Community;

pub struct Foreign {
    key: CaKey,
    issuer: Issuer,
}

impl Foreign {
    /// Trusted under the name National, also without its list.
    pub async fn trusted(at: &Community) -> Self {
        let key = CaKey::make(Curve::P256, at.node.random());
        let issuer = Issuer { name: "CN=National CA".parse().unwrap(), key_id: vec![7; 20] };
        let this = Self { key, issuer };
        let profile = Profile::Issuing { only_below: vec![] };
        let der = this.sign(at, profile, &this.key, &this.issuer.name.to_string(), 20 * 365);
        let pem = x509::armour("CERTIFICATE", &der);
        at.pki
            .trust(&Granted::for_node(), "National", pem.as_bytes(), None, true, pki::Serves::Clients)
            .await
            .unwrap();
        this
    }

    /// A certificate of this authority for `who`, for 365 days, tied to their account; and until when it is good.
    pub async fn tied(&self, at: &Community, who: &Actor) -> (Vec<u8>, Time) {
        let key = CaKey::make(Curve::P256, at.node.random());
        let der = self.sign(at, Profile::Person { mail: None }, &key, "CN=Kes", 365);
        let (now, until) = (at.node.now(), at.node.now() + 365 * DAY);
        let certificate = Certificate {
            fingerprint: Sha256::digest(&der).into(),
            account: who.account.unwrap(),
            subject: "CN=Kes".into(),
            issuer: "CN=National CA".into(),
            serial: "0A".into(),
            not_before: now,
            not_after: until,
        };
        let work = move |tx: &kit::Write<'_>| identity::bind_certificate(tx, &certificate, now);
        at.node.db.write(work).await.unwrap();
        (der, until)
    }

    fn sign(&self, at: &Community, profile: Profile, key: &CaKey, subject: &str, days: i64) -> Vec<u8> {
        let now = at.node.now();
        let draft = Draft {
            profile,
            subject: subject.parse().unwrap(),
            spki: key.public().unwrap(),
            serial: x509::serial(at.node.random()),
            from: now,
            until: now + days * DAY,
            places: Places::default(),
        };
        x509::sign(&draft, &self.issuer, &self.key).unwrap()
    }
}

/// Whether whoever shows this certificate is in.
pub async fn is_in(at: &Community, der: &[u8]) -> bool {
    let shown = ClientCertificate::for_tests(der);
    let peer = "192.0.2.7".parse().unwrap();
    matches!(at.identity.by_certificate(&shown, peer).await.unwrap(), Shown::In(_))
}
