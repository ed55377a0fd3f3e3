//! The requirements of each framework that are known to this release, so that what no control answers is seen, too.
//!
//! Numbers only: the texts are their owners'. Sources: CIS Critical Security Controls version 8, the numbers of the safeguards of its
//! 18 controls; AICPA trust services criteria 2017, the common criteria; the sections of the CIS benchmarks for macOS 14, 15 and 26
//! and the NIST SP 800-53 revision 5 controls that published rules for macOS refer to.

/// How many safeguards each of the 18 CIS Controls has.
pub const SAFEGUARDS: [u32; 18] = [5, 7, 14, 12, 6, 8, 7, 12, 7, 7, 5, 8, 11, 9, 7, 14, 9, 5];

/// How many common criteria each of the nine series has.
pub const COMMON_CRITERIA: [u32; 9] = [5, 3, 4, 2, 3, 8, 5, 1, 2];

/// NIST SP 800-53 revision 5.
pub const NIST: &[&str] = &[
    "AC-2", "AC-2(3)", "AC-2(5)", "AC-2(9)", "AC-2(11)", "AC-2(12)", "AC-3", "AC-4", "AC-6", "AC-6(1)", "AC-6(2)",
    "AC-6(9)", "AC-7", "AC-8", "AC-11", "AC-11(1)", "AC-12", "AC-17", "AC-17(1)", "AC-17(2)", "AC-18", "AC-18(3)",
    "AC-18(4)", "AC-20", "AC-20(1)", "AU-2", "AU-3", "AU-3(1)", "AU-4", "AU-8", "AU-9", "AU-9(3)", "AU-11", "AU-12",
    "AU-12(1)", "AU-12(3)", "AU-14(1)", "CM-2", "CM-5", "CM-5(1)", "CM-5(6)", "CM-6", "CM-7", "CM-7(1)", "CM-14",
    "IA-2", "IA-2(5)", "IA-5", "IA-5(1)", "IA-5(13)", "IA-6", "IA-7", "IA-11", "MA-4(1)", "MP-7", "SC-4", "SC-7",
    "SC-7(5)", "SC-7(10)", "SC-7(12)", "SC-7(16)", "SC-8", "SC-8(1)", "SC-10", "SC-12", "SC-13", "SC-28", "SC-28(1)",
    "SC-34", "SC-41", "SC-45(1)", "SI-2", "SI-2(5)", "SI-3", "SI-6", "SI-7", "SI-7(1)", "SI-7(5)", "SI-7(6)",
    "SI-7(15)", "SI-11",
];

/// Sections that the CIS benchmarks for macOS 14, 15 and 26 have in common.
pub const CIS_COMMON: &[&str] = &[
    "1.1", "1.2", "1.3", "1.4", "1.6", "2.1.1.3", "2.2.1", "2.2.2", "2.3.1.1", "2.3.1.2", "2.3.2.1", "2.3.2.2",
    "2.3.3.1", "2.3.3.2", "2.3.3.3", "2.3.3.4", "2.3.3.5", "2.3.3.6", "2.3.3.7", "2.3.3.8", "2.3.3.9", "2.3.3.10",
    "2.3.4.1", "2.3.4.2", "2.6.1.1", "2.6.4", "2.6.5", "2.6.6", "2.6.8", "2.7.1", "2.10.2", "2.10.3", "2.11.1",
    "2.12.1", "2.18.1", "3.1", "3.2", "3.3", "3.4", "3.5", "4.1", "4.2", "4.3", "5.1.1", "5.1.2", "5.1.3", "5.1.4",
    "5.1.5", "5.1.6", "5.1.7", "5.2.1", "5.2.2", "5.2.3", "5.2.4", "5.2.5", "5.2.6", "5.2.7", "5.2.8", "5.4", "5.5",
    "5.6", "5.7", "5.8", "5.9", "5.10", "6.3.1", "6.4.1",
];

/// Sections that the benchmark for macOS 14 has beside them.
pub const CIS_14: &[&str] = &[
    "1.7", "1.8", "2.4.2", "2.5.1", "2.6.3", "2.9.1.2", "2.9.2", "2.9.3", "2.10.1", "2.10.4", "2.10.5", "2.12.2",
    "2.12.3", "3.6",
];

/// Sections that the benchmark for macOS 15 has beside them.
pub const CIS_15: &[&str] = &[
    "1.7", "1.8", "2.4.2", "2.5.1.1", "2.5.1.2", "2.5.2.1", "2.6.3.1", "2.6.3.2", "2.6.3.3", "2.6.3.4", "2.9.1",
    "2.10.1.1", "2.11.2", "2.11.3", "2.11.4", "2.11.5", "2.13.1", "2.13.2", "2.13.3", "5.11",
];

/// Sections that the benchmark for macOS 26 has beside them.
pub const CIS_26: &[&str] = &[
    "1.5", "2.5.1.1", "2.5.1.2", "2.5.2.1", "2.6.3.1", "2.6.3.2", "2.6.3.3", "2.6.3.4", "2.9.1", "2.10.1.2", "2.11.2",
    "2.11.3", "2.11.4", "2.11.5", "2.13.1", "2.13.2", "2.13.3", "5.3.1", "5.3.2", "5.11",
];
