//! Frames to everybody on mio: all that came in a batch of events leaves with
//! one write for each client.

mod framing;
mod peer;

use framing::Cutter;
use mio::net::{TcpListener, TcpStream};
use mio::{Events, Interest, Poll, Registry, Token};
use std::collections::HashMap;
use std::io::{self, ErrorKind, Read, Write};

const LISTENER: Token = Token(usize::MAX);
const MAX_PENDING: usize = 1 << 20; // bytes that wait; then a client goes

struct Client {
    stream: TcpStream,
    input: Cutter,
    rest: Vec<u8>, // that a full send buffer did not take
}

/// Writes what the kernel takes, and says how much that was.
fn write(stream: &mut TcpStream, mut bytes: &[u8]) -> io::Result<usize> {
    let size = bytes.len();
    while !bytes.is_empty() {
        match stream.write(bytes) {
            Ok(n) => bytes = &bytes[n..],
            Err(error) if error.kind() == ErrorKind::WouldBlock => break,
            Err(error) => return Err(error),
        }
    }
    Ok(size - bytes.len())
}

impl Client {
    /// False: the client has ended, or cannot be followed.
    fn hear(&mut self, buffer: &mut [u8], said: &mut Vec<u8>) -> io::Result<bool> {
        loop {
            match self.stream.read(buffer) {
                Ok(0) => return Ok(false),
                Ok(n) => {
                    let good = self
                        .input
                        .cut(&buffer[..n], |frame| said.extend_from_slice(frame));
                    if !good {
                        return Ok(false);
                    }
                }
                Err(error) if error.kind() == ErrorKind::WouldBlock => return Ok(true),
                Err(error) => return Err(error),
            }
        }
    }

    fn flush(&mut self) -> io::Result<()> {
        let n = write(&mut self.stream, &self.rest)?;
        self.rest.drain(..n);
        Ok(())
    }

    /// False: too much waits already.
    fn say(&mut self, said: &[u8]) -> io::Result<bool> {
        let mut sent = 0;
        if self.rest.is_empty() {
            sent = write(&mut self.stream, said)?;
        } else if self.rest.len() > MAX_PENDING {
            return Ok(false);
        }
        self.rest.extend_from_slice(&said[sent..]);
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
                input: Cutter::default(),
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
    let mut said = Vec::new();
    loop {
        match poll.poll(&mut events, None) {
            Err(error) if error.kind() == ErrorKind::Interrupted => continue,
            result => result?,
        }
        for event in &events {
            if event.token() == LISTENER {
                accept_all(&listener, poll.registry(), &mut clients, &mut next)?;
            } else if let Some(client) = clients.get_mut(&event.token()) {
                let mut good = !event.is_writable() || client.flush().is_ok();
                if good && event.is_readable() {
                    good = client.hear(&mut buffer, &mut said).unwrap_or(false);
                }
                if !good {
                    clients.remove(&event.token());
                }
            }
        }
        if !said.is_empty() {
            clients.retain(|_, client| client.say(&said).unwrap_or(false));
            said.clear();
        }
    }
}
