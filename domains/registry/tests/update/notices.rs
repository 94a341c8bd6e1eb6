//! Who is told by mail, and what.

use crate::world::*;

const CAMPUS: &str = "192.0.2.0 - 192.0.2.127";

#[test]
fn a_network_that_takes_up_a_team_tells_the_team_and_so_does_one_that_drops_it() {
    let w = world();
    let text = network(CAMPUS, "ASSIGNED PA", "mnt-by: SKERRY-MNT\nmnt-irt: IRT-TIDE\n");
    w.done(&signed(&[SKERRY, IRT_TIDE]), &text);
    let mails = w.mails();
    assert_eq!(w.told(), ["irt-nfy@tide.example", "nfy@skerry-mnt.example", "notify@campus.example"]);
    insta::assert_snapshot!("taken_up", mails[0].2);
    w.done(&signed(&[SKERRY]), &text.replace("mnt-irt: IRT-TIDE\n", ""));
    let told = w.told();
    assert_eq!(told.iter().filter(|to| *to == "irt-nfy@tide.example").count(), 2, "{told:?}");
}

#[test]
fn a_refused_change_tells_the_maintainers_and_the_team_whose_name_was_used() {
    let w = world();
    let text = network(CAMPUS, "ASSIGNED PA", "mnt-by: SKERRY-MNT\nmnt-irt: IRT-TIDE\nmnt-irt: IRT-SKERRY\n");
    w.refused(&signed(&[TIDE, IRT_SKERRY]), &text);
    assert_eq!(
        w.told(),
        ["irt-nfy@tide.example", "upd@skerry-mnt.example"],
        "not the team whose key was used"
    );
    insta::assert_snapshot!("refused", w.mails()[0].2);
}

#[test]
fn a_submission_is_one_mail_for_each_address() {
    let w = world();
    let one = network(CAMPUS, "ASSIGNED PA", "mnt-by: SKERRY-MNT\n");
    let two = network("192.0.2.128 - 192.0.2.255", "ASSIGNED PA", "mnt-by: SKERRY-MNT\norg: ORG-SK1-WARD\n");
    w.done(&signed(&[SKERRY]), &format!("{one}\n{two}"));
    assert_eq!(w.told(), ["nfy@skerry-mnt.example", "notify@campus.example", "ref-nfy@skerry.example"]);
    let (_, subject, text) = &w.mails()[0];
    assert_eq!(subject, "WARD: 2 objects were changed");
    insta::assert_snapshot!("two_objects", text);
}

#[test]
fn what_is_wrong_but_not_for_want_of_a_key_tells_nobody() {
    let w = world();
    w.refused(&signed(&[SKERRY]), &network(CAMPUS, "ASSIGNED PA", "mnt-by: SKERRY-MNT\nmnt-irt: nonsense\n"));
    assert_eq!(w.told(), Vec::<String>::new());
}

#[test]
fn whoever_tries_again_and_again_does_not_fill_a_mailbox() {
    let w = world();
    let text = network(CAMPUS, "ASSIGNED PA", "mnt-by: SKERRY-MNT\nmnt-irt: IRT-TIDE\n");
    for _ in 0..60 {
        w.send(&signed(&[SKERRY]), &text);
    }
    assert_eq!(w.told().len(), 40);
}

#[test]
fn accounts_are_not_told_to_those_who_only_watch() {
    let w = world();
    let identity = identity::Identity::new(w.node.node.clone(), identity::Settings::default());
    let wait = tokio::runtime::Builder::new_current_thread().build().unwrap();
    wait.block_on(identity::testing::sign_in(
        &identity,
        "tide",
        "elske@tide.example",
        &[identity::Role::Handler],
    ));
    let mntner = w.text("mntner", "TIDE-MNT").unwrap();
    w.done(&signed(&[TIDE]), &mntner.replace("mnt-by:", "auth: SSO elske@tide.example\nmnt-by:"));
    let (_, _, text) = &w.mails()[0];
    assert!(text.contains("SSO # Filtered") && !text.contains("elske"), "{text}");
}
