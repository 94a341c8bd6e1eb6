//! Who may change what.

use crate::world::*;

#[test]
fn a_network_takes_up_a_team_with_the_teams_own_key_and_not_without_it() {
    let w = world();
    let with = network("192.0.2.0 - 192.0.2.127", "ASSIGNED PA", "mnt-by: SKERRY-MNT\nmnt-irt: IRT-TIDE\n");
    let why = w.refused(&signed(&[SKERRY]), &with);
    assert!(why.contains("\"mnt-irt:\": not authenticated by: IRT-TIDE"), "{why}");
    w.done(&signed(&[SKERRY, IRT_TIDE]), &with);
    // Another change of the same network does not ask the team again.
    w.done(&signed(&[SKERRY]), &with.replace("NET\n", "NET-2\n"));
}

#[test]
fn each_team_that_is_added_must_agree_itself() {
    let w = world();
    let both = "mnt-by: SKERRY-MNT\nmnt-irt: IRT-SKERRY, IRT-TIDE\n";
    let apart = "mnt-by: SKERRY-MNT\nmnt-irt: IRT-SKERRY\nmnt-irt: irt-tide\n";
    for teams in [both, apart] {
        let text = network("192.0.2.0 - 192.0.2.127", "ASSIGNED PA", teams);
        let why = w.refused(&signed(&[SKERRY, IRT_SKERRY]), &text);
        assert!(why.contains("IRT-TIDE") && !why.contains("IRT-SKERRY"), "{why}");
    }
    let text = network("192.0.2.0 - 192.0.2.127", "ASSIGNED PA", both);
    w.done(&signed(&[SKERRY, IRT_SKERRY, IRT_TIDE]), &text);
}

#[test]
fn any_one_key_of_a_team_suffices_whoever_holds_it() {
    let w = world();
    let text = network("192.0.2.0 - 192.0.2.127", "ASSIGNED PA", "mnt-by: SKERRY-MNT\nmnt-irt: IRT-TIDE\n");
    w.done(&signed(&[SKERRY, INTRODUCER]), &text);
}

#[test]
fn a_team_that_says_who_may_refer_to_it_is_asked_for_both() {
    let w = world();
    let irt = w.text("irt", "IRT-TIDE").unwrap();
    w.done(&signed(&[TIDE]), &irt.replace("mnt-by:", "mnt-ref: TIDE-MNT\nmnt-by:"));
    let text = network("192.0.2.0 - 192.0.2.127", "ASSIGNED PA", "mnt-by: SKERRY-MNT\nmnt-irt: IRT-TIDE\n");
    let why = w.refused(&signed(&[SKERRY, IRT_TIDE]), &text);
    assert!(why.contains("\"mnt-ref:\": not authenticated by: TIDE-MNT"), "{why}");
    w.done(&signed(&[SKERRY, IRT_TIDE, TIDE]), &text);
}

#[test]
fn a_network_drops_a_team_or_goes_without_asking_it() {
    let w = world();
    let with = network("192.0.2.0 - 192.0.2.127", "ASSIGNED PA", "mnt-by: SKERRY-MNT\nmnt-irt: IRT-TIDE\n");
    w.done(&signed(&[SKERRY, IRT_TIDE]), &with);
    w.done(&signed(&[SKERRY]), &with.replace("mnt-irt: IRT-TIDE\n", ""));
    w.done(&signed(&[SKERRY, IRT_TIDE]), &with);
    let stored = w.text("inetnum", "192.0.2.0 - 192.0.2.127").unwrap();
    w.done(&signed(&[SKERRY]), &format!("{stored}delete: no longer in use\n"));
    assert_eq!(w.text("inetnum", "192.0.2.0 - 192.0.2.127"), None);
}

#[test]
fn an_object_is_changed_by_the_maintainer_it_has_and_not_by_the_one_it_gets() {
    let w = world();
    let mine = network("198.51.100.0 - 198.51.100.255", "ASSIGNED PA", "mnt-by: SKERRY-MNT\n");
    let why = w.refused(&signed(&[SKERRY]), &mine);
    assert!(why.contains("\"mnt-by:\": not authenticated by: TIDE-MNT"), "{why}");
    w.done(&signed(&[TIDE]), &mine);
    w.refused(&signed(&[TIDE]), &mine.replace("NET\n", "NET-2\n"));
}

#[test]
fn nobody_without_proof_changes_anything() {
    let w = world();
    for object in w.texts() {
        w.refused(&Default::default(), &object.replace("source:", "remarks: changed\nsource:"));
        w.refused(&Default::default(), &format!("{object}delete: why not\n"));
    }
}

