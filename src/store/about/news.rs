//! What is written down about records of what apps are told, and of what providers tell.

use std::time::Duration;

use super::{About, Basis, Keep, Recipients, Seal, Source, Span, Whose};

const DAY: Duration = Duration::from_secs(24 * 3600);

pub(super) const INTENT: About = About {
    name: "News to be told",
    purpose: "To tell apps what concerns them, even if this place stops in the middle of it.",
    holds: "What happened, when, the pseudonym of the account, and after a deletion which apps knew it.",
    whose: Whose::Person,
    basis: Basis::Obligation,
    sources: &[Source::Here],
    seal: Seal::Master,
    keep: Keep::UntilDone(Some(Span::Fixed(Duration::from_secs(72 * 3600)))),
    recipients: Recipients::Nobody,
};

pub(super) const OUTBOX: About = About {
    name: "Message to an app",
    purpose: "To tell an app that a person left, signed out, or changed what it may see.",
    holds: "The app, its own pseudonyms for the person and the session, what happened. Not which account here.",
    whose: Whose::Person,
    basis: Basis::Obligation,
    sources: &[Source::Here],
    seal: Seal::Master,
    keep: Keep::UntilDone(Some(Span::Fixed(Duration::from_secs(72 * 3600)))),
    recipients: Recipients::App,
};

pub(super) const STATUS: About = About {
    name: "State of a deletion",
    purpose: "To show, to whoever has its code, how far a deletion has come, and to prove that it was done.",
    holds: "When it was asked for and by whom in general, and for each app whether it was told. Nobody's name or \
            pseudonym.",
    whose: Whose::Person,
    basis: Basis::Obligation,
    sources: &[Source::Here],
    seal: Seal::Master,
    keep: Keep::For(Span::Fixed(DAY.saturating_mul(365))),
    recipients: Recipients::Nobody,
};

pub(super) const EVENT: About = About {
    name: "News from a provider",
    purpose: "To act once on what a provider tells of a sign-in there, however often it tells it.",
    holds: "A hash that names the message, a pseudonym, when it came; of a way to sign in that was closed or opened \
            again, when that was said last.",
    whose: Whose::Person,
    basis: Basis::Security,
    sources: &[Source::Provider],
    seal: Seal::Master,
    keep: Keep::For(Span::Fixed(DAY.saturating_mul(90))),
    recipients: Recipients::Nobody,
};
