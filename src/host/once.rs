//! Each distinct question asked once, however many controls ask it.

use std::collections::HashMap;
use std::fmt;
use std::sync::{Arc, Mutex, MutexGuard, OnceLock, PoisonError};

use super::{Look, ToolError};
use crate::mac::{Answer, Ask};

type Shared = Arc<OnceLock<Result<Answer, ToolError>>>;

/// A [`Look`] that asks each distinct question once and shares the answer, error or not, with all who ask it. Who asks
/// while the question is out waits for that answer.
pub struct Once<'a> {
    look: &'a dyn Look,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    answers: HashMap<Ask, Shared>,
    asked: Vec<Ask>,
}

impl<'a> Once<'a> {
    /// Around `look`, with nothing asked yet.
    #[must_use]
    pub fn new(look: &'a dyn Look) -> Self {
        Self { look, state: Mutex::default() }
    }

    /// Forgets all answers, because something may have changed. An answer that is still on its way goes to those who
    /// wait for it and to nobody after.
    pub fn forget(&self) {
        self.state().answers.clear();
    }

    /// What was really asked, in the order in which asking began. A question occurs again only where it was asked again
    /// after
    /// [`Once::forget`].
    #[must_use]
    pub fn asked(&self) -> Vec<Ask> {
        self.state().asked.clone()
    }

    fn state(&self) -> MutexGuard<'_, State> {
        // Nothing can panic while it is held: the asking itself is done outside.
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl<'a, L: Look> From<&'a L> for Once<'a> {
    fn from(look: &'a L) -> Self {
        Self::new(look)
    }
}

impl<'a> From<&'a dyn Look> for Once<'a> {
    fn from(look: &'a dyn Look) -> Self {
        Self::new(look)
    }
}

impl Look for Once<'_> {
    fn look(&self, ask: &Ask) -> Result<Answer, ToolError> {
        let shared = Arc::clone(self.state().answers.entry(ask.clone()).or_default());
        // Where the one who asks panics, the next in line asks anew.
        let answer = shared.get_or_init(|| {
            self.state().asked.push(ask.clone());
            let answer = self.look.look(ask);
            match &answer {
                Ok(_) => tracing::debug!("asked: {ask}"),
                Err(error) => tracing::debug!("asked: {ask}: {}", crate::text::visible(&error.chain())),
            }
            answer
        });
        answer.clone()
    }
}

impl fmt::Debug for Once<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Once").field("asked", &self.asked()).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests {
    use std::path::PathBuf;
    use std::sync::atomic::{AtomicUsize, Ordering};
    use std::time::Duration;

    use super::*;
    use crate::mac::Output;

    /// Answers slowly, each time with another status; fails for the file `/bad`; panics on the first look at `/panic`.
    #[derive(Default)]
    struct Counting(AtomicUsize);

    impl Look for Counting {
        fn look(&self, ask: &Ask) -> Result<Answer, ToolError> {
            let count = self.0.fetch_add(1, Ordering::SeqCst);
            #[allow(clippy::disallowed_methods)] // a slow answer is what is tried
            std::thread::sleep(Duration::from_millis(30));
            if *ask == file("/bad") {
                return Err(ToolError::Missing { command: format!("asked {count} times before") });
            }
            assert!(*ask != file("/panic") || count > 0, "the first look at /panic");
            Ok(Answer::Ran(Output { status: i32::try_from(count).unwrap(), ..Output::default() }))
        }
    }

    fn file(path: &str) -> Ask {
        Ask::File(PathBuf::from(path))
    }

    fn status(answer: Result<Answer, ToolError>) -> i32 {
        let Ok(Answer::Ran(output)) = answer else { panic!("{answer:?}") };
        output.status
    }

    #[test]
    fn many_threads_asking_one_question_ask_it_once() {
        let mac = Counting::default();
        let once = Once::new(&mac);
        std::thread::scope(|scope| {
            let askers: Vec<_> = (0..8).map(|_| scope.spawn(|| status(once.look(&file("/a"))))).collect();
            for asker in askers {
                assert_eq!(asker.join().unwrap(), 0);
            }
        });
        assert_eq!(mac.0.load(Ordering::SeqCst), 1);
        assert_eq!(once.asked(), [file("/a")]);
    }

    #[test]
    fn different_questions_do_not_wait_for_each_other() {
        /// Answers `/a` only while `/b` is being asked too.
        struct Together(std::sync::Barrier);
        impl Look for Together {
            fn look(&self, _: &Ask) -> Result<Answer, ToolError> {
                self.0.wait();
                Ok(Answer::Ran(Output::default()))
            }
        }
        let mac = Together(std::sync::Barrier::new(2));
        let once = Once::new(&mac);
        std::thread::scope(|scope| {
            scope.spawn(|| once.look(&file("/a")));
            scope.spawn(|| once.look(&file("/b")));
        });
        assert_eq!(once.asked().len(), 2);
    }

    #[test]
    fn an_error_is_an_answer_too() {
        let mac = Counting::default();
        let once = Once::new(&mac);
        let first = once.look(&file("/bad")).unwrap_err().to_string();
        assert_eq!(once.look(&file("/bad")).unwrap_err().to_string(), first);
        assert_eq!(once.asked().len(), 1);
    }

    #[test]
    fn after_forgetting_the_question_is_asked_again() {
        let mac = Counting::default();
        let once = Once::new(&mac);
        assert_eq!(status(once.look(&file("/a"))), 0);
        once.forget();
        assert_eq!(status(once.look(&file("/a"))), 1);
        assert_eq!(status(once.look(&file("/a"))), 1);
        assert_eq!(once.asked(), [file("/a"), file("/a")]);
    }

    #[test]
    fn a_question_whose_asker_panicked_is_asked_anew() {
        let mac = Counting::default();
        let once = Once::new(&mac);
        std::thread::scope(|scope| assert!(scope.spawn(|| once.look(&file("/panic"))).join().is_err()));
        assert_eq!(status(once.look(&file("/panic"))), 1);
    }
}
