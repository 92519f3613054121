//! Bundler's Gemfile, a program in Ruby: one of nothing but the usual lines is understood; gems of the context are
//! refused, anything else is a doubt.

use super::{Asked, Manifests, parent, within};

pub(in crate::effect::ecosystem) fn read(asked: &Asked<'_>) -> Result<Manifests, String> {
    let gemfile = asked.manifest("Gemfile", "Bundler")?;
    let mut manifests = Manifests::of(asked.named.iter().cloned());
    let mut waiting = vec![gemfile];
    let mut seen = Vec::new();
    while let Some(path) = waiting.pop() {
        if seen.contains(&path) {
            continue;
        }
        for line in asked.text(&path)?.lines() {
            let line = line.split(" #").next().unwrap_or(line).trim();
            match kind_of(line) {
                Line::Usual => {}
                Line::Local(what) => return Err(format!("`{path}` installs {what} of the build context")),
                Line::Reads(file) if asked.has(&within(parent(&path), file)) => {
                    let file = within(parent(&path), file);
                    manifests.paths.insert(file.clone());
                    if line.starts_with("eval_gemfile") {
                        waiting.push(file);
                    }
                }
                Line::Reads(file) => return Err(format!("`{path}` reads `{file}`, which is not in the build context")),
                Line::Program => {
                    let doubt = format!("`{path}` is a program and reads no further file");
                    if !manifests.doubts.contains(&doubt) {
                        manifests.doubts.push(doubt);
                    }
                }
            }
        }
        seen.push(path);
    }
    manifests.is_all = true;
    manifests.writes.extend([asked.here("vendor"), asked.here(".bundle")]);
    Ok(manifests)
}

enum Line<'a> {
    Usual,
    Local(String),
    Reads(&'a str),
    Program,
}

fn kind_of(line: &str) -> Line<'_> {
    let word = line.split([' ', '(', ',']).next().unwrap_or(line);
    let quoted = || line.split(['"', '\'']).nth(1);
    match word {
        "" | "end" | "platforms" | "platform" | "group" | "source" | "git_source" | "else" => Line::Usual,
        _ if line.starts_with('#') || line.starts_with('}') => Line::Usual,
        "gemspec" => Line::Local("the gem itself".to_owned()),
        "path" => Line::Local(format!("the gems below `{}`", quoted().unwrap_or("a path"))),
        "ruby" => match line.split("file:").nth(1).and_then(|rest| rest.split(['"', '\'']).nth(1)) {
            Some(file) => Line::Reads(file),
            None => Line::Usual,
        },
        "eval_gemfile" => quoted().map_or(Line::Program, Line::Reads),
        "gem" if line.contains("path:") || line.contains(":path") => {
            Line::Local(format!("`{}` as a path", quoted().unwrap_or("a gem")))
        }
        "gem" => Line::Usual,
        // The further lines of a call: `require: false`, `"~> 2.0",`.
        _ if word.ends_with(':') && !line.contains("path:") || line.starts_with(['"', '\'', ':']) => Line::Usual,
        _ => Line::Program,
    }
}
