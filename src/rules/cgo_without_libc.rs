//! A Go program that is linked with Debian's C library and copied to where there is none, or another. Since `net` and
//! `os/user` use C where they can, nearly every server does not start there.

use super::userland::{Family, library, named_family};
use super::{Check, Cx, Out, RunCommand};
use crate::model::{Base, CopySource, Operation, Stage, StageId, StageUse};
use crate::text::Edit;

pub(super) struct CgoWithoutLibc;

/// Words that show that somebody thought of it: how it is linked, for what, or which library is added.
const SETTINGS: &[&str] = &["CGO_ENABLED", "-static", "netgo", "osusergo", "GOARCH", "GOFLAGS", "-linkmode"];
const LIBRARIES: &[&str] = &["gcompat", "glibc", "libc6-compat", "ld-linux"];

impl Check for CgoWithoutLibc {
    fn stage(&self, stage: &Stage, cx: &Cx<'_>, out: &mut Out<'_>) {
        if !is_golang_on_debian(stage.id, cx) || says(stage.id, SETTINGS, cx) {
            return;
        }
        for instruction in &stage.instructions {
            if SETTINGS.iter().any(|name| cx.resolved.variable(name, instruction).is_some()) {
                return;
            }
            for command in cx.commands(instruction) {
                let Some((program, user)) = built(&command).and_then(|it| Some((it, taker(it, stage.id, cx)?))) else {
                    continue;
                };
                let name = &command.command.words[0];
                out.find(
                    name.span,
                    format!("`{program}` needs Debian's C library, and does not find it where it goes"),
                )
                .related(user.0, user.1)
                .help("set CGO_ENABLED=0, so that it needs none")
                .fix("link without C", || Some(vec![Edit::insert(name.span.start, "CGO_ENABLED=0 ")]));
            }
        }
    }
}

/// The name of the program that `go build -o` writes.
fn built<'a>(command: &RunCommand<'a>) -> Option<&'a str> {
    let mut words = command.literals();
    if command.command.name() != Some("go") || words.next() != Some("build") {
        return None;
    }
    let path = words.by_ref().find_map(|word| match word {
        "-o" => Some(None),
        _ => word.strip_prefix("-o=").map(Some),
    })?;
    let path = path.or_else(|| words.next())?;
    path.rsplit('/').next().filter(|name| !name.is_empty() && *name != ".")
}

/// Where a stage without Debian's C library copies the program from this one, and what it is.
fn taker(program: &str, stage: StageId, cx: &Cx<'_>) -> Option<(crate::text::Span, &'static str)> {
    let uses = cx.resolved.model.graph.users(stage);
    uses.into_iter().filter(|(_, edge)| edge.kind == StageUse::Copy).find_map(|(user, edge)| {
        let instruction = cx.stages()[user.0].instructions.iter().find(|one| one.id == edge.instruction)?;
        let Operation::Copy(copy) = &instruction.operation else { return None };
        let is_it = |source: &CopySource| match source {
            CopySource::Path(word) => {
                cx.resolved.known(word).is_some_and(|path| path.rsplit('/').next() == Some(program))
            }
            CopySource::Heredoc { .. } => false,
        };
        let what = without_libc(user, cx).filter(|_| !says(user, LIBRARIES, cx))?;
        copy.transfer.sources.iter().any(is_it).then_some((instruction.keyword_span, what))
    })
}

fn is_golang_on_debian(stage: StageId, cx: &Cx<'_>) -> bool {
    library(stage, cx).is_some_and(|name| name == "golang") && named_family(cx, stage) == Some(Family::Debian)
}

/// What a stage is that has no C library of Debian's kind.
fn without_libc(stage: StageId, cx: &Cx<'_>) -> Option<&'static str> {
    let first = cx.lineage(stage).last()?;
    match &cx.resolved.bases[first.id.0] {
        Base::Scratch => Some("there is nothing else here"),
        Base::Image(name) if name.contains("distroless/static") => Some("this image has no C library"),
        Base::Image(_) if named_family(cx, stage) == Some(Family::Alpine) => Some("Alpine has another C library"),
        _ => None,
    }
}

fn says(stage: StageId, words: &[&str], cx: &Cx<'_>) -> bool {
    let mut texts = cx.lineage(stage).flat_map(|stage| &stage.instructions).map(|one| cx.text(one.span));
    texts.any(|text| words.iter().any(|word| text.contains(word)))
}
