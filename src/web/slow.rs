//! How long the body of a request may take. Whoever sends a head and then nothing more, or next to nothing, would
//! otherwise hold a connection for ever, and there are only so many.

use std::{
    cell::{Cell, RefCell},
    error::Error as StdError,
    io,
    pin::Pin,
    rc::Rc,
    task::{Context, Poll},
    time::Duration,
};

use actix_web::{
    Error, HttpMessage, HttpResponse,
    body::{BodySize, BoxBody, MessageBody},
    dev::{Payload, ServiceRequest, ServiceResponse},
    error::PayloadError,
    http::header::{self, HeaderValue},
    middleware::Next,
    web::Bytes,
};
use futures_util::Stream;
use tokio::time::{Sleep, sleep};

/// As long as for the head: nobody here sends more than some kilobytes.
const BODY_WITHIN: Duration = Duration::from_secs(10);

/// A body that somebody may still be sending.
type Shared = Rc<RefCell<Payload>>;

/// Middleware: a body that does not come in time is the end of its connection (RFC 9110, section 15.5.9).
///
/// # Errors
/// Passes on what is not ours.
pub async fn no_longer(mut request: ServiceRequest, next: Next<BoxBody>) -> Result<ServiceResponse<BoxBody>, Error> {
    let body = request.take_payload();
    if matches!(body, Payload::None) {
        return next.call(request).await;
    }
    let (body, has_no_end) = (Rc::new(RefCell::new(body)), is_chunked(&request));
    let is_late = Rc::new(Cell::new(false));
    let timely = Timely { body: Rc::clone(&body), wait: None, is_late: Rc::clone(&is_late) };
    request.set_payload(Payload::Stream { payload: Box::pin(timely) });
    let mut response = next.call(request).await?;
    if is_late.get() {
        let mut late = HttpResponse::RequestTimeout();
        late.insert_header((header::CACHE_CONTROL, HeaderValue::from_static("no-store")));
        response = response.into_response(late.finish());
    }
    Ok(if has_no_end { held(response, body) } else { response })
}

/// What is left unread where nobody reads a body, if it is one that does not say how long it is.
pub fn unread(request: &mut ServiceRequest) -> Option<Unread> {
    is_chunked(request).then(|| Unread(Rc::new(RefCell::new(request.take_payload()))))
}

/// A body that nobody reads.
pub struct Unread(Shared);

impl Unread {
    /// The connection ends with this answer.
    pub fn ends_with(self, response: ServiceResponse<BoxBody>) -> ServiceResponse<BoxBody> {
        held(response, self.0)
    }
}

fn is_chunked(request: &ServiceRequest) -> bool {
    request.headers().contains_key(header::TRANSFER_ENCODING)
}

/// The server would read on behind the answer, for as long as chunks come, unless the body is still in somebody's hands
/// when the answer has gone out.
fn held(response: ServiceResponse<BoxBody>, request: Shared) -> ServiceResponse<BoxBody> {
    response.map_body(|_, body| BoxBody::new(Held { body, _request: request }))
}

/// The body of an answer, and that of its request.
struct Held {
    body: BoxBody,
    _request: Shared,
}

impl MessageBody for Held {
    type Error = Box<dyn StdError>;

    fn size(&self) -> BodySize {
        self.body.size()
    }

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Bytes, Self::Error>>> {
        Pin::new(&mut self.get_mut().body).poll_next(cx)
    }
}

/// A body, as long as it comes in time.
struct Timely {
    body: Shared,
    /// Begins when there is something to wait for: most bodies come with their head.
    wait: Option<Pin<Box<Sleep>>>,
    is_late: Rc<Cell<bool>>,
}

impl Stream for Timely {
    type Item = Result<Bytes, PayloadError>;

    fn poll_next(self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = self.get_mut();
        if let Poll::Ready(next) = Pin::new(&mut *this.body.borrow_mut()).poll_next(cx) {
            return Poll::Ready(next);
        }
        let wait = this.wait.get_or_insert_with(|| Box::pin(sleep(BODY_WITHIN)));
        wait.as_mut().poll(cx).map(|()| {
            this.is_late.set(true);
            Some(Err(PayloadError::Io(io::ErrorKind::TimedOut.into())))
        })
    }
}
