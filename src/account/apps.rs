//! The apps that know a person: since when, what they may see, and what went out.

use std::collections::BTreeMap;

use crate::{
    flow::Agreement,
    partition::{Presence, Served},
    seal::Sector,
    store::StoreError,
    types::{App, AppId, Claim, Timestamp},
    web::{
        Directory, House,
        pages::{AppCard, AppClaim, AppState, Shelf},
    },
};

/// How many apps one page has.
const PAGE: usize = 25;

/// What is known about an app and a person: what they agreed to, and what it was given.
#[derive(Default)]
pub(super) struct Acquaintance {
    pub agreement: Option<Agreement>,
    pub served: Option<Served>,
}

impl Acquaintance {
    fn since(&self) -> Timestamp {
        let given = self.agreement.as_ref().map(|agreement| agreement.given);
        given.into_iter().chain(self.served.as_ref().map(|served| served.since)).min().unwrap_or_default()
    }

    fn last(&self) -> Timestamp {
        let used = self.agreement.as_ref().map(|agreement| agreement.used);
        used.into_iter().chain(self.served.as_ref().map(|served| served.last)).max().unwrap_or_default()
    }

    fn state(&self) -> AppState {
        match &self.agreement {
            None => AppState::Disconnected,
            Some(agreement) if agreement.paused => AppState::Paused,
            Some(_) => AppState::Connected,
        }
    }
}

/// Every app that knows a person, by id: also those that are set up no more.
///
/// # Errors
/// The store's own.
pub(super) async fn known_to(house: &House, who: &Presence) -> Result<BTreeMap<AppId, Acquaintance>, StoreError> {
    let mut all: BTreeMap<AppId, Acquaintance> = BTreeMap::new();
    for (app, agreement) in house.consents.list(who).await? {
        all.entry(app).or_default().agreement = Some(agreement);
    }
    for (app, served) in house.accounts.served(who).await? {
        all.entry(app).or_default().served = Some(served);
    }
    Ok(all)
}

/// A page of them: those that are connected first, and of these the one used last. `open` is to be seen at once.
pub(super) fn shelf<'a>(
    house: &House,
    directory: &'a Directory,
    who: &Presence,
    known: BTreeMap<AppId, Acquaintance>,
    (page, open): (usize, Option<&str>),
) -> Shelf<'a> {
    let mut known: Vec<(AppId, Acquaintance)> = known.into_iter().collect();
    let order = |known: &Acquaintance| (known.state() == AppState::Disconnected, std::cmp::Reverse(known.last()));
    known.sort_by_key(|(_, known)| order(known));
    let pages = known.len().div_ceil(PAGE);
    // What the person just changed is on the first page, wherever it stood before.
    if let Some(at) = known.iter().position(|(id, _)| Some(id.as_str()) == open && page == 1) {
        known.get_mut(..=at).into_iter().for_each(|start| start.rotate_right(1));
    }
    let shown = known.iter().skip((page - 1) * PAGE).take(PAGE);
    let cards = shown.map(|(id, known)| AppCard {
        open: open == Some(id.as_str()),
        ..card(house, (id, directory.apps.get(id)), who, known)
    });
    Shelf { cards: cards.collect(), before: (page > 1).then(|| page - 1), after: (page < pages).then_some(page + 1) }
}

fn card<'a>(house: &House, (id, app): (&AppId, Option<&'a App>), who: &Presence, known: &Acquaintance) -> AppCard<'a> {
    AppCard {
        id: id.as_part().into_owned(),
        name: app.map_or_else(|| id.to_string(), |app| app.name.clone()),
        logo: app.and_then(|app| house.logos.address(app)),
        policy: app.and_then(|app| app.links.policy.as_ref()).map(url::Url::as_str),
        terms: app.and_then(|app| app.links.terms.as_ref()).map(url::Url::as_str),
        sub: app.map(|app| house.pseudonyms.subject(Sector::of(app), who.account).to_string()),
        state: known.state(),
        registered: app.is_some(),
        away: app.is_none() && id.is_document() && house.documents.is_some(),
        own: known.agreement.as_ref().is_some_and(|agreement| agreement.implicit),
        since: known.since(),
        last: known.last(),
        claims: app.map(|app| claims(app, known)).unwrap_or_default(),
        earlier: earlier(app, known),
        open: false,
    }
}

fn claims<'a>(app: &'a App, known: &Acquaintance) -> Vec<AppClaim<'a>> {
    let agreement = known.agreement.as_ref();
    let out = |claim: &Claim| known.served.as_ref().and_then(|served| served.claims.get(claim)).copied();
    let row = |(claim, purpose): (&Claim, &'a crate::types::app::ClaimPurpose)| AppClaim {
        claim: *claim,
        need: purpose.need,
        why: &purpose.why,
        keep: purpose.keep.as_deref(),
        on: agreement.is_some_and(|agreement| agreement.chose(*claim, purpose)),
        settled: agreement.is_none_or(|agreement| agreement.settles(*claim, purpose)),
        out: out(claim),
    };
    app.claims.iter().map(row).collect()
}

/// What went out and is not asked for any more. What says that a claim was checked stands for nothing by itself.
fn earlier(app: Option<&App>, known: &Acquaintance) -> Vec<(Claim, Timestamp)> {
    let asks = |claim: &Claim| app.is_some_and(|app| app.claims.contains_key(claim));
    let goes_along = |claim: &Claim| Claim::ALL.iter().any(|other| other.companion() == Some(*claim));
    let given = known.served.iter().flat_map(|served| &served.claims);
    given.filter(|(claim, _)| !asks(claim) && !goes_along(claim)).map(|(claim, at)| (*claim, *at)).collect()
}
