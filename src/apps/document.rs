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
        urls::{AppRedirect, ApplicationType},
    },
};

/// How such an app may prove itself: nothing that two would have to keep secret.
const METHODS: [&str; 2] = ["none", "private_key_jwt"];

/// What a document says to every server at once, and what of it may be here: of the rest such an app makes no use here
/// (RFC 7591, section 2: a server may ignore what it does not support).
const KEPT: [(&str, &[&str]); 2] =
    [("grant_types", &["authorization_code", "refresh_token"]), ("response_types", &["code"])];

/// What holds for all of them.
pub struct Terms {
    /// What goes out.
    pub egress: Egress,
    /// The services that they may name in `resource`.
    pub audiences: Vec<String>,
}

/// The app that its document describes; `is_free` says whether it may have the name that it gives itself.
///
/// # Errors
/// The first of what is wrong with the document.
pub fn described(
    id: &AppId,
    document: Map<String, Value>,
    terms: &Terms,
    is_free: impl FnOnce(&str) -> Result<(), NotRegistered>,
) -> Result<App, NotRegistered> {
    let host = id.document_host().ok_or_else(|| NotRegistered::because("client_id is no address"))?;
    if document.get("client_id").and_then(Value::as_str) != Some(id.as_str()) {
        return Err(NotRegistered::because("client_id is not the address of the document"));
    }
    if let Some(name) = document.keys().find(|name| name.starts_with("client_secret")) {
        return Err(NotRegistered::because(format!("{} has no place in a document", shown(name))));
    }
    addresses::are_public(&terms.egress, &document)?;
    let mut said = understood(document);
    for (name, kept) in KEPT {
        keep(&mut said, name, kept);
    }
    proves_itself(&mut said)?;
    if is_all_on_loopback(&said) {
        said.entry("application_type").or_insert_with(|| "native".into());
    }
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
    let audiences = terms.audiences.clone();
    Ok(App { name, consent: ConsentMode::Explicit, pkce_required: true, audiences, ..app })
}

/// Leaves of a list what is kept of it, unless that is nothing: then it is for somebody else to refuse.
fn keep(said: &mut Map<String, Value>, name: &str, kept: &[&str]) {
    let Some(Value::Array(items)) = said.get_mut(name) else { return };
    let is_kept = |item: &Value| item.as_str().is_some_and(|item| kept.contains(&item));
    if items.iter().any(is_kept) {
        items.retain(is_kept);
    }
}

/// Whether nothing leads back but the machine of the person. That is a native app, also where its document has no
/// `application_type`: OAuth alone knows no such member, and what it means for one to be absent is said for OpenID Connect.
fn is_all_on_loopback(said: &Map<String, Value>) -> bool {
    let uris = said.get("redirect_uris").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let parsed = |uri: &Value| uri.as_str().and_then(|uri| AppRedirect::parse(uri, false).ok());
    !uris.is_empty() && uris.iter().all(|uri| parsed(uri).is_some_and(|uri| uri.is_on_loopback()))
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
    let stays = |uri: &AppRedirect| uri.origin() == home || (native && uri.is_on_loopback());
    for (name, uris) in
        [("redirect_uris", &app.redirect_uris), ("post_logout_redirect_uris", &app.post_logout_redirect_uris)]
    {
        if !uris.iter().all(stays) {
            let unless = if uris.iter().any(AppRedirect::is_on_loopback) {
                ", and only a native app may be on loopback"
            } else {
                ""
            };
            let problem = format!("{name} lead away from the origin of the document{unless}");
            return Err(NotRegistered { redirects: name == "redirect_uris", problem });
        }
    }
    Ok(())
}

