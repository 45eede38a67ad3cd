//! Sessions of an example app: in memory, behind random cookies.

use std::sync::{Mutex, PoisonError};

use actix_web::{
    HttpRequest,
    cookie::{Cookie, SameSite},
};

use super::login::{Flow, SignedIn};
use crate::{
    demo::shelf::{Shelf, unguessable},
    types::Random,
};

/// Logins on their way and people who are in. Cookies know no ports, so their names carry the app's.
pub(super) struct Sessions {
    app: &'static str,
    flows: Mutex<Shelf<Flow>>,
    people: Mutex<Shelf<SignedIn>>,
}

impl Sessions {
    pub(super) fn new(app: &'static str) -> Self {
        Self { app, flows: Mutex::default(), people: Mutex::default() }
    }

    /// Holds a login that has begun.
    pub(super) fn hold(&self, random: &dyn Random, flow: Flow) -> Cookie<'static> {
        put(&self.flows, self.flow_cookie(), random, flow)
    }

    /// The login that this browser began; it can be taken once.
    pub(super) fn take(&self, request: &HttpRequest) -> Option<Flow> {
        let name = request.cookie(&self.flow_cookie())?;
        lock(&self.flows).take(name.value())
    }

    /// Someone is in.
    pub(super) fn open(&self, random: &dyn Random, person: SignedIn) -> Cookie<'static> {
        put(&self.people, self.session_cookie(), random, person)
    }

    /// Who it is.
    pub(super) fn who(&self, request: &HttpRequest) -> Option<SignedIn> {
        let name = request.cookie(&self.session_cookie())?;
        lock(&self.people).get(name.value()).cloned()
    }

    /// They leave.
    pub(super) fn close(&self, request: &HttpRequest) -> Option<SignedIn> {
        let name = request.cookie(&self.session_cookie())?;
        lock(&self.people).take(name.value())
    }

    fn flow_cookie(&self) -> String {
        format!("{}_flow", self.app)
    }

    fn session_cookie(&self) -> String {
        format!("{}_session", self.app)
    }
}

fn put<V>(shelf: &Mutex<Shelf<V>>, cookie: String, random: &dyn Random, value: V) -> Cookie<'static> {
    let name = unguessable(random);
    lock(shelf).put(name.clone(), value);
    Cookie::build(cookie, name).path("/").http_only(true).same_site(SameSite::Lax).finish()
}

fn lock<V>(shelf: &Mutex<Shelf<V>>) -> std::sync::MutexGuard<'_, Shelf<V>> {
    shelf.lock().unwrap_or_else(PoisonError::into_inner)
}
