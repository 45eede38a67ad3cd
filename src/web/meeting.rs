//! Apps that nobody let in are met when they ask: their documents are fetched before anything is looked up.

use std::{future::ready, sync::Arc, time::Duration};

use actix_web::HttpRequest;
use futures_util::{StreamExt, stream};

use super::{
    House,
    api::ApiError,
    errors::{PageError, Problem},
};
use crate::{apps::NoDocument, config::NotRegistered, limits::RetryAfter, types::AppId};

/// What is said to an app that writes its name in another way than its document can.
const SPELLING: &str = "client_id is no https address with a path, in its normal spelling";

/// The most apps that are met at a time for one page, and how long the page waits for them.
const MOST_AT_ONCE: usize = 8;
const PATIENCE: Duration = Duration::from_secs(2);

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
        let id = match id.parse::<AppId>() {
            Ok(id) if id.is_document() => id,
            Err(_) if id.contains("://") => return Err(NoDocument::Wrong(NotRegistered::because(SPELLING)).into()),
            Ok(_) | Err(_) => return Ok(()),
        };
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

    /// The same for an app that another one names, or a token: one whose document is not good is no app, and whoever
    /// names it is not to blame for that.
    ///
    /// # Errors
    /// [`NotMet`], where it cannot be told at the moment.
    pub async fn meet_named(&self, request: &HttpRequest, id: &str) -> Result<(), NotMet> {
        match self.meet(request, id).await {
            Err(NotMet::Document(NoDocument::Wrong(_))) => Ok(()),
            met => met,
        }
    }

    /// The same for all apps that somebody is to read about, as far as that takes no time that they would notice. Those
    /// that are not met then have no name.
    pub async fn meet_for_a_page(&self, request: &HttpRequest, ids: impl IntoIterator<Item = &AppId>) {
        let strangers = stream::iter(ids).filter(|id| ready(id.is_document()));
        let meeting =
            strangers.for_each_concurrent(MOST_AT_ONCE, async |id| drop(self.meet(request, id.as_str()).await));
        let _as_far_as_it_came = tokio::time::timeout(PATIENCE, meeting).await;
    }
}
