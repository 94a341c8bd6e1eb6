// The registry changed by a mail that gpg has signed and swaks sends.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { demo } from '../harness/demo.mjs';
import { body, field, keyring } from '../harness/gpg.mjs';
import { sent, swaks, until } from '../harness/post.mjs';

const REGISTRY = 'auto-dbm@desk.aldermark.example';

const network = descr => `inetnum:        203.0.113.140 - 203.0.113.147
netname:        ALDERMARK-LOGIN
descr:          ${descr}
country:        GB
admin-c:        MA1-WARD
tech-c:         MA1-WARD
status:         ASSIGNED PA
mnt-by:         MNT-ALDERMARK
created:        2014-11-14T16:53:54Z
source:         WARD
`;

let node, ring;
before(async () => { node = await demo(); ring = keyring(node); });
after(async () => { ring?.stop(); await node?.stop(); });

/** The text clear-signed by the key of `signer`. */
function signed(text, signer) {
  const file = join(ring.home, 'update.txt');
  writeFileSync(file, text);
  const { status, content, said } = ring.gpg('--local-user', signer, '--output', '-', '--clear-sign', file);
  assert.equal(status, 0, said);
  return content;
}

/** Sends `text` to the registry and waits for what it answers. */
async function send(text, subject) {
  const before = sent(node).length, file = join(ring.home, 'mail.txt');
  writeFileSync(file, text);
  const { status, said } = swaks(node, '--to', REGISTRY, '--from', 'noc@aldermark.example', '--header', `Subject: ${subject}`, '--body', `@${file}`);
  assert.equal(status, 0, said);
  const answer = await until('an answer by the registry', () => sent(node).slice(before).find(mail => field(mail, 'subject')?.endsWith(`: ${subject}`)));
  return { answer, text: body(answer).replace(/=\r\n/g, ''), others: () => sent(node).slice(before).filter(mail => mail !== answer) };
}

const change = () => network(`Login service, changed ${process.pid}`);

test('a signed mail changes a network, and its sender is told what happened', async () => {
  const { answer, text } = await send(signed(change(), 'cert@aldermark.example'), 'a change');
  assert.equal(field(answer, 'subject'), 'SUCCESS: a change', text);
  assert.match(text, /Modify SUCCEEDED: \[inetnum\] 203\.0\.113\.140 - 203\.0\.113\.147/);
  assert.equal(field(answer, 'auto-submitted'), 'auto-replied');
});

test('the same text again, signed again, is no change', async () => {
  // A signature is known by its key, its second and its text: one of the same second would be a copy.
  await new Promise(later => setTimeout(later, 1_100));
  const { text } = await send(signed(change(), 'cert@aldermark.example'), 'again');
  assert.match(text, /No Operation/i);
});

test('a copy of a signed mail is refused, and those it is about are told', async () => {
  const mail = signed(network('Login service'), 'cert@aldermark.example');
  assert.match((await send(mail, 'back')).text, /Modify SUCCEEDED/);
  const { answer, text, others } = await send(mail.replace(/^Hash: .*$/m, 'Hash: SHA512'), 'a copy');
  assert.equal(field(answer, 'subject'), 'FAILED: a copy');
  assert.match(text, /its signature was used already/);
  const told = await until('a notice to the maintainer', () => others().find(mail => /sent again and refused/.test(field(mail, 'subject') ?? '')));
  assert.equal(field(told, 'to').includes('hostmaster@aldermark.example'), true, told);
});

test('what another team signs changes nothing', async () => {
  const { answer, text } = await send(signed(network('Taken over'), 'duty@skerry.example'), 'by others');
  assert.equal(field(answer, 'subject'), 'FAILED: by others');
  assert.match(text, /Modify FAILED/);
});

test('text that nobody has signed changes nothing', async () => {
  const { text } = await send(network('Unsigned'), 'unsigned');
  assert.match(text, /no part of the mail is signed/);
});
