//! The map of networks agrees with going through all ranges, whatever they are.
#![no_main]

use std::cmp::Reverse;
use std::net::{IpAddr, Ipv4Addr, Ipv6Addr};

use libfuzzer_sys::fuzz_target;
use netmap::{Builder, RangeIdx, Ranges as _};

/// Three bytes make a range, and 256 addresses spread over the whole space are all there is.
fn address(number: u8, v6: bool) -> IpAddr {
    if v6 {
        Ipv6Addr::from_bits(u128::from(number) * (u128::MAX / 255)).into()
    } else {
        Ipv4Addr::from_bits(u32::from(number) * 0x0101_0101).into()
    }
}

fuzz_target!(|bytes: &[u8]| {
    let Some((family, bytes)) = bytes.split_first() else { return };
    let v6 = family & 1 == 1;
    let ranges: Vec<(u8, u8, bool)> =
        bytes.chunks_exact(3).take(60).map(|r| (r[0].min(r[1]), r[0].max(r[1]), r[2] & 1 == 1)).collect();
    let mut builder = Builder::default();
    for (first, last, marked) in &ranges {
        builder.push(address(*first, v6), address(*last, v6), *marked).expect("one family, in order");
    }
    let built = builder.build();
    let (map, report) = (&built.map, &built.report);
    let number = |range: RangeIdx| built.order[map.place(range)];
    let left_out: Vec<u32> = report.overlaps.iter().map(|overlap| overlap.left_out_number).collect();
    assert_eq!(map.len() + left_out.len(), ranges.len());

    let asked: Vec<IpAddr> = (0..=255).map(|number| address(number, v6)).collect();
    let bulk = map.bulk(&asked);
    for point in 0..=255u8 {
        let mut around: Vec<u32> = (0..ranges.len() as u32)
            .filter(|at| !left_out.contains(at))
            .filter(|at| (ranges[*at as usize].0..=ranges[*at as usize].1).contains(&point))
            .collect();
        around.sort_by_key(|at| (ranges[*at as usize].1 - ranges[*at as usize].0, Reverse(*at)));
        let asked = asked[usize::from(point)];
        assert_eq!(map.chain(asked).map(number).collect::<Vec<_>>(), around);
        assert_eq!(bulk[usize::from(point)], map.most_specific(asked));
        let marked = around.iter().copied().find(|at| ranges[*at as usize].2);
        assert_eq!(map.nearest_marked(asked).map(number), marked);
    }
});
