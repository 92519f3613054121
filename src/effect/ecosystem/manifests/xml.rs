//! As much of XML as project files need: the content of elements and the values of attributes, by name.

/// The content of every element of this name that holds no other element.
pub(super) fn contents(text: &str, name: &str) -> Vec<String> {
    let (open, close) = (format!("<{name}>"), format!("</{name}>"));
    let text = without_comments(text);
    let mut found = Vec::new();
    let mut rest = text.as_str();
    while let Some(start) = rest.find(&open) {
        rest = &rest[start + open.len()..];
        let Some(end) = rest.find(&close) else { break };
        found.push(rest[..end].trim().to_owned());
        rest = &rest[end..];
    }
    found
}

/// The value of an attribute of every element of this name.
pub(super) fn attributes(text: &str, name: &str, attribute: &str) -> Vec<String> {
    let open = format!("<{name} ");
    let text = without_comments(text);
    let elements = text.split(&open).skip(1).filter_map(|rest| rest.split('>').next());
    let value = |element: &str| {
        let (_, rest) = element.split_once(&format!("{attribute}="))?;
        let quote = rest.chars().next()?;
        rest[1..].split(quote).next().map(str::to_owned)
    };
    elements.filter_map(value).collect()
}

/// Whether there is an element of this name.
pub(super) fn has_element(text: &str, name: &str) -> bool {
    let text = without_comments(text);
    [">", " ", "/"].iter().any(|end| text.contains(&format!("<{name}{end}")))
}

fn without_comments(text: &str) -> String {
    let mut kept = String::new();
    let mut rest = text;
    while let Some((before, after)) = rest.split_once("<!--") {
        kept.push_str(before);
        rest = after.split_once("-->").map_or("", |(_, after)| after);
    }
    kept + rest
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn elements_and_attributes_are_found_and_comments_are_not() {
        let text = "<m><module>a</module><!-- <module>b</module> --><R Include='x\\y.csproj' /></m>";
        assert_eq!(contents(text, "module"), ["a"]);
        assert_eq!(attributes(text, "R", "Include"), ["x\\y.csproj"]);
        assert!(has_element(text, "R") && !has_element(text, "S"));
    }
}
