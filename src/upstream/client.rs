//! We as an OAuth client: who we are at a provider, and trading a code for tokens, through the `oauth2` crate.

use std::fmt;

use futures_util::future::BoxFuture;
use oauth2::{
    AccessToken, AsyncHttpClient, AuthType, AuthUrl, AuthorizationCode, ClientId, ClientSecret, EndpointNotSet,
    EndpointSet, HttpRequest, HttpResponse, PkceCodeVerifier, RedirectUrl, RefreshToken, RequestTokenError, Scope,
    StandardRevocableToken, TokenUrl,
    basic::{BasicErrorResponse, BasicRevocationErrorResponse, BasicTokenIntrospectionResponse, BasicTokenType},
};
use serde::{Deserialize, Serialize};
use serde_json::Value;
use url::Url;

use super::{Parting, UpstreamError, answer, fetch};
use crate::{
    egress::{Egress, EgressError},
    types::{SecretText, Timestamp},
};

/// The library's client with what we use of it.
pub(super) type Client = oauth2::Client<
    BasicErrorResponse,
    Tokens,
    BasicTokenIntrospectionResponse,
    StandardRevocableToken,
    BasicRevocationErrorResponse,
    EndpointSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointNotSet,
    EndpointSet,
>;

/// Makes the secret of one call.
pub(super) type Mint = Box<dyn Fn(Timestamp) -> Result<SecretText, UpstreamError> + Send + Sync>;

/// How we prove who we are.
pub(super) enum Credentials {
    /// Not at all: a public client, with PKCE.
    None,
    /// A shared secret.
    Secret(SecretText),
    /// A secret made for each call (Apple).
    Minted(Mint),
}

/// Who we are at one provider.
pub(super) struct Registration {
    pub(super) client_id: String,
    pub(super) credentials: Credentials,
    /// Its own redirect URI: no two providers share one (RFC 9700, section 4.4.2.2).
    pub(super) redirect: RedirectUrl,
}

impl Registration {
    /// A client for these endpoints. `now` is the moment for which a secret is made, where one is made.
    pub(super) fn client(
        &self,
        authorization: &Url,
        token: &Url,
        secret_in_body: bool,
        now: Timestamp,
    ) -> Result<Client, UpstreamError> {
        let client = oauth2::Client::new(ClientId::new(self.client_id.clone()))
            .set_auth_uri(AuthUrl::from_url(authorization.clone()))
            .set_token_uri(TokenUrl::from_url(token.clone()))
            .set_redirect_uri(self.redirect.clone())
            .set_auth_type(if secret_in_body { AuthType::RequestBody } else { AuthType::BasicAuth });
        Ok(match self.secret(now)? {
            None => client,
            Some(secret) => client.set_client_secret(ClientSecret::new(secret.expose().to_owned())),
        })
    }

    /// The secret of a call that is made `now`; a public client has none.
    pub(super) fn secret(&self, now: Timestamp) -> Result<Option<SecretText>, UpstreamError> {
        match &self.credentials {
            Credentials::None => Ok(None),
            Credentials::Secret(secret) => Ok(Some(secret.clone())),
            Credentials::Minted(mint) => mint(now).map(Some),
        }
    }
}

/// What a token endpoint gives, as far as we want it. A refresh token is not even read, and `scope`, which some send
/// as a list (Twitch) or with commas (GitHub), says nothing that we need.
#[derive(Deserialize, Serialize)]
pub(super) struct Tokens {
    access_token: AccessToken,
    token_type: String,
    #[serde(default, skip_serializing_if = "Option::is_none")]
    id_token: Option<String>,
}

impl Tokens {
    /// The access token, for the calls of this sign-in.
    pub(super) fn access(&self) -> &AccessToken {
        &self.access_token
    }

    /// The same for the one call after it, at the end of somebody's account here.
    pub(super) fn parting(&self) -> Parting {
        Parting(SecretText::new(self.access_token.secret().clone()))
    }

    /// The ID token, not yet verified.
    pub(super) fn id_token(&self) -> Option<&str> {
        self.id_token.as_deref()
    }
}

impl fmt::Debug for Tokens {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Tokens([redacted])")
    }
}

impl oauth2::TokenResponse for Tokens {
    type TokenType = BasicTokenType;

