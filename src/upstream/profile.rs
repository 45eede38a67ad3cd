//! What a provider's documents say of a person, as claims. Values of a wrong type are dropped, never converted, and a
//! flag goes only with the value that it is about, from the same document.

use serde_json::Value;

use super::fetch::Object;
use crate::types::{Claim, Claims};

/// The standard claims of one document. `groups` is not among them: what an operator did not ask for stays out.
pub(super) fn standard(document: &Object) -> Claims {
    let mut claims = Claims::default();
    for claim in Claim::ALL {
        match document.get(claim.as_str()) {
            Some(value) if claim != Claim::Groups => drop(claims.insert(claim, value.clone())),
            _ => {}
        }
    }
    tidy(&mut claims);
    claims
}

/// Takes out flags that are about nothing.
pub(super) fn tidy(claims: &mut Claims) {
    for claim in Claim::ALL {
        match claim.companion() {
            Some(flag) if claims.get(claim).is_none() => claims.remove(flag),
            _ => {}
        }
    }
}

/// Claims of a second document where the first has none. A value and its flag come from one and the same.
pub(super) fn complete(first: &mut Claims, second: &Claims) {
    for (claim, value) in second.iter() {
        let is_flag = Claim::ALL.iter().any(|other| other.companion() == Some(claim));
        if is_flag || first.get(claim).is_some() {
            continue;
        }
        if let Some(flag) = claim.companion() {
            second.get(flag).map(|said| first.insert(flag, said.clone()));
        }
        first.insert(claim, value.clone());
    }
}

/// Says that the address is verified, or that it is not. Without an address nothing is said.
pub(super) fn set_email_verified(claims: &mut Claims, verified: bool) {
    if claims.get(Claim::Email).is_some() {
        claims.insert(Claim::EmailVerified, Value::Bool(verified));
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn claims(document: Value) -> Claims {
        standard(document.as_object().unwrap())
    }

    #[test]
    fn a_flag_belongs_to_the_address_of_its_own_document() {
        let token = claims(json!({ "email_verified": true }));
        assert!(token.is_empty(), "a flag about nothing");

        let mut both = claims(json!({ "email": "a@example.org" }));
        complete(&mut both, &claims(json!({ "email": "b@example.org", "email_verified": true, "name": "Ada" })));
        assert_eq!((both.text(Claim::Email), both.get(Claim::EmailVerified)), (Some("a@example.org"), None));
        assert_eq!(both.text(Claim::Name), Some("Ada"));

        let mut info = claims(json!({ "email_verified": true }));
        complete(&mut info, &claims(json!({ "email": "b@example.org" })));
        assert_eq!((info.text(Claim::Email), info.get(Claim::EmailVerified)), (Some("b@example.org"), None));
    }

    #[test]
    fn only_the_boolean_true_verifies() {
        for odd in [json!("true"), json!("false"), json!(1), json!("1"), json!([]), json!({}), json!(null)] {
            let claims = claims(json!({ "email": "a@example.org", "email_verified": odd }));
            assert_eq!(claims.get(Claim::EmailVerified), None, "{odd}");
        }
    }

    #[test]
    fn groups_come_only_when_asked_for() {
        assert!(claims(json!({ "groups": ["ops"], "groups_direct": ["ops"] })).is_empty());
    }
}
