//! How an example app calls the broker. The client itself is injected, so that this room has none of its own.

use std::{fmt, future::Future, pin::Pin, sync::Arc};

use openidconnect::{AsyncHttpClient, HttpRequest, HttpResponse};

/// A call that came to nothing, in words.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{0}")]
pub struct HttpError(pub String);

/// An answer to come.
pub type HttpFuture = Pin<Box<dyn Future<Output = Result<HttpResponse, HttpError>> + Send>>;

/// Anything that takes a request and brings an answer, without following redirects.
#[derive(Clone)]
pub struct HttpClient(Arc<dyn Fn(HttpRequest) -> HttpFuture + Send + Sync>);

impl HttpClient {
    /// From a function over the `http` crate's types.
    pub fn new<F, Answer>(call: F) -> Self
    where
        F: Fn(http::Request<Vec<u8>>) -> Answer + Send + Sync + 'static,
        Answer: Future<Output = Result<http::Response<Vec<u8>>, HttpError>> + Send + 'static,
    {
        Self(Arc::new(move |request| Box::pin(call(request))))
    }
}

impl fmt::Debug for HttpClient {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HttpClient")
    }
}

impl<'c> AsyncHttpClient<'c> for HttpClient {
    type Error = HttpError;
    type Future = HttpFuture;

    fn call(&'c self, request: HttpRequest) -> HttpFuture {
        (self.0)(request)
    }
}
