//! An option of the JVM that the Java of the image does not know any more: it does not start. Judged on images of HotSpot
//! in Docker's own library with Java 17 or newer, which is past the grace of every option here.

use super::{Check, Cx, Out, userland};
use crate::model::image_ref::ImageRef;
use crate::model::{Base, Instruction, Operation, StageId};
use crate::text::Span;

pub(super) struct RemovedJvmOption;

/// The options, and what takes their place.
const OPTIONS: &[(&str, &str)] = &[
    ("AggressiveOpts", "nothing has to"),
    ("GCLogFileSize", "-Xlog:gc with filesize=…"),
    ("MaxPermSize", "-XX:MaxMetaspaceSize"),
    ("NumberOfGCLogFiles", "-Xlog:gc with filecount=…"),
    ("PermSize", "-XX:MetaspaceSize"),
    ("PrintGCDateStamps", "-Xlog:gc::time"),
    ("PrintGCTimeStamps", "-Xlog:gc::uptime"),
    ("UseCGroupMemoryLimitForHeap", "-XX:MaxRAMPercentage, and Java looks at the limit by itself"),
    ("UseConcMarkSweepGC", "-XX:+UseG1GC, which is the default"),
    ("UseGCLogFileRotation", "-Xlog:gc with filecount=… and filesize=…"),
    ("UseParNewGC", "-XX:+UseG1GC, which is the default"),
];

/// The first Java that knows none of them.
const FIRST: u32 = 17;

const IMAGES: &[&str] = &["amazoncorretto", "eclipse-temurin", "openjdk"];

impl Check for RemovedJvmOption {
    fn instruction(&self, instruction: &Instruction, cx: &Cx<'_>, out: &mut Out<'_>) {
        if !matches!(instruction.operation, Operation::Env(_) | Operation::Cmd(_) | Operation::Entrypoint(_)) {
            return;
        }
        let text = cx.text(instruction.span);
        if !text.contains("-XX:") || text.contains("+IgnoreUnrecognizedVMOptions") {
            return;
        }
        let Some(java) = instruction.stage.and_then(|stage| java(stage, cx)).filter(|java| *java >= FIRST) else {
            return;
        };
        for (at, prefix) in text.match_indices("-XX:") {
            let rest = text[at + prefix.len()..].trim_start_matches(['+', '-']);
            let name: &str = &rest[..rest.find(|char: char| !char.is_ascii_alphanumeric()).unwrap_or(rest.len())];
            let Some((_, instead)) = OPTIONS.iter().find(|(option, _)| *option == name) else { continue };
            let end = text.len() - rest.len() + name.len();
            let start = instruction.span.start;
            out.find(Span::new(start + at, start + end), format!("Java {java} does not start with {name}"))
                .help(format!("take it out; what takes its place: {instead}"));
        }
    }
}

/// The version of Java in the image that the stage begins with.
fn java(stage: StageId, cx: &Cx<'_>) -> Option<u32> {
    let library = userland::library(stage, cx)?;
    let first = cx.lineage(stage).last()?;
    let Base::Image(name) = &cx.resolved.bases[first.id.0] else { return None };
    let image = ImageRef::parse(name).ok().filter(|_| IMAGES.contains(&library.as_str()))?;
    let tag = image.tag()?;
    tag[..tag.find(|char: char| !char.is_ascii_digit()).unwrap_or(tag.len())].parse().ok()
}
