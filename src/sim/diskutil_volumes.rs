//! `diskutil`: the disks, and the APFS volumes on them.

use plist::{Dictionary, Value};

use super::Machine;
use super::files;
use super::state::guard::{Container, Disk, Partition, Protection, Volume};
use super::tools::{Reply, said};

fn dictionary<const N: usize>(entries: [(&str, Value); N]) -> Value {
    Value::Dictionary(entries.into_iter().map(|(key, value)| (key.to_owned(), value)).collect())
}

fn list(top: Dictionary) -> Reply {
    said(files::xml(&Value::Dictionary(top)))
}

/// `apfs list -plist`, with the keys and their order as captured on macOS 15.
pub(super) fn apfs_list(mac: &Machine) -> Reply {
    let entries = mac.state.guard.containers.iter().map(|one| container(mac, one));
    list([("Containers".to_owned(), Value::Array(entries.collect()))].into_iter().collect())
}

fn container(mac: &Machine, container: &Container) -> Value {
    let store = &container.store;
    let stores = vec![dictionary([
        ("DeviceIdentifier", store.device.clone().into()),
        ("DiskUUID", store.uuid.clone().into()),
        ("Size", store.size.into()),
    ])];
    dictionary([
        ("APFSContainerUUID", container.uuid.clone().into()),
        ("CapacityCeiling", store.size.into()),
        ("CapacityFree", container.free.into()),
        ("ContainerReference", container.device.clone().into()),
        ("DesignatedPhysicalStore", store.device.clone().into()),
        ("Fusion", false.into()),
        ("PhysicalStores", Value::Array(stores)),
        ("Volumes", Value::Array(container.volumes.iter().map(|one| volume(mac, one)).collect())),
    ])
}

/// With FileVault off, a T2 chip and Apple silicon still encrypt: `Encryption` true, `FileVault` false.
fn volume(mac: &Machine, volume: &Volume) -> Value {
    let (encrypted, filevault) = match volume.protection {
        Protection::None => (false, false),
        Protection::FileVault => (true, mac.state.filevault.on),
        Protection::Password => (true, true),
    };
    dictionary([
        ("APFSVolumeUUID", volume.uuid.clone().into()),
        ("CapacityInUse", volume.used.into()),
        ("CapacityQuota", 0.into()),
        ("CapacityReserve", 0.into()),
        ("CryptoMigrationOn", false.into()),
        ("DeviceIdentifier", volume.device.clone().into()),
        ("Encryption", encrypted.into()),
        ("FileVault", filevault.into()),
        ("Locked", false.into()),
        ("Name", volume.name.clone().into()),
        ("Roles", Value::Array(volume.role.iter().map(|role| role.as_str().into()).collect())),
    ])
}

/// `list -plist internal|external physical`. The entries are as captured without the two words; what the words leave is taken
/// from the manual page.
pub(super) fn physical(mac: &Machine, place: &str) -> Reply {
    let disks: Vec<&Disk> =
        mac.state.guard.disks.iter().filter(|disk| disk.internal == (place == "internal")).collect();
    let all = disks.iter().flat_map(|disk| {
        std::iter::once(&disk.device)
            .chain(disk.partitions.iter().map(|part| &part.device))
            .map(|name| name.as_str().into())
    });
    let whole = disks.iter().map(|disk| disk.device.as_str().into());
    let mut top = Dictionary::new();
    top.insert("AllDisks".into(), Value::Array(all.collect()));
    top.insert("AllDisksAndPartitions".into(), Value::Array(disks.iter().map(|one| disk(one)).collect()));
    top.insert("VolumesFromDisks".into(), Value::Array(Vec::new()));
    top.insert("WholeDisks".into(), Value::Array(whole.collect()));
    list(top)
}

fn disk(disk: &Disk) -> Value {
    let partition = |part: &Partition| {
        dictionary([
            ("Content", part.content.clone().into()),
            ("DeviceIdentifier", part.device.clone().into()),
            ("DiskUUID", part.uuid.clone().into()),
            ("Size", part.size.into()),
        ])
    };
    let size: u64 = disk.partitions.iter().map(|part| part.size).sum();
    dictionary([
        ("Content", "GUID_partition_scheme".into()),
        ("DeviceIdentifier", disk.device.clone().into()),
        ("OSInternal", false.into()),
        ("Partitions", Value::Array(disk.partitions.iter().map(partition).collect())),
        ("Size", size.into()),
    ])
}
