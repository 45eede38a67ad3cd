//! Apps that nobody let in are met when they ask: their documents are fetched before anything is looked up.

use std::sync::Arc;

use actix_web::HttpRequest;

use super::{
    House,
    api::ApiError,
    errors::{PageError, Problem},
};
use crate::{apps::NoDocument, limits::RetryAfter, types::AppId};

/// Why an app cannot be met.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum NotMet {
    /// What its document says, or that there is none.
    #[error(transparent)]
    Document(#[from] NoDocument),
    /// Whoever asks makes us fetch too much.
    #[error(transparent)]
    TooMany(#[from] RetryAfter),
}

impl From<NotMet> for PageError {
    fn from(error: NotMet) -> Self {
        match error {
            NotMet::Document(NoDocument::Wrong(_)) => Problem::UnknownApp.into(),
            NotMet::Document(NoDocument::Away) => Problem::StoreAway.into(),
            NotMet::Document(NoDocument::TooMany) | NotMet::TooMany(_) => Problem::TooMany.into(),
        }
    }
}

impl From<NotMet> for ApiError {
    fn from(error: NotMet) -> Self {
        match error {
            NotMet::Document(NoDocument::Wrong(why)) => Self::bad_client(why.to_string()),
            NotMet::Document(NoDocument::Away) => Self::unavailable(),
            NotMet::Document(NoDocument::TooMany) => Self::busy(60),
            NotMet::TooMany(wait) => Self::busy(wait.as_secs()),
        }
    }
}

impl House {
    /// Makes sure that the app of that `client_id` is known, if it is named after a document and such apps may be here.
    /// Of all other ids it says nothing: whether there is such an app shows when it is looked up.
    ///
    /// # Errors
    /// [`NotMet`].
    pub async fn meet(&self, request: &HttpRequest, id: &str) -> Result<(), NotMet> {
        let Some(documents) = &self.documents else { return Ok(()) };
        let Some(id) = id.parse::<AppId>().ok().filter(AppId::is_document) else { return Ok(()) };
        let met = match documents.known(&id) {
            Some(known) => known,
            None => {
                if let Some(address) = self.client_ip(request) {
                    self.limits.check_address(address)?;
                }
                documents.of(&id, |name| self.directory().apps.name_is_free(name)).await
            }
        };
        let is_up_to_date = match &met {
            Ok(app) => self.directory().apps.has(app),
            Err(_) => self.directory().apps.get(&id).is_none(),
        };
        if !is_up_to_date {
            self.directory.rcu(|directory| Arc::new(directory.with_documents(documents.apps())));
        }
        Ok(met.map(drop)?)
    }
}
