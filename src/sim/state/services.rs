//! Services, sharing and network of the Mac.

use serde::{Deserialize, Serialize};

/// Services, sharing and network of the Mac, beside those of [`super::Sharing`]: a service is on where launchd has loaded it.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(default)]
pub struct Services {
    /// The web server.
    pub web_server: bool,
    /// The NFS server.
    pub nfs_server: bool,
    /// The TFTP server.
    pub tftp_server: bool,
    /// UUCP.
    pub uucp: bool,
    /// Screen Sharing.
    pub screen_sharing: bool,
    /// File Sharing.
    pub file_sharing: bool,
    /// Content caching.
    pub content_caching: bool,
    /// Printers are offered to others.
    pub printer_sharing: bool,
    /// What keeps the clock.
    pub time_service: bool,
    /// The packet filter's own rules beside those of macOS; empty where it is off.
    pub packet_filter: Vec<String>,
}

impl Default for Services {
    fn default() -> Self {
        Self {
            web_server: false,
            nfs_server: false,
            tftp_server: false,
            uucp: false,
            screen_sharing: false,
            file_sharing: false,
            content_caching: false,
            printer_sharing: false,
            time_service: true,
            packet_filter: Vec::new(),
        }
    }
}
