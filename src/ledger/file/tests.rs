use std::os::unix::fs::PermissionsExt;
use std::sync::atomic::{AtomicBool, AtomicU32, Ordering};

use super::*;
use crate::ledger::query::{Filter, rows};
use crate::ledger::testing::{Place, found, put, remove, run_ended, run_started};
use crate::ledger::verify::verify;
use crate::ledger::{Announced, LOCK, history};

const BIG: u64 = 1 << 20;

/// A disk on which one thing goes wrong, once.
struct Failing {
    /// Accept only this many bytes.
    write_only: Option<usize>,
    /// Refuse the write as a whole.
    full: bool,
    /// Fail to sync.
    sync: bool,
}

impl Disk for Failing {
    fn write(&mut self, mut file: &File, bytes: &[u8]) -> io::Result<usize> {
        if std::mem::take(&mut self.full) {
            return Err(io::ErrorKind::StorageFull.into());
        }
        match self.write_only.take() {
            Some(most) => file.write(&bytes[..most]),
            None => file.write(bytes),
        }
    }

    fn sync(&mut self, file: &File) -> io::Result<()> {
        if std::mem::take(&mut self.sync) { Err(io::Error::other("lost power")) } else { file.sync_data() }
    }
}

fn events(place: &Place) -> Vec<Event> {
    rows(&place.folder, Filter::default()).unwrap().filter_map(|row| row.unwrap().entry.ok()).map(|e| e.event).collect()
}

fn assert_sound(place: &Place) {
    let report = verify(&place.folder, &place.head).unwrap();
    assert!(report.ok, "{:#?}", report.problems);
}

#[test]
fn a_failed_write_is_an_error_and_the_last_thing_that_this_ledger_takes() {
    let fault = |write_only, full, sync| Failing { write_only, full, sync };
    let faults = [fault(Some(0), false, false), fault(Some(100), false, false), fault(None, true, false)];
    for failing in faults.into_iter().chain([fault(None, false, true)]) {
        let (short, sync) = (failing.write_only, failing.sync);
        let place = Place::with_lines(3, BIG);
        let mut ledger = place.open(BIG);
        ledger.disk = Box::new(failing);
        let error = ledger.append(found(4)).unwrap_err();
        match short {
            Some(bytes) => assert!(matches!(error, LedgerError::Short { written, .. } if written == bytes)),
            None => assert!(matches!(error, LedgerError::Io { .. })),
        }
        // The fault has passed, and still nothing is taken: the disk's content is not what this ledger thinks.
        assert!(matches!(ledger.append(found(5)).unwrap_err(), LedgerError::Poisoned { .. }));
        drop(ledger);
        let Witness::Known(head) = head::read(&place.head).unwrap() else { panic!("no record") };
        assert_eq!(head.seq, 3);
        // What one opening has marked, the next does not mark again.
        drop(place.open(BIG));
        let mut ledger = place.open(BIG);
        ledger.append(found(6)).unwrap();
        ledger.close().unwrap();
        assert_sound(&place);
        let torn = events(&place).iter().filter(|e| matches!(e, Event::Torn { .. })).count();
        assert_eq!(torn, usize::from(short == Some(100)));
        assert_eq!(events(&place).contains(&found(4)), sync);
        assert!(!events(&place).contains(&found(5)) && events(&place).contains(&found(6)));
    }
}

#[test]
fn a_full_disk_at_a_rotation_leaves_what_the_next_opening_mends() {
    for write_only in [0, 1, 150] {
        let place = Place::with_lines(10, 4000);
        let mut ledger = place.open(4000);
        let mut n = 11;
        let error = loop {
            if ledger.bytes > 3700 {
                ledger.disk = Box::new(Failing { write_only: Some(write_only), full: false, sync: false });
            }
            match ledger.append(found(n)) {
                Ok(()) => n += 1,
                Err(error) => break error,
            }
        };
        assert!(matches!(error, LedgerError::Short { .. }), "{error}");
        assert!(ledger.append(found(n)).is_err());
        // Before the full segment was put aside, not only now that the ledger is dropped.
        let recorded = head::read(&place.head).unwrap();
        assert!(matches!(recorded, Witness::Known(Head { seq, .. }) if seq == ledger.last_seq()), "{recorded:?}");
        drop(ledger);
        let mut ledger = place.open(4000);
        ledger.append(found(n)).unwrap();
        ledger.close().unwrap();
        assert_sound(&place);
    }
}

