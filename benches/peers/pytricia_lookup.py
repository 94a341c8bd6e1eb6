"""The same look-up on pytricia, a radix tree in C with a Python face (https://pypi.org/project/pytricia/).

It does less than `wardmote lookup`: of an RPSL dump it keeps the networks that name an IRT and answers with that name
alone; no abuse contacts, no network, no country. A range that is no CIDR block is split into those that make it up.
Usage: pytricia_lookup.py REGISTRY < ADDRESSES > ANSWERS; times go to standard error.
"""

import ipaddress
import sys
import time

import pytricia


def networks(path):
    """(version, range or prefix, IRT) of each inetnum and inet6num that names one."""
    kind, key, irt = "", "", ""
    with open(path, encoding="utf-8", errors="replace") as dump:
        for line in dump:
            if line == "\n":
                if irt and kind in ("inetnum", "inet6num"):
                    yield (4 if kind == "inetnum" else 6), key, irt
                kind, key, irt = "", "", ""
                continue
            name, _, value = line.partition(":")
            if not kind:
                kind, key = name, value.strip()
            elif name == "mnt-irt":
                irt = value.strip()


def load(path):
    tries = {4: pytricia.PyTricia(32), 6: pytricia.PyTricia(128)}
    # Large networks first: of two with the same prefix the more specific one counts.
    rows = []
    for version, key, irt in networks(path):
        if version == 6:
            rows.append((version, [ipaddress.ip_network(key)], irt, 0))
            continue
        first, last = (ipaddress.IPv4Address(end.strip()) for end in key.split("-"))
        rows.append((version, list(ipaddress.summarize_address_range(first, last)), irt, int(last) - int(first)))
    rows.sort(key=lambda row: -row[3])
    for version, prefixes, irt, _ in rows:
        for prefix in prefixes:
            tries[version][str(prefix)] = irt
    return tries, len(rows)


def main():
    begun = time.perf_counter()
    tries, count = load(sys.argv[1])
    loaded = time.perf_counter() - begun
    begun = time.perf_counter()
    four, six, answered = tries[4], tries[6], 0
    out = []
    for line in sys.stdin:
        address = line.rstrip()
        irt = (six if ":" in address else four).get(address, "")
        out.append(f"{address},{irt}\n")
        answered += 1
        if len(out) == 10_000:
            sys.stdout.write("".join(out))
            out.clear()
    sys.stdout.write("".join(out))
    sys.stdout.flush()
    looked_up = time.perf_counter() - begun
    print(f"loaded {count} networks in {loaded:.3f} s; looked up {answered} in {looked_up:.3f} s", file=sys.stderr)


main()
