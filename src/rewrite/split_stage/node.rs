//! A Node program: the slim image of the same version runs what the full one has installed and built.
//!
//! The whole working directory moves over, with its packages, where the stage has built something. Deliberately refuses packages of the system, global
//! packages, files elsewhere and owners: none of that would move along.

use super::official::Official;
use super::{Judgement, Site, Split};
use crate::rewrite::Refusal;

/// Packages that open libraries of the system which the slim image lacks.
const LINKED: &[&str] =
    &["pg-native", "canvas", "gl", "node-libcurl", "oracledb", "odbc", "libxmljs", "libpq", "puppeteer", "playwright"];

const PROGRAMS: &[&str] = &["node", "npm", "npx", "yarn"];

pub(super) fn split(site: &Site) -> Judgement {
    let official = Official::of(site.base).filter(|official| official.name == "node")?;
    let (version, debian) = official.plain()?;
    // A stage that builds nothing has no tools to leave behind.
    let builds = |words: &[&str]| {
        matches!(words, ["npm" | "yarn" | "pnpm", "run", script, ..] if script.starts_with("build"))
            || matches!(words, ["yarn" | "pnpm", script, ..] if script.starts_with("build"))
    };
    site.commands().find(|(_, command)| {
        let words: Vec<&str> = command.words.iter().filter_map(|word| word.literal.as_deref()).collect();
        builds(&words)
    })?;
    let image = match debian {
        Some(release) => format!("node:{version}-{release}-slim"),
        None => format!("node:{version}-slim"),
    };
    Some(split_at(site, image))
}

fn split_at(site: &Site, image: String) -> Result<Split, Refusal> {
    let starting = site.starting()?;
    let program = starting.words.first().cloned().unwrap_or_default();
    if !PROGRAMS.contains(&program.as_str()) {
        return Err(
            site.refuse(starting.instruction.span, format!("it runs `{program}`, and what that needs is not known"))
        );
    }
    site.users_are_known(&["root", "node"])?;
    site.nothing_is_stored()?;
    site.health_is_checked_by(PROGRAMS)?;
    let directory = site.only_the_workdir(&["install -g", "install --global", "i -g", "global add"])?;
    let manifests = site.context.entries().iter().filter(|entry| entry.path.rsplit('/').next() == Some("package.json"));
    for entry in manifests.filter(|entry| !entry.path.contains("node_modules/")) {
        let text = site.context.read(&entry.path).map(|bytes| String::from_utf8_lossy(&bytes).into_owned());
        let linked = LINKED.iter().find(|name| text.as_ref().is_ok_and(|text| text.contains(&format!("\"{name}\""))));
        if let Some(name) = linked {
            let reason = format!("`{}` needs `{name}`, which opens libraries that {image} may not have", entry.path);
            return Err(site.refuse(site.stage.span, reason));
        }
    }
    let last = site.last_change().unwrap_or(0);
    Ok(Split {
        last,
        because: vec![
            format!("what starts is `{program}`, and {image} has the same one"),
            format!("everything that the steps install and build lies below {directory}, which comes along"),
        ],
        assumed: vec![
            format!("the steps write nothing elsewhere, and the program calls no tool of {}", site.base),
            "no package opens a library of the system".to_owned(),
        ],
        notes: vec![
            "`npm prune --omit=dev` as the last RUN of the build leaves out what only the build needs".to_owned(),
        ],
        image,
        brought: vec![directory],
        rewritten: None,
    })
}
