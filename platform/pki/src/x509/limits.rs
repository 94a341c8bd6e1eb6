//! The names for which alone an authority may issue (RFC 5280 section 4.2.1.10).

use x509_cert::Certificate;
use x509_cert::der::asn1::Ia5String;
use x509_cert::ext::pkix::NameConstraints;
use x509_cert::ext::pkix::constraints::name::GeneralSubtrees;
use x509_cert::ext::pkix::name::GeneralName;

/// What an authority's own certificate says of the names below it. What says nothing limits nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub(crate) struct Limits {
    hosts: Subtrees,
    mails: Subtrees,
}

/// Names under which alone, and names under which never. Small letters.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
struct Subtrees {
    only: Vec<String>,
    never: Vec<String>,
}

impl Limits {
    /// The limits in `certificate`.
    ///
    /// # Errors
    /// They cannot be read: then nothing may be issued.
    pub(crate) fn of(certificate: &Certificate) -> Result<Self, String> {
        let found = certificate.tbs_certificate.get::<NameConstraints>();
        let found = found.map_err(|error| format!("its name constraints cannot be read ({error})"))?;
        let Some((_, constraints)) = found else { return Ok(Self::default()) };
        let mut limits = Self::default();
        let mut take = |trees: Option<GeneralSubtrees>, pick: fn(&mut Subtrees) -> &mut Vec<String>| {
            for tree in trees.unwrap_or_default() {
                let text = |name: &Ia5String| name.as_str().to_ascii_lowercase();
                match &tree.base {
                    GeneralName::DnsName(name) => pick(&mut limits.hosts).push(text(name)),
                    GeneralName::Rfc822Name(name) => pick(&mut limits.mails).push(text(name)),
                    _ => {} // of kinds that are in none of our certificates
                }
            }
        };
        take(constraints.permitted_subtrees, |trees| &mut trees.only);
        take(constraints.excluded_subtrees, |trees| &mut trees.never);
        Ok(limits)
    }

    /// Whether `host` (small letters) may stand in a certificate.
    ///
    /// # Errors
    /// Why not, in words that follow the authority's name.
    pub(crate) fn host(&self, host: &str) -> Result<(), String> {
        self.hosts.allow(host, |base| below(host, base))
    }

    /// Whether the mail address may stand in a certificate. Its domain keeps to the limits of hosts, too: who may speak
    /// for some domains alone certifies no mail of others.
    ///
    /// # Errors
    /// As [`Limits::host`].
    pub(crate) fn mail(&self, address: &str) -> Result<(), String> {
        let address = address.to_ascii_lowercase();
        let domain = address.rsplit_once('@').map_or("", |(_, domain)| domain);
        self.hosts.allow(domain, |base| below(domain, base))?;
        // One mailbox, the mailboxes of one host, or those of all hosts below a domain.
        self.mails.allow(&address, |base| match base {
            base if base.contains('@') => base == address,
            base if base.starts_with('.') => below(domain, base),
            base => base == domain,
        })
    }
}

impl Subtrees {
    fn allow(&self, name: &str, fits: impl Fn(&str) -> bool) -> Result<(), String> {
        if self.never.iter().any(|base| fits(base)) {
            return Err(format!("may not issue for {name}"));
        }
        if self.only.is_empty() || self.only.iter().any(|base| fits(base)) {
            return Ok(());
        }
        Err(format!("may issue below {} alone, and {name} is not", self.only.join(", ")))
    }
}

/// Whether `name` is `base` or lies below it; with a dot in front of `base`, below it alone.
fn below(name: &str, base: &str) -> bool {
    match name.strip_suffix(base) {
        Some("") => !base.starts_with('.'),
        Some(rest) => base.is_empty() || base.starts_with('.') || rest.ends_with('.'),
        None => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_keeps_to_its_limits_when_it_is_one_of_them_or_below() {
        let limits = Limits {
            hosts: Subtrees { only: vec!["other.example".into()], never: vec!["bad.other.example".into()] },
            mails: Subtrees { only: vec![".other.example".into(), "ca@other.example".into()], never: vec![] },
        };
        for good in ["other.example", "www.other.example", "a.b.other.example"] {
            assert_eq!(limits.host(good), Ok(()), "{good}");
        }
        for bad in ["another.example", "example", "www.skerry.example", "www.bad.other.example", ""] {
            assert!(limits.host(bad).is_err(), "{bad}");
        }
        assert_eq!(limits.mail("Kes@Team.Other.example"), Ok(()));
        assert_eq!(limits.mail("ca@other.example"), Ok(()));
        for bad in ["kes@other.example", "kes@skerry.example", "kes@bad.other.example", "other.example@x"] {
            assert!(limits.mail(bad).is_err(), "{bad}");
        }
        assert_eq!(Limits::default().mail("kes@skerry.example"), Ok(()));
    }
}
