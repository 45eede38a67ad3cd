//! `id_token_hint`: whom the app expects (OpenID Connect Core, section 3.1.2.1), by an ID token of its own, which may have
//! expired. An app of the same sector knows the person by the same name; of any other, an answer would tell two apps that
//! they have the same person before them.

use std::{collections::BTreeSet, time::Duration};

use serde::Deserialize;

use crate::{
    flow::request::Wanted,
    keyring::{Expect, Expired, TokenType, VerifyError},
    seal::Sector,
    types::{App, AppId, OAuthCode, OAuthError, prompt::Prompt},
    web::{House, params::Params},
};

/// An ID token of ours.
#[derive(Deserialize)]
struct Hint {
    aud: AppId,
    sub: String,
}

/// Everyone whom the request names: all of them must be the one who signs in.
pub(super) fn wanted(
    house: &House,
    params: &Params,
    (app, prompt): (&App, Prompt),
    subjects: BTreeSet<String>,
) -> Result<Vec<Wanted>, OAuthError> {
    let named = subjects.into_iter().map(|sub| Wanted { app: app.id.clone(), sub });
    let hinted = match params.get("id_token_hint")? {
        None => None,
        Some(token) => hint(house, token, prompt)?,
    };
    let directory = house.directory();
    let sector = |hint: &Hint| directory.apps.get(&hint.aud).map(Sector::of);
    if hinted.as_ref().is_some_and(|hint| sector(hint) != Some(Sector::of(app))) {
        return Err(OAuthError::new(OAuthCode::InvalidRequest, "id_token_hint was issued to another client"));
    }
    Ok(named.chain(hinted.map(|hint| Wanted { app: hint.aud, sub: hint.sub })).collect())
}

fn hint(house: &House, token: &str, prompt: Prompt) -> Result<Option<Hint>, OAuthError> {
    let expect = Expect {
        typ: TokenType::Jwt,
        issuer: house.issuer.as_str(),
        audience: None,
        leeway: Duration::ZERO,
        expired: Expired::Accepted,
    };
    match house.keyring.verify::<Hint>(token, &expect) {
        Ok(hint) => Ok(Some(hint)),
        // Its key has retired: it proves nothing any more. The person can still say who they are, if they are asked.
        Err(VerifyError::UnknownKey | VerifyError::NotReady) if !prompt.none => Ok(None),
        Err(VerifyError::UnknownKey | VerifyError::NotReady) => {
            Err(OAuthError::new(OAuthCode::LoginRequired, "id_token_hint is too old to say who is meant"))
        }
        Err(_) => Err(OAuthError::new(OAuthCode::InvalidRequest, "id_token_hint is not an ID token of this server")),
    }
}
