//! A Java program: its archive needs a runtime of the version that built it, and no compiler.
//!
//! Known where the image that builds names its Java, as those of Maven, Gradle and Temurin do. Deliberately refuses
//! archives whose name is a pattern, and class paths: what is not in the archive would be missing.

use super::official::{Official, is_version};
use super::{Judgement, Site, Split};
use crate::effect::paths;
use crate::rewrite::Refusal;

pub(super) fn split(site: &Site) -> Judgement {
    let official = Official::of(site.base)?;
    let image = runtime(&official)?;
    let builders = ["mvn", "gradle", "./mvnw", "./gradlew"];
    let is_build = |name: &str| builders.contains(&name);
    let (last, _) = site.commands().filter(|(_, command)| command.name().is_some_and(is_build)).last()?;
    Some(split_at(site, last, image))
}

/// The image with the runtime of the same version, by the same makers.
fn runtime(official: &Official) -> Option<String> {
    let version = match official.name {
        "maven" => {
            let mut parts = official.parts().skip_while(|part| *part != "temurin");
            parts.nth(1)?
        }
        "gradle" => official.parts().find_map(|part| part.strip_prefix("jdk"))?,
        "eclipse-temurin" if official.parts().any(|part| part == "jdk") => official.parts().next()?,
        _ => return None,
    };
    let alpine = official.parts().any(|part| part.starts_with("alpine"));
    is_version(version).then(|| format!("eclipse-temurin:{version}-jre{}", if alpine { "-alpine" } else { "" }))
}

fn split_at(site: &Site, last: usize, image: String) -> Result<Split, Refusal> {
    let starting = site.starting()?;
    let is_java = starting.words.first().is_some_and(|word| word == "java");
    let jar = starting.words.iter().skip_while(|word| *word != "-jar").nth(1);
    let Some(jar) = jar.filter(|jar| is_java && jar.ends_with(".jar") && !jar.contains(['*', '?', '$'])) else {
        return Err(
            site.refuse(starting.instruction.span, "it does not start one archive by its name: java -jar NAME.jar")
        );
    };
    if let Some(option) =
        starting.words.iter().find(|word| word.starts_with("-javaagent") || word.starts_with("-agentpath"))
    {
        return Err(site.refuse(starting.instruction.span, format!("`{option}` loads an agent that would be missing")));
    }
    site.nothing_follows(last)?;
    site.users_are_known(&["root"])?;
    site.nothing_is_stored()?;
    site.health_is_checked_by(&["java"])?;
    let workdir = site.workdir().unwrap_or_else(|| "/".to_owned());
    let jar = paths::join(&workdir, jar);
    Ok(Split {
        last,
        because: vec![
            format!("what starts is {jar}, which line {} builds", site.line_of(&site.stage.instructions[last])),
            format!("{image} has the runtime of the version that builds it"),
        ],
        assumed: vec![
            format!("{jar} holds all classes that it needs"),
            format!("the program opens no file of {} or of the sources when it runs", site.base),
        ],
        notes: vec!["variables of the base image (MAVEN_HOME, GRADLE_HOME) are gone from the image".to_owned()],
        image,
        brought: vec![jar],
        rewritten: None,
    })
}
