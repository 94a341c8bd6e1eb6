// The operation goes to another operator: the owner's word in the browser, the hand-over encrypted for gpg, taken by a new node.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, readdirSync, rmSync, statSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { demo } from '../harness/demo.mjs';
import { keyring } from '../harness/gpg.mjs';
import { launch, logIn, reader, shot } from '../harness/browser.mjs';
import { freePort, start } from '../harness/process.mjs';

let node, ring, home, old, next, program;
const at = name => join(node.dir, name);
const run = (command, ...args) => {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', timeout: 120_000, cwd: node.dir, input: '' });
  return { status, said: stdout + stderr, stdout };
};
const done = (command, ...args) => {
  const outcome = run(command, ...args);
  assert.equal(outcome.status, 0, `${command} ${args.join(' ')}: ${outcome.said}`);
  return outcome;
};
const wardmote = (...args) => done(process.env.WARDMOTE, ...args);
const refused = (expected, ...args) => {
  const { status, said } = run(process.env.WARDMOTE, ...args);
  assert.equal(status, 1, said);
  assert.match(said, expected);
};
const gpg = (...args) => done('gpg', '--homedir', home, '--batch', '--pinentry-mode', 'loopback', '--passphrase', '', '--trust-model', 'always', ...args);

before(async () => {
  node = await demo();
  ring = keyring(node);
  old = ['--config', at('wardmote.toml')];
  writeFileSync(at('passphrase'), 'a passphrase of several words\n');
  wardmote('cert', 'init', ...old, '--community', 'the Ring', '--root-out', 'root.pem', '--passphrase-file', 'passphrase');
  // The next operator: its key, and a node that nobody has used.
  home = mkdtempSync(join(tmpdir(), 'wardmote-next-'));
  gpg('--quick-gen-key', 'Nordvik <office@nordvik.example>', 'future-default', 'default', 'never');
  writeFileSync(at('next.asc'), gpg('--armor', '--export').stdout);
  writeFileSync(at('next-secret.asc'), gpg('--armor', '--export-secret-keys').stdout);
  wardmote('init', 'next', '--empty');
  writeFileSync(at('next/wardmote.toml'), '[node]\nname = "ring.nordvik.example"\ndata = "data"\n\n[trust]\noperator = "nordvik"\ncommunity = "the Ring"\n');
  next = ['--config', at('next/wardmote.toml')];
  writeFileSync(at('operator.asc'), ring.gpg('--armor', '--export', 'aldermark.example').content);
});
after(async () => {
  await program?.stop();
  spawnSync('gpgconf', ['--homedir', home, '--kill', 'all']);
  rmSync(home, { recursive: true, force: true });
  ring?.stop();
  await node?.stop();
});

test('nothing leaves before the owner has given the word, in the browser, for one key', async () => {
  refused(/has not given the word/, 'hand-over', 'export', ...old, 'community.pgp', '--to', 'next.asc');
  const { status } = run(process.env.WARDMOTE, 'hand-over', 'export', ...old, 'community.pgp');
  assert.equal(status, 2, 'encrypted, or in clear on purpose');
  const fingerprint = gpg('--with-colons', '--list-keys').stdout.match(/^fpr:+([0-9A-F]+):/m)[1];
  const browser = await launch();
  try {
    const page = await reader(browser, `${node.url}/login`);
    await logIn(page, { url: node.url, login: 'oda', password: node.password });
    await page.goto(`${node.url}/trust/community`);
    await page.getByLabel('Hand the operation over to').fill('Nordvik CERT');
    await page.getByLabel('Fingerprint of its OpenPGP key').fill('not a fingerprint');
    await page.getByRole('button', { name: 'Give the word' }).click();
    await page.getByText('hexadecimal digits').waitFor();
    await shot(page, 'hand-over-wrong');
    await page.getByLabel('Fingerprint of its OpenPGP key').fill(fingerprint.replace(/(.{4})/g, '$1 '));
    await page.getByRole('button', { name: 'Give the word' }).click();
    await page.getByText('wardmote hand-over export').waitFor();
    await shot(page, 'hand-over-given');
  } finally { await browser.close(); }
  assert.match(wardmote('hand-over', 'status', ...old).said, /gave the word to hand over to Nordvik CERT/);
  refused(/has named the key/, 'hand-over', 'export', ...old, 'community.pgp', '--to', 'operator.asc');
});

