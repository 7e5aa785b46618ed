//! The load generator: closed loops, and arrivals that do not wait for anybody.
//!
//! It is one thread that waits for whatever is answered next, since the machine's other core belongs to
//! the target; and it does as little as can be, since what it takes is taken from the target too.

use std::{
    io::ErrorKind,
    sync::Arc,
    thread,
    time::{Duration, Instant},
};

use anyhow::{Context, bail};
use hdrhistogram::Histogram;
use mio::{Events, Interest, Poll, Token};

use crate::{client::Client, pool::Pool};

/// The longest latency that is told from longer ones.
const LATENCY_MAX_NS: u64 = 60_000_000_000;

/// Decimal digits of a latency.
const LATENCY_DIGITS: u8 = 3;

/// How long no answer at all may come.
const SILENCE_MAX: Duration = Duration::from_mins(1);

/// Answers that are taken from the kernel together.
const EVENTS_MAX: usize = 256;

/// Who asks when.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) enum Pace {
    /// Each connection asks again when it was answered.
    Closed,
    /// So many arrivals in a second, at fixed times; latency counts from the time of arrival.
    Open(u32),
}

/// What one stretch of load measured.
pub(crate) struct Stretch {
    /// Requests that were answered, all of them as expected.
    pub(crate) answered: usize,
    /// From the first request to the last answer.
    pub(crate) time: Duration,
    /// Nanoseconds.
    pub(crate) latencies: Histogram<u64>,
}

/// A number of connections to one target, and how far its pool is used up.
pub(crate) struct Generator {
    poll: Poll,
    events: Events,
    clients: Vec<Client>,
    pool: Arc<Pool>,
    used: usize,
}

impl Generator {
    /// Connects.
    pub(crate) fn new(port: u16, connections: usize, pool: Arc<Pool>) -> anyhow::Result<Self> {
        let poll = Poll::new()?;
        let mut clients = Vec::with_capacity(connections);
        for number in 0..connections {
            let mut client = Client::connect(port)?;
            poll.registry().register(client.source(), Token(number), Interest::READABLE)?;
            clients.push(client);
        }
        Ok(Self { poll, events: Events::with_capacity(EVENTS_MAX), clients, pool, used: 0 })
    }

    /// Requests of the pool that were sent, and answered.
    pub(crate) fn used(&self) -> usize {
        self.used
    }

    /// Sends each request once, if they are to go round later.
    pub(crate) fn send_round(&mut self) -> anyhow::Result<()> {
        if self.pool.wraps() {
            self.run(Pace::Closed, self.pool.len(), None)?;
        }
        Ok(())
    }

    /// Sends for so long, or until the pool ends.
    pub(crate) fn run_for(&mut self, pace: Pace, time: Duration) -> anyhow::Result<Stretch> {
        let left = if self.pool.wraps() { usize::MAX / 2 } else { self.pool.len() - self.used };
        self.run(pace, left, Some(time))
    }

    fn run(&mut self, pace: Pace, most: usize, time: Option<Duration>) -> anyhow::Result<Stretch> {
        let start = Instant::now();
        let mut run = Run {
            arrivals: Arrivals { pace, start, end: time.map(|time| start + time), most },
            pool: &self.pool,
            first: self.used,
            clients: &mut self.clients,
            free: Vec::new(),
            asked: 0,
            latencies: Histogram::new_with_max(LATENCY_MAX_NS, LATENCY_DIGITS)?,
        };
        run.free.extend((0..run.clients.len()).rev());
        let mut heard = start;
        let mut next = run.ask(start)?;
        while next.is_some() || run.waits() {
            // What has a time is waited for awake, since sleep ends too late; one connection too.
            let awake = next.is_some() && !run.free.is_empty() || run.clients.len() == 1;
            let time = if awake { Duration::ZERO } else { SILENCE_MAX };
            match self.poll.poll(&mut self.events, Some(time)) {
                Err(error) if error.kind() == ErrorKind::Interrupted => continue,
                polled => polled?,
            }
            for event in &self.events {
                if run.hear(event.token().0)? {
                    heard = Instant::now();
                    next = run.ask(heard)?;
                }
            }
            let now = Instant::now();
            if self.events.is_empty() {
                // The target may want this core, and would have it only after a tick of the kernel.
                thread::yield_now();
                next = run.ask(now)?;
            }
            if run.waits() && now.saturating_duration_since(heard) >= SILENCE_MAX {
                bail!("no answer for {} s", SILENCE_MAX.as_secs());
            }
        }
        let (answered, latencies) = (run.asked, run.latencies);
        self.used += answered;
        Ok(Stretch { answered, time: start.elapsed(), latencies })
    }
}

