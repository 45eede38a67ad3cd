//! Registered apps: finding them, and making them prove who they are.

#[cfg(test)]
mod key_set_tests;
mod key_sets;

use std::collections::{BTreeMap, BTreeSet};

pub use key_sets::{KeySets, NoKeys, NotSigned, Signed, allowed, kid};

use crate::types::{
    App, AppId,
    app::{AppAuth, SecretMethod},
    bytes,
};

/// All apps: those that the configuration names, and those that registered themselves.
#[derive(Debug, Default)]
pub struct Apps(BTreeMap<AppId, App>, BTreeSet<AppId>);

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
    pub const fn new(apps: BTreeMap<AppId, App>) -> Self {
        Self(apps, BTreeSet::new())
    }

    /// The same with these and no other registered apps. One that has the name of a configured one is none.
    #[must_use]
    pub fn with_registered(&self, registered: impl Iterator<Item = App>) -> Self {
        let configured = self.0.iter().filter(|(id, _)| !self.1.contains(*id));
        let mut all: BTreeMap<AppId, App> = configured.map(|(id, app)| (id.clone(), app.clone())).collect();
        let mut names = BTreeSet::new();
        for app in registered {
            if !all.contains_key(&app.id) {
                names.insert(app.id.clone());
                all.insert(app.id.clone(), app);
            }
        }
        Self(all, names)
    }

    /// Those of the configuration.
    pub fn configured(&self) -> impl Iterator<Item = &App> {
        self.0.values().filter(|app| !self.1.contains(&app.id))
    }

    /// The app of that name.
    pub fn find(&self, id: &str) -> Option<&App> {
        id.parse::<AppId>().ok().and_then(|id| self.0.get(&id))
    }

    /// The app of that id.
    pub fn get(&self, id: &AppId) -> Option<&App> {
        self.0.get(id)
    }

    /// The app that an access token for `audience` is for.
    pub fn meant_by(&self, audience: &str) -> Option<&App> {
        self.find(audience).or_else(|| self.iter().find(|app| app.is_meant_by(audience)))
    }

    /// All of them.
    pub fn iter(&self) -> impl Iterator<Item = &App> {
        self.0.values()
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
