// Mail from a real client to the demo's listener.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { demo } from '../harness/demo.mjs';

let node;
before(async () => { node = await demo(); });
after(() => node?.stop());

const swaks = (...args) => {
  const { status, stdout, stderr } = spawnSync('swaks', ['--server', node.smtp, '--from', 'duty@skerry.example', ...args], { encoding: 'utf8', timeout: 30_000 });
  return { status, said: stdout + stderr };
};

test('a mail to the desk is taken over', () => {
  const { status, said } = swaks('--to', 'cert@aldermark.example', '--header', 'Subject: scan from 198.51.100.7', '--body', '198.51.100.7 scans us.');
  assert.equal(status, 0, said);
  assert.match(said, /^<-\s+250 2\.0\.0 stored/m);
});

test('mail for others is not relayed', () => {
  const { status, said } = swaks('--to', 'somebody@elsewhere.example');
  assert.notEqual(status, 0);
  assert.match(said, /^<\*\* 550 /m);
});
