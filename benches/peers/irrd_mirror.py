"""Mirroring with IRRd (https://irrd.readthedocs.io) in both directions, step by step, each compared object by object.

    our node A, registry WARD ──file://──► IRRd 4.5.4 ──https://──► our node B

Run by benches/interop-irrd, inside the virtual environment that has IRRd. Everything lies in a folder that is removed at
the end, and stays when a step fails.
"""

import contextlib
import functools
import glob
import gzip
import http.server
import json
import os
import pwd
import shutil
import signal
import socket
import sqlite3
import ssl
import subprocess
import sys
import tempfile
import threading
import time
from base64 import urlsafe_b64decode
from pathlib import Path

import psycopg2

WARDMOTE, IRRD = os.environ["WARDMOTE"], Path(os.environ["IRRD"])
SAMPLE = Path("demo/sample").resolve()
FILE = "update-notification-file.jose"
# IRRd looks for changes each minute; its own tests have it look all the time.
HURRY = {"IRRD_TESTING_FAST_SCHEDULER_OVERRIDE": "1", "CI": "1"}
PATIENCE = 90


class Node:
    """A node of ours with its own folder."""

    def __init__(self, folder, registry):
        self.folder = folder
        subprocess.run([WARDMOTE, "init", str(folder), "--empty"], check=True, stdout=subprocess.DEVNULL)
        config = f'[node]\nname = "{folder.name}.example"\ndata = "data"\n\n[web]\nbase_url = "https://{folder.name}.example"\n\n{registry}'
        (folder / "wardmote.toml").write_text(config)

    def run(self, *args, good=(0,)):
        # The words of the command before --config.
        command = [WARDMOTE, *args, "--config", str(self.folder / "wardmote.toml")]
        done = subprocess.run(command, capture_output=True, text=True)
        if done.returncode not in good:
            raise SystemExit(f"{' '.join(command)}: exit code {done.returncode}\n{done.stdout}{done.stderr}")
        return done.stdout

    def objects(self):
        """Class, key and text of each object of WARD."""
        with contextlib.closing(sqlite3.connect(self.folder / "data/wardmote.db")) as db:
            rows = db.execute("SELECT class, key, raw FROM registry_object WHERE source = 'WARD'").fetchall()
        return {(kind, key.upper()): raw.decode().strip() for kind, key, raw in rows}


def told(folder):
    """The payload of the notification file in a folder."""
    payload = (folder / FILE).read_text().split(".")[1]
    return json.loads(urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))


def records(path):
    opened = gzip.open if path.suffix == ".gz" else open
    with opened(path, "rb") as file:
        return [json.loads(one) for one in file.read().split(b"\x1e") if one.strip()]


def published(folder):
    """How many objects a client must have, and the texts of those that were changed last."""
    now = told(folder)
    objects = {}
    snapshot = records(folder / now["snapshot"]["url"])[1:]
    for number, record in enumerate(snapshot):
        objects[name(record["object"]) or number] = record["object"].strip()
    for delta in now["deltas"]:
        if delta["version"] > now["snapshot"]["version"]:
            for change in records(folder / delta["url"])[1:]:
                if change["action"] == "delete":
                    objects.pop((change["object_class"], change["primary_key"].upper()), None)
                else:
                    objects[name(change["object"])] = change["object"].strip()
    return objects


def name(text):
    """Class and key of an object, as IRRd has them in its tables."""
    values = {}
    for line in text.splitlines():
        if line[:1] not in (" ", "+", "\t", "#") and ":" in line:
            attribute, value = line.split(":", 1)
            values.setdefault(attribute.strip().lower(), value.split("#")[0].strip())
    kind = next(iter(values))
    if kind in ("person", "role"):
        return kind, values["nic-hdl"].upper()
    if kind in ("route", "route6"):
        return kind, (values[kind] + values["origin"]).upper()
    return kind, values[kind].upper()


