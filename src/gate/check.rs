//! A check: who asks, and whether they may. What is not clearly a yes is a no.

use std::sync::Arc;

use actix_web::{HttpRequest, HttpResponse};

use super::{
    answer::{self, Manner, Verdict},
    asked::{Asked, Refused},
    assertion::{self, NoSignature},
    identity::{Facts, Identity, Kind},
    machine::{self, Bearer},
    warm::{Entry, Warm},
};
use crate::{
    flow::{
        access::{Access, Asker, Target, access},
        claims,
    },
    session::{Pass, PassKey, PassRecords},
    store::StoreError,
    types::{App, Scope, scope::ScopeValue},
    web::{
        Directory, House,
        cookies::{self, Cookies},
        witness,
    },
};

/// Answers a check.
pub async fn answer(
    house: &House,
    warm: &Warm,
    (directory, request): (&Directory, &HttpRequest),
    asked: Result<Asked<'_>, Refused>,
    manner: Manner,
) -> HttpResponse {
    let asked = match asked {
        Ok(asked) => asked,
        Err(refused) => return answer::refuse(refused, manner),
    };
    let verdict = decide(house, warm, (directory, request), &asked).await.unwrap_or_else(|error| {
        witness::store_failed(&error);
        tracing::warn!(%error, "a check came to nothing");
        Verdict::Away
    });
    answer::give(house, request, &asked, &verdict, manner)
}

async fn decide(
    house: &House,
    warm: &Warm,
    (directory, request): (&Directory, &HttpRequest),
    asked: &Asked<'_>,
) -> Result<Verdict, StoreError> {
    let cookie = Cookies::of_gate(asked.origin).get(request, cookies::GATE);
    let found = match cookie {
        Some(cookie) => person(house, warm, directory, asked.app, &cookie).await?,
        None => Found::Nobody,
    };
    let entry = match found {
        Found::Somebody(entry) => entry,
        Found::NotReady => return Ok(Verdict::Away),
        Found::Nobody => return without_a_person(house, (directory, request), asked).await,
    };
    let person = entry.pass.learned.person(&entry.pass.provider, &entry.pass.known);
    Ok(match may(house, asked, Asker::Person(person)) {
        Access::Allowed(_) => Verdict::User(entry),
        Access::Public(_) => Verdict::Pass(anonymous(directory)),
        Access::SignIn | Access::SignInAnew(_) => Verdict::SignIn,
        Access::Denied => Verdict::Denied,
    })
}

/// Nobody has signed in here: a program, or anyone.
async fn without_a_person(
    house: &House,
    (directory, request): (&Directory, &HttpRequest),
    asked: &Asked<'_>,
) -> Result<Verdict, StoreError> {
    // What is open to anyone is so, whatever else comes along.
    let for_anyone = may(house, asked, Asker::Anonymous);
    if let Access::Public(_) = for_anyone {
        return Ok(Verdict::Pass(anonymous(directory)));
    }
    Ok(match machine::look(house, request, asked).await? {
        Bearer::NotReady => Verdict::Away,
        Bearer::Refused => Verdict::BadToken,
        Bearer::Of(app) => match may(house, asked, Asker::Machine(&app)) {
            Access::Allowed(_) => {
                let facts = Facts { user: app.as_str().to_owned(), ..Facts::default() };
                Verdict::Pass(Identity::new(directory.gate, Kind::Machine, &facts))
            }
            _ => Verdict::Denied,
        },
        Bearer::None if for_anyone == Access::SignIn => Verdict::SignIn,
        Bearer::None => Verdict::Denied,
    })
}

fn may(house: &House, asked: &Asked<'_>, asker: Asker<'_>) -> Access {
    let target = Target { path: &asked.path, method: asked.method };
    let App { access: rules, facts_max_age, .. } = asked.app;
    // Whatever else could let somebody in, an app behind the gate without rules is open to nobody.
    let rules = Some(rules.as_deref().unwrap_or_default());
    access(rules, asker, Some(target), *facts_max_age, house.clock.now())
}

fn anonymous(directory: &Directory) -> Identity {
    Identity::new(directory.gate, Kind::Anonymous, &Facts::default())
}

