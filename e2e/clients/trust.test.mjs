// The record of trust, checked away from the node that wrote it: the program alone, curl, and gpg for the checkpoints.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { demo } from '../harness/demo.mjs';
import { keyring } from '../harness/gpg.mjs';

let node, ring, config, file;

const run = (command, ...args) => {
  const { status, stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', timeout: 60_000 });
  return { status, said: stdout + stderr, stdout };
};
const trust = (...args) => run(process.env.WARDMOTE, 'trust', ...args);
const done = outcome => (assert.equal(outcome.status, 0, outcome.said), outcome);
const fetched = (path, name) => {
  const to = join(node.dir, name);
  done(run('curl', '-sS', '--fail', '-o', to, `${node.url}${path}`));
  return to;
};

before(async () => {
  node = await demo();
  ring = keyring(node);
  config = ['--config', join(node.dir, 'wardmote.toml')];
  file = join(node.dir, 'record.jsonl');
  done(trust('export', ...config, file));
});
after(async () => { ring?.stop(); await node?.stop(); });

test('a record is checked without its node, and says who had which standing on any day', () => {
  const { said } = done(trust('verify', file));
  assert.match(said, /\d+ entries follow one another/);
  assert.match(said, /nobody vouches for it/, 'no checkpoint, no promise');
  const today = JSON.parse(done(trust('at', '2099-01-01', '--from', file, '--json')).stdout);
  const here = JSON.parse(done(trust('at', '2099-01-01', ...config, '--json')).stdout);
  assert.ok(today.some(team => team.standing === 'accredited'));
  assert.deepEqual(today.map(team => [team.handle, team.standing]), here.map(team => [team.handle, team.standing]));
  assert.equal(done(trust('at', '1999-12-31', '--from', file)).stdout, '');
  done(trust('check', ...config));
});

test('one changed letter, one line less, or half a line is found out, with its place', () => {
  const lines = readFileSync(file, 'utf8').trimEnd().split('\n');
  const other = join(node.dir, 'other.jsonl');
  const refused = (changed, expected) => {
    writeFileSync(other, changed.join('\n') + '\n');
    const { status, said } = trust('verify', other);
    assert.equal(status, 1, said);
    assert.match(said, expected);
  };
  refused(lines.map((line, n) => n === 2 ? line.replace('kept on paper', 'kept in a book') : line), /entry 2/);
  refused(lines.filter((_, n) => n !== 3), /entry 3/);
  refused(lines.slice(0, -1), /cut off/);
  refused([...lines.slice(0, -1), lines.at(-1).slice(0, 100)], /cut off/);
});

test('a published checkpoint is good for gpg, and who kept it sees whether history was rewritten', () => {
  done(trust('checkpoint', ...config));
  const statement = fetched('/trust/checkpoint.txt', 'checkpoint.txt');
  const signature = fetched('/trust/checkpoint.txt.asc', 'checkpoint.txt.asc');
  const { status, said } = ring.gpg('--verify', signature, statement);
  assert.equal(status, 0, said);
  assert.match(said, /GOODSIG/);
  const kept = fetched('/trust/checkpoint', 'kept.txt');
  const record = fetched('/trust/record.jsonl', 'fetched.jsonl');
  assert.match(done(trust('verify', record, '--checkpoint', kept)).said, /checkpoint \d+: agrees/);
  writeFileSync(kept, readFileSync(kept, 'utf8').replace(/^Digest: ..../m, 'Digest: 0000'));
  const rewritten = trust('verify', record, '--checkpoint', kept);
  assert.equal(rewritten.status, 1);
  assert.match(rewritten.said, /history was rewritten/);
});
