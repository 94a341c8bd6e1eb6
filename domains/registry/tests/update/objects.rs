//! What becomes of objects.

use identity::Granted;
use kit::clock::DAY;
use registry::update::{Action, Cause, Item, Keywords, Operation, Submission};

use crate::world::*;

const CAMPUS: &str = "192.0.2.0 - 192.0.2.127";

#[test]
fn a_change_is_stored_with_the_dates_of_the_registry_and_seen_by_the_next_look_up() {
    let w = world();
    let text = network(
        "192.0.2.0/25",
        "ASSIGNED PA",
        "mnt-by: SKERRY-MNT\ncreated: 1999-01-01T00:00:00Z\nchanged: me@x.example 20040101\nmnt-irt: IRT-SKERRY\n",
    );
    let report = w.done(&signed(&[SKERRY, IRT_SKERRY]), &text);
    let object = &report.objects[0];
    assert_eq!((object.key.as_str(), object.action, object.version), (CAMPUS, Action::Modify, Some(2)));
    let stored = w.text("inetnum", CAMPUS).unwrap();
    assert!(
        !stored.contains("created") && !stored.contains("changed"),
        "an import without it gets none: {stored}"
    );
    assert!(stored.contains("last-modified:  2026-11-21T20:00:00Z\n"), "{stored}");
    assert!(stored.starts_with(&format!("inetnum:        {CAMPUS}\n")), "{stored}");
    let address = "192.0.2.7".parse().unwrap();
    let answer = w.registry.answer(address, address);
    assert!(format!("{answer:?}").contains("IRT-SKERRY"), "{answer:?}");
}

#[test]
fn the_same_object_again_changes_nothing_and_tells_nobody() {
    let w = world();
    let text = network(CAMPUS, "ASSIGNED PA", "notify: notify@campus.example\nmnt-by:   SKERRY-MNT # us\n");
    let report = w.done(&signed(&[SKERRY]), &text.replace(" # us", ""));
    assert_eq!((report.objects[0].action, report.objects[0].version), (Action::Nothing, None));
    assert_eq!(w.told(), Vec::<String>::new());
}

#[test]
fn the_import_is_the_first_version_and_each_change_another() {
    let w = world();
    let text = network(CAMPUS, "ASSIGNED PA", "mnt-by: SKERRY-MNT\nremarks: two\n");
    assert_eq!(w.done(&signed(&[SKERRY]), &text).objects[0].version, Some(2));
    w.node.clock.advance(DAY);
    assert_eq!(w.done(&signed(&[SKERRY]), &text.replace("two", "three")).objects[0].version, Some(3));
    let stored = w.text("inetnum", CAMPUS).unwrap();
    assert_eq!(w.done(&signed(&[SKERRY]), &format!("{stored}delete: gone\n")).objects[0].version, Some(4));
    // Made again, it goes on counting, and is created now.
    assert_eq!(w.done(&signed(&[SKERRY]), &text).objects[0].version, Some(5));
    assert!(w.text("inetnum", CAMPUS).unwrap().contains("created:        2026-11-22T20:00:00Z"));
}

#[test]
fn an_object_that_fails_changes_nothing_and_does_not_hold_up_the_others() {
    let w = world();
    let good = network(CAMPUS, "ASSIGNED PA", "mnt-by: SKERRY-MNT\nremarks: good\n");
    let bad = good.replace("admin-c: WR1-WARD\n", "").replace(CAMPUS, "198.51.100.0 - 198.51.100.255");
    let report = w.send(&signed(&[SKERRY]), &format!("{bad}\n{good}\nnonsense\n"));
    let causes: Vec<_> = report.objects.iter().map(|object| object.cause).collect();
    assert_eq!(causes, [Some(Cause::Syntax), None, Some(Cause::Syntax)], "{report:#?}");
    assert!(w.text("inetnum", CAMPUS).unwrap().contains("good"));
}

