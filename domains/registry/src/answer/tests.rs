//! Each rule of the chain, as a small registry and what is answered from it.

use std::sync::Arc;

use teams::{Audience, Directory, Email, Field, Reader, Standing, Team, TeamRecord, TrustStatus, Usage};

use super::{Answer, Basis, View};
use crate::index::{Builder, Index};
use crate::resource::Resource;

/// An index of objects that are written one a line: `inetnum 10.0.0.0/8 | mnt-irt IRT-A`.
fn index(lines: &str) -> Index {
    let mut builder = Builder::default();
    for line in lines.lines().map(str::trim).filter(|line| !line.is_empty()) {
        let mut dump = String::new();
        for attribute in line.split(" | ") {
            let (name, value) = attribute.split_once(' ').unwrap();
            dump.push_str(&format!("{name}: {value}\n"));
        }
        if !line.contains("| source ") {
            dump.push_str("source: WARD\n");
        }
        let object = rpsl::Object::parse(dump.as_bytes()).unwrap();
        builder.add(rpsl::Record::read(&object, &mut rpsl::Notes::default()).unwrap(), 0);
    }
    builder.build()
}

/// A team of the directory; its handle says its mail domain.
fn team(name: &str, edit: impl FnOnce(&mut TeamRecord)) -> Arc<Team> {
    let handle = name.to_lowercase();
    let email = Email { address: format!("report@{handle}.example"), usage: Usage::Report };
    let mut record =
        TeamRecord { handle, name: name.to_owned(), emails: vec![email], ..TeamRecord::default() };
    edit(&mut record);
    let proven = |irt: &String| teams::Proof {
        claim: teams::Claim::Irt(irt.clone()),
        kind: teams::ProofKind::Operator,
        at: 0,
        by: String::new(),
        evidence: String::new(),
        missing: None,
    };
    let proofs = record.irt.iter().map(proven).collect();
    let mut id = [0; 16];
    id.iter_mut().zip(name.bytes()).for_each(|(to, from)| *to = from);
    Arc::new(Team {
        id: kit::Id::from_bytes(id),
        record,
        standing: None,
        proofs,
        keys: vec![],
        desk: false,
        mailboxes: vec![],
        updated: 0,
    })
}

fn networks(texts: &[&str]) -> Vec<teams::Network> {
    texts.iter().map(|text| text.parse().unwrap()).collect()
}

fn email(address: &str) -> Email {
    Email { address: address.to_owned(), usage: Usage::Team }
}

fn view(lines: &str, teams: Vec<Arc<Team>>) -> View {
    View::new(Arc::new(index(lines)), Arc::new(Directory::new(teams)), 0)
}

fn ask(view: &View, resource: &str) -> Answer {
    match Resource::parse(resource).unwrap() {
        Resource::Addresses(first, last) => view.answer(first, last),
        Resource::Domain(name) => view.answer_domain(&name),
        Resource::AsNumber(asn) => view.answer_asn(asn),
    }
}

fn chain(answer: &Answer) -> String {
    let steps: Vec<String> = answer
        .chain
        .iter()
        .skip(1)
        .map(|step| format!("{} {}", step.kind, step.key).trim_end().to_owned())
        .collect();
    steps.join(" → ")
}

/// What is answered for `resource`, and that the short answer agrees with the long one.
#[track_caller]
fn check(view: &View, resource: &str, expected: &str, contact: &str) {
    let answer = ask(view, resource);
    assert_eq!(chain(&answer), expected, "{resource}");
    let address = answer.contact.as_ref().map_or("", |contact| contact.address.as_str());
    assert_eq!(address, contact, "{resource}");
    if let Resource::Addresses(first, last) = Resource::parse(resource).unwrap()
        && first == last
    {
        let brief = view.brief(view.index.covering(first, last), first);
        assert_eq!(brief.basis, answer.basis);
        assert_eq!(brief.contact.unwrap_or_default(), contact);
        assert_eq!(brief.team, answer.team.as_ref());
        assert_eq!(brief.irt, answer.irt.as_ref().map(|irt| irt.name.as_str()));
        assert_eq!(brief.fingerprint, answer.key.as_ref().map(|key| key.fingerprint.as_str()));
        assert_eq!((brief.country, &*brief.netname), (answer.country.as_str(), answer.netname.as_str()));
        if let Some(found) = answer.networks.iter().find(|network| network.found) {
            assert_eq!(brief.network, Some((found.first, found.last)));
        }
    }
}

