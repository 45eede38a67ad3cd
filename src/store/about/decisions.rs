//! What is written down about records of what a person decided, and of what apps were given.

use super::{About, Basis, Keep, Recipients, Seal, Source, Span, Whose};

pub(super) const CONSENT: About = About {
    name: "Decision about an app",
    purpose: "To give an app what the person agreed to and nothing else, and not to ask the same again.",
    holds: "Names of what the app may see, the version of the words that the person read, whether it is paused, when \
            it was last used. No values.",
    whose: Whose::Person,
    basis: Basis::Obligation,
    sources: &[Source::Person],
    seal: Seal::AccountKey,
    keep: Keep::Unused { idle: Span::Set { key: "consent", of: |lives| lives.consent }, most: None },
    recipients: Recipients::Nobody,
};

pub(super) const SERVED: About = About {
    name: "What an app was given",
    purpose: "To show the person what went out and when, and to tell the app when they change or leave.",
    holds: "Names of what went out and when, to the hour; the sessions in which it did. No values.",
    whose: Whose::Person,
    basis: Basis::Obligation,
    sources: &[Source::Here],
    seal: Seal::AccountKey,
    keep: Keep::Account,
    recipients: Recipients::Nobody,
};

pub(super) const RECEIPT: About = About {
    name: "Receipt",
    purpose: "To prove what a person agreed to, in the words that they read.",
    holds: "The app, what was asked, why and for how long in the app's words, what was turned on, when. No values.",
    whose: Whose::Person,
    basis: Basis::Obligation,
    sources: &[Source::Person, Source::App],
    seal: Seal::AccountKey,
    keep: Keep::Account,
    recipients: Recipients::Nobody,
};
