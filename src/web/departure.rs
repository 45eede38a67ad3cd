//! Leaving for a provider, for whichever purpose, and what a person is told when it lets us down.

use super::{
    House,
    errors::{PageError, Problem},
};
use crate::{
    flow::next::Ask,
    types::{Secret32, bytes, ids::RandomId},
    upstream::{About, Begin, Provider, Started, UpstreamError},
};

/// What an app knows or wishes of a sign-in, passed on to the provider.
#[derive(Clone, Debug, Default)]
pub struct Hints {
    /// Who it thinks it is.
    pub login_hint: Option<String>,
    /// Languages that it prefers, space-separated.
    pub ui_locales: Option<String>,
}

/// Begins a sign-in for the attempt of that name.
///
/// # Errors
/// The provider's; see [`problem`].
pub async fn begin(
    house: &House,
    provider: &dyn Provider,
    attempt: RandomId,
    ask: Ask,
    hints: Hints,
) -> Result<Started, UpstreamError> {
    let secret = Secret32::generate(house.sealer.random());
    let begin = Begin {
        // The id finds the attempt's cookie; the random part is what must match.
        state: format!("{attempt}.{}", bytes::to_base64url(secret.expose())),
        fresh: ask.fresh,
        max_age: ask.max_age,
        select_account: ask.select_account,
        login_hint: hints.login_hint,
        ui_locales: hints.ui_locales,
        groups: false,
    };
    provider.begin(&begin).await
}

/// What a person is told when a provider lets us down; all who listen are told, too.
pub fn problem(house: &House, about: &About, error: &UpstreamError) -> PageError {
    house.witness.login_failed(&about.id, error);
    if matches!(error, UpstreamError::Unavailable(_)) {
        house.directory().weather.away(&about.id, house.clock.now());
    }
    let provider = about.name.clone();
    let problem = match error {
        UpstreamError::Cancelled => Problem::CancelledAtProvider { provider },
        UpstreamError::NotAllowed(_) => Problem::NotAllowed { provider },
        UpstreamError::NotFresh => Problem::NotFresh { provider },
        UpstreamError::Unavailable(_) => Problem::ProviderDown { provider },
        UpstreamError::Refused(_) | UpstreamError::Invalid(_) => Problem::ProviderWrong { provider },
    };
    problem.into()
}
