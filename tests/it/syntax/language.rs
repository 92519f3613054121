//! The language, rule by rule: what is accepted as what, and what is refused.

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

#[test]
fn separators_are_those_of_each_place() {
    // Between keyword and words: tab, vertical tab, form feed, carriage return, space; no other blank of Unicode.
    assert_eq!(shown("COPY\ta\u{b}b\u{c}c\rd  e"), "(copy \"a\" \"b\" \"c\" \"d\" \"e\")\n");
    assert_eq!(shown("COPY a\u{2003}b c"), "(copy \"a\\u2003b\" \"c\")\n");
    // ENV, LABEL and ARG split at every blank of Unicode.
    assert_eq!(shown("ARG a\u{2003}b"), "(arg \"a\" \"b\")\n");
    // At both ends every blank goes.
    assert_eq!(shown("\u{2003}RUN\t x \u{2003}"), "(run \"x\")\n");
}

#[test]
fn keywords_have_any_case_and_may_be_continued() {
    assert_eq!(shown("fRoM a"), "(from \"a\")\n");
    assert_eq!(shown("FR\\\nOM a"), "(from \"a\")\n");
    assert_eq!(shown("\\\nFROM a"), "(from \"a\")\n");
    assert_eq!(shown("FROM"), "(from)\n");
}

#[test]
fn comments_are_whole_lines() {
    assert_eq!(shown("  # a\nRUN b # c"), "(run \"b # c\")\n");
    assert_eq!(shown("RUN a \\\n#b\\\nc"), "(run \"a c\")\n");
    assert_eq!(shown("# a \\\nRUN b"), "(run \"b\")\n");
    assert_eq!(shown("RUN a \\\n# the end"), "(run \"a\")\n");
}

#[test]
fn the_interior_of_a_continued_instruction_is_kept() {
    let parsed = parse("RUN a \\\n  # b\n\n\t\n  c\nRUN d\n");
    let run = parsed.tree.instructions().next().expect("RUN");
    let lines: Vec<&str> = run.interior.iter().map(|span| parsed.tree.source.slice(*span)).collect();
    assert_eq!(lines, ["  # b", "", "\t"]);
    assert_eq!(parsed.tree.source.slice(run.span), "RUN a \\\n  # b\n\n\t\n  c");
}

#[test]
fn two_escapes_continue_nothing_and_three_neither() {
    assert_eq!(shown("RUN a \\\\\\\nRUN b"), "(run \"a \\\\\\\\\\\\\")\n(run \"b\")\n");
    assert_eq!(shown("RUN a \\x\nRUN b"), "(run \"a \\\\x\")\n(run \"b\")\n");
}

#[test]
fn flags_stand_before_everything_else() {
    assert_eq!(shown("COPY a --from=b c"), "(copy \"a\" \"--from=b\" \"c\")\n");
    assert_eq!(shown("COPY --chown='a b' --x=\\\"y a b"), "(copy [\"--chown=a b\" \"--x=\\\"y\"] \"a\" \"b\")\n");
    assert_eq!(shown("RUN --a --\"\" --b"), "(run [\"--a\"] \"--b\")\n");
    assert_eq!(shown("RUN --"), "(run)\n");
    assert_eq!(shown("RUN -- -- x"), "(run \"-- x\")\n");
    assert_eq!(shown("RUN --a=\"b c"), "(run [\"--a=b c\"])\n");
    // Bytes of a flag are taken for characters, one by one.
    assert_eq!(shown("COPY --chown=é a b"), "(copy [\"--chown=Ã©\"] \"a\" \"b\")\n");
}

#[test]
fn values_of_flags_are_checked() {
    let accepted = [
        "COPY --link=TRUE --parents=False a b",
        "COPY --exclude=a --exclude=b --chown= a b",
        "RUN --mount=type=$x --mount= --device=a x",
        "HEALTHCHECK --interval= --retries= --timeout=0 --start-period=1h1m1.5s CMD x",
        "ARG --anything X",
        "STOPSIGNAL --anything X",
        "HEALTHCHECK --anything=x NONE",
    ];
    for line in accepted {
        assert_eq!(faults(line), [""; 0], "{line}");
    }
    let refused = [
        ("COPY --link= a b", "--link="),
        ("COPY --link=1 a b", "--link=1"),
        ("COPY --LINK a b", "--LINK"),
        ("COPY --chown a b", "--chown"),
        ("COPY --chown=a --chown=b a b", "--chown=b"),
        ("RUN --security=Insecure x", "--security=Insecure"),
        ("RUN --network= x", "--network="),
        ("HEALTHCHECK --interval=999us CMD x", "--interval=999us"),
        ("HEALTHCHECK --retries=1.5 CMD x", "--retries=1.5"),
        ("USER --x a", "--x"),
        ("ONBUILD USER --x a", "--x"),
    ];
    for (line, fault) in refused {
        assert_eq!(faults(line), [fault], "{line}");
    }
}

#[test]
fn stage_names_begin_with_a_letter() {
    for name in ["a", "A-b_c.9", "\u{212A}elvin"] {
        assert_eq!(faults(&format!("FROM x aS {name}")), [""; 0], "{name}");
    }
    for name in ["1", "-a", "_", "a/b", "a:b", "é", "a\u{2003}"] {
        assert_eq!(faults(&format!("FROM x AS {name} ").replace("\u{2003} ", "\u{2003}x")).len(), 1, "{name}");
    }
}

