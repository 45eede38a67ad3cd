//! What an app does on its back channel.

use serde_json::Value;
use url::Url;
use vestibule::types::bytes;

use super::{Browser, NOTES_CALLBACK, NOTES_SECRET, Page, Stage, VERIFIER, param};

/// The app `notes`, on its back channel.
pub struct App {
    http: Browser,
    origin: String,
}

/// What the token endpoint gave.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Tokens {
    pub access: String,
    pub id: String,
    /// Empty for an app that gets none.
    pub refresh: String,
}

impl App {
    pub fn of(stage: &Stage) -> Self {
        Self::at(&stage.issuer)
    }

    /// The app, talking to the instance at `origin`.
    pub fn at(origin: &str) -> Self {
        Self { http: Browser::new(), origin: origin.to_owned() }
    }

    /// Redeems the code that an answer brought, as `notes` does.
    pub async fn redeem(&self, answer: &Url) -> Page {
        let code = param(answer, "code").unwrap_or_else(|| panic!("no code in {answer}"));
        self.token(&[("code", &code)]).await
    }

    /// A token request of `notes`, changed as asked; an empty value takes a parameter away.
    pub async fn token(&self, changes: &[(&str, &str)]) -> Page {
        self.try_token(changes).await.unwrap()
    }

    /// The same where the broker may go away in the middle of it.
    pub async fn try_token(&self, changes: &[(&str, &str)]) -> reqwest::Result<Page> {
        let form = [
            ("grant_type", "authorization_code"),
            ("client_id", "notes"),
            ("client_secret", NOTES_SECRET),
            ("redirect_uri", NOTES_CALLBACK),
            ("code_verifier", VERIFIER),
        ];
        self.http.try_post(&self.at_path("/token"), &changed(&form, changes)).await
    }

    pub async fn token_with(&self, form: &[(&str, &str)], headers: &[(&str, &str)]) -> Page {
        self.http.post(&self.at_path("/token"), form, headers).await
    }

    /// A refresh of `notes`, changed as asked.
    pub async fn refresh(&self, token: &str, changes: &[(&str, &str)]) -> Page {
        let form = [
            ("grant_type", "refresh_token"),
            ("client_id", "notes"),
            ("client_secret", NOTES_SECRET),
            ("refresh_token", token),
        ];
        self.token_with(&changed(&form, changes), &[]).await
    }

    /// Gives a token back, as `notes` or changed as asked.
    pub async fn revoke(&self, token: &str, changes: &[(&str, &str)]) -> Page {
        self.about("/revoke", token, changes).await
    }

    /// Asks what a token is, as `notes` or changed as asked.
    pub async fn introspect(&self, token: &str, changes: &[(&str, &str)]) -> Page {
        self.about("/introspect", token, changes).await
    }

    async fn about(&self, path: &str, token: &str, changes: &[(&str, &str)]) -> Page {
        let form = [("client_id", "notes"), ("client_secret", NOTES_SECRET), ("token", token)];
        self.http.post(&self.at_path(path), &changed(&form, changes), &[]).await
    }

    pub async fn userinfo(&self, access_token: &str) -> Page {
        self.http.get_with(&self.at_path("/userinfo"), &[("authorization", &format!("Bearer {access_token}"))]).await
    }

    fn at_path(&self, path: &str) -> String {
        format!("{}{path}", self.origin)
    }

    /// The tokens of an answer.
    pub async fn tokens(&self, answer: &Url) -> Tokens {
        let page = self.redeem(answer).await;
        Tokens::of(&page)
    }
}

impl Tokens {
    pub fn of(page: &Page) -> Self {
        assert_eq!(page.status, 200, "{}", page.body);
        let json = page.json();
        let text = |name: &str| json[name].as_str().unwrap_or_else(|| panic!("no {name} in {json}")).to_owned();
        let refresh = json["refresh_token"].as_str().unwrap_or_default().to_owned();
        Self { access: text("access_token"), id: text("id_token"), refresh }
    }
}

/// A form with other values; an empty one takes a parameter away.
fn changed<'a>(form: &[(&'a str, &'a str)], changes: &[(&'a str, &'a str)]) -> Vec<(&'a str, &'a str)> {
    let kept = form.iter().filter(|(name, _)| !changes.iter().any(|(changed, _)| changed == name));
    kept.chain(changes.iter().filter(|(_, value)| !value.is_empty())).copied().collect()
}

/// The claims of a JWS, unverified.
pub fn jws_claims(token: &str) -> Value {
    part(token, 1)
}

/// The header of a JWS, unverified.
pub fn jws_header(token: &str) -> Value {
    part(token, 0)
}

fn part(token: &str, index: usize) -> Value {
    serde_json::from_slice(&bytes::from_base64url(token.split('.').nth(index).unwrap()).unwrap()).unwrap()
}
