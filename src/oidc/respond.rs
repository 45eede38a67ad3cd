//! The authorization response: to the proven redirect URI, in the mode that was asked for, always with `state` as it
//! came and `iss` (RFC 9207).

use actix_web::{HttpRequest, HttpResponse, http::StatusCode};
use url::Url;

use crate::{
    flow::Request,
    types::{OAuthError, SecretText, echo::AppState, response_mode::ResponseMode, urls::AppRedirect},
    web::{House, headers::FormTargets, pages::FormPost, see_other},
};

/// An answer on its way to an app.
pub struct Answer {
    redirect: AppRedirect,
    mode: ResponseMode,
    fields: Vec<(&'static str, String)>,
}

impl Answer {
    /// A code.
    pub fn code(house: &House, request: &Request, code: &SecretText) -> Self {
        let fields = vec![("code", code.expose().to_owned())];
        Self::new(house, request.redirect.clone(), request.response_mode, request.state.as_ref(), fields)
    }

    /// An error.
    pub fn error(
        house: &House,
        redirect: AppRedirect,
        mode: ResponseMode,
        state: Option<&AppState>,
        error: &OAuthError,
    ) -> Self {
        let fields =
            vec![("error", error.code.as_str().to_owned()), ("error_description", error.description().into_owned())];
        Self::new(house, redirect, mode, state, fields)
    }

    /// An error in answer to a request that is on its way.
    pub fn refusal(house: &House, request: &Request, error: &OAuthError) -> Self {
        Self::error(house, request.redirect.clone(), request.response_mode, request.state.as_ref(), error)
    }

    fn new(
        house: &House,
        redirect: AppRedirect,
        mode: ResponseMode,
        state: Option<&AppState>,
        mut fields: Vec<(&'static str, String)>,
    ) -> Self {
        fields.extend(state.map(|state| ("state", state.as_str().to_owned())));
        fields.push(("iss", house.issuer.as_str().to_owned()));
        Self { redirect, mode, fields }
    }

    /// Sends it.
    pub fn send(self, house: &House, request: &HttpRequest) -> HttpResponse {
        match self.mode {
            ResponseMode::FormPost => self.form_post(house, request),
            ResponseMode::Query => see_other(&with_query(self.redirect.as_str(), &self.fields)),
            ResponseMode::Fragment => {
                let mut pairs = url::form_urlencoded::Serializer::new(String::new());
                let fragment = pairs.extend_pairs(&self.fields).finish();
                see_other(&format!("{}#{fragment}", self.redirect.as_str()))
            }
        }
    }

    fn form_post(&self, house: &House, request: &HttpRequest) -> HttpResponse {
        let fields: Vec<(&str, &str)> = self.fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let host = self.redirect.display_host();
        let page = FormPost { action: self.redirect.as_str(), fields: &fields, app_name: &host };
        house.page(request, StatusCode::OK, &page, &FormTargets::here().and(self.redirect.origin()))
    }
}

/// A registered address with parameters added to its query.
pub fn with_query(address: &str, fields: &[(&'static str, String)]) -> String {
    match Url::parse(address) {
        Ok(mut url) => {
            url.query_pairs_mut().extend_pairs(fields);
            url.into()
        }
        // A registered address was parsed when it was registered.
        Err(_) => address.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn parameters_join_what_is_registered() {
        for (registered, answered) in [
            ("https://a.test/cb", "https://a.test/cb?code=x%26y"),
            ("https://a.test/cb?tenant=1", "https://a.test/cb?tenant=1&code=x%26y"),
            ("com.example.app:/cb", "com.example.app:/cb?code=x%26y"),
        ] {
            assert_eq!(with_query(registered, &[("code", "x&y".into())]), answered);
        }
    }
}