#[test]
fn what_changed_behind_the_writers_back_stops_it() {
    let place = Place::with_lines(3, BIG);
    let mut ledger = place.open(BIG);
    put(&place.current(), b"");
    assert!(matches!(ledger.append(found(1)).unwrap_err(), LedgerError::Changed { seen: 0, .. }));
    let place = Place::with_lines(3, BIG);
    let mut ledger = place.open(BIG);
    remove(&place.current());
    assert!(matches!(ledger.append(found(1)).unwrap_err(), LedgerError::Changed { seen: 0, .. }));
    assert!(matches!(ledger.append(found(1)).unwrap_err(), LedgerError::Poisoned { .. }));
}

#[test]
fn an_opening_that_fails_half_way_does_not_move_the_recorded_end() {
    for max in [BIG, 4000] {
        let place = Place::with_lines(60, max);
        let before = std::fs::read(&place.head).unwrap();
        // All that shows that lines are missing is the recorded end.
        remove(&place.current());
        let disk = Box::new(Failing { write_only: None, full: true, sync: false });
        assert!(Ledger::open_on(disk, place.options(max), IfBusy::Fail).is_err());
        assert_eq!(std::fs::read(&place.head).unwrap(), before, "segments of {max}");
    }
}

#[test]
fn one_writer_at_a_time_and_the_next_is_told_that_it_waits() {
    let place = Place::new();
    let first = place.open(BIG);
    let busy = Ledger::open(place.options(BIG), IfBusy::Fail).err().unwrap();
    assert!(matches!(&busy, LedgerError::Busy { lock } if lock.ends_with(LOCK)), "{busy}");
    let told = AtomicBool::new(false);
    std::thread::scope(|scope| {
        let second = scope.spawn(|| {
            let mut tell = |lock: &Path| {
                assert!(lock.ends_with(LOCK));
                told.store(true, Ordering::SeqCst);
            };
            let busy = IfBusy::Wait { tell: &mut tell, stop: &|| false };
            Ledger::open(place.options(BIG), busy).unwrap().close().unwrap();
        });
        while !told.load(Ordering::SeqCst) {
            std::thread::yield_now();
        }
        assert!(!second.is_finished());
        first.close().unwrap();
    });
    let mut never = |_: &Path| panic!("nobody holds it");
    drop(Ledger::open(place.options(BIG), IfBusy::Wait { tell: &mut never, stop: &|| true }).unwrap());
}

#[test]
fn the_wait_for_another_writer_can_be_broken_off() {
    let place = Place::new();
    let first = place.open(BIG);
    let (mut told, looks) = (0, AtomicU32::new(0));
    let mut tell = |_: &Path| told += 1;
    let stop = || looks.fetch_add(1, Ordering::SeqCst) == 2;
    let broken = Ledger::open(place.options(BIG), IfBusy::Wait { tell: &mut tell, stop: &stop }).err().unwrap();
    assert!(matches!(&broken, LedgerError::Interrupted { lock } if lock.ends_with(LOCK)), "{broken}");
    assert_eq!((told, looks.into_inner()), (1, 3));
    drop(first);
    assert_sound(&place);
}

