//! `names`: the steps that run or may, one name a line, for scripts.

use std::io;

use super::{PlanFormat, PlanView};

/// One name a line.
#[derive(Debug, Clone, Copy)]
pub struct PlanNames;

impl PlanFormat for PlanNames {
    fn write(&self, view: &PlanView, out: &mut dyn io::Write) -> io::Result<()> {
        view.live().iter().try_for_each(|step| writeln!(out, "{}", view.planned.step(*step).name))
    }
}
