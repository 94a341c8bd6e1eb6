//! Bytes become a map in which everything nests, or none; and such a map becomes the same bytes again.
#![no_main]

use libfuzzer_sys::fuzz_target;
use netmap::{Ranges as _, Restore};

fuzz_target!(|bytes: &[u8]| {
    let Some((piece, bytes)) = bytes.split_first() else { return };
    let mut restore = Restore::default();
    bytes.chunks(usize::from(*piece).max(1)).for_each(|piece| restore.feed(piece));
    let Ok(map) = restore.finish() else { return };
    for range in (0..).map_while(|place| map.at(place)) {
        let (first, last) = map.range(range);
        assert!(first <= last);
        assert!(map.crossing(first, last).is_none());
        assert!(map.equal(first, last).any(|equal| equal == range));
        for address in [first, last] {
            let chain: Vec<_> = map.chain(address).collect();
            assert!(chain.contains(&range) && chain.len() <= 256);
            assert_eq!(map.bulk(&[address])[0], chain.first().copied());
        }
        map.nearest_marked(first);
    }
    let mut again = Vec::new();
    map.write(&mut |piece| again.extend_from_slice(piece));
    assert_eq!(again.len(), bytes.len());
    // The bits behind the last mark mean nothing.
    let marks = map.len().div_ceil(8);
    assert_eq!(again[..again.len() - marks], bytes[..bytes.len() - marks]);
});