#[test]
fn a_directive_counts_in_the_unbroken_run_at_the_top_only() {
    let escape = |text: &str| parse(text).tree.directives.escape;
    assert_eq!(escape("#escape=`\nFROM a"), '`');
    assert_eq!(escape("  # EsCaPe = `  \nFROM a"), '`');
    assert_eq!(escape("# syntax=a\n# escape=`\nFROM a"), '`');
    assert_eq!(escape("\u{FEFF}# escape=`\nFROM a"), '`');
    for text in [
        "\n# escape=`\nFROM a",
        "# unknown=a\n# escape=`\nFROM a",
        "FROM a\n# escape=`",
        "# escape=\n# escape=`\nFROM a",
    ] {
        assert_eq!(escape(text), '\\', "{text:?}");
    }
    assert_eq!(refused("# escape= \nFROM a"), "the escape character cannot be ` `");
}

#[test]
fn syntax_and_check_have_rules_of_their_own() {
    let directives = |text: &str| {
        let directives = parse(text).tree.directives;
        (directives.syntax.map(|value| value.value), directives.check.map(|value| value.value))
    };
    let some = |text: &str| Some(text.to_owned());
    assert_eq!(
        directives("# syntax = a b\n# check=skip=x;error=true\nFROM a"),
        (some("a b"), some("skip=x;error=true"))
    );
    assert_eq!(directives("#!/usr/bin/x\n# syntax=a\nFROM a"), (some("a"), None));
    assert_eq!(directives("// syntax=a\n"), (some("a"), None));
    assert_eq!(directives("{\"syntax\": \"a\"}"), (some("a"), None));
    assert_eq!(directives(" # syntax=a\nFROM a"), (None, None));
    assert_eq!(directives("# a comment\n# check=skip=x\nFROM a"), (None, None));
}

#[test]
fn a_heredoc_ends_at_its_delimiter_exactly() {
    assert_eq!(shown("RUN <<A\n A\nA \n\tA\nA\r\nUSER b"), "(run \"<<A\")\n(user \"b\")\n");
    assert_eq!(shown("RUN <<-A\n\t\tA\nUSER b"), "(run \"<<-A\")\n(user \"b\")\n");
    assert_eq!(refused("RUN <<A\n\tA\n"), "the heredoc `A` has no end");
}

#[test]
fn the_body_of_a_heredoc_is_raw() {
    let parsed = parse("RUN <<A\n# a \\\nb <<C\n\nA\nRUN c\n");
    let run = parsed.tree.instructions().next().expect("RUN");
    assert_eq!(run.heredocs[0].content, "# a \\\nb <<C\n\n");
    assert_eq!(parsed.tree.source.slice(run.span), "RUN <<A\n# a \\\nb <<C\n\nA");
}

#[test]
fn heredocs_belong_to_run_copy_and_add_in_their_plain_form() {
    for line in
        ["ENV a=<<A", "CMD <<A", "ENTRYPOINT <<A", "LABEL a=<<A", "USER <<A", "RUN [\"<<A\"]", "ONBUILD CMD <<A"]
    {
        assert_eq!(faults(&format!("{line}\nUSER b\n")), [""; 0], "{line}");
    }
    for line in ["RUN <<A", "copy <<A /b", "ADD <<A /b", "ONBUILD RUN <<A", "RUN [\"<<A\" <<A"] {
        let parsed = parse(&format!("{line}\nb\nA\n"));
        assert!(parsed.errors.is_empty(), "{line}");
        assert_eq!(parsed.tree.instructions().next().expect("one").heredocs.len(), 1, "{line}");
    }
}

#[test]
fn heredocs_are_found_with_backslash_whatever_the_escape() {
    let parsed = parse("# escape=`\nRUN <<\\A ` \n b\nA\nUSER c\n");
    let run = parsed.tree.instructions().next().expect("RUN");
    assert_eq!(run.heredocs[0].name, "A");
    assert_eq!(run.heredocs[0].content, "");
}

#[test]
fn a_line_that_looks_like_the_end_of_a_heredoc_is_pointed_at() {
    let parsed = parse("RUN <<EOF\na\n  eof\nRNU b\n");
    let messages: Vec<_> = parsed.errors.iter().map(|error| error.message.as_str()).collect();
    assert_eq!(messages, ["the heredoc `EOF` has no end", "`RNU` is no instruction"]);
    assert_eq!(parsed.errors[0].help.as_deref(), Some("line 3 is `  eof`; only a line that is exactly `EOF` ends it"));
}

#[test]
fn pairs_need_a_sign_in_every_word() {
    assert_eq!(shown("ENV a=b=c d="), "(env \"a\" \"b=c\" \"=\" \"d\" \"\" \"=\")\n");
    assert_eq!(shown("ENV \"a b\" c"), "(env \"\\\"a\" \"b\\\" c\" \"\")\n");
    assert_eq!(shown("ENV \\\n  a b"), "(env \"a\" \"b\" \"\")\n");
    assert_eq!(faults("ENV a=b 'c d' e"), ["'c d'", "e"]);
    assert_eq!(faults("LABEL =a"), ["=a"]);
    assert_eq!(faults("ENV a\u{2003}b"), ["a\u{2003}b"]);
}

#[test]
fn commands_may_be_empty_where_builders_accept_it() {
    for line in ["RUN", "CMD", "ENTRYPOINT", "CMD []", "ENTRYPOINT []", "RUN []"] {
        assert_eq!(faults(line), [""; 0], "{line}");
    }
    for line in ["SHELL []", "VOLUME []", "HEALTHCHECK CMD []", "COPY []", "HEALTHCHECK CMD"] {
        assert_eq!(faults(line).len(), 1, "{line}");
    }
}
