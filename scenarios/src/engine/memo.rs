//! What was computed, by its key, within a budget of bytes.

use std::{
    any::Any,
    collections::{HashMap, HashSet},
    sync::{Arc, Condvar, Mutex, MutexGuard, PoisonError},
    time::Duration,
};

use super::InputKey;
use crate::{evaluate::Cancel, indicators::Statement};

/// An output of any node.
pub(crate) type Stored = Arc<dyn Any + Send + Sync>;
/// An output, or why there is none: that too is remembered.
pub(crate) type Remembered = Result<Stored, Statement>;

#[derive(Clone)]
struct Entry {
    value: Remembered,
    bytes: usize,
    used: u64,
    keeps: bool,
}

#[derive(Default)]
struct State {
    entries: HashMap<InputKey, Entry>,
    in_flight: HashSet<InputKey>,
    bytes: usize,
    clock: u64,
}

/// A memo: the entries used longest ago go first when it is full; those that belong to the baseline go last.
pub(crate) struct Memo {
    state: Mutex<State>,
    is_ready: Condvar,
    budget_bytes: usize,
}

/// What a caller must do for a key.
pub(crate) enum Claim<'a> {
    Known(Remembered),
    /// Compute it and hand it to [`Claimed::keep`]. Dropped without, such as when cancelled, the next one computes it.
    Yours(Claimed<'a>),
    Cancelled,
}

/// The right to compute a key.
pub(crate) struct Claimed<'a> {
    memo: &'a Memo,
    key: InputKey,
}

impl Memo {
    pub(crate) fn new(budget_bytes: usize) -> Self {
        Self { state: Mutex::default(), is_ready: Condvar::new(), budget_bytes }
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // The state is whole between any two statements that can panic.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }

    pub(crate) fn contains(&self, key: InputKey) -> bool {
        self.state().entries.contains_key(&key)
    }

    /// Whether somebody computes it now.
    pub(crate) fn is_in_flight(&self, key: InputKey) -> bool {
        self.state().in_flight.contains(&key)
    }

    pub(crate) fn bytes(&self) -> usize {
        self.state().bytes
    }

    pub(crate) fn len(&self) -> usize {
        self.state().entries.len()
    }

    pub(crate) fn forget(&self) {
        let mut state = self.state();
        state.entries.clear();
        state.bytes = 0;
    }

    pub(crate) fn get(&self, key: InputKey) -> Option<Remembered> {
        let mut state = self.state();
        state.clock += 1;
        let now = state.clock;
        let entry = state.entries.get_mut(&key)?;
        entry.used = now;
        Some(entry.value.clone())
    }

    /// Waits while somebody else computes the same. A worker of the thread pool never waits: it may be the one that the
    /// other waits for. It computes the same once more, with the same outcome.
    pub(crate) fn claim(&self, key: InputKey, cancel: &Cancel) -> Claim<'_> {
        let may_wait = rayon::current_thread_index().is_none();
        loop {
            if let Some(known) = self.get(key) {
                return Claim::Known(known);
            }
            let mut state = self.state();
            if state.in_flight.insert(key) || !may_wait {
                return Claim::Yours(Claimed { memo: self, key });
            }
            if cancel.is_cancelled() {
                return Claim::Cancelled;
            }
            drop(self.is_ready.wait_timeout(state, Duration::from_millis(5)));
        }
    }
}

impl Claimed<'_> {
    /// Stores what was computed. An output larger than the whole budget is given back to the caller only.
    pub(crate) fn keep(self, value: Remembered, bytes: usize, keeps: bool) {
        self.memo.store(self.key, value, bytes, keeps);
    }
}

impl Memo {
    /// Stores what nobody claimed.
    pub(crate) fn put(&self, key: InputKey, value: Remembered, bytes: usize) {
        self.store(key, value, bytes, false);
    }

    fn store(&self, key: InputKey, value: Remembered, bytes: usize, keeps: bool) {
        let mut state = self.state();
        if bytes > self.budget_bytes && !keeps {
            return;
        }
        state.clock += 1;
        let entry = Entry { value, bytes, used: state.clock, keeps };
        if let Some(old) = state.entries.insert(key, entry) {
            state.bytes -= old.bytes;
        }
        state.bytes += bytes;
        while state.bytes > self.budget_bytes && state.entries.len() > 1 {
            let oldest = state
                .entries
                .iter()
                .filter(|(other, _)| **other != key)
                .min_by_key(|(_, entry)| (entry.keeps, entry.used))
                .map(|(key, _)| *key);
            let Some(gone) = oldest.and_then(|key| state.entries.remove(&key)) else { break };
            state.bytes -= gone.bytes;
        }
    }
}

impl Drop for Claimed<'_> {
    fn drop(&mut self) {
        self.memo.state().in_flight.remove(&self.key);
        self.memo.is_ready.notify_all();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::engine::KeyHasher;

    fn key(name: &str) -> InputKey {
        KeyHasher::new(name).finish()
    }

    fn put(memo: &Memo, name: &str, bytes: usize, keeps: bool) {
        let Claim::Yours(claimed) = memo.claim(key(name), &Cancel::default()) else {
            panic!("{name} is known")
        };
        claimed.keep(Ok(Arc::new(name.to_owned())), bytes, keeps);
    }

    #[test]
    fn the_budget_holds_and_what_was_used_longest_ago_goes_first() {
        let memo = Memo::new(100);
        put(&memo, "baseline", 40, true);
        put(&memo, "a", 30, false);
        put(&memo, "b", 30, false);
        assert!(memo.get(key("a")).is_some(), "used again, so newer than b");
        put(&memo, "c", 20, false);
        assert_eq!(memo.bytes(), 90);
        assert!(memo.contains(key("a")) && memo.contains(key("c")) && !memo.contains(key("b")));
        put(&memo, "d", 90, false);
        assert!(memo.bytes() <= 100, "{}", memo.bytes());
        assert!(memo.contains(key("d")), "the newest stays, even at the price of the baseline");
        put(&memo, "huge", 1000, false);
        assert!(!memo.contains(key("huge")) && memo.contains(key("d")));
    }

    #[test]
    fn the_same_key_is_computed_once_by_two_threads_and_again_after_a_cancelled_one() {
        let memo = Memo::new(1000);
        let Claim::Yours(first) = memo.claim(key("a"), &Cancel::default()) else {
            panic!("nothing is known")
        };
        std::thread::scope(|scope| {
            let second = scope.spawn(|| matches!(memo.claim(key("a"), &Cancel::default()), Claim::Known(_)));
            let cancel = Cancel::default();
            cancel.cancel();
            assert!(matches!(memo.claim(key("a"), &cancel), Claim::Cancelled), "waiting can be cancelled");
            first.keep(Ok(Arc::new(7_u32)), 4, false);
            assert!(second.join().unwrap());
        });
        let Claim::Yours(given_up) = memo.claim(key("b"), &Cancel::default()) else { panic!() };
        drop(given_up);
        assert!(matches!(memo.claim(key("b"), &Cancel::default()), Claim::Yours(_)));
    }
}
