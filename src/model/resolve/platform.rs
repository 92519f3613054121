//! The arguments that every build has: the platform, and the stage that is built.

use std::sync::Arc;

use super::Resolver;
use crate::model::{Origin, Problem, StageId, Value, Variable};
use crate::text::Span;

impl Resolver<'_> {
    /// Finds the stage to build: by name in any case, the last of several; the last stage where nobody asks.
    pub(super) fn find_target(&mut self) {
        let Some(wanted) = &self.options.target else { return };
        let is_wanted = |name: &str| name == wanted.to_lowercase();
        let stages = &self.model.stages;
        let found = stages.iter().rposition(|stage| stage.name.as_ref().is_some_and(|name| is_wanted(&name.value)));
        match found {
            Some(index) => self.target = StageId(index),
            None => {
                let names: Vec<&str> =
                    stages.iter().filter_map(|stage| stage.name.as_ref()).map(|name| name.value.as_str()).collect();
                let help = match (crate::text::nearest(wanted, names.iter().copied()), names.is_empty()) {
                    (Some(name), _) => format!("did you mean `{name}`?"),
                    (None, true) => "no stage has a name: give one with AS".to_owned(),
                    (None, false) => format!("the stages are: {}", names.join(", ")),
                };
                let end = Span::at(self.model.tree.source.len());
                self.problems.push(Problem::new(end, format!("there is no stage `{wanted}` to build")).help(help));
            }
        }
    }

    /// Sets what no ARG need declare in the global scope.
    pub(super) fn predefine(&mut self) {
        let target = self.options.platform.clone();
        let build = self.options.build_platform.clone().unwrap_or_else(|| target.clone());
        for (prefix, platform) in [("BUILD", build), ("TARGET", target)] {
            let mut parts = platform.splitn(3, '/');
            let (os, arch, variant) =
                (parts.next().unwrap_or_default(), parts.next().unwrap_or_default(), parts.next().unwrap_or_default());
            let values =
                [("PLATFORM", platform.as_str()), ("OS", os), ("OSVERSION", ""), ("ARCH", arch), ("VARIANT", variant)];
            for (name, value) in values {
                self.predefine_one(&format!("{prefix}{name}"), value);
            }
        }
        let last = self.model.stages.last().and_then(|stage| stage.name.as_ref()).map(|name| name.value.clone());
        let stage = self.options.target.clone().or(last).unwrap_or_else(|| "default".to_owned());
        self.predefine_one("TARGETSTAGE", &stage);
    }

    fn predefine_one(&mut self, name: &str, value: &str) {
        let value = self.options.given(name).unwrap_or_else(|| Value::Known(value.to_owned()));
        let variable = Variable { value: Some(value), origin: Origin::Platform, span: None };
        let id = self.names.intern(name);
        self.globals.set(id, Arc::new(variable));
    }
}
