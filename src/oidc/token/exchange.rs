//! `grant_type=urn:ietf:params:oauth:grant-type:token-exchange` (RFC 8693): an app that was called with an access token
//! calls another service for the same person. For those whom the operator named, never wider, never longer, and only
//! while what the first token hangs on lives.

use actix_web::HttpRequest;
use serde::Serialize;
use serde_json::Value;

use super::mint::Tokens;
use crate::{
    apps::Authenticated,
    grant::Live,
    keyring::{TokenType, VerifyError},
    oidc::{
        dpop, jwt,
        parameter::{repeated, required},
    },
    partition::Agreed,
    proof::Possession,
    seal::Sector,
    types::{App, OAuthCode, Scope, Thumbprint, app::GrantType, ids::RandomId, jws::Alg},
    web::{
        Directory, House,
        access_token::{AccessToken, Behind, Confirmation},
        api::ApiError,
        params::Params,
    },
};

/// The one kind of token that is taken, and given.
const ACCESS_TOKEN: &str = "urn:ietf:params:oauth:token-type:access_token";

/// How many may act in a row.
const MOST_ACTORS: usize = 4;

#[derive(Serialize)]
struct Claims<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    client_id: &'a str,
    iat: u64,
    exp: u64,
    jti: String,
    auth_time: u64,
    scope: &'a str,
    act: Actor<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    cnf: Option<Confirmation>,
    /// Where it can be told whether the token is good; it opens no claims.
    #[serde(rename = "vst")]
    locator: String,
}

/// Who acts, and for whom they acted (section 4.1).
#[derive(Serialize)]
struct Actor<'a> {
    sub: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    act: Option<&'a Value>,
}

fn invalid(why: &'static str) -> ApiError {
    ApiError::bad_request(OAuthCode::InvalidRequest, why)
}

pub(super) async fn exchange(
    (house, request): (&House, &HttpRequest),
    app: Authenticated<'_>,
    params: &Params,
    proof: Option<&Possession>,
) -> Result<Tokens, ApiError> {
    let app = app.app();
    if app.is_public() {
        return Err(ApiError::bad_request(
            OAuthCode::UnauthorizedClient,
            "token exchange is for clients with a secret",
        ));
    }
    check_types(params)?;
    let target = target(house, app, params)?;
    let (subject, live) = subject(house, request, app, required(params, "subject_token")?).await?;
    let directory = house.directory();
    let key = proof.map(|proof| &proof.key);
    // One that was bound to a key of the caller's own is good in the hands of that key alone (RFC 9449, section 1).
    let bound = subject.cnf.as_ref().filter(|_| subject.client_id == app.id.as_str());
    if bound.is_some_and(|bound| key != Some(&bound.jkt)) {
        return Err(invalid("subject_token is bound to another key"));
    }
    let granted = Scope::parse(&subject.scope);
    let scope = params.get("scope").map_err(repeated)?.map_or_else(|| granted.clone(), Scope::parse);
    if !scope.within(&granted) {
        return Err(ApiError::bad_request(OAuthCode::InvalidScope, "the scope goes beyond that of subject_token"));
    }
    if !dpop::spend(house, proof).await? {
        return Err(dpop::invalid(dpop::REPLAYED));
    }
    let meant = directory.apps.meant_by(target);
    introduce(house, &directory, &live, (app, meant)).await?;
    let tokens = mint(house, app, (target, meant), (&subject, &live), &scope, key)?;
    house.witness.tokens(&app.id, GrantType::TokenExchange.as_str());
    Ok(tokens)
}

/// Whether the person would have these two know of them: the one that calls, where the grant is not its own, and the one
/// that is called and learns its own name for them, if it is an app of ours. That one is written down with what it
/// learns, so that it is told when they leave.
async fn introduce(
    house: &House,
    directory: &Directory,
    live: &Live,
    (caller, called): (&App, Option<&App>),
) -> Result<(), ApiError> {
    if caller.id != live.app && standing(house, directory, live, caller).await?.is_none() {
        return Err(invalid("the person does not let this client act for them now"));
    }
    let Some(called) = called else { return Ok(()) };
    let unwelcome =
        || ApiError::bad_request(OAuthCode::InvalidTarget, "the person and that app do not go together now");
    let agreed = standing(house, directory, live, called).await?.ok_or_else(unwelcome)?;
    if house.grants.named(live, &called.id, &agreed).await? { Ok(()) } else { Err(unwelcome()) }
}

