use askama::Template;

use super::{Page, Site, Words};

/// Do you want to sign out? Answered by the field `answer`: `yes` or `no`.
#[derive(Clone, Debug)]
pub struct SignOutQuestion<'a> {
    /// Where the answer is posted.
    pub action: &'a str,
    /// The app that asks, where one does.
    pub app_name: Option<&'a str>,
    /// Comes back as the field `form_token`.
    pub form_token: String,
    /// What else has to come back: names and values of hidden fields.
    pub extra: Vec<(String, String)>,
}

#[derive(Template)]
#[template(path = "pages/sign_out_question.html")]
struct QuestionView<'a> {
    site: &'a Site,
    t: Words<'a>,
    page: &'a SignOutQuestion<'a>,
}

impl Page for SignOutQuestion<'_> {
    fn html(&self, site: &Site, t: Words<'_>) -> askama::Result<String> {
        QuestionView { site, t, page: self }.render()
    }
}

/// You are signed out.
#[derive(Clone, Debug, Default)]
pub struct SignedOut<'a> {
    /// Name and address of the app to go back to.
    pub app: Option<(&'a str, &'a str)>,
    /// Frames by which apps hear of it. Then the page goes back to the app by itself.
    pub frames: Vec<String>,
}

#[derive(Template)]
#[template(path = "pages/signed_out.html")]
struct SignedOutView<'a> {
    site: &'a Site,
    t: Words<'a>,
    app: Option<(&'a str, &'a str)>,
    frames: &'a [String],
}

impl Page for SignedOut<'_> {
    fn html(&self, site: &Site, t: Words<'_>) -> askama::Result<String> {
        SignedOutView { site, t, app: self.app, frames: &self.frames }.render()
    }
}
