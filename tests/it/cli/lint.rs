//! `rplan lint`.

use super::*;

/// Nothing to complain about.
const CLEAN: &str = "FROM alpine:3.20\nWORKDIR /srv\nCMD [\"date\"]\n";
/// One warning: no tag.
const UNTAGGED: &str = "FROM alpine\nWORKDIR /srv\nCMD [\"date\"]\n";
/// One error: no such instruction.
const BROKEN: &str = "FROM alpine:3.20\nRUNN x\n";

#[test]
fn the_naive_file_is_shown_as_designed() {
    let run = Place::with_example("python-naive").rplan(&["lint", "Dockerfile"]);
    assert_eq!((run.code, run.stderr.as_str()), (1, ""));
    in_area("cli", || insta::assert_snapshot!("lint_naive", run.stdout));
}

#[test]
fn the_exit_code_follows_the_threshold() {
    let place = Place::with(&[("clean", CLEAN), ("untagged", UNTAGGED), ("broken", BROKEN)]);
    let code = |args: &[&str]| place.rplan(&[&["lint"], args].concat()).code;
    assert_eq!(code(&["clean"]), 0);
    assert_eq!(code(&["untagged"]), 1);
    assert_eq!(code(&["untagged", "--fail-on", "error"]), 0);
    assert_eq!(code(&["broken", "--fail-on", "error"]), 1);
    assert_eq!(code(&["untagged", "--ignore", "untagged-image"]), 0);
    assert_eq!(code(&["clean", "--severity", "nonsense"]), 2);
}

#[test]
fn one_clean_file_is_one_line_and_quiet_none() {
    let place = Place::with(&[("Dockerfile", CLEAN)]);
    let run = place.rplan(&["lint"]);
    assert_eq!((run.code, run.stdout.as_str()), (0, "No findings in 1 file (context: ., assumed).\n"));
    let run = place.rplan(&["lint", "-q"]);
    assert_eq!((run.code, run.stdout.as_str(), run.stderr.as_str()), (0, "", ""));
}

#[test]
fn nothing_to_lint_is_fine_and_said() {
    let run = Place::with(&[("README.md", "")]).rplan(&["lint"]);
    assert_eq!((run.code, run.stdout.as_str()), (0, ""));
    assert!(run.stderr.starts_with("note: nothing to lint"), "{}", run.stderr);
}

#[test]
fn a_file_that_cannot_be_read_or_parsed_stops_no_other() {
    let place = Place::with(&[("a/Dockerfile", BROKEN), ("b/Dockerfile", UNTAGGED), ("c/Dockerfile", CLEAN)]);
    let run = place.rplan(&["lint", "a", "gone", "b", "c", "*.none", "--format", "compact"]);
    assert_eq!(run.code, 1);
    in_area("cli", || insta::assert_snapshot!("lint_several", run.stdout));
    assert_eq!(place.rplan(&["lint", "gone", "c", "--fail-on", "error"]).code, 1, "a missing input fails");
}

#[test]
fn bytes_that_are_no_text_are_read_all_the_same() {
    let place = Place::with(&[]);
    std::fs::write(place.path().join("Dockerfile"), b"FROM alpine\nRUN echo \xff\xfe\n").expect("a file");
    let run = place.rplan(&["lint", "--format", "compact", "--select", "untagged-image"]);
    assert_eq!(run.stdout.lines().count(), 1, "{run:?}");
}

#[test]
fn order_and_bytes_do_not_depend_on_threads() {
    let files: Vec<(String, &str)> =
        (0..40).map(|number| (format!("s{number}/Dockerfile"), [UNTAGGED, BROKEN, CLEAN][number % 3])).collect();
    let files: Vec<(&str, &str)> = files.iter().map(|(path, text)| (path.as_str(), *text)).collect();
    let place = Place::with(&files);
    let with_threads =
        |count: &str| place.rplan_with(&["lint", "--format", "json"], &[("RAYON_NUM_THREADS", count)], "").stdout;
    let once = with_threads("1");
    assert_eq!(once, with_threads("8"));
    let json: serde_json::Value = serde_json::from_str(&once).expect("it is JSON");
    let paths: Vec<&str> =
        json["files"].as_array().unwrap().iter().map(|file| file["path"].as_str().unwrap()).collect();
    assert!(paths.is_sorted() && paths.len() == 40);
}

