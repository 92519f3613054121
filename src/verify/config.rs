//! Where the configs of two images differ, cell by cell, each named as the instruction that sets it.
//!
//! Pure. What has no order is compared without one; when an image was made and how it came about do not count.

use std::collections::BTreeMap;
use std::fmt::Debug;

use crate::oci::config::ImageConfig;
use crate::rewrite::Difference;

/// The cells that differ between two configs.
pub fn differences(before: &ImageConfig, after: &ImageConfig) -> Vec<Difference> {
    let (old, new) = (cells(before), cells(after));
    let names = old.keys().chain(new.keys().filter(|name| !old.contains_key(*name)));
    let mut found: Vec<Difference> = names
        .filter(|name| old.get(*name) != new.get(*name))
        .map(|name| {
            let what = match (old.get(name), new.get(name)) {
                (Some(old), None) => format!("is gone: {old}"),
                (None, Some(new)) => format!("is new: {new}"),
                (old, new) => format!("is {}, not {}", new.map_or("", String::as_str), old.map_or("", String::as_str)),
            };
            Difference { place: name.clone(), what }
        })
        .collect();
    found.sort();
    found
}

/// Whether both set this cell to the same.
pub fn agree_on(cell: &str, one: &ImageConfig, other: &ImageConfig) -> bool {
    let value = |image| cells(image).remove(cell);
    value(one).is_some_and(|value| Some(value) == cells(other).remove(cell))
}

/// Every cell that is set, in words.
fn cells(image: &ImageConfig) -> BTreeMap<String, String> {
    let config = &image.config;
    let mut cells = BTreeMap::new();
    let mut set = |name: String, value: String| drop(cells.insert(name, value));
    for variable in &config.env {
        let (name, value) = variable.split_once('=').unwrap_or((variable, ""));
        set(format!("ENV {name}"), format!("{value:?}"));
    }
    config.labels.iter().for_each(|(name, value)| set(format!("LABEL {name}"), format!("{value:?}")));
    config.exposed_ports.iter().for_each(|port| set(format!("EXPOSE {port}"), port.clone()));
    config.volumes.iter().for_each(|volume| set(format!("VOLUME {volume}"), volume.clone()));
    let whole: [(&str, Option<String>); 9] = [
        ("USER", word(&config.user)),
        ("WORKDIR", word(&config.working_dir)),
        ("STOPSIGNAL", word(&config.stop_signal)),
        ("ENTRYPOINT", list(&config.entrypoint)),
        ("CMD", list(&config.cmd)),
        ("SHELL", list(&config.shell)),
        ("ONBUILD", list(&config.on_build)),
        ("HEALTHCHECK", config.healthcheck.as_ref().map(in_words)),
        ("FROM --platform", word(&image.platform.to_string())),
    ];
    for (name, value) in whole {
        if let Some(value) = value {
            set(name.to_owned(), value);
        }
    }
    cells
}

fn word(text: &str) -> Option<String> {
    (!text.is_empty()).then(|| text.to_owned())
}

fn list(words: &[String]) -> Option<String> {
    (!words.is_empty()).then(|| in_words(&words))
}

fn in_words(value: &impl Debug) -> String {
    format!("{value:?}")
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::oci::Platform;

    #[test]
    fn cells_are_compared_one_by_one_and_without_order_where_there_is_none() {
        let mut before = ImageConfig::new(Platform::host());
        before.config.env = vec!["A=1".into(), "B=2".into(), "C=3".into()];
        before.config.cmd = vec!["a".into()];
        before.config.user = "7".into();
        let mut after = before.clone();
        after.config.env = vec!["B=2".into(), "A=4".into(), "D=".into()];
        after.config.user.clear();
        after.created = Some("2026-01-01T00:00:00Z".into());
        let told = differences(&before, &after);
        let told: Vec<String> = told.iter().map(|one| format!("{} {}", one.place, one.what)).collect();
        assert_eq!(
            told,
            ["ENV A is \"4\", not \"1\"", "ENV C is gone: \"3\"", "ENV D is new: \"\"", "USER is gone: 7"]
        );
        after.config.env = vec!["C=3".into(), "B=2".into(), "A=1".into()];
        after.config.user = "7".into();
        assert_eq!(differences(&before, &after), []);
    }
}
