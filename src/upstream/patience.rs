//! How long a person waits for a provider: all that one step of a sign-in asks there, in sum.

use std::{future::Future, sync::Arc, time::Duration};

use async_trait::async_trait;

use super::{
    About, Begin, Callback, Form, Held, Identity, Message, Notice, Parting, Provider, Started, Unheard, UpstreamError,
};

/// A provider that is given up when it takes too long.
pub(super) struct Patient {
    provider: Arc<dyn Provider>,
    limit: Duration,
}

impl Patient {
    pub(super) fn new(provider: Arc<dyn Provider>, limit: Duration) -> Self {
        Self { provider, limit }
    }

    async fn wait<T>(&self, step: impl Future<Output = Result<T, UpstreamError>>) -> Result<T, UpstreamError> {
        let late = |_| Err(UpstreamError::Unavailable("no answer in time".into()));
        tokio::time::timeout(self.limit, step).await.unwrap_or_else(late)
    }
}

#[async_trait]
impl Provider for Patient {
    fn about(&self) -> &About {
        self.provider.about()
    }

    async fn begin(&self, begin: &Begin) -> Result<Started, UpstreamError> {
        self.wait(self.provider.begin(begin)).await
    }

    async fn finish(&self, held: &Held, callback: &Callback) -> Result<Identity, UpstreamError> {
        self.wait(self.provider.finish(held, callback)).await
    }

    async fn finish_for_parting(
        &self,
        held: &Held,
        callback: &Callback,
    ) -> Result<(Identity, Option<Parting>), UpstreamError> {
        self.wait(self.provider.finish_for_parting(held, callback)).await
    }

    async fn revoke(&self, parting: Parting) -> Result<(), UpstreamError> {
        self.wait(self.provider.revoke(parting)).await
    }

    fn tells(&self) -> &'static [Form] {
        self.provider.tells()
    }

    async fn hear(&self, message: Message<'_>) -> Result<Notice, Unheard> {
        // Its keys may have to be fetched.
        let late = |_| Err(Unheard::Unavailable(UpstreamError::Unavailable("no answer in time".into())));
        tokio::time::timeout(self.limit, self.provider.hear(message)).await.unwrap_or_else(late)
    }
}
