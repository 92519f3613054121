//! Reading a command line by a grammar: what is an option, which value is whose, what remains.

use super::grammar::{Form, Role};

/// A command line, read.
#[derive(Debug, Default)]
pub(super) struct Parsed<'a> {
    /// The values of options, in order, with what each is.
    pub(super) values: Vec<(Role, &'a str)>,
    /// Everything that is no option, in order.
    pub(super) operands: Vec<&'a str>,
}

/// Splits `arguments` by the options of `form`; an option that it does not have is the error.
pub(super) fn parse<'a>(arguments: &[&'a str], form: &Form) -> Result<Parsed<'a>, &'a str> {
    let mut parsed = Parsed::default();
    let mut rest = arguments.iter().copied();
    let mut is_first = true;
    while let Some(argument) = rest.next() {
        let bundled = form.bundled && std::mem::take(&mut is_first) && !argument.starts_with('-');
        if argument == "--" {
            parsed.operands.extend(rest.by_ref());
        } else if !bundled && (!argument.starts_with('-') || argument == "-") {
            parsed.operands.push(argument);
        } else if form.flags.contains(&argument) {
            continue;
        } else if role_of(argument.split('=').next().unwrap_or(argument), form) == Some(Role::Unmodelled) {
            return Err(argument);
        } else if role_of(argument, form) == Some(Role::Here) {
            parsed.values.push((Role::Here, "."));
        } else if let Some(role) = role_of(argument, form) {
            parsed.values.push((role, rest.next().ok_or(argument)?));
        } else if let Some((name, value)) = argument.split_once('=').filter(|(name, _)| is_listed(name, form)) {
            parsed.values.extend(role_of(name, form).map(|role| (role, value)));
        } else {
            cluster(argument, form, &mut parsed, &mut rest)?;
        }
    }
    Ok(parsed)
}

fn is_listed(name: &str, form: &Form) -> bool {
    form.flags.contains(&name) || role_of(name, form).is_some()
}

/// What the value of the option is, when it takes one.
fn role_of(name: &str, form: &Form) -> Option<Role> {
    form.values.iter().find(|(_, names)| names.contains(&name)).map(|(role, _)| *role)
}

/// Single letters written together: flags, then at most one option, whose value follows at once or is the next word.
fn cluster<'a>(
    argument: &'a str,
    form: &Form,
    parsed: &mut Parsed<'a>,
    rest: &mut impl Iterator<Item = &'a str>,
) -> Result<(), &'a str> {
    let letters = argument.strip_prefix('-').unwrap_or(argument);
    if letters.starts_with('-') {
        return Err(argument);
    }
    for (at, letter) in letters.char_indices() {
        let name = format!("-{letter}");
        if form.flags.contains(&name.as_str()) {
            continue;
        }
        let role = role_of(&name, form).filter(|role| *role != Role::Unmodelled).ok_or(argument)?;
        if role == Role::Here {
            parsed.values.push((role, "."));
            continue;
        }
        let attached = letters[at + letter.len_utf8()..].trim_start_matches('=');
        let value = if attached.is_empty() { rest.next().ok_or(argument)? } else { attached };
        parsed.values.push((role, value));
        return Ok(());
    }
    Ok(())
}
