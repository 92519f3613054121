//! `composer install` with the packages for development, in an image for production. Silent where the stage runs tests.

use super::{Check, Cx, Out, RunCommand, purpose};
use crate::model::StageId;
use crate::text::Edit;

pub(super) struct ComposerWithDev;

/// Programs of the packages for development, by which a stage shows that it needs them.
const TOOLS: &[&str] = &["--no-dev", "phpunit", "phpstan", "pest", "psalm", "php-cs-fixer", "phpcs", "COMPOSER_NO_DEV"];

impl Check for ComposerWithDev {
    fn command(&self, command: RunCommand<'_>, cx: &Cx<'_>, out: &mut Out<'_>) {
        let name = command.command.name().and_then(|name| name.rsplit('/').next());
        let runs = match name {
            Some("composer" | "composer.phar") => true,
            Some("php") => command.literals().next().is_some_and(|script| script.ends_with("composer.phar")),
            _ => false,
        };
        let Some(word) = command.word("install").filter(|_| runs && !command.command.conditional) else { return };
        let is_production = |stage: &StageId| purpose::is_production(*stage, cx) && !is_development(&command, cx);
        let Some(stage) = command.instruction.stage.filter(is_production) else { return };
        let open = command.command.arguments().iter().any(|word| word.literal.is_none());
        let mut texts = cx.lineage(stage).flat_map(|stage| &stage.instructions).map(|one| &one.text);
        // The text of an instruction leaves out its heredocs, in which the command may stand.
        let is_told = command.command.arguments().iter().any(|word| word.raw.trim_end() == "--no-dev");
        if !open && !is_told && !texts.any(|text| TOOLS.iter().any(|tool| text.contains(tool))) {
            out.find(word.span, "composer installs the packages for development too")
                .help("pass --no-dev, or set COMPOSER_NO_DEV=1")
                .fix("pass --no-dev", || Some(vec![Edit::insert(word.span.end, " --no-dev")]));
        }
    }
}

/// Whether a variable of Symfony or Laravel says that it is for development.
fn is_development(command: &RunCommand<'_>, cx: &Cx<'_>) -> bool {
    let value = cx.resolved.variable("APP_ENV", command.instruction).and_then(|variable| variable.value.as_ref());
    value.is_some_and(|value| value.known().is_none_or(|value| value != "prod" && value != "production"))
}
