//! An answer that is whole but for one thing: a key of a property list or of a brace block, or a line.

use std::collections::HashSet;

use holdfast::controls;
use holdfast::host::Look;
use holdfast::mac::{Answer, Ask};
use holdfast::sim::World;

use crate::bench::*;
use crate::trial::*;

/// The property list without one key, for each key in it, with the key's path.
fn without_each_key(value: &plist::Value) -> Vec<(String, plist::Value)> {
    let mut all = Vec::new();
    match value {
        plist::Value::Dictionary(dictionary) => {
            for (key, inner) in dictionary {
                let mut less = dictionary.clone();
                less.remove(key);
                all.push((key.clone(), plist::Value::Dictionary(less)));
                for (path, inner) in without_each_key(inner) {
                    let mut less = dictionary.clone();
                    less.insert(key.clone(), inner);
                    all.push((format!("{key}.{path}"), plist::Value::Dictionary(less)));
                }
            }
        }
        plist::Value::Array(items) => {
            for (n, inner) in items.iter().enumerate() {
                for (path, inner) in without_each_key(inner) {
                    let mut less = items.clone();
                    less[n] = inner;
                    all.push((format!("{n}.{path}"), plist::Value::Array(less)));
                }
            }
        }
        _ => {}
    }
    all
}

/// The text without one line, or without a brace block from its key to its end, for each.
fn without_each_line(text: &str) -> Vec<(String, String)> {
    let lines: Vec<&str> = text.split_inclusive('\n').collect();
    let indent = |line: &str| line.len() - line.trim_start().len();
    (0..lines.len())
        .map(|n| {
            let opens = ["= {", "= (", "=     {", "=     ("].iter().any(|end| lines[n].trim_end().ends_with(end));
            let closes = |line: &&str| indent(line) <= indent(lines[n]) && line.trim_start().starts_with(['}', ')']);
            let end = if opens { lines[n + 1..].iter().position(closes).map_or(n, |more| n + 1 + more) } else { n };
            let less = lines[..n].iter().chain(&lines[end + 1..]).copied().collect();
            (lines[n].trim().to_owned(), less)
        })
        .collect()
}

/// A tool's answer with one thing missing, for each thing in it: what is missing, and the answer.
fn lacking(output: &holdfast::mac::Output) -> Vec<(String, Fault)> {
    let says = |what: String, stdout: &[u8], stderr: &[u8]| {
        (what, Fault::Says { stdout: stdout.to_vec(), stderr: stderr.to_vec() })
    };
    if let Ok(list) = plist::from_bytes::<plist::Value>(&output.stdout)
        && output.stdout.starts_with(b"<?xml")
    {
        let all = without_each_key(&list).into_iter();
        return all
            .map(|(what, less)| {
                let mut bytes = Vec::new();
                less.to_writer_xml(&mut bytes).unwrap();
                bytes.push(b'\n');
                says(what, &bytes, &output.stderr)
            })
            .collect();
    }
    let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
    let (stdout, stderr) = (text(&output.stdout), text(&output.stderr));
    let of_stdout = without_each_line(&stdout).into_iter().map(|(w, less)| says(w, less.as_bytes(), stderr.as_bytes()));
    let of_stderr = without_each_line(&stderr).into_iter().map(|(w, less)| says(w, stdout.as_bytes(), less.as_bytes()));
    of_stdout.chain(of_stderr).collect()
}

#[test]
fn an_answer_that_lacks_one_thing_never_turns_weak_into_strong() {
    let policy = everything();
    let mut tried = 0;
    let mut surveyed = HashSet::new();
    for (name, mac) in every_mac(World::Neglected) {
        for control in controls::all() {
            let clean = {
                let copy = mac.copy().unwrap();
                enforce(&copy, &copy, &[control], &policy).0.lines.remove(0).outcome
            };
            for at in 0..calls(&mac, control, &policy) {
                let (_, _, call) = faults_at(&mac, control, &policy, at);
                let Call::Look(ask @ Ask::Run(_)) = &call else { continue };
                // The two questions about the kind of Mac come first for every control: tried with one.
                if at < 2 && !surveyed.insert((mac.origin(), at)) {
                    continue;
                }
                let Ok(Answer::Ran(output)) = mac.look(ask) else { panic!("{ask}") };
                for (what, fault) in lacking(&output) {
                    let what = format!("{} on {}, {ask} without \"{what}\"", control.id, name.name());
                    let one = attempt(&mac, control, &policy, at, fault).unwrap();
                    judge(&one, &clean, &policy, &what);
                    tried += 1;
                }
            }
        }
    }
    assert!(tried > 2_000, "{tried}");
}

#[test]
fn everything_in_an_answer_is_left_out_once() {
    let blocks = "a = {\n    b = 1;\n    c = {\n        d = 2;\n    };\n};\n";
    let less: Vec<_> = without_each_line(blocks).into_iter().map(|(_, less)| less.replace([' ', '\n'], "")).collect();
    assert_eq!(less[..4], ["", "a={c={d=2;};};", "a={b=1;};", "a={b=1;c={};};"]);
    let list = plist::from_bytes::<plist::Value>(
        b"<plist><array><dict><key>a</key><dict><key>b</key><true/></dict></dict></array></plist>",
    );
    let paths: Vec<_> = without_each_key(&list.unwrap()).into_iter().map(|(path, _)| path).collect();
    assert_eq!(paths, ["0.a", "0.a.b"]);
}
