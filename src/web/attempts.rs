//! Attempts in cookies: one for each flow, sealed, so that several tabs can sign in at once and an anonymous request
//! writes nothing to the store.

use actix_web::{HttpRequest, HttpResponse, cookie::Cookie};
use serde::{Deserialize, Serialize};

use super::{
    House, cookies,
    errors::{PageError, Problem},
    see_other,
};
use crate::{
    flow::{
        Request, Visit,
        attempt::{Attempt, Away, Back, Open},
        visit::Proof,
    },
    seal::token,
    types::{Timestamp, ids::RandomId},
    upstream::Held,
};

/// The most attempts that one browser keeps.
const MAX_COUNT: usize = 8;
/// The most bytes that all of them may have: proxies cut off at 8 KB of headers.
const MAX_TOTAL: usize = 6 * 1024;
/// The most bytes that one may have: browsers drop cookies above 4096, name and flags included.
const MAX_ONE: usize = 3800;

/// An attempt, wherever it is.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum AnyAttempt {
    /// Nobody is signed in for it.
    Open(Attempt<Open>),
    /// The person is at a provider.
    Away(Attempt<Away<Held>>),
    /// The person is back.
    Back(Attempt<Back>),
}

/// A visit, wherever it is.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub enum AnyVisit {
    /// It goes on here.
    Open(Attempt<Open, Visit>),
    /// The person is at a provider.
    Away(Attempt<Away<Held>, Visit>),
    /// The person is back, with somebody who may be added to them.
    Proven(Attempt<Proof, Visit>),
}

/// What a cookie of an attempt holds.
#[derive(Debug, Deserialize)]
#[expect(clippy::large_enum_variant, reason = "one at a time, on its way to where it is taken apart")]
pub enum Kept {
    /// An app waits for the answer.
    App(AnyAttempt),
    /// The person is here for themselves.
    Visit(AnyVisit),
}

/// The same, to be written.
#[derive(Clone, Copy, Debug, Serialize)]
pub enum Keep<'a> {
    /// An app waits for the answer.
    App(&'a AnyAttempt),
    /// The person is here for themselves.
    Visit(&'a AnyVisit),
}

impl<'a> From<&'a AnyAttempt> for Keep<'a> {
    fn from(attempt: &'a AnyAttempt) -> Self {
        Self::App(attempt)
    }
}

impl<'a> From<&'a AnyVisit> for Keep<'a> {
    fn from(visit: &'a AnyVisit) -> Self {
        Self::Visit(visit)
    }
}

impl Keep<'_> {
    const fn id(&self) -> RandomId {
        match self {
            Self::App(attempt) => attempt.id(),
            Self::Visit(visit) => visit.id(),
        }
    }
}

impl Kept {
    /// Its name.
    pub const fn id(&self) -> RandomId {
        match self {
            Self::App(attempt) => attempt.id(),
            Self::Visit(visit) => visit.id(),
        }
    }

    const fn begun(&self) -> Timestamp {
        match self {
            Self::App(attempt) => attempt.begun(),
            Self::Visit(visit) => visit.begun(),
        }
    }
}

impl AnyVisit {
    /// Its name.
    pub const fn id(&self) -> RandomId {
        match self {
            Self::Open(attempt) => attempt.id,
            Self::Away(attempt) => attempt.id,
            Self::Proven(attempt) => attempt.id,
        }
    }

    /// What for.
    pub const fn visit(&self) -> &Visit {
        match self {
            Self::Open(attempt) => &attempt.request,
            Self::Away(attempt) => &attempt.request,
            Self::Proven(attempt) => &attempt.request,
        }
    }

    /// The same to be changed, as a choice of the person does.
    pub const fn visit_mut(&mut self) -> &mut Visit {
        match self {
            Self::Open(attempt) => &mut attempt.request,
            Self::Away(attempt) => &mut attempt.request,
            Self::Proven(attempt) => &mut attempt.request,
        }
    }

    /// When it began.
    pub const fn begun(&self) -> Timestamp {
        match self {
            Self::Open(attempt) => attempt.begun,
            Self::Away(attempt) => attempt.begun,
            Self::Proven(attempt) => attempt.begun,
        }
    }

    /// The person leaves for a provider.
    pub fn depart(self, held: Held) -> Self {
        let provider = held.provider.clone();
        Self::Away(match self {
            Self::Open(attempt) => attempt.depart(provider, held),
            Self::Away(attempt) => attempt.depart(provider, held),
            Self::Proven(attempt) => attempt.depart(provider, held),
        })
    }
}

/// The request is too large to travel in a cookie.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("the request is too large")]
pub struct TooLarge;

impl AnyAttempt {
    /// Its name.
    pub const fn id(&self) -> RandomId {
        match self {
            Self::Open(attempt) => attempt.id,
            Self::Away(attempt) => attempt.id,
            Self::Back(attempt) => attempt.id,
        }
    }

    /// What was asked.
    pub const fn request(&self) -> &Request {
        match self {
            Self::Open(attempt) => &attempt.request,
            Self::Away(attempt) => &attempt.request,
            Self::Back(attempt) => &attempt.request,
        }
    }

