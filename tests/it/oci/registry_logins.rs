//! Which login a registry is shown, by the files that docker and podman keep.

use std::path::Path;
use std::process::Command;
use std::sync::{Arc, Mutex};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;

use crate::support::scripted_registry::{Answer, ScriptedRegistry};

/// Who somebody is whose password is `password`.
fn login(password: &str) -> String {
    STANDARD.encode(format!("me:{password}"))
}

fn write(path: &Path, key: &str, password: &str) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let text = format!(r#"{{"auths": {{"{key}": {{"auth": "{}"}}}}}}"#, login(password));
    std::fs::write(path, text).unwrap();
}

/// The login that `rplan image pull` shows a registry, with these variables in a home of its own.
fn shown(home: &Path, host: &str, logins: &Mutex<Vec<String>>, variables: &[(&str, &Path)]) -> Option<String> {
    logins.lock().unwrap().clear();
    // What is in the files is found through the environment, so another process has to look.
    let mut rplan = Command::new(env!("CARGO_BIN_EXE_rplan"));
    rplan.args(["image", "pull", &format!("{host}/team/app:1")]).env_clear().env("HOME", home);
    rplan.envs(variables.iter().copied()).output().unwrap();
    logins.lock().unwrap().last().cloned()
}

#[test]
fn the_files_of_podman_come_before_that_of_docker() {
    let logins = Arc::new(Mutex::new(Vec::new()));
    let seen = Arc::clone(&logins);
    let registry = ScriptedRegistry::start(move |_, request| match request.login() {
        None => {
            Answer { headers: vec![("www-authenticate", "Basic realm=\"x\"".to_owned())], ..Answer::status(401, "") }
        }
        Some(login) => {
            seen.lock().unwrap().push(login.to_owned());
            Answer::status(404, "")
        }
    });
    let (home, host) = (tempfile::tempdir().unwrap(), registry.host());
    let (home, runtime, file) = (home.path(), home.path().join("run"), home.path().join("only.json"));
    let shown = |variables: &[(&str, &Path)]| shown(home, host, &logins, variables);
    let basic = |password: &str| Some(format!("Basic {}", login(password)));

    assert_eq!(shown(&[]), None);
    write(&home.join(".docker/config.json"), host, "docker");
    assert_eq!(shown(&[]), basic("docker"));
    write(&home.join(".config/containers/auth.json"), &format!("{host}/team"), "kept");
    assert_eq!(shown(&[]), basic("kept"));
    write(&runtime.join("containers/auth.json"), host, "until logout");
    assert_eq!(shown(&[("XDG_RUNTIME_DIR", &runtime)]), basic("until logout"));
    write(&file, host, "named");
    assert_eq!(shown(&[("XDG_RUNTIME_DIR", &runtime), ("REGISTRY_AUTH_FILE", &file)]), basic("named"));
    write(&file, "other.example", "other");
    assert_eq!(shown(&[("REGISTRY_AUTH_FILE", &file)]), None, "the file that was named is the only one");
}
