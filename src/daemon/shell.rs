//! The async shell round the core: it waits for signals, file events and the time of the next tick, on a thread of its own, so
//! that waiting never holds up work and work never holds up hearing that it is to end.

use std::io;
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::mpsc::{Receiver, Sender, channel};
use std::thread;
use std::time::Duration;

use chrono::{DateTime, TimeZone, Utc};
use tokio::signal::unix::{Signal, SignalKind, signal};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};
use tokio::time::{Instant, sleep, sleep_until, timeout};

use super::core::{Core, Ticked};
use super::events::Happened;
use super::gaps::NOTABLE;
use super::watcher::Watcher;
use crate::clock::{Clock, Moment, SystemClock};
use crate::host::real;

/// Longest wait at one go: the system's timers stand still while the lid is shut, so the time is looked at again.
const SLICE: Duration = Duration::from_secs(30);
/// How long nothing more must be heard before it is followed: whoever writes a file writes it in several steps.
const QUIET: Duration = Duration::from_millis(250);
/// How long at most something heard waits for that.
const LONGEST: Duration = Duration::from_secs(2);
/// Shortest wait between two ticks that nothing asked for.
const BREATH: Duration = Duration::from_millis(50);
/// How long a tick in progress may take to its end once the daemon is to stop. Tools are killed well before.
const LAST_TICK: Duration = Duration::from_millis(9500);

/// What the shell has the core do.
enum Order {
    Tick(Happened),
    Finish(&'static str),
}

/// Runs the daemon until it is told to stop. `stop` is the flag that `core`'s tools and passes stop by.
///
/// A second signal, or a step that does not end in time, ends the process at once, with exit status 1, and the tools with it.
///
/// # Errors
/// Where there is no thread for the shell, or signals cannot be listened for.
pub fn run<Z: TimeZone>(core: Core<'_, Z>, stop: &AtomicBool) -> io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let signals = {
        let _inside = runtime.enter();
        Signals::listen()?
    };
    thread::scope(|scope| {
        let (orders, inbox) = channel();
        let (outbox, ticked) = unbounded_channel();
        let shell = Shell { orders, ticked, watcher: Watcher::new(core.interests()), signals, stop };
        let shell = move || runtime.block_on(shell.run());
        thread::Builder::new().name("shell".to_owned()).spawn_scoped(scope, shell)?;
        work(core, &inbox, &outbox);
        Ok::<(), io::Error>(())
    })?;
    // A notice may still stand on somebody's screen.
    real::abandon();
    Ok(())
}

/// Does what the shell says, and sleeps meanwhile; until there is no shell.
fn work<Z: TimeZone>(mut core: Core<'_, Z>, inbox: &Receiver<Order>, outbox: &UnboundedSender<Option<Ticked>>) {
    while let Ok(order) = inbox.recv() {
        let done = match order {
            Order::Tick(happened) => Some(core.tick(happened)),
            Order::Finish(because) => {
                core.finish(because);
                None
            }
        };
        // Nobody is there to be told where the shell has ended.
        let _ = outbox.send(done);
    }
}

struct Signals {
    terminate: Signal,
    interrupt: Signal,
    hang_up: Signal,
}

/// What a signal asks for.
enum Asked {
    Stop(&'static str),
    Reload,
}

impl Signals {
    fn listen() -> io::Result<Self> {
        Ok(Self {
            terminate: signal(SignalKind::terminate())?,
            interrupt: signal(SignalKind::interrupt())?,
            hang_up: signal(SignalKind::hangup())?,
        })
    }

    async fn next(&mut self) -> Asked {
        tokio::select! {
            _ = self.terminate.recv() => Asked::Stop("SIGTERM"),
            _ = self.interrupt.recv() => Asked::Stop("SIGINT"),
            _ = self.hang_up.recv() => Asked::Reload,
        }
    }

    /// A signal to stop; others pass unheeded.
    async fn stop(&mut self) {
        while !matches!(self.next().await, Asked::Stop(_)) {}
    }
}

struct Shell<'a> {
    orders: Sender<Order>,
    ticked: UnboundedReceiver<Option<Ticked>>,
    watcher: Watcher,
    signals: Signals,
    stop: &'a AtomicBool,
}

