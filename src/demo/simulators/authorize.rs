//! The authorization endpoint, in the steps that all providers share: check, ask a person, answer.

use actix_web::{
    HttpRequest, HttpResponse,
    cookie::{Cookie, SameSite},
    http::header,
    web,
};
use url::{Url, form_urlencoded::Serializer};

use super::{
    Broken,
    ask::{Asked, Grant},
    codes,
    desk::Desk,
    dialect::{Pairs, Stop, Wrong},
    fault::Fault,
    page,
    params::Params,
};

/// The answer that refuses, on the form and at the control endpoint.
const REFUSE: &str = "refuse";

/// A request arrives.
pub(crate) fn begin(desk: &Desk, request: &HttpRequest, tenant: &str) -> Result<HttpResponse, Broken> {
    let asked = Asked::from(&Params::parse(request.query_string()), tenant);
    if asked.client_id != desk.client.id {
        return page::stop(desk, &desk.dialect.unknown_client());
    }
    if !desk.client.registered(&asked.redirect_uri, desk.dialect.sub_paths()) {
        return page::stop(desk, &desk.dialect.redirect_mismatch());
    }
    match desk.dialect.check(&asked) {
        Ok(()) => {}
        Err(Wrong::Page(stop)) => return page::stop(desk, &stop),
        Err(Wrong::Back(pairs)) => return send_back(desk, &asked, pairs, None),
    }
    if let Some(answer) = desk.standing_answer() {
        return finish(desk, asked, &answer, None);
    }
    if asked.prompts("none")
        && let Some(nobody) = desk.dialect.nobody()
    {
        return match request.cookie(&cookie_name(desk)) {
            Some(signed_in) => finish(desk, asked, signed_in.value(), None),
            None => send_back(desk, &asked, nobody, None),
        };
    }
    page::choose(desk, asked)
}

/// `POST /_simulator/choose`: a person has picked who they are, or refused.
pub(crate) async fn choose(desk: web::Data<Desk>, body: web::Bytes) -> Result<HttpResponse, Broken> {
    let form = Params::parse_bytes(&body);
    let Some(asked) = desk.memory(|memory| memory.pending.take(&form.text("request"))) else {
        return page::stop(
            &desk,
            &Stop::new(400, "This page was answered already. Go back to the app and start again."),
        );
    };
    finish(&desk, asked, &form.text("answer"), form.get("fault").and_then(Fault::parse))
}

fn finish(desk: &Desk, asked: Asked, answer: &str, fault: Option<Fault>) -> Result<HttpResponse, Broken> {
    if answer == REFUSE {
        return send_back(desk, &asked, desk.dialect.denied(desk), fault);
    }
    let Some(person) = desk.person(answer).filter(|person| desk.dialect.admits(person, &asked)) else {
        return page::stop(desk, &Stop::new(400, "There is nobody of that name here."));
    };
    let grant = agree(desk, person.handle, asked, fault);
    let code = codes::issue(desk, "", grant.clone());
    let pairs = desk.dialect.granted(desk, &grant, code)?;
    let mut response = send_back(desk, &grant.asked, pairs, fault)?;
    let cookie = Cookie::build(cookie_name(desk), person.handle).path("/").http_only(true).same_site(SameSite::Lax);
    // A cookie that does not fit into a header is none; the handle always does.
    let _ = response.add_cookie(&cookie.finish());
    Ok(response)
}

/// Writes down that a person agreed.
fn agree(desk: &Desk, person: &'static str, asked: Asked, fault: Option<Fault>) -> Grant {
    let first = desk.memory(|memory| memory.known.insert(person));
    let mut grant = Grant { person, scopes: asked.scopes.clone(), asked, at: desk.clock.now(), fault, first };
    if desk.faults(&grant).has(Fault::EmailDeclined) {
        grant.scopes.retain(|scope| !matches!(scope.as_str(), "email" | "user:email"));
    }
    grant
}

fn cookie_name(desk: &Desk) -> String {
    format!("simulated_{}", desk.kind.as_str())
}

/// Sends the browser back, in the response mode that was asked for.
fn send_back(desk: &Desk, asked: &Asked, mut pairs: Pairs, fault: Option<Fault>) -> Result<HttpResponse, Broken> {
    let mut faults = desk.armed();
    faults.0.extend(fault);
    if let Some(state) = &asked.state {
        let state = if faults.has(Fault::WrongState) { "another-state" } else { state };
        pairs.push(("state", state.to_owned()));
    }
    if faults.has(Fault::MissingIss) {
        pairs.retain(|(name, _)| *name != "iss");
    }
    if faults.has(Fault::WrongIss) {
        pairs.iter_mut().filter(|(name, _)| *name == "iss").for_each(|pair| pair.1 = "https://issuer.invalid".into());
    }
    let mut to = Url::parse(&asked.redirect_uri).map_err(|_| Broken::Address)?;
    match asked.response_mode.as_deref() {
        Some("form_post") => return page::form_post(desk, &to, &pairs),
        Some("fragment") => {
            let fragment = Serializer::new(String::new()).extend_pairs(&pairs).finish();
            to.set_fragment(Some(&fragment));
        }
        _ => {
            to.query_pairs_mut().extend_pairs(&pairs);
            to.set_fragment(desk.dialect.fragment());
        }
    }
    Ok(HttpResponse::Found()
        .insert_header((header::LOCATION, to.as_str()))
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .finish())
}
