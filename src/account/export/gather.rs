//! What the services have on an account.

use actix_web::HttpRequest;

use super::documents::{Access, Account, App, Consent, Event, Export, Given, Known, Pass, Session as Browser, Way};
use crate::{
    account::apps::{Acquaintance, known_to},
    flow::Agreement,
    partition::{Line, Presence, Served},
    seal::Sector,
    session::Session,
    store::StoreError,
    types::AppId,
    web::House,
};

/// Gathers everything on an account. What only its own browser can open is there if that is who asks, else by kind and
/// date alone.
///
/// # Errors
/// The store's own.
pub async fn gather(
    house: &House,
    who: &Presence,
    browser: Option<(&HttpRequest, &Session)>,
) -> Result<Export, StoreError> {
    let session = browser.map(|(_, session)| session);
    let account = Account {
        generated_at: house.clock.now().rfc3339(),
        issuer: house.issuer.as_str().to_owned(),
        since: who.living.since.rfc3339(),
        audit_id: who.living.audit_id.to_string(),
    };
    let ways = who.living.identities.iter();
    let ways =
        ways.map(|way| Way { provider: way.provider.to_string(), pseudonym: way.identity.to_string() }).collect();
    Ok(Export {
        account,
        ways,
        claims: session.map(claims).unwrap_or_default(),
        apps: apps(house, who, browser.map(|(request, _)| request)).await?,
        sessions: sessions(house, who, session).await?,
        passes: passes(house, who, session).await?,
        access: access(house, who).await?,
        history: house.accounts.history(who).await?.iter().map(event).collect(),
    })
}

fn claims(session: &Session) -> Vec<Known> {
    let known = |(claim, value): (_, &serde_json::Value)| Known {
        claim,
        value: value.clone(),
        source: session.provider.to_string(),
        received_at: session.auth_time.rfc3339(),
        kept_until: session.ends.rfc3339(),
    };
    session.known.iter().map(known).collect()
}

async fn apps(house: &House, who: &Presence, request: Option<&HttpRequest>) -> Result<Vec<App>, StoreError> {
    let all = known_to(house, who).await?;
    if let Some(request) = request {
        house.meet_for_a_page(request, all.keys()).await;
    }
    let directory = house.directory();
    let document = |(id, Acquaintance { agreement, served }): (AppId, Acquaintance)| {
        let registered = directory.apps.get(&id);
        App {
            app: id.to_string(),
            name: registered.map(|app| app.name.clone()),
            sub: registered.map(|app| house.pseudonyms.subject(Sector::of(app), who.account).to_string()),
            consent: agreement.as_ref().map(consent),
            given: served.as_ref().map(given),
        }
    };
    Ok(all.into_iter().map(document).collect())
}

fn consent(agreement: &Agreement) -> Consent {
    Consent {
        given_at: agreement.given.rfc3339(),
        used_at: agreement.used.rfc3339(),
        paused: agreement.paused,
        implicit: agreement.implicit,
        claims: agreement.choices.iter().map(|(claim, choice)| (*claim, choice.on)).collect(),
    }
}

fn given(served: &Served) -> Given {
    Given {
        since: served.since.rfc3339(),
        last_at: served.last.rfc3339(),
        claims: served.claims.iter().map(|(claim, at)| (*claim, at.rfc3339())).collect(),
    }
}

async fn sessions(house: &House, who: &Presence, this: Option<&Session>) -> Result<Vec<Browser>, StoreError> {
    let lines = house.sessions.list(who).await?;
    Ok(lines
        .into_iter()
        .map(|line| Browser {
            provider: line.provider.to_string(),
            device: line.device.map(|device| device.to_string()),
            since: line.since.rfc3339(),
            last_seen_at: line.seen.rfc3339(),
            ends_at: line.ends.rfc3339(),
            this_one: this.is_some_and(|this| this.id == line.id),
        })
        .collect())
}

async fn passes(house: &House, who: &Presence, this: Option<&Session>) -> Result<Vec<Pass>, StoreError> {
    let lines = house.sessions.passes(who).await?;
    Ok(lines
        .into_iter()
        .map(|line| Pass {
            app: line.app.to_string(),
            since: line.since.rfc3339(),
            ends_at: line.ends.rfc3339(),
            claims: line.claims.into_iter().collect(),
            this_one: this.is_some_and(|this| this.id == line.session),
        })
        .collect())
}

async fn access(house: &House, who: &Presence) -> Result<Vec<Access>, StoreError> {
    let lines = house.grants.list(who).await?;
    Ok(lines
        .into_iter()
        .map(|line| Access {
            app: line.app.to_string(),
            since: line.since.rfc3339(),
            expires_at: line.expires.rfc3339(),
            scope: line.scope.to_string(),
            offline: line.offline,
        })
        .collect())
}

/// `{"signed_in": {"provider": "google"}}` becomes `{"event": "signed_in", "provider": "google"}`.
fn event(line: &Line) -> Event {
    let mut fields = serde_json::Map::new();
    match serde_json::to_value(&line.deed) {
        Ok(serde_json::Value::String(name)) => {
            fields.insert("event".into(), name.into());
        }
        Ok(serde_json::Value::Object(deed)) => {
            for (name, about) in deed {
                fields.insert("event".into(), name.into());
                if let serde_json::Value::Object(about) = about {
                    fields.extend(about);
                }
            }
        }
        _ => {}
    }
    Event { at: line.at.rfc3339(), deed: fields.into() }
}
