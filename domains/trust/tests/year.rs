//! A year in fast-forward: 300 teams, each kind behaves in its own way, and the figures at the end are those.

#![allow(clippy::unwrap_used)]

use std::collections::BTreeMap;
use std::fmt::Write as _;

use contracts::trust::record::Choice;
use identity::testing::sign_in;
use identity::{Granted, Identity, Introduce, Role};
use kit::clock::{DAY, SECOND};
use kit::{Id, testing};
use mail::pgp::{KeyParams, SecretKey, Seed, SignatureMode};
use teams::{Standing, Teams, TrustStatus};
use trust::process::{Join, Judge, Operate, Represent, Rules, checklist};
use trust::{Section, Trust};

const TEAMS: usize = 300;
/// What each team does, by its number.
const FAITHFUL: std::ops::Range<usize> = 0..200; // accredited, confirm at the first reminder
const SILENT: std::ops::Range<usize> = 200..220; // accredited, never confirm
const LATE: std::ops::Range<usize> = 220..230; // accredited, confirm in the grace
const CLIMBING: std::ops::Range<usize> = 230..245; // listed, become accredited
const UNSIGNED: std::ops::Range<usize> = 245..250; // listed, invited, never sign
const UNREADY: std::ops::Range<usize> = 250..255; // listed, candidates, never complete
const SUSPECT: std::ops::Range<usize> = 255..265; // accredited, under review: five suspended, three kept, two undecided
const NEW: std::ops::Range<usize> = 265..275; // apply: five listed, three with an objection, two with one support
const LEAVING: std::ops::Range<usize> = 275..280; // accredited, leave
// The last twenty are listed, and nothing happens to them.

struct Year {
    node: testing::TestNode,
    teams: Teams,
    trust: Trust,
    ids: Vec<Id>,
    operator: Granted<Introduce>,
}

fn admin<P: identity::Permission>(team: Id) -> Granted<P> {
    Granted::for_node_in(team)
}

async fn begin() -> Year {
    let node = testing::node(&[identity::MIGRATIONS, mail::MIGRATIONS, teams::MIGRATIONS, trust::MIGRATIONS]);
    let identity = Identity::new(node.node.clone(), identity::Settings::default());
    let teams = Teams::open(node.node.clone(), teams::Section::default()).await.unwrap();
    // The way of the teams is tried here, not their records: only the names are asked for.
    let not_asked =
        checklist::NAMES.iter().filter(|name| **name != "names").map(|name| (*name).to_owned()).collect();
    let section = Section { rules: Rules { not_asked, ..Rules::default() }, ..Section::default() };
    let trust = Trust::new(
        node.node.clone(),
        identity.clone(),
        teams.clone(),
        section.settings("hub.example", "").unwrap(),
    );
    let mut text = String::from("[");
    for n in 0..TEAMS {
        let comma = if n == 0 { "" } else { "," };
        write!(
            text,
            r#"{comma}{{"handle": "t{n:03}", "short_name": "T{n:03}", "official_name": "Team {n}"}}"#
        )
        .unwrap();
    }
    text.push(']');
    let mut entries = teams::import::parse(text.as_bytes()).unwrap().entries;
    for (n, entry) in entries.iter_mut().enumerate() {
        let status = match n {
            n if FAITHFUL.contains(&n) || SILENT.contains(&n) || LATE.contains(&n) => TrustStatus::Accredited,
            n if SUSPECT.contains(&n) || LEAVING.contains(&n) => TrustStatus::Accredited,
            n if NEW.contains(&n) => continue,
            _ => TrustStatus::Listed,
        };
        entry.standing = Some(Standing { status, since: node.now() - 300 * DAY });
    }
    let ids = teams.import(&Granted::for_node(), entries).await.unwrap();
    for n in CLIMBING.chain(UNREADY) {
        let bytes = key(n, node.now()).public().to_armored().into_bytes();
        teams.add_key(&admin(ids[n]), ids[n], bytes).await.unwrap();
    }
    let (_, cy) = sign_in(&identity, "office", "cy", &[Role::Introducer]).await;
    trust.take_over(&Granted::for_node(), "the list on paper").await.unwrap();
    for member in &ids[..5] {
        trust.give_seat(&Granted::for_node(), *member).await.unwrap();
    }
    let operator = Granted::check(&cy).unwrap();
    Year { node, teams, trust, ids, operator }
}

