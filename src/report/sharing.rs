//! Who gives us something, and to whom something goes.

use std::collections::BTreeSet;

use serde::Serialize;

use super::Party;
use crate::{
    config::{Config, ProviderConfig},
    types::{
        App, Claim,
        app::{ClaimPurpose, ConsentMode, Need},
        urls::AppRedirect,
    },
};

/// A provider.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ProviderRow {
    /// Its section's name.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Whether people may come in through it.
    pub enabled: bool,
    /// Who stands behind it, where that is known.
    pub party: Option<Party>,
    /// What is asked of it: scopes, where the configuration names others than the usual.
    pub scopes: Option<Vec<String>>,
    /// What it learns.
    pub learns: &'static str,
    /// What it gives.
    pub gives: &'static str,
}

impl ProviderRow {
    pub(super) fn of(provider: &ProviderConfig) -> Self {
        Self {
            id: provider.id.to_string(),
            name: provider.name.clone(),
            enabled: provider.enabled,
            party: Party::behind(provider),
            scopes: provider.scopes.clone(),
            learns: "That somebody signs in here, and when. Not for which app.",
            gives: "Who it is, as far as the person agrees there: its own number for them, and usually name, e-mail \
                    address and picture. The number is turned into a pseudonym and not kept.",
        }
    }
}

/// An app: a recipient (Art. 30(1)(d)), and usually a controller of its own.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct AppRow {
    /// Its `client_id`.
    pub id: String,
    /// What people call it.
    pub name: String,
    /// Where people are taken back to.
    pub hosts: BTreeSet<String>,
    /// How people agree.
    pub agreement: &'static str,
    /// What it may be given beside a pseudonym.
    pub claims: Vec<ClaimLine>,
    /// The providers that people may use for it.
    pub providers: Vec<String>,
    /// How it knows people.
    pub pseudonym: String,
    /// Its own policy.
    pub policy: Option<String>,
}

/// What an app may be given.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct ClaimLine {
    /// What.
    pub claim: Claim,
    /// Whether the app can do without.
    pub need: Need,
    /// What for, in the app's words.
    pub why: String,
    /// For how long, in the app's words.
    pub keep: Option<String>,
    /// Why it may be given.
    pub basis: &'static str,
}

impl AppRow {
    pub(super) fn of(app: &App, config: &Config) -> Self {
        let agreement = match app.consent {
            ConsentMode::Explicit => "The person is asked, claim by claim; what is optional is off until turned on.",
            ConsentMode::Implicit => "The operator's own: nothing is asked, all is shown and can be turned off.",
        };
        let pseudonym = app.sector.as_ref().map_or_else(
            || "a pseudonym that no other app has".to_owned(),
            |sector| format!("a pseudonym that it shares with the apps of the sector {sector}"),
        );
        let allowed = config.providers.iter().filter(|provider| provider.enabled && app.allows(&provider.id));
        Self {
            id: app.id.to_string(),
            name: app.name.clone(),
            hosts: app.redirect_uris.iter().map(AppRedirect::display_host).collect(),
            agreement,
            claims: app.claims.iter().map(|(claim, purpose)| line(app, *claim, purpose)).collect(),
            providers: allowed.map(|provider| provider.id.to_string()).collect(),
            pseudonym,
            policy: app.links.policy.as_ref().map(ToString::to_string),
        }
    }
}

fn line(app: &App, claim: Claim, purpose: &ClaimPurpose) -> ClaimLine {
    let basis = match (app.consent, purpose.need) {
        (ConsentMode::Implicit, _) => "contract with the operator, whose app it is (Art. 6(1)(b))",
        (_, Need::Required) => "contract with the app (Art. 6(1)(b))",
        (_, Need::Optional) => "consent (Art. 6(1)(a))",
    };
    ClaimLine { claim, need: purpose.need, why: purpose.why.clone(), keep: purpose.keep.clone(), basis }
}
