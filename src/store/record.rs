//! The one place where names of records are made. A name says the kind, so that one kind can never be taken for
//! another, and holds nothing personal: pseudonyms and random ids only.

use std::fmt;

use super::Kind;
use crate::types::{
    AppId, Timestamp, bytes,
    ids::{HomeId, IdentityId, RandomId},
};

/// How many parts the outbox has, so that instances share its work.
pub const OUTBOX_SHARDS: u8 = 16;

/// The name of a partition: what the records that change together have in common. In a Redis cluster it is the
/// hash tag of their keys.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Partition(String);

impl Partition {
    /// All records of one account.
    pub fn home(home: HomeId) -> Self {
        Self(home.to_string())
    }

    /// The account whose home this is, if it is one: no other partition has such a name.
    pub fn as_home(&self) -> Option<HomeId> {
        bytes::from_base64url(&self.0).and_then(|bytes| bytes.try_into().ok()).map(HomeId::new)
    }

    /// The alias record of one identity; the same partition as the account's, where the identity was its first.
    pub fn identity(identity: IdentityId) -> Self {
        Self(identity.to_string())
    }

    /// One thing that was spent, by the hash of what names it.
    pub fn spent(hash: &[u8; 32]) -> Self {
        Self(format!("j:{}", bytes::to_base64url(hash)))
    }

    /// What an app pushed.
    pub fn pushed(app: &AppId) -> Self {
        Self(format!("r:{}", app.as_part()))
    }

    /// The keyring.
    pub fn keyring() -> Self {
        Self("k".into())
    }

    /// Messages to apps, and hints that an intent waits: one of the [`OUTBOX_SHARDS`] parts of the outbox.
    pub fn outbox(shard: u8) -> Self {
        Self(format!("o:{}", shard % OUTBOX_SHARDS))
    }

    /// The part of the outbox where messages wait that an app will ask for.
    pub fn mailbox(app: &AppId) -> Self {
        let [first, ..] = bytes::sha256(app.as_str().as_bytes());
        Self::outbox(first)
    }

    /// The state of a deletion, by the hash of its code.
    pub fn status(hash: &[u8; 32]) -> Self {
        Self(format!("z:{}", bytes::to_base64url(hash)))
    }

    /// An event of a provider, by the hash of what names it.
    pub fn event(hash: &[u8; 32]) -> Self {
        Self(format!("e:{}", bytes::to_base64url(hash)))
    }

    /// A device's request, by what its user code is known by.
    pub fn device(place: &[u8; 32]) -> Self {
        Self(format!("v:{}", bytes::to_base64url(place)))
    }

    /// The places that an app's devices have.
    pub fn device_places(app: &AppId) -> Self {
        Self(format!("vp:{}", app.as_part()))
    }

    /// The apps that registered themselves.
    pub fn apps() -> Self {
        Self("apps".into())
    }

    /// What instances tell each other.
    pub fn marks() -> Self {
        Self("m".into())
    }

    /// From the store, which gives back only what was made here.
    pub(in crate::store) const fn from_store(name: String) -> Self {
        Self(name)
    }

    /// As it stands in the store.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for Partition {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "Partition({})", self.0)
    }
}

/// The name of a record inside its partition: kind, and what tells it from others of that kind.
#[derive(Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct RecordKey(String);

impl RecordKey {
    fn named(kind: Kind, rest: impl fmt::Display) -> Self {
        Self(format!("{}:{rest}", kind.prefix()))
    }

    fn only(kind: Kind) -> Self {
        Self(kind.prefix().to_owned())
    }

    /// The head of an account.
    pub fn head() -> Self {
        Self::only(Kind::Head)
    }

    /// The alias of an identity.
    pub fn identity() -> Self {
        Self::only(Kind::Identity)
    }

    /// The consent of an account to an app.
    pub fn consent(app: &AppId) -> Self {
        Self::named(Kind::Consent, app.as_part())
    }

    /// What an app was last given.
    pub fn served(app: &AppId) -> Self {
        Self::named(Kind::Served, app.as_part())
    }

    /// A session.
    pub fn session(id: RandomId) -> Self {
        Self::named(Kind::Session, id)
    }

    /// A session's pass for a gated host, by a hash.
    pub fn gate(hash: &[u8; 32]) -> Self {
        Self::named(Kind::Gate, bytes::to_base64url(hash))
    }

    /// A grant.
    pub fn grant(id: RandomId) -> Self {
        Self::named(Kind::Grant, id)
    }

    /// A line of history; names sort by time.
    pub fn history(at: Timestamp, id: RandomId) -> Self {
        Self::named(Kind::History, format_args!("{:013}-{id}", at.as_millis()))
    }

    /// A receipt; names sort by time.
    pub fn receipt(at: Timestamp, id: RandomId) -> Self {
        Self::named(Kind::Receipt, format_args!("{:013}-{id}", at.as_millis()))
    }

    /// An intent, by its case.
    pub fn intent(case: RandomId) -> Self {
        Self::named(Kind::Intent, case)
    }

    /// A message to an app.
    pub fn outbox(id: RandomId) -> Self {
        Self::named(Kind::Outbox, id)
    }

    /// A message that an app will ask for.
    pub fn mailbox(app: &AppId, id: RandomId) -> Self {
        Self::named(Kind::Outbox, format_args!("app:{}:{id}", app.as_part()))
    }

