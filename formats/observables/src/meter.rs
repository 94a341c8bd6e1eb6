//! Counts the bytes that the finder looks at, so that a test can show that the work is linear in the input. Costs
//! nothing outside tests.

#[derive(Debug, Default)]
pub(crate) struct Meter {
    #[cfg(test)]
    pub(crate) steps: u64,
}

impl Meter {
    /// `bytes` were looked at once.
    #[inline(always)]
    pub(crate) fn add(&mut self, bytes: usize) {
        #[cfg(test)]
        {
            self.steps += bytes as u64;
        }
        let _ = bytes;
    }
}
