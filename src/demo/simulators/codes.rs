//! Authorization codes: single use, bound to client, redirect URI and PKCE challenge (RFC 6749, section 4.1.3).

use std::time::Duration;

use super::{ask::Grant, desk::Desk};

/// Why a code was not taken. Each provider has its own words for these.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum BadCode {
    Unknown,
    Used,
    Expired,
    Redirect,
    Verifier,
}

/// How long a code lives.
const LIFETIME: Duration = Duration::from_secs(600);

/// Makes a code.
pub(crate) fn issue(desk: &Desk, prefix: &str, grant: Grant) -> String {
    let code = format!("{prefix}{}", desk.unguessable());
    desk.memory(|memory| memory.codes.put(code.clone(), (grant, false)));
    code
}

/// Takes a code, once, from the client that asked for it. A request with mistakes spends nothing.
pub(crate) fn redeem(desk: &Desk, code: &str, redirect_uri: &str, verifier: Option<&str>) -> Result<Grant, BadCode> {
    let now = desk.clock.now();
    desk.memory(|memory| {
        let (grant, spent) = memory.codes.get_mut(code).ok_or(BadCode::Unknown)?;
        if *spent {
            return Err(BadCode::Used);
        }
        if now.since(grant.at) > LIFETIME {
            return Err(BadCode::Expired);
        }
        if grant.asked.redirect_uri != redirect_uri {
            return Err(BadCode::Redirect);
        }
        let fits = match (&grant.asked.challenge, verifier) {
            (Some(challenge), Some(verifier)) => challenge.fits(verifier),
            (None, None) => true,
            _ => false,
        };
        if !fits {
            return Err(BadCode::Verifier);
        }
        *spent = true;
        Ok(grant.clone())
    })
}
