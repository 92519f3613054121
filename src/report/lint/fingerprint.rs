//! What names a finding from one commit to the next: the file, the rule, and what stands there; never the line.

use crate::diagnostic::Finding;
use crate::digest::Digest;
use crate::text::SourceFile;

/// The fingerprint: one finding has the same in every form.
pub(super) fn fingerprint(source: &SourceFile, finding: &Finding) -> String {
    let (path, rule) = (source.name().trim_start_matches("./"), finding.rule.as_str());
    let key = match &finding.anchor {
        Some(anchor) => [path, rule, &anchor.stage, &anchor.instruction, &anchor.ordinal.to_string()].join("\0"),
        // What was not linted has nothing else to go by.
        None => [path, rule, &finding.message].join("\0"),
    };
    Digest::of(key).hex()
}
