//! A grant at rest, and the locators by which codes and tokens find it.

use serde::{Deserialize, Serialize};
use serde_bytes::ByteBuf;

use super::{denied::Denied, lineage::Lineage};
use crate::{
    flow::{Learned, Request},
    partition::{At, Codec, Presence, Stamp},
    seal::Lock,
    store::{Guard, Partition, RecordKey},
    types::{
        AppId, Claims, ProviderId, Scope, Secret32, Thumbprint, Timestamp,
        claims_request::ClaimsRequest,
        echo::AppNonce,
        ids::{HomeId, RandomId},
        urls::AppRedirect,
    },
};

/// Where a grant is: each step is one guarded commit, made after all checks.
///
/// ```text
/// Pending ──code──▶ Active(n) ──refresh token n──▶ Active(n + 1) ──▶ …
///    └──────────────────┴── a second use of a code or of an older token, a revocation,
///                           an end of what it hangs on ──▶ gone
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum State {
    /// A code is out.
    Pending(Binding),
    /// Tokens are out; of the refresh tokens this one is the present one.
    Active(Lineage),
}

/// What the code is bound to (RFC 6749, section 4.1.3; RFC 7636, section 4.4).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Binding {
    pub redirect: AppRedirect,
    pub redirect_named: bool,
    pub challenge: Option<String>,
    pub nonce: Option<AppNonce>,
    pub expires: Timestamp,
    /// `dpop_jkt` (RFC 9449, section 10).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<Thumbprint>,
}

impl Binding {
    pub fn of(request: &Request, expires: Timestamp) -> Self {
        Self {
            redirect: request.redirect.clone(),
            redirect_named: request.redirect_named,
            challenge: request.challenge.clone(),
            nonce: request.nonce.clone(),
            expires,
            key: request.dpop_key.clone(),
        }
    }
}

/// The part that says nothing of who it is.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Header {
    pub app: AppId,
    pub state: State,
    /// The stamp of the account: this grant ends with the sessions, unless it is offline.
    pub stamp: Stamp,
    pub session: RandomId,
    /// Whether it survives signing out.
    pub offline: bool,
    /// When the agreement was given that it rests on: a person who withdrew one and comes back begins another, and
    /// what hung on the first stays dead.
    pub agreed: Timestamp,
    pub provider: ProviderId,
    pub scope: Scope,
    pub auth_time: Timestamp,
    pub since: Timestamp,
    /// The access tokens that were revoked one by one.
    pub denied: Denied,
    /// What was asked for besides the scope.
    #[serde(default, skip_serializing_if = "ClaimsRequest::is_empty")]
    pub claims: ClaimsRequest,
    /// The services that its access tokens are for (RFC 8707).
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<String>,
    /// The key that the refresh tokens of a public app are bound to (RFC 9449, section 5).
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<Thumbprint>,
}

/// The record: the header under the master; the claims under the master and the grant's own key, which is stored
/// nowhere: it travels, sealed, in the code and in the tokens.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Record {
    #[serde(with = "serde_bytes")]
    header: Vec<u8>,
    #[serde(with = "serde_bytes")]
    claims: Vec<u8>,
    /// The answer in which the present refresh token went out, for whoever presents its predecessor.
    #[serde(with = "serde_bytes", default, skip_serializing_if = "Option::is_none")]
    answer: Option<Vec<u8>>,
    /// What the app's rules ask for beside the claims, sealed like them; absent for an app without rules.
    #[serde(with = "serde_bytes", default, skip_serializing_if = "Option::is_none")]
    learned: Option<Vec<u8>>,
}

/// What a code or an access token holds, sealed: enough to read all that decides about it in one round trip.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub struct Locator {
    #[serde(rename = "p")]
    pub(super) home: HomeId,
    #[serde(rename = "i")]
    pub(super) id: RandomId,
    #[serde(rename = "a")]
    pub(super) app: AppId,
    #[serde(rename = "s")]
    pub(super) session: RandomId,
    /// What opens the claims. A token that does not open UserInfo goes out without it.
    #[serde(rename = "k", default, skip_serializing_if = "Option::is_none")]
    pub(super) key: Option<Secret32>,
}

impl Locator {
    pub(super) fn partition(&self) -> Partition {
        Partition::home(self.home)
    }

    /// The same without what opens the claims.
    pub(super) fn without_key(&self) -> Self {
        Self { key: None, ..self.clone() }
    }

    /// What decides about a grant, and last what its app was given.
    pub(super) fn keys(&self) -> [RecordKey; 5] {
        [
            RecordKey::head(),
            RecordKey::grant(self.id),
            RecordKey::consent(&self.app),
            RecordKey::session(self.session),
            RecordKey::served(&self.app),
        ]
    }
}

