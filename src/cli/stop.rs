//! Ctrl-C and SIGTERM: the step at hand is finished and recorded, then the run ends, within 10 s whatever its tools do. A second
//! one ends it at once and its tools with it, with exit status 1.

use std::sync::atomic::{AtomicBool, Ordering};

use crate::host::real;
use tokio::signal::unix::{SignalKind, signal};

/// Set once a signal has asked the run to end.
pub static STOP: AtomicBool = AtomicBool::new(false);

/// Listens from now on, on a thread of its own.
pub fn listen() -> std::io::Result<()> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_all().build()?;
    let (mut interrupt, mut terminate) = {
        let _inside = runtime.enter();
        (signal(SignalKind::interrupt())?, signal(SignalKind::terminate())?)
    };
    std::thread::Builder::new().name("signals".into()).spawn(move || {
        runtime.block_on(async {
            loop {
                tokio::select! {
                    _ = interrupt.recv() => {}
                    _ = terminate.recv() => {}
                }
                if STOP.swap(true, Ordering::Relaxed) {
                    real::abandon();
                    std::process::exit(1);
                }
                super::out::error("holdfast: stopping after the step at hand\n");
            }
        });
    })?;
    Ok(())
}
