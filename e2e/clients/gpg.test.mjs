// What the desk sends, opened with GnuPG as its recipients do.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { demo } from '../harness/demo.mjs';

let node, home;
before(async () => {
  node = await demo();
  home = mkdtempSync(join(tmpdir(), 'wardmote-gpg-'));
  gpg('--import', ...readdirSync(node.keys).map(name => join(node.keys, name)));
});
after(async () => {
  await node?.stop();
  spawnSync('gpgconf', ['--homedir', home, '--kill', 'all']);
  rmSync(home, { recursive: true, force: true });
});

function gpg(...args) {
  const { status, stdout, stderr } = spawnSync('gpg', ['--homedir', home, '--batch', '--trust-model', 'always', '--status-fd', '2', ...args], { encoding: 'latin1', timeout: 60_000 });
  return { status, content: stdout, said: stderr };
}

/** The mails in the sink whose content type is `type`, as one character per byte. */
function sent(type) {
  const mails = readdirSync(node.sink).filter(name => name.endsWith('.eml')).sort()
    .map(name => readFileSync(join(node.sink, name), 'latin1').replace(/\r?\n/g, '\r\n'));
  return mails.filter(mail => new RegExp(`^content-type: *${type}`, 'im').test(mail.split('\r\n\r\n')[0]));
}

/** The parts of a multipart, from the first byte of their header to before the line end that precedes the boundary. */
function parts(mail) {
  const boundary = mail.match(/^content-type:.*?boundary="?([^"\r\n;]+)/ims)[1];
  return mail.split(`\r\n--${boundary}`).slice(1, -1).map(part => part.replace(/^[ \t]*\r\n/, ''));
}

test('every signed mail has a good signature, and one altered byte spoils it', () => {
  const mails = sent('multipart/signed');
  assert.ok(mails.length > 0, `no signed mail in ${node.sink}`);
  for (const mail of mails) {
    const [signed, signature] = parts(mail);
    const file = join(home, 'signed');
    writeFileSync(`${file}.asc`, signature.split('\r\n\r\n').slice(1).join('\r\n\r\n'));
    writeFileSync(file, signed, 'latin1');
    assert.match(gpg('--verify', `${file}.asc`, file).said, /GOODSIG/);
    writeFileSync(file, signed.replace(/[0-9]/, digit => (Number(digit) + 1) % 10), 'latin1');
    assert.match(gpg('--verify', `${file}.asc`, file).said, /BADSIG/);
  }
});

test('every encrypted mail is opened by its recipient, whole and signed, and shows nothing of it before', () => {
  const mails = sent('multipart/encrypted');
  assert.ok(mails.length > 0, `no encrypted mail in ${node.sink}`);
  for (const mail of mails) {
    const sealed = parts(mail)[1].split('\r\n\r\n').slice(1).join('\r\n\r\n');
    const file = join(home, 'sealed.asc');
    writeFileSync(file, sealed, 'latin1');
    const { status, content, said } = gpg('--decrypt', file);
    assert.equal(status, 0, said);
    assert.match(said, /GOODSIG/);
    assert.match(said, /GOODMDC/);
    assert.match(content, /^content-type:/im);
    const address = content.match(/\b\d{1,3}(\.\d{1,3}){3}\b/)?.[0];
    assert.ok(address === undefined || !mail.includes(address), `${address} can be read without the key`);
  }
});
