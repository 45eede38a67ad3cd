//! Apps that registered themselves are known to every instance with the next request.

use actix_web::{
    body::MessageBody,
    dev::{ServiceRequest, ServiceResponse},
    middleware::Next,
    web,
};

use super::House;

/// Middleware: learns what was registered since. With the store away the request finds out by itself.
///
/// # Errors
/// Passes on what is not ours.
pub async fn learn<B: MessageBody>(
    request: ServiceRequest,
    next: Next<B>,
) -> Result<ServiceResponse<B>, actix_web::Error> {
    if let Some(house) = request.app_data::<web::Data<House>>().cloned()
        && let Err(error) = house.learn().await
    {
        tracing::warn!(%error, "registered apps cannot be looked up");
    }
    next.call(request).await
}