class Irrd:
    """IRRd with a PostgreSQL and a Redis of its own."""

    def __init__(self, folder):
        self.folder, self.started = folder, []

    def start(self, source, key):
        folder = self.folder
        folder.mkdir(mode=0o777)
        os.chmod(folder, 0o777)
        (folder / "gpg").mkdir(mode=0o700)
        (folder / "published").mkdir()
        self.port, self.whois, self.http = free_port(), free_port(), free_port()
        self.start_postgres()
        redis = ["redis-server", "--port", "0", "--unixsocket", str(folder / "redis.sock"), "--save", ""]
        self.started.append(subprocess.Popen(redis, stdout=subprocess.DEVNULL))
        generate = ["openssl", "genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256"]
        private = subprocess.run(generate, capture_output=True, text=True, check=True).stdout
        openssl = ["openssl", "pkey", "-pubout"]
        self.key = subprocess.run(openssl, input=private, capture_output=True, text=True, check=True).stdout
        self.config = folder / "irrd.yaml"
        self.config.write_text(
            f"""irrd:
    database_url: 'postgresql://postgres@127.0.0.1:{self.port}/irrd'
    redis_url: 'unix://{folder}/redis.sock'
    piddir: {folder}
    server:
        http: {{interface: '127.0.0.1', port: {self.http}, workers: 1, url: 'https://irrd.example/'}}
        whois: {{interface: '127.0.0.1', port: {self.whois}, max_connections: 2}}
    auth: {{gnupg_keyring: {folder}/gpg}}
    email: {{from: irrd@irrd.example, smtp: localhost}}
    rpki: {{roa_source: null}}
    log: {{level: INFO}}
    sources:
        WARD:
            keep_journal: true
            nrtm4_client_notification_file_url: '{source}'
            nrtm4_client_initial_public_key: |
{indented(key)}            nrtm4_server_local_path: {folder}/published
            nrtm4_server_private_key: |
{indented(private)}"""
        )
        upgrade = [str(IRRD / "bin/irrd_database_upgrade"), "--config", str(self.config)]
        subprocess.run(upgrade, check=True, capture_output=True)
        self.log = folder / "irrd.log"
        with self.log.open("w") as log:
            command = [str(IRRD / "bin/irrd"), "--config", str(self.config), "--foreground"]
            env = {**os.environ, **HURRY}
            self.started.append(subprocess.Popen(command, stdout=log, stderr=log, env=env, start_new_session=True))

    def start_postgres(self):
        data = self.folder / "postgres"
        # PostgreSQL does not run as root.
        user = {"user": "postgres"} if os.geteuid() == 0 else {}
        if user:
            data.mkdir(mode=0o700)
            owner = pwd.getpwnam("postgres")
            os.chown(data, owner.pw_uid, owner.pw_gid)
        init = ["initdb", "-D", str(data), "-A", "trust", "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8"]
        subprocess.run(init, check=True, stdout=subprocess.DEVNULL, **user)
        run = ["postgres", "-D", str(data), "-p", str(self.port), "-k", str(data), "-h", "127.0.0.1", "-F"]
        with (self.folder / "postgres.log").open("w") as log:
            self.started.append(subprocess.Popen(run, stdout=log, stderr=log, **user))
        database = wait("PostgreSQL", lambda: self.connect("postgres"))
        database.autocommit = True
        database.cursor().execute("CREATE DATABASE irrd")
        database.close()
        with contextlib.closing(self.connect("irrd")) as database, database:
            database.cursor().execute("CREATE EXTENSION pgcrypto")

    def connect(self, name):
        try:
            return psycopg2.connect(host="127.0.0.1", port=self.port, user="postgres", dbname=name)
        except psycopg2.OperationalError:
            return None

    def objects(self):
        with contextlib.closing(self.connect("irrd")) as database, database.cursor() as cursor:
            cursor.execute("SELECT object_class, rpsl_pk, object_text FROM rpsl_objects WHERE source = 'WARD'")
            return {(kind, key.upper()): text.strip() for kind, key, text in cursor.fetchall()}

    def status(self):
        with contextlib.closing(self.connect("irrd")) as database, database.cursor() as cursor:
            cursor.execute(
                "SELECT nrtm4_client_session_id::text, nrtm4_client_version, nrtm4_client_current_key,"
                " nrtm4_client_next_key FROM database_status WHERE source = 'WARD'"
            )
            return cursor.fetchone() or (None, None, None, None)

    def ask(self, query):
        with socket.create_connection(("127.0.0.1", self.whois), 10) as server:
            server.sendall(f"{query}\n".encode())
            return b"".join(iter(lambda: server.recv(65536), b"")).decode()

    def stop(self):
        for process in reversed(self.started):
            with contextlib.suppress(ProcessLookupError):
                # IRRd has children, in a session of their own.
                group = os.getpgid(process.pid) == process.pid
                os.killpg(process.pid, signal.SIGTERM) if group else process.terminate()
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(20)


