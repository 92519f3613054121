//! Who to log in to a registry as.

use docker_credential::{CredentialRetrievalError, DockerCredential, get_credential_from_reader};

use super::logins::{LoginFile, login_files};

/// Where credentials come from.
#[derive(Clone, Default, PartialEq, Eq)]
pub enum Credentials {
    /// From `podman login` and `docker login`: their files, and the helper programs that these name.
    #[default]
    LoggedIn,
    /// Nowhere.
    Anonymous,
    /// The same for every registry.
    Fixed {
        /// The user.
        username: String,
        /// The password or token.
        password: String,
    },
}

/// Never shows a password.
impl std::fmt::Debug for Credentials {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        match self {
            Self::LoggedIn => f.write_str("LoggedIn"),
            Self::Anonymous => f.write_str("Anonymous"),
            Self::Fixed { username, .. } => write!(f, "Fixed({username})"),
        }
    }
}

/// What a registry is shown.
#[derive(Clone, PartialEq, Eq)]
pub(super) enum Auth {
    /// Nothing.
    Anonymous,
    /// A name and a password or access token.
    Password {
        /// The user.
        user: String,
        /// The password.
        password: String,
    },
    /// What a login at the registry's own page gave.
    IdentityToken(String),
}

/// What was found for one registry.
pub(super) struct Login {
    pub(super) auth: Auth,
    /// Why there is none although the user has set one up; told when the registry refuses.
    pub(super) trouble: Option<String>,
}

impl Credentials {
    /// Looks up the login for `repository` at `host`. Trouble is no error yet: most of what is pulled is public.
    pub(super) fn for_repository(&self, host: &str, repository: &str) -> Login {
        match self {
            Self::Anonymous => Login { auth: Auth::Anonymous, trouble: None },
            Self::Fixed { username, password } => {
                Login { auth: Auth::Password { user: username.clone(), password: password.clone() }, trouble: None }
            }
            Self::LoggedIn => logged_in(&login_files(), host, repository),
        }
    }
}

/// The login in the first of `files` that has one.
fn logged_in(files: &[LoginFile], host: &str, repository: &str) -> Login {
    let mut trouble = None;
    for file in files {
        let found = match file.read() {
            Ok(None) => continue,
            Ok(Some(text)) => {
                let key = file.key(&text, host, repository);
                get_credential_from_reader(text.as_bytes(), &key)
                    .map_err(|error| (is_absence(&error), error.to_string()))
            }
            Err(error) => Err((false, error.to_string())),
        };
        match found {
            Ok(DockerCredential::UsernamePassword(user, password)) => {
                return Login { auth: Auth::Password { user, password }, trouble: None };
            }
            Ok(DockerCredential::IdentityToken(token)) => {
                return Login { auth: Auth::IdentityToken(token), trouble: None };
            }
            Err((true, _)) => {}
            Err((false, why)) => {
                trouble.get_or_insert(format!("its login in {} cannot be read: {}", file.path.display(), why.trim()));
            }
        }
    }
    Login { auth: Auth::Anonymous, trouble }
}

fn is_absence(error: &CredentialRetrievalError) -> bool {
    use CredentialRetrievalError::*;
    match error {
        NoCredentialConfigured | ConfigNotFound => true,
        HelperFailure { stdout, stderr, .. } => {
            [stdout, stderr].iter().any(|text| text.contains("credentials not found"))
        }
        ConfigReadError
        | HelperCommunicationError
        | MalformedHelperResponse
        | CredentialDecodingError
        | CredentialMismatchError => false,
    }
}

#[cfg(test)]
mod tests {
    use std::path::Path;

    use super::super::logins::Manner;
    use super::*;

    /// `me:one`, `me:two` and `me:three`, as the files have them.
    const LOGINS: [&str; 3] = ["bWU6b25l", "bWU6dHdv", "bWU6dGhyZWU="];

    fn file(folder: &Path, name: &str, manner: Manner, text: &str) -> LoginFile {
        let path = folder.join(name);
        std::fs::write(&path, text).expect("a file");
        LoginFile { path, manner }
    }

    fn auths(entries: &[(&str, &str)]) -> String {
        let entries: Vec<String> =
            entries.iter().map(|(key, auth)| format!(r#""{key}": {{"auth": "{auth}"}}"#)).collect();
        format!(r#"{{"auths": {{{}}}}}"#, entries.join(", "))
    }

    fn password(files: &[LoginFile], host: &str, repository: &str) -> Option<String> {
        match logged_in(files, host, repository).auth {
            Auth::Password { password, .. } => Some(password),
            _ => None,
        }
    }

    #[test]
    fn the_login_of_the_nearest_namespace_counts_where_podman_wrote_it() {
        let folder = tempfile::tempdir().expect("a directory");
        let text = auths(&[("r.lan", LOGINS[0]), ("r.lan/team", LOGINS[1]), ("r.lan/team/app", LOGINS[2])]);
        let podman = [file(folder.path(), "auth.json", Manner::Podman, &text)];
        let found = ["other", "team", "team/lib", "team/app", "teams"].map(|name| password(&podman, "r.lan", name));
        assert_eq!(found.map(Option::unwrap), ["one", "two", "two", "three", "one"]);
        let docker = [file(folder.path(), "config.json", Manner::Docker, &text)];
        assert_eq!(password(&docker, "r.lan", "team/app").as_deref(), Some("one"));
    }

    #[test]
    fn the_first_file_with_a_login_counts_and_docker_hub_has_two_names() {
        let folder = tempfile::tempdir().expect("a directory");
        let podman = auths(&[("docker.io", LOGINS[0]), ("a.lan", LOGINS[0])]);
        let docker = auths(&[("https://index.docker.io/v1/", LOGINS[1]), ("b.lan", LOGINS[1]), ("a.lan", LOGINS[1])]);
        let files = [
            LoginFile { path: folder.path().join("absent"), manner: Manner::Podman },
            file(folder.path(), "auth.json", Manner::Podman, &podman),
            file(folder.path(), "config.json", Manner::Docker, &docker),
        ];
        let found = |files: &[LoginFile], host| password(files, host, "library/x");
        assert_eq!(found(&files, "docker.io").as_deref(), Some("one"));
        assert_eq!(found(&files[2..], "docker.io").as_deref(), Some("two"));
        assert_eq!((found(&files, "a.lan").as_deref(), found(&files, "b.lan").as_deref()), (Some("one"), Some("two")));
        assert_eq!(found(&files, "c.lan"), None);
    }

    #[test]
    fn a_file_that_makes_no_sense_is_told_and_hides_no_other() {
        let folder = tempfile::tempdir().expect("a directory");
        let broken = file(folder.path(), "auth.json", Manner::Podman, "{");
        let whole = file(folder.path(), "config.json", Manner::Docker, &auths(&[("a.lan", LOGINS[0])]));
        let login = logged_in(std::slice::from_ref(&broken), "a.lan", "x");
        assert!(login.trouble.is_some_and(|trouble| trouble.contains("auth.json cannot be read")));
        assert_eq!(password(&[broken, whole], "a.lan", "x").as_deref(), Some("one"));
    }
}
