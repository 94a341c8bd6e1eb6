//! The types of RSIT 1003. Codes and labels are those of the reference (CC0); the descriptions are shortened.

use super::{Class, Type};

pub(super) const UNDETERMINED: Type =
    row("other:undetermined", Class::Other, "Undetermined", "It is not known yet what it is.");

pub(super) static TYPES: [Type; 39] = [
    row(
        "abusive-content:spam",
        Class::AbusiveContent,
        "Spam",
        "Unsolicited bulk mail, and what serves to send it or is advertised in it.",
    ),
    row(
        "abusive-content:harmful-speech",
        Class::AbusiveContent,
        "Harmful Speech",
        "Bullying, harassment, threats or discrimination against persons.",
    ),
    row(
        "abusive-content:violence",
        Class::AbusiveContent,
        "(Child) Sexual Exploitation/Sexual/Violent Content",
        "Child sexual exploitation, sexual content, glorification of violence.",
    ),
    row(
        "malicious-code:infected-system",
        Class::MaliciousCode,
        "Infected System",
        "A computer or phone with malware on it, often seen as a connection to a sinkhole.",
    ),
    row(
        "malicious-code:c2-server",
        Class::MaliciousCode,
        "C2 Server",
        "A server that gives orders to infected systems.",
    ),
    row(
        "malicious-code:malware-distribution",
        Class::MaliciousCode,
        "Malware Distribution",
        "An address from which malware is loaded, exploit kits included.",
    ),
    row(
        "malicious-code:malware-configuration",
        Class::MaliciousCode,
        "Malware Configuration",
        "An address that holds the settings of malware, such as web injects.",
    ),
    row(
        "information-gathering:scanner",
        Class::InformationGathering,
        "Scanning",
        "Probing of systems, services and accounts for weaknesses.",
    ),
    row(
        "information-gathering:sniffing",
        Class::InformationGathering,
        "Sniffing",
        "Observing and recording of network traffic.",
    ),
    row(
        "information-gathering:social-engineering",
        Class::InformationGathering,
        "Social Engineering",
        "Getting information from people by lies, tricks, bribes or threats.",
    ),
    row(
        "intrusion-attempts:ids-alert",
        Class::IntrusionAttempts,
        "Exploitation of Known Vulnerabilities",
        "An attempt to use a vulnerability that has a known identifier, such as a CVE number.",
    ),
    row(
        "intrusion-attempts:brute-force",
        Class::IntrusionAttempts,
        "Login Attempts",
        "Many log-in attempts: guessing or cracking of passwords.",
    ),
    row(
        "intrusion-attempts:exploit",
        Class::IntrusionAttempts,
        "New Attack Signature",
        "An attack by an unknown exploit.",
    ),
    row(
        "intrusions:privileged-account-compromise",
        Class::Intrusions,
        "Privileged Account Compromise",
        "The attacker has gained administrative rights.",
    ),
    row(
        "intrusions:unprivileged-account-compromise",
        Class::Intrusions,
        "Unprivileged Account Compromise",
        "The attacker has the account of a user or a service.",
    ),
    row(
        "intrusions:application-compromise",
        Class::Intrusions,
        "Application Compromise",
        "An application was compromised through a vulnerability, such as SQL injection.",
    ),
    row(
        "intrusions:system-compromise",
        Class::Intrusions,
        "System Compromise",
        "Unauthorised log-ins or commands on a system, honeypots included.",
    ),
    row(
        "intrusions:burglary",
        Class::Intrusions,
        "Burglary",
        "Somebody broke into a building or a data centre.",
    ),
    row(
        "availability:dos",
        Class::Availability,
        "Denial of Service",
        "Denial of service from one source, such as crafted requests that crash an application.",
    ),
    row(
        "availability:ddos",
        Class::Availability,
        "Distributed Denial of Service",
        "Denial of service from many sources, such as SYN floods or amplified reflection.",
    ),
    row(
        "availability:misconfiguration",
        Class::Availability,
        "Misconfiguration",
        "A wrong configuration makes a service unavailable.",
    ),
    row(
        "availability:sabotage",
        Class::Availability,
        "Sabotage",
        "Deliberate damage, logical or physical, to make a service unavailable.",
    ),
    row(
        "availability:outage",
        Class::Availability,
        "Outage",
        "A failure without malice: air conditioning, power, natural disaster.",
    ),
    row(
        "information-content-security:unauthorised-information-access",
        Class::InformationContentSecurity,
        "Unauthorised Access to Information",
        "Information was read without authority, for example with stolen credentials.",
    ),
    row(
        "information-content-security:unauthorised-information-modification",
        Class::InformationContentSecurity,
        "Unauthorised Modification of Information",
        "Information was changed without authority: defacement, encryption by ransomware.",
    ),
    row(
        "information-content-security:data-loss",
        Class::InformationContentSecurity,
        "Data Loss",
        "Data were lost, for example by disk failure or theft of a device.",
    ),
    row(
        "information-content-security:data-leak",
        Class::InformationContentSecurity,
        "Leak of Confidential Information",
        "Confidential information got out: credentials, personal data.",
    ),
    row(
        "fraud:unauthorised-use-of-resources",
        Class::Fraud,
        "Unauthorised Use of Resources",
        "Resources are used for unauthorised purposes, for example for chain letters.",
    ),
    row(
        "fraud:copyright",
        Class::Fraud,
        "Copyright",
        "Unlicensed copies of software or other protected works are offered or installed.",
    ),
    row("fraud:masquerade", Class::Fraud, "Masquerade", "Somebody poses as somebody else to gain by it."),
    row(
        "fraud:phishing",
        Class::Fraud,
        "Phishing",
        "Somebody poses as somebody else to get credentials, most often at a URL.",
    ),
    row(
        "vulnerable:weak-crypto",
        Class::Vulnerable,
        "Weak Cryptography",
        "A public service offers weak cryptography.",
    ),
    row(
        "vulnerable:ddos-amplifier",
        Class::Vulnerable,
        "DDoS Amplifier",
        "A public service can be abused for amplified attacks, such as an open resolver.",
    ),
    row(
        "vulnerable:potentially-unwanted-accessible",
        Class::Vulnerable,
        "Potentially Unwanted Accessible Services",
        "A service is public that probably should not be: Telnet, RDP, VNC.",
    ),
    row(
        "vulnerable:information-disclosure",
        Class::Vulnerable,
        "Information Disclosure",
        "A public service may disclose sensitive information, such as SNMP or Redis.",
    ),
    row(
        "vulnerable:vulnerable-system",
        Class::Vulnerable,
        "Vulnerable System",
        "A system can be attacked: outdated, wrongly set up, or with cross-site scripting.",
    ),
    row("other:other", Class::Other, "Uncategorised", "Fits in no other class."),
    UNDETERMINED,
    row("test:test", Class::Test, "Test", "For tests only."),
];

const fn row(code: &'static str, class: Class, label: &'static str, description: &'static str) -> Type {
    Type { code, class, label, description }
}