test('one file goes, that the next operator alone opens, with this program or with gpg', () => {
  writeFileSync(at('kept.txt'), wardmote('trust', 'checkpoint', ...old).stdout);
  wardmote('hand-over', 'export', ...old, 'community.pgp', '--to', 'next.asc');
  assert.equal(statSync(at('community.pgp')).mode & 0o777, 0o600);
  refused(/--secret/, 'hand-over', 'verify', 'community.pgp');
  const { said } = wardmote('hand-over', 'verify', 'community.pgp', '--secret', 'next-secret.asc', '--key', 'operator.asc');
  assert.match(said, /the Ring handed over by .* to Nordvik CERT/);
  assert.match(said, /entries follow one another and replay/);
  gpg('--output', at('community.zip'), '--decrypt', at('community.pgp'));
  wardmote('hand-over', 'verify', 'community.zip', '--key', 'operator.asc');
  refused(/signature does not count/, 'hand-over', 'verify', 'community.zip', '--key', 'next.asc');
  // The record is closed where it was.
  refused(/closed here/, 'trust', 'seat', ...old, 'nordvik');
});

test('in clear it is a folder that sha256sum and gpg check; what is altered is named', () => {
  wardmote('hand-over', 'export', ...old, 'community', '--in-clear');
  const check = spawnSync('sha256sum', ['--quiet', '--strict', '-c', 'MANIFEST'], { encoding: 'utf8', cwd: at('community') });
  assert.equal(check.status, 0, check.stdout + check.stderr);
  const { status, said } = ring.gpg('--verify', at('community/MANIFEST.asc'), at('community/MANIFEST'));
  assert.equal(status, 0, said);
  wardmote('trust', 'verify', 'community/record.jsonl', '--checkpoint', 'kept.txt', '--key', 'operator.asc');
  const file = at('community/tables/team.jsonl'), text = readFileSync(file, 'utf8');
  writeFileSync(file, text.replace('nordvik', 'nordwik'));
  refused(/tables\/team.jsonl/, 'hand-over', 'take', ...next, 'community', '--key', 'operator.asc');
  writeFileSync(file, text);
  assert.equal(readdirSync(node.dir).filter(name => name.endsWith('.part')).length, 0);
});

test('the new node takes it, gives the same answers, and goes on in the same chain', async () => {
  const { said } = wardmote('hand-over', 'take', ...next, 'community.pgp', '--secret', 'next-secret.asc', '--key', 'operator.asc');
  assert.match(said, /taken: the record goes on here/);
  refused(/not empty/, 'hand-over', 'take', ...next, 'community', '--key', 'operator.asc');
  for (const day of ['2020-01-01', '2025-06-30', '2099-01-01']) {
    const [there, here] = [old, next].map(config => wardmote('trust', 'at', day, ...config, '--json').stdout);
    assert.equal(here, there, day);
  }
  wardmote('trust', 'check', ...next);
  assert.equal(wardmote('cert', 'list', ...next).stdout, wardmote('cert', 'list', ...old).stdout);
  assert.match(wardmote('cert', 'status', ...next).stdout, /issuing +retired/);
  // The root, which was never on any node, signs the successor.
  const secret = ['--passphrase-file', 'passphrase'];
  wardmote('cert', 'issuing', 'request', ...next, '--community', 'the Ring', '--out', 'second.csr');
  wardmote('cert', 'root', 'sign-issuer', '--root', 'root.pem', '--csr', 'second.csr', '--out', 'second.pem', ...secret);
  assert.match(wardmote('cert', 'issuing', 'install', ...next, 'second.pem').stdout, /issuing +active/);

  wardmote('trust', 'seat', ...next, 'nordvik');
  wardmote('trust', 'export', ...next, 'after.jsonl', '--audience', 'whole');
  assert.match(wardmote('trust', 'verify', 'after.jsonl', '--checkpoint', 'kept.txt').said, /checkpoint \d+: agrees/);

  const web = `127.0.0.1:${await freePort()}`, url = `http://localhost:${web.split(':')[1]}`;
  const env = { WARDMOTE_WEB__LISTEN: web, WARDMOTE_SMTP__LISTEN: `127.0.0.1:${await freePort()}`, WARDMOTE_WHOIS__LISTEN: `127.0.0.1:${await freePort()}` };
  program = await start(process.env.WARDMOTE, ['serve', ...next], { env, answersAt: `${url}/login` });
  const fetched = (path, name) => { done('curl', '-sS', '--fail', '-o', at(name), `${url}${path}`); return at(name); };
  wardmote('trust', 'verify', fetched('/trust/record.jsonl', 'public.jsonl'), '--checkpoint', 'kept.txt');
  const retired = wardmote('cert', 'status', ...next).stdout.match(/^(\S+) +issuing +retired/m)[1];
  fetched(`/pki/${retired}.crl`, 'old.crl');
  fetched(`/pki/${retired}.crt`, 'old.crt');
  pem();
  const crl = done('openssl', 'crl', '-inform', 'DER', '-in', 'old.crl', '-noout', '-CAfile', 'old.pem');
  assert.match(crl.said, /verify OK/);
});

/** Puts the old authority's certificate into PEM, for openssl. */
function pem() {
  const text = readFileSync(at('old.crt'));
  if (text.includes('-----BEGIN')) writeFileSync(at('old.pem'), text);
  else done('openssl', 'x509', '-inform', 'DER', '-in', 'old.crt', '-out', 'old.pem');
}
