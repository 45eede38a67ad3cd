//! What is written down about records that let somebody in: browsers, apps, and browsers into apps behind the gate.

use std::time::Duration;

use super::{About, Basis, Keep, Recipients, Seal, Source, Span, Whose};
use crate::config::Lifetimes;

pub(super) const SESSION: About = About {
    name: "Session",
    purpose: "To keep a browser signed in.",
    holds: "What the provider said of the person at sign-in, which the browser's cookie alone opens; beside it the \
            provider used, when, when it was last seen, and browser and system in coarse words.",
    whose: Whose::Person,
    basis: Basis::Contract,
    sources: &[Source::Provider, Source::Browser],
    seal: Seal::Browser,
    keep: Keep::Unused {
        idle: Span::Set { key: "session_idle", of: |lives| lives.session_idle },
        most: Some(Span::Set { key: "session", of: |lives| lives.session }),
    },
    recipients: Recipients::Nobody,
};

pub(super) const GATE: About = About {
    name: "Pass at an app behind the gate",
    purpose: "To let a browser that is signed in through to an app that cannot sign anyone in by itself.",
    holds: "What the app declared that it may ask for and what its rules ask, as the provider said of the person, which \
            the browser's cookie at that app alone opens; beside it the provider used, when.",
    whose: Whose::Person,
    basis: Basis::ConsentOrContract,
    sources: &[Source::Provider, Source::App],
    seal: Seal::Browser,
    keep: Keep::For(Span::Set { key: "session", of: |lives| lives.session }),
    recipients: Recipients::App,
};

pub(super) const GRANT: About = About {
    name: "Access of an app",
    purpose: "To give an app, while it has access, what the person agreed to.",
    holds: "What the app declared that it may ask for, with values, which the app's own code or token alone opens; \
            beside it the app, the provider used, when.",
    whose: Whose::Person,
    basis: Basis::ConsentOrContract,
    sources: &[Source::Provider, Source::App],
    seal: Seal::App,
    keep: Keep::Unused {
        idle: Span::Set { key: "refresh_idle", of: grant_idle },
        most: Some(Span::Set { key: "refresh", of: |lives| lives.refresh }),
    },
    recipients: Recipients::App,
};

/// A grant that no refresh token hangs on lives as long as its code or its access token.
fn grant_idle(lives: &Lifetimes) -> Duration {
    lives.refresh_idle.max(lives.code).max(lives.access_token)
}
