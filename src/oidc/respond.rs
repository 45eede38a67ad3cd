//! The authorization response: to the proven redirect URI, in the mode that was asked for, always with `state` as it
//! came and `iss` (RFC 9207).

use actix_web::{HttpRequest, HttpResponse, http::StatusCode};
use url::Url;

use super::{fedcm, session_state};
use crate::{
    flow::Request,
    types::{
        AppId, OAuthError, SecretText, echo::AppState, ids::RandomId, response_mode::ResponseMode, urls::AppRedirect,
    },
    web::{House, headers::FormTargets, pages::FormPost, see_other},
};

/// Where an answer goes, once app and redirect URI are proven.
#[derive(Clone, Debug)]
pub struct ReturnTo {
    /// Whom it is for.
    pub app: AppId,
    /// The proven redirect URI.
    pub redirect: AppRedirect,
    /// How the answer travels.
    pub mode: ResponseMode,
    /// To be echoed.
    pub state: Option<AppState>,
}

impl ReturnTo {
    fn of(request: &Request) -> Self {
        Self {
            app: request.app.clone(),
            redirect: request.redirect.clone(),
            mode: request.response_mode,
            state: request.state.clone(),
        }
    }
}

/// An answer on its way to an app.
pub struct Answer {
    to: ReturnTo,
    fields: Vec<(&'static str, String)>,
}

impl Answer {
    /// A code, and how the app may ask after the session that it came from.
    pub fn code(house: &House, request: &Request, code: &SecretText, session: RandomId) -> Self {
        let state = session_state::of(house, &request.app, &request.redirect, session);
        let code = [("code", code.expose().to_owned())].into_iter();
        let fields = code.chain(state.map(|state| ("session_state", state))).collect();
        Self::new(house, ReturnTo::of(request), fields)
    }

    /// An error.
    pub fn error(house: &House, to: ReturnTo, error: &OAuthError) -> Self {
        let fields =
            vec![("error", error.code.as_str().to_owned()), ("error_description", error.description().into_owned())];
        Self::new(house, to, fields)
    }

    /// An error in answer to a request that is on its way.
    pub fn refusal(house: &House, request: &Request, error: &OAuthError) -> Self {
        Self::error(house, ReturnTo::of(request), error)
    }

    fn new(house: &House, to: ReturnTo, mut fields: Vec<(&'static str, String)>) -> Self {
        fields.extend(to.state.as_ref().map(|state| ("state", state.as_str().to_owned())));
        fields.push(("iss", house.issuer.as_str().to_owned()));
        Self { to, fields }
    }

    /// Sends it.
    pub fn send(self, house: &House, request: &HttpRequest) -> HttpResponse {
        match self.to.mode {
            ResponseMode::FormPost => self.form_post(house, request),
            ResponseMode::Browser => self.to_browser(house),
            ResponseMode::Query => see_other(&with_query(self.to.redirect.as_str(), &self.fields)),
            ResponseMode::Fragment => {
                let mut pairs = url::form_urlencoded::Serializer::new(String::new());
                let fragment = pairs.extend_pairs(&self.fields).finish();
                see_other(&format!("{}#{fragment}", self.to.redirect.as_str()))
            }
        }
    }

    /// The window that asked the person closes; a refusal ends what the app waits for.
    fn to_browser(&self, house: &House) -> HttpResponse {
        let code = self.fields.iter().find(|(name, _)| *name == "code");
        fedcm::close_window(house, code.map(|(_, code)| code.as_str()))
    }

    fn form_post(&self, house: &House, request: &HttpRequest) -> HttpResponse {
        let fields: Vec<(&str, &str)> = self.fields.iter().map(|(name, value)| (*name, value.as_str())).collect();
        let directory = house.directory();
        let host = self.to.redirect.display_host();
        let app_name = directory.apps.get(&self.to.app).map_or(host.as_str(), |app| app.name.as_str());
        let page = FormPost { action: self.to.redirect.as_str(), fields: &fields, app_name };
        let targets = FormTargets::here().and(self.to.redirect.origin()).submitting_itself();
        house.page(request, StatusCode::OK, &page, &targets)
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
