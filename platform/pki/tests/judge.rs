//! Whatever happens in whatever order: what is revoked, over, altered or of a team that is not entitled is never good.

#![allow(clippy::unwrap_used)]

mod common;

use common::Community;
use common::foreign::{Foreign, is_in};
use contracts::trust::{CertificateJudge as _, CertificateVerdict};
use identity::{Granted, RequestCertificates, Role};
use kit::Time;
use kit::clock::DAY;
use pki::x509::crl::Reason;
use pki::x509::{CaKey, Curve, csr};
use proptest::prelude::*;

const TEAMS: [&str; 3] = ["skerry", "holm", "voe"];

#[derive(Debug, Clone)]
enum Step {
    Issue(usize),
    Tie(usize),
    Revoke(usize),
    Entitle(usize, bool),
    Leave(usize),
    Wait(i64),
    Follow,
    Restart,
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        4 => (0..3_usize).prop_map(Step::Issue),
        2 => (0..3_usize).prop_map(Step::Tie),
        2 => (0..12_usize).prop_map(Step::Revoke),
        3 => (0..3_usize, any::<bool>()).prop_map(|(team, may)| Step::Entitle(team, may)),
        1 => (0..3_usize).prop_map(Step::Leave),
        2 => (0..200_i64).prop_map(Step::Wait),
        2 => Just(Step::Follow),
        1 => Just(Step::Restart),
    ]
}

struct Made {
    der: Vec<u8>,
    fingerprint: [u8; 32],
    team: usize,
    until: Time,
    revoked: bool,
}

async fn play(steps: Vec<Step>) {
    let at = Community::begun().await;
    let mut people = Vec::new();
    for team in TEAMS {
        people.push(at.person(team, team, &[Role::Handler]).await);
    }
    let (mut entitled, mut gone) = ([true; 3], [false; 3]);
    let mut made: Vec<Made> = Vec::new();
    let national = Foreign::trusted(&at).await;
    let mut tied = Vec::new();
    for step in steps {
        match step {
            Step::Issue(team) => {
                let granted = Granted::<RequestCertificates>::check(&people[team]).unwrap();
                let key = CaKey::make(Curve::P256, at.node.random());
                let request = csr::make(&key, &Default::default()).unwrap();
                match at.pki.issue_person(&granted, &request, None).await {
                    Ok(issued) => {
                        assert!(entitled[team] && !gone[team], "issued to a team that is not entitled");
                        let (fingerprint, until) = (issued.known.fingerprint, issued.known.until);
                        made.push(Made { der: issued.der, fingerprint, team, until, revoked: false });
                    }
                    Err(why) => assert!(!entitled[team] || gone[team] || made.len() >= 10, "{why}"),
                }
            }
            Step::Tie(team) => {
                let (der, until) = national.tied(&at, &people[team]).await;
                tied.push((der, team, until));
            }
            Step::Revoke(n) if n < made.len() => {
                let (node, one) = (Granted::for_node(), &mut made[n]);
                let done = at.pki.revoke_any(&node, one.fingerprint, Reason::Superseded).await;
                assert!(done.is_ok() || one.revoked || gone[one.team]);
                one.revoked = true;
            }
            Step::Revoke(_) => {}
            Step::Entitle(team, may) => {
                at.entitle(TEAMS[team], may).await;
                entitled[team] = may;
            }
            Step::Leave(team) => {
                at.leave(TEAMS[team]).await;
                gone[team] = true;
            }
            Step::Wait(days) => at.node.clock.advance(days * DAY),
            Step::Follow => drop(at.pki.follow().await.unwrap()),
            Step::Restart => at.pki.start().await.unwrap(),
        }
        let now = at.node.now();
        for (der, team, until) in &tied {
            let should = entitled[*team] && !gone[*team] && now < *until;
            assert_eq!(is_in(&at, der).await, should, "tied to an account of {}", TEAMS[*team]);
        }
        for one in &made {
            let good = at.pki.judge(&one.der, now, None) == CertificateVerdict::Good;
            let should = !one.revoked && entitled[one.team] && !gone[one.team] && now < one.until;
            assert_eq!(good, should, "team {}", TEAMS[one.team]);
            assert_ne!(at.pki.judge(&one.der, one.until + DAY, None), CertificateVerdict::Good);
            let mut altered = one.der.clone();
            let place = altered.len() / 2;
            altered[place] ^= 1;
            assert_ne!(at.pki.judge(&altered, now, None), CertificateVerdict::Good);
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_foreign_certificate_lets_nobody_in_from_the_moment_its_team_is_not_entitled() {
    let at = Community::begun().await;
    let kes = at.person("skerry", "kes", &[Role::Handler]).await;
    let (der, _) = Foreign::trusted(&at).await.tied(&at, &kes).await;
    assert!(is_in(&at, &der).await, "the team is entitled");
    at.entitle("skerry", false).await;
    assert!(!is_in(&at, &der).await, "known before anything was read anew");
    at.entitle("skerry", true).await;
    assert!(is_in(&at, &der).await);
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 24, max_shrink_iters: 60, ..ProptestConfig::default() })]
    #[test]
    fn a_verdict_is_good_only_while_everything_is(steps in prop::collection::vec(step(), 1..24)) {
        tokio::runtime::Runtime::new().unwrap().block_on(play(steps));
    }

    #[test]
    fn bytes_that_are_no_certificate_are_never_good(der: Vec<u8>) {
        let runtime = tokio::runtime::Runtime::new().unwrap();
        static AT: std::sync::OnceLock<Community> = std::sync::OnceLock::new();
        let at = AT.get_or_init(|| runtime.block_on(Community::new()));
        prop_assert_ne!(at.pki.judge(&der, at.node.now(), None), CertificateVerdict::Good);
    }
}
