//! What older classifications became.

/// eCSIRT.net v2 values whose code is not one of RSIT. Those that RSIT gave up without a successor are mapped by what they
/// mean: malware by its kind is an infected system; a bot, too; a drop zone holds leaked data; a blacklist entry is nothing
/// in particular.
pub(super) const ECSIRT: [(&str, &str); 19] = [
    ("malicious-code:virus", "malicious-code:infected-system"),
    ("malicious-code:worm", "malicious-code:infected-system"),
    ("malicious-code:trojan", "malicious-code:infected-system"),
    ("malicious-code:spyware", "malicious-code:infected-system"),
    ("malicious-code:dialer", "malicious-code:infected-system"),
    ("malicious-code:rootkit", "malicious-code:infected-system"),
    ("malicious-code:malware", "malicious-code:infected-system"),
    ("malicious-code:botnet-drone", "malicious-code:infected-system"),
    ("malicious-code:ransomware", "malicious-code:infected-system"),
    ("malicious-code:c&c", "malicious-code:c2-server"),
    ("intrusions:bot", "malicious-code:infected-system"),
    ("intrusions:defacement", "information-content-security:unauthorised-information-modification"),
    ("intrusions:compromised", "intrusions:system-compromise"),
    ("intrusions:backdoor", "intrusions:system-compromise"),
    ("information-content-security:dropzone", "information-content-security:data-leak"),
    ("fraud:unauthorized-use-of-resources", "fraud:unauthorised-use-of-resources"),
    ("vulnerable:vulnerable-service", "vulnerable:vulnerable-system"),
    ("other:blacklist", "other:other"),
    ("other:unknown", "other:undetermined"),
];

/// RTIR's classifications as delivered since 2003.
pub(super) const RTIR: [(&str, &str); 6] = [
    ("Spam", "abusive-content:spam"),
    ("System Compromise", "intrusions:system-compromise"),
    ("Query", "other:other"),
    ("Scan", "information-gathering:scanner"),
    ("Denial of Service", "availability:dos"),
    ("Piracy", "fraud:copyright"),
];
