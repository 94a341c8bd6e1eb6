//! Random worlds: what is decided is what a plain reading of the rules says, and nobody gets by without the proofs.

use std::collections::BTreeMap;

use kit::Result;
use proptest::collection::{btree_set, vec};
use proptest::prelude::*;
use rpsl::{AddressRange, KeyReference, Object};

use super::{Change, decide};
use crate::update::objects::Objects;
use crate::update::proofs::{Proof, Proofs};

const KEYS: usize = 4;
const MAINTAINERS: usize = 4;
const TEAMS: usize = 3;

/// Who has which keys, and who may refer to whom, as numbers.
#[derive(Debug, Clone)]
struct World {
    maintainers: Vec<Vec<usize>>,
    teams: Vec<(Vec<usize>, Vec<usize>)>,
    old: (Vec<usize>, Vec<usize>),
    new: (Vec<usize>, Vec<usize>),
    held: Vec<usize>,
    introducer: usize,
}

struct Told(BTreeMap<(String, String), Vec<u8>>);

impl Objects for Told {
    fn text(&self, class: &str, key: &str) -> Result<Option<Vec<u8>>> {
        Ok(self.0.get(&(class.to_owned(), key.to_owned())).cloned())
    }

    fn aliased(&self, _: &KeyReference) -> Result<Vec<String>> {
        Ok(Vec::new())
    }

    fn around(&self, _: AddressRange) -> Result<Option<Vec<u8>>> {
        Ok(None)
    }

    fn of_class(&self, _: &str) -> Result<Vec<Vec<u8>>> {
        Ok(Vec::new())
    }
}

fn der(key: usize) -> Vec<u8> {
    format!("certificate {key}").into_bytes()
}

fn lines(attribute: &str, prefix: &str, numbers: &[usize]) -> String {
    numbers.iter().map(|number| format!("{attribute}: {prefix}{number}\n")).collect()
}

impl World {
    fn told(&self) -> Told {
        let mut objects = BTreeMap::new();
        let mut add = |class: &str, key: String, text: String| {
            objects.insert((class.to_owned(), key), text.into_bytes());
        };
        for key in 0..KEYS {
            let pem = data_encoding::BASE64.encode(&der(key));
            let text = format!(
                "key-cert: X509-{key}\ncertif: -----BEGIN CERTIFICATE-----\ncertif: {pem}\ncertif: -----END CERTIFICATE-----\n"
            );
            add("key-cert", format!("X509-{key}"), text);
        }
        for (number, auth) in self.maintainers.iter().enumerate() {
            add(
                "mntner",
                format!("MNT-{number}"),
                format!("mntner: MNT-{number}\n{}", lines("auth", "X509-", auth)),
            );
        }
        for (number, (auth, guards)) in self.teams.iter().enumerate() {
            let (auth, guards) = (lines("auth", "X509-", auth), lines("mnt-ref", "MNT-", guards));
            add("irt", format!("IRT-{number}"), format!("irt: IRT-{number}\n{auth}{guards}"));
        }
        Told(objects)
    }

    fn network((maintainers, teams): &(Vec<usize>, Vec<usize>)) -> String {
        let (by, irt) = (lines("mnt-by", "MNT-", maintainers), lines("mnt-irt", "IRT-", teams));
        format!("inetnum: 192.0.2.0 - 192.0.2.255\n{by}{irt}source: WARD\n")
    }

    fn holds(&self, keys: &[usize]) -> bool {
        keys.iter().any(|key| self.held.contains(key))
    }

    fn speaks_for(&self, maintainers: &[usize]) -> bool {
        maintainers.iter().any(|number| self.holds(&self.maintainers[*number]))
    }

    /// The rules as one would read them out.
    fn is_allowed(&self) -> bool {
        let own = self.speaks_for(&self.old.0);
        let added = self.new.1.iter().filter(|team| !self.old.1.contains(team));
        let teams = added
            .map(|team| &self.teams[*team])
            .all(|(auth, guards)| self.holds(auth) && (guards.is_empty() || self.speaks_for(guards)));
        let introducer = self.old.0.contains(&self.introducer)
            || !self.new.0.contains(&self.introducer)
            || self.speaks_for(&[self.introducer]);
        own && teams && introducer
    }
}

fn some(of: usize, from: usize) -> impl Strategy<Value = Vec<usize>> {
    btree_set(0..of, from..=of).prop_map(|set| set.into_iter().collect())
}

fn worlds() -> impl Strategy<Value = World> {
    (
        vec(some(KEYS, 0), MAINTAINERS),
        vec((some(KEYS, 0), some(MAINTAINERS, 0)), TEAMS),
        (some(MAINTAINERS, 1), some(TEAMS, 0)),
        (some(MAINTAINERS, 1), some(TEAMS, 0)),
        some(KEYS, 0),
        0..MAINTAINERS,
    )
        .prop_map(|(maintainers, teams, old, new, held, introducer)| World {
            maintainers,
            teams,
            old,
            new,
            held,
            introducer,
        })
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 512, ..ProptestConfig::default() })]

    #[test]
    fn a_change_is_allowed_exactly_when_every_rule_is_proven(world in worlds()) {
        let (old, new) = (World::network(&world.old), World::network(&world.new));
        let (old, new) = (Object::parse(old.as_bytes()).unwrap(), Object::parse(new.as_bytes()).unwrap());
        let change = Change { class: "inetnum", key: "192.0.2.0 - 192.0.2.255", old: Some(&old), new: Some(&new) };
        let proofs = Proofs::new(world.held.iter().map(|key| Proof::Certificate { der: der(*key) }).collect());
        let introducers = vec![format!("MNT-{}", world.introducer)];
        let decision = decide(&world.told(), &proofs, &introducers, &change).unwrap();
        prop_assert_eq!(decision.failures.is_empty(), world.is_allowed(), "{:#?}", decision);
    }

    #[test]
    fn without_proof_nothing_is_allowed(world in worlds()) {
        let old = World::network(&world.old);
        let old = Object::parse(old.as_bytes()).unwrap();
        let change = Change { class: "inetnum", key: "192.0.2.0 - 192.0.2.255", old: Some(&old), new: None };
        let decision = decide(&world.told(), &Proofs::default(), &[], &change).unwrap();
        prop_assert!(!decision.failures.is_empty());
    }
}
