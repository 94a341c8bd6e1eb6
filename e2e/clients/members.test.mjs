// The members' host: curl, openssl, node and a browser come in by certificates of the node's own authority, and are out with a revocation.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import https from 'node:https';
import { demo } from '../harness/demo.mjs';
import { launch, logIn, reader } from '../harness/browser.mjs';
import { until } from '../harness/post.mjs';
import { MACHINES, MEMBERS, PUBLIC, certificate, commands, members } from '../harness/members.mjs';

let node, program, plain, port, config, run, wardmote, at;

before(async () => {
  node = await demo();
  ({ run, wardmote, at } = commands(node));
  certificate(node, 'stranger', 'stranger.test');
  program = await members(node);
  ({ port, plain, config } = program);

  // A certificate for kes.
  const browser = await launch();
  try {
    const page = await reader(browser, `${plain}/login`);
    await logIn(page, { ...node, url: plain, login: node.login, password: node.password });
    await page.goto(`${plain}/account`);
    await page.getByLabel('Name', { exact: true }).fill('cert request');
    await page.getByRole('checkbox', { name: /certificates:request/ }).check();
    await page.getByRole('button', { name: 'Make a token' }).click();
    writeFileSync(at('token'), (await page.locator('code', { hasText: 'wardmote_' }).first().innerText()).trim());
  } finally { await browser.close(); }
  wardmote('cert', 'request', '--from', plain, '--token-file', 'token', '--out', 'kes');
});
after(async () => { await program?.stop(); await node?.stop(); });

/** What curl gets at a host; `more` are its options. */
const curl = (host, path, ...more) => run('curl', '-sS', '-i', '--max-time', '20', '--resolve', `${host}:${port}:127.0.0.1`, '--cacert', at(host === MACHINES ? 'machines.pem' : 'own.pem'),
  ...more, `https://${host}:${port}${path}`).said;
const shows = name => ['--cert', at(`${name}.pem`), '--key', at(`${name}.key`)];

test('the certificate lets its owner in at the members’ host', async () => {
  const page = await until('the running node knows the authority', () => { const said = curl(MEMBERS, '/account', ...shows('kes')); return said.includes('200 OK') ? said : undefined; });
  assert.match(page, /<h1>kes<\/h1>/);
  assert.match(page, /you are here by one/);
});

test('a certificate that nobody vouches for, and none, lead to the log-in', () => {
  assert.match(curl(MEMBERS, '/account', ...shows('stranger')), /303 See Other[^]+location: \/login\?next=\/account/);
  assert.match(curl(MEMBERS, '/account'), /location: \/login\?next=\/account/);
});

test('only the members’ host asks for a certificate, and each name has its own', () => {
  const asked = name => run('openssl', 's_client', '-connect', `127.0.0.1:${port}`, '-servername', name).said;
  assert.match(asked(MEMBERS), /Requested Signature Algorithms/);
  assert.match(asked(PUBLIC), /No client certificate CA names sent/);
  assert.doesNotMatch(asked(PUBLIC), /Requested Signature Algorithms/);
  assert.doesNotMatch(asked(MACHINES), /Requested Signature Algorithms/);
  assert.match(asked(MACHINES), /subject=CN ?= ?machines/);
});

test('the public host knows nobody and leads to the members’ host; a connection for one host serves no other', () => {
  const there = new RegExp(`location: https://${MEMBERS}:${port}/account`);
  assert.match(curl(PUBLIC, '/account', ...shows('kes')), there);
  assert.match(curl(PUBLIC, '/reports', ...shows('kes')), /303 See Other/);
  assert.match(curl(MEMBERS, '/account', ...shows('kes'), '-H', `Host: ${PUBLIC}`), /421 Misdirected Request/);
});

test('the cookie of a log-in belongs to this very host, by https alone', () => {
  const said = curl(MEMBERS, '/login', '-H', 'sec-fetch-site: same-origin', '--data-urlencode', `login=${node.login}`, '--data-urlencode', `password=${node.password}`);
  const cookie = said.match(/^set-cookie: (__Host-wardmote=.*)$/mi)[1];
  assert.match(cookie, /; Path=\/;.*HttpOnly.*Secure/);
  assert.doesNotMatch(cookie, /Domain/i);
  const value = cookie.split(/[=;]/)[1];
  const elsewhere = run('curl', '-sS', '-i', '-H', `Cookie: wardmote=${value}`, `${plain}/account`).said;
  assert.match(elsewhere, /location: \/login/, 'the session of one host is none at another');
});

test('the node’s renewed certificate is served without a restart', async () => {
  const old = readFileSync(at('own.pem'), 'utf8');
  certificate(node, 'own', MEMBERS, PUBLIC);
  assert.notEqual(readFileSync(at('own.pem'), 'utf8'), old);
  await until('the new certificate is served', () => (/HTTP\/1.1 200/.test(curl(PUBLIC, '/health')) ? true : undefined));
});

test('a revoked certificate is nobody’s at the next request of the same connection, and when the TLS session is resumed', async () => {
  const agent = new https.Agent({ keepAlive: true, maxSockets: 1 });
  const sessions = [];
  const ask = (with_ = agent, more = {}) => new Promise((resolve, reject) => {
    const request = https.get({ host: '127.0.0.1', port, servername: MEMBERS, path: '/account', agent: with_, headers: { Host: `${MEMBERS}:${port}` },
      ca: readFileSync(at('own.pem')), cert: readFileSync(at('kes.pem')), key: readFileSync(at('kes.key')), ...more }, answer => {
      answer.resume();
      answer.on('end', () => resolve({ status: answer.statusCode, reused: request.reusedSocket }));
    });
    request.on('socket', socket => socket.on('session', session => sessions.push(session)));
    request.on('error', reject);
  });
  assert.deepEqual(await ask().then(({ status }) => status), 200);
  const again = await ask();
  assert.ok(again.reused && again.status === 200);
  const fingerprint = wardmote('cert', 'list', ...config).match(/^[0-9a-f]{64}/m)[0];
  wardmote('cert', 'revoke', ...config, fingerprint, '--reason', 'keyCompromise');
  const refused = await until('the running node has heard', async () => { const got = await ask(); return got.status === 303 ? got : undefined; });
  assert.ok(refused.reused, 'the same connection');
  const resumed = await ask(new https.Agent(), { session: sessions.at(-1) });
  assert.equal(resumed.status, 303);
  assert.match(curl(MEMBERS, '/login', ...shows('kes')), /Your certificate is not taken/);
  agent.destroy();
});