#[test]
fn a_dry_run_says_the_same_and_keeps_nothing() {
    let w = world();
    let text = "person: Jorrit Vaskeld\naddress: Pier 4\ne-mail: j@skerry.example\nnic-hdl: AUTO-1\nmnt-by: SKERRY-MNT\n\
                source: WARD\ndry-run: yes\n\nperson: Other One\naddress: Pier 4\ne-mail: o@skerry.example\n\
                nic-hdl: AUTO-2\norg: ORG-SK1-WARD\nmnt-by: TIDE-MNT\nsource: WARD\n";
    let before = w.texts();
    let report = w.send(&signed(&[SKERRY]), text);
    assert!(report.dry_run && !report.is_success());
    assert_eq!(report.objects[0].key, "JV1-WARD");
    assert_eq!(report.objects[1].cause, Some(Cause::Authorisation), "{report:#?}");
    assert_eq!(w.texts(), before);
    assert_eq!(w.told(), Vec::<String>::new());
    let text = text.replace("dry-run: yes", "password: sesame");
    let real = w.send(&signed(&[SKERRY]), &text);
    assert_eq!(real.objects, report.objects);
    assert!(
        real.remarks[0].contains("Passwords are not accepted") && !format!("{real:?}").contains("sesame")
    );
    assert_eq!(w.texts().len(), before.len() + 1);
}

#[test]
fn auto_handles_are_chosen_and_mean_the_same_throughout_a_submission() {
    let w = world();
    // The role comes before the person whom it names.
    let text = "role: Skerry Abuse\naddress: Pier 4\ne-mail: abuse@skerry.example\nadmin-c: AUTO-2\nnic-hdl: AUTO-1\n\
                mnt-by: SKERRY-MNT\nsource: WARD\n\nperson: Mira Aldane\naddress: Pier 4\ne-mail: m@skerry.example\n\
                nic-hdl: AUTO-2\nmnt-by: SKERRY-MNT\nsource: WARD\n\norganisation: AUTO-3\norg-name: Skerry Sea Lab\n\
                org-type: OTHER\naddress: Pier 4\ne-mail: lab@skerry.example\nmnt-ref: SKERRY-MNT\nmnt-by: SKERRY-MNT\nsource: WARD\n";
    let report = w.done(&signed(&[SKERRY]), text);
    let keys: Vec<_> = report.objects.iter().map(|object| object.key.as_str()).collect();
    assert_eq!(keys, ["SA1-WARD", "MA2-WARD", "ORG-SSL1-WARD"]);
    assert!(w.text("role", "SA1-WARD").unwrap().contains("admin-c: MA2-WARD\n"));
    let lost = "role: Skerry Desk\naddress: Pier 4\ne-mail: desk@skerry.example\nadmin-c: AUTO-9\nnic-hdl: AUTO-1\n\
                mnt-by: SKERRY-MNT\nsource: WARD\n";
    assert!(w.refused(&signed(&[SKERRY]), lost).contains("AUTO-"));
}

#[test]
fn a_person_and_the_maintainer_that_keep_one_another_are_made_together() {
    let w = world();
    let pair = |auth: usize| {
        format!(
            "person: New Admin\naddress: Quay 1\ne-mail: new@new.example\nnic-hdl: NA1-WARD\nmnt-by: NEW-MNT\nsource: WARD\n\n\
             mntner: NEW-MNT\nadmin-c: NA1-WARD\nupd-to: new@new.example\nauth: PGPKEY-{}\nmnt-by: NEW-MNT\nsource: WARD\n",
            print(auth)
        )
    };
    w.refused(&signed(&[SKERRY]), &pair(TIDE));
    let report = w.done(&signed(&[TIDE]), &pair(TIDE));
    assert_eq!(report.objects.len(), 2);
    assert!(w.text("person", "NA1-WARD").is_some() && w.text("mntner", "NEW-MNT").is_some());
}

#[test]
fn networks_nest_and_one_that_crosses_another_is_refused() {
    let w = world();
    for range in ["192.0.2.64 - 192.0.2.191", "191.255.255.0 - 192.0.2.10", "192.0.2.200 - 192.0.3.10"] {
        let why = w.refused(&keeper(), &network(range, "ASSIGNED PA", "mnt-by: SKERRY-MNT\n"));
        assert!(why.contains("overlaps with 192.0.2."), "{why}");
    }
    let why =
        w.refused(&keeper(), &network("192.0.2.0 - 192.0.2.63", "ALLOCATED PA", "mnt-by: SKERRY-MNT\n"));
    assert!(why.contains("cannot lie in 192.0.2.0 - 192.0.2.127"), "{why}");
    w.done(&keeper(), &network("192.0.2.0 - 192.0.2.63", "ASSIGNED PA", "mnt-by: SKERRY-MNT\n"));
    w.done(&keeper(), &network("192.0.0.0 - 192.0.255.255", "ALLOCATED UNSPECIFIED", "mnt-by: OFFICE-MNT\n"));
}

