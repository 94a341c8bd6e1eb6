// The directory's files, fetched with curl and held against gpg, sha256sum and what gpg says of Web Key Directory.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { demo } from '../harness/demo.mjs';
import { keyring } from '../harness/gpg.mjs';

let node, ring, dir;
before(async () => {
  node = await demo();
  ring = keyring(node);
  dir = mkdtempSync(join(tmpdir(), 'wardmote-directory-'));
  const { status, out } = curl('--data-urlencode', `login=${node.login}`, '--data-urlencode', `password=${node.password}`,
    '-H', 'Sec-Fetch-Site: same-origin', '-w', '%{http_code}', `${node.url}/login`);
  assert.match(`${status} ${out}`, /303$/);
});
after(async () => {
  ring?.stop();
  await node?.stop();
  if (dir) rmSync(dir, { recursive: true, force: true });
});

function run(command, args, options = {}) {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', timeout: 60_000, ...options });
  return { status, out: stdout, said: stderr };
}

/** curl with the session of the log-in. */
const curl = (...args) => run('curl', ['-sS', '-b', join(dir, 'cookies'), '-c', join(dir, 'cookies'), ...args]);

/** Fetches `path` into a file of this name. */
function fetched(path, name, ...args) {
  const file = join(dir, name);
  const { out, said } = curl('-o', file, '-w', '%{http_code} %{content_type}', ...args, `${node.url}${path}`);
  assert.match(out, /^200 /, `${path}: ${out} ${said}`);
  return file;
}

/** A GnuPG that knows nothing yet. */
function stranger() {
  const home = mkdtempSync(join(dir, 'gpg-'));
  return (...args) => run('gpg', ['--homedir', home, '--batch', '--trust-model', 'always', '--status-fd', '2', ...args]);
}

/** Fingerprints of the main keys. */
const fingerprints = listing => [...listing.matchAll(/^pub:.*\n(?:.*\n)*?fpr:+([0-9A-F]+):/gm)].map(found => found[1]).sort();

const FILES = ['teams.json', 'teams.csv', 'teams.vcf', 'keyring.asc', 'keyring.gpg', 'keyring.txt', 'SHA256SUMS'];

for (const [folder, files] of [['', FILES], ['members/', [...FILES, 'phones.txt', 'phones.vcf']]]) {
  test(`gpg finds each file of /directory/${folder} signed over exactly its bytes, in armour and binary`, () => {
    for (const name of files) {
      const file = fetched(`/directory/${folder}${name}`, name);
      for (const end of ['asc', 'sig']) {
        const signature = fetched(`/directory/${folder}${name}.${end}`, `${name}.${end}`);
        assert.match(ring.gpg('--verify', signature, file).said, /GOODSIG .*cert@aldermark\.example/, `${name}.${end}`);
      }
    }
    const { status, out } = run('sha256sum', ['-c', 'SHA256SUMS'], { cwd: dir });
    assert.equal(status, 0, out);
    writeFileSync(join(dir, 'teams.json'), readFileSync(join(dir, 'teams.json'), 'utf8').replace('Skerry', 'Skerries'));
    assert.match(ring.gpg('--verify', join(dir, 'teams.json.asc'), join(dir, 'teams.json')).said, /BADSIG/);
  });
}

test('gpg imports the key ring, whichever form it has, without keys that are not to be used', () => {
  const rings = ['keyring.asc', 'keyring.gpg'].map(name => {
    const gpg = stranger();
    const { said } = gpg('--import', fetched(`/directory/members/${name}`, name));
    assert.match(said, /IMPORT_OK/, said);
    return fingerprints(gpg('--with-colons', '--fingerprint', '--list-keys').out);
  });
  assert.deepEqual(rings[0], rings[1]);
  const report = readFileSync(fetched('/directory/members/keyring.txt', 'keyring.txt'), 'utf8');
  const said = report.split('\n\n')[1].match(/^[0-9A-F]{40}/gm).sort();
  assert.deepEqual(rings[0], said);
  // The sample has an expired and a revoked key among those of listed teams.
  const open = readFileSync(fetched('/directory/keyring.txt', 'keyring.txt'), 'utf8');
  assert.match(open, /modrohrad +expired on/);
  assert.match(open, /polderwijk +revoked on/);
});

test('a key is found where gpg says that it is, by the mail domain itself and by the advanced method', () => {
  const listing = ring.gpg('--with-wkd-hash', '--list-keys').content;
  const found = [...listing.matchAll(/<([^@>]+)@((?:aldermark|skerry)\.example)>\s+([a-z0-9]{32})@/g)];
  assert.equal(found.length, 2, listing);
  for (const [, local, domain, hash] of found) {
    const advanced = fetched(`/.well-known/openpgpkey/${domain}/hu/${hash}?l=${local}`, 'advanced');
    const direct = fetched(`/.well-known/openpgpkey/hu/${hash}?l=${local}`, 'direct', '-H', `Host: ${domain}`);
    assert.deepEqual(readFileSync(direct), readFileSync(advanced));
    const gpg = stranger();
    assert.match(gpg('--import', advanced).said, /IMPORT_OK/);
    assert.match(gpg('--list-keys', `${local}@${domain}`).out, new RegExp(`${local}@${domain}`));
    fetched(`/.well-known/openpgpkey/${domain}/policy`, 'policy');
  }
  const missing = curl('-o', '/dev/null', '-w', '%{http_code}', `${node.url}/.well-known/openpgpkey/aldermark.example/hu/${'y'.repeat(32)}`);
  assert.equal(missing.out, '404');
});

test('a team signs its description with gpg, and anybody verifies it', () => {
  const text = fetched('/teams/aldermark/rfc2350.txt', 'rfc2350.txt');
  assert.match(readFileSync(text, 'utf8'), /^2\.1 Name of the Team\n\n {3}Aldermark CERT$/m);
  const signature = join(dir, 'mine.asc');
  const publish = (...how) => {
    rmSync(signature, { force: true });
    const made = ring.gpg('--local-user', 'cert@aldermark.example', '--armor', '--output', signature, ...how, text);
    assert.equal(made.status, 0, made.said);
    const answer = curl('--data-urlencode', `signature@${signature}`, '-H', 'Sec-Fetch-Site: same-origin', '-w', '%{http_code}',
      `${node.url}/teams/aldermark/rfc2350/signature`);
    assert.match(answer.out, /303$/, answer.out);
    return fetched('/teams/aldermark/rfc2350.txt.asc', 'rfc2350.txt.asc');
  };
  const detached = publish('--detach-sign');
  assert.match(ring.gpg('--verify', detached, fetched('/teams/aldermark/rfc2350.txt', 'rfc2350.txt')).said, /GOODSIG/);
  assert.match(ring.gpg('--verify', publish('--clear-sign')).said, /GOODSIG/);
});

test('the command line writes the same files into a folder, whole', () => {
  const folder = join(dir, 'out');
  const { status, out, said } = run(process.env.WARDMOTE, ['team', 'export', '--config', join(node.dir, 'wardmote.toml'), folder]);
  if (/reading .*wardmote\.toml/.test(said)) return console.log('left out: this demo keeps no configuration file');
  assert.equal(status, 0, said);
  assert.match(out, /14 files written/);
  assert.deepEqual(readdirSync(folder).filter(name => name.startsWith('.')), []);
  assert.equal(run('sha256sum', ['-c', 'SHA256SUMS'], { cwd: folder }).status, 0);
  assert.match(ring.gpg('--verify', join(folder, 'teams.json.asc'), join(folder, 'teams.json')).said, /GOODSIG/);
});
