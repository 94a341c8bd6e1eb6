// A demo of its own for a test file: `const node = await demo(); after(() => node.stop());`
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { freePort, start } from './process.mjs';

/** What the demo prints for people to go on with, and tests read. */
const PRINTED = {
  login: /^Log in as +([^\s,]+)/m,
  password: /^Log in as .*password +(\S+)/m,
  smtp: /^SMTP +(\S+:\d+)/m,
  whois: /^Whois +(\S+:\d+)/m,
  sink: /^Sent mail +(\S+)/m,
  keys: /^Team keys +(\S+)/m,
};

/**
 * Runs `wardmote demo` in a new folder until it serves its pages.
 *
 * Gives `url`, `login`, `password`, `smtp` and `whois` (host:port), `sink` (folder of the mails that went out), `keys` (folder of
 * the keys made), `dir`, `output` (all that it printed) and `stop()`. A thing that was not printed fails where it is first asked for.
 */
export async function demo(...args) {
  const dir = mkdtempSync(join(tmpdir(), 'wardmote-demo-'));
  const port = await freePort();
  const url = `http://localhost:${port}`;
  // Port 0: the system chooses a free one, and the demo prints it.
  const program = await start(process.env.WARDMOTE, ['demo', '--dir', dir, '--port', String(port), '--smtp-port', '0', '--whois-port', '0', ...args],
    { answersAt: `${url}/login`, says: PRINTED.password });
  const node = { url, dir, get output() { return program.output; } };
  node.stop = async () => {
    await program.stop();
    rmSync(dir, { recursive: true, force: true });
  };
  for (const [name, pattern] of Object.entries(PRINTED)) {
    Object.defineProperty(node, name, { get() {
      const found = program.output.match(pattern)?.[1];
      if (found === undefined) throw new Error(`the demo did not print its ${name} (${pattern}):\n${program.output}`);
      return found;
    } });
  }
  return node;
}