#[test]
fn an_object_that_others_name_does_not_go() {
    let w = world();
    let role = w.text("role", "WR1-WARD").unwrap();
    let why = w.refused(&signed(&[OFFICE]), &format!("{role}delete: x\n"));
    assert!(why.contains("is referenced from other objects: ") && why.contains(", and others"), "{why}");
    let person = w.text("person", "MA1-WARD").unwrap();
    w.done(&signed(&[SKERRY]), &format!("{person}delete: left us\n"));
    // Only what the registry has is removed.
    let org = w.text("organisation", "ORG-SK1-WARD").unwrap();
    let why = w.refused(&signed(&[SKERRY]), &format!("{}delete: x\n", org.replace("Pier 4", "Pier 5")));
    assert!(why.contains("is not as the registry has it"), "{why}");
}

#[test]
fn names_that_there_are_not_other_registries_and_look_alike_lines_are_refused() {
    let w = world();
    let good = network(CAMPUS, "ASSIGNED PA", "mnt-by: SKERRY-MNT\n");
    for (from, to, why) in [
        ("admin-c: WR1-WARD", "admin-c: XX1-WARD", "there is no person or role XX1-WARD"),
        ("mnt-by:", "mnt-irt: IRT-NOBODY\nmnt-by:", "there is no irt IRT-NOBODY"),
        ("source: WARD", "source: OTHER", "this registry is WARD"),
        ("source: WARD", "source: WARD # Filtered", "leaves things out"),
        ("mnt-by:", "remarks: Trust status: accredited\nmnt-by:", "looks like what the registry says"),
    ] {
        let said = w.refused(&signed(&[SKERRY]), &good.replace(from, to));
        assert!(said.contains(why), "{said}");
    }
}

#[test]
fn what_somebody_else_has_changed_meanwhile_is_not_overwritten() {
    let w = world();
    let seen = kit::Digest::of(w.text("inetnum", CAMPUS).unwrap().as_bytes());
    let change = |remark: &str| {
        let text =
            network(CAMPUS, "ASSIGNED PA", &format!("mnt-by: SKERRY-MNT\nremarks: {remark}\n")).into_bytes();
        let item = Item { operation: Operation::Save { text, line: 1 }, expected: Some(seen) };
        let submission = Submission { items: vec![item], ..Submission::default() };
        w.registry.update_now(&signed(&[SKERRY]), submission).unwrap()
    };
    assert!(change("first").is_success());
    assert_eq!(change("second").objects[0].cause, Some(Cause::Conflict));
    assert!(w.text("inetnum", CAMPUS).unwrap().contains("first"));
    let new = Keywords { new: true, ..Keywords::default() };
    let text = w.text("inetnum", CAMPUS).unwrap();
    let submission = Submission::from_text(text.as_bytes(), new).unwrap();
    let report = w.registry.update_now(&signed(&[SKERRY]), submission).unwrap();
    assert_eq!(report.objects[0].cause, Some(Cause::Conflict));
}

#[test]
fn a_dump_of_the_own_registry_is_taken_before_the_first_change_and_not_after_it() {
    let w = world();
    // A try that failed is no change; and what is imported behind it is known to the rules all the same.
    w.refused(&signed(&[TIDE]), &network(CAMPUS, "ASSIGNED PA", "mnt-by: TIDE-MNT\n"));
    let more = network("203.0.113.0 - 203.0.113.255", "ALLOCATED PA", "mnt-by: OFFICE-MNT\n");
    w.import(&format!("{}\n{more}", dump().replace("Moot Hall", "Town Hall"))).unwrap();
    let why = w
        .refused(&keeper(), &network("203.0.113.128 - 203.0.114.255", "ASSIGNED PA", "mnt-by: OFFICE-MNT\n"));
    assert!(why.contains("overlaps with 203.0.113.0 - 203.0.113.255"), "{why}");
    w.done(&signed(&[SKERRY]), &network(CAMPUS, "ASSIGNED PA", "mnt-by: SKERRY-MNT\nremarks: ours\n"));
    let before = w.texts();
    let why = w.import(&dump()).unwrap_err().to_string();
    assert!(why.contains("WARD is kept by this node and was changed here"), "{why}");
    assert_eq!(w.texts(), before);
    w.import("inetnum: 203.0.113.0 - 203.0.113.255\nnetname: X\nsource: OTHER\n").unwrap();
}

