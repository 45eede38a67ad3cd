use std::borrow::Cow;

use serde::{Deserialize, Serialize};

use super::Words;

/// How something that was just done came out.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub enum Said {
    /// An app gets what was chosen.
    Changed,
    /// It was so already.
    Same,
    /// An app is paused.
    Paused,
    /// An app goes on.
    Resumed,
    /// An app is disconnected.
    Disconnected,
    /// An app was not connected.
    NotConnected,
    /// A browser is signed out.
    SignedOut,
    /// It was so already.
    SignedOutBefore,
    /// All others are signed out.
    Others,
    /// There were none.
    NoOthers,
    /// A way to sign in is removed.
    Unlinked,
    /// There was no such way.
    UnlinkedBefore,
    /// It is the only one, and stays.
    LastWay,
    /// A way to sign in is added.
    Linked,
    /// It was there already.
    LinkedBefore,
}

/// Where on the page it is said.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Section {
    /// Among the apps.
    Apps,
    /// Among the browsers.
    Browsers,
    /// Among the ways to sign in.
    Ways,
}

impl Section {
    /// The anchor of the section.
    pub const fn anchor(self) -> &'static str {
        match self {
            Self::Apps => "apps",
            Self::Browsers => "browsers",
            Self::Ways => "ways",
        }
    }
}

impl Said {
    /// Every one of them.
    #[cfg(test)]
    pub(in crate::web::pages) const ALL: [Self; 15] = [
        Self::Changed,
        Self::Same,
        Self::Paused,
        Self::Resumed,
        Self::Disconnected,
        Self::NotConnected,
        Self::SignedOut,
        Self::SignedOutBefore,
        Self::Others,
        Self::NoOthers,
        Self::Unlinked,
        Self::UnlinkedBefore,
        Self::LastWay,
        Self::Linked,
        Self::LinkedBefore,
    ];

    /// Where it is said.
    pub const fn section(self) -> Section {
        match self {
            Self::Changed | Self::Same | Self::Paused | Self::Resumed | Self::Disconnected | Self::NotConnected => {
                Section::Apps
            }
            Self::SignedOut | Self::SignedOutBefore | Self::Others | Self::NoOthers => Section::Browsers,
            Self::Unlinked | Self::UnlinkedBefore | Self::LastWay | Self::Linked | Self::LinkedBefore => Section::Ways,
        }
    }
}

/// What is said, and what people call the app or the provider that it is about.
#[derive(Clone, Debug)]
pub struct Note<'a> {
    /// What.
    pub said: Said,
    /// About whom; empty where it is about nobody.
    pub name: Cow<'a, str>,
}

impl Note<'_> {
    pub(super) fn text(&self, t: &Words<'_>) -> String {
        let app = |id| t.with(id, "app", &self.name);
        let provider = |id| t.with(id, "provider", &self.name);
        match self.said {
            Said::Changed => app("note-changed"),
            Said::Same => app("note-same"),
            Said::Paused => app("note-paused"),
            Said::Resumed => app("note-resumed"),
            Said::Disconnected => app("note-disconnected"),
            Said::NotConnected => app("note-not-connected"),
            Said::SignedOut => t.say("note-signed-out"),
            Said::SignedOutBefore => t.say("note-signed-out-before"),
            Said::Others => t.say("note-others"),
            Said::NoOthers => t.say("note-others-none"),
            Said::Unlinked => provider("note-unlinked"),
            Said::UnlinkedBefore => t.say("note-unlinked-before"),
            Said::LastWay => provider("note-last-way"),
            Said::Linked => provider("note-linked"),
            Said::LinkedBefore => provider("note-linked-before"),
        }
    }
}
