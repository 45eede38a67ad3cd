//! How long a person waits for a provider: all that one step of a sign-in asks there, in sum.

use std::{future::Future, sync::Arc, time::Duration};

use async_trait::async_trait;

use super::{About, Begin, Callback, Held, Identity, Provider, Started, UpstreamError};

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
}
