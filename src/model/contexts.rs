//! Names of named contexts: what they stand for whatever way they are written.

use std::collections::BTreeSet;

use crate::model::image_ref::ImageRef;

/// The names of the named contexts of a build, normalised.
pub(in crate::model) struct ContextNames {
    names: BTreeSet<String>,
}

impl ContextNames {
    /// The names that count when building for `platform`.
    pub(in crate::model) fn new(names: &BTreeSet<String>, platform: &str) -> Self {
        let counts = |name: &String| match name.split_once("::") {
            Some((name, only)) => (only == platform).then(|| normalized(name)),
            None => Some(normalized(name)),
        };
        Self { names: names.iter().filter_map(counts).collect() }
    }

    /// Whether `name` is that of a named context. `scratch` and `context` never are.
    pub(in crate::model) fn contain(&self, name: &str) -> bool {
        !self.names.is_empty()
            && !name.eq_ignore_ascii_case("scratch")
            && !name.eq_ignore_ascii_case("context")
            && self.names.contains(&normalized(name))
    }
}

fn normalized(name: &str) -> String {
    ImageRef::parse(name).map_or_else(|_| name.to_owned(), |image| image.familiar())
}
