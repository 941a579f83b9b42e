// What the peers in Rust have in common: --port, the line that says where a
// server listens, and an end with status 0 on SIGTERM.

use std::net::{SocketAddr, TcpListener};

const SIGTERM: i32 = 15;

extern "C" {
    fn signal(number: i32, handler: extern "C" fn(i32)) -> usize;
    fn _exit(status: i32) -> !;
}

extern "C" fn end_process(_: i32) {
    unsafe { _exit(0) } // one of the few calls that a handler may make
}

/// A listener for `--port N` (8000 without it) on 127.0.0.1; it does not block.
pub fn listen() -> std::io::Result<TcpListener> {
    unsafe { signal(SIGTERM, end_process) };
    let arguments: Vec<String> = std::env::args().collect();
    let port = match arguments.iter().position(|word| word == "--port") {
        Some(place) => arguments.get(place + 1).and_then(|word| word.parse().ok()),
        None => Some(8000),
    };
    let Some(port) = port else {
        eprintln!("{}: --port needs a number", arguments[0]);
        std::process::exit(2);
    };
    let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], port)))?;
    listener.set_nonblocking(true)?;
    println!("listening on {}", listener.local_addr()?);
    Ok(listener)
}