#[test]
fn a_new_network_is_authorised_by_the_one_around_it() {
    let w = world();
    let new = network("192.0.2.128 - 192.0.2.191", "ASSIGNED PA", "mnt-by: TIDE-MNT\n");
    let why = w.refused(&signed(&[TIDE, OFFICE]), &new);
    assert!(why.contains("\"mnt-lower:\": not authenticated by: SKERRY-MNT"), "{why}");
    w.refused(&signed(&[SKERRY]), &new);
    w.done(&signed(&[TIDE, SKERRY]), &new);
    // Below one without mnt-lower its maintainers are asked.
    let below = network("192.0.2.128 - 192.0.2.143", "ASSIGNED PA", "mnt-by: SKERRY-MNT\n");
    let why = w.refused(&signed(&[SKERRY]), &below);
    assert!(why.contains("\"mnt-by:\": not authenticated by: TIDE-MNT"), "{why}");
    // And one that lies in none is the keeper's.
    let top = network("203.0.113.0 - 203.0.113.255", "ALLOCATED PA", "mnt-by: SKERRY-MNT\n");
    let why = w.refused(&signed(&[SKERRY, TIDE, OFFICE]), &top);
    assert!(why.contains("keeper of the registry"), "{why}");
    w.done(&keeper(), &top);
}

#[test]
fn who_may_refer_to_an_organisation_is_its_own_to_say() {
    let w = world();
    let text =
        network("198.51.100.0 - 198.51.100.255", "ASSIGNED PA", "org: ORG-SK1-WARD\nmnt-by: TIDE-MNT\n");
    let why = w.refused(&signed(&[TIDE]), &text);
    assert!(why.contains("\"mnt-ref:\": not authenticated by: SKERRY-MNT"), "{why}");
    w.done(&signed(&[TIDE, SKERRY]), &text);
}

#[test]
fn nobody_makes_the_introducer_a_maintainer_but_the_introducer() {
    let w = world();
    let irt = w.text("irt", "IRT-TIDE").unwrap().replace("mnt-by:", "mnt-by: INTRO-MNT\nmnt-by:");
    let why = w.refused(&signed(&[TIDE, IRT_TIDE]), &irt);
    assert!(why.contains("not authenticated by: INTRO-MNT"), "{why}");
    w.done(&signed(&[TIDE, INTRODUCER]), &irt);
}

#[test]
fn an_account_authorises_where_it_is_named_and_only_accounts_that_exist_can_be_named() {
    let w = world();
    let mntner =
        w.text("mntner", "TIDE-MNT").unwrap().replace("mnt-by:", "auth: SSO elske@tide.example\nmnt-by:");
    let why = w.refused(&signed(&[TIDE]), &mntner);
    assert!(why.contains("there is no account elske@tide.example"), "{why}");
    let identity = identity::Identity::new(w.node.node.clone(), identity::Settings::default());
    let wait = tokio::runtime::Builder::new_current_thread().build().unwrap();
    wait.block_on(identity::testing::sign_in(
        &identity,
        "tide",
        "elske@tide.example",
        &[identity::Role::Handler],
    ));
    w.done(&signed(&[TIDE]), &mntner);
    let text =
        network("198.51.100.0 - 198.51.100.255", "ASSIGNED PA", "remarks: by account\nmnt-by: TIDE-MNT\n");
    w.refused(&account("someone@tide.example"), &text);
    w.done(&account("elske@tide.example"), &text);
}

#[test]
fn routes_and_reverse_domains_are_authorised_by_the_address_space() {
    let w = world();
    let route = "route: 198.51.100.0/24\norigin: AS64496\nmnt-by: SKERRY-MNT\nsource: WARD\n";
    let why = w.refused(&signed(&[SKERRY]), route);
    assert!(why.contains("not authenticated by: TIDE-MNT"), "{why}");
    w.done(&signed(&[SKERRY, TIDE]), route);
    let outside = route.replace("198.51.100.0", "203.0.113.0");
    assert!(w.refused(&signed(&[SKERRY, TIDE, OFFICE]), &outside).contains("keeper of the registry"));
    let zone = "domain: 100.51.198.in-addr.arpa\nadmin-c: WR1-WARD\ntech-c: WR1-WARD\nzone-c: WR1-WARD\n\
                nserver: ns.tide.example\nmnt-by: SKERRY-MNT\nsource: WARD\n";
    let why = w.refused(&signed(&[SKERRY]), zone);
    assert!(why.contains("not authenticated by: TIDE-MNT"), "{why}");
    w.done(&signed(&[SKERRY, TIDE]), zone);
    let number = "aut-num: AS64496\nas-name: TIDE\nadmin-c: WR1-WARD\ntech-c: WR1-WARD\nmnt-by: TIDE-MNT\nsource: WARD\n";
    assert!(w.refused(&signed(&[TIDE]), number).contains("keeper of the registry"));
    let block = "as-block: AS64496 - AS64511\nmnt-by: OFFICE-MNT\nmnt-lower: OFFICE-MNT\nsource: WARD\n";
    w.done(&keeper(), block);
    w.refused(&signed(&[TIDE]), number);
    w.done(&signed(&[TIDE, OFFICE]), number);
}
