//! Who to log in to a registry as.

use docker_credential::{CredentialRetrievalError, DockerCredential, get_credential};

/// Docker Hub's key in Docker's configuration.
const DOCKER_HUB: &str = "https://index.docker.io/v1/";

/// Where credentials come from.
#[derive(Clone, Default, PartialEq, Eq)]
pub enum Credentials {
    /// From `docker login`: its configuration and its helper programs.
    #[default]
    Docker,
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
            Self::Docker => f.write_str("Docker"),
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
    /// Looks up the login for `host`. Trouble is no error yet: most of what is pulled is public.
    pub(super) fn for_host(&self, host: &str) -> Login {
        let anonymous = |trouble| Login { auth: Auth::Anonymous, trouble };
        let login = |auth| Login { auth, trouble: None };
        match self {
            Self::Anonymous => anonymous(None),
            Self::Fixed { username, password } => {
                login(Auth::Password { user: username.clone(), password: password.clone() })
            }
            Self::Docker => match get_credential(if host == "docker.io" { DOCKER_HUB } else { host }) {
                Ok(DockerCredential::UsernamePassword(user, password)) => login(Auth::Password { user, password }),
                Ok(DockerCredential::IdentityToken(token)) => login(Auth::IdentityToken(token)),
                Err(error) if is_absence(&error) => anonymous(None),
                Err(error) => anonymous(Some(format!("its login in Docker's configuration cannot be read: {error}"))),
            },
        }
    }
}

fn is_absence(error: &CredentialRetrievalError) -> bool {
    use CredentialRetrievalError::*;
    match error {
        // Docker's name for a configuration file that is not there.
        NoCredentialConfigured | ConfigNotFound | ConfigReadError => true,
        HelperFailure { stdout, stderr, .. } => {
            [stdout, stderr].iter().any(|text| text.contains("credentials not found"))
        }
        HelperCommunicationError | MalformedHelperResponse | CredentialDecodingError | CredentialMismatchError => false,
    }
}
