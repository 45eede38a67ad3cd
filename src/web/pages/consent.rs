use askama::Template;
use serde_json::Value;

use super::{Page, Site, Words, value};
use crate::types::Claim;

/// May the app know this about you? Answered by the field `answer`, `yes` or `no`, and by one field for each
/// optional claim that is on, named after it.
#[derive(Clone, Debug)]
pub struct Consent<'a> {
    /// What the app is called.
    pub app_name: &'a str,
    /// Where people go back to, as they would recognise it.
    pub app_host: String,
    /// The address of its picture, on this host.
    pub app_logo: Option<String>,
    /// Its privacy policy.
    pub policy: Option<&'a str>,
    /// Its terms.
    pub terms: Option<&'a str>,
    /// Names the attempt; comes back as the field `attempt`.
    pub attempt: String,
    /// Comes back as the field `form_token`.
    pub form_token: String,
    /// Names what this page shows; comes back as the field `shown`.
    pub shown: String,
    /// What the app cannot do without.
    pub required: Vec<ClaimRow<'a>>,
    /// What the person may turn on.
    pub optional: Vec<ClaimRow<'a>>,
    /// Whether the app may ask again while the person is away (`offline_access`).
    pub offline: bool,
    /// What it may see already, and is not asked about.
    pub already: Vec<Claim>,
    /// What we could tell and the app does not get.
    pub never: Vec<Claim>,
}

/// One thing that the app would like to know.
#[derive(Clone, Copy, Debug)]
pub struct ClaimRow<'a> {
    /// What it is.
    pub claim: Claim,
    /// The value that would be given.
    pub value: Option<&'a Value>,
    /// Where it comes from: what people call the provider.
    pub source: &'a str,
    /// What for, in the app's words.
    pub why: &'a str,
    /// How long the app keeps it, in the app's words.
    pub keep: Option<&'a str>,
    /// Whether it is on already.
    pub on: bool,
}

/// The id of the text that says what a claim is about.
pub(super) const fn about(claim: Claim) -> &'static str {
    match claim {
        Claim::Name => "about-name",
        Claim::GivenName => "about-given-name",
        Claim::FamilyName => "about-family-name",
        Claim::MiddleName => "about-middle-name",
        Claim::Nickname => "about-nickname",
        Claim::PreferredUsername => "about-preferred-username",
        Claim::Profile => "about-profile",
        Claim::Picture => "about-picture",
        Claim::Website => "about-website",
        Claim::Email => "about-email",
        Claim::EmailVerified => "about-email-verified",
        Claim::Gender => "about-gender",
        Claim::Birthdate => "about-birthdate",
        Claim::Zoneinfo => "about-zoneinfo",
        Claim::Locale => "about-locale",
        Claim::PhoneNumber => "about-phone-number",
        Claim::PhoneNumberVerified => "about-phone-number-verified",
        Claim::Address => "about-address",
        Claim::UpdatedAt => "about-updated-at",
        Claim::Groups => "about-groups",
    }
}

#[derive(Template)]
#[template(path = "pages/consent.html")]
struct View<'a> {
    site: &'a Site,
    t: Words<'a>,
    page: &'a Consent<'a>,
}

impl View<'_> {
    fn about(&self, claim: &Claim) -> String {
        self.t.say(about(*claim))
    }

    fn value(&self, claim: &Claim, value: &Value) -> String {
        value::in_words(*claim, value, &self.t)
    }

    /// Stands where the app has no picture.
    fn initial(&self) -> String {
        let first = self.page.app_name.chars().find(|c| c.is_alphanumeric());
        first.map(|c| c.to_uppercase().collect()).unwrap_or_default()
    }
}

impl Page for Consent<'_> {
    fn html(&self, site: &Site, t: Words<'_>) -> askama::Result<String> {
        View { site, t, page: self }.render()
    }
}