/// A stretch of load under way.
struct Run<'a> {
    arrivals: Arrivals,
    pool: &'a Pool,
    /// The number of the first request.
    first: usize,
    clients: &'a mut [Client],
    /// Those that have nothing to wait for.
    free: Vec<usize>,
    asked: usize,
    latencies: Histogram<u64>,
}

impl Run<'_> {
    /// Is there a request without an answer?
    fn waits(&self) -> bool {
        self.free.len() < self.clients.len()
    }

    /// Sends what is due, as far as connections are free; when the next request is due, if there is one.
    fn ask(&mut self, now: Instant) -> anyhow::Result<Option<Instant>> {
        loop {
            let due = self.arrivals.due(self.asked, now);
            let Some(from) = due.filter(|due| *due <= now) else { return Ok(due) };
            let Some(client) = self.free.pop() else { return Ok(due) };
            let index = self.first + self.asked;
            let (request, expected) = self.pool.get(index).context("the pool has ended")?;
            self.clients[client].ask(request, expected, from)?;
            self.asked += 1;
        }
    }

    /// Reads what a connection has; is it a whole answer?
    fn hear(&mut self, client: usize) -> anyhow::Result<bool> {
        let Some(from) = self.clients[client].hear()? else { return Ok(false) };
        let latency = u64::try_from(from.elapsed().as_nanos()).unwrap_or(LATENCY_MAX_NS);
        self.latencies.saturating_record(latency);
        self.free.push(client);
        Ok(true)
    }
}

/// When requests are due.
struct Arrivals {
    pace: Pace,
    start: Instant,
    end: Option<Instant>,
    most: usize,
}

impl Arrivals {
    /// When this request is due; `None` if there is none any more.
    fn due(&self, index: usize, now: Instant) -> Option<Instant> {
        let due = match self.pace {
            Pace::Closed => now,
            Pace::Open(rate) => {
                let index = u32::try_from(index).unwrap_or(u32::MAX);
                self.start + Duration::from_secs_f64(f64::from(index) / f64::from(rate))
            }
        };
        (index < self.most && self.end.is_none_or(|end| due < end)).then_some(due)
    }
}

#[cfg(test)]
mod tests {
    use std::{
        io::{Read, Write},
        net::{Ipv4Addr, TcpListener},
    };

    use super::*;
    use crate::pool::{Ids, Load};

    /// A port where every payment gets this answer, one connection after the other.
    fn answering(answer: &'static [u8]) -> u16 {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, 0)).unwrap();
        let port = listener.local_addr().unwrap().port();
        thread::spawn(move || {
            for stream in listener.incoming() {
                let mut stream = stream.unwrap();
                thread::spawn(move || {
                    let (mut request, mut bytes) = (Vec::new(), [0; 1024]);
                    while let Ok(read @ 1..) = stream.read(&mut bytes) {
                        request.extend_from_slice(&bytes[..read]);
                        if request.ends_with(b"}}}") {
                            request.clear();
                            stream.write_all(answer).unwrap();
                        }
                    }
                });
            }
        });
        port
    }

    fn generator(port: u16, connections: usize, requests: usize) -> Generator {
        let pool = Pool::new(Load::Payments, requests, Ids::From(1));
        Generator::new(port, connections, Arc::new(pool)).unwrap()
    }

    const DONE: &[u8] = b"HTTP/1.1 204 No Content\r\n\r\n";

    #[test]
    fn a_closed_loop_sends_the_pool_once() {
        for connections in [1, 3] {
            let mut generator = generator(answering(DONE), connections, 50);
            let stretch = generator.run_for(Pace::Closed, SILENCE_MAX).unwrap();
            assert_eq!((stretch.answered, stretch.latencies.len()), (50, 50));
            assert_eq!(generator.used(), 50);
            assert_eq!(generator.run_for(Pace::Closed, SILENCE_MAX).unwrap().answered, 0);
        }
    }

    #[test]
    fn an_open_loop_sends_what_arrives_in_its_time() {
        let mut generator = generator(answering(DONE), 2, 1000);
        let stretch = generator.run_for(Pace::Open(1000), Duration::from_millis(50)).unwrap();
        assert_eq!((stretch.answered, generator.used()), (50, 50));
        assert!(stretch.time >= Duration::from_millis(49), "{:?}", stretch.time);
    }

    #[test]
    fn a_wrong_answer_ends_it() {
        let mut generator = generator(answering(b"HTTP/1.1 200 OK\r\n\r\n"), 2, 10);
        let error = generator.run_for(Pace::Closed, SILENCE_MAX).err().unwrap();
        assert!(error.to_string().starts_with("bad answer: 200"), "{error}");
    }
}
