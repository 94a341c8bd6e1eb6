//! Exports of a record of trust, and checkpoints: files from any other node.
#![no_main]

use libfuzzer_sys::fuzz_target;
use trust::record::file::{Reader, verify};
use trust::record::{Checkpoint, Register};

fuzz_target!(|bytes: &[u8]| {
    let mut register = Register::default();
    let mut shown = 0;
    let checked = verify(bytes, &[], |at, entry| {
        shown += 1;
        register.take(0, at, entry);
        let text = serde_json::to_string(entry).expect("an entry that was read is written");
        assert_eq!(serde_json::from_str::<contracts::trust::record::Entry>(&text).ok().as_ref(), Some(entry));
    });
    if let Ok(checked) = checked {
        assert_eq!(checked.entries, shown + (checked.withheld.len() + checked.erased.len()) as i64);
        assert_eq!(checked.digest.len(), 64);
        // What was checked agrees with the checkpoint of its own end, and with no other.
        let own = [(checked.entries, checked.digest.clone())];
        assert_eq!(verify(bytes, &own, |_, _| {}).is_ok(), true);
        let other = [(checked.entries.max(1), "ff".repeat(32))];
        assert!(verify(bytes, &other, |_, _| {}).is_err());
        assert!(register.teams().len() as i64 <= shown);
    }
    // The reader alone goes on to the end whatever the chain says.
    if let Ok(mut reader) = Reader::new(bytes) {
        while let Ok(Some(link)) = reader.next_entry() {
            drop(link);
        }
    }
    if let Ok(text) = std::str::from_utf8(bytes)
        && let Ok((checkpoint, signed, _)) = Checkpoint::parse(text)
    {
        assert_eq!(checkpoint.text(), signed);
        let (again, ..) = Checkpoint::parse(&signed).expect("its own text is a checkpoint");
        assert_eq!(again, checkpoint);
    }
});