const NEST: &str = "
    inetnum 192.0.2.0/24 | netname NORTHREACH-1 | mnt-irt IRT-NORTHREACH
    inetnum 192.0.2.0/25 | netname SKERRY-CAMPUS | country DK | mnt-irt IRT-SKERRY
    inetnum 192.0.2.64/26 | netname SKERRY-LABS
    inetnum 192.0.2.76/30 | netname SKERRY-LAB-77
    irt IRT-NORTHREACH | e-mail noc@northreach.example
    irt IRT-SKERRY | e-mail duty@skerry.example | encryption PGPKEY-A0D177E4
";

#[test]
fn the_most_specific_network_that_names_a_team_answers() {
    let view = view(NEST, vec![]);
    check(
        &view,
        "192.0.2.77",
        "inetnum 192.0.2.76/30 → no mnt-irt → above it 192.0.2.0/25 → mnt-irt IRT-SKERRY → irt IRT-SKERRY",
        "duty@skerry.example",
    );
    check(
        &view,
        "192.0.2.5",
        "inetnum 192.0.2.0/25 → mnt-irt IRT-SKERRY → irt IRT-SKERRY",
        "duty@skerry.example",
    );
    check(
        &view,
        "192.0.2.200",
        "inetnum 192.0.2.0/24 → mnt-irt IRT-NORTHREACH → irt IRT-NORTHREACH",
        "noc@northreach.example",
    );
}

/// The RIPE server of today answers with the /8's team here: it walks from the largest network down.
#[test]
fn a_larger_network_with_a_team_is_overruled_by_a_smaller_one() {
    let view = view(
        "inetnum 10.0.0.0/8 | mnt-irt IRT-WIDE
         inetnum 10.1.0.0/16 | mnt-irt IRT-NEAR
         inetnum 10.1.2.0/24 | netname NAMES-NONE
         irt IRT-WIDE | e-mail wide@a.example
         irt IRT-NEAR | e-mail near@b.example",
        vec![],
    );
    check(
        &view,
        "10.1.2.3",
        "inetnum 10.1.2.0/24 → no mnt-irt → above it 10.1.0.0/16 → mnt-irt IRT-NEAR → irt IRT-NEAR",
        "near@b.example",
    );
}

/// The RIPE server of today shows the matched network and the team, not the network that named it.
#[test]
fn the_answer_says_which_network_named_the_team() {
    let answer = ask(&view(NEST, vec![]), "192.0.2.77");
    let found: Vec<_> =
        answer.networks.iter().map(|network| (network.range.as_str(), network.found)).collect();
    assert_eq!(
        found,
        [("192.0.2.0/24", false), ("192.0.2.0/25", true), ("192.0.2.64/26", false), ("192.0.2.76/30", false)]
    );
    assert_eq!(
        answer.summary(),
        "The most specific of 4 networks that names a team. The 2 smaller ones name none that is known. A larger one names a team and is overruled."
    );
}

#[test]
fn ranges_need_not_be_prefixes() {
    let view = view(
        "inetnum 192.0.2.3 - 192.0.2.250 | mnt-irt IRT-A
         inetnum 192.0.2.10 - 192.0.2.77 | mnt-irt IRT-B
         inetnum 192.0.2.11 - 192.0.2.12 | netname TINY
         irt IRT-A | e-mail a@a.example
         irt IRT-B | e-mail b@b.example",
        vec![],
    );
    check(&view, "192.0.2.9", "inetnum 192.0.2.3 - 192.0.2.250 → mnt-irt IRT-A → irt IRT-A", "a@a.example");
    check(&view, "192.0.2.77", "inetnum 192.0.2.10 - 192.0.2.77 → mnt-irt IRT-B → irt IRT-B", "b@b.example");
    check(
        &view,
        "192.0.2.11",
        "inetnum 192.0.2.11 - 192.0.2.12 → no mnt-irt → above it 192.0.2.10 - 192.0.2.77 → mnt-irt IRT-B → irt IRT-B",
        "b@b.example",
    );
    check(&view, "192.0.2.78", "inetnum 192.0.2.3 - 192.0.2.250 → mnt-irt IRT-A → irt IRT-A", "a@a.example");
    check(&view, "192.0.2.251", "not in the registry → nobody", "");
}

