//! Memory for mails on their way in: many connections with one large mail each must not fill it.

use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

/// Every mail may have this much, whatever the others have: what is usual always gets in.
const FREE: usize = 1 << 20;

/// What all connections of a listener share. Cheap to clone.
#[derive(Clone)]
pub(super) struct Room {
    left: Arc<AtomicUsize>,
}

impl Room {
    /// Room for `bytes`.
    pub fn new(bytes: usize) -> Room {
        Room { left: Arc::new(AtomicUsize::new(bytes)) }
    }

    /// A place for one mail, empty yet.
    pub fn place(&self) -> Place {
        Place { room: self.clone(), taken: 0 }
    }
}

/// What one mail has taken; given back when it is dropped.
pub(super) struct Place {
    room: Room,
    taken: usize,
}

impl Place {
    /// Whether the mail may have grown to `bytes`.
    pub fn grow_to(&mut self, bytes: usize) -> bool {
        let more = bytes.saturating_sub(FREE).saturating_sub(self.taken);
        let took =
            self.room.left.fetch_update(Ordering::Relaxed, Ordering::Relaxed, |left| left.checked_sub(more));
        self.taken += if took.is_ok() { more } else { 0 };
        took.is_ok()
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.room.left.fetch_add(self.taken, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn small_mails_always_have_room_and_large_ones_share_it() {
        let room = Room::new(FREE);
        let mut large = room.place();
        assert!(large.grow_to(FREE / 2) && large.grow_to(2 * FREE));
        let mut other = room.place();
        assert!(other.grow_to(FREE) && !other.grow_to(FREE + 1));
        drop(large);
        assert!(other.grow_to(2 * FREE));
        drop(other);
        assert!(room.place().grow_to(2 * FREE), "all was given back");
    }
}
