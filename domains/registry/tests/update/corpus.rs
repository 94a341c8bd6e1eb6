//! The 3,300 test objects of the RIPE server, some of which are broken on purpose, which were imported, sent again
//! as they are and with a change.
//! They lie beside the clone, or the test says that it was left out.

use std::collections::BTreeMap;
use std::path::Path;

use registry::update::{Action, Keywords, Outcome, Submission};

use crate::world::*;

/// Objects of one submission.
const AT_ONCE: usize = 200;

#[test]
fn what_was_imported_is_sent_back_and_changed_or_it_is_told_why_not() {
    let data =
        Path::new(concat!(env!("CARGO_MANIFEST_DIR"), "/../../../shared/data/registry/ripe-test-objects"));
    if !data.is_dir() {
        println!("left out: no ../shared/data/registry beside the clone");
        return;
    }
    let w = world();
    let mut objects = Vec::new();
    for file in std::fs::read_dir(data).unwrap() {
        let bytes = std::fs::read(file.unwrap().path()).unwrap();
        let own = |object: rpsl::Object<'_>| rpsl::decode(object.raw()).replace("TEST", "WARD");
        objects.extend(rpsl::objects(&bytes).flatten().map(own));
    }
    w.import(&objects.join("\n")).unwrap();
    let mut counts = BTreeMap::new();
    for change in ["", "remarks: changed\n"] {
        for some in objects.chunks(AT_ONCE) {
            let changed = some.iter().map(|text| text.replace("source:", &format!("{change}source:")));
            let text = changed.collect::<Vec<_>>().join("\n");
            let submission = Submission::from_text(text.as_bytes(), Keywords::default()).unwrap();
            let report = w.registry.update_now(&keeper(), submission).unwrap();
            for object in report.objects {
                *counts.entry((object.outcome, object.action)).or_insert(0) += 1;
                assert!(object.outcome == Outcome::Succeeded || !object.messages.is_empty(), "{object:?}");
            }
        }
    }
    println!("{counts:?}");
    let count = |action| counts.get(&(Outcome::Succeeded, action)).copied().unwrap_or(0);
    assert!(count(Action::Modify) > 1_000 && count(Action::Nothing) > 400, "{counts:?}");
}
