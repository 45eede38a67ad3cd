//! The partition of an account: its head, and how its records are sealed into bytes and back.
//!
//! The *head* holds the account's life and stamp. A session or a grant is alive if it was sealed in the head's
//! life and, where it is bound to sessions, carries the head's stamp: so deleting an account is one
//! compare-and-swap of the head (a new life), and signing out everywhere is another (a new stamp).

mod codec;
mod head;
mod presence;
pub mod races;

pub use codec::{At, Codec, Unreadable};
pub use head::{Head, HeadIdentity, Life, Living, Stamp};
pub use presence::{Agreed, Presence};
