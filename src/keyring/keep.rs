//! Keeping the ring: reading it, doing what is due, and committing it so that all instances agree.
//!
//! Every change is a commit guarded by the version that it was made from. Who loses the race reads again and finds
//! nothing left to do: keys made for nothing are dropped.

use std::{sync::Arc, time::Duration};

use zeroize::Zeroizing;

use super::{BadKey, Keyring, held::Held, make, ring::Ring, rotate::Pace};
use crate::{
    audit::{Event, EventKind},
    seal::{Lock, Place},
    store::{Commit, Guard, Outcome, Partition, Put, RecordKey, StoreError, Stored, Version},
    types::{Timestamp, random},
};

/// How often an instance looks whether another has changed the ring.
const LOOK: Duration = Duration::from_secs(2);

/// How many lost races in a row are taken for a fault: each means that another instance got its change through.
const RACES: usize = 16;

/// Where the record's seal belongs: there is one record, of one kind.
const PLACE: Place<'_> = Place::of("keyring", b"k ring");

/// Why the ring cannot be read or changed.
#[derive(Debug, thiserror::Error)]
pub enum KeyringError {
    /// The store is away, or holds what we did not write.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// The record does not open. It is left as it is: overwriting it would void every token.
    #[error(
        "the signing keys are sealed with another master secret: restore it as secrets.master, or add it to secrets.accept"
    )]
    Sealed,
    /// A key cannot be made, or read back.
    #[error("a signing key cannot be made or read")]
    Key,
    /// Other instances change the ring all the time.
    #[error("the keyring is changing too often; try again")]
    Busy,
}

impl From<BadKey> for KeyringError {
    fn from(_: BadKey) -> Self {
        Self::Key
    }
}

/// What became of a rotation.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Rotation {
    /// The next keys sign now. It may be another instance that was asked at the same time and did it.
    Done,
    /// They will from this moment on, when every verifier knows them.
    Scheduled(Timestamp),
}

impl Keyring {
    /// Looks at the record once: takes over what another instance changed, makes keys that are missing, and does
    /// what is due.
    ///
    /// # Errors
    /// [`KeyringError`]; what was known before stays in use.
    pub async fn refresh(&self) -> Result<(), KeyringError> {
        let _one_at_a_time = self.work.lock().await;
        self.settle().await
    }

    /// Looks every two seconds, for as long as it is polled. A failure is logged when it begins and when it ends.
    pub async fn watch(self: Arc<Self>) {
        let mut failing = false;
        loop {
            match self.refresh().await {
                Ok(()) if failing => {
                    failing = false;
                    tracing::info!("the keyring can be read again");
                }
                Err(error) if !failing => {
                    failing = true;
                    tracing::error!(%error, "the keyring cannot be read");
                }
                Ok(()) | Err(_) => {}
            }
            tokio::time::sleep(LOOK).await;
        }
    }

    /// Rotates all keys. When this instance finds that another has rotated since it looked last, that was the
    /// rotation: two commands given to two instances at once make one.
    ///
    /// # Errors
    /// [`KeyringError`]; then it may have happened all the same if the store broke off in between.
    pub async fn rotate(&self, pace: Pace) -> Result<Rotation, KeyringError> {
        let seen = self.held.load_full();
        let _one_at_a_time = self.work.lock().await;
        let seen = match seen {
            Some(held) => held.signing.clone(),
            None => {
                self.settle().await?;
                self.held.load().as_ref().map(|held| held.signing.clone()).unwrap_or_default()
            }
        };
        for _ in 0..RACES {
            let Some((version, mut ring)) = self.read().await? else {
                self.settle().await?;
                continue;
            };
            if ring.signing() != seen {
                self.adopt(version, &ring)?;
                return Ok(Rotation::Done);
            }
            let now = self.clock.now();
            let at = ring.request(pace, now, &self.policy);
            if self.change(Some(version), ring).await? == Outcome::Committed {
                return Ok(if at <= now { Rotation::Done } else { Rotation::Scheduled(at) });
            }
        }
        Err(KeyringError::Busy)
    }

