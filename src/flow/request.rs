//! An authorization request whose app and redirect URI are proven and whose parameters are parsed.

use serde::{Deserialize, Serialize};

use crate::types::{
    AppId, Claim, ProviderId, Scope, Thumbprint, Timestamp,
    claims_request::ClaimsRequest,
    echo::{AppNonce, AppState},
    ids::RandomId,
    prompt::Prompt,
    response_mode::ResponseMode,
    urls::AppRedirect,
    user_code::UserCode,
};

/// Names a pushed request.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PushedId(pub RandomId);

/// A person, as an app knows them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Wanted {
    /// Whose `sub` it is.
    pub app: AppId,
    /// Their `sub` there.
    pub sub: String,
}

/// What an app asked for (OpenID Connect Core, section 3.1.2.1). Travels sealed in the browser's own cookie.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Request {
    /// Who asks.
    pub app: AppId,
    /// Where the answer goes.
    pub redirect: AppRedirect,
    /// Whether the request named the redirect URI, so that the token request must, too (RFC 6749, section 4.1.3).
    pub redirect_named: bool,
    /// How the answer goes there.
    pub response_mode: ResponseMode,
    /// To be echoed.
    pub state: Option<AppState>,
    /// To be put into the ID token.
    pub nonce: Option<AppNonce>,
    /// What is asked for.
    pub scope: Scope,
    /// What the person is to be shown.
    pub prompt: Prompt,
    /// How old a login may be, in seconds.
    pub max_age: Option<u64>,
    /// The S256 code challenge (RFC 7636, section 4.2).
    pub challenge: Option<String>,
    /// `dpop_jkt`: the key that the code is for (RFC 9449, section 10).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub dpop_key: Option<Thumbprint>,
    /// The pushed request that this is (RFC 9126), which counts once.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub pushed: Option<PushedId>,
    /// The provider that the app picked for the person.
    pub provider: Option<ProviderId>,
    /// Who the app thinks it is.
    pub login_hint: Option<String>,
    /// Languages that the app prefers.
    pub ui_locales: Option<String>,
    /// The device that waits for the answer, where one does. Then nobody is sent back, and `redirect` says no more than
    /// whose app it is.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub device: Option<DeviceAsk>,
    /// What is asked for besides the scope.
    #[serde(default, skip_serializing_if = "ClaimsRequest::is_empty")]
    pub claims: ClaimsRequest,
    /// Whom the app means: who signs in must be all of them.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub wanted: Vec<Wanted>,
    /// The services that access tokens are for (RFC 8707).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<String>,
}

impl Request {
    /// The host that the answer goes to, by which a person knows the app. The name of an app that is named after its
    /// document begins with the document's host besides.
    pub fn shown_host(&self) -> String {
        self.redirect.display_host()
    }

    /// Whether it asks for `claim`, by its scope or by name.
    pub fn asks(&self, claim: Claim) -> bool {
        self.scope.asks(claim) || self.claims.asks(claim)
    }
}

/// A device that waits.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceAsk {
    /// The code that the person typed.
    pub code: UserCode,
    /// Which request it stood for then.
    pub id: RandomId,
    /// Until when it waits.
    pub expires: Timestamp,
    /// Whether the person said that the device is theirs. Before, nothing else is asked.
    pub confirmed: bool,
}