fn key(n: usize, made: kit::Time) -> SecretKey {
    let params =
        KeyParams { user_id: format!("T{n} <t{n}@t.example>"), created: made / SECOND, expires: None };
    SecretKey::generate(&params, Seed::from([n as u8; 32])).unwrap()
}

impl Year {
    async fn operate(&self, n: usize, command: Operate) {
        self.trust.operate(&self.operator, self.ids[n], command, None).await.unwrap();
    }

    async fn represent(&self, n: usize, command: Represent) {
        self.trust.represent(&admin(self.ids[n]), command, None).await.unwrap();
    }

    async fn sign(&self, n: usize) {
        let document = self.trust.document_to_sign(&admin(self.ids[n])).await.unwrap();
        let signed =
            key(n, testing::START).sign_detached(&document, SignatureMode::Binary, self.node.now() / SECOND);
        self.trust.sign(&admin(self.ids[n]), signed.unwrap().armored.into_bytes(), None).await.unwrap();
    }

    async fn confirm(&self, n: usize) {
        let record = self.teams.directory().by_id(self.ids[n]).unwrap().record_digest();
        self.represent(n, Represent::Confirm { record }).await;
    }

    /// What teams and people do on the day `day` of the year.
    async fn day(&self, day: i64) {
        match day {
            10 => {
                for n in CLIMBING.chain(UNSIGNED).chain(UNREADY) {
                    self.represent(n, Represent::RequestAccreditation).await;
                    self.operate(n, Operate::Invite).await;
                }
                for n in NEW {
                    let sponsors = vec![self.ids[0].to_string(), self.ids[1].to_string()];
                    self.represent(n, Represent::Apply { sponsors }).await;
                    for sponsor in [0, 1] {
                        self.trust
                            .join(&admin(self.ids[sponsor]), self.ids[n], Join::Sponsor, None)
                            .await
                            .unwrap();
                    }
                }
            }
            15 => {
                for n in CLIMBING.chain(UNREADY) {
                    self.sign(n).await;
                }
            }
            40 => {
                for n in CLIMBING {
                    self.represent(n, Represent::Complete).await;
                    self.operate(n, Operate::Verify { finding: "called them".into() }).await;
                    self.operate(n, Operate::Accredit).await;
                }
            }
            60 => {
                for n in SUSPECT {
                    self.operate(n, Operate::OpenReview { grounds: "complaints".into() }).await;
                    self.operate(n, Operate::OpenBallot { case: 1 }).await;
                    let (choice, voters) = match n - SUSPECT.start {
                        0..5 => (Choice::Suspend, 0..4),
                        5..8 => (Choice::Keep, 0..3),
                        _ => (Choice::Suspend, 0..2),
                    };
                    for voter in voters {
                        let vote = Judge::Vote { case: 1, choice };
                        self.trust.judge(&admin(self.ids[voter]), self.ids[n], vote, None).await.unwrap();
                    }
                }
            }
            90 => {
                for n in LEAVING {
                    self.represent(n, Represent::Depart).await;
                }
            }
            _ => {}
        }
        self.listings(day).await;
    }

