//! `rplan optimize`: what could be done to a Dockerfile, and writing it when told.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::sync::Arc;

use crate::cli::args::{OptimizeArgs, OptimizeFormatName};
use crate::cli::console::Console;
use crate::cli::earlier::{self, LastBuild, measured, recall};
use crate::cli::exit::{Answer, Exit, Failure};
use crate::cli::plan::{planned, times_from};
use crate::cli::subject::Subject;
use crate::cli::{formats, summary, verify, write};
use crate::config::{Located, OptimizeSettings, ProjectFiles, ProjectSettings};
use crate::model::{Resolved, Surroundings};
use crate::plan::critical::Cost;
use crate::plan::stale::Builder;
use crate::report::{OptimizeFormat, OptimizeView, ProposalJson, ProposalText, write_patch};
use crate::rewrite::{Class, Costs, Proposal, Proposals, applied, ids, ignore_file_after, propose_where};
use crate::text::nearest;
use crate::workspace::discover::absolute;

/// Shows, checks or writes the proposals for one Dockerfile.
pub(super) fn optimize(args: &OptimizeArgs, console: &mut Console) -> Answer {
    if args.all {
        return summary::show(args, console);
    }
    let wanted = Wanted::of(args)?;
    let building = if args.proof.is_wanted() { Some(verify::begin(console)?) } else { None };
    let names = args.proof.build_contexts.iter().map(|(name, _)| name.clone()).collect();
    let mut subject = Subject::read_with(&args.dockerfile, names)?;
    if !args.diff {
        subject.look_back(args.commits);
    }
    let last_build = recall(&mut subject, args.dockerfile.target.as_deref(), args.timings.as_deref())?;
    let mut costs = costs(&subject, last_build.as_ref(), args.builder.map(Builder::from))?;
    let settings = settings(&subject)?;
    let wanted = wanted.or(settings.as_deref().map(|located| &located.settings.optimize));
    let propose = |resolved: &Resolved, around: &Surroundings, costs: &Costs, accepts: &dyn Fn(&Proposal) -> bool| {
        let is_wanted = |proposal: &Proposal| wanted.covers(proposal.id.as_str()) && accepts(proposal);
        propose_where(resolved, around, costs, &is_wanted)
    };
    let mut proposals = propose(&subject.resolved, &subject.around, &costs, &|_| true);
    let may_write = |proposal: &Proposal| match proposal.class {
        Class::Same => true,
        Class::Verify => args.allow_unsafe,
        Class::Advice => wanted.names(proposal.id.as_str()),
    };
    let may_build = |proposal: &Proposal| proposal.class == Class::Verify || may_write(proposal);
    let mut verdict = None;
    // A proposal stands on those before it: what is written must be found again without those that are not.
    let writable = match building.filter(|_| proposals.moves.iter().any(may_build)) {
        Some(building) => {
            let open =
                |resolved: &Resolved, around: &Surroundings, costs: &Costs, accepts: &dyn Fn(&Proposal) -> bool| {
                    propose(resolved, around, costs, &|proposal| may_build(proposal) && accepts(proposal))
                };
            let (passed, found, measured) = verify::verify(building, args, &mut subject, &open, console)?;
            (verdict, costs) = (Some(found), measured);
            proposals = propose(&subject.resolved, &subject.around, &costs, &|_| true);
            passed
        }
        None if proposals.moves.iter().all(may_write) => proposals.clone(),
        None => propose(&subject.resolved, &subject.around, &costs, &may_write),
    };
    proposals.refused.retain(|refusal| wanted.covers(refusal.id.as_str()));
    let is_written = |proposal: &Proposal| match &verdict {
        Some(verdict) => may_build(proposal) && verdict.accepts(proposal),
        None => may_write(proposal),
    };
    let before = subject.source.bytes();
    let after = applied(before, &writable.moves);
    let ignore = IgnoreFile::of(&subject, &writable);
    let changes = after != before || ignore.is_some();
    if args.write && changes {
        let path = subject
            .path
            .as_deref()
            .ok_or_else(|| Failure::usage("stdin cannot be written").with_help("name the Dockerfile, or use --diff"))?;
        if let Some(ignore) = &ignore {
            write::put(&ignore.path, ignore.after.as_bytes())?;
        }
        if after != before {
            write::replace(path, &after)?;
        }
    }
    if args.diff {
        let (style, out) = (console.out_style, &mut console.out);
        write_patch(subject.source.name(), before, &after, style, out)?;
        if let Some(IgnoreFile { path, before, after }) = &ignore {
            write_patch(&path.display().to_string(), before.as_bytes(), after.as_bytes(), style, out)?;
        }
    } else if !(args.check && console.quiet) {
        let view = OptimizeView {
            source: &subject.source,
            context: subject.context_note.clone(),
            builder: costs.builder,
            is_measured: !costs.measured.is_empty(),
            times_from: last_build.as_ref().and_then(times_from),
            commits: subject.around.history.as_ref().map(|history| history.commits.len()).filter(|count| *count > 0),
            files: subject.around.context.as_ref().map(|context| context.file_count()),
            proposals: &proposals,
            verdict: verdict.as_ref(),
            is_written: &is_written,
            written: args.write && changes,
        };
        formats::write_all(&args.formats, OptimizeFormatName::Pretty, console, |name, style, out| match name {
            OptimizeFormatName::Pretty => ProposalText { style }.write(&view, out),
            OptimizeFormatName::Json => ProposalJson.write(&view, out),
        })?;
    }
    let is_clean = verdict.as_ref().is_none_or(|verdict| verdict.is_clean());
    Ok(if (args.check && changes) || !is_clean { Exit::No } else { Exit::Fine })
}

