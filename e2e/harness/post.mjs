// Mail to and from a demo: in by swaks, out by its sink.
import assert from 'node:assert/strict';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

/** Runs swaks against the demo's listener. */
export function swaks(node, ...args) {
  const { status, stdout, stderr } = spawnSync('swaks', ['--server', node.smtp, ...args], { encoding: 'utf8', timeout: 30_000 });
  return { status, said: stdout + stderr };
}

/** Hands in `mail` (lines end in CRLF) from `from` to `to`; fails unless it was taken over. */
export function handIn(node, mail, from, to = 'cert@aldermark.example') {
  const file = join(node.dir, 'handed-in.eml');
  writeFileSync(file, mail.replace(/\r\n$/, '')); // swaks ends the last line itself
  const { status, said } = swaks(node, '--from', from, '--to', to, '--data', `@${file}`);
  assert.equal(status, 0, said);
}

/** The mails that went out so far, oldest first, one character per byte, lines ended by CRLF. */
export function sent(node) {
  return readdirSync(node.sink).filter(name => name.endsWith('.eml')).sort()
    .map(name => readFileSync(join(node.sink, name), 'latin1').replace(/\r?\n/g, '\r\n'));
}

/** Looks until `look` gives something; fails with `what` was waited for when `seconds` are over. */
export async function until(what, look, seconds = 45) {
  for (const end = Date.now() + seconds * 1000; ;) {
    const found = await look();
    if (found) return found;
    if (Date.now() > end) assert.fail(`${what}: not within ${seconds} s`);
    await new Promise(done => setTimeout(done, 100));
  }
}
