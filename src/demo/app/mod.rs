//! Example apps: small, server-rendered, and nothing but users of the broker. All they know of it is its issuer and
//! their own client id and secret; the rest comes from discovery, through the `openidconnect` crate as a client
//! library. After login they show what they were given: the ID token, decoded and verified, and UserInfo.

mod claims;
mod http_client;
mod login;
mod pages;
mod server;
mod sessions;

use std::{net::TcpListener, sync::Arc};

use url::Url;

use crate::types::{Random, SecretText};
pub use http_client::{HttpClient, HttpError, HttpFuture};
pub use server::{AppError, RunningApp};

/// What kind of app it is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Profile {
    /// Its client id.
    pub id: &'static str,
    /// What people call it.
    pub name: &'static str,
    /// One sentence about it.
    pub tagline: &'static str,
    /// The claims that it declares, as lines of its section in the broker's configuration.
    pub claims: &'static str,
}

/// An app that cannot do without an e-mail address.
pub const NOTES: Profile = Profile {
    id: "notes",
    name: "Notes",
    tagline: "A place for the things that you would otherwise forget.",
    claims: "claims.email = { need = \"required\", why = \"To send you the notes that you share.\", \
             keep = \"until you disconnect Notes\" }\n\
             claims.name = { need = \"optional\", why = \"To greet you.\" }\n",
};

/// An app that cannot do without a name.
pub const PHOTOS: Profile = Profile {
    id: "photos",
    name: "Photos",
    tagline: "Albums for the people who were there.",
    claims: "claims.name = { need = \"required\", why = \"To show who took a picture.\", \
             keep = \"as long as the picture is there\" }\n\
             claims.picture = { need = \"optional\", why = \"To show beside your name.\" }\n",
};

/// An example app that has not started yet.
pub struct ExampleApp {
    /// What kind of app it is.
    pub profile: Profile,
    /// Its secret at the broker.
    pub client_secret: SecretText,
    /// The broker.
    pub issuer: String,
    /// Where it listens: a port of its own on loopback.
    pub listener: TcpListener,
    /// How it calls the broker.
    pub http: HttpClient,
    /// Gives chance.
    pub random: Arc<dyn Random>,
}

impl ExampleApp {
    /// Starts it within the present Tokio runtime, with one worker.
    ///
    /// # Errors
    /// A listener that does not listen, or an issuer that is no address.
    #[expect(clippy::unused_async, reason = "it needs a running Tokio runtime, which the signature says")]
    pub async fn start(self) -> Result<RunningApp, AppError> {
        server::start(self)
    }
}

/// Where an app at this origin is sent after login.
pub fn redirect_uri(origin: &Url) -> String {
    format!("{}callback", origin.as_str())
}

/// Where an app at this origin is sent after logout.
pub fn post_logout_redirect_uri(origin: &Url) -> String {
    format!("{}signed-out", origin.as_str())
}