#[test]
fn a_range_is_answered_by_the_network_that_holds_all_of_it() {
    let view = view(NEST, vec![]);
    check(
        &view,
        "192.0.2.60 - 192.0.2.70",
        "inetnum 192.0.2.0/25 → mnt-irt IRT-SKERRY → irt IRT-SKERRY",
        "duty@skerry.example",
    );
    check(
        &view,
        "192.0.2.0/24",
        "inetnum 192.0.2.0/24 → mnt-irt IRT-NORTHREACH → irt IRT-NORTHREACH",
        "noc@northreach.example",
    );
    check(&view, "192.0.0.0/22", "not in the registry → nobody", "");
}

#[test]
fn ipv6_is_looked_up_alike() {
    let view = view(
        "inet6num 2001:db8::/32 | mnt-irt IRT-A
         inet6num 2001:db8:5b::/48 | netname B
         irt IRT-A | e-mail a@a.example",
        vec![],
    );
    check(
        &view,
        "2001:db8:5b:7::12",
        "inet6num 2001:db8:5b::/48 → no mnt-irt → above it 2001:db8::/32 → mnt-irt IRT-A → irt IRT-A",
        "a@a.example",
    );
}

#[test]
fn the_team_comes_from_the_directory_by_name_then_by_mailbox_then_by_its_domain() {
    let by_name = team("Skerry", |team| team.irt = Some("irt-skerry".into()));
    let named = view(NEST, vec![team("Other", |_| {}), by_name]);
    check(
        &named,
        "192.0.2.5",
        "inetnum 192.0.2.0/25 → mnt-irt IRT-SKERRY → irt IRT-SKERRY → team Skerry",
        "report@skerry.example",
    );

    let by_mailbox = team("Cert", |team| team.emails.push(email("duty@skerry.example")));
    assert_eq!(ask(&view(NEST, vec![by_mailbox]), "192.0.2.5").team.unwrap().name, "Cert");

    let by_domain = team("Skerry", |_| {});
    assert_eq!(ask(&view(NEST, vec![by_domain]), "192.0.2.5").team.unwrap().name, "Skerry");
    let twin = team("Twin", |team| team.emails.push(email("x@skerry.example")));
    let shared = vec![team("Skerry", |_| {}), twin];
    assert_eq!(ask(&view(NEST, shared), "192.0.2.5").team, None, "a domain of two teams tells neither");
}

#[test]
fn of_several_teams_the_first_that_the_directory_knows_answers_and_the_others_are_told() {
    let lines = "
        inetnum 198.51.100.0/24 | mnt-irt IRT-LOST, IRT-A, IRT-B
        irt IRT-A | e-mail a@a.example
        irt IRT-B | e-mail b@b.example";
    let alone = ask(&view(lines, vec![]), "198.51.100.1");
    assert_eq!(
        (alone.irt.unwrap().name, alone.other_irts),
        ("IRT-A".into(), vec!["IRT-LOST".into(), "IRT-B".into()])
    );
    let listed = team("Bee", |team| team.irt = Some("IRT-B".into()));
    let answer = ask(&view(lines, vec![listed]), "198.51.100.1");
    assert_eq!(answer.irt.unwrap().name, "IRT-B");
    assert_eq!(answer.chain[2].note, "also named: IRT-LOST, IRT-A");
}

