//! What a rule is that is written in Rust: the moments at which it is called.

use super::{Cx, Out, RunCommand};
use crate::model::{Instruction, Stage};
use crate::syntax::pragma::Pragma;
use crate::text::Spanned;

/// A comment that silences nothing, or a name in it that does not.
#[derive(Clone, Copy)]
pub struct Idle<'a> {
    /// The comment.
    pub pragma: &'a Pragma,
    /// The name; none where all of the comment is meant.
    pub name: Option<&'a Spanned<String>>,
}

/// A rule that is written in Rust. Every hook is called; a rule fills those it needs.
pub trait Check: Sync {
    /// Called once for the file.
    fn file(&self, cx: &Cx<'_>, out: &mut Out<'_>) {
        let _ = (cx, out);
    }

    /// Called once, after every rule has spoken, where comments silence nothing: rules may not know each other, so that
    /// these are found for them.
    fn idle(&self, idle: &[Idle<'_>], cx: &Cx<'_>, out: &mut Out<'_>) {
        let _ = (idle, cx, out);
    }

    /// Called for each stage.
    fn stage(&self, stage: &Stage, cx: &Cx<'_>, out: &mut Out<'_>) {
        let _ = (stage, cx, out);
    }

    /// Called for each instruction, ARGs before the first FROM included.
    fn instruction(&self, instruction: &Instruction, cx: &Cx<'_>, out: &mut Out<'_>) {
        let _ = (instruction, cx, out);
    }

    /// Called for each instruction that ONBUILD stores. It runs in another file: its words have no value, and
    /// it gets no fixes.
    fn trigger(&self, instruction: &Instruction, cx: &Cx<'_>, out: &mut Out<'_>) {
        self.instruction(instruction, cx, out);
    }

    /// Called for each simple command of the shell text of RUN, stored by ONBUILD or not.
    fn command(&self, command: RunCommand<'_>, cx: &Cx<'_>, out: &mut Out<'_>) {
        let _ = (command, cx, out);
    }
}
