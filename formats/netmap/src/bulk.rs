//! Many addresses at once.

use std::net::IpAddr;

use crate::address::{Address, Wide};
use crate::tree::Tree;
use crate::{NetMap, RangeIdx};

/// Addresses that are ordered together: the copy stays small, and their places fit 32 bits.
const TOGETHER: usize = 1 << 20;
/// Fewer are not worth the ordering.
const FEW: usize = 256;

/// The most specific range of each address.
///
/// What a look-up costs in a map of millions of ranges is the waiting for memory. In the order of the addresses the
/// memory is read once, from front to back.
pub(crate) fn bulk(map: &NetMap, addresses: &[IpAddr]) -> Vec<Option<RangeIdx>> {
    let mut answers = vec![None; addresses.len()];
    let (mut v4, mut v6) = (Vec::new(), Vec::new());
    let mut room = Vec::new();
    for (addresses, answers) in addresses.chunks(TOGETHER).zip(answers.chunks_mut(TOGETHER)) {
        v4.clear();
        v6.clear();
        for (place, address) in (0u32..).zip(addresses) {
            match address.to_canonical() {
                IpAddr::V4(address) => v4.push((address.to_bits(), place)),
                IpAddr::V6(address) => v6.push((Wide::of(address), place)),
            }
        }
        if v4.len() > FEW {
            order(&mut v4, &mut room);
        }
        if v6.len() > FEW {
            v6.sort_unstable();
        }
        find(&map.v4, &v4, answers, RangeIdx::v4);
        find(&map.v6, &v6, answers, RangeIdx::v6);
    }
    answers
}

fn find<A: Address>(
    tree: &Tree<A>,
    questions: &[(A, u32)],
    answers: &mut [Option<RangeIdx>],
    range: fn(u32) -> RangeIdx,
) {
    for (address, place) in questions {
        answers[*place as usize] = tree.most_specific(*address).map(range);
    }
}

/// Sorts by address, by eleven bits at a time from the lowest on; what is sorted already stays.
fn order(questions: &mut Vec<(u32, u32)>, room: &mut Vec<(u32, u32)>) {
    const BITS: u32 = 11;
    if questions.is_sorted_by_key(|(address, _)| *address) {
        return;
    }
    room.resize(questions.len(), (0, 0));
    // The lowest ten bits decide little about where in memory the answer stands.
    for shift in [10, 21] {
        let digit = |address: u32| ((address >> shift) & ((1 << BITS) - 1)) as usize;
        let mut places = [0u32; 1 << BITS];
        for (address, _) in questions.iter() {
            places[digit(*address)] += 1;
        }
        let mut next = 0;
        for place in &mut places {
            next += std::mem::replace(place, next);
        }
        for question in questions.iter() {
            let place = &mut places[digit(question.0)];
            room[*place as usize] = *question;
            *place += 1;
        }
        std::mem::swap(questions, room);
    }
}
