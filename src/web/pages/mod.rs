//! The pages, a struct and a template each. A page holds plain facts; its words come from [`Texts`] in the language
//! of the reader, and everything that others wrote is escaped by the template engine. None needs a script, a style
//! attribute or anything from elsewhere.

mod account;
mod choose_provider;
mod consent;
mod dates;
mod device;
mod form_post;
mod home;
mod privacy;
mod problem;
#[cfg(test)]
mod samples;
mod sign_out;
#[cfg(test)]
mod tests;
mod value;
mod visit;

use std::sync::Arc;

pub use account::{
    Account, Addable, AppCard, AppClaim, AppState, AppsPage, Browser, HistoryLine, HistoryPage, Lines, Note, Preview,
    Said, Section, Shelf, Way,
};
pub use choose_provider::{ChooseProvider, Destination, Notice, ProviderChoice};
pub use consent::{ClaimRow, Consent};
pub use device::{DeviceCode, DeviceConfirm, DeviceOutcome};
pub use form_post::FormPost;
pub use home::Home;
pub use privacy::{Privacy, PrivacyApp, PrivacyClaim};
pub use problem::{Problem, ProblemKind, WayOn};
pub use sign_out::{SignOutQuestion, SignedOut};
pub use visit::{
    DeleteQuestion, DeleteWay, DeletionStatus, LinkQuestion, StatusApp, StatusFarewell, StatusOrigin, StatusTold,
};

use super::{
    assets::{Assets, ICON, STYLESHEET, SUBMIT_SCRIPT},
    branding::{Accent, BadColour, BadLogo, Logo},
    locale::Locale,
    texts::{Texts, Words},
};
use crate::{
    config::{Branding, Operator},
    types::urls::Issuer,
};

/// A page that people see.
pub trait Page {
    /// Its HTML, in the frame that all pages share.
    ///
    /// # Errors
    /// Only what formatting itself can fail with.
    fn html(&self, site: &Site, t: Words<'_>) -> askama::Result<String>;
}

/// What every page shows of the place that it belongs to.
#[derive(Clone, Debug, Default)]
pub struct Site {
    name: String,
    host: String,
    logo: Option<String>,
    stylesheet: String,
    submit: String,
    icon: String,
    operator: Operator,
    has_privacy_page: bool,
    has_account_page: bool,
    /// The token of the form in which a language is chosen, on a page that offers the choice.
    language_form: Option<String>,
    /// What stands before addresses of ours: nothing here, our own origin on a gated host.
    base: String,
}

impl Site {
    /// Every language: tag, own name, and whether `lang` is it.
    fn languages(lang: &str) -> [(&'static str, &'static str, bool); 4] {
        Locale::ALL.map(|locale| (locale.tag(), locale.own_name(), locale.tag() == lang))
    }

