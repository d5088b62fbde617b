//! One evaluation on its way through the graph: keys, what is computed, what is reused.

use std::{
    any::Any,
    collections::BTreeMap,
    sync::{
        Arc, Mutex, PoisonError, Weak,
        atomic::{AtomicBool, Ordering},
        mpsc,
    },
    time::Instant,
};

use super::{
    Engine, InputKey, KeyHasher, Node, NodeEntry, NodeError, Part, Read, Stage,
    memo::{Claim, Remembered, Stored},
    node::Body,
};
use crate::{
    assumptions::Assumptions,
    baseline::Baseline,
    edit::CityEdit,
    evaluate::{Cancel, Quality},
    indicators::{self, Statement},
};

/// What one evaluation did: the measure of incrementality.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct RunReport {
    /// Nodes that were computed, in order, with their seconds.
    pub computed: Vec<(&'static str, f64)>,
    /// Nodes that were known, in order of their first use.
    pub reused: Vec<&'static str>,
}

impl RunReport {
    pub fn has_computed(&self, name: &str) -> bool {
        self.computed.iter().any(|(known, _)| *known == name)
    }
}

/// A scenario being evaluated.
pub(crate) struct Run<'a> {
    engine: &'a Engine,
    pub(crate) baseline: &'a Baseline,
    pub(crate) edit: &'a CityEdit,
    pub(crate) quality: Quality,
    cancel: &'a Cancel,
    parts: BTreeMap<Part, InputKey>,
    keys: Mutex<BTreeMap<&'static str, InputKey>>,
    /// What this run uses; held here so that the budget cannot take it away halfway.
    held: Mutex<BTreeMap<&'static str, Remembered>>,
    report: Mutex<RunReport>,
}

impl<'a> Run<'a> {
    pub(crate) fn new(
        engine: &'a Engine,
        baseline: &'a Baseline,
        edit: &'a CityEdit,
        quality: Quality,
        cancel: &'a Cancel,
    ) -> Self {
        Self {
            engine,
            baseline,
            edit,
            quality,
            cancel,
            parts: Part::ALL.into_iter().map(|part| (part, part.key(edit))).collect(),
            keys: Mutex::default(),
            held: Mutex::default(),
            report: Mutex::default(),
        }
    }

    /// The key of a node in this run: its name and version, the baseline, and the keys of all it reads.
    pub(crate) fn key(&self, entry: &NodeEntry) -> InputKey {
        if let Some(known) = self.keys.lock().unwrap_or_else(PoisonError::into_inner).get(entry.name) {
            return *known;
        }
        let mut hasher = KeyHasher::new(entry.name);
        hasher.count(entry.version as usize);
        hasher.text(self.baseline.fingerprint());
        for read in (entry.reads)() {
            match read {
                Read::Node(node) => hasher.key(self.key(&node)),
                Read::Part(part) => hasher.key(self.parts[&part]),
                Read::Quality => hasher.number(self.quality.relative_gap()),
            }
        }
        let key = hasher.finish();
        self.keys.lock().unwrap_or_else(PoisonError::into_inner).insert(entry.name, key);
        key
    }

    /// What has to be computed for `wanted`, inputs before what reads them. Nothing below a known node is listed.
    pub(crate) fn plan(&self, wanted: &[NodeEntry]) -> Vec<NodeEntry> {
        fn visit(run: &Run, entry: NodeEntry, plan: &mut Vec<NodeEntry>) {
            if plan.iter().any(|known| known.name == entry.name) || run.engine.memo.contains(run.key(&entry))
            {
                return;
            }
            for read in (entry.reads)() {
                if let Read::Node(node) = read {
                    visit(run, node, plan);
                }
            }
            plan.push(entry);
        }
        let mut plan = Vec::new();
        for &entry in wanted {
            visit(self, entry, &mut plan);
        }
        plan
    }

    /// Computes the plan of `wanted` with progress: nodes that do not read each other at the same time, as many as there are
    /// threads. Called from a thread of the pool, one after the other.
    pub(crate) fn prepare(
        &self,
        wanted: &[NodeEntry],
        watch: &mut dyn FnMut(&Stage),
    ) -> Result<(), NodeError> {
        let plan = self.plan(wanted);
        // A thread of the pool that waited here could be the one that others need.
        let at_once = if rayon::current_thread_index().is_some() { 1 } else { rayon::current_num_threads() };
        let outcome = self.compute(&plan, at_once, watch);
        let place = |name: &str| plan.iter().position(|entry| entry.name == name);
        let mut report = self.report.lock().unwrap_or_else(PoisonError::into_inner);
        report.computed.sort_by_key(|(name, _)| place(name));
        outcome
    }

