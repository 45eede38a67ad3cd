//! What is written down about records that are nobody's.

use std::time::Duration;

use super::{About, Basis, Keep, Recipients, Seal, Source, Span, Whose};

pub(super) const SPENT: About = About {
    name: "Used-up ticket",
    purpose: "To refuse what was used before.",
    holds: "A hash, and nothing of whose it was.",
    whose: Whose::Nobody,
    basis: Basis::None,
    sources: &[Source::Here],
    seal: Seal::Empty,
    keep: Keep::For(Span::Fixed(Duration::from_secs(3600))),
    recipients: Recipients::Nobody,
};

pub(super) const KEYRING: About = About {
    name: "Signing keys",
    purpose: "To sign what is given to apps.",
    holds: "Keys. Nothing of a person.",
    whose: Whose::Nobody,
    basis: Basis::None,
    sources: &[Source::Here],
    seal: Seal::Master,
    keep: Keep::Place,
    recipients: Recipients::Nobody,
};

pub(super) const MARK: About = About {
    name: "Marks among instances",
    purpose: "To do each piece of upkeep once, and to show when it was last done.",
    holds: "Times and counts. Nothing of a person.",
    whose: Whose::Nobody,
    basis: Basis::None,
    sources: &[Source::Here],
    seal: Seal::Master,
    keep: Keep::Place,
    recipients: Recipients::Nobody,
};
