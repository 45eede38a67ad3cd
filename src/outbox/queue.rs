//! What is due: taking it up, putting it back, taking it out.

use super::{HINT_LEASE, LEASE, Letter, Outbox, letter::last_call};
use crate::{
    partition::{Hint, Intent, races},
    store::{Commit, Entry, Guard, Kind, Outcome, Partition, Put, RecordKey, StoreError, Version},
    types::{AppId, Timestamp},
};

/// How many due records of one part are looked at at once. More than one app's backlog usually has, so that it hides
/// nobody else's.
const LOOK: usize = 500;

/// How many letters are put back in one commit.
const BATCH: usize = 100;

/// How the parts of a record are sealed.
pub(super) const LETTER: &str = "letter";

/// Something of the outbox as it was read.
#[derive(Clone, Debug)]
pub struct Held<T> {
    /// What it is.
    pub what: T,
    pub(super) partition: Partition,
    pub(super) key: RecordKey,
    pub(super) version: Version,
}

/// Something that is due.
#[derive(Debug)]
pub enum Item {
    /// An intent waits to be expanded.
    Hint(Held<Hint>),
    /// A letter is to be posted, or, in a mailbox, nobody has fetched it in time.
    Letter(Held<Letter>),
}

impl Held<Letter> {
    /// Whether the app fetches it itself.
    pub fn is_in_mailbox(&self) -> bool {
        self.key == RecordKey::mailbox(&self.what.app, self.what.id)
    }
}

impl Outbox {
    /// What is due in one part, the oldest first. What does not open (a newer build's) is left alone.
    ///
    /// # Errors
    /// The store's own.
    pub async fn due(&self, shard: u8) -> Result<Vec<Item>, StoreError> {
        let entries = self.store.due(&Partition::outbox(shard), self.clock.now(), LOOK).await?;
        let item = |entry: Entry| match self.codec.open_hint(&entry) {
            Some(what) => Some(Item::Hint(held(what, entry))),
            None => self.open(entry).map(Item::Letter),
        };
        Ok(entries.into_iter().filter_map(item).collect())
    }

    pub(super) fn open(&self, entry: Entry) -> Option<Held<Letter>> {
        let what = self.codec.open_lasting(LETTER, &entry.partition, &entry.key, &entry.stored.value).ok()?;
        Some(held(what, entry))
    }

    /// Takes a letter up; `None` if somebody else has, or it is gone.
    ///
    /// # Errors
    /// The store's own.
    pub async fn claim(&self, letter: Held<Letter>) -> Result<Option<Held<Letter>>, StoreError> {
        let put = self.put_letter(&letter.partition, letter.key.clone(), &letter.what, self.clock.now().plus(LEASE));
        self.replace(letter, put).await
    }

    /// Takes a hint up; `None` as for [`Outbox::claim`].
    ///
    /// # Errors
    /// The store's own.
    pub async fn claim_hint(&self, hint: Held<Hint>) -> Result<Option<Held<Hint>>, StoreError> {
        let put = self.codec.put_hint(&hint.partition, &hint.what, self.clock.now().plus(HINT_LEASE));
        self.replace(hint, put).await
    }

    /// Puts a letter back, to be sent at its next time.
    ///
    /// # Errors
    /// The store's own.
    pub async fn put_back(&self, letter: Held<Letter>) -> Result<(), StoreError> {
        let put = self.put_letter(&letter.partition, letter.key.clone(), &letter.what, letter.what.next);
        self.replace(letter, put).await.map(drop)
    }

    /// Puts a hint back, to be looked at again at `due`.
    ///
    /// # Errors
    /// The store's own.
    pub async fn put_back_hint(&self, hint: Held<Hint>, due: Timestamp) -> Result<(), StoreError> {
        let put = self.codec.put_hint(&hint.partition, &hint.what, due);
        self.replace(hint, put).await.map(drop)
    }

    /// Puts letters back that nobody has taken up, to be sent at `next`: those for an app that does not answer, which
    /// would stand before everybody else's. Losing a race is fine: then somebody has one of them in hand.
    ///
    /// # Errors
    /// The store's own.
    pub async fn postpone(&self, letters: Vec<Held<Letter>>, next: Timestamp) -> Result<(), StoreError> {
        for batch in letters.chunk_by(|one, other| one.partition == other.partition).flat_map(|all| all.chunks(BATCH)) {
            let Some(Held { partition, .. }) = batch.first() else { continue };
            let put = |held: &Held<Letter>| {
                let letter = Letter { next, ..held.what.clone() };
                self.put_letter(partition, held.key.clone(), &letter, next)
            };
            let guards = batch.iter().map(|held| Guard::Version(held.key.clone(), held.version)).collect();
            let commit = Commit { guards, puts: batch.iter().map(put).collect(), deletes: vec![] };
            let _either_way = self.store.commit(partition, commit).await?;
        }
        Ok(())
    }