#[tokio::test(flavor = "multi_thread")]
async fn the_record_tells_of_each_change_and_an_erased_version_keeps_who_and_when() {
    let w = tokio::task::spawn_blocking(world).await.unwrap();
    let person = w.text("person", "MA1-WARD").unwrap();
    let changed = person.replace("Pier 4", "Pier 5");
    tokio::task::block_in_place(|| w.done(&signed(&[SKERRY]), &changed));
    tokio::task::block_in_place(|| w.done(&keeper(), &changed.replace("Pier 5", "Pier 6")));
    let stream = "registry:WARD:person:MA1-WARD";
    let told = w.node.db.read_now(move |c| kit::events::history(c, stream, 9)).unwrap();
    let kinds: Vec<_> = told.iter().map(|event| (event.kind.as_str(), event.actor.as_str())).collect();
    let key = format!("key PGPKEY-{}", print(SKERRY));
    assert_eq!(
        kinds,
        [
            ("registry.object_changed", "node (override by the node's administrator)"),
            ("registry.object_changed", key.as_str())
        ]
    );
    let granted = Granted::for_node();
    assert!(matches!(
        w.registry.erase_version(&granted, "person", "ma1-ward", 3).await,
        Err(kit::Error::Conflict(_))
    ));
    w.registry.erase_version(&granted, "person", "ma1-ward", 2).await.unwrap();
    let rows = w.node.db.read_now(|c| {
        const VERSIONS: kit::Sql = kit::Sql::new(
            "SELECT version, kind, actor, raw FROM registry_change WHERE key = 'MA1-WARD' ORDER BY version",
        );
        c.query(VERSIONS, &[], |row| {
            Ok((
                row.get::<i64>(0)?,
                row.get::<String>(1)?,
                row.get::<String>(2)?,
                row.get::<Option<Vec<u8>>>(3)?.is_some(),
            ))
        })
    });
    let by_override = "node (override by the node's administrator) (node by override)";
    let by_key = format!("{key} (SKERRY-MNT by {key})");
    let expected =
        [(1, "found", "import", true), (2, "modify", &*by_key, false), (3, "modify", by_override, true)];
    let rows = rows.unwrap();
    let rows: Vec<_> =
        rows.iter().map(|(n, kind, by, text)| (*n, kind.as_str(), by.as_str(), *text)).collect();
    assert_eq!(rows, expected);
}

#[test]
fn what_is_made_together_does_not_fail_for_an_object_that_nobody_needs() {
    let w = world();
    let pair = format!(
        "mntner: NEW-MNT\nadmin-c: NA1-WARD\nupd-to: new@new.example\nauth: PGPKEY-{}\nmnt-by: NEW-MNT\nsource: WARD\n\n\
         person: New Admin\naddress: Quay 1\ne-mail: new@new.example\nnic-hdl: NA1-WARD\nmnt-by: NEW-MNT\nsource: WARD\n",
        print(TIDE)
    );
    let one = network("203.0.113.0/24", "ALLOCATED PA", "mnt-by: NEW-MNT\n");
    let crossing = network("203.0.113.128 - 203.0.114.5", "ALLOCATED PA", "mnt-by: NEW-MNT\n");
    let text = format!("{pair}\n{one}\n{crossing}");
    let dry = w.send(&keeper(), &format!("{text}dry-run: yes\n"));
    let report = w.send(&keeper(), &text);
    let causes: Vec<_> = report.objects.iter().map(|object| object.cause).collect();
    assert_eq!(causes, [None, None, None, Some(Cause::Rule)], "{report:#?}");
    assert_eq!(dry.objects.iter().map(|object| object.cause).collect::<Vec<_>>(), causes);
}