    /// Where to reach the operator: an address to write to, or a page.
    fn contact_href(&self) -> Option<String> {
        contact_href(self.operator.contact.as_deref()?)
    }
}

/// What a contact leads to, if it is an address to write to, or a page.
fn contact_href(contact: &str) -> Option<String> {
    if contact.starts_with("https://") || contact.starts_with("mailto:") {
        return Some(contact.to_owned());
    }
    let is_mail = contact.contains('@') && !contact.contains(|c: char| c.is_whitespace() || "<>?&".contains(c));
    is_mail.then(|| format!("mailto:{contact}"))
}

/// What this place is called until the operator names it.
const OUR_NAME: &str = "Vestibule";

/// Why the pages cannot be made as configured.
#[derive(Debug, thiserror::Error)]
pub enum BadBranding {
    /// The picture.
    #[error(transparent)]
    Logo(#[from] BadLogo),
    /// The colour.
    #[error("branding.accent: {0}")]
    Accent(#[from] BadColour),
}

/// All that is needed to render pages; built once.
#[derive(Clone, Debug)]
pub struct Pages {
    site: Site,
    texts: Arc<Texts>,
    assets: Arc<Assets>,
    warnings: Vec<String>,
}

impl Pages {
    /// From the host of the issuer, and from how the operator wants it to look. Reads the logo.
    ///
    /// # Errors
    /// A logo that is no picture, a colour that is none.
    pub fn new(host: &str, branding: &Branding, operator: &Operator) -> Result<Self, BadBranding> {
        let accent = branding.accent.as_deref().map(str::parse).transpose()?.map(Accent::new);
        let logo = branding.logo.as_deref().map(Logo::read).transpose()?;
        let assets = Assets::new(accent.as_ref(), logo.as_ref());
        let site = Site {
            name: branding.name.clone().unwrap_or_else(|| OUR_NAME.to_owned()),
            host: host.to_owned(),
            logo: match logo {
                Some(logo) => Some(assets.url(&format!("logo.{}", logo.extension))),
                // Our own mark stands beside our own name only.
                None => branding.name.is_none().then(|| assets.url(ICON)),
            },
            stylesheet: assets.url(STYLESHEET),
            submit: assets.url(SUBMIT_SCRIPT),
            icon: assets.url(ICON),
            operator: operator.clone(),
            ..Site::default()
        };
        let warnings = accent.map(|accent| accent.warnings().to_vec()).unwrap_or_default();
        Ok(Self { site, texts: Arc::default(), assets: Arc::new(assets), warnings })
    }

    /// Pages without any branding.
    #[cfg(test)]
    pub(crate) fn plain(host: &str) -> Self {
        Self::new(host, &Branding::default(), &Operator::default()).unwrap()
    }

    /// Who runs this place.
    pub const fn operator(&self) -> &Operator {
        &self.site.operator
    }

    /// The words of a language, for what is no page.
    pub fn words(&self, locale: Locale) -> Words<'_> {
        self.texts.words(locale)
    }

    /// Links to `/privacy` from every page.
    #[must_use]
    pub fn with_privacy_page(mut self) -> Self {
        self.site.has_privacy_page = true;
        self
    }

    /// Links to `/account` from every page.
    #[must_use]
    pub fn with_account_page(mut self) -> Self {
        self.site.has_account_page = true;
        self
    }

    /// `page` in the language `locale`: a whole HTML document.
    pub fn render(&self, locale: Locale, page: &(impl Page + ?Sized)) -> String {
        self.render_with(locale, page, None)
    }

    /// The same with the form in which another language is chosen, by its token.
    pub fn render_with(&self, locale: Locale, page: &(impl Page + ?Sized), language_form: Option<String>) -> String {
        let site = Site { language_form, ..self.site.clone() };
        page.html(&site, self.texts.words(locale)).unwrap_or_else(|fault| {
            tracing::error!(%fault, "a page could not be made");
            LAST_RESORT.to_owned()
        })
    }

    /// The same for a page that is seen on another host, where nothing but the page itself is ours.
    #[must_use]
    pub fn abroad(&self, issuer: &Issuer) -> Self {
        let mut pages = self.clone();
        let site = &mut pages.site;
        site.base = issuer.as_str().to_owned();
        let ours = [&mut site.stylesheet, &mut site.submit, &mut site.icon].into_iter().chain(&mut site.logo);
        ours.for_each(|address| address.insert_str(0, issuer.as_str()));
        pages
    }

    /// The files under `/static`.
    pub fn assets(&self) -> &Assets {
        &self.assets
    }

    /// The texts, for what is said outside pages.
    pub fn texts(&self) -> &Texts {
        &self.texts
    }

    /// What the log should say about the branding at start.
    pub fn warnings(&self) -> &[String] {
        &self.warnings
    }
}

const LAST_RESORT: &str = "<!doctype html><html lang=\"en\"><meta charset=\"utf-8\"><title>Something went wrong</title>\
     <h1>Something went wrong on our side</h1><p>Please try again in a minute.</p></html>\n";
