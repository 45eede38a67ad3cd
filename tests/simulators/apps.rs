//! An example app against an OpenID Provider that is not the broker: the simulator of Google. What works here uses
//! nothing but the standard.

use std::{net::TcpListener, sync::Arc};

use reqwest::{Client, Response, StatusCode, header};
use vestibule::{
    demo::{
        app::{ExampleApp, HttpClient, HttpError, NOTES, RunningApp},
        simulators::{Fault, Kind, Running, Simulator},
    },
    types::{SecretText, SystemRandom},
};

use crate::support::{client, location};

/// The app's way to call its provider.
pub fn http() -> HttpClient {
    let client = client();
    HttpClient::new(move |request| {
        let client = client.clone();
        async move {
            let failed = |error: reqwest::Error| HttpError(error.to_string());
            let response = client.execute(request.try_into().map_err(failed)?).await.map_err(failed)?;
            let mut answer = http::Response::builder().status(response.status());
            for (name, value) in response.headers() {
                answer = answer.header(name, value);
            }
            let body = response.bytes().await.map_err(failed)?.to_vec();
            answer.body(body).map_err(|error| HttpError(error.to_string()))
        }
    })
}

struct House {
    provider: Running,
    app: RunningApp,
    client: Client,
}

impl House {
    async fn new() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let mut provider = Simulator::new(Kind::Google);
        provider.client_id = "notes".to_owned();
        provider.client_secret = Some("the secret".to_owned());
        provider.redirect_uris = vec![format!("http://{}/callback", listener.local_addr().unwrap())];
        let provider = provider.start().await.unwrap();
        let app = ExampleApp {
            profile: NOTES,
            client_secret: SecretText::new("the secret"),
            issuer: provider.origin().to_owned(),
            listener,
            http: http(),
            random: Arc::new(SystemRandom),
        };
        Self { provider, app: app.start().await.unwrap(), client: client() }
    }

    /// Signs in with a standing answer; what the callback says, and the cookie that it sets.
    async fn sign_in(&self, answer: &str) -> Response {
        self.provider.answer_with(answer);
        let begun = self.client.get(self.app.base.join("login").unwrap()).send().await.unwrap();
        let cookie = cookie(&begun);
        let back = self.client.get(location(&begun)).send().await.unwrap();
        self.client.get(location(&back)).header(header::COOKIE, cookie).send().await.unwrap()
    }
}

fn cookie(response: &Response) -> String {
    response.headers()[header::SET_COOKIE].to_str().unwrap().split(';').next().unwrap().to_owned()
}

#[actix_web::test]
async fn in_and_out_again() {
    let house = House::new().await;
    let landing = house.client.get(house.app.base.clone()).send().await.unwrap();
    assert!(landing.text().await.unwrap().contains("href=\"/login\""));

    let back = house.sign_in("ada").await;
    let session = cookie(&back);
    let page = house.client.get(location(&back)).header(header::COOKIE, &session).send().await.unwrap();
    let policy = page.headers()[header::CONTENT_SECURITY_POLICY].to_str().unwrap().to_owned();
    assert!(policy.starts_with("default-src 'none'"));
    let page = page.text().await.unwrap();
    for part in ["Hello, <bdi>Ada Lovelace", "Verified against JWKS: <code>RS256", "ada.lovelace@gmail.com"] {
        assert!(page.contains(part), "{part}");
    }
    assert!(!page.contains("<script") && page.contains("ID token") && page.contains("UserInfo"));

    let post = house.client.post(house.app.base.join("logout").unwrap()).header(header::COOKIE, &session);
    let out = post.send().await.unwrap();
    assert_eq!((out.status(), location(&out).path()), (StatusCode::SEE_OTHER, "/signed-out"));
    let again = house.client.get(house.app.base.clone()).header(header::COOKIE, session).send().await.unwrap();
    assert!(again.text().await.unwrap().contains("href=\"/login\""));
}

#[actix_web::test]
async fn a_refusal_is_explained() {
    let house = House::new().await;
    let back = house.sign_in("refuse").await;
    assert_eq!(back.status(), StatusCode::FORBIDDEN);
    assert!(!back.headers().contains_key(header::SET_COOKIE));
    assert!(back.text().await.unwrap().contains("You did not sign in"));
}

#[actix_web::test]
async fn the_app_takes_no_token_that_is_not_its_own() {
    let house = House::new().await;
    for fault in [
        Fault::WrongIssuer,
        Fault::WrongAudience,
        Fault::WrongNonce,
        Fault::MissingNonce,
        Fault::Expired,
        Fault::BadSignature,
        Fault::UnknownKey,
        Fault::AlgNone,
        Fault::AlgHs256,
        Fault::MissingSubject,
        Fault::WrongUserinfoSubject,
        Fault::WrongState,
        Fault::WrongIss,
    ] {
        house.provider.fault(fault);
        let back = house.sign_in("ada").await;
        assert_eq!(back.status(), StatusCode::FORBIDDEN, "{fault:?}");
        assert!(!back.headers().contains_key(header::SET_COOKIE), "{fault:?}");
        house.provider.clear();
    }
    assert_eq!(house.sign_in("ada").await.status(), StatusCode::SEE_OTHER, "an honest login right after works");
}

#[actix_web::test]
async fn a_callback_in_another_browser_is_refused() {
    let house = House::new().await;
    house.provider.answer_with("ada");
    let begun = house.client.get(house.app.base.join("login").unwrap()).send().await.unwrap();
    let back = house.client.get(location(&begun)).send().await.unwrap();
    let foreign = house.client.get(location(&back)).send().await.unwrap();
    assert_eq!(foreign.status(), StatusCode::FORBIDDEN);
    let own = house.client.get(location(&back)).header(header::COOKIE, cookie(&begun)).send().await.unwrap();
    assert_eq!(own.status(), StatusCode::SEE_OTHER);
}
