//! Malware protection, disks, backups.

use serde::{Deserialize, Serialize};

/// Malware protection, disks, backups.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Guard {
    /// XProtect looks at software when that is started; on macOS 14, its scan is loaded.
    pub launch_scans: bool,
    /// XProtect looks for malware in the background.
    pub background_scans: bool,
    /// Version of XProtect's data.
    pub xprotect_version: u32,
    /// When that was installed, as `xprotect` prints it.
    pub xprotect_installed: String,
    /// The Mac may start from external media (T2 chip).
    pub external_boot: bool,
    /// What the kernel is started with; `None` where the variable is not set.
    pub boot_arguments: Option<String>,
    /// The system volume is mounted writable.
    pub system_writable: bool,
    /// Physical disks, built in and attached.
    pub disks: Vec<Disk>,
    /// APFS containers, in the order that `diskutil` prints.
    pub containers: Vec<Container>,
}

/// A physical disk.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Disk {
    /// Its device.
    pub device: String,
    /// Built in.
    pub internal: bool,
    /// Its partitions.
    pub partitions: Vec<Partition>,
}

/// A partition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Partition {
    /// Its device.
    pub device: String,
    /// What it holds: `Apple_APFS`.
    pub content: String,
    /// Its UUID.
    pub uuid: String,
    /// Its size in bytes.
    pub size: u64,
}

/// An APFS container on one partition.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Container {
    /// Its UUID.
    pub uuid: String,
    /// Its device.
    pub device: String,
    /// Its partition.
    pub store: Store,
    /// Bytes that nothing uses.
    pub free: u64,
    /// Its volumes.
    pub volumes: Vec<Volume>,
}

/// The partition that a container lies on.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Store {
    /// Its device.
    pub device: String,
    /// Its UUID.
    pub uuid: String,
    /// Its size in bytes.
    pub size: u64,
}

/// An APFS volume.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Volume {
    /// Its device.
    pub device: String,
    /// Its UUID.
    pub uuid: String,
    /// Its name.
    pub name: String,
    /// What macOS uses it for.
    pub role: Option<String>,
    /// Bytes in use.
    pub used: u64,
    /// How it is protected.
    pub protection: Protection,
}

/// How a volume is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Protection {
    /// Not at all.
    None,
    /// As FileVault is set for the startup volume; encrypted at rest in any case.
    FileVault,
    /// By a password of its own.
    Password,
}

/// The partition of a built-in or attached disk, and the container on it.
fn container(device: &str, store: &Partition, uuid: &str, volumes: Vec<Volume>) -> Container {
    let used: u64 = volumes.iter().map(|volume| volume.used).sum();
    Container {
        uuid: uuid.into(),
        device: device.into(),
        store: Store { device: store.device.clone(), uuid: store.uuid.clone(), size: store.size },
        free: store.size.saturating_sub(used),
        volumes,
    }
}

fn partition(device: &str, content: &str, uuid: &str, size: u64) -> Partition {
    Partition { device: device.into(), content: content.into(), uuid: uuid.into(), size }
}

fn volume(device: &str, name: &str, role: Option<&str>, used: u64, protection: Protection) -> Volume {
    let digits: String = device.chars().filter(char::is_ascii_digit).collect();
    Volume {
        device: device.into(),
        uuid: format!("4B0F6D2A-8C31-4E95-B7A0-5D19E2{digits:0>6}"),
        name: name.into(),
        role: role.map(str::to_owned),
        used,
        protection,
    }
}

impl Guard {
    /// Attaches a disk with one APFS volume.
    pub fn attach(&mut self, name: &str, protection: Protection) {
        let store = partition("disk4s2", "Apple_APFS", "91D7A3C8-2E50-4B6F-8A1C-E4F09B75D326", 499_898_105_856);
        let one = volume("disk5s1", name, None, 81_604_378_624, protection);
        self.containers.push(container("disk5", &store, "2A86F5E1-D94B-4C07-93E8-B1605C7FA42D", vec![one]));
        let efi = partition("disk4s1", "EFI", "5C1E90B7-A3D8-4F26-8E74-06B2D95FC1A3", 209_715_200);
        self.disks.push(Disk { device: "disk4".into(), internal: false, partitions: vec![efi, store] });
    }
}

impl Default for Guard {
    /// As unpacked: the disk layout is Apple silicon's, on every Mac.
    fn default() -> Self {
        use Protection::{FileVault, None as Open};
        let hidden = partition("disk0s1", "Apple_APFS_ISC", "C04E7B15-96AD-4D83-B2F7-18E5A0D3694C", 524_288_000);
        let main = partition("disk0s2", "Apple_APFS", "7F35D8E2-0B94-4A6C-9D81-E62C5B7A1F03", 494_384_795_648);
        let recovery =
            partition("disk0s3", "Apple_APFS_Recovery", "E81B4C96-53F7-42D0-A9C5-7D06F2E83BA1", 5_368_664_064);
        let containers = vec![
            container(
                "disk1",
                &hidden,
                "3D5A71F9-C2E8-4B04-86D3-9F1E7A5B20C4",
                vec![
                    volume("disk1s1", "iSCPreboot", Some("Preboot"), 5_668_864, Open),
                    volume("disk1s2", "xART", Some("xART"), 6_311_936, Open),
                    volume("disk1s3", "Hardware", Some("Hardware"), 3_035_136, Open),
                    volume("disk1s4", "Recovery", Some("Recovery"), 20_480, Open),
                ],
            ),
            container(
                "disk2",
                &recovery,
                "A6F2C85D-7B13-4E90-B4D1-0C95E3A86F72",
                vec![
                    volume("disk2s1", "Recovery", Some("Recovery"), 1_885_396_992, Open),
                    volume("disk2s2", "Update", Some("Update"), 1_216_512, Open),
                ],
            ),
            container(
                "disk3",
                &main,
                "58E9D0B3-F64A-4C72-8D15-A2B7E0639CF1",
                vec![
                    volume("disk3s1", "Macintosh HD", Some("System"), 11_245_707_264, FileVault),
                    volume("disk3s2", "Preboot", Some("Preboot"), 7_087_546_368, Open),
                    volume("disk3s3", "Recovery", Some("Recovery"), 1_042_591_744, Open),
                    volume("disk3s4", "Update", Some("Update"), 3_305_472, Open),
                    volume("disk3s5", "Data", Some("Data"), 75_886_841_856, FileVault),
                    volume("disk3s6", "VM", Some("VM"), 20_480, Open),
                ],
            ),
        ];
        Self {
            launch_scans: true,
            background_scans: true,
            xprotect_version: 5346,
            xprotect_installed: "2026-05-28 08:53:39 +0000".into(),
            external_boot: false,
            boot_arguments: None,
            system_writable: false,
            disks: vec![Disk { device: "disk0".into(), internal: true, partitions: vec![hidden, main, recovery] }],
            containers,
        }
    }
}