def indented(pem):
    return "".join(f"                {line}\n" for line in pem.strip().splitlines())


def free_port():
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def wait(what, true):
    """What `true` gives once it is something, within PATIENCE seconds."""
    until = time.monotonic() + PATIENCE
    while time.monotonic() < until:
        if found := true():
            return found
        time.sleep(0.3)
    raise SystemExit(f"waited {PATIENCE} s in vain for {what}")


def step(words, detail=""):
    print(f"ok  {words}{': ' if detail else ''}{detail}", flush=True)


def same(ours, theirs, where):
    """Fails unless the objects are the same, character by character but for blanks at the end of a line."""
    plain = lambda objects: {at: "\n".join(line.rstrip() for line in text.splitlines()) for at, text in objects.items()}
    ours, theirs = plain(ours), plain(theirs)
    missing, surplus = ours.keys() - theirs.keys(), theirs.keys() - ours.keys()
    other = [at for at in ours.keys() & theirs.keys() if ours[at] != theirs[at]]
    if missing or surplus or other:
        shown = "\n".join(f"{at}\n--- ours\n{ours[at]}\n--- {where}\n{theirs[at]}" for at in other[:2])
        raise SystemExit(f"{where}: missing {sorted(missing)[:5]}, surplus {sorted(surplus)[:5]}, other {len(other)}\n{shown}")
    return len(ours)


def certificate(place):
    """A key and a certificate for localhost, as files."""
    key, certificate = place / "key.pem", place / "certificate.pem"
    subprocess.run(
        ["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
         "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost", "-addext", "basicConstraints=critical,CA:FALSE",
         "-keyout", str(key), "-out", str(certificate)],
        check=True, capture_output=True,
    )  # fmt: skip
    return key, certificate


@contextlib.contextmanager
def https(folder, key, certificate):
    """Serves a folder on a port of its own; what is asked for below /moved/ is elsewhere."""

    class Quiet(http.server.SimpleHTTPRequestHandler):
        def log_message(self, *_):
            pass

        def do_GET(self):
            if not self.path.startswith("/moved/"):
                return super().do_GET()
            self.send_response(302)
            self.send_header("Location", self.path.removeprefix("/moved"))
            self.end_headers()

    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), functools.partial(Quiet, directory=str(folder)))
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    server.socket = context.wrap_socket(server.socket, server_side=True)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"https://localhost:{server.server_address[1]}"
    server.shutdown()


def mirrored(place):
    a = Node(
        place / "a",
        '[registry]\nsource = "WARD"\nintroducers = ["WARD-INTRODUCER-MNT"]\n\n[registry.publish]\nenabled = true\n',
    )
    a.run("team", "import", str(SAMPLE / "teams.json"))
    a.run("registry", "import", str(SAMPLE / "registry.rpsl"))
    a.run("registry", "mirror", "run")
    folder = a.folder / "data/nrtmv4/WARD"
    irrd = Irrd(place / "irrd")
    try:
        irrd.start(f"file://{folder}/{FILE}", key_of(a))
        follow(a, irrd, folder, place)
    finally:
        irrd.stop()


