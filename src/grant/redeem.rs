//! A code is redeemed: all checks first, then one guarded commit, then tokens. A wrong app burns nothing.

use super::{
    Asking, Found, Grants, Live, Locator, State,
    lineage::Lineage,
    record::{Binding, Header, Member},
};
use crate::{
    partition::races,
    seal::token,
    store::{Commit, Outcome, Put, RecordKey, StoreError},
    types::{SecretText, Thumbprint, bytes, echo::AppNonce, ids::RandomId},
};

/// What an app presents (RFC 6749, section 4.1.3), the app being authenticated already.
#[derive(Clone, Copy, Debug)]
pub struct Redemption<'a> {
    /// Who presents it.
    pub asking: Asking<'a>,
    /// The code.
    pub code: &'a str,
    /// `redirect_uri`.
    pub redirect_uri: Option<&'a str>,
    /// `code_verifier`.
    pub verifier: Option<&'a str>,
    /// `resource`: of the services that were granted, these alone (RFC 8707, section 2.2).
    pub resources: &'a [&'a str],
    /// The key that the app proves to hold (RFC 9449).
    pub key: Option<&'a Thumbprint>,
}

/// What comes of it.
#[derive(Debug)]
pub enum Redeemed {
    /// The code is spent; tokens may be minted.
    Granted {
        /// What they are minted for.
        live: Box<Live>,
        /// The first refresh token, for an app that gets them.
        refresh: Option<SecretText>,
    },
    /// It was spent before: everything that it gave has ended now (RFC 6749, section 4.1.2). Holds by what name the
    /// audit knows the account.
    Replayed(RandomId),
    /// `invalid_grant`, and nothing changed.
    Refused(Refusal),
}

/// Why a code is refused, for the developer of the app and for the audit.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refusal {
    /// No such code, or it expired, or what it hangs on has ended.
    #[error("the code is unknown, expired or no longer valid")]
    Unknown,
    /// Another app's.
    #[error("the code was issued to another client")]
    OtherApp,
    /// RFC 6749, section 4.1.3.
    #[error("redirect_uri is not the one of the authorization request")]
    Redirect,
    /// RFC 7636, section 4.6.
    #[error("code_verifier does not match the code_challenge")]
    Verifier,
    /// A challenge was sent (RFC 9700, section 2.1.1).
    #[error("code_verifier is missing")]
    VerifierMissing,
    /// None was sent: a downgrade (RFC 9700, section 4.8.2).
    #[error("code_verifier without a code_challenge in the authorization request")]
    VerifierUnasked,
    /// `invalid_target`.
    #[error("resource goes beyond what was granted")]
    Target,
    /// `dpop_jkt` named another key (RFC 9449, section 10).
    #[error("the code is bound to another key")]
    Key,
    /// `invalid_dpop_proof`.
    #[error("the DPoP proof was used before")]
    ProofUsed,
}

/// What becomes of what was redeemed when it is presented again.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Again {
    /// Two parties hold it: everything that it gave ends.
    EndsAll,
    /// The answer may have been lost.
    SameFamily,
}

impl Grants {
    /// Redeems a code. `prove` spends the proof of possession that came with it: asked once, when all else is right and
    /// before anything changes.
    ///
    /// # Errors
    /// The store's own, and those of `prove`; then no token may go out.
    pub async fn redeem(
        &self,
        redemption: Redemption<'_>,
        prove: impl AsyncFn() -> Result<bool, StoreError>,
    ) -> Result<Redeemed, StoreError> {
        let Ok(locator) = self.codec.sealer().take_back::<Locator>(token::CODE, redemption.code) else {
            return Ok(Redeemed::Refused(Refusal::Unknown));
        };
        let check = |binding: &Binding| check_binding(binding, redemption);
        self.spend(&locator, redemption, (check, Again::EndsAll), prove).await
    }

