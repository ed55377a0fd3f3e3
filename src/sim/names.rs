//! The names of simulated Macs on the command line, and which one was probably meant.

use super::{Mac, SimError, World};

/// Reads `WORLD` or `WORLD@MAC`; without a Mac it is [`Mac::default`].
///
/// # Errors
/// [`SimError::Unknown`] with the nearest choice, or all of them where none is near.
pub fn parse(given: &str) -> Result<(World, Mac), SimError> {
    let (world, mac) = given.split_once('@').map_or((given, None), |(world, mac)| (world, Some(mac)));
    let Some(world) = World::ALL.into_iter().find(|known| known.name() == world) else {
        // A Mac without a world is the likeliest slip of all.
        let hint = match Mac::ALL.into_iter().find(|known| known.name() == world) {
            Some(mac) => format!("did you mean {}?", origin(World::Neglected, mac)),
            None => hint(world, &World::ALL.map(World::name)),
        };
        return Err(SimError::Unknown { given: world.to_owned(), kind: "world", hint });
    };
    let Some(mac) = mac else { return Ok((world, Mac::default())) };
    match Mac::ALL.into_iter().find(|known| known.name() == mac) {
        Some(mac) => Ok((world, mac)),
        None => {
            let hint = hint(mac, &Mac::ALL.map(Mac::name));
            Err(SimError::Unknown { given: mac.to_owned(), kind: "Mac", hint })
        }
    }
}

/// `WORLD@MAC`, as [`parse`] reads it.
pub(super) fn origin(world: World, mac: Mac) -> String {
    format!("{}@{}", world.name(), mac.name())
}

fn hint(given: &str, choices: &[&str]) -> String {
    let near = choices.iter().map(|choice| (distance(given, choice), choice)).min();
    match near {
        // Up to a third of it may be wrong.
        Some((steps, choice)) if steps * 3 <= choice.len() => format!("did you mean {choice}?"),
        _ => format!("say {}", choices.join(", ")),
    }
}

/// Levenshtein's distance: how many letters must be put in, taken out or exchanged.
fn distance(one: &str, other: &str) -> usize {
    let mut row: Vec<usize> = (0..=other.chars().count()).collect();
    for (n, letter) in one.chars().enumerate() {
        let mut next = vec![n + 1];
        for ((above, pair), against) in row.iter().skip(1).zip(row.windows(2)).zip(other.chars()) {
            let diagonal = pair.first().map_or(0, |steps| steps + usize::from(letter != against));
            let left = next.last().map_or(0, |steps| steps + 1);
            next.push(diagonal.min(left).min(above + 1));
        }
        row = next;
    }
    row.last().copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_read() {
        assert_eq!(parse("neglected").unwrap(), (World::Neglected, Mac::ArmLaptop26));
        assert_eq!(parse("factory@vm-26").unwrap(), (World::Factory, Mac::Vm26));
    }

    #[test]
    fn a_wrong_name_is_told_the_nearest_choice_or_all_of_them_in_one_short_line() {
        for (given, told) in [
            ("neglcted", "there is no simulated world \"neglcted\"; did you mean neglected?"),
            ("Hardened", "there is no simulated world \"Hardened\"; did you mean hardened?"),
            ("arm-laptop-27", "there is no simulated world \"arm-laptop-27\"; did you mean neglected@arm-laptop-27?"),
            ("mac", "there is no simulated world \"mac\"; say neglected, factory, hardened"),
            ("", "there is no simulated world \"\"; say neglected, factory, hardened"),
            ("factory@vm26", "there is no simulated Mac \"vm26\"; did you mean vm-26?"),
            (
                "neglected@",
                "there is no simulated Mac \"\"; say intel-laptop-14, arm-laptop-15, arm-laptop-26, arm-laptop-27, \
                 arm-desktop-26, vm-26",
            ),
        ] {
            assert_eq!(parse(given).unwrap_err().to_string(), told);
        }
        assert!(parse("neglected@vm-26@vm-26").is_err());
    }

    #[test]
    fn distances_are_counted() {
        for (one, other, steps) in
            [("", "", 0), ("", "abc", 3), ("abc", "", 3), ("kitten", "sitting", 3), ("ab", "ba", 2)]
        {
            assert_eq!(distance(one, other), steps, "{one} {other}");
        }
    }
}
