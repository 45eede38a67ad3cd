//! The report as one HTML file that needs nothing else: to be kept, printed, sent.

use askama::Template;

use super::Report;
use crate::types::app::Need;

#[derive(Template)]
#[template(path = "report.html")]
struct View<'a> {
    report: &'a Report,
}

impl View<'_> {
    /// The lines about the operator.
    fn operator(&self) -> [(&'static str, &Option<String>); 5] {
        let operator = &self.report.operator;
        [
            ("Name", &operator.name),
            ("Contact", &operator.contact),
            ("Address", &operator.address),
            ("Country", &operator.country),
            ("Authority", &operator.authority),
        ]
    }

    fn need(need: &Need) -> &'static str {
        match need {
            Need::Required => "required",
            Need::Optional => "optional",
        }
    }
}

impl Report {
    /// As an HTML document.
    ///
    /// # Errors
    /// Only what formatting itself can fail with.
    pub fn html(&self) -> Result<String, askama::Error> {
        View { report: self }.render()
    }
}
