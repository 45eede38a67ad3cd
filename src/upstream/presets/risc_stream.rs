//! Telling Google where its security events go: the management API of Cross-Account Protection, as a service account of
//! the operator's project. Called by the command line alone.

use http::{Method, Request, StatusCode, header};
use jsonwebtoken::{Algorithm, EncodingKey, Header};
use serde_json::{Value, json};
use url::Url;

use crate::{
    config::{ProviderConfig, ProviderKind, ServiceAccount},
    egress::Egress,
    types::{Clock, Timestamp},
    upstream::{UpstreamError, answer, fetch},
};

const AUDIENCE: &str = "https://risc.googleapis.com/google.identity.risc.v1beta.RiscManagementService";
const UPDATE: &str = "https://risc.googleapis.com/v1beta/stream:update";
const VERIFY: &str = "https://risc.googleapis.com/v1beta/stream:verify";
/// How events are to be delivered; the name is older than RFC 8935.
const PUSH: &str = "https://schemas.openid.net/secevent/risc/delivery-method/push";
/// How long what the service account signs is good for, in seconds; the API takes an hour at most.
const LIFE: u64 = 3600;

/// The events that are acted on, or that the person reads of.
pub const EVENTS: [&str; 7] = [
    "https://schemas.openid.net/secevent/risc/event-type/sessions-revoked",
    "https://schemas.openid.net/secevent/oauth/event-type/tokens-revoked",
    "https://schemas.openid.net/secevent/risc/event-type/account-disabled",
    "https://schemas.openid.net/secevent/risc/event-type/account-enabled",
    "https://schemas.openid.net/secevent/risc/event-type/account-purged",
    "https://schemas.openid.net/secevent/risc/event-type/account-credential-change-required",
    "https://schemas.openid.net/secevent/risc/event-type/verification",
];

/// Why Google does not know where events go.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RegisterError {
    /// Only Google has such a stream.
    #[error("this provider is not of kind \"google\"")]
    NotGoogle,
    /// Nothing says who we are there.
    #[error("`risc_service_account` is not set")]
    NoServiceAccount,
    /// The key cannot sign.
    #[error("the key of the service account cannot sign")]
    Key,
    /// Google said no, or nothing.
    #[error("{0}: {1}")]
    Google(&'static str, UpstreamError),
}

/// Registers `endpoint` for all [`EVENTS`], and asks for a trial event that carries `state`.
///
/// # Errors
/// [`RegisterError`]; then the stream is as it was, or waits for a trial that may be asked for again.
pub async fn register(
    provider: &ProviderConfig,
    endpoint: &Url,
    state: &str,
    egress: &Egress,
    clock: &dyn Clock,
) -> Result<(), RegisterError> {
    let ProviderKind::Google { base, service_account, .. } = &provider.kind else {
        return Err(RegisterError::NotGoogle);
    };
    let account = service_account.as_ref().ok_or(RegisterError::NoServiceAccount)?;
    let egress = egress.opening(super::openings(provider));
    let bearer = sign(account, clock.now())?;
    let stream = json!({
        "delivery": { "delivery_method": PUSH, "url": endpoint },
        "events_requested": EVENTS,
        "status": "enabled",
    });
    let trial = json!({ "state": state });
    for (what, at, body) in [("stream:update", UPDATE, &stream), ("stream:verify", VERIFY, &trial)] {
        ask(&egress, at, base.as_ref(), &bearer, body).await.map_err(|error| RegisterError::Google(what, error))?;
    }
    Ok(())
}

/// What the service account signs for itself: no token of anybody's is involved.
fn sign(account: &ServiceAccount, now: Timestamp) -> Result<String, RegisterError> {
    let key = EncodingKey::from_rsa_pem(account.private_key.expose().as_bytes()).map_err(|_| RegisterError::Key)?;
    let mut header = Header::new(Algorithm::RS256);
    header.kid = Some(account.key_id.clone());
    let issued = now.as_secs();
    let claims = json!({
        "iss": account.email, "sub": account.email, "aud": AUDIENCE,
        "iat": issued, "exp": issued.saturating_add(LIFE),
    });
    jsonwebtoken::encode(&header, &claims, &key).map_err(|_| RegisterError::Key)
}

async fn ask(egress: &Egress, at: &str, base: Option<&Url>, bearer: &str, body: &Value) -> Result<(), UpstreamError> {
    let at = super::moved(at, base).map_err(|_| UpstreamError::Invalid("an address is not one".into()))?;
    let mut request: Request<Vec<u8>> = fetch::get(&at, Some(bearer))?;
    *request.method_mut() = Method::POST;
    request.headers_mut().insert(header::CONTENT_TYPE, header::HeaderValue::from_static("application/json"));
    *request.body_mut() = body.to_string().into_bytes();
    match fetch::json(egress, "RISC API", request).await? {
        (StatusCode::OK, _) => Ok(()),
        (status, said) => {
            let word = said.pointer("/error/status").and_then(Value::as_str).unwrap_or_default();
            Err(UpstreamError::Refused(answer::cut(&format!("{} {word}", status.as_u16()))))
        }
    }
}
