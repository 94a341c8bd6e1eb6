// Steps that build on each other.
import { test } from 'node:test';
import { shot } from './browser.mjs';

/**
 * Gives `step(name, run)`: a test that is left out when one before it has failed. `reader()`
 * gives the page, of which a picture is left then.
 */
export function story(name, reader) {
  let failed;
  return (words, run) => test(words, async t => {
    if (failed) return t.skip(`"${failed}" has failed`);
    try {
      await run();
    } catch (error) {
      failed = words;
      const page = reader();
      await shot(page, `failed-${name}`).catch(() => {});
      const shown = await page.locator('main').innerText().then(text => text.slice(0, 1500), String);
      throw new Error(`${error.message}\n\non ${page.url()}, which shows:\n${shown}`, { cause: error });
    }
  });
}