#[test]
fn stdin_has_the_name_and_the_settings_that_are_given_to_it() {
    let place = Place::with(&[("api/rplan.toml", "[lint]\nignore = ['untagged-image']\n")]);
    let run = place.rplan_with(&["lint", "-", "--format", "compact"], &[], UNTAGGED);
    assert!(run.stdout.starts_with("<stdin>:1:6: warning[untagged-image]"), "{run:?}");
    let named = ["lint", "-", "--stdin-filename", "web/Dockerfile", "--format", "compact"];
    assert!(place.rplan_with(&named, &[], UNTAGGED).stdout.starts_with("web/Dockerfile:1:6: "));
    let named = ["lint", "-", "--stdin-filename", "api/Dockerfile"];
    assert_eq!(place.rplan_with(&named, &[], UNTAGGED).code, 0);
    assert_eq!(place.rplan_with(&["lint", "-", "api"], &[], UNTAGGED).code, 2);
}

#[test]
fn files_are_found_and_left_out() {
    let place = Place::with(&[
        ("Dockerfile", UNTAGGED),
        ("vendor/x/Dockerfile", UNTAGGED),
        ("odd.txt", UNTAGGED),
        ("rplan.toml", "[lint]\nexclude = ['vendor']\n"),
    ]);
    let found = |args: &[&str]| {
        let run = place.rplan(&[&["lint", "--format", "compact"], args].concat());
        run.stdout.lines().map(|line| line.split(':').next().unwrap().to_owned()).collect::<Vec<_>>()
    };
    assert_eq!(found(&[]), ["Dockerfile"]);
    assert_eq!(found(&["odd.txt", "vendor/x/Dockerfile"]), ["odd.txt", "vendor/x/Dockerfile"]);
    assert_eq!(found(&["odd.txt", "vendor/x/Dockerfile", "--force-exclude"]), ["odd.txt"]);
    assert_eq!(found(&["--exclude", "Dockerfile"]), Vec::<String>::new());
    assert_eq!(found(&["*.txt"]), ["odd.txt"]);
    assert_eq!(place.rplan(&["lint", "--exclude", "[z-a]", "."]).code, 2);
}

#[test]
fn settings_choose_rules_and_thresholds_and_options_win() {
    let place = Place::with(&[("Dockerfile", UNTAGGED), ("rplan.toml", "[lint]\nfail-on = 'error'\n")]);
    assert_eq!(place.rplan(&["lint"]).code, 0);
    assert_eq!(place.rplan(&["lint", "--fail-on", "warning"]).code, 1);
    place.write("other.toml", "[lint]\nselect = ['relative-workdir']\n");
    let run = place.rplan(&["lint", "--config", "other.toml"]);
    assert_eq!((run.code, run.stdout.lines().count()), (0, 1), "{run:?}");
    assert_eq!(place.rplan(&["lint", "--config", "gone.toml"]).code, 2);
}

#[test]
fn shell_text_that_breaks_its_parser_is_no_bug_to_report() {
    let place = Place::with(&[(
        "Dockerfile",
        "FROM debian:12\nRUN <<END\n<<a)a3$(+\n)\n$$<a)\na\nEND\nRUN apt-get install x\n",
    )]);
    let run = place.rplan(&["lint", "--format", "compact"]);
    assert!(run.code == 1 && !run.stderr.contains("bug"), "{run:?}");
    assert!(run.stdout.contains("Dockerfile:8:"), "the rest of the file is judged: {run:?}");
}

