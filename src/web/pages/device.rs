use askama::Template;

use super::{Page, Site, Words};

/// Which device? Answered by the field `user_code`.
#[derive(Clone, Debug, Default)]
pub struct DeviceCode {
    /// The code that the address named: it stands in the field, and nothing happens before the person presses the
    /// button.
    pub code: Option<String>,
    /// Whether what was typed a moment ago stands for no device.
    pub wrong: bool,
    /// Comes back as the field `form_token`.
    pub form_token: String,
}

#[derive(Template)]
#[template(path = "pages/device_code.html")]
struct CodeView<'a> {
    site: &'a Site,
    t: Words<'a>,
    page: &'a DeviceCode,
}

impl Page for DeviceCode {
    fn html(&self, site: &Site, t: Words<'_>) -> askama::Result<String> {
        CodeView { site, t, page: self }.render()
    }
}

/// Is this your device? Answered by the field `answer`: `yes` or `no`.
#[derive(Clone, Debug)]
pub struct DeviceConfirm<'a> {
    /// What the app is called.
    pub app_name: &'a str,
    /// Whose it is, as people would recognise it.
    pub app_host: String,
    /// What the device shows.
    pub code: String,
    /// Names the attempt; comes back as the field `attempt`.
    pub attempt: String,
    /// Comes back as the field `form_token`.
    pub form_token: String,
}

#[derive(Template)]
#[template(path = "pages/device_confirm.html")]
struct ConfirmView<'a> {
    site: &'a Site,
    t: Words<'a>,
    page: &'a DeviceConfirm<'a>,
}

impl Page for DeviceConfirm<'_> {
    fn html(&self, site: &Site, t: Words<'_>) -> askama::Result<String> {
        ConfirmView { site, t, page: self }.render()
    }
}

/// What became of a device.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DeviceOutcome {
    /// It gets in.
    Connected,
    /// The person said no.
    Declined,
    /// It waits no longer.
    Expired,
}

#[derive(Template)]
#[template(path = "pages/device_outcome.html")]
struct OutcomeView<'a> {
    site: &'a Site,
    t: Words<'a>,
    outcome: DeviceOutcome,
}

impl Page for DeviceOutcome {
    fn html(&self, site: &Site, t: Words<'_>) -> askama::Result<String> {
        OutcomeView { site, t, outcome: *self }.render()
    }
}
