//! The `holdfast` program: hands its arguments to the command line and returns its exit status.

mod info_plist;

fn main() -> std::process::ExitCode {
    holdfast::cli::main()
}
