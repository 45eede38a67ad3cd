//! `risc_service_account`: the JSON file of a Google service account, by which we tell Google where events go.

use serde::Deserialize;

use crate::{
    config::{ServiceAccount, value::Value},
    types::SecretText,
};

/// What we read of the file; Google writes more.
#[derive(Deserialize)]
struct KeyFile {
    client_email: String,
    private_key_id: String,
    private_key: String,
}

pub(super) fn read(value: &Value<'_>) -> Option<ServiceAccount> {
    let text = value.secret()?;
    let Ok(KeyFile { client_email, private_key_id, private_key }) = serde_json::from_str(text.expose()) else {
        value.fault(
            "is not the JSON key of a service account",
            r#"write risc_service_account = { file = "key.json" }, the file that Google's console gives out for it"#,
        );
        return None;
    };
    if jsonwebtoken::EncodingKey::from_rsa_pem(private_key.as_bytes()).is_err() {
        value.fault(
            "its `private_key` is not an RSA private key in PEM",
            "use the file as Google's console gave it out",
        );
        return None;
    }
    Some(ServiceAccount { email: client_email, key_id: private_key_id, private_key: SecretText::new(private_key) })
}
