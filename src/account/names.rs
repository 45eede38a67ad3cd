//! What people call apps and providers. One that is set up no more keeps the name that the configuration gave it.

use crate::web::Directory;

/// What people call an app.
pub(super) fn app<'a>(directory: &'a Directory, id: &'a str) -> &'a str {
    directory.apps.find(id).map_or(id, |app| app.name.as_str())
}

/// What people call a provider.
pub(super) fn provider<'a>(directory: &'a Directory, id: &'a str) -> &'a str {
    let found = directory.providers.iter().map(|provider| provider.about()).find(|about| about.id.as_str() == id);
    found.map_or(id, |about| about.name.as_str())
}

/// Whose mark stands beside a provider.
pub(super) fn brand(directory: &Directory, id: &str) -> &'static str {
    let found = directory.providers.iter().map(|provider| provider.about()).find(|about| about.id.as_str() == id);
    found.map_or("", |about| about.brand)
}
