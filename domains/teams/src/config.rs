//! The section `[directory]` of a configuration.

use std::collections::BTreeMap;

use contracts::trust::Service;
use serde::{Deserialize, Serialize};

use crate::TrustStatus;
use crate::dns::DnsSection;

/// How the directory works.
#[derive(Debug, Clone, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Section {
    /// The least standing that a service of the community asks for, by the service's name; what is not named here asks
    /// for what [`Section::asks`] says.
    pub services: BTreeMap<String, String>,
    /// Whether the directory has a public side: whoever is not logged in sees the public fields of teams that are
    /// listed or more.
    pub public: bool,
    /// The handle of the team whose desk signs the directory's files, which is the operator of the community; empty: the only
    /// team whose desk is here. It stands in the configuration once, as the operator.
    #[serde(skip)]
    pub signing_team: String,
    /// Mail domains whose keys are given out by Web Key Directory; the public host answers under these names, or under
    /// `openpgpkey.` before them.
    pub wkd_domains: Vec<String>,
    /// How the domain name system is asked for proofs of claims.
    pub dns: DnsSection,
}

impl Section {
    /// The least standing with which a team may use `service`.
    pub fn asks(&self, service: Service) -> TrustStatus {
        let configured = self.services.get(service.name()).and_then(|status| status.parse().ok());
        configured.unwrap_or(match service {
            Service::OpenMeetings => TrustStatus::Listed,
            _ => TrustStatus::Accredited,
        })
    }

    /// Finds what no service or standing is called.
    ///
    /// # Errors
    /// [`kit::Error::Invalid`] names the key and what there is.
    pub fn check(&self) -> kit::Result<()> {
        self.dns.check()?;
        for domain in &self.wkd_domains {
            if domain.is_empty() || !domain.contains('.') || domain.contains(['@', '/', ':', '*', ' ']) {
                let advice = format!("{domain:?} is no mail domain: write skerry.example");
                return Err(kit::Error::invalid("[directory] wkd_domains", advice));
            }
        }
        for (name, status) in &self.services {
            let key = format!("[directory.services] {name}");
            if !Service::ALL.iter().any(|service| service.name() == name) {
                let known = Service::ALL.map(Service::name).join(", ");
                return Err(kit::Error::invalid(
                    key,
                    format!("there is no such service; choose among {known}"),
                ));
            }
            if !status.parse::<TrustStatus>().is_ok_and(|status| status >= TrustStatus::Listed) {
                let advice = "choose among listed, candidate, accredited, certified";
                return Err(kit::Error::invalid(key, advice));
            }
        }
        Ok(())
    }
}
