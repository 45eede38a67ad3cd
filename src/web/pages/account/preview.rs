use askama::Template;

use super::{Claim, Page, Site, Words, initial};
use crate::web::pages::ClaimRow;

/// `GET /account/preview`: what an app would get, before anything goes out.
#[derive(Clone, Debug)]
pub struct Preview<'a> {
    /// What the app is called.
    pub app_name: &'a str,
    /// The address of its picture, on this host.
    pub app_logo: Option<String>,
    /// Its privacy policy.
    pub policy: Option<&'a str>,
    /// Its terms.
    pub terms: Option<&'a str>,
    /// Whether the person uses it already.
    pub connected: bool,
    /// Whether it is paused.
    pub paused: bool,
    /// What it gets.
    pub gets: Vec<ClaimRow<'a>>,
    /// What it gets only if the person turns it on.
    pub may: Vec<ClaimRow<'a>>,
    /// What we could tell and it does not get.
    pub never: Vec<Claim>,
}

#[derive(Template)]
#[template(path = "pages/account_preview.html")]
struct View<'a> {
    site: &'a Site,
    t: Words<'a>,
    page: &'a Preview<'a>,
}

impl View<'_> {
    fn initial(&self) -> String {
        initial(self.page.app_name)
    }
}

impl Page for Preview<'_> {
    fn html(&self, site: &Site, t: Words<'_>) -> askama::Result<String> {
        View { site, t, page: self }.render()
    }
}