    /// Reads and changes until nothing is due.
    async fn settle(&self) -> Result<(), KeyringError> {
        for _ in 0..RACES {
            let (version, ring) = match self.look().await? {
                Look::Rests => return Ok(()),
                Look::Empty => (None, Ring::default()),
                Look::Read { version, ring, rolled } => {
                    self.adopt(version, &ring)?;
                    if !rolled && self.held.load().as_ref().is_some_and(|held| held.rests(self.clock.now())) {
                        return Ok(());
                    }
                    (Some(version), ring)
                }
            };
            // A race that is lost is as good as one that is won: the next look tells what is left.
            let _either = self.change(version, ring).await?;
        }
        Err(KeyringError::Busy)
    }

    /// Does what is due, makes what is missing, and commits it against the version that was read.
    async fn change(&self, from: Option<Version>, mut ring: Ring) -> Result<Outcome, KeyringError> {
        let before: Vec<String> = ring.signing().into_iter().map(str::to_owned).collect();
        ring.advance(self.clock.now(), &self.policy);
        if let Some(state) = ring.missing() {
            let made = make::keys(ring.lacking(state)).await?;
            let since = self.clock.now();
            ring.keys.extend(made.into_iter().map(|new| new.enter(state, since)));
        }
        let (partition, key) = (Partition::keyring(), RecordKey::keyring());
        let guard = Guard::as_read(key.clone(), from);
        let version = random::bytes(self.sealer.random());
        let value = self.seal(&ring)?;
        let put = Put { key, version, value, expires: None, due: None };
        let commit = Commit { guards: vec![guard], puts: vec![put], deletes: vec![] };
        let outcome = self.store.commit(&partition, commit).await?;
        if outcome == Outcome::Committed {
            self.adopt(version, &ring)?;
            if before != ring.signing() {
                tracing::info!(keys = ?ring.signing(), "new keys sign");
                self.audit.record(Event::new(EventKind::KeyRotated));
            }
        }
        Ok(outcome)
    }

    async fn stored(&self) -> Result<Option<Stored>, StoreError> {
        Ok(self.store.read(&Partition::keyring(), &[RecordKey::keyring()]).await?.pop().flatten())
    }

    async fn read(&self) -> Result<Option<(Version, Ring)>, KeyringError> {
        let stored = self.stored().await?;
        stored.map(|stored| Ok((stored.version, self.open(&stored.value)?))).transpose()
    }

    async fn look(&self) -> Result<Look, KeyringError> {
        let Some(Stored { version, value, .. }) = self.stored().await? else { return Ok(Look::Empty) };
        let now = self.clock.now();
        if self.held.load().as_ref().is_some_and(|held| held.version == version && held.rests(now)) {
            return Ok(Look::Rests);
        }
        Ok(Look::Read { version, ring: self.open(&value)?, rolled: !self.sealer.is_current(&value) })
    }

    fn seal(&self, ring: &Ring) -> Result<Vec<u8>, KeyringError> {
        let plain = Zeroizing::new(rmp_serde::to_vec_named(ring).map_err(|_| KeyringError::Key)?);
        Ok(self.sealer.seal(PLACE, Lock::Master, &plain))
    }

    fn open(&self, sealed: &[u8]) -> Result<Ring, KeyringError> {
        let plain = self.sealer.open(PLACE, Lock::Master, sealed).map_err(|_| KeyringError::Sealed)?;
        rmp_serde::from_slice(&plain).map_err(|_| StoreError::Corrupt("keyring").into())
    }

    fn adopt(&self, version: Version, ring: &Ring) -> Result<(), KeyringError> {
        self.held.store(Some(Arc::new(Held::parse(version, ring, &self.policy)?)));
        Ok(())
    }
}

/// What a look at the record found.
enum Look {
    /// There is none.
    Empty,
    /// It is the one that is held, and nothing is due.
    Rests,
    /// It changed, or something is due. `rolled`: an older master sealed it, so it is written anew.
    Read { version: Version, ring: Ring, rolled: bool },
}
