//! Port 43 as clients meet it: conversations as text files, and clients that mean harm.

mod conversation;
mod hostile;
mod property;
mod world;
