//! `tools/call` through the full stack, beside the same handler on the bare SDK: requests per second, p50, p99 and
//! resident memory, as ratios from one run. `cargo bench --bench calls` (`-- --seconds 5` for longer turns).
//!
//! Each server is a process of its own (this program, started again), so that its memory is its own. Turns alternate
//! between the two, and the best of each is kept: what else the machine does must not decide. Limits are set above the
//! load: nothing is refused, and an answer that is not the expected one ends the run.
#![expect(clippy::print_stdout, clippy::print_stderr, reason = "the table is this program's output")]

mod load;
mod server;

use std::{
    io::{BufRead, BufReader},
    net::SocketAddr,
    process::{Child, Command, Stdio},
    time::Duration,
};

use load::Turn;

const ROUNDS: usize = 3;

fn main() {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build().expect("a runtime can be built");
    match arguments.first().map(String::as_str) {
        Some("serve-bare") => runtime.block_on(server::bare()),
        Some("serve-hardened") => runtime.block_on(server::hardened()),
        _ => {
            let seconds = arguments.iter().position(|argument| argument == "--seconds");
            let seconds = seconds.and_then(|at| arguments.get(at + 1)).and_then(|text| text.parse().ok()).unwrap_or(3);
            runtime.block_on(compare(Duration::from_secs(seconds)));
        }
    }
}

/// A server in a process of its own.
struct Served {
    child: Child,
    address: SocketAddr,
    key: String,
}

impl Served {
    fn start(kind: &str) -> Self {
        let program = std::env::current_exe().expect("this program has a path");
        let mut child =
            Command::new(program).arg(kind).stdout(Stdio::piped()).stderr(Stdio::null()).spawn().expect("it starts");
        let mut lines = BufReader::new(child.stdout.take().expect("it is piped")).lines();
        let mut line = || lines.next().expect("the server says where it is").expect("in UTF-8");
        let address = line().parse().expect("an address");
        let key = line();
        Self { child, address, key }
    }

    /// Resident memory in MiB.
    fn memory(&self) -> f64 {
        let status = std::fs::read_to_string(format!("/proc/{}/status", self.child.id())).unwrap_or_default();
        let line = status.lines().find_map(|line| line.strip_prefix("VmRSS:")).unwrap_or("0 kB");
        line.trim().trim_end_matches(" kB").trim().parse::<f64>().unwrap_or_default() / 1024.0
    }
}

impl Drop for Served {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

async fn compare(turn: Duration) {
    let servers = [("rmcp", Served::start("serve-bare")), ("mcpsec-runtime", Served::start("serve-hardened"))];
    println!("{ROUNDS} turns of {} s each, best kept; client and server share this machine's cores", turn.as_secs());
    println!("{:16} {:>4} {:>10} {:>9} {:>9} {:>9}", "server", "conn", "calls/s", "p50 ms", "p99 ms", "RSS MiB");
    for connections in [1, 8, 32] {
        let mut best: [Option<Turn>; 2] = [None, None];
        for _ in 0..ROUNDS {
            for (slot, (_, served)) in best.iter_mut().zip(&servers) {
                let measured = load::turn(served.address, &served.key, connections, turn).await;
                if slot.as_ref().is_none_or(|known| known.rate < measured.rate) {
                    *slot = Some(measured);
                }
            }
        }
        let [Some(bare), Some(hardened)] = best else { continue };
        for ((name, served), turn) in servers.iter().zip([&bare, &hardened]) {
            let (rate, p50, p99) = (turn.rate, turn.p50_ms, turn.p99_ms);
            println!("{name:16} {connections:4} {rate:10.0} {p50:9.3} {p99:9.3} {:9.1}", served.memory());
        }
        let ratio = |f: fn(&Turn) -> f64| f(&hardened) / f(&bare);
        println!(
            "{:16} {connections:4} {:10.2} {:9.2} {:9.2} {:9.2}",
            "ratio",
            ratio(|t| t.rate),
            ratio(|t| t.p50_ms),
            ratio(|t| t.p99_ms),
            servers[1].1.memory() / servers[0].1.memory(),
        );
    }
    if servers.iter().any(|(_, served)| served.memory() == 0.0) {
        eprintln!("memory could not be read: /proc is not there");
    }
}
