//! Echo on mio, which is edge-triggered: read until the kernel says that there
//! is no more. What a full send buffer does not take waits, and nothing more is
//! read meanwhile.

mod peer;

use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Registry, Token};
use std::collections::HashMap;
use std::io::{self, ErrorKind, Read, Write};

const LISTENER: Token = Token(usize::MAX);

struct Client {
    stream: TcpStream,
    rest: Vec<u8>,
}

impl Client {
    /// Writes what waits. True: nothing does any more.
    fn flush(&mut self) -> io::Result<bool> {
        while !self.rest.is_empty() {
            match self.stream.write(&self.rest) {
                Ok(n) => drop(self.rest.drain(..n)),
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(false),
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }

    /// False: the client has ended.
    fn serve(&mut self, buffer: &mut [u8]) -> io::Result<bool> {
        while self.flush()? {
            let n = match self.stream.read(buffer) {
                Ok(0) => return Ok(false),
                Ok(n) => n,
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(true),
                Err(error) => return Err(error),
            };
            let sent = match self.stream.write(&buffer[..n]) {
                Ok(sent) => sent,
                Err(error) if error.kind() == ErrorKind::WouldBlock => 0,
                Err(error) => return Err(error),
            };
            self.rest.extend_from_slice(&buffer[sent..n]);
        }
        Ok(true)
    }
}

fn accept_all(
    listener: &TcpListener,
    registry: &Registry,
    clients: &mut HashMap<Token, Client>,
    next: &mut usize,
) -> io::Result<()> {
    while let Ok((mut stream, _)) = listener.accept() {
        let token = Token(*next);
        *next += 1;
        stream.set_nodelay(true)?;
        registry.register(&mut stream, token, Interest::READABLE | Interest::WRITABLE)?;
        clients.insert(
            token,
            Client {
                stream,
                rest: Vec::new(),
            },
        );
    }
    Ok(())
}

fn main() -> io::Result<()> {
    let mut poll = Poll::new()?;
    let mut listener = TcpListener::from_std(peer::listener()?);
    poll.registry()
        .register(&mut listener, LISTENER, Interest::READABLE)?;
    let mut events = Events::with_capacity(1024);
    let mut clients = HashMap::new();
    let mut next = 0;
    let mut buffer = vec![0; 64 * 1024];
    loop {
        match poll.poll(&mut events, None) {
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            result => result?,
        }
        for event in &events {
            if event.token() == LISTENER {
                accept_all(&listener, poll.registry(), &mut clients, &mut next)?;
            } else if let Some(client) = clients.get_mut(&event.token()) {
                if !client.serve(&mut buffer).unwrap_or(false) {
                    clients.remove(&event.token());
                }
            }
        }
    }
}