#[test]
fn a_profile_and_an_edition_are_typed_or_set() {
    let place = Place::with(&[("Dockerfile", "FROM debian\nRUN cd /a && b\nHEALTHCHECK NONE\n")]);
    let rules = |args: &[&str]| -> Vec<String> {
        let mut typed = vec!["lint", "--severity", "style", "--format", "json"];
        typed.extend(args);
        let run = place.rplan(&typed);
        let report: serde_json::Value = serde_json::from_str(&run.stdout).unwrap_or_else(|_| panic!("{run:?}"));
        let findings = report["files"][0]["findings"].as_array().expect("findings");
        findings.iter().map(|finding| finding["rule"].as_str().expect("a rule").to_owned()).collect()
    };
    assert_eq!(rules(&["--profile", "hadolint"]), ["untagged-image", "cd-in-run"]);
    assert_eq!(rules(&["--profile", "buildkit"]), [""; 0]);
    assert!(rules(&["--profile", "strict"]).contains(&"healthcheck-none".to_owned()));
    place.write("rplan.toml", "[lint]\nprofile = 'buildkit'\nedition = '1'\n");
    assert_eq!((rules(&[]).len(), rules(&["--profile", "hadolint"]).len()), (0, 2), "what is typed wins");
    place.write("rplan.toml", "[lint]\nedition = 99\n");
    let run = place.rplan(&["lint"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("this rplan knows the editions from 1 to "), "{}", run.stderr);
    assert_eq!(place.rplan(&["lint", "--profile", "hadolnt"]).code, 2);
}

#[test]
fn names_of_rules_are_known() {
    let place = Place::with(&[("Dockerfile", UNTAGGED)]);
    let run = place.rplan(&["lint", "--select", "latest-tg"]);
    assert_eq!(run.code, 2);
    assert!(run.stderr.contains("did you mean `latest-tag`?"), "{}", run.stderr);
    assert_eq!(place.rplan(&["lint", "--select", "reproducibility,DL3007"]).code, 1, "categories and foreign ids");
    place.write(
        "rplan.toml",
        "[lint]\nignore = ['untaged-image']\n[lint.rule.latest-tagg]\n[lint.rule.latest-tag]\nwords = ['x']\n",
    );
    let run = place.rplan(&["lint"]);
    in_area("cli", || insta::assert_snapshot!("lint_settings_wrong", run.shown()));
}

#[test]
fn a_rule_can_be_set_to_another_severity() {
    let place = Place::with(&[("Dockerfile", UNTAGGED)]);
    place.write("rplan.toml", "[lint.rule.untagged-image]\nseverity = 'info'\n");
    let run = place.rplan(&["lint"]);
    assert!(run.code == 0 && run.stdout.contains("1 note not shown: --severity info"), "{run:?}");
}

#[test]
fn what_is_not_shown_is_counted() {
    let place =
        Place::with(&[("Dockerfile", "FROM alpine\nRUN true # rplan\n# rplan ignore=untagged-image\nFROM alpine\n")]);
    let run = place.rplan(&["lint", "--severity", "error", "--fail-on", "error", "Dockerfile"]);
    assert!(run.stdout.contains("not shown: --severity"), "{run:?}");
    assert!(run.stdout.contains("1 finding ignored by comments"), "{run:?}");
}

#[test]
fn verbose_shows_what_is_milder() {
    let place = Place::with(&[("Dockerfile", "FROM debian:12\nRUN cd /tmp\nrun true\n")]);
    let shown = |arguments: &[&str]| {
        let format = ["lint", "--format", "compact", "Dockerfile"];
        let text = place.rplan(&[&format, arguments].concat()).stdout;
        ["cd-in-run", "keyword-casing"].map(|id| text.contains(id))
    };
    assert_eq!(shown(&[]), [false, false]);
    assert_eq!(shown(&["-v"]), [true, false]);
    assert_eq!(shown(&["-vv"]), [true, true]);
    assert_eq!(shown(&["-vv", "--severity", "info"]), [true, false]);
}

#[test]
fn statistics_count_by_rule() {
    let place = Place::with(&[("a/Dockerfile", UNTAGGED), ("b/Dockerfile", UNTAGGED)]);
    let run = place.rplan(&["lint", "--statistics"]);
    assert!(run.stdout.contains("\n    2  untagged-image\n"), "{run:?}");
    let run = place.rplan(&["lint", "--statistics", "--format", "compact"]);
    assert_eq!(
        (run.stdout.lines().count(), run.stderr.as_str()),
        (2, "    2  untagged-image\n"),
        "where it disturbs nobody"
    );
    let json = place.rplan(&["lint", "--statistics", "--format", "json"]).stdout;
    let json: serde_json::Value = serde_json::from_str(&json).expect("it is JSON");
    assert_eq!(json["statistics"], serde_json::json!({"untagged-image": 2}));
}

#[test]
fn an_image_of_the_settings_gives_context_target_and_arguments() {
    let place = Place::with(&[
        ("docker/api.Dockerfile", "ARG TAG\nFROM alpine:$TAG AS api\nCOPY src /src\nFROM alpine:$TAG AS debug\n"),
        ("services/api/src", ""),
        (
            "rplan.toml",
            "[[image]]\nfile = 'docker/api.Dockerfile'\ncontext = 'services/api'\nbuild-args = { TAG = '3.20' }\n",
        ),
    ]);
    let run = place.rplan(&["lint", "docker/api.Dockerfile", "--format", "json"]);
    let json: serde_json::Value = serde_json::from_str(&run.stdout).expect("it is JSON");
    assert_eq!(json["files"][0]["context"]["path"], "services/api");
}

#[test]
fn lint_can_repair_first() {
    let place = Place::with(&[("Dockerfile", "FROM alpine:3.20\nENV A b\nCMD [\"date\"]\n")]);
    let run = place.rplan(&["lint", "--fix", "--severity", "style"]);
    assert_eq!(run.code, 0, "{run:?}");
    assert_eq!(run.stderr, "note: repaired Dockerfile: legacy-key-value\n");
    assert!(place.read("Dockerfile").contains("ENV A=b\n"));
    assert_eq!(place.rplan_with(&["lint", "--fix", "-"], &[], UNTAGGED).code, 2);
}

/// Whoever wraps hadolint reads these keys and its names of rules.
#[test]
fn the_form_of_hadolint_has_its_keys_and_names() {
    let place = Place::with(&[("Dockerfile", UNTAGGED)]);
    let run = place.rplan(&["lint", "--format", "hadolint", "--select", "untagged-image"]);
    let json: serde_json::Value = serde_json::from_str(&run.stdout).expect("it is JSON");
    let keys: Vec<&String> = json[0].as_object().expect("an object").keys().collect();
    assert_eq!(keys, ["code", "column", "file", "level", "line", "message"]);
    assert_eq!((json[0]["code"].as_str(), json[0]["level"].as_str()), (Some("DL3006"), Some("warning")));
}

/// A fingerprint names what is wrong, not the line where it is.
#[test]
fn fingerprints_stay_when_lines_move() {
    let place = Place::with(&[("Dockerfile", "FROM alpine\nFROM alpine\n")]);
    let fingerprints = || -> Vec<String> {
        let run = place.rplan(&["lint", "--format", "gitlab", "--select", "untagged-image"]);
        let json: serde_json::Value = serde_json::from_str(&run.stdout).expect("it is JSON");
        let issues = json.as_array().expect("an array");
        issues.iter().map(|issue| issue["fingerprint"].as_str().expect("a text").to_owned()).collect()
    };
    let before = fingerprints();
    assert!(before.len() == 2 && before[0] != before[1], "{before:?}");
    place.write("Dockerfile", "# one\n\n# two\nfrom  alpine\n\nFROM \\\n  alpine\n");
    assert_eq!(fingerprints(), before);
}

#[test]
fn one_form_goes_to_stdout_and_files_must_be_writable() {
    let place = Place::with(&[("Dockerfile", UNTAGGED)]);
    let run = |forms: &[&str]| {
        place.rplan(&[&["lint"], &forms.iter().flat_map(|form| ["--format", form]).collect::<Vec<_>>()[..]].concat())
    };
    let two = run(&["compact", "json"]);
    assert!(two.code == 2 && two.stderr.contains("only one form can go to stdout"), "{two:?}");
    assert_eq!((run(&["sarif=gone/s.json"]).code, run(&["sarif="]).code, run(&["serif"]).code), (4, 2, 2));
    assert_eq!(run(&["json=j.json"]).stdout, run(&["pretty"]).stdout, "people see what they see without a file");
}

/// Every form, of the same findings, holds as many of them.
#[test]
fn no_form_leaves_a_finding_out() {
    let place = Place::with(&[("a/Dockerfile", UNTAGGED), ("b/Dockerfile", BROKEN), ("c/Dockerfile", CLEAN)]);
    let forms = ["compact", "github", "gitlab", "checkstyle", "junit", "hadolint", "sarif", "json"];
    let marks =
        ["]", "::error|::warning", "fingerprint", "<error ", "<failure ", "\"code\"", "ruleIndex", "\"fingerprint\""];
    for (form, mark) in forms.into_iter().zip(marks) {
        let shown = place.rplan(&["lint", "--format", form]).stdout;
        let count: usize = mark.split('|').map(|mark| shown.matches(mark).count()).sum();
        assert_eq!(count, 2, "{form}: {shown}");
    }
}

#[test]
fn several_forms_are_written_at_once() {
    let place = Place::with(&[("Dockerfile", UNTAGGED)]);
    let forms = ["gitlab=g.json", "checkstyle=c.xml", "junit=j.xml", "sarif=s.json", "hadolint=h.json", "compact"];
    let arguments: Vec<&str> =
        std::iter::once("lint").chain(forms.iter().flat_map(|form| ["--format", form])).collect();
    assert!(place.rplan(&arguments).stdout.starts_with("Dockerfile:1:"));
    for file in ["g.json", "c.xml", "j.xml", "s.json", "h.json"] {
        let name = if file == "h.json" { "DL3006" } else { "untagged-image" };
        assert!(place.read(file).contains(name), "{file}");
    }
}

/// What git tells of the context reaches the rule that asks for it, and no other run asks.
#[test]
fn what_past_commits_changed_is_read_from_git() {
    let dockerfile = "FROM alpine:3.20\nWORKDIR /app\nCOPY src src\nCOPY assets assets\nCMD [\"date\"]\n";
    let place = Place::with(&[("Dockerfile", dockerfile), ("src/main.py", ""), ("assets/logo", "")]);
    place.write("rplan.toml", "[lint.rule.often-changed-first]\ncommits = 4\n");
    let found = |more: &[&str]| {
        let lint = ["lint", "--severity", "info", "--format", "compact", "--select", "often-changed-first"];
        place.rplan(&[&lint, more].concat()).stdout
    };
    assert_eq!(found(&[]), "", "there is no repository");
    place.commit("begin");
    for change in ["a", "b", "c"] {
        assert_eq!(found(&[]), "", "there are few commits");
        place.write("src/main.py", change);
        place.commit(change);
    }
    let expected =
        "Dockerfile:3:6: info[often-changed-first] 3 of the last 4 commits run the COPY below again for nothing\n";
    assert_eq!(found(&[]), expected);
    place.write(".dockerignore", "src\n");
    place.commit("ignore");
    assert_eq!(found(&[]), "", "what is ignored runs nothing again");
}