#[test]
fn a_name_without_object_and_team_is_a_gap_and_the_search_goes_on() {
    let lines = "
        inetnum 198.51.100.0/24 | mnt-irt IRT-A
        inetnum 198.51.100.0/25 | mnt-irt IRT-LOST
        irt IRT-A | e-mail a@a.example";
    check(
        &view(lines, vec![]),
        "198.51.100.1",
        "inetnum 198.51.100.0/25 → unknown mnt-irt IRT-LOST → above it 198.51.100.0/24 → mnt-irt IRT-A → irt IRT-A",
        "a@a.example",
    );
    let directory = vec![team("Found", |team| team.irt = Some("IRT-LOST".into()))];
    check(
        &view(lines, directory),
        "198.51.100.1",
        "inetnum 198.51.100.0/25 → mnt-irt IRT-LOST → irt IRT-LOST → team Found",
        "report@found.example",
    );
}

const ABUSE: &str = "
    inetnum 203.0.113.0/24 | org ORG-B1-WARD | netname TOP
    inetnum 203.0.113.64/26 | abuse-c OWN1-WARD
    inetnum 203.0.113.96/27 | netname NONE
    organisation ORG-B1-WARD | abuse-c ORG1-WARD
    role Own Abuse | nic-hdl OWN1-WARD | abuse-mailbox own@b.example
    role Org Abuse | nic-hdl ORG1-WARD | e-mail desk@b.example
    person A Person | nic-hdl PER1-WARD | e-mail person@b.example
    inetnum 198.51.100.0/24 | abuse-c PER1-WARD
";

#[test]
fn without_a_team_up_to_the_top_the_nearest_abuse_contact_answers() {
    let view = view(ABUSE, vec![]);
    let own = "→ abuse-c OWN1-WARD → abuse-mailbox own@b.example";
    check(
        &view,
        "203.0.113.71",
        &format!("inetnum 203.0.113.64/26 → no mnt-irt up to the top {own}"),
        "own@b.example",
    );
    check(
        &view,
        "203.0.113.100",
        &format!("inetnum 203.0.113.96/27 → no mnt-irt up to the top {own}"),
        "own@b.example",
    );
    check(
        &view,
        "203.0.113.1",
        "inetnum 203.0.113.0/24 → no mnt-irt up to the top → org ORG-B1-WARD → abuse-c ORG1-WARD → abuse-mailbox desk@b.example",
        "desk@b.example",
    );
    check(&view, "198.51.100.1", "inetnum 198.51.100.0/24 → no mnt-irt up to the top → nobody", "");
    assert_eq!(
        ask(&view, "203.0.113.100").summary(),
        "No team is named in 3 networks around it; this is the nearest abuse contact."
    );
}

#[test]
fn an_abuse_mailbox_that_is_a_teams_own_leads_to_the_team() {
    let desk = team("Bee", |team| team.emails.push(email("own@b.example")));
    let view = view(ABUSE, vec![desk]);
    let answer = ask(&view, "203.0.113.71");
    assert_eq!((answer.basis, answer.team.unwrap().name), (Basis::AbuseContact, "Bee".to_owned()));
    assert_eq!(ask(&view, "203.0.113.1").team, None, "the same domain alone is not enough");
}

#[test]
fn a_team_anywhere_above_goes_before_an_abuse_contact_nearby() {
    let lines = format!("{ABUSE} inetnum 203.0.112.0/23 | mnt-irt IRT-A\n irt IRT-A | e-mail a@a.example");
    check(
        &view(&lines, vec![]),
        "203.0.113.71",
        "inetnum 203.0.113.64/26 → no mnt-irt → above it 203.0.112.0/23 → mnt-irt IRT-A → irt IRT-A",
        "a@a.example",
    );
}

