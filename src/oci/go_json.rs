//! The habits of Go's JSON that images carry: `null` for what is empty, maps to `{}` for sets.

use std::collections::{BTreeMap, BTreeSet};

use serde::de::IgnoredAny;
use serde::{Deserialize, Deserializer, Serialize, Serializer};

/// Reads `null` as empty.
pub(super) fn null_is_default<'de, D: Deserializer<'de>, T: Default + Deserialize<'de>>(
    deserializer: D,
) -> Result<T, D::Error> {
    Ok(Option::deserialize(deserializer)?.unwrap_or_default())
}

/// A set of names written as an object whose values are `{}`.
pub(super) mod set {
    use super::*;

    pub(in crate::oci) fn serialize<S: Serializer>(set: &BTreeSet<String>, serializer: S) -> Result<S::Ok, S::Error> {
        #[derive(Serialize)]
        struct Nothing {}
        serializer.collect_map(set.iter().map(|name| (name, Nothing {})))
    }

    pub(in crate::oci) fn deserialize<'de, D: Deserializer<'de>>(
        deserializer: D,
    ) -> Result<BTreeSet<String>, D::Error> {
        let map: BTreeMap<String, IgnoredAny> = null_is_default(deserializer)?;
        Ok(map.into_keys().collect())
    }
}
