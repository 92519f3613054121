//! A .NET program: what `dotnet publish` leaves needs the runtime of the version that built it, and no SDK.

use super::{Judgement, Site, Split};
use crate::effect::paths;
use crate::model::shell::SimpleCommand;
use crate::rewrite::Refusal;

const SDK: &str = "mcr.microsoft.com/dotnet/sdk:";

pub(super) fn split(site: &Site) -> Judgement {
    let tag = site.base.strip_prefix(SDK).filter(|tag| !tag.contains('@'))?;
    let (last, publish) = site.commands().filter(|(_, command)| is_publish(command)).last()?;
    Some(split_at(site, last, publish, tag))
}

fn is_publish(command: &SimpleCommand) -> bool {
    let mut words = command.words.iter().map(|word| word.literal.as_deref());
    words.next().flatten() == Some("dotnet") && words.next().flatten() == Some("publish")
}

fn split_at(site: &Site, last: usize, publish: &SimpleCommand, tag: &str) -> Result<Split, Refusal> {
    let build = &site.stage.instructions[last];
    let words: Vec<&str> = publish.words.iter().map(|word| word.literal.as_deref().unwrap_or_default()).collect();
    let output = words.windows(2).find(|pair| ["-o", "--output"].contains(&pair[0])).map(|pair| pair[1]);
    let Some(output) = output.filter(|output| !output.is_empty()) else {
        let refusal = site.refuse(build.span, "where `dotnet publish` leaves the program is not written out");
        return Err(refusal.help("name the directory: `dotnet publish -o /app/out`"));
    };
    let is_own =
        words.iter().any(|word| word.contains("self-contained") || word.starts_with("-r") || *word == "--runtime");
    if is_own {
        return Err(site
            .refuse(build.span, "it publishes for a runtime of its own, and which libraries that needs is not known"));
    }
    site.users_are_known(&["root", "app"])?;
    site.nothing_is_stored(false)?;
    let end = site.end_of_build(last);
    site.nothing_of_the_image_is_lost(end)?;
    let packages = site.packages(end, &|_| None)?;
    site.health_is_checked_by(&["dotnet"], &packages)?;
    let starting = site.starting()?;
    let workdir = site.workdir().unwrap_or_else(|| "/".to_owned());
    let output = paths::join(&workdir, output);
    let program = match &starting.words[..] {
        [dotnet, program, ..] if dotnet == "dotnet" && program.ends_with(".dll") => paths::join(&workdir, program),
        _ => {
            return Err(
                site.refuse(starting.instruction.span, "it does not start one program by its name: dotnet NAME.dll")
            );
        }
    };
    if !paths::is_below(&program, &output) {
        return Err(site.refuse(starting.instruction.span, format!("it runs {program}, which is not in {output}")));
    }
    let runtime = site.runtime(Some(format!("mcr.microsoft.com/dotnet/aspnet:{tag}")));
    Ok(Split {
        packages,
        repeated: site.repeated(end),
        because: vec![
            format!("what starts is {program}, which line {} publishes", site.line_of(build)),
            format!("{} has the runtime of the version that builds it", runtime.name()),
        ],
        assumed: vec![format!("the program opens no file of {} or of the sources when it runs", site.base)],
        notes: vec!["variables of the SDK are gone from the image, and those of the runtime are there".to_owned()],
        ..Split::new(end, runtime, vec![output])
    })
}
