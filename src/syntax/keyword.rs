//! The instructions of the language.

macro_rules! keywords {
    ($($(#[$doc:meta])* $variant:ident = $text:literal,)*) => {
        /// The instructions of the language.
        #[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash, serde::Serialize, serde::Deserialize)]
        #[serde(rename_all = "UPPERCASE")]
        pub enum Keyword {
            $($(#[$doc])* $variant,)*
        }

        impl Keyword {
            /// Every keyword, in alphabetical order.
            pub const ALL: &[Keyword] = &[$(Keyword::$variant,)*];

            /// The keyword in capitals.
            pub fn as_str(self) -> &'static str {
                match self {
                    $(Keyword::$variant => $text,)*
                }
            }
        }
    };
}

keywords! {
    /// `ADD`
    Add = "ADD",
    /// `ARG`
    Arg = "ARG",
    /// `CMD`
    Cmd = "CMD",
    /// `COPY`
    Copy = "COPY",
    /// `ENTRYPOINT`
    Entrypoint = "ENTRYPOINT",
    /// `ENV`
    Env = "ENV",
    /// `EXPOSE`
    Expose = "EXPOSE",
    /// `FROM`
    From = "FROM",
    /// `HEALTHCHECK`
    Healthcheck = "HEALTHCHECK",
    /// `LABEL`
    Label = "LABEL",
    /// `MAINTAINER`
    Maintainer = "MAINTAINER",
    /// `ONBUILD`
    Onbuild = "ONBUILD",
    /// `RUN`
    Run = "RUN",
    /// `SHELL`
    Shell = "SHELL",
    /// `STOPSIGNAL`
    Stopsignal = "STOPSIGNAL",
    /// `USER`
    User = "USER",
    /// `VOLUME`
    Volume = "VOLUME",
    /// `WORKDIR`
    Workdir = "WORKDIR",
}

impl Keyword {
    /// The keyword that `word` is, in any case.
    pub fn from_word(word: &str) -> Option<Self> {
        Self::ALL.iter().copied().find(|keyword| keyword.as_str().eq_ignore_ascii_case(word))
    }
}

impl std::fmt::Display for Keyword {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str(self.as_str())
    }
}
