use askama::Template;

use super::{Page, Site, Words};

/// An answer that travels to the app as a form (OAuth 2.0 Form Post Response Mode). It goes on by itself;
/// where no script runs it needs a click, and says so. The policy of this page must allow the form to go to `action`.
#[derive(Clone, Copy, Debug)]
pub struct FormPost<'a> {
    /// The app's redirect URI.
    pub action: &'a str,
    /// The parameters of the answer.
    pub fields: &'a [(&'a str, &'a str)],
    /// What the app is called.
    pub app_name: &'a str,
}

#[derive(Template)]
#[template(path = "pages/form_post.html")]
struct View<'a> {
    site: &'a Site,
    t: Words<'a>,
    page: &'a FormPost<'a>,
}

impl Page for FormPost<'_> {
    fn html(&self, site: &Site, t: Words<'_>) -> askama::Result<String> {
        View { site, t, page: self }.render()
    }
}