    fn access_token(&self) -> &AccessToken {
        &self.access_token
    }

    fn token_type(&self) -> &BasicTokenType {
        &BasicTokenType::Bearer
    }

    fn expires_in(&self) -> Option<std::time::Duration> {
        None
    }

    fn refresh_token(&self) -> Option<&RefreshToken> {
        None
    }

    fn scopes(&self) -> Option<&Vec<Scope>> {
        None
    }
}

/// Trades a code for tokens (RFC 6749, section 4.1.3), with the PKCE verifier of this sign-in.
pub(super) async fn exchange(
    client: &Client,
    egress: &Egress,
    code: &SecretText,
    verifier: Option<&str>,
) -> Result<Tokens, UpstreamError> {
    let mut request = client.exchange_code(AuthorizationCode::new(code.expose().to_owned()));
    if let Some(verifier) = verifier {
        request = request.set_pkce_verifier(PkceCodeVerifier::new(verifier.to_owned()));
    }
    let tokens = request.request_async(egress).await.map_err(refused)?;
    if tokens.token_type.eq_ignore_ascii_case("bearer") {
        Ok(tokens)
    } else {
        Err(UpstreamError::Invalid("token endpoint: not a bearer token".into()))
    }
}

/// The `oauth2` crate asks over our egress, and over nothing else.
impl<'c> AsyncHttpClient<'c> for Egress {
    type Error = EgressError;
    type Future = BoxFuture<'c, Result<HttpResponse, EgressError>>;

    fn call(&'c self, request: HttpRequest) -> Self::Future {
        Box::pin(fetch::call(self, request))
    }
}

fn refused(error: RequestTokenError<EgressError, BasicErrorResponse>) -> UpstreamError {
    match error {
        RequestTokenError::Request(error) => error.into(),
        RequestTokenError::ServerResponse(said) => declined(said.error().as_ref()),
        RequestTokenError::Parse(_, body) => unusual(&body),
        RequestTokenError::Other(_) => UpstreamError::Invalid("token endpoint: not a token response".into()),
    }
}

/// An error at the token endpoint is about us, not about the person: nobody cancels there.
fn declined(code: &str) -> UpstreamError {
    match answer::refusal(code, None) {
        UpstreamError::Cancelled => UpstreamError::Refused(answer::cut(code)),
        other => other,
    }
}

/// Errors in other shapes: GitHub's come with status 200, those of Facebook's Graph are objects.
fn unusual(body: &[u8]) -> UpstreamError {
    let said: Value = serde_json::from_slice(body).unwrap_or_default();
    match said.get("error") {
        Some(Value::String(code)) => declined(code),
        Some(Value::Object(graph)) => match graph.get("code").and_then(Value::as_i64) {
            // "Unknown" and "Service": Facebook's words for trouble of its own.
            Some(code @ (1 | 2)) if graph.contains_key("is_transient") => UpstreamError::Unavailable(code.to_string()),
            Some(code) => UpstreamError::Refused(format!("error {code}")),
            None => UpstreamError::Invalid("token endpoint: not a token response".into()),
        },
        _ => UpstreamError::Invalid("token endpoint: not a token response".into()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn errors_in_odd_shapes_are_errors() {
        let github = br#"{"error":"bad_verification_code","error_description":"The code passed is incorrect"}"#;
        assert_eq!(unusual(github), UpstreamError::Refused("bad_verification_code".into()));
        let graph = br#"{"error":{"message":"used","type":"OAuthException","code":100,"fbtrace_id":"x"}}"#;
        assert_eq!(unusual(graph), UpstreamError::Refused("error 100".into()));
        for other in [&b"<html>"[..], b"", b"[]", b"{}", br#"{"error":7}"#] {
            assert!(matches!(unusual(other), UpstreamError::Invalid(_)));
        }
    }

    #[test]
    fn tokens_do_not_print() {
        let tokens: Tokens =
            serde_json::from_str(r#"{"access_token":"s3cret","token_type":"bearer","id_token":"e.y.J","scope":["a"]}"#)
                .unwrap();
        assert_eq!(format!("{tokens:?}"), "Tokens([redacted])");
        assert_eq!(tokens.access().secret(), "s3cret");
    }
}
