//! Access tokens of ours that come back (RFC 9068, section 4).

use std::time::Duration;

use serde::{Deserialize, Serialize};
use serde_json::Value;

use actix_web::HttpRequest;

use super::{House, NotMet, api::ApiError};
use crate::{
    grant::{Access, Live},
    keyring::{Expect, Expired, TokenType, VerifyError},
    store::StoreError,
    types::{App, Thumbprint, Timestamp, app::GrantType},
};

/// `cnf`: what whoever uses the token must prove to hold (RFC 9449, section 6.1).
#[derive(Clone, Debug, Deserialize, Serialize)]
pub struct Confirmation {
    /// The key.
    pub jkt: Thumbprint,
}

/// What an access token says, its signature, issuer, audience and time being verified.
#[derive(Debug, Deserialize)]
pub struct AccessToken {
    /// `sub`: what the app calls the person, or the app itself.
    pub sub: String,
    /// `aud`: whom it is for.
    pub aud: Value,
    /// `client_id`: who holds it.
    pub client_id: String,
    /// `iat`, in seconds.
    pub iat: u64,
    /// `exp`, in seconds.
    pub exp: u64,
    /// `jti`: its name.
    pub jti: String,
    /// Absent where no person is behind it.
    pub auth_time: Option<u64>,
    /// `scope`.
    #[serde(default)]
    pub scope: String,
    /// Who acts for the person, where it was exchanged (RFC 8693, section 4.1).
    pub act: Option<Value>,
    /// `cnf`, for one that is bound to a key.
    pub cnf: Option<Confirmation>,
    /// Absent where no person is behind it.
    #[serde(rename = "vst")]
    locator: Option<String>,
}

/// Who is behind an access token that is good at this moment.
pub enum Behind {
    /// A service alone.
    Machine,
    /// A person, and what they agreed to.
    Person(Box<Live>),
}

/// Why it cannot be told who is behind a token.
#[derive(Debug, thiserror::Error)]
pub enum NotTold {
    /// The store does not say.
    #[error(transparent)]
    Store(#[from] StoreError),
    /// Nothing is heard of the app.
    #[error(transparent)]
    App(#[from] NotMet),
}

impl From<NotTold> for ApiError {
    fn from(error: NotTold) -> Self {
        match error {
            NotTold::Store(error) => error.into(),
            NotTold::App(error) => error.into(),
        }
    }
}

/// Under what name a token that hangs on no grant of its app is marked as given back.
const DENIED: &str = "denied access token";

impl AccessToken {
    /// Verifies one; `audience` must be among its own, where one is named.
    ///
    /// # Errors
    /// [`VerifyError`] says what does not fit.
    pub fn verify(house: &House, token: &str, audience: Option<&str>) -> Result<Self, VerifyError> {
        let expect = Expect {
            typ: TokenType::Access,
            issuer: house.issuer.as_str(),
            audience,
            leeway: Duration::ZERO,
            expired: Expired::Refused,
        };
        house.keyring.verify(token, &expect)
    }

    /// By which its grant is found; `None` where no person is behind it.
    pub fn handle(&self) -> Option<Access<'_>> {
        Some(Access { locator: self.locator.as_deref()?, id: &self.jti })
    }

    /// Who is behind it, if it is good at this moment: the app that holds it is still one of ours, and what it hangs on
    /// lives.
    ///
    /// # Errors
    /// [`NotTold`].
    pub async fn behind(&self, house: &House, request: &HttpRequest) -> Result<Option<Behind>, NotTold> {
        let located = self.handle().and_then(|handle| house.grants.locate(handle));
        house.meet_named(request, &self.client_id).await?;
        // One that was exchanged hangs on a grant of another app's.
        let origin = located.as_ref().map(|located| located.app().as_str());
        if let Some(origin) = origin.filter(|origin| *origin != self.client_id) {
            house.meet_named(request, origin).await?;
        }
        let directory = house.directory();
        let Some(holder) = directory.apps.find(&self.client_id) else { return Ok(None) };
        if self.handle().is_none() {
            let good = holder.may_use(GrantType::ClientCredentials) && !self.is_given_back(house).await?;
            return Ok(good.then_some(Behind::Machine));
        }
        let Some(located) = located else { return Ok(None) };
        let own = *located.app() == holder.id;
        let allowed = if self.is_exchanged() { holder.may_use(GrantType::TokenExchange) } else { own };
        let Some(origin) = directory.apps.get(located.app()).filter(|_| allowed) else { return Ok(None) };
        if self.is_exchanged() && self.is_given_back(house).await? {
            return Ok(None);
        }
        let live = house.grants.find(&located, directory.asking(origin)).await?;
        Ok(live.map(|live| Behind::Person(Box::new(live))))
    }

    /// Whether it was exchanged for another.
    pub const fn is_exchanged(&self) -> bool {
        self.act.is_some()
    }

    /// Marks it as given back, where it hangs on no grant that could say so.
    ///
    /// # Errors
    /// The store's own.
    pub async fn give_back(&self, house: &House) -> Result<(), StoreError> {
        let left = self.expires().since(house.clock.now());
        house.spent.spend(DENIED, &[self.jti.as_bytes()], left).await.map(drop)
    }

    async fn is_given_back(&self, house: &House) -> Result<bool, StoreError> {
        house.spent.is_spent(DENIED, &[self.jti.as_bytes()]).await
    }

    /// Whether it is for `app`: issued to it, or aimed at it.
    pub fn concerns(&self, app: &App) -> bool {
        let meant = |audience: &Value| audience.as_str().is_some_and(|audience| app.is_meant_by(audience));
        let aimed = match &self.aud {
            Value::Array(audiences) => audiences.iter().any(meant),
            audience => meant(audience),
        };
        self.client_id == app.id.as_str() || aimed
    }

    /// When it expires.
    pub const fn expires(&self) -> Timestamp {
        Timestamp::from_secs(self.exp)
    }
}
