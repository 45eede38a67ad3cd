//! Headers that every answer of a kind carries.

use actix_web::{HttpResponseBuilder, http::header};

/// What a page may do beyond showing itself: the addresses that its form may lead to, redirects included, and the frames
/// that it opens.
#[derive(Clone, Debug, Default)]
pub struct FormTargets {
    forms: Vec<String>,
    frames: Vec<String>,
    submits_itself: bool,
}

impl FormTargets {
    /// Forms that stay here.
    pub const fn here() -> Self {
        Self { forms: Vec::new(), frames: Vec::new(), submits_itself: false }
    }

    /// Forms that also lead, by a chain of redirects, to a provider, whose own hops nobody knows.
    pub fn through_providers() -> Self {
        Self { forms: vec!["https:".into()], ..Self::here() }
    }

    /// Adds an origin or a scheme.
    #[must_use]
    pub fn and(mut self, source: String) -> Self {
        self.forms.push(source);
        self
    }

    /// Adds an origin that the page opens frames of.
    #[must_use]
    pub fn framing(mut self, source: String) -> Self {
        self.frames.push(source);
        self
    }

    /// The page sends its form by itself, by a script of ours.
    #[must_use]
    pub fn submitting_itself(mut self) -> Self {
        self.submits_itself = true;
        self
    }

    fn directive(&self) -> String {
        let frames = sources(&self.frames);
        let frames = if frames.is_empty() { frames } else { format!("; frame-src{frames}") };
        let script = if self.submits_itself { "; script-src 'self'" } else { "" };
        format!("form-action 'self'{}{frames}{script}", sources(&self.forms))
    }
}

/// Each with a space before it. Anything that could end a directive is dropped.
fn sources(all: &[String]) -> String {
    let is_source = |source: &&String| {
        !source.is_empty() && source.bytes().all(|b| b.is_ascii_alphanumeric() || b":/.-[]+_".contains(&b))
    };
    all.iter().filter(is_source).map(|source| format!(" {source}")).collect()
}

/// Headers of a page for people: nothing runs in it but what sends its one form, nothing frames it, nothing keeps it.
pub fn page(response: &mut HttpResponseBuilder, targets: &FormTargets) {
    page_dressed_by(response, "'self'", targets);
}

/// The same for a page whose style and pictures come from `source`, which is `'self'` or an origin.
pub fn page_dressed_by(response: &mut HttpResponseBuilder, source: &str, targets: &FormTargets) {
    let csp = format!(
        "default-src 'none'; style-src {source}; img-src {source}; {}; frame-ancestors 'none'; base-uri 'none'",
        targets.directive()
    );
    no_store(response)
        .insert_header((header::CONTENT_SECURITY_POLICY, csp))
        .insert_header((header::X_FRAME_OPTIONS, "DENY"))
        .insert_header((header::REFERRER_POLICY, "no-referrer"))
        .insert_header(("Cross-Origin-Opener-Policy", "same-origin"))
        .insert_header(("Permissions-Policy", "camera=(), geolocation=(), microphone=()"));
}

/// Headers of an answer that nobody may keep (RFC 6749, section 5.1).
pub fn no_store(response: &mut HttpResponseBuilder) -> &mut HttpResponseBuilder {
    response
        .insert_header((header::CACHE_CONTROL, "no-store"))
        .insert_header((header::PRAGMA, "no-cache"))
        .insert_header((header::X_CONTENT_TYPE_OPTIONS, "nosniff"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_form_target_cannot_end_its_directive() {
        let targets = FormTargets::here().and("https://a.test; script-src *".into()).and("https://b.test".into());
        assert_eq!(targets.directive(), "form-action 'self' https://b.test");
        let framing = FormTargets::here().framing("https://a.test".into()).framing("x; script-src *".into());
        assert_eq!(framing.directive(), "form-action 'self'; frame-src https://a.test");
    }
}
