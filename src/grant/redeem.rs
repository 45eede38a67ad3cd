//! A code is redeemed: all checks first, then one guarded commit, then tokens. A wrong app burns nothing.

use super::{Found, Grants, Live, Locator, State};
use crate::{
    partition::races,
    seal::token,
    store::{Commit, Guard, Outcome, Put, RecordKey, StoreError},
    types::{AppId, bytes, echo::AppNonce},
};

/// What an app presents (RFC 6749, section 4.1.3), the app being authenticated already.
#[derive(Clone, Copy, Debug)]
pub struct Redemption<'a> {
    /// Who presents it.
    pub app: &'a AppId,
    /// The code.
    pub code: &'a str,
    /// `redirect_uri`.
    pub redirect_uri: Option<&'a str>,
    /// `code_verifier`.
    pub verifier: Option<&'a str>,
}

/// What comes of it.
#[derive(Debug)]
pub enum Redeemed {
    /// The code is spent; tokens may be minted.
    Granted(Box<Live>),
    /// It was spent before: everything that it gave has ended now (RFC 6749, section 4.1.2).
    Replayed,
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
}

impl Grants {
    /// Redeems a code.
    ///
    /// # Errors
    /// The store's own; then no token may go out.
    pub async fn redeem(&self, redemption: Redemption<'_>) -> Result<Redeemed, StoreError> {
        let Ok(locator) = self.codec.sealer().take_back::<Locator>(token::CODE, redemption.code) else {
            return Ok(Redeemed::Refused(Refusal::Unknown));
        };
        if locator.app != *redemption.app {
            return Ok(Redeemed::Refused(Refusal::OtherApp));
        }
        for _ in 0..races::TRIES {
            let Some(found) = self.read(&locator).await? else { return Ok(Redeemed::Refused(Refusal::Unknown)) };
            let State::Pending(binding) = &found.header.state else {
                self.end(&locator).await?;
                return Ok(Redeemed::Replayed);
            };
            if self.clock.now() >= binding.expires {
                return Ok(Redeemed::Refused(Refusal::Unknown));
            }
            if let Err(refusal) = check_binding(binding, redemption) {
                return Ok(Redeemed::Refused(refusal));
            }
            let nonce = binding.nonce.clone();
            if let Some(done) = self.activate(found, &locator, nonce).await? {
                return Ok(done);
            }
        }
        Err(races::too_many())
    }

    /// Spends the code. `None`: something changed since it was read.
    pub(super) async fn activate(
        &self,
        found: Found,
        locator: &Locator,
        nonce: Option<AppNonce>,
    ) -> Result<Option<Redeemed>, StoreError> {
        let key = RecordKey::grant(locator.id);
        let mut header = found.header.clone();
        header.state = State::Active;
        // All that the grant's life was read from: what ended meanwhile gets no tokens.
        let mut guards =
            vec![Guard::Version(key.clone(), found.version), found.who.unchanged(), found.agreed.unchanged()];
        guards.extend(found.session.map(|version| Guard::Version(RecordKey::session(locator.session), version)));
        let value = found.record.clone().with_header(&self.codec, &found.who, locator, &header).to_bytes();
        let value = value.ok_or(StoreError::Corrupt("a grant does not serialise"))?;
        let Some(live) = found.live(locator.clone(), nonce) else {
            return Ok(Some(Redeemed::Refused(Refusal::Unknown)));
        };
        // Kept as long as its access token lives, and a little longer for clocks that differ.
        let expires = Some(self.clock.now().plus(self.lifetimes.access_token + LEEWAY));
        let put = Put { key, version: self.codec.version(), value, expires, due: None };
        let commit = Commit { guards, puts: vec![put], deletes: vec![] };
        Ok(match self.store.commit(&locator.partition(), commit).await? {
            Outcome::Committed => Some(Redeemed::Granted(Box::new(live))),
            Outcome::Conflict => None,
        })
    }
}

const LEEWAY: std::time::Duration = std::time::Duration::from_secs(60);

fn check_binding(binding: &super::record::Binding, redemption: Redemption<'_>) -> Result<(), Refusal> {
    match redemption.redirect_uri {
        Some(uri) if uri != binding.redirect.as_str() => return Err(Refusal::Redirect),
        None if binding.redirect_named => return Err(Refusal::Redirect),
        _ => {}
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
    use crate::{grant::record::Binding, types::Timestamp, types::urls::AppRedirect};

    const VERIFIER: &str = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
    const CHALLENGE: &str = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

    fn check(challenge: Option<&str>, verifier: Option<&str>, redirect_uri: Option<&str>) -> Result<(), Refusal> {
        let binding = Binding {
            redirect: AppRedirect::parse("https://a.test/cb", false).unwrap(),
            redirect_named: true,
            challenge: challenge.map(str::to_owned),
            nonce: None,
            expires: Timestamp::default(),
        };
        let app = "a".parse().unwrap();
        check_binding(&binding, Redemption { app: &app, code: "", redirect_uri, verifier })
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
