//! A native app. cargo add openidconnect tokio reqwest -F tokio/full,reqwest/form; ISSUER=… CLIENT_ID=… cargo run
use openidconnect::{core::*, *};
use std::{collections::HashMap, env, io::BufReader, io::prelude::*, mem, net::TcpListener};
#[tokio::main]
pub async fn main() -> Result<(), Box<dyn std::error::Error>> {
    let listener = TcpListener::bind("127.0.0.1:0")?; // any free port
    let back = RedirectUrl::new(format!("http://{}/callback", listener.local_addr()?))?;
    let (issuer, id) = (IssuerUrl::new(env::var("ISSUER")?)?, ClientId::new(env::var("CLIENT_ID")?));
    let about = CoreProviderMetadata::discover_async(issuer.clone(), &send).await?;
    let client = CoreClient::from_provider_metadata(about, id.clone(), None).set_redirect_uri(back.clone());
    let (challenge, verifier) = PkceCodeChallenge::new_random_sha256();
    let ask = client.authorize_url(CoreAuthenticationFlow::AuthorizationCode, CsrfToken::new_random, Nonce::new_random);
    let scopes = ["profile", "offline_access"].map(|scope| Scope::new(scope.into()));
    let (url, state, nonce) = ask.add_scopes(scopes).set_pkce_challenge(challenge).url();
    println!("{url}"); // for the browser of the machine
    let (mut stream, _) = listener.accept()?;
    let line = BufReader::new(&stream).lines().next().ok_or("no request")??;
    write!(stream, "HTTP/1.1 200 OK\r\ncontent-length: 29\r\n\r\nDone. You may close this tab.")?;
    let answer = back.url().join(line.split(' ').nth(1).unwrap_or_default())?;
    let said: HashMap<_, _> = answer.query_pairs().into_owned().collect();
    let code = said.get("code").filter(|_| said.get("state") == Some(state.secret())).ok_or("nobody signed in")?;
    let ask = client.exchange_code(AuthorizationCode::new(code.clone()))?.set_pkce_verifier(verifier);
    let tokens = ask.request_async(&send).await?;
    let person = tokens.id_token().ok_or("no ID token")?.claims(&client.id_token_verifier(), &nonce)?;
    println!("Hello, {}", person.name().and_then(|name| name.get(None)).map_or("you", |name| name));
    let refresh = tokens.refresh_token().ok_or("no refresh token")?; // in a keychain it works tomorrow, too
    let tokens = client.exchange_refresh_token(refresh)?.request_async(&send).await?;
    println!("Still signed in");
    let gone = [("token", tokens.refresh_token().ok_or("no refresh token")?.secret()), ("client_id", &*id)];
    reqwest::Client::new().post(format!("{}/revoke", *issuer)).form(&gone).send().await?.error_for_status()?;
    Ok(()) // signed out here
}

async fn send(request: HttpRequest) -> Result<HttpResponse, reqwest::Error> {
    let mut answer = reqwest::Client::new().execute(request.try_into()?).await?;
    let (status, headers) = (answer.status(), mem::take(answer.headers_mut()));
    let mut response = HttpResponse::new(answer.bytes().await?.to_vec());
    (*response.status_mut(), *response.headers_mut()) = (status, headers);
    Ok(response)
}
