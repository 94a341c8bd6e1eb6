// Runs browser and client tests: `node run.mjs [FOLDER/ | FILE]…`, all unless told.
//
// WARDMOTE names the program (target/release/wardmote unless told), CHROMIUM the browser, GALLERY_BIN the example that
// shows the parts of all pages; without it the tests of the parts are left out.
import { run } from 'node:test';
import { spec } from 'node:test/reporters';
import { existsSync, readdirSync, statSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { freePort, start } from './harness/process.mjs';

const here = import.meta.dirname ?? new URL('.', import.meta.url).pathname;
process.chdir(here);

const asked = process.argv.slice(2).length ? process.argv.slice(2) : ['clients/', 'browser/'];
const files = asked.flatMap(path => statSync(path).isDirectory()
  ? readdirSync(path).filter(name => name.endsWith('.test.mjs')).sort().map(name => join(path, name))
  : [path]).map(path => resolve(path));
if (files.length === 0) fail(`no *.test.mjs in ${asked.join(', ')}`);

process.env.WARDMOTE ??= resolve('../target/release/wardmote');
if (!existsSync(process.env.WARDMOTE)) fail(`${process.env.WARDMOTE} is not there; run \`cargo build --release\`, or name the program with WARDMOTE`);

const ofTheParts = files.filter(file => file.includes('/platform/ui/'));
let gallery;
if (ofTheParts.length) {
  const program = process.env.GALLERY_BIN;
  if (!program) fail('GALLERY_BIN names the example `gallery` of the crate ui; ./test browser builds it');
  const port = await freePort();
  process.env.GALLERY = `http://127.0.0.1:${port}`;
  gallery = await start(program, [String(port)], { answersAt: process.env.GALLERY });
}

// One after the other: each starts a node of its own and measures nothing that two would not disturb.
let failed = 0;
run({ files, concurrency: 1, timeout: 10 * 60_000 })
  .on('test:fail', () => { failed += 1; })
  .on('end', async () => {
    await gallery?.stop();
    process.exitCode = failed ? 1 : 0;
  })
  .compose(new spec())
  .pipe(process.stdout);

function fail(words) {
  console.error(words);
  process.exit(1);
}
