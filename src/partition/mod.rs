//! The partition of an account: its head, and how its records are sealed into bytes and back.
//!
//! The *head* holds the account's life and stamp. A session or a grant is alive if it was sealed in the head's
//! life and, where it is bound to sessions, carries the head's stamp: so deleting an account is one
//! compare-and-swap of the head (a new life), and signing out everywhere is another (a new stamp).

mod chronicle;
mod codec;
mod head;
pub mod intent;
pub mod listing;
pub mod places;
mod presence;
pub mod races;
mod receipt;
mod served;
mod stamped;
mod status;
mod ways;

pub use chronicle::{Chronicle, Deed, Line, ProviderWord};
pub use codec::{At, Codec, Unreadable};
pub use head::{Head, HeadIdentity, Life, Living, Stamp};
pub use intent::{By, Cause, Hint, Intent};
pub use presence::{Agreed, Presence};
pub use receipt::{Receipt, ReceiptEvent, ReceiptItem};
pub use served::Served;
pub use stamped::living_sessions;
pub use status::{BadStatusCode, Farewell, Origin, Status, StatusCode, Told, Withdrawn};
pub use ways::{Alias, Standing, Target, Way, resolve, way};
