//! The shape of each file. Dates are RFC 3339 in UTC, claims have the names of OpenID Connect.

use std::collections::BTreeMap;

use serde::Serialize;
use serde_json::Value;

use crate::types::Claim;

/// All files but receipts and manifest.
#[derive(Debug, Serialize)]
pub struct Export {
    /// `account.json`.
    pub account: Account,
    /// `ways.json`: how the person can sign in.
    pub ways: Vec<Way>,
    /// `claims.json`: what is known, by value, for as long as this session lives. Empty where no session opened it.
    pub claims: Vec<Known>,
    /// `apps.json`.
    pub apps: Vec<App>,
    /// `sessions.json`.
    pub sessions: Vec<Session>,
    /// `passes.json`: the hosts behind the gate that let those browsers in.
    pub passes: Vec<Pass>,
    /// `access.json`: what apps hold at this moment (grants).
    pub access: Vec<Access>,
    /// `history.json`.
    pub history: Vec<Event>,
}

/// The account as a whole.
#[derive(Debug, Serialize)]
pub struct Account {
    /// When the files were made.
    pub generated_at: String,
    /// Who made them.
    pub issuer: String,
    /// Since when there is an account.
    pub since: String,
    /// What the audit stream calls it.
    pub audit_id: String,
}

/// One way to sign in. The name at the provider is not kept; its pseudonym is.
#[derive(Debug, Serialize)]
pub struct Way {
    /// The provider's section.
    pub provider: String,
    /// What stands for the name there.
    pub pseudonym: String,
}

/// One claim and its value.
#[derive(Debug, Serialize)]
pub struct Known {
    /// Which.
    pub claim: Claim,
    /// What the provider said.
    pub value: Value,
    /// Who said it.
    pub source: String,
    /// When.
    pub received_at: String,
    /// When it is gone from here.
    pub kept_until: String,
}

/// One app that the person knows.
#[derive(Debug, Serialize)]
pub struct App {
    /// `client_id`.
    pub app: String,
    /// What it is called, if it is still registered.
    pub name: Option<String>,
    /// What it calls the person: different at each app.
    pub sub: Option<String>,
    /// What was agreed to.
    pub consent: Option<Consent>,
    /// What it was given.
    pub given: Option<Given>,
}

/// What was agreed to.
#[derive(Debug, Serialize)]
pub struct Consent {
    /// When first.
    pub given_at: String,
    /// When something was last issued on it.
    pub used_at: String,
    /// Whether nothing goes out at present.
    pub paused: bool,
    /// Whether nobody was asked: an operator's own app.
    pub implicit: bool,
    /// The choice for each claim.
    pub claims: BTreeMap<Claim, bool>,
}

/// What an app was given: names, never values.
#[derive(Debug, Serialize)]
pub struct Given {
    /// When first.
    pub since: String,
    /// When last.
    pub last_at: String,
    /// When each claim went out last.
    pub claims: BTreeMap<Claim, String>,
}

/// One browser.
#[derive(Debug, Serialize)]
pub struct Session {
    /// Through whom.
    pub provider: String,
    /// Browser and system in words, if known.
    pub device: Option<String>,
    /// When it signed in first.
    pub since: String,
    /// When it was last seen.
    pub last_seen_at: String,
    /// When it ends in any case.
    pub ends_at: String,
    /// Whether it is the one that asked for this archive. What the others hold opens only with their own cookie.
    pub this_one: bool,
}

/// A host behind the gate that lets a browser in. What it is told opens only with that browser's own cookie.
#[derive(Debug, Serialize)]
pub struct Pass {
    /// `client_id`.
    pub app: String,
    /// Since when.
    pub since: String,
    /// When it ends in any case.
    pub ends_at: String,
    /// What is sealed in it, by name.
    pub claims: Vec<Claim>,
    /// Whether it is of the browser that asked for this archive.
    pub this_one: bool,
}

/// What an app holds: it can ask for the claims that were agreed to.
#[derive(Debug, Serialize)]
pub struct Access {
    /// `client_id`.
    pub app: String,
    /// Since when.
    pub since: String,
    /// Until when, unless it is used again.
    pub expires_at: String,
    /// What was asked for.
    pub scope: String,
    /// Whether it goes on after signing out.
    pub offline: bool,
}

/// One line of history.
#[derive(Debug, Serialize)]
pub struct Event {
    /// When.
    pub at: String,
    /// What, with the app or provider that it is about.
    #[serde(flatten)]
    pub deed: Value,
}
