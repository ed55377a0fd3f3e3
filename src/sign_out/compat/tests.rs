use std::collections::BTreeMap;
use std::fs;
use std::os::unix::fs::{MetadataExt, PermissionsExt, symlink};

use chrono::{NaiveDate, TimeDelta};
use proptest::prelude::*;
use tempfile::TempDir;

use super::*;

fn at(second: i64) -> NaiveDateTime {
    NaiveDate::from_ymd_opt(2026, 11, 22).unwrap().and_hms_opt(10, 24, 31).unwrap() + TimeDelta::seconds(second)
}

/// What the original's extension attribute prints between its tags: the last line as `tail -1` has it, and where that contains
/// `Trust` its ninth and tenth field as `awk` splits them.
fn attribute(log: Option<&[u8]>) -> String {
    let Some(log) = log else { return "1970-01-01 00:00:00".to_owned() };
    let text = String::from_utf8_lossy(log);
    let last = text.strip_suffix('\n').unwrap_or(&text).rsplit('\n').next().unwrap_or("");
    if !last.contains("Trust") {
        return String::new();
    }
    let mut fields = last.split([' ', '\t']).filter(|field| !field.is_empty()).skip(8);
    format!("{} {}", fields.next().unwrap_or(""), fields.next().unwrap_or(""))
}

struct Place {
    _dir: TempDir,
    root: PathBuf,
    log: Log,
}

impl Place {
    fn new(size: usize) -> Self {
        let dir = tempfile::tempdir().unwrap();
        let root = dir.path().canonicalize().unwrap();
        Self { _dir: dir, root, log: Log { path: "/Library/Logs/JamfTrustSignOut.log".into(), size } }
    }

    fn path(&self, tail: &str) -> PathBuf {
        self.root.join(format!("Library/Logs/JamfTrustSignOut.log{tail}"))
    }

    fn text(&self, tail: &str) -> String {
        fs::read_to_string(self.path(tail)).unwrap()
    }

    fn put(&self, text: &str) {
        files::make_dir(&self.root.join("Library/Logs"), 0o755).unwrap();
        files::write_whole(&self.path(""), text.as_bytes(), 0o600).unwrap();
    }

    fn add(&self, second: i64) -> Result<(), LogError> {
        add(&self.root, &self.log, at(second))
    }
}

#[test]
fn the_line_is_the_originals_to_the_byte() {
    assert_eq!(line(at(0)), "Automatically signed out out of Jamf Trust at 2026-11-22 10:24:31\n");
}

#[test]
fn an_existing_log_is_kept_and_made_readable() {
    let place = Place::new(4096);
    place.put(&line(at(-60)));
    place.add(0).unwrap();
    assert_eq!(place.text(""), line(at(-60)) + &line(at(0)));
    assert_eq!(fs::metadata(place.path("")).unwrap().mode() & 0o7777, 0o644);
    assert_eq!(attribute(Some(place.text("").as_bytes())), "2026-11-22 10:24:31");
}

#[test]
fn a_torn_tail_goes_and_one_that_lacks_its_line_break_stays() {
    let place = Place::new(4096);
    place.put(&format!("{}Automatically signed o", line(at(-60))));
    place.add(0).unwrap();
    assert_eq!(place.text(""), line(at(-60)) + &line(at(0)));
    place.put(line(at(-60)).trim_end());
    place.add(0).unwrap();
    assert_eq!(place.text(""), line(at(-60)) + &line(at(0)));
}

#[test]
fn a_full_log_is_put_aside_and_its_last_line_stays() {
    let place = Place::new(1024);
    for second in 0..40 {
        place.add(second).unwrap();
        assert_eq!(attribute(Some(place.text("").as_bytes())), at(second).format(FORM).to_string());
        assert!(place.text("").len() <= 1024);
    }
    let (aside, log) = (place.text(".1"), place.text(""));
    assert_eq!(aside.lines().last(), log.lines().next());
    assert!(aside.lines().count() > 10 && log.lines().count() > 2);
}

