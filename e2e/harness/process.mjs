// Programs under test: started, waited for, stopped.
import { spawn } from 'node:child_process';
import { createServer } from 'node:net';

/** A TCP port that is free now. */
export async function freePort() {
  const server = createServer();
  await new Promise(done => server.listen(0, '127.0.0.1', done));
  const { port } = server.address();
  await new Promise(done => server.close(done));
  return port;
}

/**
 * Starts a program and waits until `answersAt` (a URL) answers and its output holds `says` (a regular expression).
 * Fails with all that it printed when it ends or a minute passes before.
 */
export async function start(program, args, { answersAt, says = /^/, env = {} } = {}) {
  const child = spawn(program, args, { env: { ...process.env, ...env }, stdio: ['ignore', 'pipe', 'pipe'] });
  const running = { output: '', pid: child.pid };
  for (const stream of [child.stdout, child.stderr]) stream.on('data', bytes => { running.output += bytes; });
  let ended;
  const end = new Promise(done => {
    child.on('error', error => done(ended = String(error)));
    child.on('exit', (code, signal) => done(ended = `it ended with ${signal ?? code}`));
  });
  running.stop = async () => {
    if (ended === undefined) {
      child.kill('SIGTERM');
      const patience = setTimeout(() => child.kill('SIGKILL'), 10_000);
      await end;
      clearTimeout(patience);
    }
  };

  const until = Date.now() + 60_000;
  for (;;) {
    if (says.test(running.output) && await answers(answersAt)) return running;
    if (ended !== undefined || Date.now() > until) {
      await running.stop();
      throw new Error(`${program} ${args.join(' ')} is not ready: ${ended ?? 'a minute passed'}. It printed:\n${running.output}`);
    }
    await new Promise(done => setTimeout(done, 50));
  }
}

async function answers(url) {
  try {
    return url === undefined || (await fetch(url, { redirect: 'manual' })).status < 500;
  } catch {
    return false;
  }
}