/// What a refresh token holds, sealed: where its grant is, and which of the family it is.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Member {
    #[serde(rename = "l")]
    pub locator: Locator,
    #[serde(rename = "n")]
    pub generation: u32,
}

/// An answer as it went out, and what it rested on.
#[derive(Clone, Serialize, Deserialize)]
pub(super) struct Kept {
    /// The refresh token in it.
    pub refresh: String,
    /// The whole of it.
    #[serde(with = "serde_bytes")]
    pub body: Vec<u8>,
    /// The scope that was asked for.
    pub scope: Scope,
    /// When its tokens expire.
    pub expires: Timestamp,
    /// Which head and which agreement it rested on.
    pub basis: Basis,
    /// The services that its access token is for.
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub resources: Vec<String>,
    /// The key that its access token is bound to.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub key: Option<Thumbprint>,
}

/// A head and an agreement, as a read found them.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Basis(Vec<ByteBuf>);

impl Basis {
    /// From the guards that hold as long as they stay as they are.
    pub fn of(guards: &[Guard]) -> Self {
        let version = |guard: &Guard| match guard {
            Guard::Version(_, version) => ByteBuf::from(*version),
            Guard::Absent(_) => ByteBuf::new(),
        };
        Self(guards.iter().map(version).collect())
    }
}

fn at<'a>(part: &'static str, who: &'a Presence, names: &'a (Partition, RecordKey)) -> At<'a> {
    At { part, partition: &names.0, key: &names.1, life: &who.life }
}

impl Record {
    pub fn seal(
        codec: &Codec,
        who: &Presence,
        locator: &Locator,
        header: &Header,
        (claims, learned): (&Claims, Option<&Learned>),
    ) -> Self {
        let names = (who.partition(), RecordKey::grant(locator.id));
        let lock = locator.key.as_ref().map(Lock::MasterAnd);
        Self {
            header: codec.seal(at("grant header", who, &names), Lock::Master, header),
            claims: lock.map(|lock| codec.seal(at("grant claims", who, &names), lock, claims)).unwrap_or_default(),
            answer: None,
            learned: lock
                .zip(learned)
                .map(|(lock, learned)| codec.seal(at("grant learned", who, &names), lock, learned)),
        }
    }

    /// Opens the header; `None` if it belongs to an earlier life or is none.
    pub fn open(codec: &Codec, who: &Presence, id: RandomId, value: &[u8]) -> Option<(Self, Header)> {
        let record: Self = rmp_serde::from_slice(value).ok()?;
        let names = (who.partition(), RecordKey::grant(id));
        let header = codec.open(at("grant header", who, &names), Lock::Master, &record.header).ok()?;
        Some((record, header))
    }

    /// Opens the claims, which proves that the locator is this grant's own; none for one that went out without the key.
    pub fn claims(&self, codec: &Codec, who: &Presence, locator: &Locator) -> Option<Claims> {
        let names = (who.partition(), RecordKey::grant(locator.id));
        let Some(key) = &locator.key else { return Some(Claims::default()) };
        codec.open(at("grant claims", who, &names), Lock::MasterAnd(key), &self.claims).ok()
    }

    /// Opens what the app's rules ask for; nothing, learned never, if it is not there.
    pub fn learned(&self, codec: &Codec, who: &Presence, locator: &Locator) -> Learned {
        let names = (who.partition(), RecordKey::grant(locator.id));
        let open = |(sealed, key): (&Vec<u8>, _)| {
            codec.open(at("grant learned", who, &names), Lock::MasterAnd(key), sealed).ok()
        };
        self.learned.as_ref().zip(locator.key.as_ref()).and_then(open).unwrap_or_default()
    }

    /// Opens the answer in which the present refresh token went out; `None` if there is none.
    pub fn answer(&self, codec: &Codec, who: &Presence, locator: &Locator) -> Option<Kept> {
        let names = (who.partition(), RecordKey::grant(locator.id));
        let lock = Lock::MasterAnd(locator.key.as_ref()?);
        codec.open(at("grant answer", who, &names), lock, self.answer.as_ref()?).ok()
    }

    pub fn with_answer(self, codec: &Codec, who: &Presence, locator: &Locator, answer: Option<&Kept>) -> Self {
        let names = (who.partition(), RecordKey::grant(locator.id));
        let seal = |(answer, key)| codec.seal(at("grant answer", who, &names), Lock::MasterAnd(key), answer);
        Self { answer: answer.zip(locator.key.as_ref()).map(seal), ..self }
    }

    pub fn with_header(self, codec: &Codec, who: &Presence, locator: &Locator, header: &Header) -> Self {
        let names = (who.partition(), RecordKey::grant(locator.id));
        Self { header: codec.seal(at("grant header", who, &names), Lock::Master, header), ..self }
    }

    pub fn to_bytes(&self) -> Option<Vec<u8>> {
        rmp_serde::to_vec_named(self).ok()
    }
}
