//! Faults on demand: what a provider may get wrong, so that a login against it can be seen to fail well.

use std::{collections::BTreeSet, time::Duration};

use actix_web::{
    HttpResponse,
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    http::header,
    middleware::Next,
    web,
};
use serde_json::{Map, Value, json};

use super::desk::Desk;

macro_rules! faults {
    ($($name:ident = $wire:literal, $label:literal;)*) => {
        /// One thing that goes wrong. [`Fault::name`] is its name at the control endpoint and on the page.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
        pub enum Fault {
            $(#[doc = $label] $name,)*
        }

        impl Fault {
            /// All of them, as the page lists them.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// Its name on the wire.
            pub const fn name(self) -> &'static str {
                match self { $(Self::$name => $wire,)* }
            }

            /// What it does, in words.
            pub const fn label(self) -> &'static str {
                match self { $(Self::$name => $label,)* }
            }
        }
    };
}

faults! {
    WrongIssuer = "wrong_issuer", "ID token of another issuer";
    WrongAudience = "wrong_audience", "ID token for another client";
    WrongNonce = "wrong_nonce", "ID token with another nonce";
    MissingNonce = "missing_nonce", "ID token without a nonce";
    Expired = "expired", "ID token that has expired";
    IssuedInFuture = "issued_in_future", "ID token from the future";
    WrongTypes = "wrong_types", "ID token with claims of the wrong type";
    MissingSubject = "missing_subject", "ID token without a subject";
    OversizedSubject = "oversized_subject", "subject of 300 characters";
    StaleLogin = "stale_login", "login of yesterday (auth_time)";
    BadSignature = "bad_signature", "signature that does not fit";
    UnknownKey = "unknown_key", "signature by a key that is not published";
    AlgNone = "alg_none", "ID token without a signature (alg none)";
    AlgHs256 = "alg_hs256", "ID token signed with HS256 and the public key";
    ForeignApp = "foreign_app", "access token that was issued for another app";
    WrongUserinfoSubject = "wrong_userinfo_subject", "UserInfo of another person";
    WrongState = "wrong_state", "answer with another state";
    WrongIss = "wrong_iss", "answer with another iss (RFC 9207)";
    MissingIss = "missing_iss", "answer without iss (RFC 9207)";
    EmailDeclined = "email_declined", "the e-mail permission declined";
    RevocationFails = "revocation_fails", "an error where a permission is given back";
    Slow = "slow", "answers after ten seconds";
    Http500 = "http_500", "server error 500";
    NotJson = "not_json", "a page instead of JSON";
    Oversized = "oversized", "an answer of 2 MiB";
    Redirected = "redirected", "a redirect instead of an answer";
}

impl Fault {
    /// By its name on the wire.
    pub fn parse(name: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|fault| fault.name() == name)
    }
}

/// The faults that hold for one answer.
#[derive(Clone, Debug, Default)]
pub(crate) struct Faults(pub(crate) BTreeSet<Fault>);

impl Faults {
    pub(crate) fn has(&self, fault: Fault) -> bool {
        self.0.contains(&fault)
    }

    /// Spoils the claims of an ID token.
    pub(crate) fn spoil(&self, claims: &mut Map<String, Value>, now: u64) {
        for fault in &self.0 {
            match fault {
                Fault::WrongIssuer => set(claims, "iss", json!("https://issuer.invalid")),
                Fault::WrongAudience => set(claims, "aud", json!("another-client")),
                Fault::ForeignApp => {
                    set(claims, "aud", json!("another-client"));
                    set(claims, "azp", json!("another-client"));
                }
                Fault::WrongNonce => set(claims, "nonce", json!("another-nonce")),
                Fault::MissingNonce => drop(claims.remove("nonce")),
                Fault::Expired => {
                    set(claims, "iat", json!(now.saturating_sub(7200)));
                    set(claims, "exp", json!(now.saturating_sub(3600)));
                }
                Fault::IssuedInFuture => {
                    set(claims, "iat", json!(now.saturating_add(3600)));
                    set(claims, "exp", json!(now.saturating_add(7200)));
                }
                Fault::WrongTypes => {
                    set(claims, "exp", json!("tomorrow"));
                    set(claims, "sub", json!({ "id": 1 }));
                }
                Fault::MissingSubject => drop(claims.remove("sub")),
                Fault::OversizedSubject => set(claims, "sub", json!("9".repeat(300))),
                Fault::StaleLogin => set(claims, "auth_time", json!(now.saturating_sub(86_400))),
                _ => {}
            }
        }
    }

    /// The answer that replaces the honest one, after a wait where the fault is slowness.
    pub(crate) async fn trouble(&self) -> Option<HttpResponse> {
        if self.has(Fault::Slow) {
            tokio::time::sleep(Duration::from_secs(10)).await;
        }
        if self.has(Fault::Http500) {
            return Some(HttpResponse::InternalServerError().content_type("text/html").body("<h1>500</h1>"));
        }
        if self.has(Fault::NotJson) {
            return Some(HttpResponse::Ok().content_type("text/html").body("<!doctype html><h1>Welcome</h1>"));
        }
        if self.has(Fault::Oversized) {
            return Some(HttpResponse::Ok().json(json!({ "padding": "x".repeat(2 * 1024 * 1024) })));
        }
        self.has(Fault::Redirected)
            .then(|| HttpResponse::Found().insert_header((header::LOCATION, "http://127.0.0.1:9/elsewhere")).finish())
    }
}

fn set(claims: &mut Map<String, Value>, name: &str, value: Value) {
    claims.insert(name.to_owned(), value);
}

/// Middleware: lets the armed faults loose on whatever servers ask; people still get their pages.
pub(crate) async fn on_back_channel(
    request: ServiceRequest,
    next: Next<impl MessageBody + 'static>,
) -> Result<ServiceResponse<impl MessageBody>, actix_web::Error> {
    let armed = match request.app_data::<web::Data<Desk>>() {
        Some(desk) if !is_for_people(request.path()) => desk.armed(),
        _ => Faults::default(),
    };
    if armed.has(Fault::RevocationFails) && gives_back(&request) {
        return Ok(request.into_response(HttpResponse::ServiceUnavailable()).map_into_right_body());
    }
    match armed.trouble().await {
        Some(answer) => Ok(request.into_response(answer).map_into_right_body()),
        None => Ok(next.call(request).await?.map_into_left_body()),
    }
}

/// As Google and Apple have it by a path, Facebook and GitHub by a method.
fn gives_back(request: &ServiceRequest) -> bool {
    request.method() == actix_web::http::Method::DELETE || request.path().ends_with("/revoke")
}

fn is_for_people(path: &str) -> bool {
    path == "/"
        || path.starts_with("/_simulator/")
        || ["/auth", "/authorize", "/dialog/oauth", "/logout"].iter().any(|end| path.ends_with(end))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_fault_has_a_name_of_its_own() {
        for fault in Fault::ALL {
            assert_eq!(Fault::parse(fault.name()), Some(*fault));
        }
        assert_eq!(Fault::parse("none"), None);
    }
}
