"""Look-ups of addresses among prefixes, in two libraries for Python that are written in C.

pytricia (https://pypi.org/project/pytricia/) is a radix tree; maxminddb (https://pypi.org/project/maxminddb/) reads
a file in a tree's form, which mmdb_writer makes. Both know prefixes only: ranges that are none were cut before.
Usage: trees.py pytricia|maxminddb PREFIXES ADDRESSES; prints nanoseconds for each look-up, and seconds to build.
"""

import os
import sys
import tempfile
import time


def lines(path):
    with open(path, encoding="ascii") as text:
        return [line.rstrip("\n") for line in text]


def pytricia_over(path):
    import pytricia

    tree = pytricia.PyTricia(32)
    with open(path, encoding="ascii") as prefixes:
        for number, prefix in enumerate(prefixes):
            tree[prefix.rstrip("\n")] = number
    return tree.get


def maxminddb_over(path):
    import maxminddb
    import maxminddb.extension
    from mmdb_writer import MMDBWriter
    from netaddr import IPSet

    writer = MMDBWriter()
    # Large prefixes first: what comes later takes its place within them.
    prefixes = sorted(lines(path), key=lambda prefix: int(prefix.split("/")[1]))
    for number, prefix in enumerate(prefixes):
        writer.insert_network(IPSet([prefix]), {"number": number})
    handle, name = tempfile.mkstemp(suffix=".mmdb")
    os.close(handle)
    writer.to_db_file(name)
    reader = maxminddb.open_database(name, maxminddb.MODE_MMAP_EXT)
    os.unlink(name)
    return reader.get


def main():
    kind, prefixes, addresses = sys.argv[1:]
    begun = time.perf_counter()
    get = {"pytricia": pytricia_over, "maxminddb": maxminddb_over}[kind](prefixes)
    built = time.perf_counter() - begun
    asked = lines(addresses)
    times = []
    for _ in range(3):
        begun = time.perf_counter()
        for address in asked:
            get(address)
        times.append(time.perf_counter() - begun)
    print(f"{sorted(times)[1] / len(asked) * 1e9:.1f} {built:.2f}")


main()
