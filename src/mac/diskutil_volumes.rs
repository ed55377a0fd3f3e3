//! `diskutil`: which disks there are, and which volumes on them are encrypted.

use plist::{Dictionary, Value};
use serde::Serialize;

use super::{Invocation, Misread, Output, Question, xml};

const PROGRAM: &str = "/usr/sbin/diskutil";

/// The APFS containers of all disks that are attached, disk images included.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Containers {
    /// In the order printed.
    pub containers: Vec<Container>,
}

/// One APFS container.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Container {
    /// The disk devices that it lies on, whole: `disk0` for the store `disk0s2`.
    pub disks: Vec<String>,
    /// Its volumes.
    pub volumes: Vec<Volume>,
}

/// One APFS volume.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Volume {
    /// Its device: `disk3s5`.
    pub device: String,
    /// Its name; whoever can write to the disk gives it.
    pub name: String,
    /// What macOS uses it for, as printed: `Data`, `Preboot`; none for a volume that somebody added.
    pub roles: Vec<String>,
    /// Whether a password protects it. On a T2 chip or Apple silicon an encrypted volume may say no: then no password does.
    pub filevault: bool,
}

/// Physical disks.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Disks {
    /// In the order printed.
    pub disks: Vec<Disk>,
}

/// One physical disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize)]
pub struct Disk {
    /// Its device: `disk4`.
    pub device: String,
    /// What it and its partitions hold, as printed: device and content, `disk4s2` and `Apple_HFS`.
    pub contents: Vec<(String, String)>,
}

/// Where a physical disk is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// Built in.
    Internal,
    /// Attached from outside.
    External,
}

/// Which APFS containers and volumes are there?
#[must_use]
pub fn containers() -> Question<Containers> {
    Question::closed(Invocation::new(PROGRAM, &["apfs", "list", "-plist"]), parse_containers)
}

/// Which physical disks are there? Disk images are none.
#[must_use]
pub fn disks(place: Place) -> Question<Disks> {
    let word = match place {
        Place::Internal => "internal",
        Place::External => "external",
    };
    Question::closed(Invocation::new(PROGRAM, &["list", "-plist", word, "physical"]), parse_disks)
}

/// Reads `apfs list -plist`.
///
/// # Errors
/// [`Misread`] where a container or volume lacks what is known of each: one that is half told is not passed over.
pub(crate) fn parse_containers(output: &Output) -> Result<Containers, Misread> {
    let root = xml::printed_dictionary(output)?;
    let containers = root.get("Containers").and_then(Value::as_array);
    let read = containers.and_then(|list| list.iter().map(|value| container(value.as_dictionary()?)).collect());
    let containers = read.ok_or_else(|| {
        Misread::new(
            "Containers with PhysicalStores, and Volumes with their roles and FileVault",
            "a list without them",
        )
    })?;
    Ok(Containers { containers })
}

fn container(entry: &Dictionary) -> Option<Container> {
    let stores = entry.get("PhysicalStores")?.as_array()?;
    let disks: Vec<String> = stores
        .iter()
        .map(|store| whole(store.as_dictionary()?.get("DeviceIdentifier")?.as_string()?).map(str::to_owned))
        .collect::<Option<_>>()?;
    let volumes = entry.get("Volumes")?.as_array()?.iter();
    let volumes = volumes.map(|value| volume(value.as_dictionary()?)).collect::<Option<_>>()?;
    (!disks.is_empty()).then_some(Container { disks, volumes })
}

fn volume(entry: &Dictionary) -> Option<Volume> {
    let text = |key: &str| entry.get(key)?.as_string().map(str::to_owned);
    let roles = entry.get("Roles")?.as_array()?.iter();
    Some(Volume {
        device: text("DeviceIdentifier")?,
        name: text("Name")?,
        roles: roles.map(|role| role.as_string().map(str::to_owned)).collect::<Option<_>>()?,
        filevault: entry.get("FileVault")?.as_boolean()?,
    })
}

/// The whole disk that the device `disk4s2` is a part of: `disk4`.
fn whole(device: &str) -> Option<&str> {
    let number = device.strip_prefix("disk")?;
    let digits = number.find(|c: char| !c.is_ascii_digit()).unwrap_or(number.len());
    let rest = number.get(digits..)?;
    (digits > 0 && (rest.is_empty() || rest.starts_with('s'))).then(|| device.get(..4 + digits)).flatten()
}

/// Reads `list -plist`.
///
/// # Errors
/// [`Misread`] where a disk lacks what is known of each, or the list of whole disks names others.
pub(crate) fn parse_disks(output: &Output) -> Result<Disks, Misread> {
    let root = xml::printed_dictionary(output)?;
    let read = || {
        let entries = root.get("AllDisksAndPartitions")?.as_array()?.iter();
        let disks: Vec<Disk> = entries.map(|entry| disk(entry.as_dictionary()?)).collect::<Option<_>>()?;
        let names = root.get("WholeDisks")?.as_array()?.iter();
        let names: Vec<&str> = names.map(Value::as_string).collect::<Option<_>>()?;
        (names == disks.iter().map(|disk| disk.device.as_str()).collect::<Vec<_>>()).then_some(Disks { disks })
    };
    read().ok_or_else(|| {
        Misread::new("AllDisksAndPartitions with devices and contents, and WholeDisks that names the same", "others")
    })
}

