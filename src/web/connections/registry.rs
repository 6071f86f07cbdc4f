//! All connections there are, what each is doing and since when, and which one goes when there are too many.

use std::collections::HashMap;
use std::net::IpAddr;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

use tokio::sync::Notify;
use tokio::time::Instant;

use super::Limits;

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Doing {
    /// Has connected and not yet sent a whole request.
    Arrived,
    /// Has had an answer and sent nothing since.
    Idle,
    /// Has begun to send a further request.
    SendingHeaders,
    /// Sends the body of a request; since its latest bytes.
    SendingBody,
    /// Has sent a request, and gets or waits for its answer.
    Answered,
    /// Has its answer, but may not have seen it because it is still sending.
    Lingering,
}

#[derive(Clone, Copy, Debug)]
struct State {
    doing: Doing,
    since: Instant,
    /// Since when the client takes nothing of what is sent to it.
    blocked: Option<Instant>,
}

/// One connection.
#[derive(Debug)]
pub struct Entry {
    subscriber: u128,
    state: Mutex<State>,
    close: Notify,
    registry: Arc<Registry>,
}

/// Takes the connection off the list when dropped.
pub struct Listed {
    id: u64,
    pub entry: Arc<Entry>,
}

#[derive(Debug)]
pub struct Registry {
    pub limits: Limits,
    entries: Mutex<Entries>,
    /// Something became less.
    changed: Notify,
}

#[derive(Debug, Default)]
struct Entries {
    latest: u64,
    all: HashMap<u64, Arc<Entry>>,
}

/// What of an address one subscriber has: all of an IPv4 address, the first half of an IPv6 one.
fn subscriber(address: IpAddr) -> u128 {
    match address.to_canonical() {
        IpAddr::V4(address) => u128::from(address.to_bits()),
        IpAddr::V6(address) => address.to_bits() & (u128::MAX << 64),
    }
}

/// Nothing here leaves anything half done, so a panic elsewhere is no reason to stop.
fn lock<T>(mutex: &Mutex<T>) -> MutexGuard<'_, T> {
    mutex.lock().unwrap_or_else(PoisonError::into_inner)
}

impl Registry {
    pub fn new(limits: Limits) -> Arc<Self> {
        Arc::new(Self { limits, entries: Mutex::default(), changed: Notify::new() })
    }

    pub fn add(self: &Arc<Self>, peer: IpAddr) -> Listed {
        let state = State { doing: Doing::Arrived, since: Instant::now(), blocked: None };
        let entry = Arc::new(Entry {
            subscriber: subscriber(peer),
            state: Mutex::new(state),
            close: Notify::new(),
            registry: Arc::clone(self),
        });
        let mut entries = lock(&self.entries);
        entries.latest += 1;
        let id = entries.latest;
        entries.all.insert(id, Arc::clone(&entry));
        Listed { id, entry }
    }

    pub fn len(&self) -> usize {
        lock(&self.entries).all.len()
    }

    /// Resolves at the next change after this call.
    pub fn changed(&self) -> impl Future<Output = ()> + '_ {
        self.changed.notified()
    }

    pub fn count(&self, counts: impl Fn(Doing) -> bool) -> usize {
        lock(&self.entries).all.values().filter(|entry| counts(entry.doing())).count()
    }

    /// Closes what has been silent for too long.
    pub fn close_overdue(&self, now: Instant) {
        for entry in lock(&self.entries).all.values() {
            if lock(&entry.state).is_overdue(&self.limits, now) {
                entry.close.notify_one();
            }
        }
    }

    pub fn close_all(&self) {
        for entry in lock(&self.entries).all.values() {
            entry.close.notify_one();
        }
    }

    /// Closes some connections on which the server waits for the client, so that there is room for others: of the
    /// subscriber that has the most of them, the one that has been silent for longest. False if there is none.
    pub fn make_room(&self, now: Instant) -> bool {
        let entries = lock(&self.entries);
        let mut waiting: HashMap<u128, Waiting> = HashMap::new();
        for entry in entries.all.values() {
            let of = waiting.entry(entry.subscriber).or_default();
            of.connections += 1;
            of.silent.extend(lock(&entry.state).waits_since(now).map(|since| (since, entry)));
        }
        for of in waiting.values_mut() {
            // The longest silent is the last one.
            of.silent.sort_unstable_by_key(|(since, _)| std::cmp::Reverse(*since));
        }
        // Several at once, so that not every new connection has to look at all others.
        let wanted = (self.limits.connections / 32).max(1);
        let mut closed = 0;
        while closed < wanted {
            let largest = waiting.values_mut().filter(|of| !of.silent.is_empty());
            let Some(of) = largest.max_by_key(|of| of.connections) else { break };
            let Some((_, entry)) = of.silent.pop() else { break };
            of.connections -= 1;
            entry.close.notify_one();
            closed += 1;
        }
        closed > 0
    }
}

