//! What is written down about records of devices and of apps.

use std::time::Duration;

use super::{About, Basis, Keep, Recipients, Seal, Source, Span, Whose};

pub(super) const DEVICE: About = About {
    name: "Request of a device",
    purpose: "To let a person decide in a browser what a device without one may have.",
    holds: "The app, what it asks for, until when, and the answer; after a yes also the key to what was agreed to, \
            which the device alone opens.",
    whose: Whose::Person,
    basis: Basis::ConsentOrContract,
    sources: &[Source::App, Source::Person],
    seal: Seal::Master,
    keep: Keep::For(Span::Fixed(Duration::from_secs(600))),
    recipients: Recipients::App,
};

pub(super) const PLACE: About = About {
    name: "Place for a request",
    purpose: "To bound how many requests of one app's devices, or pushed by one app, wait at a time.",
    holds: "A number, and nothing of whose request it was.",
    whose: Whose::Nobody,
    basis: Basis::None,
    sources: &[Source::Here],
    seal: Seal::Empty,
    keep: Keep::For(Span::Fixed(Duration::from_secs(600))),
    recipients: Recipients::Nobody,
};

pub(super) const APP: About = About {
    name: "Registered app",
    purpose: "To know the apps that registered themselves.",
    holds: "What an app says of itself, and hashes of its secrets. Nothing of a person.",
    whose: Whose::Nobody,
    basis: Basis::None,
    sources: &[Source::App],
    seal: Seal::Master,
    keep: Keep::Place,
    recipients: Recipients::Nobody,
};

pub(super) const PUSHED: About = About {
    name: "Pushed request",
    purpose: "To begin a sign-in from what its app asked for beforehand, so that no browser carries it.",
    holds: "What the app asked for, with values: whom it expects may be among them.",
    whose: Whose::Person,
    basis: Basis::Contract,
    sources: &[Source::App],
    seal: Seal::App,
    keep: Keep::For(Span::Fixed(Duration::from_secs(60))),
    recipients: Recipients::Nobody,
};
