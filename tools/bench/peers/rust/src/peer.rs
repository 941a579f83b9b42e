// What the peers in Rust have in common: --port, the line that says where a
// server listens, and an end with status 0 on SIGTERM.

use std::net::{SocketAddr, TcpListener};
use std::os::unix::io::AsRawFd;

const SIGTERM: i32 = 15;

extern "C" {
    fn listen(socket: i32, backlog: i32) -> i32;
    fn signal(number: i32, handler: extern "C" fn(i32)) -> usize;
    fn _exit(status: i32) -> !;
}

extern "C" fn end_process(_: i32) {
    unsafe { _exit(0) } // one of the few calls that a handler may make
}

/// A listener for `--port N` (8000 without it) on 127.0.0.1; it does not block.
pub fn listener() -> std::io::Result<TcpListener> {
    unsafe { signal(SIGTERM, end_process) };
    let arguments: Vec<String> = std::env::args().collect();
    let port = match arguments.iter().position(|word| word == "--port") {
        Some(place) => arguments.get(place + 1).and_then(|word| word.parse().ok()),
        None => Some(8000),
    };
    let port: u16 = port.unwrap_or_else(|| {
        eprintln!("{}: --port needs a number", arguments[0]);
        std::process::exit(2);
    });
    let listener = TcpListener::bind(SocketAddr::from(([127, 0, 0, 1], port)))?;
    listener.set_nonblocking(true)?;
    // bind() has room for 128 that wait; the other peers have 4,096.
    if unsafe { listen(listener.as_raw_fd(), 4096) } < 0 {
        return Err(std::io::Error::last_os_error());
    }
    println!("listening on {}", listener.local_addr()?);
    Ok(listener)
}