    /// The ten applications: rules, record, consultation.
    async fn listings(&self, day: i64) {
        for n in NEW {
            match day {
                12 => self.operate(n, Operate::SendRules).await,
                14 => {
                    let bytes = key(n, testing::START).public().to_armored().into_bytes();
                    self.teams.add_key(&admin(self.ids[n]), self.ids[n], bytes).await.unwrap();
                    self.sign(n).await;
                    self.represent(n, Represent::Submit).await;
                    self.operate(n, Operate::OpenConsultation).await;
                }
                20 => {
                    let supporters = if n - NEW.start < 8 { 2..4 } else { 2..3 };
                    for other in supporters {
                        let support = Join::Support { note: String::new() };
                        self.trust.join(&admin(self.ids[other]), self.ids[n], support, None).await.unwrap();
                    }
                    if (5..8).contains(&(n - NEW.start)) {
                        let object = Join::Object { reason: "we have doubts".into() };
                        self.trust.join(&admin(self.ids[10]), self.ids[n], object, None).await.unwrap();
                    }
                }
                _ => {}
            }
        }
    }

    /// Those who keep their records up do so when they are reminded.
    async fn confirmations(&self) {
        for n in FAITHFUL.chain(LATE).chain(CLIMBING).chain(SUSPECT) {
            let case = self.trust.reminded(self.ids[n]).await.unwrap();
            let due = if LATE.contains(&n) { case.in_grace } else { case.reminded };
            if due {
                self.confirm(n).await;
            }
        }
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_year_of_three_hundred_teams_ends_with_the_right_figures() {
    let y = begin().await;
    for day in 1..=365 {
        y.node.clock.advance(DAY);
        if y.trust.pass_time().await.unwrap() > 0 {
            y.confirmations().await;
        }
        y.day(day).await;
    }
    let mut standings: BTreeMap<&str, usize> = BTreeMap::new();
    for team in y.teams.directory().teams() {
        *standings.entry(team.status_name()).or_default() += 1;
    }
    // Kept: 200 faithful, 10 late, 15 that climbed, 5 of the suspect (three kept, two without a decision).
    assert_eq!(standings["accredited"], 200 + 10 + 15 + 5);
    // 20 that fell back, 5 + 5 whose way ended, 5 listed by the community, 20 quiet ones.
    assert_eq!(standings["listed"], 20 + 5 + 5 + 5 + 20);
    assert_eq!(standings["suspended"], 5);
    assert_eq!(standings["withdrawn"], 5);
    assert_eq!(standings["not listed"], 5);

    let mut counts: BTreeMap<String, usize> = BTreeMap::new();
    for year in [2026, 2027] {
        for (kind, count) in y.trust.year(&Granted::for_node(), year).await.unwrap().counts {
            *counts.entry(kind).or_default() += count;
        }
    }
    let count = |kind: &str| counts.get(&format!("trust.{kind}")).copied().unwrap_or(0);
    assert_eq!(count("taken_over"), 290);
    assert_eq!((count("listed"), count("listing_ended")), (5, 5));
    assert_eq!((count("invited"), count("invitation_ended")), (25, 5));
    assert_eq!((count("candidacy_begun"), count("candidacy_ended"), count("accredited")), (20, 5, 15));
    // A faithful team confirms when it is first reminded, three weeks before the four months are over: after 100 days,
    // and so on: three times in the year. A late one confirms when its grace begins: after four, eight, twelve months.
    assert_eq!(count("confirmed"), 200 * 3 + 10 * 3 + 15 * 3 + 5 * 3);
    assert_eq!((count("overdue"), count("fell_back")), (20 + 10 * 3, 20));
    assert_eq!((count("case_opened"), count("ballot_closed"), count("suspended")), (10, 10, 5));
    assert_eq!((count("voted"), count("withdrawn")), (5 * 4 + 3 * 3 + 2 * 2, 5));
    assert_eq!(count("objected"), 3);

    let (entries, wrong) = y.trust.check().await.unwrap();
    assert_eq!(wrong, Vec::<String>::new());
    assert_eq!(entries, counts.values().sum::<usize>());
    let reviewed = y.trust.desk(&y.operator).await.unwrap();
    assert_eq!(reviewed.iter().filter(|row| row.cases > 0).count(), 2, "the two without a decision wait");
    let months = y.trust.year(&Granted::for_node(), 2027).await.unwrap().months;
    assert_eq!(months.len(), 11);
    assert_eq!(months[10].standings["accredited"], 230);
}
