use askama::Template;

use super::{Page, Site, Words};

/// `GET /`: what this place is, in plain words.
#[derive(Clone, Copy, Debug)]
pub struct Home;

#[derive(Template)]
#[template(path = "pages/home.html")]
struct View<'a> {
    site: &'a Site,
    t: Words<'a>,
}

impl Page for Home {
    fn html(&self, site: &Site, t: Words<'_>) -> askama::Result<String> {
        View { site, t }.render()
    }
}
