// The certification authority as operators and verifiers meet it: `wardmote cert` and openssl, over HTTP.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { demo } from '../harness/demo.mjs';
import { launch, logIn, reader } from '../harness/browser.mjs';
import { until } from '../harness/post.mjs';
import { freePort, start } from '../harness/process.mjs';

let node, program, url, config;
const at = name => join(node.dir, name);
const run = (command, ...args) => {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', timeout: 60_000, cwd: node.dir });
  return { status, said: stdout + stderr };
};
const done = (command, ...args) => {
  const { status, said } = run(command, ...args);
  assert.equal(status, 0, `${command} ${args.join(' ')}: ${said}`);
  return said;
};
const wardmote = (...args) => done(process.env.WARDMOTE, ...args);
const openssl = (...args) => run('openssl', ...args).said;

before(async () => {
  node = await demo();
  config = ['--config', at('wardmote.toml')];
  // The same node again, which now says in its certificates where it is reached.
  const web = `127.0.0.1:${await freePort()}`;
  url = `http://${web}`;
  const env = { WARDMOTE_WEB__LISTEN: web, WARDMOTE_SMTP__LISTEN: `127.0.0.1:${await freePort()}`, WARDMOTE_WHOIS__LISTEN: `127.0.0.1:${await freePort()}`, WARDMOTE_PKI__URL: url };
  Object.assign(process.env, { WARDMOTE_PKI__URL: url });
  program = await start(process.env.WARDMOTE, ['serve', ...config], { env, answersAt: `${url}/login` });
});
after(async () => { await program?.stop(); await node?.stop(); });

test('the ceremony: the root on one machine, the issuing authority on another', () => {
  writeFileSync(at('passphrase'), 'a passphrase of several words\n');
  const secret = ['--passphrase-file', 'passphrase'];
  wardmote('cert', 'root', 'init', '--community', 'Demo CERTs', '--out', 'root.pem', ...secret);
  assert.match(readFileSync(at('root.pem'), 'utf8'), /BEGIN ENCRYPTED PRIVATE KEY[^]+BEGIN CERTIFICATE/);
  assert.match(openssl('pkey', '-in', 'root.pem', '-passin', 'file:passphrase', '-noout', '-text'), /P-384|secp384r1/);
  wardmote('cert', 'issuing', 'request', ...config, '--community', 'Demo CERTs', '--out', 'issuing.csr');
  wardmote('cert', 'root', 'sign-issuer', '--root', 'root.pem', '--csr', 'issuing.csr', '--out', 'issuing.pem', '--url', url, ...secret);
  wardmote('cert', 'issuing', 'install', ...config, 'issuing.pem');
  wardmote('cert', 'root', 'crl', '--root', 'root.pem', '--number', '1', '--out', 'root.crl', ...secret);
  assert.match(wardmote('cert', 'issuing', 'root-crl', ...config, 'root.crl'), /issuing-\w+ +issuing +active/);
});

test('a person’s certificate: the key stays, openssl verifies the chain, the lists and the answer', async () => {
  const browser = await launch();
  try {
    const page = await reader(browser, `${url}/login`);
    await logIn(page, { ...node, url, login: node.login, password: node.password });
    await page.goto(`${url}/account`);
    await page.getByLabel('Name', { exact: true }).fill('cert request');
    await page.getByRole('checkbox', { name: /certificates:request/ }).check();
    await page.getByRole('button', { name: 'Make a token' }).click();
    const token = (await page.locator('code', { hasText: 'wardmote_' }).first().innerText()).trim();
    writeFileSync(at('token'), token);
  } finally { await browser.close(); }

  const said = wardmote('cert', 'request', '--from', url, '--token-file', 'token', '--out', 'kes');
  assert.match(said, /UID=kes/);
  assert.match(openssl('pkey', '-in', 'kes.key', '-noout', '-text'), /P-256|prime256v1/);
  // What a verifier fetches for itself, from where the certificate says.
  const addresses = openssl('x509', '-in', 'kes.pem', '-noout', '-text').match(/URI:(\S+)/g).map(found => found.slice(4));
  const [list, asked, above] = ['.crl', '/ocsp', '.crt'].map(end => addresses.find(address => address.endsWith(end)));
  done('curl', '-sSf', '-o', 'above.der', above);
  done('curl', '-sSf', '-o', 'list.der', list);
  openssl('x509', '-inform', 'DER', '-in', 'above.der', '-out', 'above.pem');
  openssl('crl', '-inform', 'DER', '-in', 'list.der', '-out', 'list.pem');
  openssl('crl', '-in', 'root.crl', '-out', 'root-list.pem');
  writeFileSync(at('lists.pem'), readFileSync(at('list.pem'), 'utf8') + readFileSync(at('root-list.pem'), 'utf8'));
  const verify = () => openssl('verify', '-x509_strict', '-crl_check_all', '-CRLfile', 'lists.pem', '-CAfile', 'root.pem', '-untrusted', 'above.pem', 'kes.pem');
  assert.match(verify(), /kes\.pem: OK/);
  const ocsp = (...digest) => openssl('ocsp', '-issuer', 'above.pem', ...digest, '-cert', 'kes.pem', '-url', asked, '-CAfile', 'root.pem');
  const good = ocsp();
  assert.match(good, /Response verify OK/);
  assert.match(good, /kes\.pem: good/);
  assert.doesNotMatch(good, /onc/, 'the nonce is in the answer');
  assert.match(ocsp('-sha256'), /kes\.pem: good/);

  const fingerprint = wardmote('cert', 'list', ...config).match(/^[0-9a-f]{64}/m)[0];
  wardmote('cert', 'revoke', ...config, fingerprint, '--reason', 'keyCompromise');
  await until('the running node says so', () => /revoked/.test(ocsp()) || undefined);
  assert.match(ocsp(), /Reason: keyCompromise/);
  done('curl', '-sSf', '-o', 'list.der', list);
  openssl('crl', '-inform', 'DER', '-in', 'list.der', '-out', 'list.pem');
  writeFileSync(at('lists.pem'), readFileSync(at('list.pem'), 'utf8') + readFileSync(at('root-list.pem'), 'utf8'));
  assert.match(verify(), /certificate revoked/);
});

test('the answer by GET is the same as by POST', () => {
  openssl('ocsp', '-issuer', 'above.pem', '-cert', 'kes.pem', '-no_nonce', '-reqout', 'question.der');
  const question = encodeURIComponent(readFileSync(at('question.der')).toString('base64'));
  done('curl', '-sSf', '-o', 'answer.der', `${url}/pki/ocsp/${question}`);
  assert.match(openssl('ocsp', '-respin', 'answer.der', '-issuer', 'above.pem', '-cert', 'kes.pem', '-CAfile', 'root.pem', '-no_nonce'), /kes\.pem: revoked/);
  assert.match(run('curl', '-sS', '-o', '/dev/null', '-w', '%{http_code}', `${url}/pki/nothing.crl`).said, /404/);
});