#[test]
fn what_the_registry_gives_nobody_for_belongs_to_who_claims_it() {
    let wide = team("Wide", |team| team.networks = networks(&["100.64.0.0/10"]));
    let near = team("Near", |team| team.networks = networks(&["100.127.0.0/16"]));
    let claimed = view("inetnum 100.127.9.0/24 | netname CLOSED", vec![wide.clone(), near]);
    check(
        &claimed,
        "100.127.9.1",
        "inetnum 100.127.9.0/24 → no mnt-irt up to the top → constituency 100.127.0.0/16 → team Near",
        "report@near.example",
    );
    assert_eq!(ask(&claimed, "100.127.9.1").claimed_by, ["Wide"]);
    check(
        &claimed,
        "100.64.0.1",
        "not in the registry → constituency 100.64.0.0/10 → team Wide",
        "report@wide.example",
    );
    check(&claimed, "192.0.2.1", "not in the registry → nobody", "");

    let registered =
        view("inetnum 100.64.0.0/24 | mnt-irt IRT-A\n irt IRT-A | e-mail a@a.example", vec![wide]);
    let answer = ask(&registered, "100.64.0.9");
    assert_eq!(
        (answer.irt.unwrap().name, answer.claimed_by),
        ("IRT-A".into(), vec!["Wide".into()]),
        "a claim is told, no more"
    );
}

/// As `reader` is answered, whether they see it in a moment or with reasons.
fn told(view: &View, reader: &Reader, resource: &str) -> (Basis, Option<String>, Vec<String>) {
    let view = view.seen_by(reader);
    let answer = ask(&view, resource);
    if let Resource::Addresses(first, last) = Resource::parse(resource).unwrap() {
        let brief = view.brief(view.index.covering(first, last), first);
        assert_eq!((brief.basis, brief.team), (answer.basis, answer.team.as_ref()));
    }
    (answer.basis, answer.team.map(|team| team.name), answer.claimed_by)
}

fn listed(team: Arc<Team>) -> Arc<Team> {
    let standing = Some(Standing { status: TrustStatus::Listed, since: 0 });
    Arc::new(Team { standing, ..(*team).clone() })
}

#[test]
fn what_a_team_hides_of_its_constituency_is_told_to_those_alone_who_see_it() {
    let hide = |team: &mut TeamRecord, field| {
        team.visibility.insert(field, Audience::Team);
    };
    let hidden = listed(team("Skerry", |team| {
        team.networks = networks(&["192.0.2.0/24", "198.51.100.0/25"]);
        team.domains = vec!["*.labs.skerry.example".into()];
        team.asns = vec![64_500];
        for field in [Field::Networks, Field::Domains, Field::Asns] {
            hide(team, field);
        }
    }));
    let open = listed(team("Wide", |team| {
        team.networks = networks(&["198.51.100.0/24"]);
        team.domains = vec!["*.skerry.example".into()];
    }));
    let own = Reader { is_known: true, team: Some(hidden.id), others: Audience::Public };
    let other = Reader { is_known: true, team: Some(open.id), others: Audience::Members };
    let lines = "inetnum 192.0.2.0/24 | mnt-irt IRT-A\n irt IRT-A | e-mail a@a.example";
    let view = view(lines, vec![hidden, open]);
    let skerry = || Some("Skerry".to_owned());
    assert_eq!(told(&view, &own, "192.0.2.1").2, ["Skerry"]);
    assert_eq!(told(&view, &own, "198.51.100.1"), (Basis::Claim, skerry(), vec!["Wide".into()]));
    assert_eq!(told(&view, &own, "www.labs.skerry.example").1, skerry());
    assert_eq!(told(&view, &own, "AS64500").1, skerry());
    for reader in [&Reader::PUBLIC, &other] {
        assert_eq!(told(&view, reader, "192.0.2.1"), (Basis::Irt, None, vec![]));
        let wide = (Basis::Claim, Some("Wide".to_owned()), vec![]);
        assert_eq!(told(&view, reader, "198.51.100.1"), wide);
        assert_eq!(told(&view, reader, "www.labs.skerry.example"), wide);
        assert_eq!(told(&view, reader, "AS64500"), (Basis::Nobody, None, vec![]));
    }
}

