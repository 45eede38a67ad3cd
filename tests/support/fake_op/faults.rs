//! What a provider may get wrong, as data.

use std::sync::Arc;

use jsonwebtoken::Algorithm;
use serde_json::{Map, Value, json};
use vestibule::types::bytes::to_base64url;

use super::{CLIENT_ID, CLIENT_SECRET, Draft, Raw, Signer, grants::Pairs, keys, now, public_jwk};

type Change<T> = Arc<dyn Fn(&mut T) + Send + Sync>;

/// One thing that is wrong.
#[derive(Clone)]
pub enum Fault {
    /// In the ID token.
    IdToken(Change<Draft>),
    /// In the discovery document.
    Discovery(Change<Value>),
    /// In the set of keys.
    Jwks(Change<Value>),
    /// In UserInfo.
    UserInfo(Change<Value>),
    /// In the answer of the token endpoint.
    TokenAnswer(Change<Value>),
    /// In what the browser carries back.
    Redirect(Change<Pairs>),
    /// The answer of the path that ends so.
    Answer(&'static str, Raw),
}

impl Fault {
    pub fn id_token(change: impl Fn(&mut Draft) + Send + Sync + 'static) -> Self {
        Self::IdToken(Arc::new(change))
    }

    pub fn discovery(change: impl Fn(&mut Value) + Send + Sync + 'static) -> Self {
        Self::Discovery(Arc::new(change))
    }

    pub fn jwks(change: impl Fn(&mut Value) + Send + Sync + 'static) -> Self {
        Self::Jwks(Arc::new(change))
    }

    pub fn user_info(change: impl Fn(&mut Value) + Send + Sync + 'static) -> Self {
        Self::UserInfo(Arc::new(change))
    }

    pub fn token_answer(change: impl Fn(&mut Value) + Send + Sync + 'static) -> Self {
        Self::TokenAnswer(Arc::new(change))
    }

    pub fn redirect(change: impl Fn(&mut Pairs) + Send + Sync + 'static) -> Self {
        Self::Redirect(Arc::new(change))
    }

    /// The ID token with this claim.
    pub fn claim(name: &'static str, value: Value) -> Self {
        Self::id_token(move |draft| drop(draft.claims.insert(name.into(), value.clone())))
    }

    /// The ID token without this claim.
    pub fn no_claim(name: &'static str) -> Self {
        Self::id_token(move |draft| drop(draft.claims.remove(name)))
    }

