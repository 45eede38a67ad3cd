//! What happened to an account, the latest first, page by page.

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, web};

use super::{acting, names};
use crate::{
    partition::{Deed, Line, Presence},
    store::StoreError,
    web::{
        Directory, House,
        errors::PageError,
        headers::FormTargets,
        pages::{HistoryLine, HistoryPage, Lines},
        params,
    },
};

/// How many lines the privacy page itself has.
const FEW: usize = 10;

/// How many lines a page of history has.
const MANY: usize = 50;

/// `GET /account/history`.
pub async fn get(house: web::Data<House>, request: HttpRequest) -> Result<HttpResponse, PageError> {
    let Some(session) = house.session(&request).await? else { return Ok(acting::sign_in_first()) };
    let number = params::page(&request)?;
    let (lines, more) = house.accounts.latest(&session.who, (number - 1) * MANY, MANY).await?;
    let directory = house.directory();
    let history = Lines {
        lines: in_names(&directory, lines),
        newer: (number > 1).then(|| number - 1),
        older: more.then_some(number + 1),
    };
    let page = HistoryPage { history, keeps: house.lifetimes.history };
    Ok(house.page(&request, StatusCode::OK, &page, &FormTargets::here()))
}

/// The latest lines, for the privacy page itself.
///
/// # Errors
/// The store's own.
pub(super) async fn latest<'a>(
    house: &House,
    directory: &'a Directory,
    who: &Presence,
) -> Result<Lines<'a>, StoreError> {
    let (lines, more) = house.accounts.latest(who, 0, FEW).await?;
    Ok(Lines { lines: in_names(directory, lines), newer: None, older: more.then_some(1) })
}

fn in_names(directory: &Directory, lines: Vec<Line>) -> Vec<HistoryLine<'_>> {
    let named = |line: Line| {
        let name = match &line.deed {
            Deed::SignedIn { provider }
            | Deed::Linked { provider }
            | Deed::Unlinked { provider }
            | Deed::ProviderSaid { provider, .. } => names::provider(directory, provider.as_str()).to_owned(),
            Deed::Agreed { app }
            | Deed::Declined { app }
            | Deed::Changed { app, .. }
            | Deed::Paused { app }
            | Deed::Resumed { app }
            | Deed::Disconnected { app }
            | Deed::Reused { app } => names::app(directory, app.as_str()).to_owned(),
            Deed::SignedOut | Deed::SignedOutEverywhere | Deed::Exported | Deed::Blocked | Deed::Unblocked => {
                String::new()
            }
        };
        HistoryLine { at: line.at, deed: line.deed, name: name.into() }
    };
    lines.into_iter().map(named).collect()
}