/// Who a cookie is.
enum Found {
    Somebody(Arc<Entry>),
    Nobody,
    /// The keys that would sign are not there yet.
    NotReady,
}

/// The person whom a cookie opens a pass of, for this app and nobody else's.
async fn person(
    house: &House,
    warm: &Warm,
    directory: &Directory,
    app: &App,
    cookie: &str,
) -> Result<Found, StoreError> {
    let (name, now) = (Warm::name(cookie), house.clock.now());
    let known = warm.get(&name, now).filter(|entry| entry.edition == directory.edition);
    let is_fresh = |entry: &Entry| now < entry.renew && house.sessions.pass_lives(&entry.pass);
    if let Some(entry) = &known
        && entry.checked() <= now
        && now.since(entry.checked()) < directory.gate.recheck
        && is_fresh(entry)
    {
        return Ok(welcome(directory, app, Arc::clone(entry)));
    }
    let opened;
    let key = match &known {
        Some(entry) => &entry.key,
        None => match house.sessions.pass_key(cookie) {
            Some(key) => {
                opened = key;
                &opened
            }
            None => return Ok(Found::Nobody),
        },
    };
    let Some(records) = house.sessions.read_pass(key).await? else {
        warm.forget(&name);
        return Ok(Found::Nobody);
    };
    if let Some(entry) = known.as_ref().filter(|entry| entry.versions == records.versions() && is_fresh(entry)) {
        house.sessions.touch_pass(&entry.pass, &records).await?;
        entry.confirm(now);
        return Ok(welcome(directory, app, Arc::clone(entry)));
    }
    Ok(match open(house, directory, (key.clone(), &records)).await? {
        Found::Somebody(entry) => {
            warm.put(name, Arc::clone(&entry), now);
            welcome(directory, app, entry)
        }
        nobody @ (Found::Nobody | Found::NotReady) => {
            warm.forget(&name);
            nobody
        }
    })
}

/// A pass counts for the app that it was given for, where that app still lives, and for people who come in through a
/// provider that is welcome there.
fn welcome(directory: &Directory, app: &App, entry: Arc<Entry>) -> Found {
    let Pass { app: id, origin, provider, .. } = &entry.pass;
    let lives_there = app.gate.as_ref().is_some_and(|gate| gate.as_str() == origin);
    let comes_in = app.allows(provider) && directory.provider_ids.contains(provider);
    if app.id == *id && lives_there && comes_in { Found::Somebody(entry) } else { Found::Nobody }
}

/// Opens a pass and signs what it says.
async fn open(
    house: &House,
    directory: &Directory,
    (key, records): (PassKey, &PassRecords),
) -> Result<Found, StoreError> {
    let pass = house.sessions.open_pass_records(&key, records)?;
    let Some(pass) = pass.filter(|pass| house.sessions.pass_lives(pass)) else { return Ok(Found::Nobody) };
    let Some(app) = directory.apps.get(&pass.app) else { return Ok(Found::Nobody) };
    let seen = claims::visible(app, &scope(app), &pass.agreement, &pass.known);
    let signed = match assertion::sign(house, app, &pass, &seen) {
        Ok(signed) => signed,
        Err(NoSignature::NotReady) => return Ok(Found::NotReady),
        Err(NoSignature::Failed) => return Err(StoreError::Corrupt("an assertion cannot be signed")),
    };
    house.sessions.touch_pass(&pass, records).await?;
    house.sessions.note_pass(&pass, seen.iter().map(|(claim, _)| claim)).await?;
    let identity = Identity::new(directory.gate, Kind::User, &signed.facts);
    let (edition, now) = (directory.edition, house.clock.now());
    let entry = Entry::new((key, pass, records.versions()), edition, (identity, signed.renew), now);
    Ok(Found::Somebody(Arc::new(entry)))
}

/// What an app behind the gate asks for: all that it declares.
pub fn scope(app: &App) -> Scope {
    let asked = app.claims.keys().map(|claim| ScopeValue::of(*claim).as_str());
    Scope::parse(&["openid"].into_iter().chain(asked).collect::<Vec<_>>().join(" "))
}