#[derive(Default)]
struct Waiting<'a> {
    connections: usize,
    silent: Vec<(Instant, &'a Arc<Entry>)>,
}

impl State {
    fn is_overdue(&self, limits: &Limits, now: Instant) -> bool {
        let for_ = now.saturating_duration_since(self.since);
        let is_unread = self
            .blocked
            .is_some_and(|since| now.saturating_duration_since(since) > limits.unread_answer);
        is_unread
            || match self.doing {
                Doing::Arrived | Doing::SendingHeaders => for_ > limits.headers,
                Doing::Idle => for_ > limits.idle,
                // These have bounds of their own.
                Doing::SendingBody | Doing::Answered | Doing::Lingering => false,
            }
    }

    /// Since when it is the client who has to do something.
    fn waits_since(&self, now: Instant) -> Option<Instant> {
        /// A client may be busy with something else for a moment.
        const A_MOMENT: std::time::Duration = std::time::Duration::from_secs(2);
        match self.doing {
            Doing::Answered => {
                self.blocked.filter(|since| now.saturating_duration_since(*since) > A_MOMENT)
            }
            _ => Some(self.since),
        }
    }
}

impl Entry {
    pub fn doing(&self) -> Doing {
        lock(&self.state).doing
    }

    pub fn now(&self, doing: Doing) {
        let mut state = lock(&self.state);
        (state.doing, state.since) = (doing, Instant::now());
        drop(state);
        self.registry.changed.notify_waiters();
    }

    /// The client has sent something; true if a further request begins with it.
    pub fn sent(&self) -> bool {
        let mut state = lock(&self.state);
        match state.doing {
            Doing::Idle => {
                (state.doing, state.since) = (Doing::SendingHeaders, Instant::now());
                return true;
            }
            Doing::SendingBody => state.since = Instant::now(),
            _ => {}
        }
        false
    }

    /// Whether the client takes what it is sent.
    pub fn takes(&self, takes: bool) {
        let mut state = lock(&self.state);
        match (takes, state.blocked) {
            (true, Some(_)) => state.blocked = None,
            (false, None) => state.blocked = Some(Instant::now()),
            _ => {}
        }
    }

    /// Resolves when the connection has to be closed without another word.
    pub async fn closed(&self) {
        self.close.notified().await;
    }
}

impl Drop for Listed {
    fn drop(&mut self) {
        let registry = &self.entry.registry;
        lock(&registry.entries).all.remove(&self.id);
        registry.changed.notify_waiters();
    }
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::*;

    fn later(for_: Duration) -> Instant {
        Instant::now() + for_
    }

    const MOMENT: Duration = Duration::from_secs(3);

    fn is_closed(listed: &Listed) -> bool {
        use futures_util::FutureExt;
        listed.entry.closed().now_or_never().is_some()
    }

    fn registry(connections: usize) -> Arc<Registry> {
        Registry::new(Limits { connections, ..Limits::default() })
    }

    /// After all others, as the clock sees it.
    fn add(registry: &Arc<Registry>, address: &str) -> Listed {
        std::thread::sleep(Duration::from_millis(1));
        registry.add(address.parse().unwrap())
    }

    #[test]
    fn room_is_made_where_most_connections_come_from_by_the_longest_silent() {
        let registry = registry(6);
        let alone = add(&registry, "192.0.2.1");
        let many: Vec<Listed> =
            (1..=3).map(|last| add(&registry, &format!("2001:db8::{last}"))).collect();
        many[0].entry.now(Doing::SendingBody);
        assert!(registry.make_room(Instant::now()));
        let closed: Vec<bool> = many.iter().map(is_closed).collect();
        assert_eq!(closed, [false, true, false]);
        assert!(!is_closed(&alone));
    }

    #[test]
    fn nobody_is_closed_who_waits_for_an_answer_unless_nothing_of_it_is_taken() {
        let registry = registry(2);
        let (first, second) = (add(&registry, "192.0.2.1"), add(&registry, "192.0.2.1"));
        first.entry.now(Doing::Answered);
        second.entry.now(Doing::Answered);
        assert!(!registry.make_room(later(MOMENT)));
        second.entry.takes(false);
        assert!(!registry.make_room(Instant::now()));
        assert!(registry.make_room(later(MOMENT)));
        assert_eq!([is_closed(&first), is_closed(&second)], [false, true]);
    }

    #[test]
    fn who_takes_nothing_of_an_answer_is_given_up() {
        let registry = registry(2);
        let unread = registry.limits.unread_answer;
        let listed = add(&registry, "192.0.2.1");
        listed.entry.now(Doing::Answered);
        listed.entry.takes(false);
        listed.entry.takes(true);
        registry.close_overdue(later(unread + MOMENT));
        assert!(!is_closed(&listed));
        listed.entry.takes(false);
        registry.close_overdue(later(unread - MOMENT));
        assert!(!is_closed(&listed));
        registry.close_overdue(later(unread + MOMENT));
        assert!(is_closed(&listed));
    }
}
