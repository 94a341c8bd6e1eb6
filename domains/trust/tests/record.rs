//! The record: exported, checked elsewhere, altered, cut off, erased; and who is shown what.

#![allow(clippy::unwrap_used)]

mod common;

use axum::body::Body;
use axum::http::{Request, StatusCode};
use common::{World, world};
use identity::{Granted, Site, StepUp};
use kit::clock::DAY;
use mail::pgp::{Verdict, verify_detached};
use tower::ServiceExt as _;
use trust::process::{Join, Operate, Represent};
use trust::record::file::verify;
use trust::record::{Checkpoint, Register, moment};

/// A community with a past: a consultation with an objection, a suspension, an accreditation.
async fn lived() -> World {
    let w = world().await;
    w.objected().await;
    let newt = w.id("newt");
    let note = "We work with them".to_owned();
    w.trust.join(&w.granted("alder"), newt, Join::Support { note }, None).await.unwrap();
    w.trust.join(&w.granted("elm"), newt, Join::Support { note: String::new() }, None).await.unwrap();
    w.judged().await;
    w
}

#[tokio::test(flavor = "multi_thread")]
async fn one_objection_keeps_a_team_out_and_no_export_below_the_whole_says_whose_or_why() {
    let w = lived().await;
    assert_eq!((w.standing("newt"), w.standing("elm")), ("not listed", "suspended"));
    let whole = String::from_utf8(w.trust.export_whole(&Granted::for_node()).await.unwrap()).unwrap();
    assert!(whole.contains("BIRCHSECRET") && whole.contains("GROUNDSSECRET"));

    let pages = identity::protect(w.trust.domain().routes, w.identity.clone(), Site::default());
    let get = async |path: &str| {
        let request = Request::get(path).body(Body::empty()).unwrap();
        let response = pages.clone().oneshot(request).await.unwrap();
        let status = response.status();
        let bytes = axum::body::to_bytes(response.into_body(), usize::MAX).await.unwrap();
        (status, String::from_utf8(bytes.to_vec()).unwrap())
    };
    let (status, public) = get("/trust/record.jsonl").await;
    assert_eq!(status, StatusCode::OK);
    let birch = w.id("birch").to_string();
    for line in public.lines().filter(|line| line.contains("\"body\"")) {
        assert!(!line.contains("SECRET") && !line.contains("We work with them"), "{line}");
        assert!(!line.contains("objected") && !line.contains("voted"), "{line}");
    }
    assert!(!public.contains("trust.objected") && !public.contains("trust.voted"), "the kind is sealed, too");
    let checked = verify(public.as_bytes(), &[], |_, entry| {
        assert_ne!(entry.by.team.as_deref(), Some(birch.as_str()), "{entry:?}");
    });
    let checked = checked.unwrap();
    assert_eq!(checked.entries, whole.lines().count() as i64 - 1);
    assert!(!checked.withheld.is_empty());
    assert_ne!(get("/trust/record-members.jsonl").await.0, StatusCode::OK);

    // What members see on the page: the support, not the objection; who objects is told to operator and board.
    let members = w.trust.case(&w.granted("cedar"), w.id("newt")).await.unwrap();
    assert!(members.timeline.iter().any(|line| line.words.contains("BIRCHSECRET")), "the board sees it");
    for reader in ["alder", "newt"] {
        let view = w.trust.case(&w.granted(reader), w.id("newt")).await.unwrap();
        assert!(view.timeline.iter().any(|line| line.words.contains("We work with them")), "{reader}");
        assert!(view.timeline.iter().all(|line| !line.words.contains("SECRET")), "{reader}");
    }
    let own = w.trust.case(&w.granted("elm"), w.id("elm")).await.unwrap();
    assert!(own.timeline.iter().all(|line| !line.words.contains("voted") && !line.words.contains("SECRET")));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_file_that_was_altered_reordered_or_cut_off_is_found_out_at_the_entry() {
    let w = lived().await;
    let whole = w.trust.export_whole(&Granted::for_node()).await.unwrap();
    let lines: Vec<&str> = std::str::from_utf8(&whole).unwrap().lines().collect();
    let check = |lines: &[String]| verify((lines.join("\n") + "\n").as_bytes(), &[], |_, _| {});
    let all: Vec<String> = lines.iter().map(|line| (*line).to_owned()).collect();
    let count = check(&all).unwrap().entries;

    let refused = |lines: &[String], expected: &str| {
        let why = check(lines).unwrap_err().to_string();
        assert!(why.contains(expected), "{why} has no {expected:?}");
    };
    let mut altered = all.clone();
    altered[3] = altered[3].replace("accredited", "certified");
    refused(&altered, "entry 3");
    let mut renamed = all.clone();
    renamed[4] = renamed[4].replace("\"actor\":\"owner\"", "\"actor\":\"board\"");
    refused(&renamed, "entry 4");
    let mut swapped = all.clone();
    swapped.swap(5, 6);
    refused(&swapped, "entry 5");
    refused(&all[..all.len() - 1], "cut off");
    let mut half = all.clone();
    let last = half.last_mut().unwrap();
    last.truncate(last.len() / 2);
    refused(&half, "cut off");
    let mut left_out = all.clone();
    left_out.remove(7);
    refused(&left_out, "entry 7");
    refused(&["{}".to_owned()], "no export");
    refused(&[], "no export");

    // Who withholds what everybody may see hides a standing.
    let mut withheld = all.clone();
    let mut row: serde_json::Value = serde_json::from_str(&withheld[2]).unwrap();
    row.as_object_mut().unwrap().remove("salt");
    row.as_object_mut().unwrap().remove("body");
    withheld[2] = row.to_string();
    refused(&withheld, "public entry is withheld");
    assert_eq!(count, check(&all).unwrap().entries);
}

#[tokio::test(flavor = "multi_thread")]
async fn who_kept_a_checkpoint_sees_a_rewritten_history() {
    let w = lived().await;
    let row = w.trust.make_checkpoint().await.unwrap().unwrap();
    assert!(w.trust.make_checkpoint().await.unwrap().is_none(), "nothing has happened since");
    let (checkpoint, signed, signature) = Checkpoint::parse(&(row.text.clone() + &row.signature)).unwrap();
    let hub = w.teams.directory().by_handle("hub").unwrap();
    let keys: Vec<_> = hub.keys_in_use().cloned().collect();
    let verdicts = verify_detached(signed.as_bytes(), signature.as_bytes(), &keys, w.node.now() / 1_000_000);
    assert!(matches!(verdicts[0], Verdict::Good { .. }), "{verdicts:?}");

    w.operate("elm", Operate::File { case: 2, text: "none".into() }).await.unwrap_err();
    let kept = [(checkpoint.position, checkpoint.digest.clone())];
    let honest = w.trust.export_whole(&Granted::for_node()).await.unwrap();
    assert_eq!(verify(&honest[..], &kept, |_, _| {}).unwrap().checkpoints, [checkpoint.position]);

    // The same community without the objection: a chain that fits in itself, and not with what was kept.
    let other = world().await;
    let rewritten = other.trust.export_whole(&Granted::for_node()).await.unwrap();
    assert!(verify(&rewritten[..], &[], |_, _| {}).is_ok());
    let why = verify(&rewritten[..], &kept, |_, _| {}).unwrap_err().to_string();
    assert!(why.contains("missing"), "{why}");
    let early = [(3, "00".repeat(32))];
    let why = verify(&rewritten[..], &early, |_, _| {}).unwrap_err().to_string();
    assert!(why.contains("rewritten"), "{why}");
}

#[tokio::test(flavor = "multi_thread")]
async fn the_register_of_any_day_comes_out_of_the_record_and_out_of_a_file() {
    let w = world().await;
    let standing = async |w: &World, at: i64| {
        let register = w.trust.register_at(at).await.unwrap();
        register.into_iter().find(|team| team.handle == "newt").map(|team| team.standing)
    };
    let before = w.node.now();
    w.pass(DAY);
    w.operate("newt", Operate::ListKnown { source: "a colleague".into() }).await.unwrap();
    let listed = w.node.now();
    w.pass(DAY);
    w.trust.represent(&w.granted("newt"), Represent::Depart, None).await.unwrap();
    assert_eq!(standing(&w, before).await, None);
    assert_eq!(standing(&w, listed).await.as_deref(), Some("listed"));
    assert_eq!(standing(&w, w.node.now()).await.as_deref(), Some("withdrawn"));
    assert_eq!(standing(&w, moment("2026-11-22").unwrap()).await.as_deref(), Some("listed"));

    let file = w.trust.export_whole(&Granted::for_node()).await.unwrap();
    let mut register = Register::default();
    verify(&file[..], &[], |at, entry| {
        if at <= listed {
            register.take(0, at, entry);
        }
    })
    .unwrap();
    assert!(register.teams().iter().any(|team| team.handle == "newt" && team.standing == "listed"));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_stored_is_what_the_record_gives_and_what_is_over_can_be_erased() {
    let w = lived().await;
    let (entries, wrong) = w.trust.check().await.unwrap();
    assert_eq!(wrong, Vec::<String>::new());
    let case = w.trust.case(&w.granted("cedar"), w.id("newt")).await.unwrap();
    let objection = case.timeline.iter().find(|line| line.kind == "trust.objected").unwrap().position;
    let owner = StepUp::for_node();
    let word = "a court asks for it, letter of 2 March";
    for no_reason in ["", "  ", "no"] {
        assert!(w.trust.erase(&owner, objection, no_reason).await.is_err(), "{no_reason:?}");
    }
    w.trust.erase(&owner, objection, word).await.unwrap();
    let why = w.trust.erase(&owner, objection, word).await.unwrap_err().to_string();
    assert!(why.contains("was erased on"), "once is all: {why}");
    assert_eq!(w.trust.check().await.unwrap(), (entries + 1, Vec::new()));
    let whole = w.trust.export_whole(&owner).await.unwrap();
    assert!(!String::from_utf8_lossy(&whole).contains("BIRCHSECRET"));
    assert!(w.trust.erase(&owner, 1, word).await.unwrap_err().to_string().contains("public"));

    // Who erased what on whose word stands in the record, for everybody, and itself cannot be erased.
    let checked = verify(&whole[..], &[], |_, _| {}).unwrap();
    assert_eq!(checked.withheld, [0_i64; 0]);
    assert_eq!(checked.erased, w.trust.erasures().await.unwrap());
    let [told] = checked.erased.as_slice() else { panic!("{:?}", checked.erased) };
    assert_eq!((told.entry, told.by, told.reason.as_str()), (objection, "owner", word));
    assert!(w.trust.erase(&owner, told.position, word).await.unwrap_err().to_string().contains("public"));

    // Somebody sets a standing beside the process: the check says so.
    let beside = teams::Standing { status: teams::TrustStatus::Certified, since: w.node.now() };
    teams::testing::stand(&w.teams, w.id("alder"), Some(beside)).await;
    let (_, wrong) = w.trust.check().await.unwrap();
    assert!(wrong.iter().any(|line| line.starts_with("alder: the directory says certified")), "{wrong:?}");
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_gone_without_a_word_is_found_and_what_was_erased_does_not_come_back() {
    let w = lived().await;
    let before = w.trust.export_whole(&Granted::for_node()).await.unwrap();
    let case = w.trust.case(&w.granted("cedar"), w.id("newt")).await.unwrap();
    let objection = case.timeline.iter().find(|line| line.kind == "trust.objected").unwrap().position;
    w.node.db.write(move |tx| kit::events::erase_one(tx, "trust", objection)).await.unwrap();
    let (_, wrong) = w.trust.check().await.unwrap();
    assert!(matches!(&wrong[..], [only] if only.contains("no entry says who erased it")), "{wrong:?}");
    // Said belatedly, it is in order again.
    w.trust.erase(&StepUp::for_node(), objection, "found so on 2 March").await.unwrap();
    assert_eq!(w.trust.check().await.unwrap().1, Vec::<String>::new());

    // A file in which somebody has put back what they had kept of it.
    let after = String::from_utf8(w.trust.export_whole(&Granted::for_node()).await.unwrap()).unwrap();
    let kept = std::str::from_utf8(&before).unwrap().lines().nth(objection as usize).unwrap();
    let mut lines: Vec<&str> = after.lines().collect();
    lines[objection as usize] = kept;
    let why = verify((lines.join("\n") + "\n").as_bytes(), &[], |_, _| {}).unwrap_err().to_string();
    assert!(why.contains(&format!("what entry {objection} told was erased, and that is told")), "{why}");
}

proptest::proptest! {
    #[test]
    fn no_bytes_make_the_check_of_a_file_panic(bytes in proptest::collection::vec(proptest::num::u8::ANY, 0..2_000), cut in 0_usize..2_000) {
        drop(verify(&bytes[..], &[], |_, _| {}));
        let head = br#"{"file":"wardmote record of trust","version":1,"community":"Alba","audience":"whole","entries":9,"made":0}"#;
        let row = br#"{"position":1,"at":0,"actor":"node","kind":"trust.known","body_digest":"00","previous":"","digest":"","salt":"00","body":"{}"}"#;
        let mut file = [&head[..], b"\n", &row[..], b"\n", &bytes[..]].concat();
        let refused = verify(&file[..], &[], |_, _| {}).is_err();
        proptest::prop_assert!(refused);
        file.truncate(cut);
        drop(verify(&file[..], &[], |_, _| {}));
        drop(Checkpoint::parse(&String::from_utf8_lossy(&bytes)));
    }
}
