//! The threads of an engine, the queue before them, and their end.

use std::ops::Deref;
use std::sync::{Mutex, PoisonError, RwLock};
use std::thread::JoinHandle;

use crossbeam_channel::Sender;

use super::Db;

/// Threads that take jobs from one queue, until it is closed and empty.
pub(super) struct Threads<J> {
    queue: RwLock<Option<Sender<J>>>,
    threads: Mutex<Vec<JoinHandle<()>>>,
}

impl<J> Threads<J> {
    pub(super) fn new(queue: Sender<J>, threads: Vec<JoinHandle<()>>) -> Self {
        Self { queue: RwLock::new(Some(queue)), threads: Mutex::new(threads) }
    }

    /// Puts `job` in the queue. After the end it is dropped, and its caller learns that the database is gone.
    pub(super) fn submit(&self, job: J) {
        if let Some(queue) = self.queue.read().unwrap_or_else(PoisonError::into_inner).as_ref() {
            drop(queue.send(job)); // an error gives the job back
        }
    }

    /// Takes no more jobs and waits until those in the queue are done. The second time it does nothing.
    pub(super) fn close(&self) {
        drop(self.queue.write().unwrap_or_else(PoisonError::into_inner).take());
        let threads = std::mem::take(&mut *self.threads.lock().unwrap_or_else(PoisonError::into_inner));
        for thread in threads {
            // A use case's last clone of the pool may die on one of these very threads.
            if thread.thread().id() != std::thread::current().id() {
                drop(thread.join());
            }
        }
    }
}

impl<J> Drop for Threads<J> {
    fn drop(&mut self) {
        self.close();
    }
}

/// What stands on a database, which is closed when this goes: also when others still hold clones of it.
pub struct Closing<T> {
    what: T,
    db: Db,
}

impl<T> Closing<T> {
    /// `what` stands on `db`.
    pub fn new(what: T, db: Db) -> Self {
        Self { what, db }
    }
}

impl<T> Deref for Closing<T> {
    type Target = T;

    fn deref(&self) -> &T {
        &self.what
    }
}

impl<T> Drop for Closing<T> {
    fn drop(&mut self) {
        self.db.close();
    }
}