    fn compute(
        &self,
        plan: &[NodeEntry],
        at_once: usize,
        watch: &mut dyn FnMut(&Stage),
    ) -> Result<(), NodeError> {
        let mut queue = Queue::new(plan);
        let all: u32 = plan.iter().map(|entry| entry.work.max(1)).sum();
        let part = |work: u32| f64::from(work) / f64::from(all.max(1));
        let (mut started, mut done) = (0, 0);
        let mut is_cancelled = false;
        rayon::in_place_scope(|scope| {
            let (send, receive) = mpsc::channel();
            loop {
                while !is_cancelled && queue.running < at_once {
                    let Some(index) = queue.next(plan) else { break };
                    let entry = &plan[index];
                    watch(&Stage { node: entry.name, index: started, count: plan.len(), part: part(done) });
                    started += 1;
                    let progress = self.cancel.piece(part(done), part(done + entry.work.max(1)));
                    let finish = Finish { send: send.clone(), index, is_cancelled: true };
                    if at_once < 2 || self.engine.memo.is_in_flight(self.key(entry)) {
                        // Somebody else computes it: this thread may wait, those of the pool may not.
                        finish.after(self, entry, &progress);
                    } else {
                        scope.spawn(move |_| finish.after(self, entry, &progress));
                    }
                }
                if queue.running == 0 {
                    break;
                }
                let Ok((index, was_cancelled)) = receive.recv() else { break };
                is_cancelled |= was_cancelled;
                queue.finish(index);
                done += plan[index].work.max(1);
                self.cancel.piece(0.0, 1.0).set(part(done));
            }
        });
        if is_cancelled { Err(NodeError::Cancelled) } else { Ok(()) }
    }

    pub(crate) fn get<N: Node>(&self) -> Result<Arc<N>, NodeError> {
        typed(&self.entry(&N::ENTRY, self.cancel)?, N::NAME)
    }

    pub(crate) fn indicator(
        &self,
        definition: &'static indicators::IndicatorDefinition,
    ) -> Result<Arc<indicators::Computed>, NodeError> {
        typed(&self.entry(&NodeEntry::of_indicator(definition), self.cancel)?, definition.id)
    }

    pub(crate) fn into_report(self) -> RunReport {
        self.report.into_inner().unwrap_or_else(PoisonError::into_inner)
    }

    /// The output of an entry: held by this run, known to the memo, or computed now.
    fn entry(&self, entry: &NodeEntry, progress: &Cancel) -> Result<Stored, NodeError> {
        if let Some(held) = self.held.lock().unwrap_or_else(PoisonError::into_inner).get(entry.name) {
            return held.clone().map_err(NodeError::failed);
        }
        if self.cancel.is_cancelled() {
            return Err(NodeError::Cancelled);
        }
        let remembered = match self.engine.memo.claim(self.key(entry), self.cancel) {
            Claim::Cancelled => return Err(NodeError::Cancelled),
            Claim::Known(known) => {
                self.report.lock().unwrap_or_else(PoisonError::into_inner).reused.push(entry.name);
                known
            }
            Claim::Yours(claimed) => {
                let started = Instant::now();
                let given = Given { run: self, entry, progress, was_known: AtomicBool::new(false) };
                let outcome = match entry.body {
                    Body::Node(compute) => compute(&given),
                    Body::Indicator(definition) => indicators::compute_entry(definition, &given),
                };
                let (value, bytes) = match outcome {
                    Ok((value, bytes)) => (Ok(value), bytes),
                    Err(NodeError::Cancelled) => return Err(NodeError::Cancelled),
                    Err(NodeError::Failed(statement)) => (Err(*statement), 1024),
                };
                claimed.keep(value.clone(), bytes, entry.keeps);
                let seconds = started.elapsed().as_secs_f64();
                let mut report = self.report.lock().unwrap_or_else(PoisonError::into_inner);
                if given.was_known.into_inner() {
                    report.reused.push(entry.name);
                } else {
                    report.computed.push((entry.name, seconds));
                }
                value
            }
        };
        self.held.lock().unwrap_or_else(PoisonError::into_inner).insert(entry.name, remembered.clone());
        remembered.map_err(NodeError::failed)
    }
}

/// Which nodes of a plan may be computed.
struct Queue {
    /// Nodes of the plan that a node still waits for, and those that wait for it.
    waits_for: Vec<usize>,
    awaited_by: Vec<Vec<usize>>,
    ready: Vec<usize>,
    running: usize,
}

impl Queue {
    fn new(plan: &[NodeEntry]) -> Self {
        let mut queue = Self {
            waits_for: vec![0; plan.len()],
            awaited_by: vec![Vec::new(); plan.len()],
            ready: Vec::new(),
            running: 0,
        };
        for (index, entry) in plan.iter().enumerate() {
            for read in (entry.reads)() {
                if let Read::Node(input) = read
                    && let Some(place) = plan.iter().position(|known| known.name == input.name)
                {
                    queue.waits_for[index] += 1;
                    queue.awaited_by[place].push(index);
                }
            }
        }
        queue.ready = (0..plan.len()).filter(|&index| queue.waits_for[index] == 0).collect();
        queue
    }

