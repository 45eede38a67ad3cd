//! How strictly an app wants to be treated, beyond what is demanded of all.

use jsonwebtoken::Algorithm;

use super::auth::STATEMENT_ALGS;
use crate::{
    config::{providers::optional, section::Section},
    types::{
        app::{AppAuth, GrantType, Profile, RequestObjects, Security},
        app_keys::KeySource,
        jws::Alg,
    },
};

/// What the settings read before this one said.
pub(super) struct Said<'a> {
    pub auth: Option<&'a AppAuth>,
    pub keys: Option<&'a KeySource>,
    pub grants: Option<&'a [GrantType]>,
}

/// Settings about requests and tokens that an app makes and holds by itself.
const OF_ITS_OWN: [&str; 6] = [
    "profile",
    "dpop_bound_access_tokens",
    "require_pushed_authorization_requests",
    "request_objects",
    "require_signed_request_object",
    "request_object_signing_alg",
];

pub(super) fn read(section: &Section<'_>, said: &Said<'_>) -> Option<Security> {
    if section.has("gate") {
        // The gate asks in its name, openly and unsigned, and keeps what it gets: none of them would hold.
        OF_ITS_OWN
            .iter()
            .for_each(|key| section.refuse(key, "has no place beside `gate`, which asks for it", "remove it"));
        return Some(Security::default());
    }
    let bound_tokens = section.flag("dpop_bound_access_tokens", false);
    let pushed_only = section.flag("require_pushed_authorization_requests", false);
    let request_objects = request_objects(section, said.keys);
    if let (Some(value), Some(true), Some(AppAuth::Public)) =
        (section.get("require_pushed_authorization_requests"), pushed_only, said.auth)
    {
        value.fault("is for apps that prove who they are", "give it a secret or a key, or remove the line");
        return None;
    }
    let profile =
        section.get("profile").map_or(Some(Profile::Standard), |value| value.one_of(&[("fapi2", Profile::Fapi2)]));
    if let (Some(value), Some(Profile::Fapi2), Some(auth)) = (section.get("profile"), profile, said.auth)
        && !matches!(auth, AppAuth::PrivateKey { .. })
    {
        value.fault(
            "needs an app that proves itself with a key",
            "write token_endpoint_auth_method = \"private_key_jwt\" with `jwks` or `jwks_uri` (FAPI 2.0, section 5.3.2)",
        );
        return None;
    }
    let security = Security {
        profile: profile?,
        bound_tokens: bound_tokens?,
        pushed_only: pushed_only?,
        request_objects: request_objects?,
    };
    has_no_way_round(section, &security, said.grants)?;
    Some(security)
}

/// What a device asks is not signed, and the browser in which somebody says yes is not known to be before the device:
/// for an app that demands either, it would be a way round.
fn has_no_way_round(section: &Section<'_>, security: &Security, grants: Option<&[GrantType]>) -> Option<()> {
    let demand = match security {
        Security { profile: Profile::Fapi2, .. } => "profile = \"fapi2\"",
        Security { request_objects: RequestObjects::Demanded(_), .. } => "require_signed_request_object",
        _ => return Some(()),
    };
    let devices = grants.is_some_and(|grants| grants.contains(&GrantType::DeviceCode));
    let Some(value) = section.get("grant_types").filter(|_| devices) else { return Some(()) };
    value.fault(
        format!("has the device grant, which would be a way round {demand}"),
        "make an app of its own for devices, or remove one of the two",
    );
    None
}

/// `request_objects`, `require_signed_request_object` and `request_object_signing_alg` (RFC 9101, section 10.5; OpenID
/// Connect Registration, section 2): each of them says that the app signs its requests.
fn request_objects(section: &Section<'_>, keys: Option<&KeySource>) -> Option<RequestObjects> {
    let taken = section.flag("request_objects", false);
    let demanded = section.flag("require_signed_request_object", false);
    let alg = optional(section.get("request_object_signing_alg").map(|value| value.one_of(&STATEMENT_ALGS)));
    let (taken, demanded, alg) = (taken?, demanded?, alg?);
    let said = [
        ("require_signed_request_object", demanded),
        ("request_object_signing_alg", alg.is_some()),
        ("request_objects", taken),
    ];
    let Some(value) = said.iter().find(|(_, said)| *said).and_then(|(key, _)| section.get(key)) else {
        return Some(RequestObjects::Refused);
    };
    if section.has("request_objects") && !taken {
        value.fault("comes beside request_objects = false", "remove one of the two");
        return None;
    }
    if keys.is_none() {
        value.fault(
            "needs the keys that the app signs its requests with",
            "add `jwks` or `jwks_uri` (RFC 9101, section 10.2: unsigned ones prove nothing)",
        );
        return None;
    }
    if section.has("profile") && alg == Some(Algorithm::RS256) {
        value.fault(
            "is not allowed by profile = \"fapi2\"",
            "write \"ES256\", \"PS256\" or \"EdDSA\", or remove the line",
        );
        return None;
    }
    Some(if demanded { RequestObjects::Demanded(alg) } else { RequestObjects::Taken(alg) })
}

/// How ID tokens are signed. FAPI 2.0 (section 5.4.1) has no RS256.
pub(super) fn id_token_alg(section: &Section<'_>) -> Option<Alg> {
    let words = Alg::ALL.map(|alg| (alg.as_str(), alg));
    let strict = section.has("profile");
    let Some(value) = section.get("id_token_signed_response_alg") else {
        return Some(if strict { Alg::ES256 } else { Alg::RS256 });
    };
    let alg = value.one_of(&words)?;
    if strict && alg == Alg::RS256 {
        value.fault("is not allowed by profile = \"fapi2\"", "write \"ES256\" or \"EdDSA\", or remove the line");
        return None;
    }
    Some(alg)
}
