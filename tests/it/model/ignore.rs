//! Which paths an ignore file leaves out.

use rplan::model::ignore::IgnoreFile;
use rplan::text::SourceFile;

fn file(text: &str) -> IgnoreFile {
    IgnoreFile::parse(&SourceFile::new(".dockerignore", text)).expect("a good file")
}

/// Those of `paths` that are excluded.
fn excluded<'a>(text: &str, paths: &[&'a str]) -> Vec<&'a str> {
    let file = file(text);
    paths.iter().copied().filter(|path| file.excludes(path)).collect()
}

#[test]
fn stars_stay_within_a_directory_and_double_stars_do_not() {
    let paths = ["a", "a.md", "x/a.md", "x/y/a.md", "x/a", "x/y/z"];
    assert_eq!(excluded("*.md", &paths), ["a.md"]);
    assert_eq!(excluded("*/*.md", &paths), ["x/a.md"]);
    assert_eq!(excluded("**/*.md", &paths), ["a.md", "x/a.md", "x/y/a.md"]);
    assert_eq!(excluded("**/a", &paths), ["a", "x/a"]);
    assert_eq!(excluded("x/**", &paths), ["x/a.md", "x/y/a.md", "x/a", "x/y/z"]);
    assert_eq!(excluded("x/**/a.md", &paths), ["x/a.md", "x/y/a.md"]);
    assert_eq!(excluded("**", &paths), paths);
    assert_eq!(excluded("?.md", &paths), ["a.md"]);
    assert_eq!(excluded("x/?", &["x/a", "x/ab"]), ["x/a"]);
}

#[test]
fn a_pattern_that_matches_a_directory_matches_all_below() {
    assert_eq!(excluded("x", &["x", "x/y", "x/y/z", "xy"]), ["x", "x/y", "x/y/z"]);
    assert_eq!(excluded("*/y", &["x/y/z", "y/z"]), ["x/y/z"]);
    assert_eq!(excluded(".", &["x"]), [""; 0]);
}

#[test]
fn the_last_match_wins_and_each_pattern_carries_down_on_its_own() {
    assert_eq!(excluded("*\n!keep", &["a", "keep", "keep/x"]), ["a"]);
    assert_eq!(excluded("!keep\n*", &["a", "keep"]), ["a", "keep"]);
    assert_eq!(excluded("d\n!d/x\nd/x/y", &["d", "d/x", "d/x/y", "d/x/z"]), ["d", "d/x/y"]);
    assert_eq!(excluded("d\n!d/x\nd", &["d/x"]), ["d/x"]);
    assert_eq!(excluded("**\n!**/*.go\nvendor", &["a.go", "x/b.go", "vendor/c.go", "y"]), ["vendor/c.go", "y"]);
}

#[test]
fn lines_are_trimmed_and_cleaned() {
    let text = "\u{FEFF}# comment\n  /a/./b/ \n#x\n #y\n\n! ./a/b/c\r\n../up\n";
    let patterns: Vec<_> = file(text).patterns().iter().map(|one| (one.negated, one.text.clone())).collect();
    assert_eq!(
        patterns,
        [(false, "a/b".into()), (false, "#y".into()), (true, "a/b/c".into()), (false, "../up".to_owned())]
    );
    assert_eq!(excluded(text, &["a/b", "a/b/c", "a/b/d"]), ["a/b", "a/b/d"]);
}

#[test]
fn classes_and_escapes_are_those_of_go() {
    assert_eq!(excluded("[a-c]x", &["ax", "dx"]), ["ax"]);
    assert_eq!(excluded("[^a-c]x", &["ax", "dx"]), ["dx"]);
    assert_eq!(excluded("[!a]x", &["ax", "!x", "bx"]), ["ax", "!x"]);
    assert_eq!(excluded("\\*", &["*", "a"]), ["*"]);
    assert_eq!(excluded("a.c", &["abc", "a.c"]), ["a.c"]);
    assert_eq!(excluded("a(b)+{c}", &["a(b)+{c}", "abc"]), ["a(b)+{c}"]);
    assert_eq!(excluded("[é]", &["é"]), ["é"]);
}

#[test]
fn bad_lines_are_told_when_the_file_is_read() {
    for (text, line) in [("a\n!", "!"), ("! ", "!"), ("!/", "!/"), ("x\n [a ", "[a"), ("a\\", "a\\"), ("[]a]", "[]a]")]
    {
        let source = SourceFile::new(".dockerignore", text);
        let error = IgnoreFile::parse(&source).expect_err(text);
        assert_eq!(source.slice(error.span), line, "{text:?}");
    }
}

#[test]
fn a_leading_double_star_before_text_tests_the_end_of_the_name() {
    assert_eq!(excluded("**x", &["x", "ax", "d/ax", "xa"]), ["x", "ax", "d/ax"]);
    assert_eq!(excluded("a**b", &["ab", "axb", "a/b", "ax/b"]), ["ab", "a/b", "ax/b"]);
}
