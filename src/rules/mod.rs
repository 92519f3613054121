//! What is bad, and the local repair: one YAML file a rule, and one Rust file where predicates are not enough.
//!
//! Does not know settings files, other rules, or where findings are shown.
//! Invariants: a rule is a function of what [`Cx`] shows; every finding has a place; a fix is computed only when wanted.
//!
//! A new rule is `rules/lint/<id>.yaml` with a `match:` block; or that file without the block, `src/rules/<id>.rs`, and
//! two sorted lines here. `RPLAN_UPDATE=1 cargo test --test it rules::` then writes what is generated.

mod alias;
mod answers;
mod catalogue;
mod cx;
mod declined;
mod document;
mod edition;
mod explain;
mod matcher;
pub mod meta;
mod out;
#[rustfmt::skip]
mod table;
mod user;
mod userland;

pub(crate) use catalogue::Decides;
pub use catalogue::{Catalogue, Clash, Rule};
pub use cx::{Cx, RunCommand};
pub use declined::{Declined, declined, explain_declined};
pub use document::{ContextFile, Document, Example, Expected, FixDocument, Kind, OptionDocument};
pub use explain::{document, explain, reference};
pub use matcher::{CommandMatch, FlagMatch, ImageMatch, Match, Pattern, Predicate, Role, Schema};
pub use meta::{
    Alias, Category, Confidence, EDITION, Edition, FixPromise, List, Offered, OptionMeta, OptionValue, RuleMeta,
    Status, Text, Tool,
};
pub use out::{Draft, Out};
pub use unreadable_file::{LARGEST, no_text};
pub use user::{UserRuleError, is_kebab_case, read_document, read_user_rule, skeleton};

use crate::model::{Instruction, Stage};

/// A comment that silences nothing, or a name in it that does not.
#[derive(Clone, Copy)]
pub struct Idle<'a> {
    /// The comment.
    pub pragma: &'a crate::syntax::pragma::Pragma,
    /// The name; none where all of the comment is meant.
    pub name: Option<&'a crate::text::Spanned<String>>,
}

/// A rule that is written in Rust. Every hook is called; a rule fills those it needs.
pub trait Check: Sync {
    /// Called once for the file.
    fn file(&self, cx: &Cx<'_>, out: &mut Out<'_>) {
        let _ = (cx, out);
    }

