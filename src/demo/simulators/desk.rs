//! The desk of a simulator: who it is, whom it knows, and what it has handed out.

use std::{
    collections::BTreeSet,
    sync::{Arc, Mutex, PoisonError},
};

use url::Url;

use super::{
    Broken, Kind, Simulator,
    ask::{Asked, Grant},
    dialect::Dialect,
    fault::{Fault, Faults},
    google_risc::{ServiceAccount, Stream},
    keys::{SigningKeys, p8, public_of_p8},
    people::Person,
};
use crate::{
    demo::shelf::{Shelf, unguessable},
    types::{Clock, Random, bytes, urls::is_loopback},
};

/// The one registered client.
pub(crate) struct Client {
    pub(crate) id: String,
    /// For Apple, the private key that only the client would have.
    pub(crate) secret: String,
    redirect_uris: Vec<String>,
}

impl Client {
    /// Whether the redirect URI is registered: the same text, or below one where `sub_paths` are taken.
    pub(crate) fn registered(&self, uri: &str, sub_paths: bool) -> bool {
        if self.redirect_uris.is_empty() {
            return Url::parse(uri)
                .is_ok_and(|url| url.fragment().is_none() && url.host().as_ref().is_some_and(is_loopback));
        }
        self.redirect_uris.iter().any(|known| {
            known == uri || (sub_paths && uri.strip_prefix(known.as_str()).is_some_and(|rest| rest.starts_with('/')))
        })
    }

    /// Whether these are its id and secret.
    pub(crate) fn is(&self, id: &str, secret: &str) -> bool {
        self.id == id && bytes::constant_time_eq(self.secret.as_bytes(), secret.as_bytes())
    }
}

/// What has been handed out and armed.
#[derive(Default)]
pub(crate) struct Memory {
    /// Requests that wait for a person.
    pub(crate) pending: Shelf<Asked>,
    /// Codes; a spent one stays, so that its second use can be told from an unknown one.
    pub(crate) codes: Shelf<(Grant, bool)>,
    /// Access and refresh tokens.
    pub(crate) tokens: Shelf<Grant>,
    /// Who has been to this app before.
    pub(crate) known: BTreeSet<&'static str>,
    /// Tokens that were given back, in order.
    pub(crate) revoked: Vec<String>,
    /// Where Google's events go.
    pub(crate) stream: Option<Stream>,
    /// What came back from there, in order.
    pub(crate) delivered: Vec<u16>,
    armed: Faults,
    answer: Option<String>,
}

/// A simulator at work.
pub(crate) struct Desk {
    pub(crate) kind: Kind,
    pub(crate) dialect: &'static dyn Dialect,
    /// Its origin, without a trailing slash.
    pub(crate) base: String,
    pub(crate) client: Client,
    pub(crate) people: Vec<Person>,
    pub(crate) key: SigningKeys,
    /// Who may set up Google's stream of events.
    pub(crate) service_account: ServiceAccount,
    /// The public side of the client's key (Apple).
    pub(crate) client_key: Option<jsonwebtoken::jwk::Jwk>,
    pub(crate) clock: Arc<dyn Clock>,
    pub(crate) random: Arc<dyn Random>,
    memory: Mutex<Memory>,
}

impl Desk {
    pub(crate) fn open(simulator: Simulator, base: String) -> Result<Self, Broken> {
        let dialect = simulator.kind.dialect();
        let apple = simulator.kind == Kind::Apple;
        let secret = match simulator.client_secret {
            Some(secret) => secret,
            None if apple => p8()?,
            None => unguessable(&simulator.random),
        };
        Ok(Self {
            kind: simulator.kind,
            dialect,
            base,
            client_key: if apple { Some(public_of_p8(&secret)?) } else { None },
            client: Client { id: simulator.client_id, secret, redirect_uris: simulator.redirect_uris },
            people: dialect.people(),
            key: SigningKeys::generate()?,
            service_account: ServiceAccount::default(),
            clock: simulator.clock,
            random: simulator.random,
            memory: Mutex::default(),
        })
    }

    /// Does something with what is remembered. Nothing waits inside.
    pub(crate) fn memory<T>(&self, act: impl FnOnce(&mut Memory) -> T) -> T {
        act(&mut self.memory.lock().unwrap_or_else(PoisonError::into_inner))
    }

    /// A fresh name that nobody guesses.
    pub(crate) fn unguessable(&self) -> String {
        unguessable(&self.random)
    }

    /// The person of that handle.
    pub(crate) fn person(&self, handle: &str) -> Option<&Person> {
        self.people.iter().find(|person| person.handle == handle)
    }

    /// Seconds since the epoch.
    pub(crate) fn now(&self) -> u64 {
        self.clock.now().as_secs()
    }

    /// An access (or refresh) token for a grant, with the provider's prefix.
    pub(crate) fn issue_token(&self, prefix: &str, grant: Grant) -> String {
        let token = format!("{prefix}{}", self.unguessable());
        self.memory(|memory| memory.tokens.put(token.clone(), grant));
        token
    }

    /// The grant of a token that is good.
    pub(crate) fn grant_of(&self, token: &str) -> Option<Grant> {
        self.memory(|memory| memory.tokens.get(token).cloned())
    }

    /// A token was given back: everything that its person was given here is void.
    pub(crate) fn give_back(&self, token: &str, person: &'static str) {
        self.memory(|memory| {
            memory.revoked.push(token.to_owned());
            memory.tokens.retain(|grant| grant.person != person);
            memory.known.remove(person);
        });
    }

    /// The faults armed for everything.
    pub(crate) fn armed(&self) -> Faults {
        self.memory(|memory| memory.armed.clone())
    }

    /// The faults of one login: those armed and its own.
    pub(crate) fn faults(&self, grant: &Grant) -> Faults {
        let mut faults = self.armed();
        faults.0.extend(grant.fault);
        faults
    }

    /// Arms a fault for all that follows.
    pub(crate) fn arm(&self, fault: Fault) {
        self.memory(|memory| memory.armed.0.insert(fault));
    }

    /// Answers from now on without a page: a person's handle, or `refuse`.
    pub(crate) fn answer_with(&self, answer: &str) {
        self.memory(|memory| memory.answer = Some(answer.to_owned()));
    }

    /// The answer to give without a page.
    pub(crate) fn standing_answer(&self) -> Option<String> {
        self.memory(|memory| memory.answer.clone())
    }

    /// Forgets faults, the standing answer and who has been here; what was handed out stays good.
    pub(crate) fn clear(&self) {
        self.memory(|memory| {
            memory.armed = Faults::default();
            memory.answer = None;
            memory.known.clear();
        });
    }
}
