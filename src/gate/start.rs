//! `/.vestibule/start` on a gated host: a sign-in begins, as any app's does, with a state and a PKCE verifier of its own,
//! which wait in a cookie of that host.

use actix_web::{HttpRequest, HttpResponse, cookie::Cookie, web};
use serde::{Deserialize, Serialize};

use super::{check::scope, target::Target};
use crate::{
    seal::token,
    types::{
        App, AppId, Timestamp, bytes,
        gate::{GateOrigin, START},
        ids::RandomId,
        random,
    },
    web::{
        House,
        cookies::{self, Cookies, GATE_ATTEMPT_PREFIX},
        errors::{PageError, Problem, WayOn},
        gated, links,
        params::Params,
        see_other,
    },
};

/// The most sign-ins that one browser has on their way at one host.
const MAX: usize = 8;

/// A sign-in on its way.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Pending {
    /// To which app.
    pub app: AppId,
    /// What must come back.
    pub state: String,
    /// What the code is bound to (RFC 7636).
    pub verifier: String,
    /// Where the person goes then.
    pub target: Target,
    /// When it began.
    pub begun: Timestamp,
}

/// The app of the host that was asked, and where it lives.
pub fn host<'a>(
    house: &House,
    directory: &'a crate::web::Directory,
    request: &HttpRequest,
) -> Result<(&'a App, &'a GateOrigin), Problem> {
    let app = gated::app(house, directory, request).ok_or(Problem::NotFound)?;
    Ok((app, app.gate.as_ref().ok_or(Problem::NotFound)?))
}

/// `GET /.vestibule/start`.
pub async fn get(house: web::Data<House>, request: HttpRequest) -> Result<HttpResponse, PageError> {
    let directory = house.directory();
    let (app, origin) = host(&house, &directory, &request)?;
    let params = Params::parse(request.query_string().as_bytes()).map_err(|_| Problem::BadRequest)?;
    let target = Target::open(&house, &app.id, params.get("to").ok().flatten());
    if turns_in_a_circle(&house, &request, origin) {
        return Err(PageError::from(Problem::TooMany).with_way_on(WayOn::TryAgain { href: origin.at(START) }));
    }
    let random = house.sealer.random();
    let id = RandomId::generate(random);
    let fresh = || bytes::to_base64url(&random::bytes::<32>(random));
    let pending = Pending {
        app: app.id.clone(),
        state: format!("{id}.{}", fresh()),
        verifier: fresh(),
        target,
        begun: house.clock.now(),
    };
    let mut response = see_other(authorization(&house, app, origin, &pending).as_str());
    cookies::put(&mut response, keep(&house, &request, origin, id, &pending))?;
    Ok(response)
}

/// As many sign-ins as there is room for, all begun a moment ago and none come back: a proxy that does not lead where it
/// should sends the browser here again and again. A person may break the circle by a click.
fn turns_in_a_circle(house: &House, request: &HttpRequest, origin: &GateOrigin) -> bool {
    const A_MOMENT: std::time::Duration = std::time::Duration::from_secs(20);
    let pending = Cookies::of_gate(origin).with_prefix(request, GATE_ATTEMPT_PREFIX);
    let now = house.clock.now();
    let is_fresh = |value: &str| open(house, value).is_some_and(|pending| now.since(pending.begun) < A_MOMENT);
    pending.iter().filter(|(_, value)| is_fresh(value)).count() >= MAX
}

/// The authorization request (RFC 6749, section 4.1.1).
fn authorization(house: &House, app: &App, origin: &GateOrigin, pending: &Pending) -> url::Url {
    let challenge = bytes::to_base64url(&bytes::sha256(pending.verifier.as_bytes()));
    let mut url = house.issuer.url_at(links::AUTHORIZE);
    url.query_pairs_mut().extend_pairs([
        ("client_id", app.id.as_str()),
        ("redirect_uri", origin.callback().as_str()),
        ("response_type", "code"),
        ("scope", &scope(app).to_string()),
        ("state", &pending.state),
        ("code_challenge", &challenge),
        ("code_challenge_method", "S256"),
    ]);
    url
}

/// The sign-in of that name, if this browser has it and it is not too old.
pub fn find(house: &House, request: &HttpRequest, origin: &GateOrigin, id: RandomId) -> Option<Pending> {
    let value = Cookies::of_gate(origin).get(request, &name(id))?;
    open(house, &value)
}

/// The cookie that takes a sign-in away.
pub fn forget(origin: &GateOrigin, id: RandomId) -> Cookie<'static> {
    Cookies::of_gate(origin).clear(&name(id))
}

/// The cookies that keep a sign-in, and that take away what there is no more room for, the oldest first.
fn keep(
    house: &House,
    request: &HttpRequest,
    origin: &GateOrigin,
    id: RandomId,
    pending: &Pending,
) -> Vec<Cookie<'static>> {
    let jar = Cookies::of_gate(origin);
    let mut others: Vec<_> = jar.with_prefix(request, GATE_ATTEMPT_PREFIX);
    others.sort_by_key(|(_, value)| std::cmp::Reverse(open(house, value).map(|pending| pending.begun)));
    let gone = others.into_iter().skip(MAX - 1).map(|(id, _)| jar.clear(&format!("{GATE_ATTEMPT_PREFIX}{id}")));
    let value = house.sealer.hand_out(token::GATE_ATTEMPT, pending);
    gone.chain([jar.set(&name(id), value, house.lifetimes.attempt)]).collect()
}

fn open(house: &House, value: &str) -> Option<Pending> {
    let pending: Pending = house.sealer.take_back(token::GATE_ATTEMPT, value).ok()?;
    (house.clock.now() <= pending.begun.plus(house.lifetimes.attempt)).then_some(pending)
}

fn name(id: RandomId) -> String {
    format!("{GATE_ATTEMPT_PREFIX}{id}")
}
