//! What is written down about passes at the gate.

use super::{About, Basis, Keep, Recipients, Seal, Source, Span, Whose};

pub(super) const ABOUT: About = About {
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
