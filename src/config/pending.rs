//! What a configuration that was read anew says differently, and what a running broker does not take over.

use super::Config;
use crate::types::Secret32;

impl Config {
    /// The sections that differ in `new` and count from the next start only.
    pub fn pending_in(&self, new: &Self) -> Vec<&'static str> {
        let written = |what: &dyn std::fmt::Debug| format!("{what:?}");
        let differing = [
            ("issuer", self.issuer != new.issuer),
            ("listen", written(&self.listen) != written(&new.listen)),
            ("store", self.store != new.store),
            ("secrets", self.secret_keys() != new.secret_keys()),
            ("lifetimes", self.lifetimes != new.lifetimes),
            ("operator", self.operator != new.operator),
            ("branding", self.branding != new.branding),
            ("limits", self.limits != new.limits),
            ("registration", self.registration != new.registration),
            ("fedcm", self.fedcm != new.fedcm),
            ("keys", self.keys != new.keys),
            ("audit", self.audit != new.audit),
            ("log", self.log != new.log),
        ];
        differing.into_iter().filter(|(_, differs)| *differs).map(|(name, _)| name).collect()
    }

    fn secret_keys(&self) -> Vec<&[u8; 32]> {
        let secrets = &self.secrets;
        [&secrets.master].into_iter().chain(&secrets.pepper).chain(&secrets.accept).map(Secret32::expose).collect()
    }
}
