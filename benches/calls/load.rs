//! A load generator: connections that stay open, one call after the other, each with its own id.

use std::{
    net::SocketAddr,
    time::{Duration, Instant},
};

use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::TcpStream,
};

/// What one turn measured.
pub(crate) struct Turn {
    /// Calls per second, over all connections.
    pub(crate) rate: f64,
    pub(crate) p50_ms: f64,
    pub(crate) p99_ms: f64,
}

/// Calls `echo` from `connections` connections for as long as `time`.
pub(crate) async fn turn(address: SocketAddr, key: &str, connections: usize, time: Duration) -> Turn {
    let started = Instant::now();
    let workers: Vec<_> =
        (0..connections).map(|worker| tokio::spawn(work(address, key.to_owned(), worker, started + time))).collect();
    let mut latencies: Vec<Duration> = Vec::new();
    for worker in workers {
        latencies.extend(worker.await.expect("a worker ends the run itself when something is wrong"));
    }
    let elapsed = started.elapsed().as_secs_f64();
    latencies.sort_unstable();
    let at = |share: f64| {
        let index = ((latencies.len() as f64 * share) as usize).min(latencies.len().saturating_sub(1));
        latencies.get(index).map_or(0.0, |latency| latency.as_secs_f64() * 1000.0)
    };
    Turn { rate: latencies.len() as f64 / elapsed, p50_ms: at(0.50), p99_ms: at(0.99) }
}

async fn work(address: SocketAddr, key: String, worker: usize, end: Instant) -> Vec<Duration> {
    let mut stream = TcpStream::connect(address).await.expect("the server listens");
    stream.set_nodelay(true).expect("a TCP socket");
    let mut latencies = Vec::with_capacity(100_000);
    let mut answer = Vec::with_capacity(4096);
    let mut number = 0_u64;
    while Instant::now() < end {
        number += 1;
        let request = request(address, &key, worker as u64 * 1_000_000_000 + number);
        let begun = Instant::now();
        stream.write_all(request.as_bytes()).await.expect("the server reads");
        read(&mut stream, &mut answer).await;
        latencies.push(begun.elapsed());
        let text = String::from_utf8_lossy(&answer);
        assert!(text.starts_with("HTTP/1.1 200") && text.contains("hello-mcpsec"), "not the expected answer: {text}");
    }
    latencies
}

fn request(address: SocketAddr, key: &str, id: u64) -> String {
    let body = format!(
        r#"{{"jsonrpc":"2.0","id":{id},"method":"tools/call","params":{{"name":"echo","arguments":{{"message":"hello-mcpsec"}}}}}}"#
    );
    let authorization = if key.is_empty() { String::new() } else { format!("authorization: Bearer {key}\r\n") };
    format!(
        "POST /mcp HTTP/1.1\r\nhost: {address}\r\ncontent-type: application/json\r\naccept: application/json, text/event-stream\r\nmcp-protocol-version: 2025-11-25\r\n{authorization}content-length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// Reads one answer: as long as its header says, or to the last chunk.
async fn read(stream: &mut TcpStream, answer: &mut Vec<u8>) {
    answer.clear();
    loop {
        let read = stream.read_buf(answer).await.expect("the server answers");
        assert!(read > 0, "the server closed the connection: {}", String::from_utf8_lossy(answer));
        let Some(header) = answer.windows(4).position(|four| four == b"\r\n\r\n") else { continue };
        let head = String::from_utf8_lossy(&answer[..header]).to_ascii_lowercase();
        let length =
            head.split("\r\n").find_map(|line| line.strip_prefix("content-length:")?.trim().parse::<usize>().ok());
        let whole = match length {
            Some(length) => answer.len() >= header + 4 + length,
            None => answer.ends_with(b"0\r\n\r\n"),
        };
        if whole {
            return;
        }
    }
}
