//! Telling the user that a sign-out is near, and asking whether it may be put off.

use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};

use chrono::TimeDelta;

use crate::host::{Look, ToolError, Touch, ask};
use crate::mac::{dialog, osascript};
use crate::text::count;

/// The title of every notice.
const TITLE: &str = "Jamf Trust sign-out";

/// One notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Notice {
    /// The user's short name.
    pub user: String,
    /// Their user id.
    pub uid: u32,
    /// What it says.
    pub message: String,
    /// For how long it stands, in seconds.
    pub seconds: u64,
    /// Whether the user may put the sign-out off.
    pub can_put_off: bool,
}

/// What came of a notice.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Answer {
    /// The user wants it at once.
    Now,
    /// The user puts it off.
    Later,
    /// No answer: none was given in time, or none can be.
    None,
    /// It could not be shown as it should have been: why. No answer either.
    Trouble(String),
}

/// Shows notices and brings their answers, without anybody waiting for them.
pub trait Notifier {
    /// Shows `notice`. What an earlier one for that user is answered is of no interest any more.
    fn show(&self, notice: Notice);

    /// What came of the last notice for `user`, once, as soon as it is known.
    fn answer(&self, user: &str) -> Option<Answer>;
}

impl Notice {
    /// The notice for a sign-out in `left`, with policy's `text` or, where that is empty, the built-in one.
    #[must_use]
    pub fn new(user: &str, uid: u32, text: &str, left: TimeDelta, can_put_off: bool) -> Self {
        let seconds = u64::try_from(left.num_seconds()).unwrap_or(0).max(1);
        let minutes = usize::try_from(seconds.div_ceil(60)).unwrap_or(usize::MAX);
        let message = if text.is_empty() {
            let left = count(minutes, "minute", "minutes");
            format!("You will be signed out of Jamf Trust in {left}. Afterwards, open Jamf Trust and sign in again.")
        } else {
            text.replace("{minutes}", &minutes.to_string())
        };
        Self { user: user.to_owned(), uid, message, seconds, can_put_off }
    }
}

/// Shows `notice` and waits for what comes of it: with swiftDialog where that is installed, which can ask, else with
/// Notification Center, which cannot.
#[must_use]
pub fn show(look: &dyn Look, touch: &dyn Touch, notice: &Notice) -> Answer {
    let asked = match ask(look, &dialog::installed()) {
        Ok(true) => {
            let question = dialog::ask(notice.uid, TITLE, &notice.message, notice.seconds, notice.can_put_off);
            match ask(look, &question) {
                Ok(dialog::Reply::Now) => return Answer::Now,
                Ok(dialog::Reply::Later) => return Answer::Later,
                Ok(dialog::Reply::TimedOut | dialog::Reply::Dismissed) => return Answer::None,
                Err(error) => Err(error),
            }
        }
        Ok(false) => Ok(()),
        Err(error) => Err(error),
    };
    let told = touch.touch(&osascript::notify(notice.uid, TITLE, &notice.message));
    match (asked, told) {
        (Ok(()), Ok(())) => Answer::None,
        (Err(error), Ok(())) => Answer::Trouble(format!("swiftDialog could not ask: {}", error.chain())),
        (asked, Err(error)) => {
            let errors: Vec<String> = asked.err().iter().chain([&error]).map(ToolError::chain).collect();
            Answer::Trouble(format!("no notice could be shown: {}", errors.join("; ")))
        }
    }
}

/// Shows each notice on a thread of its own.
#[derive(Debug)]
pub struct Threaded<H> {
    host: Arc<H>,
    asked: Arc<Mutex<BTreeMap<String, Asked>>>,
}

/// The last notice for a user: which one it was, and what came of it.
#[derive(Debug, Default)]
struct Asked {
    number: u64,
    answer: Option<Answer>,
}

impl<H> Threaded<H> {
    /// One that shows notices on `host`.
    #[must_use]
    pub fn new(host: Arc<H>) -> Self {
        Self { host, asked: Arc::default() }
    }
}

impl<H: Look + Touch + Send + Sync + 'static> Notifier for Threaded<H> {
    fn show(&self, notice: Notice) {
        let user = notice.user.clone();
        let number = {
            let mut asked = self.asked.lock().unwrap_or_else(PoisonError::into_inner);
            let last = asked.entry(user.clone()).or_default();
            *last = Asked { number: last.number.wrapping_add(1), answer: None };
            last.number
        };
        let (host, asked) = (Arc::clone(&self.host), Arc::clone(&self.asked));
        let answered = move |answer| {
            let mut asked = asked.lock().unwrap_or_else(PoisonError::into_inner);
            if let Some(last) = asked.get_mut(&user).filter(|last| last.number == number) {
                last.answer = Some(answer);
            }
        };
        let failed = answered.clone();
        let thread = std::thread::Builder::new().name("notice".to_owned());
        if let Err(error) = thread.spawn(move || answered(show(host.as_ref(), host.as_ref(), &notice))) {
            failed(Answer::Trouble(format!("no notice could be shown: no thread for it: {error}")));
        }
    }

    fn answer(&self, user: &str) -> Option<Answer> {
        self.asked.lock().unwrap_or_else(PoisonError::into_inner).get_mut(user)?.answer.take()
    }
}

/// Gives the answers that it was told to, for tests, and remembers what was shown.
#[derive(Debug, Default)]
pub struct Scripted {
    /// The answers to come, in order; none any more is no answer.
    pub answers: Mutex<Vec<Answer>>,
    /// What was shown.
    pub shown: Mutex<Vec<Notice>>,
}

impl Scripted {
    /// One that gives these answers.
    #[must_use]
    pub fn with(answers: impl IntoIterator<Item = Answer>) -> Self {
        Self { answers: Mutex::new(answers.into_iter().collect()), shown: Mutex::default() }
    }
}

impl Notifier for Scripted {
    fn show(&self, notice: Notice) {
        self.shown.lock().unwrap_or_else(PoisonError::into_inner).push(notice);
    }

    fn answer(&self, user: &str) -> Option<Answer> {
        let shown = self.shown.lock().unwrap_or_else(PoisonError::into_inner);
        let mut answers = self.answers.lock().unwrap_or_else(PoisonError::into_inner);
        let asked = shown.iter().any(|notice| notice.user == user);
        (asked && !answers.is_empty()).then(|| answers.remove(0))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_text_tells_how_long_is_left() {
        let message = |text: &str, seconds| Notice::new("ada", 501, text, TimeDelta::seconds(seconds), false).message;
        assert!(message("", 60).contains("in 1 minute."));
        assert!(message("", 299).contains("in 5 minutes."));
        assert_eq!(message("In {minutes} min, {minutes}!", 120), "In 2 min, 2!");
    }
}
