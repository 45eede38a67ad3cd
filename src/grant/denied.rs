//! Access tokens that their app revoked before they expired (RFC 7009). They are noted in the grant's own record, so
//! that revoking is one guarded commit, and looking is no further read.

use serde::{Deserialize, Serialize};

use crate::types::{Timestamp, ids::RandomId};

/// How many are noted. An app that revokes more of a grant's tokens within their lifetime is done with the grant.
const MOST: usize = 64;

/// The tokens, by `jti`, each until it would have expired.
#[derive(Clone, Debug, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(transparent)]
pub(super) struct Denied(Vec<(RandomId, Timestamp)>);

impl Denied {
    /// Whether this token was revoked.
    pub fn has(&self, token: RandomId) -> bool {
        self.0.iter().any(|(denied, _)| *denied == token)
    }

    /// With one more, and without those that have expired; `None` if there are too many.
    pub fn with(&self, token: RandomId, expires: Timestamp, now: Timestamp) -> Option<Self> {
        let still = self.0.iter().filter(|(denied, until)| *until > now && *denied != token).copied();
        let denied: Vec<_> = still.chain([(token, expires)]).collect();
        (denied.len() <= MOST).then_some(Self(denied))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_has_expired_makes_room() {
        let at = Timestamp::from_secs;
        let token = |n: usize| RandomId::new([u8::try_from(n).unwrap(); 16]);
        let mut denied = Denied::default();
        for n in 0..MOST {
            denied = denied.with(token(n), at(10), at(0)).unwrap();
        }
        assert!(denied.with(token(MOST), at(20), at(9)).is_none());
        assert_eq!(denied.with(token(0), at(20), at(9)).unwrap().0.len(), MOST);
        let later = denied.with(token(MOST), at(20), at(10)).unwrap();
        assert!(later.has(token(MOST)) && !later.has(token(0)));
    }
}
