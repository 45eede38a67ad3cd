//! The broker's configuration for a demo, as an operator would write it.

use std::{net::SocketAddr, path::Path};

use toml::Value;
use url::Url;

use super::{
    app::{Profile, post_logout_redirect_uri, redirect_uri},
    simulators::Running,
};
use crate::types::{Random, Secret32, SecretText, bytes};

/// What the text is made of.
pub(crate) struct Parts<'a> {
    pub(crate) issuer: &'a str,
    pub(crate) http: SocketAddr,
    pub(crate) management: SocketAddr,
    pub(crate) folder: &'a Path,
    pub(crate) providers: &'a [&'a Running],
    pub(crate) apps: &'a [(Profile, &'a Url, &'a SecretText)],
}

/// The text, with fresh secrets.
pub(crate) fn text(parts: &Parts<'_>, random: &dyn Random) -> String {
    let database = format!("sqlite://{}", parts.folder.join("vestibule.db").display());
    let [master, pepper] = [(), ()].map(|()| bytes::to_base64url(Secret32::generate(random).expose()));
    let mut text = format!(
        "issuer = {}\n\n[listen]\nhttp = {}\nmanagement = {}\n\n[store]\nurl = {}\n\n[secrets]\nmaster = {}\npepper = {}\n",
        quoted(parts.issuer),
        quoted(&parts.http.to_string()),
        quoted(&parts.management.to_string()),
        quoted(&database),
        quoted(&master),
        quoted(&pepper),
    );
    for provider in parts.providers {
        text.push('\n');
        text.push_str(&provider.provider_section(provider.kind().as_str()));
    }
    for (app, base, secret) in parts.apps {
        text.push('\n');
        text.push_str(&section(app, base, secret));
    }
    text
}

fn section(app: &Profile, base: &Url, secret: &SecretText) -> String {
    format!(
        "[apps.{}]\nname = {}\nredirect_uris = [{}]\npost_logout_redirect_uris = [{}]\nclient_uri = {}\n\
         secret_sha256 = {}\n{}",
        app.id,
        quoted(app.name),
        quoted(&redirect_uri(base)),
        quoted(&post_logout_redirect_uri(base)),
        quoted(base.as_str()),
        quoted(&bytes::to_hex(&bytes::sha256(secret.expose().as_bytes()))),
        app.claims,
    )
}

fn quoted(text: &str) -> String {
    Value::String(text.to_owned()).to_string()
}
