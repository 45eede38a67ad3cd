//! `grant_type=refresh_token` (RFC 6749, section 6; OpenID Connect Core, section 12).

use actix_web::web::Bytes;

use super::{
    mint::{self, Ticket},
    target,
};
use crate::{
    apps::Authenticated,
    grant::{Presented, RefreshRefusal, Refreshed},
    oidc::{
        dpop,
        parameter::{repeated, required},
    },
    proof::Possession,
    types::{OAuthCode, Scope, app::GrantType},
    web::{House, api::ApiError, params::Params},
};

pub(super) async fn refresh(
    house: &House,
    app: Authenticated<'_>,
    params: &Params,
    proof: Option<&Possession>,
) -> Result<Bytes, ApiError> {
    let app = app.app();
    let token = required(params, "refresh_token")?;
    let scope = params.get("scope").map_err(repeated)?.map(Scope::parse);
    let signers = mint::signers(house, app)?;
    let directory = house.directory();
    let (resources, key) = (target::named(house, app, params)?, proof.map(|proof| &proof.key));
    let asking = directory.asking(app);
    let presented = Presented { asking, token, scope: scope.as_ref(), resources: &resources, key };
    let prove = async || dpop::spend(house, proof).await;
    let refreshed = house.grants.refresh(presented, prove, |making| {
        let refresh = Some(making.refresh);
        let (live, scope, shown) = (making.live, making.scope, making.shown);
        let ticket = Ticket { live, scope, shown, refresh, resources: making.resources, key: making.key };
        mint::tokens(house, app, &ticket, &signers)?.to_json()
    });
    match refreshed.await? {
        Refreshed::Answer(body) => {
            house.witness.tokens(&app.id, GrantType::RefreshToken.as_str());
            Ok(body.into())
        }
        Refreshed::Reused(account) => {
            house.witness.refresh_reuse(&app.id, account);
            Err(ApiError::invalid_grant("the refresh token was used before; all that hangs on it has been revoked"))
        }
        Refreshed::Refused(RefreshRefusal::Scope) => {
            Err(ApiError::bad_request(OAuthCode::InvalidScope, "the scope goes beyond what was granted"))
        }
        Refreshed::Refused(RefreshRefusal::Target) => Err(ApiError::invalid_target()),
        Refreshed::Refused(RefreshRefusal::ProofUsed) => Err(dpop::invalid(dpop::REPLAYED)),
        Refreshed::Refused(refusal) => Err(ApiError::invalid_grant(refusal)),
    }
}
