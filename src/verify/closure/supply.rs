//! What would bring what an image lacks: the package of its distribution that owns the file in the original, where the
//! image can install packages, or else the file itself.

use std::collections::{BTreeMap, BTreeSet};
use std::path::{Path, PathBuf};

use super::{place_in, shown};
use crate::model::RuntimeNeeds;
use crate::tree::follow::Last;
use crate::tree::{Root, TreeError};
use crate::verify::survey::Survey;

/// Where the dynamic loader looks without its cache.
const LOADED_FROM: &[&str] = &["lib", "lib64", "usr/lib", "usr/lib64"];
const LINKER_CACHE: &str = "etc/ld.so.cache";

/// The package that owns each of these paths, as far as one does, by the database of a tree.
type Owners = fn(&Root, &Survey, &BTreeSet<String>) -> Result<BTreeMap<String, String>, TreeError>;

/// A distribution by its package manager: the program, and how owners are found in its database.
struct Distribution {
    program: &'static str,
    owners: Owners,
}

const DISTRIBUTIONS: &[Distribution] = &[
    Distribution { program: "/usr/bin/apt-get", owners: owners_in_dpkg },
    Distribution { program: "/sbin/apk", owners: owners_in_apk },
];

/// What brings the files that the original in `root`, whose tree is `before`, has at these places to an image whose tree
/// is `after`.
pub(in crate::verify) fn supply(
    root: &Root,
    before: &Survey,
    after: &Survey,
    places: &BTreeSet<PathBuf>,
) -> Result<RuntimeNeeds, TreeError> {
    let mut needs = RuntimeNeeds::default();
    let manager = DISTRIBUTIONS.iter().find(|one| place_in(after, Path::new(one.program)).is_some());
    let owners = match manager {
        Some(manager) => (manager.owners)(root, before, &places.iter().flat_map(|place| spellings(place)).collect())?,
        None => BTreeMap::new(),
    };
    for place in places {
        match spellings(place).iter().find_map(|path| owners.get(path)) {
            Some(package) => drop(needs.packages.insert(package.clone())),
            None => {
                needs.paths.insert(shown(place));
                if is_loaded_by_cache(place) && before.contains_key(Path::new(LINKER_CACHE)) {
                    needs.paths.insert(shown(Path::new(LINKER_CACHE)));
                }
            }
        }
    }
    Ok(needs)
}

/// A library where only the cache of the linker tells that it is.
fn is_loaded_by_cache(place: &Path) -> bool {
    let is_usual = |directory: &Path| LOADED_FROM.iter().any(|usual| directory == Path::new(usual));
    let directory = place.parent().unwrap_or(place);
    let is_below_usual = directory.parent().is_some_and(is_usual);
    super::is_library(place) && !is_usual(directory) && !is_below_usual
}

/// The ways to write a path where `/lib` is a link to `/usr/lib`.
fn spellings(place: &Path) -> Vec<String> {
    let whole = shown(place);
    let short = whole.strip_prefix("/usr").map(str::to_owned);
    [whole].into_iter().chain(short).collect()
}

fn owners_in_dpkg(
    root: &Root,
    before: &Survey,
    paths: &BTreeSet<String>,
) -> Result<BTreeMap<String, String>, TreeError> {
    let folder = Path::new("var/lib/dpkg/info");
    let lists = before.range(folder.to_owned()..).map(|(path, _)| path).take_while(|path| path.starts_with(folder));
    let mut owners = BTreeMap::new();
    for list in lists.filter(|path| path.extension().is_some_and(|extension| extension == "list")) {
        let text = root.read(list)?.unwrap_or_default();
        let name = list.file_stem().map(|name| name.to_string_lossy().into_owned()).unwrap_or_default();
        let package = name.split(':').next().unwrap_or_default();
        let text = String::from_utf8_lossy(&text);
        let owned = text.lines().filter(|line| paths.contains(*line));
        owners.extend(owned.map(|path| (path.to_owned(), package.to_owned())));
    }
    Ok(owners)
}

fn owners_in_apk(root: &Root, _: &Survey, paths: &BTreeSet<String>) -> Result<BTreeMap<String, String>, TreeError> {
    let database = Path::new("lib/apk/db/installed");
    let Some(entry) = root.inspect(database, Last::Followed)? else { return Ok(BTreeMap::new()) };
    let text = root.read(&entry.path)?.unwrap_or_default();
    Ok(owners_in(&String::from_utf8_lossy(&text), paths))
}

/// The packages whose records in apk's database name the paths.
fn owners_in(database: &str, paths: &BTreeSet<String>) -> BTreeMap<String, String> {
    let (mut package, mut folder) = ("", "");
    let mut owners = BTreeMap::new();
    for line in database.lines() {
        match line.split_once(':') {
            Some(("P", name)) => package = name,
            Some(("F", name)) => folder = name,
            Some(("R", name)) => {
                let path = format!("/{folder}/{name}");
                if paths.contains(&path) {
                    owners.insert(path, package.to_owned());
                }
            }
            _ => {}
        }
    }
    owners
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_owner_of_a_file_is_found_in_the_database_of_apk() {
        let database = "P:musl\nF:lib\nR:ld-musl-x86_64.so.1\n\nP:libcurl\nV:8\nF:usr/lib\nR:libcurl.so.4\nZ:Q1\n";
        let owner = |path: &str| {
            let paths = spellings(Path::new(path)).into_iter().collect();
            owners_in(database, &paths).into_values().next()
        };
        assert_eq!(owner("usr/lib/libcurl.so.4").as_deref(), Some("libcurl"));
        assert_eq!(owner("usr/lib/ld-musl-x86_64.so.1").as_deref(), Some("musl"));
        assert_eq!(owner("usr/lib/libz.so.1"), None);
    }

    #[test]
    fn libraries_elsewhere_are_found_by_the_cache_alone() {
        let by_cache = |path: &str| is_loaded_by_cache(Path::new(path));
        assert!(by_cache("usr/local/lib/libmine.so.1"));
        assert!(!by_cache("usr/lib/x86_64-linux-gnu/libssl.so.3") && !by_cache("lib/libz.so.1"));
        assert!(!by_cache("usr/local/share/data"));
    }
}
