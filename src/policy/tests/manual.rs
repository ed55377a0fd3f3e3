//! What `docs/policy.md` shows as an example is good policy. Its tables are made from the code's: see `tests/generated`.

use crate::controls;
use crate::policy::validate;

const MANUAL: &str = include_str!("../../../docs/policy.md");

#[test]
fn the_examples_of_the_manual_are_good_policy() {
    let examples: Vec<&str> = MANUAL
        .split("```xml\n")
        .skip(1)
        .filter_map(|rest| rest.split_once("```").map(|(example, _)| example))
        .collect();
    assert!(examples.len() >= 3, "{}", examples.len());
    for example in examples {
        let faults = validate(format!("<plist version=\"1.0\">{example}</plist>").as_bytes(), &controls::all());
        assert_eq!(faults, [], "{example}");
    }
}