/// What is proposed for a file, and what of it may be written.
pub(super) struct Optimized {
    pub(super) proposals: Proposals,
    pub(super) writable: Proposals,
}

/// What is proposed for the subject, of what is wanted.
pub(super) fn found(subject: &Subject, costs: &Costs, wanted: Wanted, allow_unsafe: bool) -> Answer<Optimized> {
    let settings = settings(subject)?;
    let wanted = wanted.or(settings.as_deref().map(|located| &located.settings.optimize));
    let propose =
        |accepts: &dyn Fn(&Proposal) -> bool| propose_where(&subject.resolved, &subject.around, costs, accepts);
    let mut proposals = propose(&|proposal| wanted.covers(proposal.id.as_str()));
    proposals.refused.retain(|refusal| wanted.covers(refusal.id.as_str()));
    let may_write = |proposal: &Proposal| match proposal.class {
        Class::Same => true,
        Class::Verify => allow_unsafe,
        Class::Advice => wanted.names(proposal.id.as_str()),
    };
    // A proposal stands on those before it: what is written must be found again without those that are not.
    let writable = match proposals.moves.iter().all(may_write) {
        true => proposals.clone(),
        false => propose(&|proposal| wanted.covers(proposal.id.as_str()) && may_write(proposal)),
    };
    Ok(Optimized { proposals, writable })
}

/// What the steps of the file are known to take, and for whose cache it is to be made better.
pub(super) fn costs(subject: &Subject, last_build: Option<&LastBuild>, builder: Option<Builder>) -> Answer<Costs> {
    let planned = planned(subject, &subject.resolved)?;
    let mut known = BTreeMap::new();
    for (step, cost) in planned.steps.iter().zip(measured(last_build, &planned)?) {
        if let Cost::Measured(time) = cost {
            // The same words in two stages: what takes longer is what counts.
            let seconds: &mut f64 = known.entry(step.text.clone()).or_default();
            *seconds = seconds.max(time.as_secs_f64());
        }
    }
    Ok(Costs { measured: known, builder: builder.unwrap_or_else(|| earlier::builder(last_build)) })
}

/// The ignore file as the proposals leave it.
struct IgnoreFile {
    path: PathBuf,
    before: String,
    after: String,
}

impl IgnoreFile {
    /// None where it stays as it is.
    fn of(subject: &Subject, proposals: &Proposals) -> Option<Self> {
        let context = subject.context.as_ref()?;
        let (path, before) = match context.ignore_file() {
            Some(file) => (PathBuf::from(file.name()), file.text().to_owned()),
            None => (context.root().join(".dockerignore"), String::new()),
        };
        let after = ignore_file_after(&before, &proposals.moves)?;
        Some(Self { path, before, after })
    }
}

fn settings(subject: &Subject) -> Answer<Option<Arc<Located<ProjectSettings>>>> {
    let file = absolute(subject.path.as_deref().unwrap_or(Path::new("Dockerfile")));
    Ok(ProjectFiles::default().of(file.parent().unwrap_or(&file))?)
}

/// Which rewrites are wanted.
pub(super) struct Wanted {
    only: Option<Vec<String>>,
    skip: Vec<String>,
}

impl Wanted {
    pub(super) fn of(args: &OptimizeArgs) -> Answer<Self> {
        args.only.iter().chain(&args.skip).try_for_each(|id| known(id))?;
        Ok(Self { only: (!args.only.is_empty()).then(|| args.only.clone()), skip: args.skip.clone() })
    }

    /// What the settings say, where nothing can be typed.
    pub(super) fn set(settings: Option<&OptimizeSettings>) -> Self {
        Self { only: None, skip: Vec::new() }.or(settings)
    }

    /// What was typed, or else what the settings say.
    fn or(self, settings: Option<&OptimizeSettings>) -> Self {
        match settings {
            Some(settings) if self.only.is_none() && self.skip.is_empty() => {
                let names = |ids: &[crate::text::Spanned<String>]| ids.iter().map(|id| id.value.clone()).collect();
                Self { only: settings.only.as_deref().map(names), skip: names(&settings.skip) }
            }
            _ => self,
        }
    }

    /// Whether the rewrite was asked for by its name.
    fn names(&self, id: &str) -> bool {
        self.only.iter().flatten().any(|one| one == id)
    }

    /// Whether it is one of them.
    pub(super) fn covers(&self, id: &str) -> bool {
        let is = |one: &String| one == id;
        self.only.as_ref().is_none_or(|only| only.iter().any(is)) && !self.skip.iter().any(is)
    }
}

fn known(id: &str) -> Answer<()> {
    let names = || ids::ALL.iter().map(|rewrite| rewrite.as_str());
    if names().any(|name| name == id) {
        return Ok(());
    }
    let help = match nearest(id, names()) {
        Some(name) => format!("did you mean `{name}`?"),
        None => format!("the rewrites are: {}", names().collect::<Vec<_>>().join(", ")),
    };
    Err(Failure::usage(format_args!("there is no rewrite `{id}`")).with_help(help))
}
