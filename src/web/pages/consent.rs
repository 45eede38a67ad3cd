use askama::Template;
use serde_json::Value;

use super::{Page, Site, Words, value::initial};
use crate::{
    flow::claims,
    types::{App, Claim, Claims},
};

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
    /// What goes with it: whether it was checked, and the value of that.
    pub companion: Option<(Claim, &'a Value)>,
    /// Where it comes from: what people call the provider.
    pub source: &'a str,
    /// What for, in the app's words.
    pub why: &'a str,
    /// How long the app keeps it, in the app's words.
    pub keep: Option<&'a str>,
    /// Whether it is on already.
    pub on: bool,
}

impl<'a> ClaimRow<'a> {
    /// The row of `claim`, with what is known of the person; `None` for what `app` does not declare.
    pub fn of(claim: Claim, app: &'a App, known: &'a Claims, source: &'a str, on: bool) -> Option<Self> {
        let purpose = app.claims.get(&claim)?;
        Some(Self {
            claim,
            value: known.get(claim),
            companion: claims::companion(claim, known),
            source,
            why: &purpose.why,
            keep: purpose.keep.as_deref(),
            on,
        })
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
    fn initial(&self) -> String {
        initial(self.page.app_name)
    }
}

impl Page for Consent<'_> {
    fn html(&self, site: &Site, t: Words<'_>) -> askama::Result<String> {
        View { site, t, page: self }.render()
    }
}
