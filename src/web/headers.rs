//! Headers that every answer of a kind carries.

use actix_web::{HttpResponseBuilder, http::header};

/// What a page may do beyond showing itself: the addresses that its form may lead to, redirects included.
#[derive(Clone, Debug, Default)]
pub struct FormTargets(Vec<String>);

impl FormTargets {
    /// Forms that stay here.
    pub const fn here() -> Self {
        Self(Vec::new())
    }

    /// Forms that also lead, by a chain of redirects, to a provider, whose own hops nobody knows.
    pub fn through_providers() -> Self {
        Self(vec!["https:".into()])
    }

    /// Adds an origin or a scheme. Anything that could end a directive is dropped.
    #[must_use]
    pub fn and(mut self, source: String) -> Self {
        self.0.push(source);
        self
    }

    fn directive(&self) -> String {
        let is_source = |source: &&String| {
            !source.is_empty() && source.bytes().all(|b| b.is_ascii_alphanumeric() || b":/.-[]+_".contains(&b))
        };
        let others: String = self.0.iter().filter(is_source).map(|source| format!(" {source}")).collect();
        format!("form-action 'self'{others}")
    }
}

/// Headers of a page for people: nothing runs in it, nothing frames it, nothing keeps it.
pub fn page(response: &mut HttpResponseBuilder, targets: &FormTargets) {
    let csp = format!(
        "default-src 'none'; style-src 'self'; img-src 'self'; {}; frame-ancestors 'none'; base-uri 'none'",
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
    }
}
