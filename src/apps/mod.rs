//! Registered apps: finding them, and making them prove who they are.

pub mod addresses;
mod document;
mod documents;
mod fetched;
#[cfg(test)]
mod key_set_tests;
mod key_sets;

use std::{
    collections::{BTreeMap, BTreeSet},
    sync::Arc,
};

pub use documents::{Documents, NoDocument};
pub use key_sets::{KeySets, NoKeys, NotSigned, Signed, allowed, kid};

use crate::{
    config::NotRegistered,
    types::{
        App, AppId,
        app::{AppAuth, SecretMethod},
        bytes,
        written_name::reads_like,
    },
};

/// All apps, as far as they are known at this moment.
#[derive(Debug, Default)]
pub struct Apps {
    /// Those that the configuration names, and those that registered themselves.
    let_in: BTreeMap<AppId, Arc<App>>,
    /// Which of them registered themselves.
    registered: BTreeSet<AppId>,
    /// Those that are named after a document.
    strangers: BTreeMap<AppId, Arc<App>>,
}

/// What an app presents at the token endpoint (RFC 6749, section 2.3.1).
#[derive(Clone, Copy, Debug)]
pub struct Presented<'a> {
    /// `client_id`.
    pub id: &'a str,
    /// The secret and how it came; none for a public client.
    pub secret: Option<(&'a str, SecretMethod)>,
}

/// Proof that an app is who it says.
#[derive(Clone, Copy, Debug)]
pub struct Authenticated<'a>(&'a App);

impl<'a> Authenticated<'a> {
    /// The app.
    pub const fn app(self) -> &'a App {
        self.0
    }
}

/// The app did not prove who it is: `invalid_client`. Which part was wrong, nobody is told.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
#[error("client authentication failed")]
pub struct NotAuthenticated;

impl Apps {
    /// From the configuration.
    pub fn new(apps: BTreeMap<AppId, App>) -> Self {
        let let_in = apps.into_iter().map(|(id, app)| (id, Arc::new(app))).collect();
        Self { let_in, ..Self::default() }
    }

    /// The same with these and no other apps that are named after a document.
    #[must_use]
    pub fn with_documents(&self, strangers: BTreeMap<AppId, Arc<App>>) -> Self {
        Self { let_in: self.let_in.clone(), registered: self.registered.clone(), strangers }
    }

    /// Whether this very reading of a document is among them.
    pub fn has(&self, app: &Arc<App>) -> bool {
        self.strangers.get(&app.id).is_some_and(|known| Arc::ptr_eq(known, app))
    }

    /// The same with these and no other registered apps. One that has the name of a configured one is none.
    #[must_use]
    pub fn with_registered(&self, registered: impl Iterator<Item = App>) -> Self {
        let mut all = Self { strangers: self.strangers.clone(), ..Self::default() };
        let configured = self.let_in.iter().filter(|(id, _)| !self.registered.contains(*id));
        all.let_in.extend(configured.map(|(id, app)| (id.clone(), Arc::clone(app))));
        for app in registered {
            if !all.let_in.contains_key(&app.id) {
                all.registered.insert(app.id.clone());
                all.let_in.insert(app.id.clone(), Arc::new(app));
            }
        }
        all
    }

    /// Those of the configuration.
    pub fn configured(&self) -> impl Iterator<Item = &App> {
        self.let_in.values().filter(|app| !self.registered.contains(&app.id)).map(|app| &**app)
    }

    /// Refuses a name that an app of the operator's has: people would take one for the other.
    ///
    /// # Errors
    /// It is not free.
    pub fn name_is_free(&self, name: &str) -> Result<(), NotRegistered> {
        if self.configured().any(|other| reads_like(&other.name, name)) {
            return Err(NotRegistered::because("client_name is the name of another app here"));
        }
        Ok(())
    }

    /// The app of that name.
    pub fn find(&self, id: &str) -> Option<&App> {
        id.parse::<AppId>().ok().and_then(|id| self.get(&id))
    }

    /// The app of that id.
    pub fn get(&self, id: &AppId) -> Option<&App> {
        self.let_in.get(id).or_else(|| self.strangers.get(id)).map(|app| &**app)
    }

    /// The same, unless nobody let it in: no browser offers people to an app by itself that nobody here knows.
    pub fn let_in(&self, id: &AppId) -> Option<&App> {
        self.let_in.get(id).map(|app| &**app)
    }

    /// The app that an access token for `audience` is for.
    pub fn meant_by(&self, audience: &str) -> Option<&App> {
        let named = self.find(audience).filter(|app| !app.id.is_document());
        named.or_else(|| self.iter().find(|app| app.is_meant_by(audience)))
    }

    /// All that were let in: those of the configuration, and those that registered themselves.
    pub fn iter(&self) -> impl Iterator<Item = &App> {
        self.let_in.values().map(|app| &**app)
    }

    /// The same and, as far as they are known, those that are named after a document.
    pub fn with_strangers(&self) -> impl Iterator<Item = &App> {
        self.iter().chain(self.strangers.values().map(|app| &**app))
    }

    /// Authenticates an app. App secrets are random, so a plain hash is right; it is computed and compared for unknown
    /// apps, too, so that time tells nothing.
    ///
    /// # Errors
    /// [`NotAuthenticated`].
    pub fn authenticate(&self, presented: Presented<'_>) -> Result<Authenticated<'_>, NotAuthenticated> {
        let app = self.find(presented.id);
        let given = presented.secret.map(|(secret, method)| (bytes::sha256(secret.as_bytes()), method));
        let proven = match (app.map(|app| &app.auth), given) {
            (Some(AppAuth::Public), None) => true,
            (Some(AppAuth::Secret { sha256, method }), Some((given, used))) => {
                let known = sha256.iter().fold(false, |any, hash| any | bytes::constant_time_eq(hash, &given));
                known && method.is_none_or(|method| method == used)
            }
            (_, Some((given, _))) => {
                let _same_work = bytes::constant_time_eq(&[0; 32], &given);
                false
            }
            (_, None) => false,
        };
        app.filter(|_| proven).map(Authenticated).ok_or(NotAuthenticated)
    }
}
