//! `grant_type=authorization_code` (RFC 6749, section 4.1.3).

use super::mint::{self, Signers, Ticket, Tokens};
use crate::{
    apps::Authenticated,
    grant::{Redeemed, Redemption},
    oidc::parameter::repeated,
    types::{App, OAuthCode, app::GrantType},
    web::{House, api::ApiError, params::Params},
};

pub(super) async fn redeem(house: &House, app: Authenticated<'_>, params: &Params) -> Result<Tokens, ApiError> {
    let app = app.app();
    let code = params.get("code").map_err(repeated)?;
    let code = code.ok_or_else(|| ApiError::bad_request(OAuthCode::InvalidRequest, "code is missing"))?;
    let signers = mint::signers(house, app)?;
    let directory = house.directory();
    let redemption = Redemption {
        asking: directory.asking(app),
        code,
        redirect_uri: params.get("redirect_uri").map_err(repeated)?,
        verifier: params.get("code_verifier").map_err(repeated)?,
    };
    let redeemed = house.grants.redeem(redemption).await?;
    tokens(house, app, redeemed, &signers, GrantType::AuthorizationCode)
}

/// The tokens that a code, or what a device got for its own, is good for.
pub(super) fn tokens(
    house: &House,
    app: &App,
    redeemed: Redeemed,
    signers: &Signers,
    grant: GrantType,
) -> Result<Tokens, ApiError> {
    match redeemed {
        Redeemed::Granted { live, refresh } => {
            let shown = live.shown(app, &live.scope);
            let ticket = Ticket { live: &live, scope: &live.scope, shown: &shown, refresh: refresh.as_ref() };
            let tokens = mint::tokens(house, app, &ticket, signers)?;
            house.witness.tokens(&app.id, grant.as_str());
            Ok(tokens)
        }
        Redeemed::Replayed(account) => {
            house.witness.code_reuse(&app.id, account);
            Err(ApiError::invalid_grant("the code was used before; what it gave has been revoked"))
        }
        Redeemed::Refused(refusal) => Err(ApiError::invalid_grant(refusal)),
    }
}
