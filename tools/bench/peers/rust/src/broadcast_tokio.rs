//! Frames to everybody on tokio, on one thread: two tasks for each client, one
//! that reads and one that writes, and a broadcast channel between all of them.
//! What waits in the channel leaves in one write.

mod framing;
mod peer;

use framing::Cutter;
use std::io;
use std::sync::Arc;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::tcp::{OwnedReadHalf, OwnedWriteHalf};
use tokio::net::{TcpListener, TcpStream};
use tokio::sync::broadcast::error::TryRecvError;
use tokio::sync::broadcast::{channel, Receiver, Sender};

type Message = Arc<[u8]>;

const MAX_PENDING: usize = 4096; // messages that wait; then a client goes
const MAX_WRITE: usize = 256 * 1024;

async fn hear(mut stream: OwnedReadHalf, room: Sender<Message>) -> io::Result<()> {
    let mut buffer = vec![0; 64 * 1024];
    let mut input = Cutter::default();
    loop {
        let n = stream.read(&mut buffer).await?;
        let good = input.cut(&buffer[..n], |frame| {
            let _ = room.send(frame.into());
        });
        if n == 0 || !good {
            return Ok(());
        }
    }
}

/// Ends when the client is gone or too slow.
async fn say(mut stream: OwnedWriteHalf, mut room: Receiver<Message>) -> io::Result<()> {
    let mut text = Vec::new();
    while let Ok(message) = room.recv().await {
        text.clear();
        text.extend_from_slice(&message);
        while text.len() < MAX_WRITE {
            match room.try_recv() {
                Ok(message) => text.extend_from_slice(&message),
                Err(TryRecvError::Empty) => break,
                Err(_) => return Ok(()), // it has missed some
            }
        }
        stream.write_all(&text).await?;
    }
    Ok(())
}

async fn serve_client(stream: TcpStream, room: Sender<Message>) {
    let receiver = room.subscribe();
    let (reader, writer) = stream.into_split();
    let writing = tokio::spawn(say(writer, receiver));
    tokio::pin!(writing);
    tokio::select! {
        _ = hear(reader, room) => {}
        _ = &mut writing => {}
    }
    writing.abort();
}

async fn serve() -> io::Result<()> {
    let listener = TcpListener::from_std(peer::listener()?)?;
    let (room, _) = channel(MAX_PENDING);
    loop {
        if let Ok((stream, _)) = listener.accept().await {
            stream.set_nodelay(true)?;
            tokio::spawn(serve_client(stream, room.clone()));
        }
    }
}

fn main() -> io::Result<()> {
    tokio::runtime::Builder::new_current_thread()
        .enable_io()
        .build()?
        .block_on(serve())
}
