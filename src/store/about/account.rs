//! What is written down about the account itself.

use super::{About, Basis, Keep, Recipients, Seal, Source, Span, Whose};

pub(super) const HEAD: About = About {
    name: "Account",
    purpose: "To know a person again at the next sign-in, and to end everything of theirs at once.",
    holds: "Pseudonyms of the ways to sign in, never the provider's own number or name for the person; since when; \
            whether the operator blocked it; a random id for the audit stream; the account's key. After deletion: that \
            there was an account, and whether it was blocked.",
    whose: Whose::Person,
    basis: Basis::Contract,
    sources: &[Source::Provider, Source::Here],
    seal: Seal::Master,
    keep: Keep::Account,
    recipients: Recipients::Nobody,
};

pub(super) const IDENTITY: About = About {
    name: "Way to sign in",
    purpose: "To find the account behind a second way to sign in, and to close a way that a provider warned of.",
    holds: "Which account a pseudonym leads to, and whether that way is closed.",
    whose: Whose::Person,
    basis: Basis::Contract,
    sources: &[Source::Person, Source::Provider],
    seal: Seal::Master,
    keep: Keep::Account,
    recipients: Recipients::Nobody,
};

pub(super) const HISTORY: About = About {
    name: "Line of history",
    purpose: "To show the person what happened to their account, so that they notice what was not them.",
    holds: "What happened and when: sign-ins, decisions, changes. No values, no network addresses.",
    whose: Whose::Person,
    basis: Basis::Security,
    sources: &[Source::Person, Source::Here],
    seal: Seal::AccountKey,
    keep: Keep::For(Span::Set { key: "history", of: |lives| lives.history }),
    recipients: Recipients::Nobody,
};
