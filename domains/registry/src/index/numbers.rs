//! Numbers of millions of networks, each in as many bytes as the largest of them needs.

/// Numbers by place.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Numbers {
    /// Bytes of each: 1 to 8.
    width: usize,
    /// One behind another, little-endian.
    bytes: Vec<u8>,
}

impl Default for Numbers {
    fn default() -> Self {
        Self { width: 1, bytes: Vec::new() }
    }
}

impl Numbers {
    /// With room for `count` numbers that are as wide as those of `like`.
    pub(super) fn like(like: &Self, count: usize) -> Self {
        Self { width: like.width, bytes: Vec::with_capacity(count * like.width) }
    }

    /// Of the bytes of a file; `None`: there are no numbers of this width.
    pub(super) fn of(width: u8, bytes: Vec<u8>) -> Option<Self> {
        let width = usize::from(width);
        (1..=8).contains(&width).then_some(Self { width, bytes })
    }

    /// What [`Numbers::of`] makes them of again.
    pub(super) fn parts(&self) -> (u8, &[u8]) {
        (self.width as u8, &self.bytes) // fits: 8 at most
    }

    /// The number at `place`, which must have one.
    #[inline]
    pub(crate) fn get(&self, place: usize) -> u64 {
        let at = place * self.width;
        if let Some(eight) = self.bytes[at..].first_chunk() {
            return u64::from_le_bytes(*eight) & (u64::MAX >> (64 - 8 * self.width));
        }
        let mut last = [0; 8];
        last[..self.width].copy_from_slice(&self.bytes[at..at + self.width]);
        u64::from_le_bytes(last)
    }

    /// Takes the next number.
    pub(crate) fn push(&mut self, number: u64) {
        let width = (u64::BITS - number.leading_zeros()).div_ceil(8).max(1) as usize; // fits: 8 at most
        if width > self.width {
            let mut wider = Self { width, bytes: Vec::with_capacity(self.len() * width) };
            self.iter().for_each(|number| wider.push(number));
            *self = wider;
        }
        self.bytes.extend_from_slice(&number.to_le_bytes()[..self.width]);
    }

    pub(super) fn shrink_to_fit(&mut self) {
        self.bytes.shrink_to_fit();
    }

    pub(crate) fn len(&self) -> usize {
        self.bytes.len() / self.width
    }

    fn iter(&self) -> impl Iterator<Item = u64> {
        (0..self.len()).map(|place| self.get(place))
    }

    /// For each place what stands at the place that `order` tells.
    pub(super) fn ordered(&self, order: &[u32]) -> Self {
        let mut ordered = Self::like(self, order.len());
        order.iter().for_each(|place| ordered.push(self.get(*place as usize)));
        ordered
    }
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn numbers(of: &[u64]) -> Numbers {
        let mut numbers = Numbers::default();
        of.iter().for_each(|number| numbers.push(*number));
        numbers
    }

    #[test]
    fn a_number_takes_as_many_bytes_as_the_largest_needs() {
        for (largest, width) in [(0, 1), (255, 1), (256, 2), (16_777_215, 3), (16_777_216, 4), (u64::MAX, 8)]
        {
            assert_eq!(numbers(&[0, largest, 1]).parts().1.len(), 3 * width, "{largest}");
        }
    }

    #[test]
    fn bytes_of_a_file_are_numbers_of_one_to_eight_bytes() {
        assert_eq!(Numbers::of(0, vec![1]), None);
        assert_eq!(Numbers::of(9, vec![1; 9]), None);
        assert_eq!(Numbers::of(2, vec![1, 0, 2, 0]), Some(Numbers { width: 2, bytes: vec![1, 0, 2, 0] }));
    }

    proptest! {
        #[test]
        fn numbers_come_back_in_any_order(
            all in prop::collection::vec((0u32..64, any::<u64>()).prop_map(|(less, number)| number >> less), 1..40),
            order in prop::collection::vec(any::<prop::sample::Index>(), 0..40),
        ) {
            let kept = numbers(&all);
            prop_assert_eq!(kept.len(), all.len());
            prop_assert_eq!(kept.iter().collect::<Vec<_>>(), all.clone());
            let order: Vec<u32> = order.iter().map(|at| at.index(all.len()) as u32).collect();
            let ordered: Vec<u64> = order.iter().map(|at| all[*at as usize]).collect();
            prop_assert_eq!(kept.ordered(&order).iter().collect::<Vec<_>>(), ordered);
            let (width, bytes) = kept.parts();
            prop_assert_eq!(Numbers::of(width, bytes.to_vec()), Some(kept));
        }
    }
}
