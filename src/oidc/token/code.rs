//! `grant_type=authorization_code` (RFC 6749, section 4.1.3).

use super::{
    mint::{self, Tokens},
    repeated,
};
use crate::{
    apps::Authenticated,
    grant::{Redeemed, Redemption},
    types::{OAuthCode, app::GrantType},
    web::{House, api::ApiError, params::Params},
};

pub(super) async fn redeem(house: &House, app: Authenticated<'_>, params: &Params) -> Result<Tokens, ApiError> {
    let app = app.app();
    let code = params.get("code").map_err(repeated)?;
    let code = code.ok_or_else(|| ApiError::bad_request(OAuthCode::InvalidRequest, "code is missing"))?;
    let signers = mint::signers(house, app)?;
    let redemption = Redemption {
        app: &app.id,
        code,
        redirect_uri: params.get("redirect_uri").map_err(repeated)?,
        verifier: params.get("code_verifier").map_err(repeated)?,
    };
    match house.grants.redeem(redemption).await? {
        Redeemed::Granted(live) => {
            // Checked again: the configuration may have changed since the code was minted.
            let directory = house.directory();
            if !app.allows(&live.provider) || directory.provider(&live.provider).is_none() {
                return Err(ApiError::invalid_grant("the identity provider is no longer available to this client"));
            }
            let tokens = mint::tokens(house, app, &live, &signers)?;
            house.witness.tokens(&app.id, GrantType::AuthorizationCode.as_str());
            Ok(tokens)
        }
        Redeemed::Replayed => {
            house.witness.code_reuse(&app.id);
            Err(ApiError::invalid_grant("the code was used before; what it gave has been revoked"))
        }
        Redeemed::Refused(refusal) => Err(ApiError::invalid_grant(refusal)),
    }
}
