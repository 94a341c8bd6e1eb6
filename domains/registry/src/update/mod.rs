//! Changing objects: what proves who asks, who may, what happens.

pub(crate) mod proof;