#[test]
fn a_line_that_a_crash_kept_away_is_added_once() {
    let place = Place::new(4096);
    place.add(0).unwrap();
    let complete = |count| complete(&place.root, &place.log, at(5), count).unwrap();
    assert_eq!((complete(1), complete(1), complete(2), complete(2)), (1, 0, 1, 0));
    assert_eq!(place.text(""), line(at(0)) + &line(at(5)) + &line(at(5)));
}

#[test]
fn what_somebody_else_may_have_put_there_is_refused_in_words_and_left_alone() {
    let place = Place::new(4096);
    place.put("kept\n");
    let elsewhere = place.root.join("elsewhere");
    #[allow(clippy::disallowed_methods, reason = "the test's part is to do what must be noticed")]
    {
        fs::rename(place.path(""), &elsewhere).unwrap();
        symlink(&elsewhere, place.path("")).unwrap();
    }
    let why = place.add(0).unwrap_err().chain();
    assert!(why.contains("symbolic link"), "{why}");
    assert_eq!(fs::read_to_string(&elsewhere).unwrap(), "kept\n");

    let place = Place::new(4096);
    place.put("kept\n");
    #[allow(clippy::disallowed_methods, reason = "as above")]
    fs::set_permissions(place.root.join("Library/Logs"), fs::Permissions::from_mode(0o777)).unwrap();
    let why = place.add(0).unwrap_err().chain();
    assert!(why.contains("everybody may write"), "{why}");
    assert_eq!(place.text(""), "kept\n");
}

#[derive(Clone, Debug)]
enum Step {
    /// A sign-out, of whose writes only so many reach the disk.
    SignOut { second: i64, writes: usize },
    /// Somebody else's bytes at the end.
    Foreign(Vec<u8>),
}

fn bytes() -> impl Strategy<Value = Vec<u8>> {
    prop_oneof![
        (0..90_i64).prop_map(|second| line(at(-second)).into_bytes()),
        ((0..90_i64), 0..66_usize).prop_map(|(second, cut)| line(at(-second)).as_bytes()[..cut].to_vec()),
        Just(b"\n".to_vec()),
        Just(b"Trust\n".to_vec()),
        Just(b"Automatically signed out of Jamf Trust at 2026-11-22 10:24:31\n".to_vec()),
        prop::collection::vec(any::<u8>(), 0..200),
    ]
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        6 => ((0..4_000_000_i64), prop_oneof![4 => Just(usize::MAX), 1 => 0..2_usize])
            .prop_map(|(second, writes)| Step::SignOut { second, writes }),
        1 => bytes().prop_map(Step::Foreign),
    ]
}

proptest! {
    #[test]
    fn the_attribute_always_reads_the_last_sign_out(
        start in prop::option::of(prop::collection::vec(bytes(), 0..40)),
        size in 1024..3000_usize,
        steps in prop::collection::vec(step(), 1..60),
    ) {
        let path = PathBuf::from("/log");
        let mut disk: BTreeMap<PathBuf, Vec<u8>> = BTreeMap::new();
        disk.extend(start.map(|parts| (path.clone(), parts.concat())));
        let mut expected: Option<String> = None;
        for step in steps {
            match step {
                Step::SignOut { second, writes } => {
                    let before = disk.get(&path).cloned();
                    let all = super::writes(&path, before.as_deref().unwrap_or_default(), &[line(at(second))], size);
                    let done = all.len() <= writes;
                    disk.extend(all.into_iter().take(writes));
                    if done {
                        expected = Some(at(second).format(FORM).to_string());
                    } else {
                        prop_assert_eq!(disk.get(&path), before.as_ref());
                    }
                }
                Step::Foreign(bytes) => {
                    disk.entry(path.clone()).or_default().extend(bytes);
                    expected = None;
                }
            }
            if let Some(expected) = &expected {
                prop_assert_eq!(&attribute(disk.get(&path).map(Vec::as_slice)), expected);
                prop_assert!(disk[&path].ends_with(b"\n"));
            }
        }
    }
}
