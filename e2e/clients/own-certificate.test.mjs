// The node's own certificate, made by its own authority: no file, no restart; curl and openssl look at it.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { demo } from '../harness/demo.mjs';
import { MEMBERS, PUBLIC, commands } from '../harness/members.mjs';
import { until } from '../harness/post.mjs';
import { freePort, start } from '../harness/process.mjs';

let node, program, port, config, env, run, wardmote, at;

before(async () => {
  node = await demo();
  ({ run, wardmote, at } = commands(node));
  config = ['--config', at('wardmote.toml')];
  const hosts = `\n[hosts]\npublic = "${PUBLIC}"\nmembers = "${MEMBERS}"\n`;
  writeFileSync(at('wardmote.toml'), readFileSync(at('wardmote.toml'), 'utf8').replace(/^\[hosts\]\n/m, '') + hosts);
  port = await freePort();
  const web = `127.0.0.1:${await freePort()}`;
  env = { WARDMOTE_WEB__LISTEN: web, WARDMOTE_SMTP__LISTEN: `127.0.0.1:${await freePort()}`, WARDMOTE_WHOIS__LISTEN: `127.0.0.1:${await freePort()}`,
    WARDMOTE_WEB__BASE_URL: `https://${MEMBERS}:${port}`, WARDMOTE_TLS__ENABLED: 'true', WARDMOTE_TLS__LISTEN: `127.0.0.1:${port}`, WARDMOTE_TLS__SOURCE: 'authority' };
  Object.assign(process.env, env);
  program = await start(process.env.WARDMOTE, ['serve', ...config], { env, answersAt: `http://${web}/login` });
});
after(async () => { await program?.stop(); await node?.stop(); });

const curl = host => run('curl', '-sS', '-i', '--max-time', '20', '--resolve', `${host}:${port}:127.0.0.1`, '--cacert', at('root-own.pem'), `https://${host}:${port}/login`).said;
const shown = name => run('openssl', 's_client', '-connect', `127.0.0.1:${port}`, '-servername', name, '-verify_hostname', name, '-CAfile', at('root-own.pem'), '-verify_return_error').said;
/** The certificate that is shown now, by its SHA-256. */
function fingerprint() {
  writeFileSync(at('shown.pem'), shown(MEMBERS));
  return run('openssl', 'x509', '-in', 'shown.pem', '-noout', '-fingerprint', '-sha256').said.match(/=(.*)/)?.[1].replaceAll(':', '').toLowerCase();
}

test('before there is an authority the listener waits, and doctor says what to do', () => {
  writeFileSync(at('root-own.pem'), '');
  assert.match(run('openssl', 's_client', '-connect', `127.0.0.1:${port}`, '-servername', MEMBERS).said, /alert|no peer certificate/);
  assert.match(run(process.env.WARDMOTE, 'doctor', ...config).said, /BAD +tls .*no certificate yet: .*wardmote cert init/);
});

test('with the authority comes the certificate for all hosts, while the node runs', async () => {
  writeFileSync(at('passphrase'), 'a passphrase of several words\n');
  const secret = ['--passphrase-file', 'passphrase'];
  wardmote('cert', 'root', 'init', '--community', 'Demo CERTs', '--out', 'root.pem', ...secret);
  wardmote('cert', 'issuing', 'request', ...config, '--community', 'Demo CERTs', '--out', 'issuing.csr');
  wardmote('cert', 'root', 'sign-issuer', '--root', 'root.pem', '--csr', 'issuing.csr', '--out', 'issuing.pem', ...secret);
  wardmote('cert', 'issuing', 'install', ...config, 'issuing.pem');
  writeFileSync(at('root-own.pem'), readFileSync(at('root.pem'), 'utf8').match(/-----BEGIN CERTIFICATE[^]+/)[0]);
  await until('the listener has its certificate', () => curl(MEMBERS).includes('200 OK') || undefined);
  assert.match(curl(PUBLIC), /location: .*members/);
  for (const name of [MEMBERS, PUBLIC]) assert.match(shown(name), /Verify return code: 0 \(ok\)/);
  assert.match(shown('else.test'), /[Hh]ostname mismatch/);
  assert.match(run(process.env.WARDMOTE, 'doctor', ...config).said, /ok +tls .*certificate good for 89 days|tls .*certificate good for (89|90) days/i);
});

test('when it is revoked, another one is made and shown without a restart', async () => {
  const before = fingerprint();
  assert.match(wardmote('cert', 'list', ...config), new RegExp(`${before} +node`));
  wardmote('cert', 'revoke', ...config, before);
  await until('the listener shows another', () => (fingerprint() ?? before) !== before || undefined);
  assert.match(shown(MEMBERS), /Verify return code: 0 \(ok\)/);
});
