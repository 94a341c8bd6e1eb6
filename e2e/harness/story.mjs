// Steps that build on each other.
import { test } from 'node:test';
import { shot } from './browser.mjs';

/** Gives `step(name, run)`: a test that is left out when one before it has failed. `reader()` gives the page for the picture then. */
export function story(name, reader) {
  let failed;
  return (words, run) => test(words, async t => {
    if (failed) return t.skip(`"${failed}" has failed`);
    try {
      await run();
    } catch (error) {
      failed = words;
      if (reader()) {
        await shot(reader(), `failed-${name}`).catch(() => {});
        error.message += `\non ${reader().url()}, which says: ${await reader().locator('main').innerText().then(text => text.slice(0, 1500), String)}`;
      }
      throw error;
    }
  });
}
