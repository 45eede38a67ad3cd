//! `X-Vestibule-Jwt`: who asks, signed, for the one app that it names. An app that verifies it need not believe the
//! headers beside it. Its `typ` is its own, so that nothing else of ours is taken for it, nor it for anything else.

use std::time::Duration;

use serde::Serialize;
use serde_json::{Map, Value};

use super::identity::{Facts, fitting, groups};
use crate::{
    keyring::TokenType,
    seal::Sector,
    session::{Pass, Sessions},
    types::{App, Claim, Claims, Timestamp, ids::RandomId, jws::Alg},
    web::House,
};

/// The longest that one is good for. One access token's lifetime is a bound, too: our keys stay published as long.
const LONGEST: Duration = Duration::from_secs(300);
/// How long before its end a new one is signed.
const NEAR_ITS_END: Duration = Duration::from_secs(60);

#[derive(Serialize)]
struct Assertion<'a> {
    iss: &'a str,
    sub: &'a str,
    aud: &'a str,
    client_id: &'a str,
    iat: u64,
    exp: u64,
    jti: String,
    auth_time: u64,
    sid: &'a str,
    #[serde(flatten)]
    seen: Map<String, Value>,
}

/// Why there is none.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum NoSignature {
    /// The keys are not there yet.
    NotReady,
    /// The library refused.
    Failed,
}

/// What goes out about somebody, and until when the same may go out again.
pub struct Signed {
    /// The headers' content.
    pub facts: Facts,
    /// Then a new one is due.
    pub renew: Timestamp,
}

/// Signs what the app may see of the person behind a pass.
pub fn sign(house: &House, app: &App, pass: &Pass, seen: &Claims) -> Result<Signed, NoSignature> {
    let signer = house.keyring.current(Alg::ES256).ok_or(NoSignature::NotReady)?;
    let (now, sector) = (house.clock.now(), Sector::of(app));
    let lives = LONGEST.min(house.lifetimes.access_token);
    let expires = now.plus(lives).min(Sessions::pass_ends(pass));
    let subject = house.pseudonyms.subject(sector, pass.who.account);
    let assertion = Assertion {
        iss: house.issuer.as_str(),
        sub: subject.as_str(),
        aud: &pass.origin,
        client_id: app.id.as_str(),
        iat: now.as_secs(),
        exp: expires.as_secs(),
        jti: RandomId::generate(house.sealer.random()).to_string(),
        auth_time: pass.auth_time.as_secs(),
        sid: &house.pseudonyms.sid(sector, pass.session),
        seen: bounded(seen),
    };
    let claims = serde_json::to_vec(&assertion).map_err(|_| NoSignature::Failed)?;
    let jwt = signer.sign(TokenType::Gate, &claims).map_err(|_| NoSignature::Failed)?;
    let renew = expires.minus(NEAR_ITS_END.min(lives / 2));
    Ok(Signed { facts: Facts { jwt, ..Facts::of(subject.as_str(), seen) }, renew })
}

/// What is said in it: the whole must fit into the headers of one answer.
fn bounded(seen: &Claims) -> Map<String, Value> {
    const MAX_TOTAL: usize = 4096;
    let mut room = MAX_TOTAL;
    let said = seen.iter().filter_map(|(claim, value)| match value {
        _ if claim == Claim::Groups => Some((claim, Value::from(groups(seen)))),
        Value::String(text) => fitting(text).map(|text| (claim, Value::from(text))),
        other => Some((claim, other.clone())),
    });
    let fits = said.filter(|(_, value)| {
        let size = value.to_string().len() + 32;
        let fits = size <= room;
        room -= if fits { size } else { 0 };
        fits
    });
    fits.map(|(claim, value)| (claim.as_str().to_owned(), value)).collect()
}
