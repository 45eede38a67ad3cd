//! How an access token is presented, and how one that is not taken is told (RFC 6750, section 3; RFC 9449, section 7.1).

use actix_web::{HttpRequest, HttpResponse, http::StatusCode, http::header};

use crate::{
    oidc::dpop,
    proof::ALGORITHMS,
    web::{House, headers, links, params::Params},
};

/// By which scheme a token comes.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Scheme {
    Bearer,
    Dpop,
}

/// A token, and how it came.
#[derive(Clone, Copy)]
pub(super) struct Presented<'a> {
    pub scheme: Scheme,
    pub token: &'a str,
}

/// Why a token is not taken.
#[derive(Clone, Copy)]
pub(super) enum Refused {
    /// None was sent.
    NoToken,
    /// `invalid_request`: two at once, or not as the standard says.
    InvalidRequest,
    /// `invalid_token`.
    InvalidToken,
    /// `insufficient_scope`: a token that its app asked for without `openid`.
    InsufficientScope,
    /// `invalid_dpop_proof`.
    InvalidProof,
    /// `use_dpop_nonce`.
    UseNonce,
}

impl<'a> Presented<'a> {
    pub fn in_header(request: &'a HttpRequest) -> Result<Self, Refused> {
        let mut all = request.headers().get_all(header::AUTHORIZATION);
        let first = all.next().ok_or(Refused::NoToken)?;
        if all.next().is_some() {
            return Err(Refused::InvalidRequest);
        }
        let text = std::str::from_utf8(first.as_bytes()).ok().filter(|text| text.is_ascii());
        let (scheme, token) = text.and_then(|text| text.split_once(' ')).ok_or(Refused::InvalidRequest)?;
        let scheme = match scheme {
            name if name.eq_ignore_ascii_case("bearer") => Scheme::Bearer,
            name if name.eq_ignore_ascii_case("dpop") => Scheme::Dpop,
            _ => return Err(Refused::NoToken),
        };
        Ok(Self { scheme, token: token.trim() })
    }

    /// `None` for a form that is none.
    pub fn in_header_or_form(request: &'a HttpRequest, form: Option<&'a Params>) -> Result<Self, Refused> {
        let in_form = form.map(|form| form.get("access_token"));
        match (Self::in_header(request), in_form) {
            (Err(Refused::NoToken), Some(Ok(Some(token)))) => Ok(Self { scheme: Scheme::Bearer, token }),
            (in_header, Some(Ok(None))) => in_header,
            _ => Err(Refused::InvalidRequest),
        }
    }
}

impl Refused {
    const fn status(self) -> StatusCode {
        match self {
            Self::InvalidRequest => StatusCode::BAD_REQUEST,
            Self::InsufficientScope => StatusCode::FORBIDDEN,
            Self::NoToken | Self::InvalidToken | Self::InvalidProof | Self::UseNonce => StatusCode::UNAUTHORIZED,
        }
    }

    /// What stands in the challenge of the scheme that was used; nothing is said where no token came.
    const fn error(self) -> &'static str {
        match self {
            Self::NoToken => "",
            Self::InvalidRequest => r#", error="invalid_request""#,
            Self::InvalidToken => r#", error="invalid_token""#,
            Self::InsufficientScope => r#", error="insufficient_scope", scope="openid""#,
            Self::InvalidProof => r#", error="invalid_dpop_proof""#,
            Self::UseNonce => r#", error="use_dpop_nonce""#,
        }
    }

    /// The answer, with a challenge for each scheme, the used one first.
    pub fn response(self, house: &House, used: Scheme) -> HttpResponse {
        let metadata = house.issuer.at(links::RESOURCE);
        let algs = ALGORITHMS.map(|alg| format!("{alg:?}")).join(" ");
        let challenge = |scheme| {
            let error = if scheme == used { self.error() } else { "" };
            match scheme {
                Scheme::Bearer => format!(r#"Bearer realm="vestibule"{error}, resource_metadata="{metadata}""#),
                Scheme::Dpop => format!(r#"DPoP algs="{algs}"{error}, resource_metadata="{metadata}""#),
            }
        };
        let other = if used == Scheme::Bearer { Scheme::Dpop } else { Scheme::Bearer };
        let mut response = HttpResponse::build(self.status());
        headers::no_store(&mut response);
        response.append_header((header::WWW_AUTHENTICATE, challenge(used)));
        response.append_header((header::WWW_AUTHENTICATE, challenge(other)));
        if matches!(self, Self::UseNonce) {
            response.insert_header((dpop::NONCE, dpop::nonce(house)));
        }
        response.finish()
    }
}
