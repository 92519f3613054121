//! Writing the two stages: the one that builds, and the one that ships what runs.

use super::image::ACCOUNT_FILES;
use super::{Site, Split, changes_files};
use crate::model::image_ref::normalized;
use crate::model::{Instruction, Operation};
use crate::rewrite::change::{Change, Changed, keyword_like};
use crate::rewrite::{Class, Declared, Proposal, Refusal, ids};

/// The name of the stage that builds.
const BUILD_STAGE: &str = "build";

impl Site<'_> {
    pub(super) fn carry_out(&self, mut split: Split) -> Result<(Proposal, Changed), Refusal> {
        self.bring_what_is_needed(&mut split);
        self.no_volume_holds(&split.brought, split.last)?;
        let owner = self.owner(split.last)?;
        let (from, last) = (&self.stage.instructions[0], &self.stage.instructions[split.last]);
        let mut change = Change::of(self.resolved);
        change.rewrite(from, self.named_anew());
        if let Some((index, text)) = &split.rewritten {
            change.rewrite(&self.stage.instructions[*index], text);
        }
        if let Some(command) = &split.finished {
            change.insert_after(last, Vec::new(), format!("{} {command}", self.word("RUN")));
        }
        change.insert_stage_after(last, self.shipped(&split, owner.as_deref()));
        let changed = change.finish().map_err(|span| self.refuse(span, "it holds bytes that are not UTF-8"))?;
        let claim = match (&split.runtime.image, split.runtime.is_same) {
            (None, _) => format!("removes {} and the sources from the image", self.base),
            (Some(_), true) => "removes from the image what only the build needs".to_owned(),
            (Some(image), false) => format!("puts {image} in place of {}", self.base),
        };
        let mut because = split.because;
        if !split.packages.dropped.is_empty() {
            because.push(format!("only the build needs {}", split.packages.dropped.join(", ")));
        }
        let proposal = Proposal {
            declared: Declared {
                removes: vec!["/".to_owned()],
                changes: self.changes(&split.changed, &split.packages.state(), !split.repeated.is_empty()),
                config: self.config_of_base(),
                image: split.runtime.image.clone(),
            },
            because,
            assumed: split.assumed,
            notes: split.notes,
            ..Proposal::new(ids::SPLIT_STAGE, Class::Verify, claim, self.stage.span)
        };
        Ok((proposal, changed))
    }

    /// Adds what building the split stage has shown to be missing.
    fn bring_what_is_needed(&self, split: &mut Split) {
        let Some(needs) = &self.around.needs else { return };
        let is_there = |path: &&String| !split.brought.contains(path);
        let paths: Vec<String> = needs.paths.iter().filter(is_there).cloned().collect();
        split
            .because
            .extend(paths.iter().map(|path| format!("building it shows that {path} is needed, so it comes along")));
        if !needs.packages.is_empty() {
            let names: Vec<&str> = needs.packages.iter().map(String::as_str).collect();
            split.because.push(format!("building it shows that {} is needed, so it is installed", names.join(", ")));
        }
        // A link arrives as the file that it leads to.
        split.changed.extend(paths.iter().cloned());
        split.brought.extend(paths);
    }

    fn changes(&self, brought: &[String], packages: &[String], accounts: bool) -> Vec<String> {
        let accounts = ACCOUNT_FILES.iter().filter(|_| accounts).map(|path| (*path).to_owned());
        brought.iter().chain(packages).cloned().chain(accounts).collect()
    }

    /// What the image no longer takes over from its base: any of it where that is not at hand.
    fn config_of_base(&self) -> Vec<String> {
        let whole = ["SHELL", "ONBUILD", "WORKDIR"].map(str::to_owned);
        let Some(facts) = self.around.images.get(&normalized(self.base)) else {
            return ["ENV", "LABEL"].map(str::to_owned).into_iter().chain(whole).collect();
        };
        let variables = facts.config.env.iter().map(|(name, _)| format!("ENV {name}"));
        let labels = facts.config.labels.keys().map(|name| format!("LABEL {name}"));
        variables.chain(labels).chain(whole).collect()
    }

    /// A keyword as the file writes them.
    fn word(&self, keyword: &str) -> String {
        keyword_like(&self.resolved.model.tree, &self.stage.instructions[0], keyword)
    }

    /// A name that no stage has.
    fn build_stage(&self) -> String {
        let is_taken = |name: &str| {
            let others = self.resolved.model.stages.iter().filter_map(|stage| stage.name.as_ref());
            others.into_iter().any(|other| other.value == name) || self.around.named_contexts.contains(name)
        };
        let mut names = (2..).map(|number| format!("{BUILD_STAGE}-{number}"));
        match is_taken(BUILD_STAGE) {
            true => names.find(|name| !is_taken(name)).unwrap_or_default(),
            false => BUILD_STAGE.to_owned(),
        }
    }

    /// FROM of the stage that builds. A name that the stage had is that of the final one from now on.
    fn named_anew(&self) -> String {
        let source = &self.resolved.model.tree.source;
        let from = &self.stage.instructions[0];
        let text = source.slice(from.span);
        let alias = self.stage.from().and_then(|from| from.alias.as_ref());
        match alias {
            Some((_, name)) => {
                let (start, end) = (name.span.start - from.span.start, name.span.end - from.span.start);
                format!("{}{}{}", &text[..start], self.build_stage(), &text[end..])
            }
            None => format!("{text} {} {}", self.word("AS"), self.build_stage()),
        }
    }

    /// The instructions that begin the final stage: its image, the config so far, and what the build leaves.
    fn shipped(&self, split: &Split, owner: Option<&str>) -> Vec<String> {
        let source = &self.resolved.model.tree.source;
        let alias = self.stage.from().and_then(|from| from.alias.as_ref());
        let alias = alias.map(|(word, name)| format!(" {} {}", source.slice(*word), source.slice(name.span)));
        let mut lines = vec![format!("{} {}{}", self.word("FROM"), split.runtime.from, alias.unwrap_or_default())];
        if let Some(install) = split.packages.install() {
            lines.push(format!("{} {install}", self.word("RUN")));
        }
        lines.extend(self.config(split));
        let (copy, stage) = (self.word("COPY"), self.build_stage());
        let owner = owner.map(|owner| format!("--chown={owner} ")).unwrap_or_default();
        lines.extend(split.brought.iter().map(|path| format!("{copy} --from={stage} {owner}{path} {path}")));
        lines
    }

    /// What of the stage that builds the final one repeats: what sets the config of the image, and RUNs that are for the
    /// image. An ARG that none of the final stage uses is left out.
    fn config(&self, split: &Split) -> Vec<String> {
        let source = &self.resolved.model.tree.source;
        let is_repeated = |(index, instruction): &(usize, &Instruction)| {
            (!changes_files(instruction) && *index > 0) || split.repeated.contains(index)
        };
        let head = self.stage.instructions[..=split.last].iter().enumerate().filter(is_repeated);
        let head: Vec<&Instruction> = head.map(|(_, instruction)| instruction).collect();
        let tail = &self.stage.instructions[split.last + 1..];
        let uses = |name: &str| {
            let mut users = head.iter().copied().chain(tail);
            users.any(|one| uses_variable(source.slice(one.span), name))
        };
        let is_of_use = |one: &&&Instruction| match &one.operation {
            Operation::Arg(args) => args.iter().any(|arg| uses(&arg.name.value)),
            _ => true,
        };
        head.iter().filter(is_of_use).map(|one| source.slice(one.span).to_owned()).collect()
    }
}

/// `$NAME` or `${NAME…}`
fn uses_variable(text: &str, name: &str) -> bool {
    text.match_indices('$').any(|(at, _)| {
        let rest = text[at + 1..].trim_start_matches('{');
        rest.strip_prefix(name).is_some_and(|rest| !rest.starts_with(|c: char| c.is_ascii_alphanumeric() || c == '_'))
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_variable_is_used_by_its_whole_name() {
        assert!(uses_variable("ENV A=${VERSION:-1}", "VERSION") && uses_variable("USER $UID", "UID"));
        assert!(!uses_variable("ENV A=$VERSIONS", "VERSION") && !uses_variable("ENV VERSION=1", "VERSION"));
    }
}
