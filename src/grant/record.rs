//! A grant at rest, and the locators by which codes and tokens find it.

use serde::{Deserialize, Serialize};

use crate::{
    flow::Request,
    partition::{At, Codec, Presence, Stamp},
    seal::Lock,
    store::{Partition, RecordKey},
    types::{
        AppId, Claims, ProviderId, Scope, Secret32, Timestamp,
        echo::AppNonce,
        ids::{HomeId, RandomId},
        urls::AppRedirect,
    },
};

/// Where a grant is: each step is one guarded commit, made after all checks.
///
/// ```text
/// Pending ──code──▶ Active ──▶ gone
///    └── a second use of the code, a revocation, an end of what it hangs on ──▶ gone
/// ```
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) enum State {
    /// A code is out.
    Pending(Binding),
    /// Tokens are out.
    Active,
}

/// What the code is bound to (RFC 6749, section 4.1.3; RFC 7636, section 4.4).
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub(super) struct Binding {
    pub redirect: AppRedirect,
    pub redirect_named: bool,
    pub challenge: Option<String>,
    pub nonce: Option<AppNonce>,
    pub expires: Timestamp,
}

impl Binding {
    pub fn of(request: &Request, expires: Timestamp) -> Self {
        Self {
            redirect: request.redirect.clone(),
            redirect_named: request.redirect_named,
            challenge: request.challenge.clone(),
            nonce: request.nonce.clone(),
            expires,
        }
    }
}

/// The part that says nothing of who it is.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Header {
    pub app: AppId,
    pub state: State,
    /// The stamp of the account: this grant ends with the sessions.
    pub stamp: Stamp,
    pub session: RandomId,
    pub provider: ProviderId,
    pub scope: Scope,
    pub auth_time: Timestamp,
    pub since: Timestamp,
}

/// The record: the header under the master; the claims under the master and the grant's own key, which is stored
/// nowhere: it travels, sealed, in the code and in the tokens.
#[derive(Clone, Debug, Serialize, Deserialize)]
pub(super) struct Record {
    #[serde(with = "serde_bytes")]
    header: Vec<u8>,
    #[serde(with = "serde_bytes")]
    claims: Vec<u8>,
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
    #[serde(rename = "k")]
    pub(super) key: Secret32,
}

impl Locator {
    pub(super) fn partition(&self) -> Partition {
        Partition::home(self.home)
    }

    pub(super) fn keys(&self) -> [RecordKey; 4] {
        [RecordKey::head(), RecordKey::grant(self.id), RecordKey::consent(&self.app), RecordKey::session(self.session)]
    }
}

fn at<'a>(part: &'static str, who: &'a Presence, names: &'a (Partition, RecordKey)) -> At<'a> {
    At { part, partition: &names.0, key: &names.1, life: &who.life }
}

impl Record {
    pub fn seal(codec: &Codec, who: &Presence, locator: &Locator, header: &Header, claims: &Claims) -> Self {
        let names = (who.partition(), RecordKey::grant(locator.id));
        Self {
            header: codec.seal(at("grant header", who, &names), Lock::Master, header),
            claims: codec.seal(at("grant claims", who, &names), Lock::MasterAnd(&locator.key), claims),
        }
    }

    /// Opens the header; `None` if it belongs to an earlier life or is none.
    pub fn open(codec: &Codec, who: &Presence, locator: &Locator, value: &[u8]) -> Option<(Self, Header)> {
        let record: Self = rmp_serde::from_slice(value).ok()?;
        let names = (who.partition(), RecordKey::grant(locator.id));
        let header = codec.open(at("grant header", who, &names), Lock::Master, &record.header).ok()?;
        Some((record, header))
    }

    /// Opens the claims, which proves that the locator is this grant's own.
    pub fn claims(&self, codec: &Codec, who: &Presence, locator: &Locator) -> Option<Claims> {
        let names = (who.partition(), RecordKey::grant(locator.id));
        codec.open(at("grant claims", who, &names), Lock::MasterAnd(&locator.key), &self.claims).ok()
    }

    pub fn with_header(self, codec: &Codec, who: &Presence, locator: &Locator, header: &Header) -> Self {
        let names = (who.partition(), RecordKey::grant(locator.id));
        Self { header: codec.seal(at("grant header", who, &names), Lock::Master, header), ..self }
    }

    pub fn to_bytes(&self) -> Option<Vec<u8>> {
        rmp_serde::to_vec_named(self).ok()
    }
}