/// A name of a member, short enough to be told.
fn shown(name: &str) -> String {
    name.escape_debug().take(64).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::types::{app::GrantType, urls::FreePort};

    const ID: &str = "https://preview.test/app.json";

    fn read(changes: &[(&str, Value)]) -> Result<App, String> {
        let mut document = json!({
            "client_id": ID, "client_name": "Preview", "redirect_uris": ["https://preview.test/cb"],
        });
        for (name, value) in changes {
            document[*name] = value.clone();
        }
        let Value::Object(document) = document else { unreachable!() };
        let terms = Terms { egress: Egress::default(), audiences: vec!["https://mcp.test".into()] };
        described(&ID.parse().unwrap(), document, &terms, |_| Ok(())).map_err(|error| error.problem)
    }

    #[test]
    fn a_name_from_a_stranger_stands_behind_the_host() {
        let app = read(&[]).unwrap();
        assert_eq!((app.name.as_str(), app.id.as_str()), ("preview.test (Preview)", ID));
        assert!(app.is_public() && app.pkce_required && app.consent == ConsentMode::Explicit);
        assert_eq!(read(&[("client_name", Value::Null)]).unwrap().name, "preview.test");
        let native = [("application_type", json!("native")), ("redirect_uris", json!(["http://127.0.0.1/cb"]))];
        assert_eq!(read(&native).unwrap().free_port(), FreePort::OnLoopback);
    }

    #[test]
    fn what_leads_back_to_the_machine_alone_is_a_native_app() {
        let back = |uris: Value| read(&[("redirect_uris", uris)]);
        let app = back(json!(["http://localhost/callback", "http://127.0.0.1/callback"])).unwrap();
        assert_eq!((app.application_type, app.free_port()), (ApplicationType::Native, FreePort::OnLoopback));
        assert_eq!(back(json!(["http://[::1]:7/cb"])).unwrap().application_type, ApplicationType::Native);
        assert_eq!(read(&[]).unwrap().application_type, ApplicationType::Web);
        let web = [("application_type", json!("web")), ("redirect_uris", json!(["http://127.0.0.1/cb"]))];
        assert!(read(&web).unwrap_err().contains("only a native app"), "what it says of itself counts");
    }

    #[test]
    fn what_is_for_other_servers_is_left_aside() {
        let app = read(&[
            ("application_type", json!("native")),
            ("redirect_uris", json!(["http://127.0.0.1:33418/", "https://preview.test/redirect"])),
            (
                "grant_types",
                json!(["authorization_code", "refresh_token", "urn:ietf:params:oauth:grant-type:device_code", "x"]),
            ),
            ("response_types", json!(["code", "code id_token"])),
            ("token_endpoint_auth_methods_supported", json!(["none"])),
            ("logo_uri", json!("https://pictures.test/logo.png")),
            ("scope", json!("anything")),
            ("sector_identifier_uri", json!("https://elsewhere.test/sector.json")),
            ("origins", json!(["https://other.test"])),
            ("audiences", json!(["https://api.test"])),
            ("consent", json!("implicit")),
        ]);
        let app = app.unwrap();
        assert_eq!(app.grant_types, [GrantType::AuthorizationCode, GrantType::RefreshToken]);
        assert_eq!(app.redirect_uris.len(), 2);
        assert!(app.sector.is_none() && app.audiences == ["https://mcp.test"] && app.consent == ConsentMode::Explicit);
        assert!(!app.origins.contains(&"https://other.test".to_owned()));
    }

    #[test]
    fn the_host_is_written_as_it_is_on_the_wire() {
        for (id, host) in [
            ("https://xn--ls8h.test/x", "xn--ls8h.test"),
            ("https://preview.test:8443/x", "preview.test:8443"),
            ("https://preview.test/notes.example.com/x", "preview.test"),
        ] {
            assert_eq!(id.parse::<AppId>().unwrap().document_host().as_deref(), Some(host));
        }
    }

    #[test]
    fn what_is_wrong_with_a_document_is_said_by_name() {
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
            ("redirect_uris", json!(["http://127.0.0.1/cb", "https://preview.test/cb"]), "only a native app"),
            ("redirect_uris", json!(["http://127.0.0.1/cb", "com.example.app:/cb"]), "redirect_uris"),
            ("redirect_uris", json!(["https://localhost/cb"]), "redirect_uris"),
            ("redirect_uris", json!(["http://127.0.0.1.evil.test/cb"]), "redirect_uris"),
            ("response_types", json!(["token"]), "response_types"),
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
