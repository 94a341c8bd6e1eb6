// GnuPG with the keys of a demo's teams, in a home of its own.
import { mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** Knows all keys of `node`, the secret ones too. `gpg(…args)` gives `status`, `content` (standard output) and `said`. */
export function keyring(node) {
  const home = mkdtempSync(join(tmpdir(), 'wardmote-gpg-'));
  const ring = {
    home,
    gpg(...args) {
      const { status, stdout, stderr } = spawnSync('gpg', ['--homedir', home, '--batch', '--trust-model', 'always', '--status-fd', '2', ...args],
        { encoding: 'latin1', timeout: 60_000 });
      return { status, content: stdout, said: stderr };
    },
    /** Opens a multipart/encrypted mail; `content` is the part inside, one character per byte. */
    open(mail) {
      const file = join(home, 'sealed.asc');
      writeFileSync(file, body(parts(mail)[1]), 'latin1');
      return ring.gpg('--decrypt', file);
    },
    /** What gpg says of the signature of a multipart/signed mail; `alter` changes what is signed before it is looked at. */
    verify(mail, alter = signed => signed) {
      const [signed, signature] = parts(mail), file = join(home, 'signed');
      writeFileSync(`${file}.asc`, body(signature));
      writeFileSync(file, alter(signed), 'latin1');
      return ring.gpg('--verify', `${file}.asc`, file).said;
    },
    stop() {
      spawnSync('gpgconf', ['--homedir', home, '--kill', 'all']);
      rmSync(home, { recursive: true, force: true });
    },
  };
  ring.gpg('--import', ...readdirSync(node.keys).map(name => join(node.keys, name)));
  return ring;
}

/** What comes after the header. */
export const body = mail => mail.split('\r\n\r\n').slice(1).join('\r\n\r\n');

/** The value of a header field, unfolded. */
export const field = (mail, name) =>
  mail.split('\r\n\r\n')[0].match(new RegExp(`^${name}: *(.*(?:\r\n[ \t].*)*)`, 'im'))?.[1].replace(/\r\n[ \t]+/g, ' ');

/** The parts of a multipart, from the first byte of their header to before the line end that precedes the boundary. */
export function parts(mail) {
  const boundary = mail.match(/^content-type:.*?boundary="?([^"\r\n;]+)/ims)[1];
  return mail.split(`\r\n--${boundary}`).slice(1, -1).map(part => part.replace(/^[ \t]*\r\n/, ''));
}
