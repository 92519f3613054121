//! The variables that hadolint reads.

use crate::config::Origin;
use crate::config::hadolint::{LABEL_FORMS, Placed, SEVERITIES, Told, severity};
use crate::diagnostic::Severity;

/// The names of hadolint's own variables.
pub(in crate::config) const VARIABLES: [&str; 13] = [
    "HADOLINT_DISABLE_IGNORE_PRAGMA",
    "HADOLINT_FAILURE_THRESHOLD",
    "HADOLINT_FORMAT",
    "HADOLINT_IGNORE",
    "HADOLINT_NOFAIL",
    "HADOLINT_OVERRIDE_ERROR",
    "HADOLINT_OVERRIDE_INFO",
    "HADOLINT_OVERRIDE_STYLE",
    "HADOLINT_OVERRIDE_WARNING",
    "HADOLINT_REQUIRE_LABELS",
    "HADOLINT_STRICT_LABELS",
    "HADOLINT_TRUSTED_REGISTRIES",
    "HADOLINT_VERBOSE",
];

/// A variable whose value means nothing.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("the variable {variable} is wrong: `{value}` is no {what}, which is one of {}", known.join(", "))]
pub struct VariableError {
    /// Its name.
    pub variable: &'static str,
    /// What stands there.
    pub value: String,
    /// What should.
    pub what: &'static str,
    /// What may.
    pub known: Vec<&'static str>,
}

/// Reads the variables that are set. One that is empty says nothing.
pub(super) fn read(variables: &[(&'static str, String)]) -> Result<Told, VariableError> {
    let mut told = Told::default();
    for (name, value) in variables.iter().filter(|(_, value)| !value.is_empty()) {
        let variable = Variable { name, value };
        match *name {
            "HADOLINT_IGNORE" => told.ignored = variable.list(),
            "HADOLINT_OVERRIDE_ERROR" => told.overrides.extend(variable.overrides(Severity::Error)),
            "HADOLINT_OVERRIDE_WARNING" => told.overrides.extend(variable.overrides(Severity::Warning)),
            "HADOLINT_OVERRIDE_INFO" => told.overrides.extend(variable.overrides(Severity::Info)),
            "HADOLINT_OVERRIDE_STYLE" => told.overrides.extend(variable.overrides(Severity::Style)),
            "HADOLINT_FAILURE_THRESHOLD" => told.threshold = Some(variable.threshold()?),
            "HADOLINT_TRUSTED_REGISTRIES" => told.registries = variable.list(),
            "HADOLINT_REQUIRE_LABELS" => told.labels = variable.labels()?,
            "HADOLINT_STRICT_LABELS" => told.strict_labels = Some(variable.flag()),
            "HADOLINT_NOFAIL" => told.no_fail = Some(variable.flag()),
            "HADOLINT_DISABLE_IGNORE_PRAGMA" => told.disable_ignore_pragma = Some(variable.flag()),
            "HADOLINT_FORMAT" => told.formats = variable.list(),
            "HADOLINT_VERBOSE" => told.verbose = Some(variable.flag()),
            _ => {}
        }
    }
    Ok(told)
}

struct Variable<'a> {
    name: &'static str,
    value: &'a str,
}

impl Variable<'_> {
    fn list(&self) -> Vec<Placed<String>> {
        let items = self.value.split(',').map(str::trim).filter(|item| !item.is_empty());
        items.map(|item| self.placed(item.to_owned())).collect()
    }

    fn overrides(&self, severity: Severity) -> impl Iterator<Item = (Severity, Placed<String>)> {
        self.list().into_iter().map(move |rule| (severity, rule))
    }

    fn threshold(&self) -> Result<Placed<Severity>, VariableError> {
        let known = SEVERITIES.map(|(word, _)| word);
        let found = severity(self.value).ok_or_else(|| self.wrong(self.value, "severity", &known))?;
        Ok(self.placed(found))
    }

    /// `maintainer:text,version:semver`
    fn labels(&self) -> Result<Vec<(Placed<String>, String)>, VariableError> {
        let label = |item: Placed<String>| {
            let (label, form) = item.value.split_once(':').unwrap_or((&item.value, ""));
            let form = if form.is_empty() { "text" } else { form };
            match LABEL_FORMS.contains(&form) {
                true => Ok((self.placed(label.to_owned()), form.to_owned())),
                false => Err(self.wrong(form, "form of a label", &LABEL_FORMS)),
            }
        };
        self.list().into_iter().map(label).collect()
    }

    fn flag(&self) -> Placed<bool> {
        let yes = ["1", "y", "on", "true", "yes"];
        self.placed(yes.iter().any(|yes| self.value.eq_ignore_ascii_case(yes)))
    }

    fn placed<T>(&self, value: T) -> Placed<T> {
        Placed { value, origin: Origin::Variable(self.name) }
    }

    fn wrong(&self, value: &str, what: &'static str, known: &[&'static str]) -> VariableError {
        VariableError { variable: self.name, value: value.to_owned(), what, known: known.to_vec() }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_variables_are_read_and_what_means_nothing_is_told() {
        for name in VARIABLES {
            let value = match name {
                "HADOLINT_FAILURE_THRESHOLD" => "error",
                "HADOLINT_REQUIRE_LABELS" => "a:text,b",
                _ => "Yes",
            };
            let nothing = format!("{:?}", Told::default());
            let told = read(&[(name, value.to_owned())]).expect("it is right");
            assert_ne!(format!("{told:?}"), nothing, "{name}");
            assert_eq!(format!("{:?}", read(&[(name, String::new())]).expect("nothing")), nothing, "{name}");
        }
        let wrong = |name, value: &str| read(&[(name, value.to_owned())]).expect_err("it is wrong").to_string();
        let told = wrong("HADOLINT_FAILURE_THRESHOLD", "bad");
        assert!(told.starts_with("the variable HADOLINT_FAILURE_THRESHOLD is wrong: `bad` is no severity"), "{told}");
        assert!(wrong("HADOLINT_REQUIRE_LABELS", "a:text,b:mail").contains("`mail` is no form of a label"));
    }
}
