//! Requests that come through a reverse proxy for an app behind the gate: what of them is believed, and which app's
//! host they came to.

use std::net::IpAddr;

use actix_web::{
    HttpRequest,
    http::header::{self, HeaderMap, HeaderName},
};

use super::{Directory, House};
use crate::types::{App, gate::GateOrigin};

static FORWARDED_HOST: HeaderName = HeaderName::from_static("x-forwarded-host");

/// Whether a request comes from a proxy that the operator trusts.
pub fn is_from_proxy(house: &House, request: &HttpRequest) -> bool {
    let peer: Option<IpAddr> = request.peer_addr().map(|peer| peer.ip().to_canonical());
    peer.is_some_and(|peer| house.listen.trusted_proxies.iter().any(|net| net.contains(&peer)))
}

/// The value of a header that came exactly once, says something, and that `Connection` does not name: what it names is
/// for the next hop alone, and a proxy that forgets it was told so by a stranger (SECURITY: C-15).
pub fn once<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    let mut all = headers.get_all(name);
    let only = all.next().filter(|_| all.next().is_none())?;
    let text = only.to_str().ok().filter(|text| !text.is_empty())?;
    let named = |value: &header::HeaderValue| match value.to_str() {
        Ok(names) => names.split(',').any(|other| other.trim().eq_ignore_ascii_case(name.as_str())),
        Err(_) => true,
    };
    (!headers.get_all(header::CONNECTION).any(named)).then_some(text)
}

/// The app to whose host a request came: by what a trusted proxy says, else by `Host`. The scheme makes no difference,
/// since no two gated hosts share a name.
pub fn app<'a>(house: &House, directory: &'a Directory, request: &HttpRequest) -> Option<&'a App> {
    let headers = request.headers();
    let forwarded = is_from_proxy(house, request) && headers.contains_key(&FORWARDED_HOST);
    let authority = once(headers, if forwarded { &FORWARDED_HOST } else { &header::HOST })?;
    ["https", "http"].into_iter().find_map(|scheme| directory.gated(&GateOrigin::spelled(scheme, authority)))
}
