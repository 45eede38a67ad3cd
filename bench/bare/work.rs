//! The twin of an endpoint that works: as many round trips to the store and as many signatures, and nothing else.

use std::{collections::HashMap, time::SystemTime};

use actix_web::{HttpResponse, http::header, web};
use aws_lc_rs::rand::{SecureRandom, SystemRandom};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD as BASE64};
use serde_json::json;

use crate::{sign::Key, store::Store};

/// About as long as the broker's records are.
const RECORD: usize = 300;

/// What there is to do.
pub struct Task {
    reads: usize,
    commits: usize,
    puts: usize,
    keys: Vec<Key>,
    random: SystemRandom,
}

impl Task {
    pub fn new([reads, commits, puts]: [usize; 3], algs: &str) -> Self {
        let keys = algs.split('+').filter(|alg| *alg != "-").map(Key::generate).collect();
        Self { reads, commits, puts, keys, random: SystemRandom::new() }
    }

    fn name(&self) -> String {
        let mut bytes = [0; 16];
        self.random.fill(&mut bytes).expect("chance");
        BASE64.encode(bytes)
    }
}

/// Does it, and answers the tokens, or something of that size.
pub async fn answer(store: web::Data<Store>, task: web::Data<Task>, body: web::Bytes) -> HttpResponse {
    let form: HashMap<String, String> = web::Query::from_query(std::str::from_utf8(&body).unwrap_or_default())
        .map(web::Query::into_inner)
        .unwrap_or_default();
    for _ in 0..task.reads {
        store.read(&["head", "session", "consent"]).await;
    }
    let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH).map_or(0, |now| now.as_secs());
    let claims = json!({
        "iss": "http://127.0.0.1:8000", "sub": "q83vEjRWeJCrze8SNFZ4kKvN7xI0VniQq83vEjRWeJA", "aud": form.get("client_id"),
        "iat": now, "exp": now + 300, "auth_time": now, "nonce": "n", "jti": task.name(), "sid": "q83vEjRWeJCrze8SNFZ4kA",
        "email": "ada.lovelace@gmail.com", "email_verified": true,
    });
    let tokens: Vec<String> = task.keys.iter().map(|key| key.jwt(&task.random, &claims)).collect();
    for _ in 0..task.commits {
        store.commit((0..task.puts).map(|_| (task.name(), vec![7; RECORD])).collect()).await;
    }
    let answer = json!({ "tokens": tokens, "refresh_token": task.name(), "token_type": "Bearer", "expires_in": 300, "claims": claims });
    HttpResponse::Ok()
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header(header::ContentType::json())
        .body(answer.to_string())
}
