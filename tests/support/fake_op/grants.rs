//! What a person agreed to: from the authorization request to the token request.

use std::collections::HashMap;

use serde_json::{Value, json};
use vestibule::types::bytes::{sha256, to_base64url};

use super::{CLIENT_ID, CLIENT_SECRET, Draft, FakeOp, Fault};

/// One code and what it stands for.
#[derive(Clone, Debug, Default)]
pub(super) struct Grant {
    pub(super) nonce: Option<String>,
    challenge: Option<String>,
    redirect_uri: String,
    used: bool,
}

/// Parameters of a redirect.
pub(super) type Pairs = Vec<(String, String)>;

impl FakeOp {
    /// The person agrees: where the browser goes, and with what.
    pub(super) fn authorize(&self, query: &HashMap<String, String>) -> (String, Pairs) {
        let of = |name: &str| query.get(name).cloned();
        let mut script = self.script();
        script.codes += 1;
        let code = format!("code-{}", script.codes);
        let redirect_uri = of("redirect_uri").unwrap_or_default();
        let grant = Grant {
            nonce: of("nonce"),
            challenge: of("code_challenge").filter(|_| of("code_challenge_method").as_deref() == Some("S256")),
            redirect_uri: redirect_uri.clone(),
            used: false,
        };
        script.grants.insert(code.clone(), grant);
        let mut pairs = vec![("code".to_owned(), code), ("state".to_owned(), of("state").unwrap_or_default())];
        if script.advertises_iss {
            pairs.push(("iss".to_owned(), self.base().to_owned()));
        }
        for fault in &script.faults {
            if let Fault::Redirect(change) = fault {
                change(&mut pairs);
            }
        }
        (redirect_uri, pairs)
    }

    /// A token request that must be right in everything.
    pub(super) fn exchange(
        &self,
        form: &HashMap<String, String>,
        basic: Option<(String, String)>,
    ) -> Result<Value, &'static str> {
        let of = |name: &str| form.get(name).map_or("", String::as_str);
        let posted = || (of("client_id").to_owned(), of("client_secret").to_owned());
        if basic.unwrap_or_else(posted) != (CLIENT_ID.to_owned(), CLIENT_SECRET.to_owned()) {
            return Err("invalid_client");
        }
        let mut script = self.script();
        let grant = script.grants.get_mut(of("code")).ok_or("invalid_grant")?;
        let verifies = |challenge: &String| to_base64url(&sha256(of("code_verifier").as_bytes())) == *challenge;
        let proven = grant.challenge.as_ref().is_none_or(verifies);
        if grant.used || grant.redirect_uri != of("redirect_uri") || !proven {
            return Err("invalid_grant");
        }
        grant.used = true;
        let grant = grant.clone();
        let access_token = format!("at-{}", of("code"));
        let mut draft = Draft::honest(self.base(), &grant, &access_token, &script.person, &script.token);
        let mut answer = json!({ "access_token": access_token, "token_type": "Bearer", "expires_in": 300 });
        for fault in &script.faults {
            if let Fault::IdToken(change) = fault {
                change(&mut draft);
            }
        }
        answer["id_token"] = json!(draft.seal());
        for fault in &script.faults {
            if let Fault::TokenAnswer(change) = fault {
                change(&mut answer);
            }
        }
        Ok(answer)
    }

    /// What the token endpoint would say to this code, for a path that a test plays itself.
    pub fn token_answer(&self, code: &str, nonce: Option<&str>) -> Value {
        let script = self.script();
        let grant = Grant { nonce: nonce.map(str::to_owned), ..Grant::default() };
        let access_token = format!("at-{code}");
        let draft = Draft::honest(self.base(), &grant, &access_token, &script.person, &script.token);
        json!({ "access_token": access_token, "token_type": "Bearer", "id_token": draft.seal() })
    }

    /// A logout token about `subject`, changed before it is signed (OpenID Connect Back-Channel Logout 1.0, section 2.4).
    pub fn logout_token(&self, subject: &str, change: impl FnOnce(&mut Draft)) -> String {
        static NEXT: std::sync::atomic::AtomicU64 = std::sync::atomic::AtomicU64::new(0);
        let jti = format!("logout-{}", NEXT.fetch_add(1, std::sync::atomic::Ordering::Relaxed));
        let Value::Object(person) = json!({ "sub": subject, "sid": "session-there" }) else { unreachable!() };
        let Value::Object(extra) = json!({
            "jti": jti,
            "events": { "http://schemas.openid.net/event/backchannel-logout": {} },
        }) else {
            unreachable!()
        };
        let mut draft = Draft::honest(self.base(), &Grant::default(), "", &person, &extra);
        for name in ["nonce", "at_hash", "auth_time"] {
            draft.claims.remove(name);
        }
        draft.header.insert("typ".into(), json!("logout+jwt"));
        change(&mut draft);
        draft.seal()
    }

    pub(super) fn discovery(&self, issuer: &str) -> Value {
        let at = |path: &str| format!("{}{path}", self.base());
        let script = self.script();
        let mut document = json!({
            "issuer": issuer,
            "authorization_endpoint": at("/authorize"),
            "token_endpoint": at("/token"),
            "userinfo_endpoint": at("/userinfo"),
            "jwks_uri": at("/jwks"),
            "response_types_supported": ["code"],
            "subject_types_supported": ["public"],
            "id_token_signing_alg_values_supported": ["RS256"],
            "authorization_response_iss_parameter_supported": script.advertises_iss,
        });
        for fault in &script.faults {
            if let Fault::Discovery(change) = fault {
                change(&mut document);
            }
        }
        document
    }

    pub(super) fn jwks(&self) -> Value {
        let mut set = json!({ "keys": [super::public_jwk(super::RSA), super::public_jwk(super::EC)] });
        for fault in &self.script().faults {
            if let Fault::Jwks(change) = fault {
                change(&mut set);
            }
        }
        set
    }

    pub(super) fn user_info(&self) -> Value {
        let script = self.script();
        let mut info = Value::Object(script.person.clone());
        for fault in &script.faults {
            if let Fault::UserInfo(change) = fault {
                change(&mut info);
            }
        }
        info
    }
}
