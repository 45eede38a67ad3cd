//! What a document says of the app that is named after it (Client ID Metadata Document, section 4): held to the rules for
//! apps that register themselves, and to those for an app that nobody let in.

use serde_json::{Map, Value, map::Entry};
use url::Url;

use super::addresses;
use crate::{
    config::{NotRegistered, registered, understood},
    egress::Egress,
    types::{
        App, AppId,
        app::ConsentMode,
        urls::{AppRedirect, ApplicationType, is_loopback},
    },
};

/// How such an app may prove itself: nothing that two would have to keep secret.
const METHODS: [&str; 2] = ["none", "private_key_jwt"];

/// The app that its document describes; `is_free` says whether it may have the name that it gives itself.
///
/// # Errors
/// The first of what is wrong with the document.
pub fn described(
    id: &AppId,
    document: Map<String, Value>,
    egress: &Egress,
    is_free: impl FnOnce(&str) -> Result<(), NotRegistered>,
) -> Result<App, NotRegistered> {
    let host = id.document_host().ok_or_else(|| NotRegistered::because("client_id is no address"))?;
    if document.get("client_id").and_then(Value::as_str) != Some(id.as_str()) {
        return Err(NotRegistered::because("client_id is not the address of the document"));
    }
    if let Some(name) = document.keys().find(|name| name.starts_with("client_secret")) {
        return Err(NotRegistered::because(format!("{} has no place in a document", shown(name))));
    }
    addresses::are_public(egress, &document)?;
    let mut said = understood(document);
    proves_itself(&mut said)?;
    let named = said.contains_key("client_name");
    said.entry("client_name").or_insert_with(|| "App".into());
    let app = registered(id.clone(), &said, None, None)?;
    stays_at_home(id, &app)?;
    // Anyone may write any name: the host, which nobody else can have, comes first wherever the name is read.
    let name = if named {
        is_free(&app.name)?;
        format!("{host} ({})", app.name)
    } else {
        host
    };
    Ok(App { name, consent: ConsentMode::Explicit, pkce_required: true, ..app })
}

/// The method, which is `none` where the document names none: there is no secret that the usual one could show.
fn proves_itself(said: &mut Map<String, Value>) -> Result<(), NotRegistered> {
    match said.entry("token_endpoint_auth_method") {
        Entry::Vacant(entry) => {
            entry.insert("none".into());
            Ok(())
        }
        Entry::Occupied(entry) if entry.get().as_str().is_some_and(|method| METHODS.contains(&method)) => Ok(()),
        Entry::Occupied(_) => {
            Err(NotRegistered::because("token_endpoint_auth_method may be none or private_key_jwt only"))
        }
    }
}

/// Whoever holds the document holds the ways back: they are at its origin, or on the machine of the person for a native
/// app.
fn stays_at_home(id: &AppId, app: &App) -> Result<(), NotRegistered> {
    let home = Url::parse(id.as_str()).map(|url| url.origin().ascii_serialization()).unwrap_or_default();
    let native = app.application_type == ApplicationType::Native;
    let stays = |uri: &AppRedirect| uri.origin() == home || (native && is_on_loopback(uri));
    for (name, uris) in
        [("redirect_uris", &app.redirect_uris), ("post_logout_redirect_uris", &app.post_logout_redirect_uris)]
    {
        if !uris.iter().all(stays) {
            let problem = format!("{name} lead away from the origin of the document");
            return Err(NotRegistered { redirects: name == "redirect_uris", problem });
        }
    }
    Ok(())
}

fn is_on_loopback(uri: &AppRedirect) -> bool {
    let url = Url::parse(uri.as_str());
    url.is_ok_and(|url| url.scheme() == "http" && url.host().is_some_and(|host| is_loopback(&host)))
}

/// A name of a member, short enough to be told.
fn shown(name: &str) -> String {
    name.escape_debug().take(64).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    const ID: &str = "https://preview.test/app.json";

    fn read(changes: &[(&str, Value)]) -> Result<App, String> {
        let mut document = json!({
            "client_id": ID, "client_name": "Preview", "redirect_uris": ["https://preview.test/cb"],
        });
        for (name, value) in changes {
            document[*name] = value.clone();
        }
        let Value::Object(document) = document else { unreachable!() };
        described(&ID.parse().unwrap(), document, &Egress::default(), |_| Ok(())).map_err(|error| error.problem)
    }

    #[test]
    fn a_name_from_a_stranger_stands_behind_the_host() {
        let app = read(&[]).unwrap();
        assert_eq!((app.name.as_str(), app.id.as_str()), ("preview.test (Preview)", ID));
        assert!(app.is_public() && app.pkce_required && app.consent == ConsentMode::Explicit);
        assert_eq!(read(&[("client_name", Value::Null)]).unwrap().name, "preview.test");
        let native = [("application_type", json!("native")), ("redirect_uris", json!(["http://127.0.0.1/cb"]))];
        assert!(read(&native).unwrap().has_free_port());
    }

    #[test]
    fn what_is_wrong_with_a_document_is_said_by_name() {
        let loopback = json!(["http://127.0.0.1/cb"]);
        for (name, value, word) in [
            ("client_id", json!("https://preview.test/other.json"), "client_id"),
            ("client_id", json!("https://preview.test/app%2Ejson"), "client_id"),
            ("client_id", Value::Null, "client_id"),
            ("client_secret", json!("x"), "client_secret"),
            ("client_secret_expires_at", json!(0), "client_secret_expires_at"),
            ("token_endpoint_auth_method", json!("client_secret_basic"), "token_endpoint_auth_method"),
            ("token_endpoint_auth_method", json!("private_key_jwt"), "public keys"),
            ("token_endpoint_auth_method", json!(1), "token_endpoint_auth_method"),
            ("redirect_uris", Value::Null, "redirect_uris"),
            ("redirect_uris", json!([]), "redirect_uris"),
            ("redirect_uris", json!(["https://other.test/cb"]), "redirect_uris"),
            ("redirect_uris", json!(["https://preview.test:8443/cb"]), "redirect_uris"),
            ("redirect_uris", json!(["https://preview.test/cb", "https://a.preview.test/cb"]), "redirect_uris"),
            ("redirect_uris", loopback, "redirect_uris"),
            ("post_logout_redirect_uris", json!(["https://other.test/"]), "post_logout_redirect_uris"),
            ("grant_types", json!(["client_credentials"]), "grant_types"),
            ("grant_types", json!(["urn:ietf:params:oauth:grant-type:device_code"]), "grant_types"),
            ("client_name", json!("Pre\u{202e}view"), "client_name"),
            ("client_name", json!("x".repeat(81)), "client_name"),
            ("client_name", json!(""), "name is empty"),
            ("jwks_uri", json!("https://127.0.0.1/jwks"), "jwks_uri"),
            ("tos_uri", json!("https://10.0.0.1/"), "tos_uri"),
            ("logo_uri", json!("https://169.254.169.254/"), "logo_uri"),
            ("client_uri", json!("http://preview.test/"), "client_uri"),
        ] {
            let problem = read(&[(name, value.clone())]).map(|app| app.name).unwrap_err();
            assert!(problem.contains(word), "{name} {value}: {problem}");
        }
    }
}
