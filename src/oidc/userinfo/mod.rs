//! UserInfo (OpenID Connect Core, section 5.3; RFC 6750; RFC 9449, section 7): what the app may see at this moment.

mod metadata;
mod presented;

use actix_web::{HttpRequest, HttpResponse, http::header, web};
use serde::Serialize;

pub use metadata::get as metadata;
use presented::{Presented, Refused, Scheme};

use super::{dpop, jwt};
use crate::{
    grant::Live,
    keyring::{TokenType, VerifyError},
    proof::{DpopError, Possession},
    seal::Sector,
    store::StoreError,
    types::{App, Claims, Scope, ids::Subject, jws::Alg, scope::ScopeValue},
    web::{
        House,
        access_token::{AccessToken, Behind, NotTold},
        api::ApiError,
        csrf, headers,
        params::Params,
    },
};

#[derive(Serialize)]
struct UserInfo {
    sub: Subject,
    #[serde(flatten)]
    visible: Claims,
}

/// The same, signed for one app (section 5.3.2).
#[derive(Serialize)]
struct Signed<'a> {
    iss: &'a str,
    aud: &'a str,
    iat: u64,
    #[serde(flatten)]
    info: &'a UserInfo,
}

/// Why there is no answer.
enum No {
    /// The token is not taken.
    Refused(Refused),
    /// Something else is wrong, on our side.
    Failed(ApiError),
}

impl From<Refused> for No {
    fn from(refused: Refused) -> Self {
        Self::Refused(refused)
    }
}

impl From<NotTold> for No {
    fn from(error: NotTold) -> Self {
        Self::Failed(error.into())
    }
}

impl From<StoreError> for No {
    fn from(error: StoreError) -> Self {
        Self::Failed(error.into())
    }
}

/// `GET /userinfo`. A token in the query is not looked at (RFC 9700, section 4.3.2).
pub async fn get(house: web::Data<House>, request: HttpRequest) -> Result<HttpResponse, ApiError> {
    respond(&house, &request, Presented::in_header(&request)).await
}

/// `POST /userinfo`: the token in the header or in the form (RFC 6750, section 2.2).
pub async fn post(
    house: web::Data<House>,
    request: HttpRequest,
    body: Result<web::Bytes, actix_web::Error>,
) -> Result<HttpResponse, ApiError> {
    let body = ApiError::body(body)?;
    let form = if csrf::is_form(&request) { Params::parse(&body).ok() } else { Some(Params::default()) };
    let presented = Presented::in_header_or_form(&request, form.as_ref());
    respond(&house, &request, presented).await
}

async fn respond(
    house: &House,
    request: &HttpRequest,
    presented: Result<Presented<'_>, Refused>,
) -> Result<HttpResponse, ApiError> {
    let scheme = presented.as_ref().map_or(Scheme::Bearer, |presented| presented.scheme);
    let answered = match presented {
        Ok(presented) => answer(house, request, presented).await,
        Err(refused) => Err(refused.into()),
    };
    match answered {
        Ok(response) => Ok(response),
        Err(No::Refused(refused)) => Ok(refused.response(house, scheme)),
        Err(No::Failed(error)) => Err(error),
    }
}

async fn answer(house: &House, request: &HttpRequest, presented: Presented<'_>) -> Result<HttpResponse, No> {
    let access = match AccessToken::verify(house, presented.token, Some(house.issuer.as_str())) {
        Ok(access) => access,
        Err(VerifyError::NotReady) => return Err(No::Failed(ApiError::unavailable())),
        Err(_) => return Err(Refused::InvalidToken.into()),
    };
    house.meet_named(request, &access.client_id).await.map_err(|error| No::Failed(error.into()))?;
    let directory = house.directory();
    let app = directory.apps.find(&access.client_id).ok_or(Refused::InvalidToken)?;
    let proof = held(house, request, app, &access, presented)?;
    let Some(Behind::Person(live)) = access.behind(house, request).await? else {
        return Err(Refused::InvalidToken.into());
    };
    if !dpop::spend(house, proof.as_ref()).await? {
        return Err(Refused::InvalidProof.into());
    }
    // What the token was issued for, which may be less than its grant was.
    let scope = Scope::parse(&access.scope);
    if !scope.has(ScopeValue::Openid) {
        return Err(Refused::InsufficientScope.into());
    }
    let info = info(house, app, &live, &scope).await?;
    let mut response = HttpResponse::Ok();
    headers::no_store(&mut response);
    dpop::next_nonce(house, proof.as_ref(), &mut response);
    match app.userinfo_alg {
        None => Ok(response.json(info)),
        Some(alg) => {
            let signed = signed(house, app, alg, &info).map_err(No::Failed)?;
            Ok(response.insert_header((header::CONTENT_TYPE, "application/jwt")).body(signed))
        }
    }
}

/// A bound token comes with a proof of its key, and no other does (RFC 9449, sections 7.1 and 7.2).
fn held(
    house: &House,
    request: &HttpRequest,
    app: &App,
    access: &AccessToken,
    presented: Presented<'_>,
) -> Result<Option<Possession>, Refused> {
    match (presented.scheme, &access.cnf) {
        (Scheme::Bearer, None) if !app.must_bind() => Ok(None),
        (Scheme::Bearer, _) | (Scheme::Dpop, None) => Err(Refused::InvalidToken),
        (Scheme::Dpop, Some(bound)) => match dpop::shown(house, request, app, Some(presented.token)) {
            Ok(Some(proof)) if proof.key == bound.jkt => Ok(Some(proof)),
            Ok(Some(_)) => Err(Refused::InvalidToken),
            Ok(None) | Err(DpopError::Invalid(_)) => Err(Refused::InvalidProof),
            Err(DpopError::UseNonce) => Err(Refused::UseNonce),
        },
    }
}

async fn info(house: &House, app: &App, live: &Live, scope: &Scope) -> Result<UserInfo, StoreError> {
    let sub = house.pseudonyms.subject(Sector::of(app), live.who.account);
    let visible = live.visible(app, scope);
    house.grants.shown(live, &visible).await?;
    Ok(UserInfo { sub, visible })
}

fn signed(house: &House, app: &App, alg: Alg, info: &UserInfo) -> Result<String, ApiError> {
    let signer = house.keyring.current(alg).ok_or_else(ApiError::unavailable)?;
    let iat = house.clock.now().as_secs();
    let claims = Signed { iss: house.issuer.as_str(), aud: app.id.as_str(), iat, info };
    jwt::sign(signer.as_ref(), TokenType::Jwt, &claims)
}
