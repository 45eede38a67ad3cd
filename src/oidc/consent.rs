//! The question "may this app know this about you?": shown, and answered. The answer goes to the dispatcher at once; it
//! counts for what was shown, in this session, for this attempt, and for nothing else.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};

use super::{
    advance::{advance, decline, proven},
    seen::Seen,
};
use crate::{
    flow::{self, Answer, Question, Step, claims, question::Shown},
    partition::{Agreed, Deed},
    session::Session,
    types::{App, Claim, app::Need, ids::RandomId},
    web::{
        Directory, House,
        attempts::{self, AnyAttempt},
        choices::turned_on,
        csrf::{self, Form, Purpose},
        errors::{PageError, Problem, WayOn},
        links, locale_of,
        pages::{ClaimRow, Consent},
        params::Params,
        see_other,
        witness::Consented,
    },
};

/// What the form has beside its checkboxes.
const FIELDS: [&str; 4] = ["attempt", "form_token", "shown", "answer"];

/// `GET /consent`: the question of an attempt; where there is none, the attempt goes on.
pub async fn get(house: web::Data<House>, request: HttpRequest) -> Result<HttpResponse, PageError> {
    let params = Params::parse(request.query_string().as_bytes()).map_err(|_| Problem::BadRequest)?;
    let attempt = find(&house, &request, params.get("attempt").ok().flatten())?;
    house.meet(&request, attempt.request().app.as_str()).await?;
    let directory = house.directory();
    let app = proven(&directory, &attempt)?;
    let seen = Seen::by(&house, &request, app).await?;
    let step = flow::next(&seen.facts(&house, (&directory, app), &attempt, None));
    let (Step::AskConsent(question), Some(who)) = (step, seen.who()) else {
        return Ok(see_other(&links::go_on(attempt.id())));
    };
    let page = page(&house, (&directory, app), &attempt, &question, who);
    let locale = locale_of(&request, attempt.request().ui_locales.as_deref());
    let targets = directory.form_targets_to(&attempt.request().redirect);
    Ok(house.page_in(&request, locale, StatusCode::OK, &page, &targets))
}

/// `POST /consent`: the answer.
pub async fn post(house: web::Data<House>, request: HttpRequest, form: Form) -> Result<HttpResponse, PageError> {
    let attempt = find(&house, &request, form.unverified("attempt"))?;
    let again = || WayOn::TryAgain { href: links::go_on(attempt.id()) };
    let shown = form.unverified("shown").and_then(Shown::from_text).ok_or(Problem::BadRequest)?;
    let session = house.session(&request).await?;
    let session = session.ok_or_else(|| PageError::from(Problem::FormRefused).with_way_on(again()))?;
    let params = form.verified(&house, Purpose::Consent, &bound_to(&attempt, &session, shown));
    let params = params.map_err(|error| error.with_way_on(again()))?;
    match params.get("answer").map_err(|_| Problem::BadRequest)? {
        Some("yes") => {
            let answer = Answer { shown, on: turned_on(&params, &FIELDS)? };
            advance(&house, &request, attempt, Some(&answer)).await
        }
        Some("no") => {
            house.meet(&request, attempt.request().app.as_str()).await?;
            let directory = house.directory();
            let app = proven(&directory, &attempt)?;
            house.accounts.note(&session.who, Deed::Declined { app: app.id.clone() }).await?;
            house.witness.consent(app, &session, Consented::Declined);
            decline(&house, &request, &attempt, "the person does not agree").await
        }
        _ => Err(Problem::BadRequest.into()),
    }
}

fn find(house: &House, request: &HttpRequest, id: Option<&str>) -> Result<AnyAttempt, PageError> {
    let id: RandomId = id.and_then(|id| id.parse().ok()).ok_or(Problem::BadRequest)?;
    attempts::find(house, request, id).ok_or_else(|| Problem::AttemptExpired.into())
}

/// What the form of a page is bound to: the attempt, who is signed in, and what they read. All have one length.
fn bound_to(attempt: &AnyAttempt, session: &Session, shown: Shown) -> Vec<u8> {
    let (attempt, who) = (attempt.id(), session.who.account);
    let parts: [&[u8]; 4] = [attempt.as_bytes(), session.id.as_bytes(), who.as_bytes(), shown.as_bytes()];
    parts.concat()
}

fn page<'a>(
    house: &House,
    (directory, app): (&'a Directory, &'a App),
    attempt: &AnyAttempt,
    question: &Question,
    (session, agreed): &'a (Session, Agreed),
) -> Consent<'a> {
    let source = directory.provider(&session.provider);
    let source = source.map_or(session.provider.as_str(), |provider| provider.about().name.as_str());
    let rows = |need: Need| {
        let asked = question.claims.iter().filter(move |asked| asked.need == need);
        asked.filter_map(|asked| ClaimRow::of(asked.claim, app, &session.known, source, asked.on)).collect()
    };
    let in_question = |claim: &Claim| question.claims.iter().any(|asked| asked.claim == *claim);
    let already = agreed.agreement.as_ref().map(|agreement| agreement.chosen(app)).unwrap_or_default();
    Consent {
        app_name: &app.name,
        app_host: attempt.request().shown_host(),
        app_logo: house.logos.address(app),
        policy: app.links.policy.as_ref().map(url::Url::as_str),
        terms: app.links.terms.as_ref().map(url::Url::as_str),
        attempt: attempt.id().to_string(),
        form_token: csrf::token_for(house, Purpose::Consent, &bound_to(attempt, session, question.shown)),
        shown: question.shown.to_text(),
        required: rows(Need::Required),
        optional: rows(Need::Optional),
        offline: question.offline,
        already: already.into_iter().filter(|claim| !in_question(claim)).collect(),
        never: claims::undeclared(app, &session.known),
    }
}
