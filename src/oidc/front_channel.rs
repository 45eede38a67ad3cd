//! Front-Channel Logout 1.0: the page that says goodbye opens a frame for each app that the session was used with. Where
//! browsers keep cookies from frames, apps hear nothing by it; the back channel is there for that.

use std::time::Duration;

use serde::{Deserialize, Serialize};
use url::Url;

use crate::{
    seal::{Sector, token},
    session::Session,
    types::{App, AppId, Timestamp},
    web::{Directory, House, errors::PageError, links},
};

/// The most apps that are told.
const MOST: usize = 24;
/// How long the page may be looked at.
const LIVES: Duration = Duration::from_secs(5 * 60);

/// What the page is to do, on its way through the browser.
#[derive(Serialize, Deserialize)]
pub(super) struct Farewell {
    /// The apps to tell, each with its own name of the session.
    apps: Vec<(AppId, String)>,
    /// Where to go afterwards, and who wants that.
    then: Option<(AppId, String)>,
    at: Timestamp,
}

impl Farewell {
    /// For a session that is about to end; `None` if nobody is to be told so.
    pub async fn of(house: &House, directory: &Directory, session: &Session) -> Result<Option<Self>, PageError> {
        if directory.apps.iter().all(|app| app.frontchannel_logout.is_none()) {
            return Ok(None);
        }
        let served = house.accounts.served(&session.who).await?;
        let used = served.into_iter().filter(|(_, served)| served.sessions.contains_key(&session.id));
        let told = used.filter_map(|(id, _)| {
            let app = directory.apps.get(&id).filter(|app| app.frontchannel_logout.is_some())?;
            Some((id, house.pseudonyms.sid(Sector::of(app), session.id)))
        });
        let apps: Vec<_> = told.take(MOST).collect();
        Ok((!apps.is_empty()).then(|| Self { apps, then: None, at: house.clock.now() }))
    }

    /// The page, which goes on to `target`, an address that `app` registered.
    pub fn page(self, house: &House, app: Option<&App>, target: Option<String>) -> String {
        let farewell = Self { then: app.map(|app| app.id.clone()).zip(target), ..self };
        links::signed_out(&house.sealer.hand_out(token::FAREWELL, &farewell))
    }

    /// What a page is to do.
    pub fn read(house: &House, text: &str) -> Option<Self> {
        let farewell: Self = house.sealer.take_back(token::FAREWELL, text).ok()?;
        (house.clock.now() <= farewell.at.plus(LIVES)).then_some(farewell)
    }

    /// The app that wants to be gone back to.
    pub fn app(&self) -> Option<&str> {
        self.then.as_ref().map(|(app, _)| app.as_str())
    }

    /// The frames (section 2): each app's address as it is registered now, with `iss` and `sid`.
    pub fn frames(&self, house: &House, directory: &Directory) -> Vec<Url> {
        let frame = |(id, sid): &(AppId, String)| {
            let mut url = directory.apps.get(id)?.frontchannel_logout.clone()?;
            url.query_pairs_mut().append_pair("iss", house.issuer.as_str()).append_pair("sid", sid);
            Some(url)
        };
        self.apps.iter().filter_map(frame).collect()
    }

    /// Where to go afterwards, if the app is still there: what it is called, and the address.
    pub fn then<'a>(&'a self, directory: &'a Directory) -> Option<(&'a str, &'a str)> {
        let (id, target) = self.then.as_ref()?;
        Some((directory.apps.get(id)?.name.as_str(), target))
    }
}