    /// Of those that may start the one with most work, so that it does not come last; of equal ones the first.
    fn next(&mut self, plan: &[NodeEntry]) -> Option<usize> {
        let most = (0..self.ready.len())
            .max_by_key(|&place| (plan[self.ready[place]].work, std::cmp::Reverse(self.ready[place])))?;
        self.running += 1;
        Some(self.ready.swap_remove(most))
    }

    fn finish(&mut self, index: usize) {
        self.running -= 1;
        for &waiting in &self.awaited_by[index] {
            self.waits_for[waiting] -= 1;
            if self.waits_for[waiting] == 0 {
                self.ready.push(waiting);
            }
        }
    }
}

/// Says that a node is finished, also when it panicked: then as if cancelled, and the panic goes on in the caller.
struct Finish {
    send: mpsc::Sender<(usize, bool)>,
    index: usize,
    is_cancelled: bool,
}

impl Finish {
    fn after(mut self, run: &Run, entry: &NodeEntry, progress: &Cancel) {
        // What reads a failed node says why.
        self.is_cancelled = matches!(run.entry(entry, progress), Err(NodeError::Cancelled));
    }
}

impl Drop for Finish {
    fn drop(&mut self) {
        // Nobody listens any more when the caller itself panicked.
        let _ = self.send.send((self.index, self.is_cancelled));
    }
}

fn typed<T: Any + Send + Sync>(stored: &Stored, name: &str) -> Result<Arc<T>, NodeError> {
    stored.clone().downcast::<T>().map_err(|_| {
        NodeError::failed(Statement::new(
            "reason-internal",
            vec![("where", name.into())],
            format!("two nodes of the engine share the name \"{name}\""),
        ))
    })
}

/// What a node is given: the baseline, and what it says that it reads.
pub struct Given<'a> {
    run: &'a Run<'a>,
    entry: &'a NodeEntry,
    progress: &'a Cancel,
    /// Set when the output was found by [`Given::known_by`].
    was_known: AtomicBool,
}

impl Given<'_> {
    pub fn baseline(&self) -> &Baseline {
        self.run.baseline
    }

    pub fn assumptions(&self) -> &Assumptions {
        self.run.baseline.assumptions()
    }

    /// Whether to stop, and how far it is.
    pub fn progress(&self) -> &Cancel {
        self.progress
    }

    pub fn check_cancelled(&self) -> Result<(), NodeError> {
        if self.progress.is_cancelled() { Err(NodeError::Cancelled) } else { Ok(()) }
    }

    /// The output of another node that it reads.
    pub fn node<N: Node>(&self) -> Result<Arc<N>, NodeError> {
        self.declared(N::NAME, |read| matches!(read, Read::Node(node) if node.name == N::NAME))?;
        typed(&self.run.entry(&N::ENTRY, self.run.cancel)?, N::NAME)
    }

    /// What depends on less than all that the node reads, by the key of just that: an input that was computed again and came
    /// out the same costs nothing further. As long as some output of the node holds it.
    pub fn known_by<T: Any + Send + Sync>(
        &self,
        key: InputKey,
        compute: impl FnOnce() -> Result<T, NodeError>,
    ) -> Result<Arc<T>, NodeError> {
        let memo = &self.run.engine.memo;
        let held = memo.get(key).and_then(Result::ok).and_then(|held| held.downcast::<Weak<T>>().ok());
        if let Some(known) = held.and_then(|held| held.upgrade()) {
            self.was_known.store(true, Ordering::Relaxed);
            return Ok(known);
        }
        let output = Arc::new(compute()?);
        memo.put(key, Ok(Arc::new(Arc::downgrade(&output))), size_of::<Weak<T>>());
        Ok(output)
    }

    /// A key for [`Self::known_by`]: of this node, this version and this baseline; what else counts is fed into it.
    pub fn key_hasher(&self) -> KeyHasher {
        let mut hasher = KeyHasher::new(self.entry.name);
        hasher.text("by content");
        hasher.count(self.entry.version as usize);
        hasher.text(self.run.baseline.fingerprint());
        hasher
    }

    /// The change of the scenario, of which only `part` may be looked at.
    pub fn edit(&self, part: Part) -> Result<&CityEdit, NodeError> {
        self.declared(part.name(), |read| matches!(read, Read::Part(known) if *known == part))?;
        Ok(self.run.edit)
    }

    pub fn quality(&self) -> Result<Quality, NodeError> {
        self.declared("quality", |read| matches!(read, Read::Quality))?;
        Ok(self.run.quality)
    }

    /// A node that reads what it did not declare would keep old results: that is refused at once.
    fn declared(&self, what: &str, is_it: impl Fn(&Read) -> bool) -> Result<(), NodeError> {
        if (self.entry.reads)().iter().any(is_it) {
            return Ok(());
        }
        Err(NodeError::failed(Statement::new(
            "reason-internal",
            vec![("where", self.entry.name.into())],
            format!("\"{}\" reads \"{what}\" without saying so in its reads", self.entry.name),
        )))
    }
}
