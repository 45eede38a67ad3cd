//! The id assertion endpoint: the person picked an account in the browser's dialog, and the app gets its answer: a code,
//! as it would through the redirect; or a window in which the person is asked first.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};
use serde_json::{Map, Value, json};

use super::{
    asked::{self, Asking},
    window,
};
use crate::{
    flow::{self, Request, Step, attempt::Attempt, request::Wanted},
    oidc::{advance, authorize, seen::Seen},
    seal::Sector,
    session::Session,
    types::{OAuthCode, OAuthError, ids::RandomId, prompt::Prompt, response_mode::ResponseMode},
    web::{Directory, House, api::ApiError, attempts::AnyAttempt, params::Params},
};

/// What an app may say in `params`: an authorization request as far as it is one without a redirect.
const UNDERSTOOD: [&str; 14] = [
    "redirect_uri",
    "response_type",
    "scope",
    "nonce",
    "prompt",
    "max_age",
    "code_challenge",
    "code_challenge_method",
    "dpop_jkt",
    "claims",
    "acr_values",
    "resource",
    "provider",
    "ui_locales",
];

/// `POST /fedcm/assertion`.
pub async fn post(house: web::Data<House>, request: HttpRequest, body: web::Bytes) -> Result<HttpResponse, ApiError> {
    let directory = house.directory();
    let asking = Asking::read(&directory, &request, &body)?;
    let Some(session) = asked::session(&house, &request).await? else {
        return Ok(asking.refuse(OAuthCode::LoginRequired));
    };
    let account = asking.params.get("account_id").ok().flatten();
    if account != Some(house.pseudonyms.browser_account(session.who.account).as_str()) {
        return Ok(asking.refuse(OAuthCode::AccessDenied));
    }
    match requested(&house, &asking, &session).await {
        Ok(asked) => decide(&house, (&directory, &asking), session, asked).await,
        Err(error) => Ok(asking.refuse(error.code)),
    }
}

/// What the app asks, by the same checks as at the authorization endpoint, and for this person alone.
async fn requested(house: &House, asking: &Asking<'_>, session: &Session) -> Result<Request, OAuthError> {
    let bad = |why: &'static str| OAuthError::new(OAuthCode::InvalidRequest, why);
    let given = match asking.params.get("params")? {
        Some(text) => serde_json::from_str(text).map_err(|_| bad("params is no JSON"))?,
        None => Value::Null,
    };
    let given = match given {
        Value::Object(mut members) => {
            members.retain(|name, value| !value.is_null() && UNDERSTOOD.contains(&name.as_str()));
            members
        }
        Value::Null => Map::new(),
        _ => return Err(bad("params is no object")),
    };
    let names_redirect = given.contains_key("redirect_uri");
    let mut said = defaults(asking)?;
    said.extend(given);
    let unattended = asking.params.get("is_auto_selected")? == Some("true");
    let params = Params::of_members(said).map_err(|_| bad("too many parameters"))?;
    let parsed = authorize::parse(house, &params, asking.app, authorize::Came::Openly).await;
    let asked = parsed.map_err(|error| match error {
        authorize::Error::Shown(_) => bad("redirect_uri is not registered"),
        authorize::Error::Redirected(redirected) => redirected.error,
    })?;
    let sub = house.pseudonyms.subject(Sector::of(asking.app), session.who.account);
    let mut wanted = asked.wanted.clone();
    wanted.push(Wanted { app: asking.app.id.clone(), sub: sub.as_str().to_owned() });
    // Nobody was there to be asked: what the app would have asked of them is refused, and not left out.
    let prompt = Prompt { none: asked.prompt.none || unattended, ..asked.prompt };
    Ok(Request { response_mode: ResponseMode::Browser, redirect_named: names_redirect, wanted, prompt, ..asked })
}

/// What is meant where an app says nothing.
fn defaults(asking: &Asking<'_>) -> Result<Map<String, Value>, OAuthError> {
    let fields = asking.params.get("fields")?.unwrap_or_default();
    let mut scope = "openid".to_owned();
    for (field, value) in [("name", " profile"), ("email", " email")] {
        if fields.split(',').any(|asked| asked == field) {
            scope.push_str(value);
        }
    }
    let registered = &asking.app.redirect_uris;
    let own = registered.iter().find(|uri| uri.origin() == asking.origin).or(registered.first());
    let redirect = own.map(|uri| ("redirect_uri", uri.as_str().to_owned()));
    let rest = [("client_id", asking.app.id.to_string()), ("response_type", "code".into()), ("scope", scope)];
    Ok(rest.into_iter().chain(redirect).map(|(name, value)| (name.to_owned(), value.into())).collect())
}

async fn decide(
    house: &House,
    (directory, asking): (&Directory, &Asking<'_>),
    session: Session,
    asked: Request,
) -> Result<HttpResponse, ApiError> {
    let id = RandomId::generate(house.sealer.random());
    let open = Attempt::open(id, asked, house.clock.now());
    let attempt = AnyAttempt::Open(open.clone());
    for _ in 0..advance::TRIES {
        let seen = Seen::in_session(house, session.clone(), asking.app).await?;
        let Some(who) = seen.who() else { break };
        match flow::next(&seen.facts(house, (directory, asking.app), &attempt, None)) {
            Step::Issue(approved) => {
                if let Some(code) = advance::mint(house, &open.request, approved, who, asking.app).await? {
                    return Ok(asking.answer(StatusCode::OK, &json!({ "token": code.expose() })));
                }
            }
            Step::Refuse(error) => return Ok(asking.refuse(error.code)),
            Step::Deny => return Ok(asking.refuse(OAuthCode::AccessDenied)),
            Step::Choose | Step::GoUpstream(_) | Step::AskConsent(_) => {
                let url = window::continue_on(house, &open);
                return Ok(asking.answer(StatusCode::OK, &json!({ "continue_on": url })));
            }
        }
    }
    Ok(asking.refuse(OAuthCode::TemporarilyUnavailable))
}
