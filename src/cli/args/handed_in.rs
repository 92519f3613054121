//! What a build is handed for single steps: `--secret` and `--ssh`.

use std::path::PathBuf;

/// One `--secret`, as typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cli) struct SecretSpec {
    /// What RUN calls it.
    pub(in crate::cli) id: String,
    /// Where it is.
    pub(in crate::cli) source: SecretPlace,
}

/// Where a secret is.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cli) enum SecretPlace {
    /// In the variable of the same name if there is one, else in the file of that name.
    SameName,
    /// In a file.
    File(PathBuf),
    /// In a variable of the environment.
    Variable(String),
}

/// One `--ssh`, as typed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(in crate::cli) struct AgentSpec {
    /// What RUN calls it.
    pub(in crate::cli) id: String,
    /// The socket; none for that of `SSH_AUTH_SOCK`.
    pub(in crate::cli) socket: Option<PathBuf>,
}

/// Reads `id=…,src=…` or `id=…,env=…`.
pub(super) fn secret_spec(text: &str) -> Result<SecretSpec, String> {
    let (mut id, mut kind, mut file, mut variable) = (None, None, None, None);
    for field in text.split(',') {
        match field.split_once('=') {
            Some(("id", value)) if !value.is_empty() => id = Some(value.to_owned()),
            Some(("type", value @ ("file" | "env"))) => kind = Some(value),
            Some(("src" | "source", value)) if !value.is_empty() => file = Some(value),
            Some(("env", value)) if !value.is_empty() => variable = Some(value),
            _ => return Err(format!("`{field}` is not understood: expected id=ID,src=FILE or id=ID,env=VARIABLE")),
        }
    }
    let id = id.ok_or("the id is missing: id=ID")?;
    let source = match (kind, file, variable) {
        (_, Some(_), Some(_)) => return Err("either src or env, not both".to_owned()),
        (_, None, Some(variable)) | (Some("env"), Some(variable), None) => SecretPlace::Variable(variable.to_owned()),
        (Some("env"), None, None) => SecretPlace::Variable(id.clone()),
        (_, Some(file), None) => SecretPlace::File(PathBuf::from(file)),
        (Some(_), None, None) => SecretPlace::File(PathBuf::from(&id)),
        (None, None, None) => SecretPlace::SameName,
    };
    Ok(SecretSpec { id, source })
}

/// Reads `ID` or `ID=SOCKET`.
pub(super) fn agent_spec(text: &str) -> Result<AgentSpec, String> {
    let (id, socket) = match text.split_once('=') {
        None => (text, None),
        Some((_, "")) => return Err("the socket is missing: ID=SOCKET".to_owned()),
        Some((id, socket)) => (id, Some(PathBuf::from(socket))),
    };
    match id {
        "" => Err("the id is missing: `default` is the usual one".to_owned()),
        id => Ok(AgentSpec { id: id.to_owned(), socket }),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_read_as_buildx_reads_them() {
        let place = |text: &str| secret_spec(text).map(|spec| spec.source);
        assert_eq!(place("id=a"), Ok(SecretPlace::SameName));
        assert_eq!(place("id=a,src=f"), Ok(SecretPlace::File("f".into())));
        assert_eq!(place("type=file,id=a,source=f"), Ok(SecretPlace::File("f".into())));
        assert_eq!(place("id=a,env=V"), Ok(SecretPlace::Variable("V".into())));
        assert_eq!(place("id=a,type=env"), Ok(SecretPlace::Variable("a".into())));
        assert_eq!(place("id=a,type=env,src=V"), Ok(SecretPlace::Variable("V".into())));
        for wrong in ["", "src=f", "id=", "id=a,src=f,env=V", "id=a,mode=7", "id=a,type=dir"] {
            assert!(secret_spec(wrong).is_err(), "{wrong}");
        }
    }

    #[test]
    fn an_agent_has_an_id_and_maybe_a_socket() {
        assert_eq!(agent_spec("default"), Ok(AgentSpec { id: "default".into(), socket: None }));
        assert_eq!(agent_spec("work=/run/a"), Ok(AgentSpec { id: "work".into(), socket: Some("/run/a".into()) }));
        assert!(agent_spec("").is_err() && agent_spec("=x").is_err() && agent_spec("x=").is_err());
    }
}
