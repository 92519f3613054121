//! What newer yarn keeps beside package.json: its own release, plugins and patches in `.yarn`.

use super::{Asked, Manifests, within};

/// Directories of `.yarn` that an install reads.
const READ: [&str; 4] = ["releases", "plugins", "patches", "versions"];

pub(super) fn add(asked: &Asked<'_>, tool: &str, directory: &str, manifests: &mut Manifests) -> Result<(), String> {
    if tool != "yarn" && tool != "yarnpkg" {
        return Ok(());
    }
    let own = within(directory, ".yarn");
    if asked.has(&within(directory, ".pnp.cjs")) || asked.has_directory(&within(&own, "cache")) {
        return Err("the packages are kept in the build context, so there is nothing to fetch".to_owned());
    }
    let read = READ.map(|name| within(&own, name));
    manifests.directories.extend(read.into_iter().filter(|path| asked.has_directory(path)));
    Ok(())
}