/// Why a wait ended.
enum Woken {
    /// It is time for a tick.
    Tick(Happened),
    Stop(&'static str),
}

impl Shell<'_> {
    async fn run(mut self) {
        // Before the first look, so that nothing that happens after it is missed.
        self.watcher.arrange();
        let mut happened = Happened::default();
        loop {
            let meanwhile;
            let ticked = match self.tick(happened).await {
                (Woken::Stop(because), _) => return self.finish(because, true).await,
                (Woken::Tick(more), ticked) => {
                    meanwhile = more;
                    ticked
                }
            };
            let wait = ticked.map_or(SLICE, |ticked| {
                self.watcher.interest(ticked.interests);
                ticked.wait.to_std().unwrap_or_default()
            });
            self.watcher.arrange();
            let wait = if meanwhile.is_nothing() { wait.clamp(BREATH, SLICE) } else { Duration::ZERO };
            match self.wait(wait, meanwhile).await {
                Woken::Tick(next) => happened = next,
                Woken::Stop(because) => return self.finish(because, false).await,
            }
        }
    }

    /// Has a tick run. A signal to stop meanwhile ends the wait for it, not the tick. However long a tick takes, this thread
    /// gets to run now and then; where it does not, the process was held up.
    async fn tick(&mut self, happened: Happened) -> (Woken, Option<Ticked>) {
        let mut meanwhile = Happened::default();
        let mut pulse = SystemClock.moment();
        if self.orders.send(Order::Tick(happened)).is_err() {
            return (Woken::Stop("the end of its thread"), None);
        }
        loop {
            tokio::select! {
                ticked = self.ticked.recv() => {
                    meanwhile.stalls.extend(stall(&mut pulse));
                    return match ticked {
                        Some(ticked) => (Woken::Tick(meanwhile), ticked),
                        None => (Woken::Stop("the end of its thread"), None),
                    };
                }
                () = sleep(SLICE) => meanwhile.stalls.extend(stall(&mut pulse)),
                asked = self.signals.next() => match asked {
                    Asked::Stop(because) => return (Woken::Stop(because), None),
                    Asked::Reload => meanwhile.reload = true,
                },
            }
        }
    }

    /// Waits for what calls for a tick, `wait` at most.
    async fn wait(&mut self, wait: Duration, mut happened: Happened) -> Woken {
        let until = Instant::now() + wait;
        loop {
            tokio::select! {
                () = sleep_until(until) => {}
                () = self.watcher.heard() => if let Some(because) = self.settle().await {
                    return Woken::Stop(because);
                },
                asked = self.signals.next() => match asked {
                    Asked::Stop(because) => return Woken::Stop(because),
                    Asked::Reload => happened.reload = true,
                },
            }
            happened.add(self.watcher.take());
            if !happened.is_nothing() || Instant::now() >= until {
                return Woken::Tick(happened);
            }
        }
    }

    /// Waits until nothing more is heard for a moment. Returns the signal to stop, if there is one meanwhile.
    async fn settle(&mut self) -> Option<&'static str> {
        let latest = Instant::now() + LONGEST;
        loop {
            tokio::select! {
                () = sleep_until(latest) => return None,
                () = sleep(QUIET) => return None,
                () = self.watcher.heard() => {}
                asked = self.signals.next() => match asked {
                    Asked::Stop(because) => return Some(because),
                    Asked::Reload => return None,
                },
            }
        }
    }

    /// Ends: the tick in progress first, then the last words.
    async fn finish(mut self, because: &'static str, is_busy: bool) {
        self.stop.store(true, Ordering::Relaxed);
        // Behind a tick in progress, on the same thread.
        let _ = self.orders.send(Order::Finish(because));
        let answers = if is_busy { 2 } else { 1 };
        let ended = async {
            for _ in 0..answers {
                self.ticked.recv().await;
            }
        };
        tokio::select! {
            ended = timeout(LAST_TICK, ended) => if ended.is_err() {
                tracing::error!("the step at hand does not end; the daemon ends without it");
                at_once();
            },
            () = self.signals.stop() => at_once(),
        }
    }
}

/// The time since `pulse`, where that was far longer than the wait. Moves it on.
fn stall(pulse: &mut Moment) -> Option<(DateTime<Utc>, DateTime<Utc>)> {
    let now = SystemClock.moment();
    let before = std::mem::replace(pulse, now);
    let passed = now.awake.checked_sub(&before.awake)?;
    (passed > NOTABLE).then_some((before.wall, now.wall))
}

/// Ends the process and the tools that it runs.
fn at_once() {
    real::abandon();
    std::process::exit(1);
}
