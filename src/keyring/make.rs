//! Making keys.

use super::{
    BadKey,
    jwk::PublicHalf,
    ring::{KeyState, Pkcs8, RingKey},
    sign::Pair,
};
use crate::types::{Timestamp, jws::Alg};

/// A key that was just made.
pub(super) struct NewKey {
    alg: Alg,
    kid: String,
    private: Pkcs8,
}

impl NewKey {
    fn make(alg: Alg) -> Result<Self, BadKey> {
        let private = Pair::generate(alg)?;
        let kid = PublicHalf::of(&Pair::parse(alg, &private)?)?.kid;
        Ok(Self { alg, kid, private })
    }

    /// As a key of the ring.
    pub(super) fn enter(self, state: KeyState, since: Timestamp) -> RingKey {
        RingKey { kid: self.kid, alg: self.alg, state, since, until: None, private: self.private }
    }
}

/// Makes keys beside the traffic: RSA takes its time.
pub(super) async fn keys(algs: Vec<Alg>) -> Result<Vec<NewKey>, BadKey> {
    let making = tokio::task::spawn_blocking(move || algs.into_iter().map(NewKey::make).collect::<Result<_, _>>());
    making.await.map_err(|_| BadKey)?
}