    /// Comes before every message that an app will ask for, and after those of apps whose names come before its own.
    pub fn mailbox_start(app: &AppId) -> Self {
        Self::named(Kind::Outbox, format_args!("app:{}:", app.as_part()))
    }

    /// The hint that an intent waits, by its case.
    pub fn hint(case: RandomId) -> Self {
        Self::named(Kind::Outbox, format_args!("hint:{case}"))
    }

    /// The state of a deletion.
    pub fn status() -> Self {
        Self::only(Kind::Status)
    }

    /// An event of a provider.
    pub fn event() -> Self {
        Self::only(Kind::Event)
    }

    /// A mark among instances, by a word of ours.
    pub fn mark(what: &'static str) -> Self {
        Self::named(Kind::Mark, what)
    }

    /// A device's request.
    pub fn device() -> Self {
        Self::only(Kind::Device)
    }

    /// One of the places that an app has for its devices, or for what it pushes.
    pub fn place(number: u16) -> Self {
        Self::named(Kind::Place, number)
    }

    /// A pushed request.
    pub fn pushed(id: RandomId) -> Self {
        Self::named(Kind::Pushed, id)
    }

    /// An app that registered itself.
    pub fn registered(app: &AppId) -> Self {
        Self::named(Kind::App, app.as_part())
    }

    /// The edition of all of them.
    pub fn edition() -> Self {
        Self::only(Kind::App)
    }

    /// The mark of something spent.
    pub fn spent() -> Self {
        Self::only(Kind::Spent)
    }

    /// The keyring.
    pub fn keyring() -> Self {
        Self::only(Kind::Keyring)
    }

    /// From the store, which gives back only what was made here.
    pub(in crate::store) const fn from_store(name: String) -> Self {
        Self(name)
    }

    /// What the record is.
    pub fn kind(&self) -> Option<Kind> {
        let prefix = self.0.split_once(':').map_or(self.0.as_str(), |(prefix, _)| prefix);
        Kind::ALL.into_iter().find(|kind| kind.prefix() == prefix)
    }

    /// The app that a consent or what was served is about.
    pub fn app(&self) -> Option<AppId> {
        let (_, rest) = self.0.split_once(':')?;
        matches!(self.kind(), Some(Kind::Consent | Kind::Served)).then(|| AppId::from_part(rest).ok())?
    }

    /// The random id of a session or a grant.
    pub fn id(&self) -> Option<RandomId> {
        let (_, rest) = self.0.split_once(':')?;
        matches!(self.kind(), Some(Kind::Session | Kind::Grant)).then(|| rest.parse().ok())?
    }

    /// Whether it is a message that this app will ask for.
    pub fn is_in_mailbox_of(&self, app: &AppId) -> bool {
        self.0.starts_with(Self::mailbox_start(app).as_str())
    }

    /// When a line of history or a receipt was written.
    pub fn written(&self) -> Option<Timestamp> {
        let (_, rest) = self.0.split_once(':')?;
        let (millis, _) = rest.split_once('-')?;
        let has_time = matches!(self.kind(), Some(Kind::History | Kind::Receipt));
        has_time.then(|| millis.parse().ok().map(Timestamp::from_millis))?
    }

    /// As it stands in the store.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Debug for RecordKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "RecordKey({})", self.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_home_is_told_from_other_partitions() {
        let home = HomeId::new([7; 32]);
        assert_eq!(Partition::home(home).as_home(), Some(home));
        let others = [Partition::spent(&[7; 32]), Partition::keyring(), Partition::outbox(3), Partition::marks()];
        assert!(others.iter().all(|other| other.as_home().is_none()));
    }

    #[test]
    fn what_is_named_by_its_time_says_it() {
        let (at, id) = (Timestamp::from_millis(1_764_028_800_123), RandomId::new([255; 16]));
        assert_eq!(RecordKey::history(at, id).written(), Some(at));
        assert_eq!(RecordKey::receipt(at, id).written(), Some(at));
        assert_eq!(RecordKey::history(Timestamp::default(), id).written(), Some(Timestamp::default()));
        assert_eq!(RecordKey::session(id).written(), None);
        assert_eq!(RecordKey::from_store("h:soon-x".into()).written(), None);
    }

    #[test]
    fn an_app_named_after_a_document_is_read_back_from_a_name() {
        for id in ["notes", "https://a.test/x?y={}:z"] {
            let app: AppId = id.parse().unwrap();
            assert_eq!(RecordKey::consent(&app).app(), Some(app.clone()));
            assert_eq!(RecordKey::served(&app).app(), Some(app));
        }
        assert_eq!(RecordKey::from_store("c:https://a.test/x".into()).app(), None);
    }

    #[test]
    fn kinds_never_share_a_name() {
        for kind in Kind::ALL {
            assert_eq!(Kind::ALL.iter().filter(|other| other.prefix() == kind.prefix()).count(), 1);
            assert_eq!(RecordKey::named(kind, "x").kind(), Some(kind));
        }
        assert_eq!(RecordKey::head().kind(), Some(Kind::Head));
        assert_eq!(RecordKey::from_store("ca:x".into()).kind(), None);
        assert_ne!(RecordKey::session(RandomId::new([1; 16])), RecordKey::grant(RandomId::new([1; 16])));
    }
}
