//! Keys of labels that tools stumble over: capitals, odd characters, and the name spaces that are reserved.

use super::{Check, Cx, Out};
use crate::model::{Instruction, Operation};

pub(super) struct LabelKeyForm;

const RESERVED: &[&str] = &["com.docker.", "io.docker.", "org.dockerproject."];

impl Check for LabelKeyForm {
    fn instruction(&self, instruction: &Instruction, cx: &Cx<'_>, out: &mut Out<'_>) {
        let Operation::Label(label) = &instruction.operation else { return };
        for pair in &label.pairs {
            let Some(key) = cx.resolved.known(&pair.key) else { continue };
            let Some((reason, help)) = fault(key) else { continue };
            out.find(pair.key.span(), format!("the label key `{key}` {reason}")).help(help);
        }
    }
}

fn fault(key: &str) -> Option<(&'static str, &'static str)> {
    let is_end = |c: char| c.is_ascii_alphanumeric();
    if RESERVED.iter().any(|reserved| key.starts_with(reserved)) {
        return Some((
            "is in a name space that belongs to Docker",
            "use a domain of your own, turned around: com.example.key",
        ));
    }
    if key.chars().any(|c| c.is_ascii_uppercase()) {
        return Some(("has capitals", "write it in small letters"));
    }
    if key.chars().any(|c| !c.is_ascii_alphanumeric() && !matches!(c, '.' | '-' | '_' | '/')) {
        return Some(("has characters that tools do not expect", "use letters, digits, `.` and `-`"));
    }
    if !key.starts_with(is_end) || !key.ends_with(is_end) {
        return Some(("begins or ends with a mark", "begin and end with a letter or digit"));
    }
    (key.contains("..") || key.contains("--")).then_some(("has two marks in a row", "keep one of them"))
}