def follow(a, irrd, folder, place):
    arrived = lambda: irrd.status()[:2] == (told(folder)["session_id"], told(folder)["version"])
    wait("IRRd to load the snapshot", arrived)
    step("IRRd loads our snapshot", f"{same(published(folder), irrd.objects(), 'IRRd')} objects, all the same")
    irt = irrd.ask("!mirt,IRT-SKERRY")
    assert "Trust status:" in irt or "IRT-SKERRY" in irt, irt

    # A team's status changes; no object does.
    teams = json.loads((SAMPLE / "teams.json").read_text())
    changed = place / "teams.json"
    for team in teams:
        team["classification"] = {"code": "suspended", "name": "Suspended", "since": "2026-11-01"}
    changed.write_text(json.dumps(teams))
    a.run("team", "import", str(changed))
    before = told(folder)["version"]
    a.run("registry", "mirror", "run")
    assert told(folder)["version"] == before + 1, "a status that changes is a new version"
    wait("IRRd to take the delta", arrived)
    count = same(published(folder), irrd.objects(), "IRRd")
    suspended = sum("Trust status: suspended" in text for text in irrd.objects().values())
    assert suspended > 0
    step("IRRd takes a delta", f"{suspended} teams whose status has changed; {count} objects, all the same")

    a.run("registry", "mirror", "roll-over")
    a.run("registry", "mirror", "run")
    next_key = lambda: irrd.status()[3]
    announced = wait("IRRd to learn of the next key", next_key)
    a.run("registry", "mirror", "roll-over", "--now")
    a.run("registry", "mirror", "run")
    wait("IRRd to use the next key", lambda: irrd.status()[2] == announced and not next_key())
    step("IRRd follows our new key")

    good = (folder / FILE).read_text()
    log = irrd.log.read_text()
    (folder / FILE).write_text(good[:-3] + ("AAA" if good[-3:] != "AAA" else "BBB"))
    wait("IRRd to refuse", lambda: "No valid signature" in irrd.log.read_text()[len(log) :])
    (folder / FILE).write_text(good)
    step("IRRd refuses a notification file that was altered", "and keeps what it has")

    extra = place / "extra.rpsl"
    extra.write_text("irt:            IRT-EXTRA\naddress:        Somewhere\ne-mail:         cert@extra.example\n"
                     "admin-c:        WI1-WARD\ntech-c:         WI1-WARD\nauth:           MD5-PW $1$abcdefgh$0123456789012345678901\n"
                     "mnt-by:         WARD-INTRODUCER-MNT\nsource:         WARD\n")  # fmt: skip
    before = told(folder)["version"]
    a.run("registry", "import", str(extra))
    a.run("registry", "mirror", "run")
    assert told(folder)["version"] == before + 1, "an import is told as what it has changed"
    wait("IRRd to take the delta", arrived)
    assert "$1$" not in irrd.objects()["irt", "IRT-EXTRA"], "no password leaves"
    step("IRRd takes what an import has changed", f"{same(published(folder), irrd.objects(), 'IRRd')} objects, all the same")

    dump = place / "whole.rpsl"
    dump.write_bytes((SAMPLE / "registry.rpsl").read_bytes())
    a.run("registry", "import", "--whole", str(dump))
    a.run("registry", "mirror", "run")
    wait("IRRd to take the deletions", arrived)
    assert ("irt", "IRT-EXTRA") not in irrd.objects()
    step("IRRd takes deletions", f"{same(published(folder), irrd.objects(), 'IRRd')} objects, all the same")

    # What people do: make an object, change it, remove it. IRRd looks once: all that happened is told.
    role = ("role:           Made Here", "address:        Somewhere", "e-mail:         desk@made.example", "nic-hdl:        MADE1-WARD",
            "abuse-mailbox:  abuse@made.example", "mnt-by:         WARD-INTRODUCER-MNT", "source:         WARD", "")  # fmt: skip
    made = place / "made.rpsl"
    for last in (lambda: "\n".join(role), lambda: "\n".join(role) + "remarks:        changed\n",
                 lambda: a.run("registry", "show", "role", "MADE1-WARD").strip() + "\ndelete:         no longer needed\n",
                 lambda: "\n".join(role).replace("MADE1", "MADE2")):  # fmt: skip
        made.write_text(last())
        a.run("registry", "update", str(made))
    before = told(folder)["version"]
    a.run("registry", "mirror", "run")
    changes = records(folder / told(folder)["deltas"][-1]["url"])[1:]
    assert [one["action"] for one in changes] == ["add_modify", "add_modify", "delete", "add_modify"], changes
    wait("IRRd to take the delta", arrived)
    assert told(folder)["version"] == before + 1 and ("role", "MADE2-WARD") in irrd.objects()
    step("IRRd takes updates", f"made, changed, removed, another made; {same(published(folder), irrd.objects(), 'IRRd')} objects, all the same")

    # The other direction: IRRd publishes what it has, by https.
    theirs = irrd.folder / "published"
    wait("IRRd to publish", lambda: (theirs / FILE).exists() and len(published(theirs)) == len(irrd.objects()))
    key, trusted = certificate(place)
    with https(theirs, key, trusted) as url:
        b = Node(place / "b", following(f"{url}/{FILE}", irrd.key, trusted))
        said = b.run("registry", "mirror", "run").strip()
        step("our node follows IRRd by https", said)
        same(published(theirs), b.objects(), "our node B")
        restored = place / "teams-again.json"
        restored.write_text((SAMPLE / "teams.json").read_text())
        a.run("team", "import", str(restored))
        a.run("registry", "mirror", "run")
        wait("IRRd to take the delta", arrived)
        version = told(theirs)["version"]
        wait("IRRd to publish it", lambda: told(theirs)["version"] > version or not any(
            "Trust status: suspended" in text for text in published(theirs).values()))
        said = b.run("registry", "mirror", "run").strip()
        count = same(published(theirs), b.objects(), "our node B")
        assert not any("Trust status: suspended" in text for text in b.objects().values())
        step("… and takes IRRd's delta", f"{said}; {count} objects, all the same as IRRd publishes")

        moved = Node(place / "moved", following(f"{url}/moved/{FILE}", irrd.key, trusted))
        said = moved.run("registry", "mirror", "run", good=(1,)).strip()
        assert "302" in said and not moved.objects(), said
        stranger = Node(place / "stranger", following(f"{url}/{FILE}", irrd.key, None))
        said = stranger.run("registry", "mirror", "run", good=(1,)).strip()
        assert "certificate" in said.lower() and not stranger.objects(), said
        step("our node asks nobody else", "neither where it is sent on to, nor a host with a strange certificate")

    # Without IRRd between, by the node itself.
    port = free_port()
    tls = f'\n[tls]\nenabled = true\nlisten = "127.0.0.1:{port}"\ncert = "{trusted}"\nkey = "{key}"\n'
    others = "".join(f'\n[{name}]\nlisten = "127.0.0.1:{free_port()}"\n' for name in ("smtp", "whois"))
    file = a.folder / "wardmote.toml"
    file.write_text(file.read_text().replace("[web]\n", f'[web]\nlisten = "127.0.0.1:{free_port()}"\n') + tls + others)
    serving = subprocess.Popen([WARDMOTE, "serve", "--config", str(file)], stderr=(place / "serve.log").open("w"))
    try:
        c = Node(place / "c", following(f"https://localhost:{port}/nrtmv4/WARD/{FILE}", key_of(a), trusted))
        said = wait("our node to serve", lambda: None if "FAILED" in (said := c.run("registry", "mirror", "run", good=(0, 1))) else said)
        count = same(published(folder), c.objects(), "our node C")
        step("our node follows ours, by https", f"{said.strip()}; {count} objects, all the same")
    finally:
        serving.terminate()
        serving.wait(20)


def following(url, key, certificates):
    trusted = f'certificates = "{certificates}"\n' if certificates else ""
    return f'[[registry.mirror]]\nsource = "WARD"\nurl = "{url}"\n{trusted}key = """\n{key}"""\n'


def key_of(node):
    told = node.run("registry", "mirror", "key")
    return told[told.index("-----BEGIN") :]


def main():
    place = Path(tempfile.mkdtemp(prefix="interop-irrd-"))
    os.chmod(place, 0o755)
    try:
        mirrored(place)
    except BaseException:
        logs = glob.glob(f"{place}/irrd/irrd.log")
        print(f"FAILED; what is left lies in {place}", *(Path(log).read_text()[-3000:] for log in logs), sep="\n", file=sys.stderr)
        raise
    shutil.rmtree(place, ignore_errors=True)


main()
