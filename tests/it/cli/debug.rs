//! `rplan debug`.

use super::*;

#[test]
fn ast_prints_one_instruction_a_line() {
    let file = "FROM a AS b\nCOPY --user=me --doit=true foo /tmp/\nONBUILD COPY . /x\nENV name value\nRUN echo hi\n";
    let place = Place::with(&[("Dockerfile", file)]);
    let expected = "(from \"a\" \"AS\" \"b\")\n(copy [\"--user=me\" \"--doit=true\"] \"foo\" \"/tmp/\")\n\
                    (onbuild (copy \".\" \"/x\"))\n(env \"name\" \"value\" \"\")\n(run \"echo hi\")\n";
    let run = place.rplan(&["debug", "ast", "Dockerfile"]);
    assert_eq!((run.code, run.stdout.as_str()), (0, expected));
    let run = place.rplan_with(&["debug", "ast", "-"], &[], file);
    assert_eq!((run.code, run.stdout.as_str()), (0, expected));
}

#[test]
fn ast_draws_what_the_parser_refuses() {
    let run = Place::with(&[("Dockerfile", "FROM a\nENV name\n")]).rplan(&["debug", "ast", "Dockerfile"]);
    in_area("cli", || insta::assert_snapshot!("debug_ast_broken", run.shown()));
}

#[test]
fn expand_prints_the_value_or_the_error() {
    let place = Place::with(&[]);
    let run = place.rplan(&["debug", "expand", "--env", "a=x y", "--env", "b=", "${a}-${b:-none}-$c"]);
    assert_eq!((run.code, run.stdout.as_str()), (0, "x y-none-\n"));
    let run = place.rplan(&["debug", "expand", "--escape", "`", "a`$b"]);
    assert_eq!((run.code, run.stdout.as_str()), (0, "a$b\n"));
    let run = place.rplan(&["debug", "expand", "${a"]);
    assert_eq!((run.code, run.stdout.as_str()), (1, ""));
    assert!(run.stderr.starts_with("error: "), "{}", run.stderr);
}

#[test]
fn ignored_prints_each_path_with_its_verdict() {
    let place = Place::with(&[("ignore", "*\n!src\nsrc/*.log\n")]);
    let run = place.rplan(&["debug", "ignored", "--ignorefile", "ignore", "src/app.py", "src/a.log", "./other"]);
    assert_eq!((run.code, run.stdout.as_str()), (0, "src/app.py\tincluded\nsrc/a.log\texcluded\n./other\texcluded\n"));
}

#[test]
fn a_broken_ignore_file_is_drawn() {
    let place = Place::with(&[("ignore", "good\n[a\n")]);
    let run = place.rplan(&["debug", "ignored", "--ignorefile", "ignore", "a"]);
    in_area("cli", || insta::assert_snapshot!("debug_ignored_broken", run.shown()));
}

#[test]
fn a_missing_file_is_wrong_usage() {
    let run = Place::with(&[]).rplan(&["debug", "ignored", "--ignorefile", "gone", "a"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("`gone`"), "{}", run.stderr);
}
