//! Requests that apps push beforehand (RFC 9126): kept for a minute, sealed with the reference that the app alone has.
//! They may be stored, since they come from an app that proved itself; how many, is bounded.

use std::{num::NonZeroU16, sync::Arc, time::Duration};

use crate::{
    flow::{Request, request::PushedId},
    partition::places,
    seal::{Lock, Place, Sealer},
    store::{Backend, Commit, Outcome, Partition, Put, RecordKey, StoreError},
    types::{AppId, Clock, Secret32, bytes, ids::RandomId, random},
};

/// What stands before the secret in a reference (section 2.2).
const PREFIX: &str = "urn:ietf:params:oauth:request_uri:";
/// How long a reference is good for the beginning of an attempt.
pub const LIVES: Duration = Duration::from_secs(60);
/// The most requests of one app that wait at a time.
const MOST: NonZeroU16 = NonZeroU16::new(4096).unwrap();

/// Keeps and finds pushed requests.
#[derive(Clone)]
pub struct Pushed {
    store: Arc<dyn Backend>,
    sealer: Arc<Sealer>,
    clock: Arc<dyn Clock>,
}

/// What came of a push.
#[derive(Debug)]
pub enum Kept {
    /// `request_uri`.
    As(String),
    /// Too many wait already.
    TooMany,
}

/// Whether a `request_uri` is a reference of ours, and not the address of a document (RFC 9101, section 5.2).
pub fn is_reference(uri: &str) -> bool {
    uri.starts_with(PREFIX)
}

impl Pushed {
    /// On a store, with what seals, and the time.
    pub fn new(store: Arc<dyn Backend>, sealer: Arc<Sealer>, clock: Arc<dyn Clock>) -> Self {
        Self { store, sealer, clock }
    }

    /// Keeps a request whose app and redirect URI are proven.
    ///
    /// # Errors
    /// The store's own.
    pub async fn keep(&self, request: &Request) -> Result<Kept, StoreError> {
        let partition = Partition::pushed(&request.app);
        let secret = Secret32::generate(self.sealer.random());
        let key = RecordKey::pushed(id_of(&secret).0);
        let name = full_name(&partition, &key);
        let value = self.sealer.seal_value(Place::of(LABEL, &name), Lock::MasterAnd(&secret), request);
        let expires = self.clock.now().plus(LIVES);
        let put = Put {
            key,
            version: random::bytes(self.sealer.random()),
            value: value.ok_or(StoreError::Corrupt("a request does not serialise"))?,
            expires: Some(expires),
            due: None,
        };
        for _ in 0..places::TRIES {
            let (free, place) = places::draw(self.sealer.random(), MOST, expires);
            let commit = Commit { guards: vec![free], puts: vec![place, put.clone()], deletes: vec![] };
            if self.store.commit(&partition, commit).await? == Outcome::Committed {
                return Ok(Kept::As(format!("{PREFIX}{}", bytes::to_base64url(secret.expose()))));
            }
        }
        Ok(Kept::TooMany)
    }

    /// The request behind a reference, if it is of this app; it stays there, so that the page may be reloaded.
    ///
    /// # Errors
    /// The store's own.
    pub async fn find(&self, app: &AppId, uri: &str) -> Result<Option<Request>, StoreError> {
        let secret = uri.strip_prefix(PREFIX).and_then(bytes::from_base64url).and_then(|secret| secret.try_into().ok());
        let Some(secret) = secret.map(Secret32::new) else { return Ok(None) };
        let (partition, id) = (Partition::pushed(app), id_of(&secret));
        let key = RecordKey::pushed(id.0);
        let Some(stored) = self.store.read(&partition, std::slice::from_ref(&key)).await?.pop().flatten() else {
            return Ok(None);
        };
        let name = full_name(&partition, &key);
        let lock = Lock::MasterAnd(&secret);
        let request = self.sealer.open_value::<Request>(Place::of(LABEL, &name), lock, &stored.value).ok();
        Ok(request.filter(|request| request.app == *app).map(|request| Request { pushed: Some(id), ..request }))
    }
}

const LABEL: &str = "pushed request";

/// Where a record is, whole, so that none can be put in another's place.
fn full_name(partition: &Partition, key: &RecordKey) -> Vec<u8> {
    [partition.as_str(), key.as_str()].join("\0").into_bytes()
}

/// Names a request and opens nothing: the first half of the secret's hash.
fn id_of(secret: &Secret32) -> PushedId {
    let mut id = [0; 16];
    id.copy_from_slice(bytes::sha256(secret.expose()).split_at(16).0);
    PushedId(RandomId::new(id))
}