    /// Redeems what a device was given for its code (RFC 8628, section 3.5), as [`Grants::redeem`] does a code. It was
    /// bound to nothing but the app. A device that did not hear the answer asks again, as that section has it, and gets
    /// tokens of the same family while none was refreshed, for as long as a refresh token would.
    ///
    /// # Errors
    /// As [`Grants::redeem`].
    pub async fn redeem_for_device(
        &self,
        redemption: Redemption<'_>,
        prove: impl AsyncFn() -> Result<bool, StoreError>,
    ) -> Result<Redeemed, StoreError> {
        match self.codec.sealer().take_back::<Locator>(token::DEVICE_GRANT, redemption.code) {
            Ok(locator) => self.spend(&locator, redemption, (|_| Ok(()), Again::SameFamily), prove).await,
            Err(_) => Ok(Redeemed::Refused(Refusal::Unknown)),
        }
    }

    async fn spend(
        &self,
        locator: &Locator,
        redemption: Redemption<'_>,
        (check, again): (impl Fn(&Binding) -> Result<(), Refusal>, Again),
        prove: impl AsyncFn() -> Result<bool, StoreError>,
    ) -> Result<Redeemed, StoreError> {
        let (asking, key) = (redemption.asking, redemption.key);
        if locator.app != asking.app.id {
            return Ok(Redeemed::Refused(Refusal::OtherApp));
        }
        let mut is_proven = false;
        for _ in 0..races::TRIES {
            let Some(found) = self.read(locator).await? else { return Ok(Redeemed::Refused(Refusal::Unknown)) };
            let binding = match &found.header.state {
                State::Pending(binding) => binding,
                State::Active(lineage) if again == Again::SameFamily && self.has_just_begun(lineage) => {
                    return self.once_more(&found, locator, redemption, prove).await;
                }
                State::Active(_) => return Ok(Redeemed::Replayed(self.end_reused(locator, found).await?)),
            };
            if self.clock.now() >= binding.expires {
                return Ok(Redeemed::Refused(Refusal::Unknown));
            }
            if let Err(refusal) = check(binding) {
                return Ok(Redeemed::Refused(refusal));
            }
            if super::aimed(&found.header.resources, redemption.resources).is_none() {
                return Ok(Redeemed::Refused(Refusal::Target));
            }
            is_proven = is_proven || prove().await?;
            if !is_proven {
                return Ok(Redeemed::Refused(Refusal::ProofUsed));
            }
            let nonce = binding.nonce.clone();
            if let Some(done) = self.activate(&found, locator, nonce, asking, key).await? {
                return Ok(done);
            }
        }
        Err(races::too_many())
    }

    fn has_just_begun(&self, lineage: &Lineage) -> bool {
        lineage.has_just_begun(&self.lifetimes.refresh, self.clock.now())
    }

    /// What was given is given again: the first refresh token of the same family, which is not used yet.
    async fn once_more(
        &self,
        found: &Found,
        locator: &Locator,
        Redemption { asking, key, .. }: Redemption<'_>,
        prove: impl AsyncFn() -> Result<bool, StoreError>,
    ) -> Result<Redeemed, StoreError> {
        if found.header.key.is_some() && found.header.key.as_ref() != key {
            return Ok(Redeemed::Refused(Refusal::Key));
        }
        let Some(live) = found.live(locator, None, asking, self.clock.now()) else {
            return Ok(Redeemed::Refused(Refusal::Unknown));
        };
        if !prove().await? {
            return Ok(Redeemed::Refused(Refusal::ProofUsed));
        }
        let refresh = asking.app.refreshes().then(|| self.first_of_family(locator));
        Ok(Redeemed::Granted { live: Box::new(live), refresh })
    }

    fn first_of_family(&self, locator: &Locator) -> SecretText {
        let generation = Lineage::begin(self.clock.now()).generation;
        let member = Member { locator: locator.clone(), generation };
        SecretText::new(self.codec.sealer().hand_out(token::REFRESH, &member))
    }

