//! `grant_type=urn:ietf:params:oauth:grant-type:device_code` (RFC 8628, section 3.4).

use super::{
    code::{self, Terms},
    mint::{self, Tokens},
    target,
};
use crate::{
    apps::Authenticated,
    devices::Polled,
    grant::Redemption,
    oidc::{dpop, parameter::required},
    proof::Possession,
    types::{OAuthCode, app::GrantType},
    web::{House, api::ApiError, params::Params},
};

pub(super) async fn redeem(
    house: &House,
    app: Authenticated<'_>,
    params: &Params,
    proof: Option<&Possession>,
) -> Result<Tokens, ApiError> {
    let app = app.app();
    let code = required(params, "device_code")?;
    let signers = mint::signers(house, app)?;
    let resources = target::named(house, app, params)?;
    let not_yet = |code, why| Err(ApiError::bad_request(code, why));
    let key = match house.devices.poll(&app.id, code).await? {
        Polled::Approved(key) => key,
        Polled::Pending => return not_yet(OAuthCode::AuthorizationPending, "the person has not decided yet"),
        Polled::SlowDown => return not_yet(OAuthCode::SlowDown, "wait five seconds longer between two requests"),
        Polled::Declined => return not_yet(OAuthCode::AccessDenied, "the person said no"),
        Polled::Expired => return not_yet(OAuthCode::ExpiredToken, "the device code has expired; begin again"),
        Polled::Unknown => return Err(ApiError::invalid_grant("the device code is unknown, or another client's")),
    };
    let directory = house.directory();
    let redemption = Redemption {
        asking: directory.asking(app),
        code: key.expose(),
        redirect_uri: None,
        verifier: None,
        resources: &resources,
        key: proof.map(|proof| &proof.key),
    };
    let redeemed = house.grants.redeem_for_device(redemption, async || dpop::spend(house, proof).await).await?;
    let named = resources.iter().map(|&name| name.to_owned()).collect();
    let terms = Terms { signers, named, key: redemption.key, grant: GrantType::DeviceCode };
    code::tokens(house, app, redeemed, &terms)
}
