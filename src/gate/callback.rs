//! `/.vestibule/callback` on a gated host: a person comes back with a code, which becomes the host's own cookie.

use actix_web::{HttpRequest, HttpResponse, web};

use super::start::{self, Pending};
use crate::{
    grant::{Live, Redeemed, Redemption},
    session::NewPass,
    types::{
        App, bytes,
        gate::{GateOrigin, START},
        ids::RandomId,
    },
    web::{
        House,
        cookies::{self, Cookies},
        errors::{PageError, Problem, WayOn},
        params::Params,
        see_other,
    },
};

/// `GET /.vestibule/callback`.
pub async fn get(house: web::Data<House>, request: HttpRequest) -> Result<HttpResponse, PageError> {
    let directory = house.directory();
    let (app, origin) = start::host(&house, &directory, &request)?;
    let params = Params::parse(request.query_string().as_bytes()).map_err(|_| Problem::BadRequest)?;
    let given = |name| params.get(name).map_err(|_| PageError::from(Problem::BadRequest));
    let state = given("state")?.ok_or(Problem::BadRequest)?;
    let id: RandomId = state.split('.').next().and_then(|id| id.parse().ok()).ok_or(Problem::BadRequest)?;
    let is_ours = |pending: &Pending| {
        pending.app == app.id && bytes::constant_time_eq(pending.state.as_bytes(), state.as_bytes())
    };
    let pending = start::find(&house, &request, origin, id).filter(is_ours);
    let pending = pending.ok_or_else(|| once_more(Problem::AttemptExpired, origin))?;
    // RFC 9207, section 2.4.
    if given("iss")? != Some(house.issuer.as_str()) {
        return Err(Problem::AttemptForeign.into());
    }
    let Some(code) = given("code")?.filter(|_| !params.has("error")) else {
        let problem = Problem::NotSignedIn { app: app.name.clone() };
        return Err(once_more(problem, origin).with_cookies(vec![start::forget(origin, id)]));
    };
    let live = redeem(&house, (&directory, app, origin), code, &pending).await?;
    let pass = house.sessions.open_pass(&new_pass(app, origin, &live)).await?;
    let pass = pass.ok_or_else(|| once_more(Problem::AttemptExpired, origin))?;
    tracing::info!(app = %app.id, "let in at the gate");
    let mut response = see_other(&pending.target.at(origin));
    let own = Cookies::of_gate(origin).set(cookies::GATE, pass.expose().to_owned(), house.lifetimes.session);
    cookies::put(&mut response, [own, start::forget(origin, id)])?;
    Ok(response)
}

/// A problem from which another sign-in is the way on. Only a person begins it, so that nothing turns in a circle.
fn once_more(problem: Problem, origin: &GateOrigin) -> PageError {
    PageError::from(problem).with_way_on(WayOn::TryAgain { href: origin.at(START) })
}

async fn redeem(
    house: &House,
    (directory, app, origin): (&crate::web::Directory, &App, &GateOrigin),
    code: &str,
    pending: &Pending,
) -> Result<Box<Live>, PageError> {
    let redemption = Redemption {
        asking: directory.asking(app),
        code,
        redirect_uri: Some(origin.callback().as_str()),
        verifier: Some(&pending.verifier),
        resources: &[],
        key: None,
    };
    // A pass of the gate is bound to the browser's cookie, and no app proves anything here.
    match house.grants.redeem(redemption, async || Ok(true)).await? {
        Redeemed::Granted { live, .. } => Ok(live),
        Redeemed::Replayed(account) => {
            house.witness.code_reuse(&app.id, account);
            Err(once_more(Problem::AlreadyDone, origin))
        }
        Redeemed::Refused(_) => Err(once_more(Problem::AttemptExpired, origin)),
    }
}

fn new_pass<'a>(app: &'a App, origin: &'a GateOrigin, live: &'a Live) -> NewPass<'a> {
    NewPass {
        who: &live.who,
        session: live.session,
        app: &app.id,
        origin: origin.as_str(),
        provider: &live.provider,
        auth_time: live.auth_time,
        known: &live.known,
        learned: &live.learned,
        agreed: live.agreement.given,
    }
}
