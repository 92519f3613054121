//! What the README shows is what there is. `RPLAN_UPDATE=1` writes it anew.

use std::fs;
use std::path::{Path, PathBuf};

use crate::support::cli::Place;

fn root() -> &'static Path {
    Path::new(env!("CARGO_MANIFEST_DIR"))
}

fn readme() -> PathBuf {
    root().join("README.md")
}

/// The fenced block of the README that begins with `opening` must hold `content` behind it.
fn assert_shown(opening: &str, content: &str) {
    let text = fs::read_to_string(readme()).expect("a README");
    let start = text.find(opening).unwrap_or_else(|| panic!("the README has a block that begins with {opening}"));
    let start = start + opening.len();
    let end = start + text[start..].find("\n```\n").expect("the block ends") + 1;
    if std::env::var_os("RPLAN_UPDATE").is_some() && &text[start..end] != content {
        fs::write(readme(), format!("{}{content}{}", &text[..start], &text[end..])).expect("a file");
        return;
    }
    assert_eq!(&text[start..end], content, "the README is out of date: RPLAN_UPDATE=1 cargo test --test it readme::");
}

#[test]
fn the_editor_files_are_shown() {
    let file = |name: &str| fs::read_to_string(root().join("editors").join(name)).expect("the file is there");
    assert_shown("```json\n", &file("vscode-problem-matcher.json"));
    assert_shown("```vim\n", &file("rplan.vim"));
}

/// The picture: the naive example in a repository with three commits that edit the program.
#[test]
fn the_picture_is_real_output() {
    let place = Place::holding_example("python-naive");
    place.commit("begin");
    for number in 1..=3 {
        place.write("examples/python-naive/app.py", &format!("print({number})\n"));
        place.commit("edit");
    }
    let run = place.rplan(&["optimize", "examples/python-naive"]);
    assert_shown("```console\n$ rplan optimize examples/python-naive\n", &run.stdout);
}

#[cfg(all(feature = "exec", target_os = "linux"))]
#[test]
fn the_contexts_are_built_from() {
    use crate::support::repository::Repository;
    use crate::support::scripted_registry::{Answer, ScriptedRegistry};
    use crate::support::system::system_tests_run;

    if !system_tests_run("root, git and tar") {
        return;
    }
    let dockerfile = "FROM scratch\nCOPY Dockerfile /\n";
    let place = Place::with(&[("Dockerfile", dockerfile), ("../docs/page", "text")]);
    place.commit("begin");
    let archive = place.command(Path::new("git")).args(["archive", "HEAD"]).output().expect("git").stdout;
    let files = ScriptedRegistry::start(move |_, request| match request.path.as_str() {
        "/app.tar" => Answer::ok(&archive),
        _ => Answer::ok(dockerfile.as_bytes()),
    });
    let repository = Repository::start();
    repository.write("docs/Dockerfile", dockerfile);
    repository.commit("docs/page", "documented");

    let text = fs::read_to_string(readme()).expect("a README");
    let (_, section) = text.split_once("## Contexts\n").expect("the README tells of contexts");
    let (_, shown) = section.split_once("```console\n").expect("it shows commands");
    let (shown, rest) = shown.split_once("```\n").expect("the block ends");
    let why = rest.split('`').nth(1).expect("and how to ask why");
    for line in shown.lines().map(|line| line.strip_prefix("$ ").expect("a command")).chain([why]) {
        let command = line
            .replace("https://git.example/app.git", &repository.url())
            .replace("https://files.example", &format!("http://{}", files.host()))
            .replace("rplan ", &format!("{} ", env!("CARGO_BIN_EXE_rplan")));
        let ended = place.command(Path::new("sh")).args(["-c", &command]).output().expect("a shell");
        assert!(ended.status.success(), "{line}: {}", String::from_utf8_lossy(&ended.stderr));
    }
}

#[test]
fn the_settings_are_read() {
    let text = fs::read_to_string(readme()).expect("a README");
    let (_, settings) = text.split_once("```toml\n").expect("the README shows settings");
    let (settings, _) = settings.split_once("```\n").expect("the block ends");
    let place = Place::with(&[("rplan.toml", settings)]);
    let run = place.rplan(&["config", "show", "examples/a"]);
    assert!(run.code == 0 && run.stdout.contains("\"untagged-image\"]"), "{run:?}");
}
