//! A label whose value is not of the form that its key asks for. Judged only where the value is written out.

use super::{Check, Cx, Out, label_form};
use crate::model::{Instruction, Operation};

pub(super) struct BadLabelValue;

/// An option with the keys of a form, what its values are called, and how they are told.
type Form = (&'static str, &'static str, fn(&str) -> bool);

const FORMS: &[Form] = &[
    ("url", "URL: write https://…", label_form::is_url),
    ("rfc3339", "point in time: write 2024-05-31T12:00:00Z", label_form::is_time),
    ("spdx", "SPDX licence expression: write MIT, Apache-2.0, GPL-3.0-or-later …", label_form::is_licence),
    ("hash", "git commit: write 7 to 40 hexadecimal digits", label_form::is_commit),
    ("semver", "semantic version: write 1.2.3", label_form::is_version),
    ("email", "mail address: write NAME@HOST", label_form::is_mail),
];

impl Check for BadLabelValue {
    fn instruction(&self, instruction: &Instruction, cx: &Cx<'_>, out: &mut Out<'_>) {
        let Operation::Label(label) = &instruction.operation else { return };
        for pair in label.pairs.iter().filter(|pair| !pair.value.raw.as_str().contains('$')) {
            let (Some(key), Some(value)) = (cx.resolved.known(&pair.key), cx.resolved.known(&pair.value)) else {
                continue;
            };
            let span = pair.value.span();
            let wanted: Vec<&Form> = FORMS.iter().filter(|(option, ..)| out.texts(option).contains(&key)).collect();
            if value.is_empty() && (!wanted.is_empty() || out.texts("text").contains(&key)) {
                out.find(span, format!("the label `{key}` is empty")).help("give it a value, or remove it");
                continue;
            }
            for (_, form, is_right) in wanted {
                if !is_right(value) {
                    let (what, help) = form.split_once(": ").expect("a form says what it is and how to write it");
                    out.find(span, format!("the value of `{key}` is no {what}")).help(help);
                }
            }
        }
    }
}
