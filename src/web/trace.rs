//! Each request has an id that all of its log lines carry, and leaves one line and one measurement: method, the
//! pattern of the route, status, time. Never the path or the query: codes, states and names travel there.

use std::time::{Duration, Instant};

use actix_web::{
    Error, Resource,
    body::MessageBody,
    dev::{Service, ServiceFactory, ServiceRequest, ServiceResponse},
    http::Method,
    middleware::Next,
    web,
};
use tracing::Instrument;

use super::{links, slow};
use crate::{
    telemetry::metrics::{self, UsualAnswer},
    types::{SystemRandom, bytes, random},
};

/// What apps ask of us for each of their own requests, and what tells of its success by itself: that it went well is
/// counted, and a line only at level `debug`.
const BUSY: [&str; 3] = [links::USERINFO, links::INTROSPECT, links::TOKEN];

/// The middleware, for `actix_web::middleware::from_fn`: outermost, so that it sees every answer.
///
/// # Errors
/// Those of the handlers, unchanged.
pub async fn trace<B: MessageBody>(request: ServiceRequest, next: Next<B>) -> Result<ServiceResponse<B>, Error> {
    let begun = Instant::now();
    let method = method(request.method());
    let id = bytes::to_hex(&random::bytes::<8>(&SystemRandom));
    let span = tracing::info_span!("request", id);
    async move {
        let answer = next.call(request).await;
        finish(method, route(&answer), status(&answer), begun.elapsed());
        answer
    }
    .instrument(span)
    .await
}

/// A resource that answers from memory, thousands of times a second: measured like every other, but a line of log only
/// when it fails. It stands outside [`trace`].
pub fn quiet(
    route: &'static str,
) -> Resource<impl ServiceFactory<ServiceRequest, Config = (), Response = ServiceResponse, Error = Error, InitError = ()>>
{
    let usual = UsualAnswer::of(route);
    web::resource(route).wrap_fn(move |mut request, service| {
        let (begun, unread) = (Instant::now(), slow::unread(&mut request));
        let method = method(request.method());
        let usual = usual.clone();
        let answer = service.call(request);
        async move {
            let answer = answer.await;
            match (method, status(&answer)) {
                ("GET", 200) => usual.given(begun.elapsed()),
                (method, status) => {
                    metrics::http(method, route, status, begun.elapsed());
                    if status >= 500 {
                        tracing::warn!(method, route, status, "answered");
                    }
                }
            }
            match unread {
                Some(unread) => answer.map(|answer| unread.ends_with(answer)),
                None => answer,
            }
        }
    })
}

fn finish(method: &'static str, route: String, status: u16, took: Duration) {
    let ms = took.as_secs_f64() * 1000.0;
    if (200..300).contains(&status) && BUSY.contains(&route.as_str()) {
        tracing::debug!(method, route, status, ms, "answered");
    } else {
        tracing::info!(method, route, status, ms, "answered");
    }
    metrics::http(method, route, status, took);
}

fn status<B>(answer: &Result<ServiceResponse<B>, Error>) -> u16 {
    match answer {
        Ok(response) => response.status().as_u16(),
        Err(error) => error.as_response_error().status_code().as_u16(),
    }
}

/// The pattern that matched. What no route of ours matched shares one name: a path is hostile input.
fn route<B>(answer: &Result<ServiceResponse<B>, Error>) -> String {
    answer.as_ref().ok().and_then(|response| response.request().match_pattern()).unwrap_or_else(|| "(none)".into())
}

/// A method as a label; those that we never answer share one, since a method may be any word.
fn method(method: &Method) -> &'static str {
    match *method {
        Method::GET => "GET",
        Method::HEAD => "HEAD",
        Method::POST => "POST",
        Method::PUT => "PUT",
        Method::DELETE => "DELETE",
        Method::OPTIONS => "OPTIONS",
        _ => "other",
    }
}

#[cfg(test)]
mod tests {
    use actix_web::{App, HttpResponse, middleware::from_fn, test, web};
    use metrics_exporter_prometheus::PrometheusBuilder;

    use super::*;

    #[actix_web::test]
    async fn requests_are_counted_by_pattern_and_never_by_path() {
        let recorder = PrometheusBuilder::new().build_recorder();
        let handle = recorder.handle();
        let _here = ::metrics::set_default_local_recorder(&recorder);
        let traced = web::scope("")
            .wrap(from_fn(trace))
            .route("/callback/{provider}", web::get().to(HttpResponse::NoContent))
            .default_service(web::to(HttpResponse::NotFound));
        let app = App::new()
            .service(quiet("/well").get(HttpResponse::Ok))
            .service(quiet("/ill").get(HttpResponse::ServiceUnavailable))
            .service(traced);
        let app = test::init_service(app).await;
        for uri in ["/callback/google?code=hunter2", "/well", "/well?hunter2", "/ill?hunter2", "/hunter2"] {
            let request = test::TestRequest::get().uri(uri).to_request();
            test::call_service(&app, request).await;
        }
        test::call_service(&app, test::TestRequest::post().uri("/well").to_request()).await;
        let text = handle.render();
        for expected in [
            r#"count{method="GET",route="/callback/{provider}",status="2xx"} 1"#,
            r#"count{method="GET",route="/well",status="2xx"} 2"#,
            r#"count{method="POST",route="/well",status="4xx"} 1"#,
            r#"count{method="GET",route="/ill",status="5xx"} 1"#,
            r#"count{method="GET",route="(none)",status="4xx"} 1"#,
        ] {
            assert!(text.contains(expected), "{expected} in\n{text}");
        }
        assert!(!text.contains("hunter2"));
    }
}
