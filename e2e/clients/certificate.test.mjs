// A change authorised by a client certificate that nobody vouches for: openssl makes it, curl shows it.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { demo } from '../harness/demo.mjs';
import { body, field, keyring } from '../harness/gpg.mjs';
import { sent, swaks, until } from '../harness/post.mjs';
import { freePort, start } from '../harness/process.mjs';

let node, ring, members, program;

const run = (command, ...args) => {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', timeout: 30_000 });
  return { status, said: stdout + stderr };
};

/** A self-signed certificate and its key. */
function certificate(name) {
  const [cert, key] = ['pem', 'key'].map(end => join(node.dir, `${name}.${end}`));
  const made = run('openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '2',
    '-subj', `/CN=${name}`, '-addext', 'subjectAltName=DNS:localhost', '-out', cert, '-keyout', key);
  assert.equal(made.status, 0, made.said);
  return { cert, key };
}

/** Sends objects signed by Aldermark's key; the answer's text. */
async function signed(text, subject) {
  const file = join(ring.home, 'update.txt'), before = sent(node).length;
  writeFileSync(file, text);
  const { status, content, said } = ring.gpg('--local-user', 'cert@aldermark.example', '--output', '-', '--clear-sign', file);
  assert.equal(status, 0, said);
  writeFileSync(file, content);
  assert.equal(swaks(node, '--to', 'auto-dbm@desk.aldermark.example', '--from', 'noc@aldermark.example', '--header', `Subject: ${subject}`, '--body', `@${file}`).status, 0);
  const answer = await until('an answer by the registry', () => sent(node).slice(before).find(mail => field(mail, 'subject')?.endsWith(`: ${subject}`)));
  assert.equal(field(answer, 'subject'), `SUCCESS: ${subject}`, body(answer));
  return body(answer).replace(/=\r\n/g, '');
}

/** What syncupdates says to a change of the network; `more` are curl's options. */
const change = (descr, ...more) => run('curl', '-sS', '--cacert', members.own.cert, ...more, '--data-urlencode', `DATA@${network(descr)}`, `${members.url}/syncupdates/WARD`);

function network(descr) {
  const file = join(node.dir, 'network.txt');
  writeFileSync(file, `inetnum: 203.0.113.140 - 203.0.113.147\nnetname: ALDERMARK-LOGIN\ndescr: ${descr}\ncountry: GB\nadmin-c: MA1-WARD\ntech-c: MA1-WARD\nstatus: ASSIGNED PA\nmnt-by: MNT-ALDERMARK\nsource: WARD\n`);
  return file;
}

before(async () => {
  node = await demo();
  ring = keyring(node);
  members = { member: certificate('member'), stranger: certificate('stranger'), own: certificate('localhost') };
  const lines = readFileSync(members.member.cert, 'utf8').trim().split('\n').map(line => `certif: ${line}\n`).join('');
  const answer = await signed(`key-cert: AUTO-1\nmethod: X509\n${lines}mnt-by: MNT-ALDERMARK\nsource: WARD\n`, 'certificate');
  const name = answer.match(/X509-\d+/)[0];
  const key = run(process.env.WARDMOTE, 'registry', 'show', '--config', join(node.dir, 'wardmote.toml'), 'mntner', 'MNT-ALDERMARK').said.match(/^auth: +(PGPKEY-\S+)/m)[1];
  await signed(`mntner: MNT-ALDERMARK\ndescr: Aldermark\nadmin-c: MA1-WARD\nupd-to: hostmaster@aldermark.example\nauth: ${key}\nauth: ${name}\nmnt-by: MNT-ALDERMARK\nsource: WARD\n`, 'maintainer');

  // The same node again, with the listener for members.
  const port = await freePort(), url = `https://localhost:${port}`;
  const env = { WARDMOTE_WEB__LISTEN: `127.0.0.1:${await freePort()}`, WARDMOTE_SMTP__LISTEN: `127.0.0.1:${await freePort()}`, WARDMOTE_WHOIS__LISTEN: `127.0.0.1:${await freePort()}`,
    WARDMOTE_TLS__ENABLED: 'true', WARDMOTE_TLS__LISTEN: `127.0.0.1:${port}`, WARDMOTE_TLS__CERT: members.own.cert, WARDMOTE_TLS__KEY: members.own.key };
  members.plain = `http://${env.WARDMOTE_WEB__LISTEN}`;
  program = await start(process.env.WARDMOTE, ['serve', '--config', join(node.dir, 'wardmote.toml')], { env, answersAt: `${members.plain}/login` });
  members.url = url;
});
after(async () => { await program?.stop(); ring?.stop(); await node?.stop(); });

const shows = ({ cert, key }) => ['--cert', cert, '--key', key];

test('the certificate that an auth names changes the network', () => {
  const { said } = change('by certificate', ...shows(members.member));
  assert.match(said, /Modify SUCCEEDED: \[inetnum\] 203\.0\.113\.140 - 203\.0\.113\.147/);
});

test('another certificate, or none, changes nothing', () => {
  assert.match(change('by a stranger', ...shows(members.stranger)).said, /Modify FAILED/);
  assert.match(change('by nobody').said, /Modify FAILED/);
});

test('a certificate in a header is believed by neither listener', () => {
  const pem = encodeURIComponent(readFileSync(members.member.cert, 'utf8'));
  const headers = ['x-client-cert', 'x-ssl-client-cert', 'client-cert', 'ssl-client-cert'].flatMap(name => ['-H', `${name}: ${pem}`]);
  assert.match(change('by a header', ...headers).said, /Modify FAILED/);
  const plain = run('curl', '-sS', ...headers, '--data-urlencode', `DATA@${network('by a header')}`, `${members.plain}/syncupdates/WARD`);
  assert.match(plain.said, /Modify FAILED/);
});

test('doctor says how long the node’s own certificate is good', () => {
  process.env.WARDMOTE_TLS__ENABLED = 'true';
  process.env.WARDMOTE_TLS__CERT = members.own.cert;
  process.env.WARDMOTE_TLS__KEY = members.own.key;
  const { said } = run(process.env.WARDMOTE, 'doctor', '--config', join(node.dir, 'wardmote.toml'));
  assert.match(said, /BAD +tls +127\.0\.0\.1:8443, certificate good for 1 days: renew it/);
});
