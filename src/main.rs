fn main() -> std::process::ExitCode {
    asoca::cli::main()
}
