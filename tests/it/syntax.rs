//! The language: what parses to what, and that nothing is ever lost.

use rplan::syntax::{self, Parsed};
use rplan::text::SourceFile;

fn parse(text: &str) -> Parsed {
    let source = SourceFile::new("Dockerfile", text.as_bytes());
    let parsed = syntax::parse(&source);
    assert_eq!(syntax::print(&parsed.tree), text.as_bytes(), "printing gives the source back");
    parsed
}

/// The notation of a file that the line pass accepts.
fn shown(text: &str) -> String {
    syntax::notation(&parse(text)).unwrap_or_else(|error| panic!("{text:?}: {}", error.message))
}

/// The message that stops the line pass.
fn refused(text: &str) -> String {
    match syntax::notation(&parse(text)) {
        Ok(notation) => panic!("{text:?} gives {notation}"),
        Err(error) => error.message.clone(),
    }
}

/// The words under each error.
fn faults(text: &str) -> Vec<String> {
    let parsed = parse(text);
    parsed.errors.iter().map(|error| parsed.tree.source.slice(error.span).to_owned()).collect()
}

#[test]
fn words_flags_and_json() {
    assert_eq!(
        shown("COPY --user=me --doit=true foo /tmp/\n"),
        "(copy [\"--user=me\" \"--doit=true\"] \"foo\" \"/tmp/\")\n"
    );
    assert_eq!(shown("copy [\"a b\", \"/\"]"), "(copy \"a b\" \"/\")\n");
    assert_eq!(shown("CMD []"), "(cmd)\n");
    assert_eq!(shown("RUN ['a']"), "(run \"['a']\")\n");
    assert_eq!(shown("FNTRYPOINT x"), "(fntrypoint \"\")\n");
    assert_eq!(shown("ONBUILD COPY . /x"), "(onbuild (copy \".\" \"/x\"))\n");
    assert_eq!(shown("HEALTHCHECK --retries=3 CMD [\"a\"]"), "(healthcheck [\"--retries=3\"] \"CMD\" \"a\")\n");
    assert_eq!(shown("RUN -- --x"), "(run \"--x\")\n");
}

#[test]
fn pairs_and_the_legacy_form() {
    assert_eq!(
        shown("ENV name=value name2=\"a b\""),
        "(env \"name\" \"value\" \"=\" \"name2\" \"\\\"a b\\\"\" \"=\")\n"
    );
    assert_eq!(shown("ENV name a = b"), "(env \"name\" \"a = b\" \"\")\n");
    assert_eq!(refused("ENV name"), "ENV needs a value");
    assert_eq!(refused("ENV a=b c"), "`c` has no `=`");
    assert_eq!(refused("CMD [1]"), "a list holds strings only");
}

#[test]
fn continuations_skip_comments_and_blank_lines() {
    assert_eq!(shown("RUN a \\\n  # note\n\n  b\n"), "(run \"a   b\")\n");
    assert_eq!(shown("RUN a \\  \n b"), "(run \"a  b\")\n");
    assert_eq!(shown("RUN a \\\\\nRUN b"), "(run \"a \\\\\\\\\")\n(run \"b\")\n");
    assert_eq!(shown("# escape=`\nRUN a `\n b \\\n"), "(run \"a  b \\\\\")\n");
    assert_eq!(shown("RUN a \\"), "(run \"a\")\n");
}

#[test]
fn directives_stand_at_the_top_alone() {
    assert_eq!(shown("# x\n# escape=`\nRUN a \\\nb"), "(run \"a b\")\n");
    assert_eq!(refused("# escape=x\nRUN a"), "the escape character cannot be `x`");
    assert_eq!(refused("# syntax=a\n# syntax=b\nRUN a"), "the directive `syntax` is given twice");
}

#[test]
fn heredocs_are_read_to_their_end() {
    assert_eq!(shown("RUN <<A cat <<-'B'\na\nA\n\tb\n\tB\nUSER x"), "(run \"<<A cat <<-'B'\")\n(user \"x\")\n");
    assert_eq!(refused("COPY <<A /x\nb\n"), "the heredoc `A` has no end");
    assert_eq!(shown("CMD <<A\nUSER x"), "(cmd \"<<A\")\n(user \"x\")\n");
}

#[test]
fn every_error_of_a_file_is_found_with_its_place() {
    assert_eq!(faults("FROM a b\nCOPY --form=x a b\nRNU x\nCOPY a\nSHELL x\n"), ["a b", "--form=x", "RNU", "a", "x"]);
    let parsed = parse("COPY --form=x a b");
    assert_eq!(parsed.errors[0].help.as_deref(), Some("did you mean `--from`?"));
}

#[test]
fn a_file_without_instructions_is_an_error() {
    assert_eq!(refused(""), "the file has no instruction");
    assert_eq!(refused("# only\n\n"), "the file has no instruction");
}

#[test]
fn a_byte_order_mark_and_carriage_returns_are_accepted() {
    assert_eq!(shown("\u{FEFF}FROM a\r\nRUN b \\\r\n c\r\n"), "(from \"a\")\n(run \"b  c\")\n");
}
