//! `grant_type=authorization_code` (RFC 6749, section 4.1.3).

use super::{
    mint::{self, Signers, Ticket, Tokens},
    target,
};
use crate::{
    apps::Authenticated,
    grant::{Redeemed, Redemption, Refusal},
    oidc::{
        dpop,
        parameter::{repeated, required},
    },
    proof::Possession,
    types::{App, Thumbprint, app::GrantType},
    web::{House, api::ApiError, params::Params},
};

pub(super) async fn redeem(
    house: &House,
    app: Authenticated<'_>,
    params: &Params,
    proof: Option<&Possession>,
) -> Result<Tokens, ApiError> {
    let app = app.app();
    let code = required(params, "code")?;
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
    let redeemed = house.grants.redeem(redemption, async || dpop::spend(house, proof).await).await?;
    if let (Redeemed::Granted { .. }, Some(verifier)) = (&redeemed, redemption.verifier) {
        house.witness.verifier(&app.id, verifier, house.clock.now());
    }
    let named: Vec<String> = resources.iter().map(|&name| name.to_owned()).collect();
    tokens(house, app, redeemed, &Terms { signers, named, key: redemption.key, grant: GrantType::AuthorizationCode })
}

/// On what tokens are issued for something that was redeemed.
pub(super) struct Terms<'a> {
    /// What signs them.
    pub signers: Signers,
    /// The services that the request names; none: all that the grant is for.
    pub named: Vec<String>,
    /// The key that they are bound to.
    pub key: Option<&'a Thumbprint>,
    /// What was redeemed.
    pub grant: GrantType,
}

/// The tokens that a code, or what a device got for its own, is good for.
pub(super) fn tokens(house: &House, app: &App, redeemed: Redeemed, terms: &Terms<'_>) -> Result<Tokens, ApiError> {
    match redeemed {
        Redeemed::Granted { live, refresh } => {
            let shown = live.shown(app, &live.scope);
            let (refresh, key) = (refresh.as_ref(), terms.key);
            let resources = if terms.named.is_empty() { &live.resources } else { &terms.named };
            let ticket = Ticket { live: &live, scope: &live.scope, shown: &shown, refresh, resources, key };
            let tokens = mint::tokens(house, app, &ticket, &terms.signers)?;
            house.witness.tokens(&app.id, terms.grant.as_str());
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
