//! The cookie that browsers send when they themselves ask whose accounts they hold (FedCM). It opens the same session as
//! the session's own: the body's key is wrapped for it once more. It lives and dies with that session.

use super::{Door, Found, Locator, Record, Session, Sessions, session};
use crate::{
    partition::races,
    seal::token,
    store::{Commit, Guard, Outcome, Put, RecordKey, StoreError},
    types::{Secret32, SecretText},
};

impl Sessions {
    /// Makes a cookie of that kind for the session that `cookie` opens; an earlier one opens nothing more. `None` for any
    /// other cookie.
    ///
    /// # Errors
    /// The store's own; then none is known to open anything.
    pub async fn offer_accounts(&self, cookie: &str) -> Result<Option<SecretText>, StoreError> {
        for _ in 0..races::TRIES {
            let Some(found) = self.look(Door::Session, cookie).await? else { return Ok(None) };
            let Found { who, locator, stored, .. } = found;
            let secret = Secret32::generate(self.codec.sealer().random());
            let value = Record::shared(&self.codec, &who, locator.id, (&locator.secret, &secret), &stored.value);
            let Some(value) = value else { return Ok(None) };
            let key = RecordKey::session(locator.id);
            let version = self.codec.version();
            let put = Put { key: key.clone(), version, value, expires: stored.expires, due: None };
            let guards = vec![Guard::Version(key, stored.version), who.unchanged()];
            let commit = Commit { guards, puts: vec![put], deletes: vec![] };
            if self.store.commit(&who.partition(), commit).await? == Outcome::Committed {
                let cookie = self.codec.sealer().hand_out(token::FEDCM, &Locator { secret, ..locator });
                return Ok(Some(SecretText::new(cookie)));
            }
        }
        Err(races::too_many())
    }

    /// The living session that such a cookie opens; `None` for any other. What a browser asks by itself is no use of the
    /// session, and keeps nothing awake.
    ///
    /// # Errors
    /// The store's own.
    pub async fn find_by_accounts(&self, cookie: &str) -> Result<Option<Session>, StoreError> {
        let found = self.look(Door::Accounts, cookie).await?;
        Ok(found.map(|Found { who, locator, opened, .. }| session(who, locator.id, opened)))
    }
}
