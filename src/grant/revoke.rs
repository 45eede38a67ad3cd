//! An app gives tokens back (RFC 7009): a refresh token ends its grant and all that hangs on it; an access token ends
//! alone.

use super::{Access, Grants, Locator, State, record::Header};
use crate::{
    partition::races,
    store::{Commit, Outcome, Put, RecordKey, StoreError},
    types::{AppId, Timestamp},
};

/// What came of it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Revoked {
    /// The token is good for nothing any more. That holds of one that was not ours, too (RFC 7009, section 2.2).
    Done,
    /// It is another app's, and stays as it was.
    OtherApp,
}

impl Grants {
    /// Takes back a refresh token, whichever of its family; `None` if it is none.
    ///
    /// # Errors
    /// The store's own; then nothing is known to have ended.
    pub async fn revoke(&self, token: &str, app: &AppId) -> Result<Option<Revoked>, StoreError> {
        let Some(member) = self.member(token) else { return Ok(None) };
        if member.locator.app != *app {
            return Ok(Some(Revoked::OtherApp));
        }
        self.end(&member.locator).await?;
        Ok(Some(Revoked::Done))
    }

    /// Takes back an access token that expires at `expires`.
    ///
    /// # Errors
    /// As [`Grants::revoke`].
    pub async fn deny(&self, access: Access<'_>, expires: Timestamp, app: &AppId) -> Result<Revoked, StoreError> {
        let Some(located) = self.locate(access) else { return Ok(Revoked::Done) };
        let (locator, id) = (located.locator(), located.id());
        if locator.app != *app {
            return Ok(Revoked::OtherApp);
        }
        for _ in 0..races::TRIES {
            let Some(found) = self.read(locator).await? else { return Ok(Revoked::Done) };
            let State::Active(_) = found.header.state else { return Ok(Revoked::Done) };
            let Some(denied) = found.header.denied.with(id, expires, self.clock.now()) else {
                self.end(locator).await?;
                return Ok(Revoked::Done);
            };
            let (guards, kept_until) = (vec![found.unchanged(locator), found.who.unchanged()], found.expires);
            let header = Header { denied, ..found.header };
            // The answer that it came in is not given again.
            let record = found.record.with_answer(&self.codec, &found.who, locator, None);
            let value = record.with_header(&self.codec, &found.who, locator, &header).to_bytes();
            let value = value.ok_or(StoreError::Corrupt("a grant does not serialise"))?;
            let key = RecordKey::grant(locator.id);
            let put = Put { key, version: self.codec.version(), value, expires: kept_until, due: None };
            let commit = Commit { guards, puts: vec![put], deletes: vec![] };
            if self.store.commit(&locator.partition(), commit).await? == Outcome::Committed {
                return Ok(Revoked::Done);
            }
        }
        Err(races::too_many())
    }

    async fn end(&self, locator: &Locator) -> Result<(), StoreError> {
        races::remove(&*self.store, &locator.partition(), RecordKey::grant(locator.id)).await
    }
}
