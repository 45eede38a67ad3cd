//! How an act came out is said on the page after the 303: a note in a cookie, sealed, for one minute, and for the session
//! in which it was done. What it is about are names of the configuration; people read what those are called.

use actix_web::{HttpRequest, HttpResponse, cookie::Cookie};
use serde::{Deserialize, Serialize};

use super::names;
use crate::{
    seal::token,
    session::Session,
    types::{Timestamp, ids::RandomId},
    web::{
        Directory, House, cookies,
        errors::PageError,
        links,
        pages::{Note, Said, Section},
        see_other,
    },
};

#[derive(Serialize, Deserialize)]
struct Waiting {
    said: Said,
    /// An app's id or a provider's; empty where it is about neither.
    about: String,
    session: RandomId,
    at: Timestamp,
}

/// A note that waited for this page.
pub(super) struct Found {
    said: Said,
    about: String,
}

impl Found {
    /// The app that it is about.
    pub fn app(&self) -> Option<&str> {
        (self.said.section() == Section::Apps).then_some(self.about.as_str())
    }

    /// As a person reads it.
    pub fn note<'a>(&'a self, directory: &'a Directory) -> Note<'a> {
        let name = match self.said.section() {
            Section::Apps => names::app(directory, &self.about),
            Section::Browsers | Section::Ways => names::provider(directory, &self.about),
        };
        Note { said: self.said, name: name.into() }
    }
}

/// Back to the privacy page, which says how it came out: the answer to every form there. `about` names the app or the
/// provider.
///
/// # Errors
/// None that happens: our cookies are header values.
pub(super) fn go_back(house: &House, session: &Session, said: Said, about: &str) -> Result<HttpResponse, PageError> {
    let waiting = Waiting { said, about: about.to_owned(), session: session.id, at: house.clock.now() };
    let mut response = see_other(&format!("{}#{}", links::ACCOUNT, said.section().anchor()));
    let sealed = house.sealer.hand_out(token::FLASH, &waiting);
    let cookie = house.cookies.set(cookies::NOTE, sealed, cookies::NOTE_LIVES);
    response.add_cookie(&cookie).map_err(PageError::internal)?;
    Ok(response)
}

/// The note that waits in this session, if there is one; a page that shows it takes it away.
pub(super) fn find(house: &House, request: &HttpRequest, session: &Session) -> Option<Found> {
    let text = house.cookies.get(request, cookies::NOTE)?;
    let Waiting { said, about, session: of, at } = house.sealer.take_back(token::FLASH, &text).ok()?;
    let in_time = house.clock.now() < at.plus(cookies::NOTE_LIVES);
    (of == session.id && in_time).then_some(Found { said, about })
}

/// Takes the note away.
pub(super) fn done(house: &House) -> Cookie<'static> {
    house.cookies.clear(cookies::NOTE)
}