    /// The same to be changed, as a choice of the person does.
    pub const fn request_mut(&mut self) -> &mut Request {
        match self {
            Self::Open(attempt) => &mut attempt.request,
            Self::Away(attempt) => &mut attempt.request,
            Self::Back(attempt) => &mut attempt.request,
        }
    }

    /// When it began.
    pub const fn begun(&self) -> Timestamp {
        match self {
            Self::Open(attempt) => attempt.begun,
            Self::Away(attempt) => attempt.begun,
            Self::Back(attempt) => attempt.begun,
        }
    }

    /// The login that it brought about.
    pub const fn back(&self) -> Option<&Back> {
        match self {
            Self::Back(attempt) => Some(&attempt.stage),
            Self::Open(_) | Self::Away(_) => None,
        }
    }

    /// The same without the login that it brought about.
    #[must_use]
    pub fn reopen(self) -> Self {
        match self {
            Self::Back(attempt) => Self::Open(attempt.reopen()),
            other => other,
        }
    }

    /// The person leaves for a provider.
    pub fn depart(self, held: Held) -> Self {
        let provider = held.provider.clone();
        Self::Away(match self {
            Self::Open(attempt) => attempt.depart(provider, held),
            Self::Away(attempt) => attempt.depart(provider, held),
            Self::Back(attempt) => attempt.depart(provider, held),
        })
    }
}

/// What this browser has under that name, if it is not too old.
pub fn find_any(house: &House, request: &HttpRequest, id: RandomId) -> Option<Kept> {
    let value = house.cookies.get(request, &name(id))?;
    open(house, &value).filter(|kept| kept.id() == id)
}

/// The attempt of that name, for an app.
pub fn find(house: &House, request: &HttpRequest, id: RandomId) -> Option<AnyAttempt> {
    match find_any(house, request, id)? {
        Kept::App(attempt) => Some(attempt),
        Kept::Visit(_) => None,
    }
}

/// The visit of that name.
pub fn find_visit(house: &House, request: &HttpRequest, id: RandomId) -> Option<AnyVisit> {
    match find_any(house, request, id)? {
        Kept::Visit(visit) => Some(visit),
        Kept::App(_) => None,
    }
}

/// The cookies that keep `attempt`, and that take away what there is no more room for, the oldest first.
///
/// # Errors
/// [`TooLarge`].
pub fn keep<'a>(
    house: &House,
    request: &HttpRequest,
    attempt: impl Into<Keep<'a>>,
) -> Result<Vec<Cookie<'static>>, TooLarge> {
    let attempt = attempt.into();
    let value = house.sealer.hand_out(token::ATTEMPT, &attempt);
    if value.len() > MAX_ONE {
        return Err(TooLarge);
    }
    let mut others = others(house, request, attempt.id());
    others.sort_by_key(|other| std::cmp::Reverse(other.begun));
    let mut cookies = Vec::new();
    let (mut count, mut total) = (1, value.len());
    for other in others {
        count += 1;
        total += other.size;
        if other.begun.is_none() || count > MAX_COUNT || total > MAX_TOTAL {
            cookies.push(house.cookies.clear(&other.name));
        }
    }
    cookies.push(house.cookies.set(&name(attempt.id()), value, house.lifetimes.attempt));
    Ok(cookies)
}

/// A 303 to `next`, with the attempt kept in the browser.
///
/// # Errors
/// [`Problem::BadRequest`] for one that is too large.
pub fn go_on<'a>(
    house: &House,
    request: &HttpRequest,
    attempt: impl Into<Keep<'a>>,
    next: &str,
) -> Result<HttpResponse, PageError> {
    let mut response = see_other(next);
    cookies::put(&mut response, keep(house, request, attempt).map_err(|_| Problem::BadRequest)?)?;
    Ok(response)
}

/// The cookie that takes an attempt away: it has been answered.
pub fn forget(house: &House, id: RandomId) -> Cookie<'static> {
    house.cookies.clear(&name(id))
}

struct Other {
    name: String,
    size: usize,
    /// None for one that is expired or does not open.
    begun: Option<Timestamp>,
}

fn others(house: &House, request: &HttpRequest, but: RandomId) -> Vec<Other> {
    let cookies = house.cookies.with_prefix(request, cookies::ATTEMPT_PREFIX);
    let others = cookies.into_iter().filter(|(id, _)| *id != but.to_string());
    others
        .map(|(id, value)| Other {
            name: format!("{}{id}", cookies::ATTEMPT_PREFIX),
            size: value.len(),
            begun: open(house, &value).map(|attempt| attempt.begun()),
        })
        .collect()
}

fn open(house: &House, value: &str) -> Option<Kept> {
    let attempt: Kept = house.sealer.take_back(token::ATTEMPT, value).ok()?;
    (house.clock.now() <= attempt.begun().plus(house.lifetimes.attempt)).then_some(attempt)
}

fn name(id: RandomId) -> String {
    format!("{}{id}", cookies::ATTEMPT_PREFIX)
}
