//! An authorization request whose app and redirect URI are proven and whose parameters are parsed.

use serde::{Deserialize, Serialize};

use crate::types::{
    AppId, ProviderId, Scope, Timestamp,
    echo::{AppNonce, AppState},
    ids::RandomId,
    prompt::Prompt,
    response_mode::ResponseMode,
    urls::AppRedirect,
    user_code::UserCode,
};

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
