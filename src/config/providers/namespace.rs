//! `namespace`: what subjects are told apart by. Two providers that share one vouch for the same people, so they must
//! be the same; and the same provider entered twice must share one, or everyone there is two people here.

use crate::config::{ProviderConfig, ProviderKind, section::Section, value::Value};

/// A text of at most 255 characters in one line.
pub(super) fn parse(value: &Value<'_>) -> Option<String> {
    let text = value.text()?;
    let fits = text.len() <= 255 && !text.contains('\n');
    if !fits {
        value.fault("is longer than 255 bytes, or has several lines", "write a short name");
    }
    fits.then(|| text.to_owned())
}

pub(super) fn check(others: &[ProviderConfig], provider: &ProviderConfig, section: &Section<'_>) {
    for other in others {
        let same_people = realm(other) == realm(provider);
        let same_namespace = other.namespace == provider.namespace;
        if same_namespace && !same_people {
            section.fault(
                format!(
                    "has the namespace of `{}`, another provider: whoever has a subject there would be taken for the \
                     one who has the same here",
                    other.id
                ),
                "give one of the two a namespace of its own",
            );
        }
        if same_people && !same_namespace && other.client_id == provider.client_id {
            section.fault(
                format!("is `{}` again, under another namespace: everyone there would be two people here", other.id),
                format!("remove one of the two, or set namespace = \"{}\" here", other.namespace),
            );
        }
    }
}

/// Whose subjects they are: the kind, and the issuer or what stands for it.
fn realm(provider: &ProviderConfig) -> (std::mem::Discriminant<ProviderKind>, String) {
    let issuer = match &provider.kind {
        ProviderKind::Google { base, .. }
        | ProviderKind::Facebook { base, .. }
        | ProviderKind::Github { base }
        | ProviderKind::Microsoft { base, .. }
        | ProviderKind::Apple { base, .. } => base.as_ref().map(ToString::to_string).unwrap_or_default(),
        ProviderKind::Gitlab { issuer } | ProviderKind::Oidc { issuer } => issuer.clone(),
        ProviderKind::Oauth2(endpoints) => endpoints.userinfo.to_string(),
    };
    (std::mem::discriminant(&provider.kind), issuer)
}
