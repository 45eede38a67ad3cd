//! `grant_type=authorization_code` (RFC 6749, section 4.1.3).

use super::{
    mint::{self, Ticket, Tokens},
    target,
};
use crate::{
    apps::Authenticated,
    grant::{Redeemed, Redemption, Refusal},
    oidc::{dpop, parameter::repeated},
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
    let code = params.get("code").map_err(repeated)?;
    let code = code.ok_or_else(|| ApiError::bad_request(OAuthCode::InvalidRequest, "code is missing"))?;
    let signers = mint::signers(house, app)?;
    let directory = house.directory();
    let resources = target::named(house, app, params)?;
    let redemption = Redemption {
        asking: directory.asking(app),
        code,
        redirect_uri: params.get("redirect_uri").map_err(repeated)?,
        verifier: params.get("code_verifier").map_err(repeated)?,
        resources: &resources,
        key: proof.map(|proof| &proof.key),
    };
    match house.grants.redeem(redemption, async || dpop::spend(house, proof).await).await? {
        Redeemed::Granted { live, refresh } => {
            let shown = live.shown(app, &live.scope);
            let (refresh, key) = (refresh.as_ref(), redemption.key);
            let named: Vec<String> = resources.iter().map(|&name| name.to_owned()).collect();
            let resources = if named.is_empty() { &live.resources } else { &named };
            let ticket = Ticket { live: &live, scope: &live.scope, shown: &shown, refresh, resources, key };
            let tokens = mint::tokens(house, app, &ticket, &signers)?;
            house.witness.tokens(&app.id, GrantType::AuthorizationCode.as_str());
            Ok(tokens)
        }
        Redeemed::Replayed(account) => {
            house.witness.code_reuse(&app.id, account);
            Err(ApiError::invalid_grant("the code was used before; what it gave has been revoked"))
        }
        Redeemed::Refused(Refusal::Target) => Err(ApiError::invalid_target()),
        Redeemed::Refused(Refusal::ProofUsed) => Err(dpop::invalid(dpop::REPLAYED)),
        Redeemed::Refused(refusal) => Err(ApiError::invalid_grant(refusal)),
    }
}