    async fn replace<T>(&self, held: Held<T>, put: Put) -> Result<Option<Held<T>>, StoreError> {
        let version = put.version;
        let guards = vec![Guard::Version(held.key.clone(), held.version)];
        let commit = Commit { guards, puts: vec![put], deletes: vec![] };
        let outcome = self.store.commit(&held.partition, commit).await?;
        Ok((outcome == Outcome::Committed).then_some(Held { version, ..held }))
    }

    /// Takes out what is done. Whatever became of it in between: it is done.
    ///
    /// # Errors
    /// The store's own.
    pub async fn take_out<T>(&self, held: &Held<T>) -> Result<(), StoreError> {
        races::remove(&*self.store, &held.partition, held.key.clone()).await
    }

    /// The intent behind a hint; `None` if the commit that it is in has not happened, or it is done.
    ///
    /// # Errors
    /// The store's own.
    pub async fn intent(&self, hint: &Hint) -> Result<Option<Intent>, StoreError> {
        let key = RecordKey::intent(hint.case);
        let stored = self.store.read(&Partition::home(hint.home), &[key]).await?.pop().flatten();
        stored.map(|stored| self.codec.open_intent(hint.home, hint.case, &stored)).transpose()
    }

    /// Takes an intent away whose letters are filed.
    ///
    /// # Errors
    /// The store's own.
    pub async fn settle(&self, hint: &Hint) -> Result<(), StoreError> {
        races::remove(&*self.store, &Partition::home(hint.home), RecordKey::intent(hint.case)).await
    }

    /// Files the letters of a case: those to be posted in one commit with the mark in its hint that they are there;
    /// before it those that apps fetch, each unless it is there already. `None` if somebody else has taken the hint up.
    ///
    /// # Errors
    /// The store's own; then it may be asked for again.
    pub async fn file(
        &self,
        hint: Held<Hint>,
        posted: &[Letter],
        fetched: &[Letter],
    ) -> Result<Option<Held<Hint>>, StoreError> {
        for letter in fetched {
            let (partition, key) = (Partition::mailbox(&letter.app), RecordKey::mailbox(&letter.app, letter.id));
            let put = self.put_letter(&partition, key.clone(), letter, last_call(letter));
            let commit = Commit { guards: vec![Guard::Absent(key)], puts: vec![put], deletes: vec![] };
            let _there_already = self.store.commit(&partition, commit).await?;
        }
        let what = Hint { filed: true, ..hint.what.clone() };
        let mark = self.codec.put_hint(&hint.partition, &what, self.clock.now().plus(HINT_LEASE));
        let version = mark.version;
        let letter =
            |letter: &Letter| self.put_letter(&hint.partition, RecordKey::outbox(letter.id), letter, letter.next);
        let puts = posted.iter().map(letter).chain([mark]).collect();
        let guards = vec![Guard::Version(hint.key.clone(), hint.version)];
        let outcome = self.store.commit(&hint.partition, Commit { guards, puts, deletes: vec![] }).await?;
        if !fetched.is_empty() {
            self.bell.ring_mailboxes();
        }
        Ok((outcome == Outcome::Committed).then_some(Held { what, version, ..hint }))
    }

    pub(super) fn put_letter(&self, partition: &Partition, key: RecordKey, letter: &Letter, due: Timestamp) -> Put {
        let put = self.codec.put_lasting(LETTER, partition, key, letter, Some(letter.ends()));
        Put { due: Some(due.min(last_call(letter))), ..put }
    }

    /// Every letter in an app's mailbox from `after` on.
    pub(super) async fn page_of_mailbox(
        &self,
        app: &AppId,
        after: &RecordKey,
        limit: usize,
    ) -> Result<Vec<Held<Letter>>, StoreError> {
        let entries = self.store.list(&Partition::mailbox(app), Kind::Outbox, Some(after), limit).await?;
        let letters = entries.into_iter().map_while(|entry| entry.key.is_in_mailbox_of(app).then_some(entry));
        Ok(letters.filter_map(|entry| self.open(entry)).collect())
    }
}

pub(super) fn held<T>(what: T, entry: Entry) -> Held<T> {
    Held { what, partition: entry.partition, key: entry.key, version: entry.stored.version }
}
