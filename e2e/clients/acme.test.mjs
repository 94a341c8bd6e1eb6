// Debian's certbot gets, renews and revokes a certificate from a node; openssl verifies it and asks the node for its standing.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { spawn, spawnSync } from 'node:child_process';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, start } from '../harness/process.mjs';

const NAME = 'www.team.test';
let dir, program, url, port, credential;
const at = name => join(dir, name);
const live = name => at(`etc/live/${NAME}/${name}`);
const config = () => ['--config', at('wardmote.toml')];

function run(command, ...args) {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', timeout: 120_000, cwd: dir });
  return { status, said: stdout + stderr };
}

function done(command, ...args) {
  const { status, said } = run(command, ...args);
  assert.equal(status, 0, `${command} ${args.join(' ')}: ${said}`);
  return said;
}

const wardmote = (...args) => done(process.env.WARDMOTE, ...args);

/** Runs certbot with folders of its own; the node goes on meanwhile. */
async function certbot(command, ...more) {
  const args = [command, '--config-dir', 'etc', '--work-dir', 'work', '--logs-dir', 'logs', '--non-interactive', ...more];
  const child = spawn('certbot', args, { cwd: dir });
  let said = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', bytes => { said += bytes; });
  const status = await new Promise(ended => child.on('close', ended));
  return { status, said };
}

/** Logs in by the link that the command line gives, and says that a claim of the team holds. */
async function prove(claim) {
  const link = wardmote('user', 'add', ...config(), 'operator', '--team', 'ops', '--role', 'introducer').match(/\/login\/once\/\S+/)[0];
  const post = (path, body, cookie) => fetch(url + path, { method: 'POST', redirect: 'manual', body, headers: { origin: url, ...(cookie && { cookie }) } });
  const entered = await post(link);
  const cookie = entered.headers.getSetCookie().map(text => text.split(';')[0]).join('; ');
  const proven = await post('/teams/team/claims', new URLSearchParams({ claim, evidence: 'a letter' }), cookie);
  assert.equal(proven.status, 303, await proven.text());
}

before(async () => {
  dir = mkdtempSync(join(tmpdir(), 'wardmote-acme-'));
  port = String(await freePort());
  const web = `127.0.0.1:${await freePort()}`;
  url = `http://${web}`;
  wardmote('init', dir, '--empty');
  writeFileSync(at('wardmote.toml'), `[node]\nname = "ca.test"\ndata = "data"\n[web]\nlisten = "${web}"\n[smtp]\nlisten = "127.0.0.1:${await freePort()}"\n` +
    `[whois]\nlisten = "127.0.0.1:${await freePort()}"\n[pki]\nurl = "${url}"\n[pki.acme]\nhttp_port = ${port}\nallow = ["127.0.0.1"]\n[pki.acme.resolve]\n"${NAME}" = "127.0.0.1"\n`);
  writeFileSync(at('teams.json'), JSON.stringify([
    { short_name: 'TEAM', handle: 'team', official_name: 'Team CERT', classification: { code: 'a', name: 'Accredited', since: '2024-01-01' }, constituency: { domains: ['*.team.test'] } },
    { short_name: 'OPS', handle: 'ops', official_name: 'Operator' },
  ]));
  writeFileSync(at('passphrase'), 'a passphrase of several words\n');
  wardmote('team', 'import', ...config(), 'teams.json');
  wardmote('trust', 'take-over', ...config(), '--source', 'the list as it was before');
  wardmote('cert', 'init', ...config(), '--community', 'Test CERTs', '--root-out', 'root.pem', '--passphrase-file', 'passphrase');
  const made = wardmote('acme', 'add', ...config(), '--team', 'team', '--label', 'web server');
  credential = ['--eab-kid', made.match(/key identifier +(\S+)/)[1], '--eab-hmac-key', made.match(/HMAC key +(\S+)/)[1]];
  program = await start(process.env.WARDMOTE, ['serve', ...config()], { answersAt: `${url}/login` });
});
after(async () => {
  await program?.stop();
  rmSync(dir, { recursive: true, force: true });
});

const standalone = () => ['--standalone', '--http-01-port', port, '--server', `${url}/acme/directory`];
const serial = () => done('openssl', 'x509', '-in', live('cert.pem'), '-noout', '-serial');
const standing = () => run('openssl', 'ocsp', '-issuer', live('chain.pem'), '-cert', live('cert.pem'), '-url', `${url}/pki/ocsp`, '-CAfile', 'root.pem').said;

test('a name that nothing proves is refused, with the reason', async () => {
  const refused = await certbot('certonly', ...standalone(), ...credential, '--agree-tos', '-m', 'kes@team.test', '-d', NAME);
  assert.notEqual(refused.status, 0);
  // certbot 2.1 on Python 3.11 stumbles over each refusal before it shows it: the words are in its log.
  assert.match(readFileSync(at('logs/letsencrypt.log'), 'utf8'), /claims www\.team\.test, and nothing proves it yet/);
});

test('a server gets a certificate for a proven name, and openssl verifies it', async () => {
  await prove('domain *.team.test');
  const { status, said } = await certbot('certonly', ...standalone(), '-d', NAME);
  assert.equal(status, 0, said);
  assert.match(done('openssl', 'verify', '-x509_strict', '-purpose', 'sslserver', '-verify_hostname', NAME, '-CAfile', 'root.pem', '-untrusted', live('chain.pem'), live('cert.pem')), /OK/);
  assert.match(standing(), /cert\.pem: good/);
});

test('it is renewed, and revoked', async () => {
  const before = serial();
  const renewed = await certbot('renew', '--force-renewal', '--no-random-sleep-on-renew', '--http-01-port', port);
  assert.equal(renewed.status, 0, renewed.said);
  assert.notEqual(serial(), before);
  const revoked = await certbot('revoke', '--server', `${url}/acme/directory`, '--cert-path', live('cert.pem'), '--reason', 'superseded', '--no-delete-after-revoke');
  assert.equal(revoked.status, 0, revoked.said);
  assert.match(standing(), /cert\.pem: revoked[^]+Reason: superseded/);
});

test('a credential that is withdrawn shuts out the account that it has bound', async () => {
  wardmote('acme', 'withdraw', ...config(), '--team', 'team', credential[1]);
  const refused = await certbot('renew', '--force-renewal', '--no-random-sleep-on-renew', '--http-01-port', port);
  assert.notEqual(refused.status, 0);
  assert.match(readFileSync(at('logs/letsencrypt.log'), 'utf8'), /the credential that bound this account was withdrawn/);
});
