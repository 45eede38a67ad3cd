//! Where a person is signed in, and signing out: one browser, all others, all.

use actix_web::{HttpRequest, HttpResponse, web};

use super::{acting::act, names, note};
use crate::{
    partition::By,
    session::{Session, SessionLine},
    types::ids::RandomId,
    web::{
        Directory, House,
        csrf::Form,
        errors::{PageError, Problem},
        links,
        pages::{Browser, Said},
        sign_out,
    },
};

/// How many browsers the page has.
const SHOWN: usize = 20;

/// The browsers for the page, this one always among them, and how many more there are.
pub(super) fn shown<'a>(
    directory: &'a Directory,
    session: &Session,
    lines: &'a [SessionLine],
) -> (Vec<Browser<'a>>, usize) {
    let (this, others): (Vec<_>, Vec<_>) = lines.iter().partition(|line| line.id == session.id);
    let shown = this.into_iter().chain(others).take(SHOWN).map(|line| Browser {
        id: line.id.to_string(),
        device: line.device.clone(),
        provider: names::provider(directory, line.provider.as_str()),
        since: line.since,
        seen: line.seen,
        this: line.id == session.id,
    });
    (shown.collect(), lines.len().saturating_sub(SHOWN))
}

/// `POST /account/sessions/{id}/end`: one browser. A name that is none of this account's changes nothing.
pub async fn end(
    house: web::Data<House>,
    request: HttpRequest,
    path: web::Path<String>,
    form: Form,
) -> Result<HttpResponse, PageError> {
    act(&house, &request, form, async |session, _| {
        let id: RandomId = path.parse().map_err(|_| Problem::NotFound)?;
        if id == session.id {
            return sign_out::end(&house, session, links::SIGNED_OUT).await;
        }
        let ended = house.sessions.end_one(&session.who, id, By::User).await?;
        said_goodbye(&house, &session, ended).await;
        note::go_back(&house, &session, if ended { Said::SignedOut } else { Said::SignedOutBefore }, "")
    })
    .await
}

/// `POST /account/sessions/end-others`: every browser but this.
pub async fn end_others(house: web::Data<House>, request: HttpRequest, form: Form) -> Result<HttpResponse, PageError> {
    act(&house, &request, form, async |session, _| {
        let any = house.sessions.end_others(&session).await? > 0;
        said_goodbye(&house, &session, any).await;
        note::go_back(&house, &session, if any { Said::Others } else { Said::NoOthers }, "")
    })
    .await
}

/// `POST /account/sessions/end-all`: every browser, and those that sign in at this very moment.
pub async fn end_all(house: web::Data<House>, request: HttpRequest, form: Form) -> Result<HttpResponse, PageError> {
    act(&house, &request, form, async |session, _| {
        house.sessions.end_all(&session.who, By::User).await?;
        said_goodbye(&house, &session, true).await;
        sign_out::leave(&house, links::SIGNED_OUT)
    })
    .await
}

async fn said_goodbye(house: &House, session: &Session, any: bool) {
    if any {
        house.witness.logout(session);
        sign_out::tidy(house, &session.who).await;
    }
}