/// The beginning of a partition scheme's name is another for each scheme, its end is not.
const SCHEME: &str = "_partition_scheme";

fn disk(entry: &Dictionary) -> Option<Disk> {
    let device = entry.get("DeviceIdentifier")?.as_string()?;
    let content = entry.get("Content")?.as_string()?;
    let mut contents = vec![(device.to_owned(), content.to_owned())];
    match entry.get("Partitions") {
        Some(partitions) => {
            for partition in partitions.as_array()? {
                let partition = partition.as_dictionary()?;
                let text = |key: &str| partition.get(key)?.as_string().map(str::to_owned);
                contents.push((text("DeviceIdentifier")?, text("Content")?));
            }
        }
        // A disk with a scheme has partitions, if only none.
        None if content.ends_with(SCHEME) => return None,
        None => {}
    }
    (whole(device) == Some(device)).then(|| Disk { device: device.to_owned(), contents })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::mac::lines::tests::out;

    fn list(rows: &str) -> Output {
        out(&format!("<?xml version=\"1.0\"?>\n<plist version=\"1.0\"><dict>{rows}</dict></plist>\n"))
    }

    const STORES: &str =
        "<key>PhysicalStores</key><array><dict><key>DeviceIdentifier</key><string>disk0s2</string></dict></array>";
    const VOLUMES: &str = "<key>Volumes</key><array><dict><key>DeviceIdentifier</key><string>disk3s5</string><key>FileVault</key><true/><key>Name</key><string>Data</string><key>Roles</key><array><string>Data</string></array></dict></array>";

    fn one(rows: &str) -> Result<Containers, Misread> {
        parse_containers(&list(&format!("<key>Containers</key><array><dict>{rows}</dict></array>")))
    }

    #[test]
    fn a_container_is_read_with_its_disks_and_volumes() {
        let read = one(&format!("{STORES}{VOLUMES}")).unwrap().containers.remove(0);
        assert_eq!(read.disks, ["disk0"]);
        let volume = &read.volumes[0];
        assert_eq!((volume.device.as_str(), volume.name.as_str(), volume.filevault), ("disk3s5", "Data", true));
        assert_eq!(volume.roles, ["Data"]);
        assert_eq!(parse_containers(&list("<key>Containers</key><array/>")).unwrap().containers, []);
    }

    #[test]
    fn what_lacks_anything_is_not_passed_over() {
        assert!(parse_containers(&list("")).is_err());
        assert!(one(STORES).is_err() && one(VOLUMES).is_err());
        assert!(one(&format!("<key>PhysicalStores</key><array/>{VOLUMES}")).is_err());
        for key in ["DeviceIdentifier", "FileVault", "Name", "Roles"] {
            assert!(one(&format!("{STORES}{}", VOLUMES.replace(key, "Other"))).is_err(), "{key}");
        }
        assert!(one(&format!("{}{VOLUMES}", STORES.replace("disk0s2", "store"))).is_err());
    }

    #[test]
    fn a_device_belongs_to_its_whole_disk() {
        for (device, is) in [
            ("disk0s2", Some("disk0")),
            ("disk12", Some("disk12")),
            ("disk12s1s1", Some("disk12")),
            ("disk", None),
            ("disks1", None),
            ("disk1x", None),
            ("/dev/disk1", None),
        ] {
            assert_eq!(whole(device), is, "{device}");
        }
    }

    const DISK: &str = "<key>AllDisksAndPartitions</key><array><dict><key>Content</key><string>GUID_partition_scheme</string><key>DeviceIdentifier</key><string>disk4</string><key>Partitions</key><array><dict><key>Content</key><string>Apple_HFS</string><key>DeviceIdentifier</key><string>disk4s2</string></dict></array></dict></array>";

    #[test]
    fn a_disk_is_read_with_what_its_partitions_hold() {
        let named = format!("{DISK}<key>WholeDisks</key><array><string>disk4</string></array>");
        let read = parse_disks(&list(&named)).unwrap().disks.remove(0);
        assert_eq!(read.device, "disk4");
        assert_eq!(read.contents[1], ("disk4s2".to_owned(), "Apple_HFS".to_owned()));
        let none = "<key>AllDisksAndPartitions</key><array/><key>WholeDisks</key><array/>";
        assert_eq!(parse_disks(&list(none)).unwrap().disks, []);
        for bad in [
            DISK.to_owned(),
            format!("{DISK}<key>WholeDisks</key><array/>"),
            named.replace("Partitions<", "Parts<"),
            named.replace("<key>Content</key><string>Apple_HFS</string>", ""),
            "<key>WholeDisks</key><array/>".to_owned(),
        ] {
            assert!(parse_disks(&list(&bad)).is_err(), "{bad}");
        }
    }
}