    /// The ID token with this member of its header.
    pub fn header(name: &'static str, value: Value) -> Self {
        Self::id_token(move |draft| drop(draft.header.insert(name.into(), value.clone())))
    }
}

/// ID tokens whose claims are wrong, each in one place: every one ends the sign-in.
pub fn wrong_id_tokens() -> Vec<(&'static str, Fault)> {
    let issuer = |change: fn(&str) -> String| {
        Fault::id_token(move |draft| {
            let honest = draft.claims.get("iss").and_then(Value::as_str).unwrap_or_default().to_owned();
            draft.claims.insert("iss".into(), json!(change(&honest)));
        })
    };
    let mut all = vec![
        ("iss of another", Fault::claim("iss", json!("https://evil.example"))),
        ("iss missing", Fault::no_claim("iss")),
        ("iss with a slash", issuer(|iss| format!("{iss}/"))),
        ("iss in another case", issuer(str::to_uppercase)),
        ("iss of a wrong type", Fault::claim("iss", json!(["https://evil.example"]))),
        ("aud missing", Fault::no_claim("aud")),
        ("aud of another", Fault::claim("aud", json!("evil"))),
        ("aud empty", Fault::claim("aud", json!([]))),
        ("aud with another", Fault::claim("aud", json!([CLIENT_ID, "evil"]))),
        ("aud of a wrong type", Fault::claim("aud", json!({ "vestibule": true }))),
        ("azp of another", Fault::claim("azp", json!("evil"))),
        ("azp of a wrong type", Fault::claim("azp", json!([CLIENT_ID]))),
        ("exp missing", Fault::no_claim("exp")),
        ("exp long past", Fault::claim("exp", json!(now() - 3600))),
        ("exp 61 s ago", Fault::claim("exp", json!(now() - 61))),
        ("exp as text", Fault::claim("exp", json!((now() + 300).to_string()))),
        ("exp null", Fault::claim("exp", Value::Null)),
        ("exp negative", Fault::claim("exp", json!(-1))),
        ("iat missing", Fault::no_claim("iat")),
        ("iat in ten minutes", Fault::claim("iat", json!(now() + 600))),
        ("iat an hour ago", Fault::claim("iat", json!(now() - 3600))),
        ("iat as text", Fault::claim("iat", json!(now().to_string()))),
        ("nbf in ten minutes", Fault::claim("nbf", json!(now() + 600))),
        ("nbf as text", Fault::claim("nbf", json!("0"))),
        ("nonce missing", Fault::no_claim("nonce")),
        ("nonce of another", Fault::claim("nonce", json!("another"))),
        ("nonce empty", Fault::claim("nonce", json!(""))),
        ("nonce of a wrong type", Fault::claim("nonce", json!(["another"]))),
        ("auth_time in the future", Fault::claim("auth_time", json!(now() + 600))),
        ("auth_time as text", Fault::claim("auth_time", json!(now().to_string()))),
        ("at_hash of another token", Fault::claim("at_hash", json!(to_base64url(&[7; 16])))),
        ("at_hash of a wrong type", Fault::claim("at_hash", json!(7))),
    ];
    let subjects = [
        ("sub empty", json!("")),
        ("sub of 256 characters", json!("s".repeat(256))),
        ("sub of 300 characters", json!("s".repeat(300))),
        ("sub beyond ASCII", json!("pérson")),
        ("sub with a control character", json!("person\n1")),
        ("sub as a number", json!(7)),
        ("sub null", Value::Null),
    ];
    all.push(("sub missing", Fault::no_claim("sub")));
    all.extend(subjects.map(|(name, value)| (name, Fault::claim("sub", value))));
    all
}

/// The same in ways that a reader of JSON may stumble over.
pub fn odd_claims() -> Vec<(&'static str, Fault)> {
    let mut all: Vec<(&str, Fault)> = Vec::new();
    let odd_times = [
        ("exp beyond all numbers", json!(1e300)),
        ("exp of a wrong type", json!({ "$numberLong": now() + 300 })),
        ("exp true", json!(true)),
        ("exp in a list", json!([now() + 300])),
        ("iat beyond all numbers", json!(1e300)),
        ("iat null", Value::Null),
        ("nbf null", Value::Null),
        ("auth_time null", Value::Null),
    ];
    let named = |name: &'static str| name.split(' ').next().unwrap_or_default();
    all.extend(odd_times.map(|(name, value)| (name, Fault::claim(named(name), value))));
    let in_lists = [("iss in a list", "iss"), ("sub in a list", "sub"), ("nonce in a list", "nonce")];
    all.extend(in_lists.map(|(name, claim)| {
        (
            name,
            Fault::id_token(move |draft| drop(draft.claims.entry(claim).and_modify(|value| *value = json!([value])))),
        )
    }));
    all.push(("aud in a list in a list", Fault::claim("aud", json!([[CLIENT_ID]]))));
    all.push(("aud with nothing", Fault::claim("aud", json!([CLIENT_ID, null]))));
    all
}

/// ID tokens whose signature or header is wrong.
pub fn wrong_signatures() -> Vec<(&'static str, Fault)> {
    let unsigned = |alg: Value| {
        Fault::id_token(move |draft| {
            draft.header.insert("alg".into(), alg.clone());
            draft.signer = Signer::Bytes(Vec::new());
        })
    };
    let hmac = |secret: Vec<u8>| {
        Fault::id_token(move |draft| {
            draft.header.insert("alg".into(), json!("HS256"));
            draft.signer = Signer::Hmac(secret.clone());
        })
    };
    let text = |finish: fn(String) -> String| Fault::id_token(move |draft| draft.finish = finish);
    let jwk = public_jwk(keys::RSA);
    let modulus = jwk.get("n").and_then(Value::as_str).unwrap_or_default().to_owned();
    vec![
        ("alg none", unsigned(json!("none"))),
        ("alg None", unsigned(json!("None"))),
        ("alg NONE", unsigned(json!("NONE"))),
        ("alg nOnE", unsigned(json!("nOnE"))),
        ("alg empty", unsigned(json!(""))),
        ("alg null", unsigned(Value::Null)),
        ("alg missing", Fault::id_token(|draft| drop(draft.header.remove("alg")))),
        ("HS256 with the public key as JSON", hmac(jwk.to_string().into_bytes())),
        ("HS256 with the modulus", hmac(modulus.into_bytes())),
        ("HS256 with the client secret", hmac(CLIENT_SECRET.as_bytes().to_vec())),
        ("HS256 with nothing", hmac(b"\0".to_vec())),
        ("RS512", another_alg("RS512", Algorithm::RS512)),
        ("PS256", another_alg("PS256", Algorithm::PS256)),
        ("ES256 by a published key", Fault::id_token(|draft| draft.signed_by(keys::EC))),
        ("a key that is not published", Fault::id_token(|draft| draft.signed_by(keys::OTHER_RSA))),
        ("another key under a published name", Fault::id_token(|draft| draft.signer = Signer::Key(keys::OTHER_RSA))),
        ("an EC signature under the RSA key", Fault::id_token(|draft| draft.signer = Signer::Key(keys::EC))),
        ("its own key in the header", own_key()),
        ("jku", elsewhere("jku")),
        ("x5u", elsewhere("x5u")),
        ("x5c", elsewhere("x5c")),
        ("unknown crit", crit()),
        ("b64 false", Fault::header("b64", json!(false))),
        ("zip", Fault::header("zip", json!("DEF"))),
        ("typ of an access token", Fault::header("typ", json!("at+jwt"))),
        ("typ of a logout token", Fault::header("typ", json!("logout+jwt"))),
        ("kid of a wrong type", Fault::header("kid", json!(7))),
        (
            "no signature",
            text(|token| token.rsplit_once('.').map(|(signed, _)| format!("{signed}.")).unwrap_or_default()),
        ),
        ("two parts", text(|token| token.rsplit_once('.').map(|(signed, _)| signed.to_owned()).unwrap_or_default())),
        ("five parts", text(|token| format!("{token}.x.y"))),
        ("padding", text(|token| format!("{token}="))),
        ("a zero signature", Fault::id_token(|draft| draft.signer = Signer::Bytes(vec![0; 256]))),
        ("another payload", text(another_payload)),
        ("too long", Fault::claim("padding", json!("x".repeat(20_000)))),
        ("empty", text(|_| String::new())),
        ("dots alone", text(|_| ".".repeat(1000))),
    ]
}

/// ID tokens whose signature verifies, over a text that is no claims.
pub fn odd_texts() -> Vec<(&'static str, Fault)> {
    vec![
        ("claims that come twice", written(|claims| claims.replacen('{', "{\"sub\":\"x\",", 1).into_bytes())),
        ("claims that come twice, deep inside", written(|claims| with_member(&claims, r#""x":[{"y":1,"y":1}]"#))),
        ("a time that is no number", written(|claims| with_member(&claims, r#""x":1e999"#))),
        ("claims after a byte order mark", written(|claims| [b"\xef\xbb\xbf", claims.as_bytes()].concat())),
        ("claims in UTF-16", written(|claims| claims.encode_utf16().flat_map(u16::to_le_bytes).collect())),
        ("claims with more after them", written(|claims| [claims.as_bytes(), b"{}"].concat())),
        ("claims with a zero after them", written(|claims| [claims.as_bytes(), b"\0"].concat())),
        ("claims in a list", written(|claims| format!("[{claims}]").into_bytes())),
        (
            "claims that are no UTF-8",
            written(|claims| {
                claims.replace("Ada", "\u{1}\u{1}").bytes().map(|b| if b == 1 { 0xff } else { b }).collect()
            }),
        ),
    ]
}

/// Claims that are written in another way, under a signature that verifies.
fn written(write: fn(String) -> Vec<u8>) -> Fault {
    Fault::id_token(move |draft| draft.write = write)
}

fn with_member(claims: &str, member: &str) -> Vec<u8> {
    claims.replacen('{', &format!("{{{member},"), 1).into_bytes()
}

fn another_alg(name: &'static str, alg: Algorithm) -> Fault {
    Fault::id_token(move |draft| {
        draft.header.insert("alg".into(), json!(name));
        draft.signer = Signer::KeyAs(keys::RSA, alg);
    })
}

fn own_key() -> Fault {
    Fault::id_token(|draft| {
        draft.header.insert("jwk".into(), public_jwk(keys::OTHER_RSA));
        draft.header.remove("kid");
        draft.signer = Signer::Key(keys::OTHER_RSA);
    })
}

/// A header that leads to keys elsewhere, at this very provider: a visit there would be seen.
fn elsewhere(name: &'static str) -> Fault {
    Fault::id_token(move |draft| {
        let issuer = draft.claims.get("iss").and_then(Value::as_str).unwrap_or_default();
        let at = format!("{issuer}/elsewhere");
        draft.header.insert(name.into(), if name == "x5c" { json!([at]) } else { json!(at) });
        draft.header.insert("kid".into(), json!(keys::OTHER_RSA));
        draft.signer = Signer::Key(keys::OTHER_RSA);
    })
}

fn crit() -> Fault {
    Fault::id_token(|draft| {
        draft.header.insert("crit".into(), json!(["exp"]));
        draft.header.insert("exp".into(), json!(now() + 300));
    })
}

fn another_payload(token: String) -> String {
    let parts: Vec<&str> = token.split('.').collect();
    let [header, payload, signature] = parts[..] else { return token };
    let bytes = vestibule::types::bytes::from_base64url(payload).unwrap_or_default();
    let mut claims: Map<String, Value> = serde_json::from_slice(&bytes).unwrap_or_default();
    claims.insert("sub".into(), json!("somebody-else"));
    format!("{header}.{}.{signature}", to_base64url(Value::Object(claims).to_string().as_bytes()))
}

/// UserInfo that must end the sign-in. The ID token says too little with each, so that UserInfo is asked.
pub fn lying_user_info() -> Vec<(&'static str, Fault)> {
    let sub = |value: Value| Fault::user_info(move |info| info["sub"] = value.clone());
    vec![
        ("another subject", sub(json!("somebody-else"))),
        ("no subject", Fault::user_info(|info| drop(info.as_object_mut().and_then(|info| info.remove("sub"))))),
        ("an empty subject", sub(json!(""))),
        ("a subject of a wrong type", sub(json!(["person-1"]))),
        ("a list", Fault::user_info(|info| *info = json!([info.clone()]))),
        ("a page", Fault::Answer("/userinfo", Raw::text(200, "text/html", "<html>"))),
        ("a redirect", Fault::Answer("/userinfo", Raw::redirect("https://evil.example/userinfo"))),
        (
            "a signed one that nobody asked for",
            Fault::Answer("/userinfo", Raw::text(200, "application/jwt", "e30.e30.e30")),
        ),
        ("another success", Fault::Answer("/userinfo", Raw::json(203, &json!({ "sub": "person-1", "name": "Ada" })))),
        (
            "a byte order mark",
            Fault::Answer("/userinfo", Raw::text(200, "application/json", "\u{feff}{\"sub\":\"person-1\"}")),
        ),
        ("more than one", Fault::Answer("/userinfo", Raw::text(200, "application/json", "{\"sub\":\"person-1\"}{}"))),
        ("not allowed", Fault::Answer("/userinfo", Raw::json(401, &json!({ "error": "invalid_token" })))),
    ]
}

/// Discovery documents that must not be used.
pub fn lying_discovery() -> Vec<(&'static str, Fault)> {
    let member = |name: &'static str, value: Value| Fault::discovery(move |document| document[name] = value.clone());
    let raw = |raw: Raw| Fault::Answer("/.well-known/openid-configuration", raw);
    let mut all = vec![
        ("another issuer", member("issuer", json!("https://evil.example"))),
        (
            "issuer with a slash",
            Fault::discovery(|document| {
                document["issuer"] = json!(format!("{}/", document["issuer"].as_str().unwrap_or_default()));
            }),
        ),
        ("issuer of a wrong type", member("issuer", json!(7))),
        ("a redirect", raw(Raw::redirect("https://evil.example/.well-known/openid-configuration"))),
        ("a page", raw(Raw::text(200, "text/html", "<!doctype html><title>Sign in</title>"))),
        ("empty", raw(Raw::text(200, "application/json", ""))),
        ("a list", raw(Raw::text(200, "application/json", "[]"))),
        ("nested too deep", raw(Raw::text(200, "application/json", "{\"a\":".repeat(100_000)))),
        ("more than a megabyte", raw(Raw::text(200, "application/json", vec![b' '; 1_100_000]))),
        ("not found", raw(Raw::text(404, "text/plain", "no"))),
    ];
    for endpoint in ["authorization_endpoint", "token_endpoint", "userinfo_endpoint", "jwks_uri"] {
        for wrong in [
            "http://op.example/x",
            "file:///etc/passwd",
            "gopher://op.example/x",
            "ftp://op.example/x",
            "https://user:secret@op.example/x",
            "https://op.example/x#fragment",
            "https://127.0.0.1/x",
            "https://169.254.169.254/latest/meta-data",
            "https://[::1]/x",
            "http://127.0.0.1:1/x",
            "not an address",
        ] {
            all.push((wrong, member(endpoint, json!(wrong))));
        }
        if endpoint != "userinfo_endpoint" {
            all.push((
                "an endpoint missing",
                Fault::discovery(move |document| {
                    drop(document.as_object_mut().and_then(|members| members.remove(endpoint)));
                }),
            ));
        }
    }
    all
}

/// Values of `email_verified` that verify nothing.
pub fn odd_flags() -> Vec<Value> {
    vec![
        json!(false),
        Value::Null,
        json!("true"),
        json!("false"),
        json!(1),
        json!("1"),
        json!([]),
        json!({}),
        json!([true]),
    ]
}