/// What the person agreed to with another app of ours; `None` if its rules keep them out, or they keep it out: it is
/// paused, or was disconnected. One that they never met may be called, since nothing of theirs goes with a call but a
/// name that is made for that app alone.
async fn standing(house: &House, directory: &Directory, live: &Live, app: &App) -> Result<Option<Agreed>, ApiError> {
    if !live.may_use(directory.asking(app), house.clock.now()) {
        return Ok(None);
    }
    let agreed = house.consents.find(&live.who, &app.id).await?;
    let kept_out = match &agreed.agreement {
        Some(agreement) => agreement.paused,
        None => house.consents.is_withdrawn(&live.who, &app.id).await?,
    };
    Ok((!kept_out).then_some(agreed))
}

/// Section 2.1: only access tokens, and nobody acts but the caller.
fn check_types(params: &Params) -> Result<(), ApiError> {
    if params.has("actor_token") || params.has("actor_token_type") {
        return Err(invalid("actor_token is not supported: the client itself is the actor"));
    }
    if params.get("subject_token_type").map_err(repeated)? != Some(ACCESS_TOKEN) {
        return Err(invalid("subject_token_type must be that of an access token"));
    }
    match params.get("requested_token_type").map_err(repeated)? {
        None | Some(ACCESS_TOKEN) => Ok(()),
        Some(_) => Err(invalid("only access tokens are issued")),
    }
}

/// For whom: one that the operator named. We ourselves are none.
fn target<'a>(house: &House, app: &App, params: &'a Params) -> Result<&'a str, ApiError> {
    let wrong = |why| ApiError::bad_request(OAuthCode::InvalidTarget, why);
    let mut named = params.all("audience").chain(params.all("resource"));
    let target = named.next().ok_or_else(|| invalid("audience is missing: for whom?"))?;
    if named.any(|other| other != target) {
        return Err(wrong("one audience at a time"));
    }
    let allowed = app.exchange_to.iter().any(|allowed| allowed == target) && target != house.issuer.as_str();
    allowed.then_some(target).ok_or_else(|| wrong("this client may not exchange tokens for that audience"))
}

/// The token that is exchanged: one of ours, issued to the caller or aimed at it, about a person, and good at this
/// moment.
async fn subject(
    house: &House,
    request: &HttpRequest,
    app: &App,
    token: &str,
) -> Result<(AccessToken, Box<Live>), ApiError> {
    const NO: &str = "subject_token is unknown, expired, revoked, or none of this client's";
    let subject = match AccessToken::verify(house, token, None) {
        Ok(subject) if subject.concerns(app) => subject,
        Err(VerifyError::NotReady) => return Err(ApiError::unavailable()),
        Ok(_) | Err(_) => return Err(invalid(NO)),
    };
    if actors(subject.act.as_ref()) >= MOST_ACTORS {
        return Err(invalid("too many clients act for one another"));
    }
    match subject.behind(house, request).await? {
        Some(Behind::Person(live)) => Ok((subject, live)),
        Some(Behind::Machine) => Err(invalid("there is no person behind subject_token")),
        None => Err(invalid(NO)),
    }
}

fn actors(mut act: Option<&Value>) -> usize {
    let mut count = 0;
    while let Some(actor) = act {
        count += 1;
        act = actor.get("act");
    }
    count
}

fn mint(
    house: &House,
    app: &App,
    (target, meant): (&str, Option<&App>),
    (subject, live): (&AccessToken, &Live),
    scope: &Scope,
    key: Option<&Thumbprint>,
) -> Result<Tokens, ApiError> {
    let signer = house.keyring.current(Alg::ES256).ok_or_else(ApiError::unavailable)?;
    let now = house.clock.now();
    let expires = now.plus(house.lifetimes.access_token).min(subject.expires());
    let (sub, scope) =
        (house.pseudonyms.subject(Sector::of(meant.unwrap_or(app)), live.who.account), scope.to_string());
    let claims = Claims {
        iss: house.issuer.as_str(),
        sub: sub.as_str(),
        aud: target,
        client_id: app.id.as_str(),
        iat: now.as_secs(),
        exp: expires.as_secs(),
        jti: RandomId::generate(house.sealer.random()).to_string(),
        auth_time: live.auth_time.as_secs(),
        scope: &scope,
        act: Actor { sub: app.id.as_str(), act: subject.act.as_ref() },
        cnf: key.cloned().map(|jkt| Confirmation { jkt }),
        locator: house.grants.hand_out_without_claims(live),
    };
    let token = jwt::sign(signer.as_ref(), TokenType::Access, &claims)?;
    Ok(Tokens::access_alone(token, expires.since(now), Some(scope)).issued_as(ACCESS_TOKEN).bound_to(key))
}