#[test]
fn a_ledger_that_was_here_before_and_is_gone_goes_on_record() {
    let place = Place::new();
    let open = |expected: Option<&str>| {
        let options = LedgerOptions { expected: expected.map(str::to_owned), ..place.options(BIG) };
        Ledger::open(options, IfBusy::Fail).unwrap().close().unwrap();
    };
    open(Some("r7"));
    open(Some("r7"));
    let told: Vec<_> = events(&place);
    assert!(
        matches!(&told[..], [Event::EndDiffers { recorded_seq: None, seen, .. }] if seen.contains("run r7")),
        "{told:?}"
    );
    assert!(!verify(&place.folder, &place.head).unwrap().ok);
}

#[test]
fn files_and_folders_have_the_modes_that_readers_and_writers_need() {
    let place = Place::with_lines(30, 4000);
    let mode = |path: &Path| std::fs::metadata(path).unwrap().permissions().mode() & 0o7777;
    assert_eq!((mode(&place.folder), mode(place.head.parent().unwrap())), (0o755, 0o755));
    assert_eq!((mode(&place.current()), mode(&place.head)), (0o644, 0o644));
    assert_eq!(mode(&place.folder.join(folder::rotated_name(1))), 0o644);
    // Whoever may read a file may lock it.
    assert_eq!(mode(&place.folder.join(LOCK)), 0o600);
}

#[test]
fn what_others_could_write_is_refused_by_name() {
    #[allow(clippy::disallowed_methods)] // the test's part is to do what the ledger must notice
    let chmod = |path: &Path, mode| std::fs::set_permissions(path, PermissionsExt::from_mode(mode)).unwrap();
    let refusal = |place: &Place| match Ledger::open(place.options(BIG), IfBusy::Fail) {
        Err(LedgerError::Unsafe { path, why }) => (path, why),
        Err(other) => panic!("{other}"),
        Ok(_) => panic!("taken"),
    };
    for mode in [0o664, 0o646, 0o666] {
        let place = Place::with_lines(3, BIG);
        chmod(&place.current(), mode);
        assert_eq!(refusal(&place), (place.current(), format!("can be written by others (mode {mode:04o})")));
    }
    let place = Place::with_lines(3, BIG);
    chmod(&place.folder, 0o775);
    assert_eq!(refusal(&place), (place.folder.clone(), "its group may write to it (mode 0775)".to_owned()));
    let place = Place::with_lines(3, BIG);
    chmod(place.head.parent().unwrap(), 0o777);
    assert_eq!(refusal(&place).0, place.head.parent().unwrap());

    for name in [CURRENT, LOCK] {
        let place = Place::with_lines(3, BIG);
        let path = place.folder.join(name);
        let elsewhere = place.folder.join("elsewhere");
        put(&elsewhere, b"untouched");
        remove(&path);
        #[allow(clippy::disallowed_methods)] // the test's part is to do what the ledger must notice
        std::os::unix::fs::symlink(&elsewhere, &path).unwrap();
        assert_eq!(refusal(&place), (path.clone(), "is a symbolic link".to_owned()));
        assert_eq!(std::fs::read(&elsewhere).unwrap(), b"untouched");
        remove(&path);
        nix::unistd::mkfifo(&path, nix::sys::stat::Mode::S_IRWXU).unwrap();
        // A pipe that nobody reads is refused by the system, and one in a reader's way by us; neither holds us up.
        assert!(Ledger::open(place.options(BIG), IfBusy::Fail).is_err());
    }
    let place = Place::with_lines(3, BIG);
    let moved = place.folder.with_file_name("moved");
    crate::ledger::testing::rename(&place.folder, &moved);
    #[allow(clippy::disallowed_methods)] // the test's part is to do what the ledger must notice
    std::os::unix::fs::symlink(&moved, &place.folder).unwrap();
    assert_eq!(refusal(&place), (place.folder.clone(), "it is a symbolic link or not a folder".to_owned()));
}