#[test]
fn a_team_that_is_not_listed_is_not_there_for_the_public() {
    let quaymoor = team("Quaymoor", |team| {
        team.irt = Some("IRT-SKERRY".into());
        team.networks = networks(&["203.0.113.0/24"]);
        team.emails.push(email("duty@skerry.example"));
    });
    let view = view(NEST, vec![quaymoor]);
    let known = Reader { is_known: true, team: None, others: Audience::Public };
    for (resource, by) in [("192.0.2.5", Basis::Irt), ("203.0.113.5", Basis::Claim)] {
        assert_eq!(told(&view, &known, resource), (by, Some("Quaymoor".into()), vec![]));
    }
    assert_eq!(told(&view, &Reader::PUBLIC, "203.0.113.5"), (Basis::Nobody, None, vec![]));
    let view = view.seen_by(&Reader::PUBLIC);
    check(
        &view,
        "192.0.2.5",
        "inetnum 192.0.2.0/25 → mnt-irt IRT-SKERRY → irt IRT-SKERRY",
        "duty@skerry.example",
    );
}

#[test]
fn where_a_claim_is_proven_what_others_only_claim_does_not_count() {
    let prove = |team: Arc<Team>, kind: &str, claim: &str| {
        let claim = teams::Claim::parse(kind, claim).unwrap();
        let (by, evidence) = (String::new(), String::new());
        let proof =
            teams::Proof { claim, kind: teams::ProofKind::Operator, at: 0, by, evidence, missing: None };
        Arc::new(Team { proofs: vec![proof], ..(*team).clone() })
    };
    let nordvik = || {
        team("Nordvik", |team| {
            team.networks = networks(&["192.0.2.0/24"]);
            team.domains = vec!["nordvik.example".into(), "*.nordvik.example".into()];
        })
    };
    let quin = team("Quin", |team| {
        team.networks = networks(&["192.0.2.0/28"]);
        team.domains = vec!["www.nordvik.example".into()];
    });
    for (kind, claim, asked) in
        [("network", "192.0.2.0/24", "192.0.2.1"), ("domain", "nordvik.example", "www.nordvik.example")]
    {
        let (quins, nordviks) = ("report@quin.example", "report@nordvik.example");
        let contact = |teams| ask(&view("", teams), asked).contact.unwrap().address;
        assert_eq!(contact(vec![nordvik(), quin.clone()]), quins, "nothing is proven: the closest");
        assert_eq!(contact(vec![prove(nordvik(), kind, claim), quin.clone()]), nordviks, "{asked}");
    }
    let proven = prove(nordvik(), "network", "192.0.2.0/24");
    check(
        &view("", vec![proven, quin]),
        "192.0.2.1",
        "not in the registry → constituency 192.0.2.0/24 → team Nordvik",
        "report@nordvik.example",
    );
}

#[test]
fn who_only_claims_an_irt_object_gets_nothing_that_is_meant_for_its_team() {
    let quin =
        Team { proofs: vec![], ..(*team("Quin", |team| team.irt = Some("IRT-SKERRY".into()))).clone() };
    check(
        &view(NEST, vec![listed(Arc::new(quin))]),
        "192.0.2.5",
        "inetnum 192.0.2.0/25 → mnt-irt IRT-SKERRY → irt IRT-SKERRY",
        "duty@skerry.example",
    );
}

#[test]
fn claims_that_cross_are_both_kept() {
    let left = team("Left", |team| team.networks = networks(&["10.0.0.0 - 10.0.0.20"]));
    let right = team("Right", |team| team.networks = networks(&["10.0.0.10 - 10.0.0.30"]));
    let view = view("", vec![left, right]);
    check(
        &view,
        "10.0.0.5",
        "not in the registry → constituency 10.0.0.0 - 10.0.0.20 → team Left",
        "report@left.example",
    );
    check(
        &view,
        "10.0.0.25",
        "not in the registry → constituency 10.0.0.10 - 10.0.0.30 → team Right",
        "report@right.example",
    );
    assert_eq!(ask(&view, "10.0.0.15").claimed_by.len(), 1);
}