    /// Called once, after every rule has spoken, where comments silence nothing: rules may not know each other, so that
    /// these are found for them.
    fn idle(&self, idle: &[Idle<'_>], cx: &Cx<'_>, out: &mut Out<'_>) {
        let _ = (idle, cx, out);
    }

    /// Called for each stage.
    fn stage(&self, stage: &Stage, cx: &Cx<'_>, out: &mut Out<'_>) {
        let _ = (stage, cx, out);
    }

    /// Called for each instruction, ARGs before the first FROM included.
    fn instruction(&self, instruction: &Instruction, cx: &Cx<'_>, out: &mut Out<'_>) {
        let _ = (instruction, cx, out);
    }

    /// Called for each instruction that ONBUILD stores. It runs in another file: its words have no value, and
    /// it gets no fixes.
    fn trigger(&self, instruction: &Instruction, cx: &Cx<'_>, out: &mut Out<'_>) {
        self.instruction(instruction, cx, out);
    }

    /// Called for each simple command of the shell text of RUN, stored by ONBUILD or not.
    fn command(&self, command: RunCommand<'_>, cx: &Cx<'_>, out: &mut Out<'_>) {
        let _ = (command, cx, out);
    }
}

mod account;
mod add_instead_of_copy;
mod add_without_checksum;
mod addition;
mod apk_with_index;
mod apt_asks_questions;
mod apt_command_line;
mod apt_with_recommends;
mod apt_without_clean;
mod apt_without_yes;
mod archive_left;
mod arrivals;
mod as_casing;
mod assets_without_key;
mod bad_ignore;
mod bad_label_value;
mod base_needs_build_arg;
mod bash_syntax_in_sh;
mod big_base_image;
mod blank_after_continuation;
mod bootsnap_in_parallel;
mod build_error;
mod build_set_label;
mod build_tools_shipped;
mod bundle_with_cache;
mod bundle_with_development;
mod bundle_without_lock;
mod bundler;
mod cd_in_run;
mod cd_without_effect;
mod cgo_without_libc;
mod chain_for_heredoc;
mod checksum_with_one_blank;
mod chmod_after_copy;
mod command_without_secret;
mod composer_with_dev;
mod consecutive_runs;
mod constant_platform;
mod copied_archive;
mod copy_before_deps;
mod copy_of_ignored_file;
mod copy_of_missing_path;
mod copy_of_root;
mod copy_of_whole_context;
mod copy_without_link;
mod credential_in_command;
mod credentials_in_url;
mod curl_and_wget;
mod curl_without_fail;
mod curl_without_redirects;
mod definition_comment;
mod deprecated_bundler_flag;
mod destination_without_slash;
mod directive_without_effect;
mod directory_change;
mod dnf_without_clean;
mod dnf_without_yes;
mod download_to_shell;
mod downloads;
mod duplicate_stage_name;
mod empty_continuation_line;
mod empty_run;
mod end_of_life;
mod env_in_same_env;
mod epilogue_order;
mod exec_form;
mod expose_casing;
mod expose_host_part;
mod file_written_by_run;
mod gem_with_docs;
mod git_clone;
mod git_in_context;
mod gpg_without_batch;
mod heredoc_without_errexit;
mod high_uid_log;
mod ignored_on_windows;
mod image_for_other_platform;
mod image_not_allowed;
mod images;
mod indented_instruction;
mod index_update_alone;
mod inline_ignore;
mod insertion;
mod install_without_cache_mount;
mod jemalloc_not_preloaded;
mod json_like_shell_form;
mod keyword_casing;
mod label_form;
mod label_key_form;
mod leftovers;
mod legacy_key_value;
mod lifetimes;
mod literal_credential;
mod literal_password;
mod maintainer;
mod missing_cmd;
mod missing_final_newline;
mod missing_healthcheck;
mod missing_ignore_file;
mod missing_label;
mod missing_runtime_variable;
mod missing_user;
mod misspelt_frontend;
mod multiple_cmd;
mod named_user;
mod named_user_in_scratch;
mod npm_install;
mod npm_with_cache;
mod overwritten_env;
mod pinning;
mod pip_with_cache;
mod pipe_without_pipefail;
mod plain_http_download;
mod preprocessor_line;
mod purpose;
mod redundant_bundler;
mod redundant_platform;
mod registry_not_allowed;
mod relative_destination;
mod relative_workdir;
mod relinked_sh;
mod removal;
mod removal_with_empty_variable;
mod removed_jvm_option;
mod repeated_install;
mod repeated_label;
mod repeated_port;
mod reserved_stage_name;
mod root_owned_copy;
mod root_user;
mod secret_file_copied;
mod secret_in_arg_or_env;
mod serial_stages;
mod server_stopsignal;
mod shell_expansion;
mod shell_form_cmd;
mod shell_in_force;
mod shell_in_scratch;
mod shell_text;
mod shellcheck;
mod signal_form;
mod ssh_server;
mod stage_by_number;
mod stage_name_casing;
mod stale_base_digest_label;
mod sudo_in_run;
mod surplus_blank_lines;
mod syntax_error;
mod system_upgrade;
mod telemetry;
mod tls_check_off;
mod trailing_blanks;
mod undefined_variable;
mod unexpected_label;
mod ungraceful_stopsignal;
mod ungrouped_labels;
mod unknown_copy_source;
mod unpacked_download;
mod unpinned_apk_package;
mod unpinned_apt_package;
mod unpinned_dnf_package;
mod unpinned_gem;
mod unpinned_go_package;
mod unpinned_npm_package;
mod unpinned_pip_package;
mod unpinned_yum_package;
mod unpinned_zypper_package;
mod unquoted_path;
mod unreadable_file;
mod unreasoned_ignore;
mod unsigned_packages;
mod unsorted_packages;
mod unused_arg;
mod unused_ignore;
mod unused_stage;
mod unused_user;
mod user_drops_groups;
mod wget_progress_bar;
mod wildcard_version;
mod windows;
mod world_writable;
mod xdebug_shipped;
mod yarn_with_cache;
mod yum_without_clean;
mod yum_without_yes;
mod zypper_without_clean;
mod zypper_without_yes;

/// The rules written in Rust, by id, sorted.
static NATIVE: &[(&str, &dyn Check)] = &[
    ("add-instead-of-copy", &add_instead_of_copy::AddInsteadOfCopy),
    ("add-without-checksum", &add_without_checksum::AddWithoutChecksum),
    ("apk-with-index", &apk_with_index::ApkWithIndex),
    ("apt-asks-questions", &apt_asks_questions::AptAsksQuestions),
    ("apt-command-line", &apt_command_line::AptCommandLine),
    ("apt-with-recommends", &apt_with_recommends::AptWithRecommends),
    ("apt-without-clean", &apt_without_clean::AptWithoutClean),
    ("apt-without-yes", &apt_without_yes::AptWithoutYes),
    ("archive-left", &archive_left::ArchiveLeft),
    ("as-casing", &as_casing::AsCasing),
    ("assets-without-key", &assets_without_key::AssetsWithoutKey),
    ("bad-ignore", &bad_ignore::BadIgnore),
    ("bad-label-value", &bad_label_value::BadLabelValue),
    ("base-needs-build-arg", &base_needs_build_arg::BaseNeedsBuildArg),
    ("bash-syntax-in-sh", &bash_syntax_in_sh::BashSyntaxInSh),
    ("big-base-image", &big_base_image::BigBaseImage),
    ("blank-after-continuation", &blank_after_continuation::BlankAfterContinuation),
    ("bootsnap-in-parallel", &bootsnap_in_parallel::BootsnapInParallel),
    ("build-error", &build_error::BuildError),
    ("build-set-label", &build_set_label::BuildSetLabel),
    ("build-tools-shipped", &build_tools_shipped::BuildToolsShipped),
    ("bundle-with-cache", &bundle_with_cache::BundleWithCache),
    ("bundle-with-development", &bundle_with_development::BundleWithDevelopment),
    ("bundle-without-lock", &bundle_without_lock::BundleWithoutLock),
    ("cd-in-run", &cd_in_run::CdInRun),
    ("cd-without-effect", &cd_without_effect::CdWithoutEffect),
    ("cgo-without-libc", &cgo_without_libc::CgoWithoutLibc),
    ("chain-for-heredoc", &chain_for_heredoc::ChainForHeredoc),
    ("checksum-with-one-blank", &checksum_with_one_blank::ChecksumWithOneBlank),
    ("chmod-after-copy", &chmod_after_copy::ChmodAfterCopy),
    ("command-without-secret", &command_without_secret::CommandWithoutSecret),
    ("composer-with-dev", &composer_with_dev::ComposerWithDev),
    ("consecutive-runs", &consecutive_runs::ConsecutiveRuns),
    ("constant-platform", &constant_platform::ConstantPlatform),
    ("copied-archive", &copied_archive::CopiedArchive),
    ("copy-before-deps", &copy_before_deps::CopyBeforeDeps),
    ("copy-of-ignored-file", &copy_of_ignored_file::CopyOfIgnoredFile),
    ("copy-of-missing-path", &copy_of_missing_path::CopyOfMissingPath),
    ("copy-of-root", &copy_of_root::CopyOfRoot),
    ("copy-of-whole-context", &copy_of_whole_context::CopyOfWholeContext),
    ("copy-without-link", &copy_without_link::CopyWithoutLink),
    ("credential-in-command", &credential_in_command::CredentialInCommand),
    ("credentials-in-url", &credentials_in_url::CredentialsInUrl),
    ("curl-and-wget", &curl_and_wget::CurlAndWget),
    ("curl-without-fail", &curl_without_fail::CurlWithoutFail),
    ("curl-without-redirects", &curl_without_redirects::CurlWithoutRedirects),
    ("definition-comment", &definition_comment::DefinitionComment),
    ("deprecated-bundler-flag", &deprecated_bundler_flag::DeprecatedBundlerFlag),
    ("destination-without-slash", &destination_without_slash::DestinationWithoutSlash),
    ("directive-without-effect", &directive_without_effect::DirectiveWithoutEffect),
    ("dnf-without-clean", &dnf_without_clean::DnfWithoutClean),
    ("dnf-without-yes", &dnf_without_yes::DnfWithoutYes),
    ("download-to-shell", &download_to_shell::DownloadToShell),
    ("duplicate-stage-name", &duplicate_stage_name::DuplicateStageName),
    ("empty-continuation-line", &empty_continuation_line::EmptyContinuationLine),
    ("empty-run", &empty_run::EmptyRun),
    ("end-of-life", &end_of_life::EndOfLife),
    ("env-in-same-env", &env_in_same_env::EnvInSameEnv),
    ("epilogue-order", &epilogue_order::EpilogueOrder),
    ("expose-casing", &expose_casing::ExposeCasing),
    ("expose-host-part", &expose_host_part::ExposeHostPart),
    ("file-written-by-run", &file_written_by_run::FileWrittenByRun),
    ("gem-with-docs", &gem_with_docs::GemWithDocs),
    ("git-clone", &git_clone::GitClone),
    ("git-in-context", &git_in_context::GitInContext),
    ("gpg-without-batch", &gpg_without_batch::GpgWithoutBatch),
    ("heredoc-without-errexit", &heredoc_without_errexit::HeredocWithoutErrexit),
    ("high-uid-log", &high_uid_log::HighUidLog),
    ("ignored-on-windows", &ignored_on_windows::IgnoredOnWindows),
    ("image-for-other-platform", &image_for_other_platform::ImageForOtherPlatform),
    ("image-not-allowed", &image_not_allowed::ImageNotAllowed),
    ("indented-instruction", &indented_instruction::IndentedInstruction),
    ("index-update-alone", &index_update_alone::IndexUpdateAlone),
    ("inline-ignore", &inline_ignore::InlineIgnore),
    ("install-without-cache-mount", &install_without_cache_mount::InstallWithoutCacheMount),
    ("jemalloc-not-preloaded", &jemalloc_not_preloaded::JemallocNotPreloaded),
    ("json-like-shell-form", &json_like_shell_form::JsonLikeShellForm),
    ("keyword-casing", &keyword_casing::KeywordCasing),
    ("label-key-form", &label_key_form::LabelKeyForm),
    ("legacy-key-value", &legacy_key_value::LegacyKeyValue),
    ("literal-credential", &literal_credential::LiteralCredential),
    ("literal-password", &literal_password::LiteralPassword),
    ("maintainer", &maintainer::Maintainer),
    ("missing-cmd", &missing_cmd::MissingCmd),
    ("missing-final-newline", &missing_final_newline::MissingFinalNewline),
    ("missing-healthcheck", &missing_healthcheck::MissingHealthcheck),
    ("missing-ignore-file", &missing_ignore_file::MissingIgnoreFile),
    ("missing-label", &missing_label::MissingLabel),
    ("missing-runtime-variable", &missing_runtime_variable::MissingRuntimeVariable),
    ("missing-user", &missing_user::MissingUser),
    ("misspelt-frontend", &misspelt_frontend::MisspeltFrontend),
    ("multiple-cmd", &multiple_cmd::MultipleCmd),
    ("named-user", &named_user::NamedUser),
    ("named-user-in-scratch", &named_user_in_scratch::NamedUserInScratch),
    ("npm-install", &npm_install::NpmInstall),
    ("npm-with-cache", &npm_with_cache::NpmWithCache),
    ("overwritten-env", &overwritten_env::OverwrittenEnv),
    ("pip-with-cache", &pip_with_cache::PipWithCache),
    ("pipe-without-pipefail", &pipe_without_pipefail::PipeWithoutPipefail),
    ("plain-http-download", &plain_http_download::PlainHttpDownload),
    ("preprocessor-line", &preprocessor_line::PreprocessorLine),
    ("redundant-bundler", &redundant_bundler::RedundantBundler),
    ("redundant-platform", &redundant_platform::RedundantPlatform),
    ("registry-not-allowed", &registry_not_allowed::RegistryNotAllowed),
    ("relative-destination", &relative_destination::RelativeDestination),
    ("relative-workdir", &relative_workdir::RelativeWorkdir),
    ("relinked-sh", &relinked_sh::RelinkedSh),
    ("removal-with-empty-variable", &removal_with_empty_variable::RemovalWithEmptyVariable),
    ("removed-jvm-option", &removed_jvm_option::RemovedJvmOption),
    ("repeated-install", &repeated_install::RepeatedInstall),
    ("repeated-label", &repeated_label::RepeatedLabel),
    ("repeated-port", &repeated_port::RepeatedPort),
    ("reserved-stage-name", &reserved_stage_name::ReservedStageName),
    ("root-owned-copy", &root_owned_copy::RootOwnedCopy),
    ("root-user", &root_user::RootUser),
    ("secret-file-copied", &secret_file_copied::SecretFileCopied),
    ("secret-in-arg-or-env", &secret_in_arg_or_env::SecretInArgOrEnv),
    ("serial-stages", &serial_stages::SerialStages),
    ("server-stopsignal", &server_stopsignal::ServerStopsignal),
    ("shell-form-cmd", &shell_form_cmd::ShellFormCmd),
    ("shell-in-scratch", &shell_in_scratch::ShellInScratch),
    ("shellcheck", &shellcheck::ShellCheck),
    ("signal-form", &signal_form::SignalForm),
    ("ssh-server", &ssh_server::SshServer),
    ("stage-by-number", &stage_by_number::StageByNumber),
    ("stage-name-casing", &stage_name_casing::StageNameCasing),
    ("stale-base-digest-label", &stale_base_digest_label::StaleBaseDigestLabel),
    ("sudo-in-run", &sudo_in_run::SudoInRun),
    ("surplus-blank-lines", &surplus_blank_lines::SurplusBlankLines),
    ("syntax-error", &syntax_error::SyntaxError),
    ("system-upgrade", &system_upgrade::SystemUpgrade),
    ("telemetry", &telemetry::Telemetry),
    ("tls-check-off", &tls_check_off::TlsCheckOff),
    ("trailing-blanks", &trailing_blanks::TrailingBlanks),
    ("undefined-variable", &undefined_variable::UndefinedVariable),
    ("unexpected-label", &unexpected_label::UnexpectedLabel),
    ("ungraceful-stopsignal", &ungraceful_stopsignal::UngracefulStopsignal),
    ("ungrouped-labels", &ungrouped_labels::UngroupedLabels),
    ("unknown-copy-source", &unknown_copy_source::UnknownCopySource),
    ("unpacked-download", &unpacked_download::UnpackedDownload),
    ("unpinned-apk-package", &unpinned_apk_package::UnpinnedApkPackage),
    ("unpinned-apt-package", &unpinned_apt_package::UnpinnedAptPackage),
    ("unpinned-dnf-package", &unpinned_dnf_package::UnpinnedDnfPackage),
    ("unpinned-gem", &unpinned_gem::UnpinnedGem),
    ("unpinned-go-package", &unpinned_go_package::UnpinnedGoPackage),
    ("unpinned-npm-package", &unpinned_npm_package::UnpinnedNpmPackage),
    ("unpinned-pip-package", &unpinned_pip_package::UnpinnedPipPackage),
    ("unpinned-yum-package", &unpinned_yum_package::UnpinnedYumPackage),
    ("unpinned-zypper-package", &unpinned_zypper_package::UnpinnedZypperPackage),
    ("unquoted-path", &unquoted_path::UnquotedPath),
    ("unreadable-file", &unreadable_file::UnreadableFile),
    ("unreasoned-ignore", &unreasoned_ignore::UnreasonedIgnore),
    ("unsigned-packages", &unsigned_packages::UnsignedPackages),
    ("unsorted-packages", &unsorted_packages::UnsortedPackages),
    ("unused-arg", &unused_arg::UnusedArg),
    ("unused-ignore", &unused_ignore::UnusedIgnore),
    ("unused-stage", &unused_stage::UnusedStage),
    ("unused-user", &unused_user::UnusedUser),
    ("user-drops-groups", &user_drops_groups::UserDropsGroups),
    ("wget-progress-bar", &wget_progress_bar::WgetProgressBar),
    ("wildcard-version", &wildcard_version::WildcardVersion),
    ("world-writable", &world_writable::WorldWritable),
    ("xdebug-shipped", &xdebug_shipped::XdebugShipped),
    ("yarn-with-cache", &yarn_with_cache::YarnWithCache),
    ("yum-without-clean", &yum_without_clean::YumWithoutClean),
    ("yum-without-yes", &yum_without_yes::YumWithoutYes),
    ("zypper-without-clean", &zypper_without_clean::ZypperWithoutClean),
    ("zypper-without-yes", &zypper_without_yes::ZypperWithoutYes),
];

/// A keyword in small letters where the one that it follows is, else in capitals.
fn cased_like(keyword: &str, like: &str) -> String {
    if like.chars().all(char::is_lowercase) { keyword.to_lowercase() } else { keyword.to_owned() }
}