    /// Spends the code. `None`: something changed since it was read.
    pub(super) async fn activate(
        &self,
        found: &Found,
        locator: &Locator,
        nonce: Option<AppNonce>,
        asking: Asking<'_>,
        key: Option<&Thumbprint>,
    ) -> Result<Option<Redeemed>, StoreError> {
        let Some(live) = found.live(locator, nonce, asking, self.clock.now()) else {
            return Ok(Some(Redeemed::Refused(Refusal::Unknown)));
        };
        let (guards, mut puts) = found.step(self, &live, &live.shown(asking.app, &live.scope));
        let lineage = Lineage::begin(self.clock.now());
        // A confidential app proves itself at each refresh; a public one has nothing but the key (RFC 9449, section 5).
        let key = key.filter(|_| asking.app.is_public()).cloned();
        let header = Header { state: State::Active(lineage), key, ..found.header.clone() };
        let value = found.record.clone().with_header(&self.codec, &found.who, locator, &header).to_bytes();
        let value = value.ok_or(StoreError::Corrupt("a grant does not serialise"))?;
        let refreshes = asking.app.refreshes();
        let expires = Some(self.keep_until(refreshes.then(|| lineage.ends(&self.lifetimes.refresh))));
        puts.push(Put { key: RecordKey::grant(locator.id), version: self.codec.version(), value, expires, due: None });
        let commit = Commit { guards, puts, deletes: vec![] };
        Ok(match self.store.commit(&locator.partition(), commit).await? {
            Outcome::Committed => Some(Redeemed::Granted {
                live: Box::new(live),
                refresh: refreshes.then(|| self.first_of_family(locator)),
            }),
            Outcome::Conflict => None,
        })
    }
}

fn check_binding(binding: &Binding, redemption: Redemption<'_>) -> Result<(), Refusal> {
    match redemption.redirect_uri {
        Some(uri) if uri != binding.redirect.as_str() => return Err(Refusal::Redirect),
        None if binding.redirect_named => return Err(Refusal::Redirect),
        _ => {}
    }
    if binding.key.is_some() && binding.key.as_ref() != redemption.key {
        return Err(Refusal::Key);
    }
    match (&binding.challenge, redemption.verifier) {
        (None, None) => Ok(()),
        (None, Some(_)) => Err(Refusal::VerifierUnasked),
        (Some(_), None) => Err(Refusal::VerifierMissing),
        (Some(challenge), Some(verifier)) => {
            let answer = bytes::to_base64url(&bytes::sha256(verifier.as_bytes()));
            let matches = is_verifier(verifier) && bytes::constant_time_eq(answer.as_bytes(), challenge.as_bytes());
            if matches { Ok(()) } else { Err(Refusal::Verifier) }
        }
    }
}

/// 43 to 128 of the unreserved characters (RFC 7636, section 4.1).
fn is_verifier(text: &str) -> bool {
    (43..=128).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_alphanumeric() || b"-._~".contains(&b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{types::Timestamp, types::urls::AppRedirect};

    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    fn check(challenge: Option<&str>, verifier: Option<&str>, redirect_uri: Option<&str>) -> Result<(), Refusal> {
        let binding = Binding {
            redirect: AppRedirect::parse("https://a.test/cb", false).unwrap(),
            redirect_named: true,
            challenge: challenge.map(str::to_owned),
            nonce: None,
            expires: Timestamp::default(),
            key: None,
        };
        let asking = Asking { app: &crate::flow::tests::app(), providers: &[] };
        check_binding(&binding, Redemption { asking, code: "", redirect_uri, verifier, resources: &[], key: None })
    }

    #[test]
    fn a_challenge_once_sent_is_enforced_and_one_not_sent_is_not_answered() {
        let uri = Some("https://a.test/cb");
        assert_eq!(check(Some(CHALLENGE), Some(VERIFIER), uri), Ok(()));
        assert_eq!(check(None, None, uri), Ok(()));
        assert_eq!(check(Some(CHALLENGE), None, uri), Err(Refusal::VerifierMissing));
        assert_eq!(check(None, Some(VERIFIER), uri), Err(Refusal::VerifierUnasked));
        for wrong in [CHALLENGE, VERIFIER.split_at(42).0, &VERIFIER.repeat(3), "", &format!("{VERIFIER} ")] {
            assert_eq!(check(Some(CHALLENGE), Some(wrong), uri), Err(Refusal::Verifier), "{wrong}");
        }
    }

    #[test]
    fn the_redirect_uri_is_the_one_of_the_request() {
        for wrong in [None, Some(""), Some("https://a.test/cb/"), Some("https://a.test/c%62")] {
            assert_eq!(check(None, None, wrong), Err(Refusal::Redirect), "{wrong:?}");
        }
    }
}
