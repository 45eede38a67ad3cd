//! What lives behind a token.

use super::{Asking, Grants, Live, State, lineage::Turn, record::Member};
use crate::{seal::token, store::StoreError, types::Timestamp};

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

impl Grants {
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
