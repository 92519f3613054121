//! Giving images of the store further names, and taking names away.

use super::super::error::{Error, Result};
use super::super::finish::full_names;
use super::find::find;
use crate::store::{Store, Tag};

/// Lets `names` stand for the image that a person calls `said`; says the names in full.
pub fn name(store: &Store, said: &str, names: &[String]) -> Result<Vec<String>> {
    let names = full_names(names)?;
    let found = find(store, said)?;
    let image = &found.first().expect("what is found is at least one").tag;
    let now = jiff::Timestamp::now().as_second();
    for name in &names {
        store.tags.put(&Tag { name: name.full().to_owned(), tagged_at: now, ..image.clone() })?;
    }
    Ok(names.iter().map(|name| name.full().to_owned()).collect())
}

/// Takes away the name `said`, or the names of the image that it is the digest of: several only with `all`. Says
/// which, in full.
pub fn forget(store: &Store, said: &str, all: bool) -> Result<Vec<String>> {
    let names: Vec<String> = find(store, said)?.into_iter().map(|found| found.tag.name).collect();
    if names.len() > 1 && !all {
        let message = format!("`{said}` has several names ({}): name one, or --force for all", names.join(", "));
        return Err(Error::Wrong { message, span: None });
    }
    for name in &names {
        store.tags.remove(name)?;
    }
    Ok(names)
}
