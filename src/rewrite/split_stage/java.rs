//! A Java program: its archive needs a runtime of the version that built it, and no compiler.
//!
//! Where the image that builds names its Java, as those of Maven, Gradle and Temurin do, the runtime is Temurin's; where
//! the compiler is a package, it is the package of the same version without one. Deliberately refuses archives whose name
//! is a pattern, and agents: what is not in what starts would be missing.

use super::official::{Official, is_version};
use super::{Judgement, Site, Split};
use crate::effect::paths;
use crate::rewrite::Refusal;

/// Commands that build.
const BUILDERS: &[&str] = &["mvn", "gradle", "./mvnw", "./gradlew", "javac", "jar", "ant"];

pub(super) fn split(site: &Site) -> Judgement {
    let is_build = |name: &str| BUILDERS.contains(&name);
    let (last, _) = site.commands().filter(|(_, command)| command.name().is_some_and(is_build)).last()?;
    let image = Official::of(site.base).and_then(|official| runtime(&official));
    let installs_compiler = site.commands().any(|(_, command)| {
        command.words.iter().any(|word| word.literal.as_deref().is_some_and(|name| without_compiler(name).is_some()))
    });
    (image.is_some() || installs_compiler).then(|| split_at(site, last, image))
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

/// The package with the runtime of a package with a compiler: `openjdk-17-jdk-headless`, Alpine's `openjdk17-jdk`.
fn without_compiler(package: &str) -> Option<String> {
    let is_java = package.starts_with("openjdk") || package.starts_with("default-jdk");
    let has_compiler = package.split('-').any(|part| part == "jdk");
    (is_java && has_compiler).then(|| package.replace("jdk-headless", "jre-headless").replace("-jdk", "-jre"))
}

fn split_at(site: &Site, last: usize, image: Option<String>) -> Result<Split, Refusal> {
    let end = site.end_of_build(last);
    let contents = site.contents(end)?;
    let starting = site.starting_through(&contents)?;
    let at = starting.instruction.span;
    if starting.program() != "java" {
        return Err(site.refuse(at, format!("it runs `{}`, not java", starting.program())));
    }
    if let Some(option) =
        starting.words.iter().find(|word| word.starts_with("-javaagent") || word.starts_with("-agentpath"))
    {
        return Err(site.refuse(at, format!("`{option}` loads an agent that would be missing")));
    }
    let mut brought = classes(site, &starting.words).ok_or_else(|| {
        site.refuse(at, "it does not start one archive by its name, or classes of one path: java -jar NAME.jar")
    })?;
    site.nothing_is_stored(false)?;
    site.nothing_of_the_image_is_lost(end)?;
    let runtime = site.runtime(image);
    if !runtime.is_same {
        site.users_are_known(&["root", "nobody"])?;
    }
    let packages = site.packages(end, &without_compiler)?;
    site.health_is_checked_by(&["java"], &packages)?;
    let program = brought.join(", ");
    brought.extend(starting.script.clone());
    brought.extend(site.data(&contents)?.into_iter().filter(|path| Some(path) != starting.script.as_ref()));
    let with_runtime = match (&packages.kept[..], runtime.is_same) {
        (kept, true) => format!("{} has the runtime of the version that builds it", kept.join(", ")),
        (_, false) => format!("{} has the runtime of the version that builds it", runtime.name()),
    };
    let mut split = Split {
        repeated: site.repeated(end),
        because: vec![
            format!("what starts is {program}, which line {} builds", site.line_of(&site.stage.instructions[last])),
            with_runtime,
        ],
        assumed: vec![
            format!("{program} holds all classes that it needs"),
            format!("the program opens no other file of {} or of the sources when it runs", site.base),
        ],
        notes: vec!["variables of the base image (MAVEN_HOME, GRADLE_HOME) are gone from the image".to_owned()],
        packages,
        ..Split::new(end, runtime, brought)
    };
    if split.runtime.is_same {
        split.notes.clear();
    }
    Ok(split)
}

/// What the classes are in that these words start; none where that is not written out.
fn classes(site: &Site, words: &[String]) -> Option<Vec<String>> {
    let after = |names: &[&str]| words.iter().skip_while(|word| !names.contains(&word.as_str())).nth(1);
    let is_plain = |word: &str| !word.is_empty() && !word.contains(['?', '$']);
    if let Some(jar) = after(&["-jar"]) {
        return (jar.ends_with(".jar") && is_plain(jar) && !jar.contains('*')).then(|| vec![site.at_home(jar)]);
    }
    let path = after(&["-cp", "-classpath", "--class-path"])?;
    let entries = path.split(':').map(|entry| entry.strip_suffix("/*").unwrap_or(entry));
    let entries: Vec<String> =
        entries.map(|entry| if is_plain(entry) { site.at_home(entry) } else { String::new() }).collect();
    let is_own = |entry: &String| !entry.is_empty() && !entry.contains('*') && !paths::is_below("/usr", entry);
    entries.iter().all(is_own).then_some(entries)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_package_with_a_runtime_is_called_after_the_one_with_a_compiler() {
        let named = |package| without_compiler(package).unwrap_or_default();
        assert_eq!(named("default-jdk"), "default-jre");
        assert_eq!(named("openjdk-17-jdk-headless"), "openjdk-17-jre-headless");
        assert_eq!(named("openjdk17-jdk"), "openjdk17-jre");
        assert_eq!(named("openjdk-17-jre"), "");
        assert_eq!(named("jdk-tools"), "");
    }
}
