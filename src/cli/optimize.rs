//! `rplan optimize`: what could be done to a Dockerfile, and writing it when told.

use std::collections::BTreeMap;

use crate::cli::args::{OptimizeArgs, OptimizeFormatName};
use crate::cli::console::Console;
use crate::cli::earlier::{self, LastBuild, measured, recall};
use crate::cli::exit::{Answer, Exit, Failure};
use crate::cli::ignored::IgnoreFile;
use crate::cli::plan::{planned, times_from};
use crate::cli::subject::Subject;
use crate::cli::wanted::Wanted;
use crate::cli::{formats, optimize_all, summary, verify, write};
use crate::model::{Resolved, Surroundings};
use crate::plan::critical::Cost;
use crate::plan::stale::Builder;
use crate::report::{OptimizeFormat, OptimizeView, ProposalJson, ProposalText, write_patch};
use crate::rewrite::{Class, Costs, Proposal, Proposals, Verdict, applied, propose_where};

/// Shows, checks or writes the proposals for one Dockerfile, or for all of a repository.
pub(super) fn optimize(args: &OptimizeArgs, console: &mut Console) -> Answer {
    match (args.all, args.summary) {
        (true, true) => summary::show(args, console),
        (true, false) => optimize_all::run(args, console),
        (false, _) => one(args, console),
    }
}

fn one(args: &OptimizeArgs, console: &mut Console) -> Answer {
    let wanted = Wanted::of(args)?;
    let building = if args.proof.is_wanted() { Some(verify::begin(console)?) } else { None };
    let names = args.proof.build_contexts.iter().map(|(name, _)| name.clone()).collect();
    let mut subject = Subject::read_with(&args.dockerfile, names)?;
    if !args.diff {
        subject.look_back(args.commits);
    }
    let last_build = recall(&mut subject, args.dockerfile.target.as_deref(), args.timings.as_deref())?;
    let mut costs = costs(&subject, last_build.as_ref(), args.builder.map(Builder::from))?;
    let wanted = wanted.for_file(&subject)?;
    let propose = |resolved: &Resolved, around: &Surroundings, costs: &Costs, accepts: &dyn Fn(&Proposal) -> bool| {
        let is_wanted = |proposal: &Proposal| wanted.covers(proposal.id.as_str()) && accepts(proposal);
        propose_where(resolved, around, costs, &is_wanted)
    };
    let mut proposals = propose(&subject.resolved, &subject.around, &costs, &|_| true);
    let may_write = |proposal: &Proposal| wanted.may_write(proposal);
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
        None => writable.has_like(proposal),
    };
    let after = applied(subject.source.bytes(), &writable.moves);
    let ignore = IgnoreFile::of(&subject).map(|file| file.with(&writable.moves)).filter(IgnoreFile::changes);
    let changes = after != subject.source.bytes() || ignore.is_some();
    if args.write && changes {
        let needs_a_name = || Failure::usage("stdin cannot be written").with_help("name the Dockerfile, or use --diff");
        subject.path.as_deref().ok_or_else(needs_a_name)?;
        ignore.as_ref().map_or(Ok(()), IgnoreFile::write)?;
        put(&subject, &after)?;
    }
    if args.diff {
        let (style, out) = (console.out_style, &mut console.out);
        write_patch(subject.source.name(), subject.source.bytes(), &after, style, out)?;
        ignore.as_ref().map_or(Ok(()), |ignore| ignore.write_patch(console))?;
    } else if !(args.check && console.quiet) {
        let written = args.write && changes;
        let view = view(&subject, last_build.as_ref(), &costs, &proposals, &is_written);
        let view = OptimizeView { verdict: verdict.as_ref(), written, ..view };
        formats::write_all(&args.formats, OptimizeFormatName::Pretty, console, |name, style, out| match name {
            OptimizeFormatName::Pretty => ProposalText { style }.write(&view, out),
            OptimizeFormatName::Json => ProposalJson.write(&view, out),
        })?;
    }
    let is_clean = verdict.as_ref().is_none_or(Verdict::is_clean);
    Ok(if (args.check && changes) || !is_clean { Exit::No } else { Exit::Fine })
}

/// Puts the file as it is after the proposals in its place, where it is another one.
pub(super) fn put(subject: &Subject, after: &[u8]) -> Answer<()> {
    match &subject.path {
        Some(path) if after != subject.source.bytes() => write::replace(path, after),
        _ => Ok(()),
    }
}

/// The proposals for a subject as they are to be shown.
pub(super) fn view<'a>(
    subject: &'a Subject,
    last_build: Option<&LastBuild>,
    costs: &Costs,
    proposals: &'a Proposals,
    is_written: &'a dyn Fn(&Proposal) -> bool,
) -> OptimizeView<'a> {
    OptimizeView {
        source: &subject.source,
        context: subject.context_note.clone(),
        builder: costs.builder,
        is_measured: !costs.measured.is_empty(),
        times_from: last_build.and_then(times_from),
        commits: subject.around.history.as_ref().map(|history| history.commits.len()).filter(|count| *count > 0),
        files: subject.around.context.as_ref().map(|context| context.file_count()),
        proposals,
        verdict: None,
        is_written,
        written: false,
        is_one_of_many: false,
    }
}

/// What is proposed for a file, and what of it may be written.
pub(super) struct Optimized {
    pub(super) proposals: Proposals,
    pub(super) writable: Proposals,
}

/// What is proposed for the subject, of what is wanted and accepted.
pub(super) fn found(
    subject: &Subject,
    costs: &Costs,
    wanted: &Wanted,
    accepts: &dyn Fn(&Proposal) -> bool,
) -> Answer<Optimized> {
    let wanted = wanted.for_file(subject)?;
    let propose = |accepts: &dyn Fn(&Proposal) -> bool| {
        let is_wanted = |proposal: &Proposal| wanted.covers(proposal.id.as_str()) && accepts(proposal);
        propose_where(&subject.resolved, &subject.around, costs, &is_wanted)
    };
    let mut proposals = propose(&|_| true);
    proposals.refused.retain(|refusal| wanted.covers(refusal.id.as_str()));
    let may_write = |proposal: &Proposal| wanted.may_write(proposal) && accepts(proposal);
    // A proposal stands on those before it: what is written must be found again without those that are not.
    let writable = match proposals.moves.iter().all(may_write) {
        true => proposals.clone(),
        false => propose(&may_write),
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
