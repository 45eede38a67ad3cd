//! A login as any app does it: discovery, PKCE, nonce, code exchange, ID token verification, UserInfo.

use openidconnect::{
    AccessTokenHash, AuthenticationFlow, AuthorizationCode, ClientId, ClientSecret, CsrfToken, EndpointMaybeSet,
    EndpointNotSet, EndpointSet, IssuerUrl, LogoutRequest, Nonce, OAuth2TokenResponse, PkceCodeChallenge,
    PkceCodeVerifier, PostLogoutRedirectUrl, ProviderMetadataWithLogout, RedirectUrl, Scope, TokenResponse,
    core::{CoreClient, CoreIdToken, CoreResponseType, CoreTokenResponse, CoreUserInfoClaims},
};
use serde_json::{Map, Value};
use url::Url;

use super::{HttpClient, claims};
use crate::{
    demo::shelf::unguessable,
    types::{Random, SecretText},
};

/// The client library, ready for an authorization request.
type Client =
    CoreClient<EndpointSet, EndpointNotSet, EndpointNotSet, EndpointNotSet, EndpointMaybeSet, EndpointMaybeSet>;

/// What an app knows of the broker: everything else comes from discovery.
pub(super) struct RelyingParty {
    pub(super) client_id: String,
    pub(super) client_secret: SecretText,
    pub(super) issuer: String,
    pub(super) redirect_uri: String,
    pub(super) post_logout_redirect_uri: String,
    pub(super) http: HttpClient,
}

/// A login on its way: what the app holds until the browser returns.
pub(super) struct Flow {
    pub(super) state: String,
    nonce: String,
    verifier: String,
}

/// Someone is in: what the app was given.
#[derive(Clone)]
pub(super) struct SignedIn {
    pub(super) token: String,
    pub(super) header: Map<String, Value>,
    pub(super) claims: Map<String, Value>,
    pub(super) user_info: Map<String, Value>,
    /// Where to sign out at the broker, too.
    pub(super) sign_out: Option<Url>,
}

/// Why a login came to nothing, in words for the developer who looks at the example.
#[derive(Debug, thiserror::Error)]
#[error("{step}: {reason}")]
pub(super) struct LoginError {
    step: &'static str,
    reason: String,
}

impl LoginError {
    pub(super) fn new(step: &'static str, reason: impl Into<String>) -> Self {
        Self { step, reason: reason.into() }
    }
}

/// For `map_err`: an error and its causes, in a line.
fn at<E: std::error::Error>(step: &'static str) -> impl Fn(E) -> LoginError {
    move |error| {
        let mut reason = error.to_string();
        let mut cause = error.source();
        while let Some(deeper) = cause {
            reason = format!("{reason}: {deeper}");
            cause = deeper.source();
        }
        LoginError { step, reason }
    }
}

impl RelyingParty {
    /// Reads the broker's metadata and keys anew, as an app does at its start.
    async fn discover(&self) -> Result<(Client, ProviderMetadataWithLogout), LoginError> {
        let issuer = IssuerUrl::new(self.issuer.clone()).map_err(at("the issuer"))?;
        let metadata = ProviderMetadataWithLogout::discover_async(issuer, &self.http).await.map_err(at("discovery"))?;
        let redirect_uri = RedirectUrl::new(self.redirect_uri.clone()).map_err(at("the redirect URI"))?;
        let secret = ClientSecret::new(self.client_secret.expose().to_owned());
        let id = ClientId::new(self.client_id.clone());
        let client =
            CoreClient::from_provider_metadata(metadata.clone(), id, Some(secret)).set_redirect_uri(redirect_uri);
        Ok((client, metadata))
    }

    /// Begins: where to send the browser, and what to hold.
    pub(super) async fn begin(&self, random: &dyn Random) -> Result<(Url, Flow), LoginError> {
        let (client, _) = self.discover().await?;
        let flow = Flow { state: unguessable(random), nonce: unguessable(random), verifier: unguessable(random) };
        let verifier = PkceCodeVerifier::new(flow.verifier.clone());
        let (state, nonce) = (CsrfToken::new(flow.state.clone()), Nonce::new(flow.nonce.clone()));
        let (url, _, _) = client
            .authorize_url(AuthenticationFlow::<CoreResponseType>::AuthorizationCode, move || state, move || nonce)
            .add_scopes(["email", "profile"].map(|scope| Scope::new(scope.to_owned())))
            .set_pkce_challenge(PkceCodeChallenge::from_code_verifier_sha256(&verifier))
            .url();
        Ok((url, flow))
    }

    /// Finishes: exchanges the code and verifies everything that comes for it.
    pub(super) async fn finish(&self, flow: Flow, code: String) -> Result<SignedIn, LoginError> {
        let (client, metadata) = self.discover().await?;
        let tokens: CoreTokenResponse = client
            .exchange_code(AuthorizationCode::new(code))
            .map_err(at("the token endpoint"))?
            .set_pkce_verifier(PkceCodeVerifier::new(flow.verifier))
            .request_async(&self.http)
            .await
            .map_err(at("the token endpoint"))?;
        let id_token = tokens.id_token().ok_or_else(|| LoginError::new("the ID token", "there is none"))?;
        let verifier = client.id_token_verifier();
        let nonce = Nonce::new(flow.nonce);
        let verified = id_token.claims(&verifier, &nonce).map_err(at("the ID token"))?;
        if let Some(expected) = verified.access_token_hash() {
            let algorithm = id_token.signing_alg().map_err(at("the ID token"))?;
            let key = id_token.signing_key(&verifier).map_err(at("the ID token"))?;
            let found =
                AccessTokenHash::from_token(tokens.access_token(), algorithm, key).map_err(at("the ID token"))?;
            if found != *expected {
                return Err(LoginError::new("the access token", "it is not the one that the ID token names"));
            }
        }
        let user_info: CoreUserInfoClaims = client
            .user_info(tokens.access_token().clone(), Some(verified.subject().clone()))
            .map_err(at("UserInfo"))?
            .request_async(&self.http)
            .await
            .map_err(at("UserInfo"))?;
        self.signed_in(id_token, &user_info, &metadata)
    }

    fn signed_in(
        &self,
        id_token: &CoreIdToken,
        user_info: &CoreUserInfoClaims,
        metadata: &ProviderMetadataWithLogout,
    ) -> Result<SignedIn, LoginError> {
        let token = id_token.to_string();
        let (header, claims) =
            claims::decode(&token).ok_or_else(|| LoginError::new("the ID token", "its parts are not JSON"))?;
        let user_info = serde_json::to_value(user_info).map_err(at("UserInfo"))?;
        let back = PostLogoutRedirectUrl::new(self.post_logout_redirect_uri.clone()).map_err(at("logout"))?;
        let sign_out = metadata.additional_metadata().end_session_endpoint.clone().map(|endpoint| {
            LogoutRequest::from(endpoint)
                .set_id_token_hint(id_token)
                .set_client_id(ClientId::new(self.client_id.clone()))
                .set_post_logout_redirect_uri(back)
                .http_get_url()
        });
        Ok(SignedIn { token, header, claims, user_info: user_info.as_object().cloned().unwrap_or_default(), sign_out })
    }
}