#[test]
fn changes_too_many_for_a_line_are_announced_on_several() {
    let change = |n: usize| Announced {
        argv: vec!["/usr/bin/defaults".to_owned(), "write".to_owned(), "x".repeat(200), n.to_string()],
        prior: [("key".to_owned(), serde_json::Value::Null)].into(),
        undo: vec![vec!["/usr/bin/defaults".to_owned(), "delete".to_owned(), n.to_string()]],
    };
    let all: Vec<_> = (0..100).map(change).collect();
    let place = Place::new();
    let mut ledger = place.open(BIG);
    ledger.append(Event::Intends { control: "firewall_on".to_owned(), changes: all.clone() }).unwrap();
    drop(ledger);
    let told = events(&place);
    assert!(told.len() > 1);
    let told = told.into_iter().flat_map(|event| match event {
        Event::Intends { control, changes } if control == "firewall_on" => changes,
        other => panic!("{other:?}"),
    });
    assert_eq!(told.collect::<Vec<_>>(), all);
    assert_sound(&place);
}

#[test]
fn what_cannot_be_told_is_refused_and_harms_nothing() {
    let place = Place::new();
    let mut ledger = place.open(BIG);
    let (long, short) = ("x".repeat(9000), "true".to_owned());
    let change = |argv: &str, prior: &str, undo: &str| Announced {
        argv: vec![argv.to_owned()],
        prior: [("key".to_owned(), prior.into())].into(),
        undo: vec![vec![undo.to_owned()]],
    };
    // Never shortened: the undo would be another command.
    let changes = [
        Announced { argv: vec![short.clone(); 5000], prior: [].into(), undo: Vec::new() },
        change(&long, &short, &short),
        change(&short, &long, &short),
        change(&short, &short, &long),
    ];
    for change in changes {
        let event = Event::Intends { control: "firewall_on".to_owned(), changes: vec![change] };
        assert!(matches!(ledger.append(event), Err(LedgerError::TooLong { .. })));
    }
    let event = Event::TakesBack { control: "firewall_on".to_owned(), changes: vec![vec![long]] };
    assert!(matches!(ledger.append(event), Err(LedgerError::TooLong { .. })));
    ledger.append(found(1)).unwrap();
    drop(ledger);
    assert_eq!(events(&place), [found(1)]);
    assert_sound(&place);
}

#[test]
fn the_fold_of_a_writer_is_what_a_reader_and_the_next_writer_fold() {
    for max in [BIG, 6000, 2500] {
        let place = Place::new();
        for round in 0..4 {
            let mut ledger = place.open(max);
            ledger.append(run_started("enforce")).unwrap();
            for n in 0..10 + round {
                ledger.append(found(n * 7 + round)).unwrap();
                let control = format!("control_{}", n % 5);
                ledger.append(Event::Fixed { control, seen: "é".repeat(3000) }).unwrap();
            }
            ledger.append(run_ended(5)).unwrap();
            assert_eq!(ledger.history(), &history::read(&place.folder).unwrap(), "segments of {max}");
            let before = ledger.history().clone();
            ledger.close().unwrap();
            assert_eq!(place.open(max).history(), &before);
        }
        let fold = history::read(&place.folder).unwrap();
        assert_eq!(fold.controls["control_1"].fixes, 2 + 2 + 3 + 3);
        assert_eq!(fold.runs.ended.unwrap().counts.unwrap().compliant, 5);
        assert_sound(&place);
    }
}

#[test]
fn a_run_that_ends_is_recorded_before_the_ledger_is_closed() {
    let place = Place::new();
    let mut ledger = place.open(BIG);
    ledger.append(run_started("check")).unwrap();
    ledger.append(run_ended(1)).unwrap();
    assert!(matches!(head::read(&place.head).unwrap(), Witness::Known(Head { seq: 2, .. })));
}

#[test]
fn a_name_that_is_taken_is_not_overwritten() {
    let place = Place::new();
    let mut ledger = place.open(1000);
    let taken = place.folder.join(folder::rotated_name(1));
    put(&taken, b"evidence");
    let failed = (0..10).find_map(|n| ledger.append(found(n)).err()).unwrap();
    assert!(matches!(failed, LedgerError::InTheWay { path } if path == taken));
    assert_eq!(std::fs::read(&taken).unwrap(), b"evidence");
}
