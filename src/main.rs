//! The `rplan` binary: hands the command line to the library and exits with its answer.

fn main() -> std::process::ExitCode {
    // A build runs each RUN in a helper: this same program, started again.
    #[cfg(all(feature = "exec", target_os = "linux"))]
    if let Some(answer) = rplan::exec::backend::sandbox::helper_main() {
        return answer;
    }
    rplan::cli::main()
}