#[test]
fn a_domain_belongs_to_the_closest_claim() {
    let campus =
        team("Skerry", |team| team.domains = vec!["skerry.example".into(), "*.skerry.example".into()]);
    let labs = team("Labs", |team| team.domains = vec!["*.labs.skerry.example".into()]);
    let view = view("", vec![campus, labs]);
    check(
        &view,
        "www.skerry.example",
        "constituency *.skerry.example → team Skerry",
        "report@skerry.example",
    );
    check(&view, "skerry.example", "constituency skerry.example → team Skerry", "report@skerry.example");
    check(
        &view,
        "a.b.labs.skerry.example",
        "constituency *.labs.skerry.example → team Labs",
        "report@labs.example",
    );
    check(
        &view,
        "labs.skerry.example",
        "constituency *.skerry.example → team Skerry",
        "report@skerry.example",
    );
    check(&view, "notskerry.example", "nobody", "");
}

#[test]
fn an_as_belongs_to_whom_its_object_names_else_to_its_claimant() {
    let claimant = team("Claimant", |team| team.asns = vec![64_500, 64_501]);
    let view = view(
        "aut-num AS64500 | as-name SKERRY | mnt-irt IRT-A
         aut-num AS64501 | as-name OTHER
         aut-num AS64502 | as-name BY-ORG | org ORG-B1-WARD
         organisation ORG-B1-WARD | abuse-c ORG1-WARD
         role Org Abuse | nic-hdl ORG1-WARD | abuse-mailbox abuse@b.example
         irt IRT-A | e-mail a@a.example",
        vec![claimant],
    );
    check(&view, "AS64500", "mnt-irt IRT-A → irt IRT-A", "a@a.example");
    check(&view, "AS64501", "constituency AS64501 → team Claimant", "report@claimant.example");
    check(
        &view,
        "AS64502",
        "no mnt-irt → org ORG-B1-WARD → abuse-c ORG1-WARD → abuse-mailbox abuse@b.example",
        "abuse@b.example",
    );
    check(&view, "AS64511", "not in the registry → nobody", "");
}

#[test]
fn a_name_means_the_object_of_the_same_registry_first() {
    let view = view(
        "irt IRT-X | e-mail ward@a.example | source WARD
         irt IRT-X | e-mail other@a.example | source OTHER
         inetnum 192.0.2.0/25 | mnt-irt IRT-X | source OTHER
         inetnum 192.0.2.128/25 | mnt-irt IRT-X | source WARD
         inetnum 198.51.100.0/24 | mnt-irt IRT-X | source THIRD",
        vec![],
    );
    let contact = |asked| ask(&view, asked).contact.unwrap().address;
    assert_eq!(contact("192.0.2.1"), "other@a.example");
    assert_eq!(contact("192.0.2.129"), "ward@a.example");
    assert_eq!(contact("198.51.100.1"), "ward@a.example");
}

#[test]
fn networks_that_cross_are_reported_and_left_out() {
    let index =
        index("inetnum 10.0.0.0 - 10.0.0.20\n inetnum 10.0.0.10 - 10.0.0.30\n inetnum 10.0.0.0 - 10.0.0.20");
    let report = index.report();
    assert_eq!((report.networks, report.overlapping, report.duplicates), (2, 1, 1));
    assert_eq!(
        report.overlaps,
        ["10.0.0.10 - 10.0.0.30 was left out: it lies partly inside, partly outside 10.0.0.0 - 10.0.0.20"]
    );
}

#[test]
fn the_registrys_key_is_told_when_the_directory_has_no_team() {
    let lines = format!(
        "{NEST} key-cert PGPKEY-A0D177E4 | fingerpr 4F1C 09AE 77D2 B0E3 51C8  E6A4 90FB 2D17 A0D1 77E4 | certif -----BEGIN PGP PUBLIC KEY BLOCK----- | certif  | certif mQ== | certif -----END PGP PUBLIC KEY BLOCK-----"
    );
    let key = ask(&view(&lines, vec![]), "192.0.2.5").key.unwrap();
    assert_eq!(
        (key.fingerprint.as_str(), key.from.as_str()),
        ("4F1C09AE77D2B0E351C8E6A490FB2D17A0D177E4", "registry")
    );
}
