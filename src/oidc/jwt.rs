//! Claims on their way out: as JSON, and signed.

use serde::Serialize;

use crate::{
    keyring::{Signer, TokenType},
    web::api::ApiError,
};

/// As much as nearly every answer and token takes, so that its buffer does not grow in steps.
const USUAL: usize = 2048;

/// `value` as JSON.
pub fn json(value: &impl Serialize) -> Result<Vec<u8>, ApiError> {
    let mut out = Vec::with_capacity(USUAL);
    serde_json::to_writer(&mut out, value).map_err(|error| ApiError::internal(&error))?;
    Ok(out)
}

/// `claims` as a signed JWT of this type.
pub fn sign(signer: &dyn Signer, typ: TokenType, claims: &impl Serialize) -> Result<String, ApiError> {
    signer.sign(typ, &json(claims)?).map_err(|error| ApiError::internal(&error))
}
