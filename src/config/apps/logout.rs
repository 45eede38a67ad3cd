//! How an app hears that somebody signed out, through the browser (OpenID Connect Front-Channel Logout, section 2).

use url::Url;

use crate::{
    config::{addresses::Reach, section::Section},
    types::urls::AppRedirect,
};

/// Its address, which must be where the app is; `Some(None)` for an app that has none.
#[expect(clippy::option_option, reason = "the outer one says whether there was a mistake, as in every reader")]
pub(super) fn front_channel(section: &Section<'_>, redirects: &[AppRedirect]) -> Option<Option<Url>> {
    // Session and issuer are always told.
    let flag = section.flag("frontchannel_logout_session_required", true);
    let Some(value) = section.get("frontchannel_logout_uri") else { return flag.map(|_| None) };
    let url = value.url(Reach { loopback: true })?;
    let origin = url.origin().ascii_serialization();
    if !redirects.iter().any(|redirect| redirect.origin() == origin) {
        value.fault(
            "is elsewhere than its redirect URIs",
            "write an address with the scheme, host and port of one of them",
        );
        return None;
    }
    flag.map(|_| Some(url))
}
