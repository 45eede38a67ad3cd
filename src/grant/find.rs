//! What lives behind a token.

use super::{Asking, Grants, Live, Locator, State, lineage::Turn, record::Member};
use crate::{
    seal::token,
    store::StoreError,
    types::{AppId, Timestamp, ids::RandomId},
};

/// What an access token says of its grant, its signature being verified already.
#[derive(Clone, Copy, Debug)]
pub struct Access<'a> {
    /// `vst`: where the grant is.
    pub locator: &'a str,
    /// `jti`.
    pub id: &'a str,
}

/// A refresh token that would be taken now.
#[derive(Debug)]
pub struct Refreshable {
    /// Its grant.
    pub live: Live,
    /// When it ceases to be good, unused.
    pub expires: Timestamp,
    /// When it was handed out.
    pub issued: Timestamp,
}

/// Where the grant of an access token is, opened.
#[derive(Debug)]
pub struct Located {
    pub(super) locator: Locator,
    /// Which of the grant's access tokens it is.
    pub(super) id: RandomId,
}

impl Located {
    /// The app whose grant it is, whoever holds the token.
    pub const fn app(&self) -> &AppId {
        &self.locator.app
    }
}

impl Grants {
    /// Where the grant of an access token is; `None` if it was never ours. Asks nothing of the store.
    pub fn locate(&self, access: Access<'_>) -> Option<Located> {
        let locator = self.codec.sealer().take_back(token::ACCESS, access.locator).ok()?;
        Some(Located { locator, id: access.id.parse().ok()? })
    }

    /// The living grant behind an access token; `None` if it ended, if the token was revoked, or is of another app.
    ///
    /// # Errors
    /// The store's own.
    pub async fn find(&self, located: &Located, asking: Asking<'_>) -> Result<Option<Live>, StoreError> {
        let Located { locator, id } = located;
        if locator.app != asking.app.id {
            return Ok(None);
        }
        let found = self.read(locator).await?;
        let found =
            found.filter(|found| matches!(found.header.state, State::Active(_)) && !found.header.denied.has(*id));
        Ok(found.and_then(|found| found.live(locator, None, asking, self.clock.now())))
    }

    /// What a refresh token of this app would give, if it is the present one of its family. Nothing is spent.
    ///
    /// # Errors
    /// The store's own.
    pub async fn look(&self, token: &str, asking: Asking<'_>) -> Result<Option<Refreshable>, StoreError> {
        let Some(member) = self.member(token).filter(|member| member.locator.app == asking.app.id) else {
            return Ok(None);
        };
        let Some(found) = self.read(&member.locator).await? else { return Ok(None) };
        let State::Active(lineage) = found.header.state else { return Ok(None) };
        let lives = &self.lifetimes.refresh;
        if lineage.turn(member.generation, lives, self.clock.now()) != Turn::Rotate {
            return Ok(None);
        }
        let (expires, issued) = (lineage.ends(lives), lineage.turned);
        Ok(found.live(&member.locator, None, asking, self.clock.now()).map(|live| Refreshable {
            live,
            expires,
            issued,
        }))
    }

    /// The locator for an access token of this grant that is for another service than UserInfo: it opens no claims.
    pub fn hand_out_without_claims(&self, live: &Live) -> String {
        self.codec.sealer().hand_out(token::ACCESS, &live.locator.without_key())
    }

    /// The locator for an access token of this grant.
    pub fn hand_out(&self, live: &Live) -> String {
        self.codec.sealer().hand_out(token::ACCESS, &live.locator)
    }

    pub(super) fn member(&self, token: &str) -> Option<Member> {
        self.codec.sealer().take_back(token::REFRESH, token).ok()
    }
}
