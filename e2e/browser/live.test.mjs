// What happens while a page is open, or on its way, is shown without loading it anew.
import { after, before, test } from 'node:test';
import { launch, logIn, reader } from '../harness/browser.mjs';
import { complain } from '../harness/case.mjs';
import { demo } from '../harness/demo.mjs';
import { until } from '../harness/post.mjs';

let browser, node;
before(async () => { [browser, node] = await Promise.all([launch(), demo()]); });
after(async () => { await browser?.close(); await node?.stop(); });

test('a complaint that comes between the page and its first ear for changes is shown all the same', async () => {
  const page = await reader(browser, 'about:blank');
  await logIn(page, node);
  let mails;
  await page.route(/\/live\b/, async route => {
    mails ??= complain(node);
    const { subject } = mails.at(-1);
    await until(subject, async () => (await (await page.request.get(`${node.url}/reports`)).text()).includes(subject));
    await route.continue();
  });
  await page.goto(`${node.url}/reports`);
  await until('the page asks for changes', () => mails);
  for (const { subject } of mails) await page.locator('[data-row]', { hasText: subject }).waitFor();
  await page.context().close();
});
