//! What a standing entitles a team to: derived from the directory as it is now, never stored.

use contracts::trust::{Entitlements, ProvenNames, Service};
use kit::Id;

use crate::{Team, Teams, TrustStatus};

impl Teams {
    /// Whether `team` may use `service` now.
    ///
    /// # Errors
    /// Why not, in words for the one who asked.
    pub fn entitles(&self, team: &Team, service: Service) -> Result<(), String> {
        let asks = self.settings().asks(service);
        if team.standing.is_some_and(|standing| standing.status >= asks) {
            return Ok(());
        }
        let (words, status) = (service.words(), team.status_name());
        Err(format!("{words} asks for the standing {asks}, and {} is {status}", team.name))
    }
}

impl Entitlements for Teams {
    fn entitled(&self, organisation: &str, service: Service) -> Result<(), String> {
        let directory = self.directory();
        let team = organisation.parse::<Id>().ok().and_then(|id| directory.by_id(id));
        match team {
            Some(team) => self.entitles(&team, service),
            None => {
                Err(format!("{} is for teams of the directory, and this one is not in it", service.words()))
            }
        }
    }

    fn gone(&self, organisation: &str) -> bool {
        let directory = self.directory();
        let team = organisation.parse::<Id>().ok().and_then(|id| directory.by_id(id));
        team.and_then(|team| team.standing).is_some_and(|standing| standing.status == TrustStatus::Withdrawn)
    }
}

impl Teams {
    /// Whether `team` has proven `name`, a name of the domain name system, also with `*.` in front. Of the claims that are
    /// proven the one that fits most closely decides: a name that another team holds more closely is that team's. What
    /// others only claim takes nothing from anybody.
    ///
    /// # Errors
    /// Why not, in words for the one who asked.
    pub fn proves_domain(&self, team: &Team, name: &str) -> Result<(), String> {
        let name = name.trim().trim_end_matches('.').to_lowercase();
        let below = name.strip_prefix("*.").unwrap_or(&name);
        if !below.contains('.') || below.contains('*') {
            return Err(format!("{name:?} is no name that one organisation holds"));
        }
        // The names below a name are asked for by one of them.
        let asked = if below.len() < name.len() { format!("x.{below}") } else { name.clone() };
        let directory = self.directory();
        if directory.by_domain_where(&asked, |other| other.id == team.id).is_empty() {
            return Err(format!("{} does not claim {name}: add the domain to its record", team.name));
        }
        let proves =
            |team: &Team| team.domain_proof(below).is_some_and(|proof| proof.claim.text().contains('.'));
        if !proves(team) {
            return Err(format!("{} claims {name}, and nothing proves it yet", team.name));
        }
        if !directory.by_domain_where(&asked, proves).iter().any(|other| other.id == team.id) {
            return Err(format!("{name} belongs to what another team has proven"));
        }
        Ok(())
    }
}

impl ProvenNames for Teams {
    fn proven(&self, organisation: &str, dns_name: &str) -> Result<(), String> {
        let directory = self.directory();
        let team = organisation.parse::<Id>().ok().and_then(|id| directory.by_id(id));
        let team = team.ok_or_else(|| {
            "names are proven by teams of the directory, and this one is not in it".to_owned()
        })?;
        self.proves_domain(&team, dns_name)
    }
}

#[cfg(test)]
mod tests {
    use identity::Granted;
    use kit::testing;

    use super::*;
    use crate::{Section, Standing, import};

    #[tokio::test(flavor = "multi_thread")]
    async fn what_a_team_may_use_follows_its_standing_at_once() {
        let node = testing::node(&[identity::MIGRATIONS, crate::MIGRATIONS]);
        let teams = Teams::open(node.node.clone(), Section::default()).await.unwrap();
        let text = br#"[{"short_name": "LAB", "official_name": "Lab CERT", "handle": "lab"}]"#;
        let entries = import::parse(text).unwrap().entries;
        let id = crate::testing::import(&teams, entries).await[0];
        let may = |service| teams.entitled(&id.to_string(), service).is_ok();
        let stand = async |status| {
            let standing = Some(Standing { status, since: testing::START });
            crate::testing::stand(&teams, id, standing).await;
        };

        stand(TrustStatus::Accredited).await;
        assert!(may(Service::PersonCertificates) && may(Service::OpenMeetings));
        stand(TrustStatus::Candidate).await;
        assert!(!may(Service::PersonCertificates) && may(Service::OpenMeetings));
        stand(TrustStatus::Suspended).await;
        assert!(!may(Service::OpenMeetings));
        assert!(teams.entitled("no id", Service::OpenMeetings).is_err());
    }

    #[tokio::test(flavor = "multi_thread")]
    async fn a_name_is_kept_from_its_holder_only_by_who_has_proven_it_more_closely() {
        let node = testing::node(&[identity::MIGRATIONS, crate::MIGRATIONS]);
        let teams = Teams::open(node.node.clone(), Section::default()).await.unwrap();
        let text = br#"[
            {"short_name": "Nordvik", "official_name": "Nordvik CERT", "handle": "nordvik",
             "constituency": {"domains": ["nordvik.example", "*.nordvik.example"]}},
            {"short_name": "Quin", "official_name": "Quin CERT", "handle": "quin",
             "constituency": {"domains": ["www.nordvik.example"]}}]"#;
        let ids = crate::testing::import(&teams, import::parse(text).unwrap().entries).await;
        let asks = |place: usize, name: &str| teams.proven(&ids[place].to_string(), name);
        let prove = async |place: usize, name: &str| {
            let claim = crate::Claim::Domain(name.into());
            teams.decide_claim(&Granted::for_node(), ids[place], claim, "a letter").await.unwrap();
        };
        assert!(asks(0, "www.nordvik.example").is_err());
        prove(0, "nordvik.example").await;
        asks(0, "www.nordvik.example").unwrap();
        assert!(asks(1, "www.nordvik.example").unwrap_err().contains("nothing proves it"));
        prove(1, "www.nordvik.example").await;
        asks(1, "www.nordvik.example").unwrap();
        assert!(asks(0, "www.nordvik.example").unwrap_err().contains("another team has proven"));
        asks(0, "mail.nordvik.example").unwrap();
        asks(0, "*.nordvik.example").unwrap();
        assert!(asks(1, "mail.nordvik.example").unwrap_err().contains("does not claim"));
    }
}
