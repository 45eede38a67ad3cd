//! What decides about an attempt, gathered: who is signed in in this browser, and what they agreed to.

use actix_web::HttpRequest;

use crate::{
    flow::{Answer, Facts, SignedIn, request::Wanted},
    partition::Agreed,
    seal::Sector,
    session::Session,
    store::StoreError,
    types::App,
    web::{Directory, House, attempts::AnyAttempt, errors::PageError},
};

/// Who is there.
pub(super) struct Seen(Option<(Session, Agreed)>);

impl Seen {
    /// Looks who asks, and at what they agreed to with `app`.
    pub async fn by(house: &House, request: &HttpRequest, app: &App) -> Result<Self, PageError> {
        match house.session(request).await? {
            Some(session) => Ok(Self::in_session(house, session, app).await?),
            None => Ok(Self(None)),
        }
    }

    /// The same of a session that is known already.
    pub async fn in_session(house: &House, session: Session, app: &App) -> Result<Self, StoreError> {
        let agreed = house.consents.find(&session.who, &app.id).await?;
        Ok(Self(Some((session, agreed))))
    }

    /// Who is signed in, and what they agreed to before.
    pub const fn who(&self) -> Option<&(Session, Agreed)> {
        self.0.as_ref()
    }

    /// The facts, for the decision.
    pub fn facts<'a>(
        &'a self,
        house: &House,
        (directory, app): (&'a Directory, &'a App),
        attempt: &'a AnyAttempt,
        answer: Option<&'a Answer>,
    ) -> Facts<'a> {
        let is_wanted = |session: &Session| {
            let is_it = |wanted: &Wanted| {
                let app = directory.apps.get(&wanted.app);
                let sub = app.map(|app| house.pseudonyms.subject(Sector::of(app), session.who.account));
                sub.is_some_and(|sub| sub.as_str() == wanted.sub)
            };
            attempt.request().wanted.iter().all(is_it)
        };
        let signed_in = |(session, _): &'a (Session, Agreed)| SignedIn {
            is_wanted: is_wanted(session),
            provider: &session.provider,
            auth_time: session.auth_time,
            known: &session.known,
            learned: &session.learned,
            by_this_attempt: attempt.back().is_some_and(|back| back.brought(session.id, session.auth_time)),
        };
        Facts {
            app,
            request: attempt.request(),
            providers: &directory.provider_ids,
            signed_in: self.who().map(signed_in),
            agreement: self.who().and_then(|(_, agreed)| agreed.agreement.as_ref()),
            answer,
            now: house.clock.now(),
        }
    }
}
