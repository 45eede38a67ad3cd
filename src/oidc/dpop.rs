//! Proofs of possession at our endpoints (RFC 9449). A proof is read and verified without the store; it is spent, over
//! all instances, once everything else about the request is right, so that nobody fills the store with proofs.

use std::time::Duration;

use actix_web::{
    HttpRequest, HttpResponseBuilder,
    http::header::{HeaderName, HeaderValue},
};

use crate::{
    apps,
    proof::{
        DpopError, Possession,
        dpop::{self, Expect},
    },
    seal::token,
    store::StoreError,
    types::{App, OAuthCode, Timestamp},
    web::{House, api::ApiError},
};

/// The header of a proof.
const PROOF: &str = "DPoP";
/// The header of a nonce (section 8).
pub(super) const NONCE: HeaderName = HeaderName::from_static("dpop-nonce");
/// How long a nonce of ours is taken. Shorter than proofs are remembered.
const NONCE_LIVES: Duration = Duration::from_secs(5 * 60);

/// The proof that comes with a request to the endpoint at `path`, verified; `None` if none does.
///
/// # Errors
/// [`DpopError`].
pub(super) fn shown(
    house: &House,
    request: &HttpRequest,
    app: &App,
    access_token: Option<&str>,
) -> Result<Option<Possession>, DpopError> {
    let mut all = request.headers().get_all(PROOF);
    let Some(proof) = all.next() else { return Ok(None) };
    if all.next().is_some() {
        return Err(DpopError::Invalid("more than one came"));
    }
    let proof = proof.to_str().map_err(|_| DpopError::Invalid("it is not a signed JWT"))?;
    let now = house.clock.now();
    let expect = Expect {
        method: request.method().as_str(),
        endpoint: &house.issuer.at(request.path()),
        algs: apps::allowed(app),
        access_token,
        now,
    };
    dpop::verify(proof, expect, |nonce| is_ours(house, nonce, now)).map(Some)
}

/// Spends a proof: `true` the first time, `false` ever after, at whatever endpoint and instance.
///
/// # Errors
/// The store's own; then it must count as spent.
pub(super) async fn spend(house: &House, proof: Option<&Possession>) -> Result<bool, StoreError> {
    let Some(proof) = proof else { return Ok(true) };
    let parts = [proof.key.as_str().as_bytes(), proof.jti.as_bytes()];
    house.spent.spend("dpop proof", &parts, dpop::REMEMBERED).await
}

/// A nonce, good for a few minutes at any instance: nothing is stored for it.
pub(super) fn nonce(house: &House) -> String {
    house.sealer.hand_out(token::NONCE, &house.clock.now())
}

fn is_ours(house: &House, nonce: &str, now: Timestamp) -> bool {
    let given: Option<Timestamp> = house.sealer.take_back(token::NONCE, nonce).ok();
    given.is_some_and(|given| now < given.plus(NONCE_LIVES) && given <= now.plus(NONCE_LIVES))
}

/// Whoever needs nonces gets the next one with each answer (section 8.2).
pub(super) fn next_nonce(house: &House, proof: Option<&Possession>, response: &mut HttpResponseBuilder) {
    let needs = proof.is_some_and(|proof| proof.nonce.is_some());
    if let Some(nonce) = needs.then(|| HeaderValue::try_from(nonce(house)).ok()).flatten() {
        response.insert_header((NONCE, nonce));
    }
}

/// The proof that an app shows at an endpoint of its own.
///
/// # Errors
/// `invalid_dpop_proof`, `use_dpop_nonce`.
pub(super) fn shown_by(house: &House, request: &HttpRequest, app: &App) -> Result<Option<Possession>, ApiError> {
    shown(house, request, app, None).map_err(|error| match error {
        DpopError::UseNonce => ApiError::use_dpop_nonce(nonce(house)),
        DpopError::Invalid(why) => invalid(why),
    })
}

/// The same where tokens are issued: an app that must bind them has to show one (section 5.2).
///
/// # Errors
/// As [`shown_by`]; `invalid_request` where there is none, since nothing that was shown is wrong.
pub(super) fn demanded(house: &House, request: &HttpRequest, app: &App) -> Result<Option<Possession>, ApiError> {
    match shown_by(house, request, app)? {
        None if app.must_bind() => Err(ApiError::bad_request(OAuthCode::InvalidRequest, "the DPoP proof is missing")),
        proof => Ok(proof),
    }
}

/// 400 `invalid_dpop_proof`.
pub(super) fn invalid(why: &'static str) -> ApiError {
    ApiError::bad_request(OAuthCode::InvalidDpopProof, why)
}

/// What is said of a proof that was used before.
pub(super) const REPLAYED: &str = "the DPoP proof was used before";
