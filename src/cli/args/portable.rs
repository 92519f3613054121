//! `--cache-from` and `--cache-to`, and what `cache export` and `cache import` name: caches for other machines.

use std::path::PathBuf;

/// A cache somewhere else, as typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cli) struct PortableSpec {
    /// Where.
    pub(in crate::cli) place: PortablePlace,
    /// The cache mounts that travel.
    pub(in crate::cli) mounts: PortableMounts,
    /// `mode=max`
    pub(in crate::cli) is_max: bool,
    /// `ignore-error=false`
    pub(in crate::cli) is_required: bool,
}

/// Where it is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cli) enum PortablePlace {
    /// An OCI layout directory, and the tag in it.
    Local(PathBuf, String),
    /// A reference in a registry.
    Registry(String),
}

/// Which cache mounts travel.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cli) enum PortableMounts {
    /// None.
    None,
    /// All.
    All,
    /// Those with these ids.
    Called(Vec<String>),
}

/// Reads `--cache-from`; a value without `=` is a reference in a registry, as buildx has it.
pub(super) fn cache_from(text: &str) -> Result<PortableSpec, String> {
    match text.contains('=') {
        true => spec(text, "src", &[]),
        false => Ok(plain(PortablePlace::Registry(text.to_owned()))),
    }
}

/// Reads `--cache-to`; a value without `=` is a reference in a registry, as buildx has it.
pub(super) fn cache_to(text: &str) -> Result<PortableSpec, String> {
    match text.contains('=') {
        true => spec(text, "dest", &["mode", "ignore-error"]),
        false => Ok(plain(PortablePlace::Registry(text.to_owned()))),
    }
}

/// Reads what `cache import` takes from; a value without `=` is a directory.
pub(super) fn import_from(text: &str) -> Result<PortableSpec, String> {
    match text.contains('=') {
        true => spec(text, "src", &[]),
        false => Ok(plain(PortablePlace::Local(text.into(), "latest".to_owned()))),
    }
}

/// Reads where `cache export` goes; a value without `=` is a directory.
pub(super) fn export_to(text: &str) -> Result<PortableSpec, String> {
    match text.contains('=') {
        true => spec(text, "dest", &[]),
        false => Ok(plain(PortablePlace::Local(text.into(), "latest".to_owned()))),
    }
}

fn plain(place: PortablePlace) -> PortableSpec {
    PortableSpec { place, mounts: PortableMounts::None, is_max: false, is_required: false }
}

fn spec(text: &str, directory: &str, also: &[&str]) -> Result<PortableSpec, String> {
    let (mut kind, mut path, mut reference, mut tag) = (None, None, None, None);
    let (mut mounts, mut is_max, mut is_required) = (PortableMounts::None, false, false);
    for field in text.split(',') {
        let (name, value) = field.split_once('=').unwrap_or((field, ""));
        match (name, value) {
            ("type", "local" | "registry") => kind = Some(value),
            ("type", other) => return Err(format!("`{other}` is no type: expected local or registry")),
            ("ref", value) if !value.is_empty() => reference = Some(value.to_owned()),
            ("tag", value) if !value.is_empty() => tag = Some(value.to_owned()),
            ("cache-mounts", "true") => mounts = PortableMounts::All,
            ("cache-mounts", "false") => mounts = PortableMounts::None,
            // Once for each id.
            ("cache-mounts", id) if !id.is_empty() => match &mut mounts {
                PortableMounts::Called(ids) => ids.push(id.to_owned()),
                PortableMounts::All => {}
                PortableMounts::None => mounts = PortableMounts::Called(vec![id.to_owned()]),
            },
            ("mode", "min" | "max") if also.contains(&name) => is_max = value == "max",
            ("ignore-error", "true" | "false") if also.contains(&name) => is_required = value == "false",
            (name, value) if name == directory && !value.is_empty() => path = Some(PathBuf::from(value)),
            _ => {
                return Err(format!(
                    "`{field}` is not understood: expected type=local,{directory}=DIR or type=registry,ref=REF"
                ));
            }
        }
    }
    let place = match (kind, path, reference) {
        (Some("local"), Some(path), None) => PortablePlace::Local(path, tag.unwrap_or_else(|| "latest".to_owned())),
        (Some("registry"), None, Some(reference)) if tag.is_none() => PortablePlace::Registry(reference),
        (None, ..) => return Err("the type is missing: type=local or type=registry".to_owned()),
        (Some("local"), ..) => return Err(format!("type=local has {directory}=DIR, and tag=TAG at most")),
        _ => return Err("type=registry has ref=REF, with the tag in it".to_owned()),
    };
    Ok(PortableSpec { place, mounts, is_max, is_required })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn caches_are_named_as_buildx_names_them() {
        let registry = |text: &str| plain(PortablePlace::Registry(text.to_owned()));
        assert_eq!(cache_from("ci:5000/app:cache"), Ok(registry("ci:5000/app:cache")));
        assert_eq!(cache_from("type=registry,ref=ci/app"), Ok(registry("ci/app")));
        let local = PortablePlace::Local("c".into(), "x".to_owned());
        let called = PortableMounts::Called(vec!["pip".to_owned(), "npm".to_owned()]);
        assert_eq!(
            cache_to("type=local,dest=c,tag=x,mode=max,ignore-error=false,cache-mounts=pip,cache-mounts=npm"),
            Ok(PortableSpec { place: local, mounts: called, is_max: true, is_required: true })
        );
        assert!(matches!(export_to("./dir").map(|spec| spec.place), Ok(PortablePlace::Local(..))));
        let wrong = [
            "type=gha",
            "dest=c",
            "type=local,dest=c,ref=x",
            "type=local",
            "type=registry,ref=a,tag=b",
            "type=local,src=c",
        ];
        for wrong in wrong {
            assert!(cache_to(wrong).is_err(), "{wrong}");
        }
        assert!(cache_from("type=local,src=c,mode=max").is_err() && import_from("type=local,dest=c").is_err());
    }
}
