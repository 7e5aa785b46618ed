//! The program: all of it is in the library, which compiles while what it links is still being compiled.

fn main() -> std::process::ExitCode {
    hookproof::main()
}
