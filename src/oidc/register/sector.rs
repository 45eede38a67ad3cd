//! `sector_identifier_uri` (OpenID Connect Core, section 8.1): apps of one owner that must see the same `sub` prove it by a
//! document that names the redirect URIs of all of them.

use serde_json::{Map, Value};

use super::metadata;
use crate::{egress::Egress, web::api::ApiError};

const NAME: &str = "sector_identifier_uri";

/// The sector that an app proved to be of; `None` for one that names none, which is then one by itself.
pub(super) async fn proven(egress: &Egress, said: &Map<String, Value>) -> Result<Option<String>, ApiError> {
    let Some(address) = said.get(NAME).and_then(Value::as_str) else { return Ok(None) };
    let host = url::Url::parse(address).ok().and_then(|url| url.host_str().map(str::to_owned));
    let host = host.ok_or_else(|| metadata("sector_identifier_uri is no address"))?;
    let request = http::Request::get(address).header(http::header::ACCEPT, "application/json").body(Vec::new());
    let request = request.map_err(|_| metadata("sector_identifier_uri is no address"))?;
    let unread = |_| metadata("sector_identifier_uri cannot be read");
    let response = egress.call(request).await.map_err(unread)?;
    let listed: Vec<String> = serde_json::from_slice(response.body())
        .ok()
        .filter(|_| response.status().is_success())
        .ok_or_else(|| metadata("sector_identifier_uri is no list of addresses"))?;
    let own = said.get("redirect_uris").and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
    let all = own.iter().all(|uri| uri.as_str().is_some_and(|uri| listed.iter().any(|listed| listed == uri)));
    // No sector of the configuration has such a name unless the operator means it.
    all.then(|| Some(format!("{NAME} {host}"))).ok_or_else(|| metadata("sector_identifier_uri lacks a redirect URI"))
}
