//! Reading options by a grammar: which take a value, which do not; anything else is not understood.

/// The options of a command: names with their values, and the operands.
#[derive(Debug, Default)]
pub(super) struct Parsed<'a> {
    /// Options as named in the grammar, with their value where they take one.
    pub(super) options: Vec<(&'a str, Option<&'a str>)>,
    /// Everything else, in order.
    pub(super) operands: Vec<&'a str>,
}

impl<'a> Parsed<'a> {
    /// The values of all options with one of these names.
    pub(super) fn values(&self, names: &[&str]) -> Vec<&'a str> {
        self.options.iter().filter(|(name, _)| names.contains(name)).filter_map(|(_, value)| *value).collect()
    }
}

/// Splits `arguments`: options in `with_value` take one (`--x v`, `--x=v`, `-xv`), options in `flags` take none.
/// An option in neither is the error.
pub(super) fn parse<'a>(arguments: &[&'a str], with_value: &[&str], flags: &[&str]) -> Result<Parsed<'a>, &'a str> {
    let mut parsed = Parsed::default();
    let mut rest = arguments.iter().copied();
    while let Some(argument) = rest.next() {
        if argument == "--" {
            parsed.operands.extend(rest.by_ref());
        } else if !argument.starts_with('-') || argument == "-" {
            parsed.operands.push(argument);
        } else if flags.contains(&argument) {
            parsed.options.push((argument, None));
        } else if with_value.contains(&argument) {
            parsed.options.push((argument, Some(rest.next().ok_or(argument)?)));
        } else if let Some(found) = attached_value(argument, with_value, flags) {
            parsed.options.push(found);
        } else {
            return Err(argument);
        }
    }
    Ok(parsed)
}

/// `--name=value`, also for flags that may carry one, and `-nvalue`.
fn attached_value<'a>(argument: &'a str, with_value: &[&str], flags: &[&str]) -> Option<(&'a str, Option<&'a str>)> {
    if let Some((name, value)) = argument.split_once('=').filter(|(name, _)| name.starts_with("--")) {
        let known = with_value.contains(&name) || flags.contains(&name);
        return known.then_some((name, Some(value)));
    }
    let (name, value) = argument.split_at_checked(2)?;
    (!name.starts_with("--") && with_value.contains(&name)).then_some((name, Some(value)))
}
