// Nothing typed is lost: neither by a page loaded again nor by a line that is down.
import { after, before } from 'node:test';
import assert from 'node:assert/strict';
import { launch, logIn, reader } from '../harness/browser.mjs';
import { demo } from '../harness/demo.mjs';
import { until } from '../harness/post.mjs';
import { story } from '../harness/story.mjs';

let browser, node, page;
before(async () => {
  [browser, node] = await Promise.all([launch(), demo()]);
  page = await reader(browser, `${node.url}/login`);
  await logIn(page, node);
});
after(async () => { await browser?.close(); await node?.stop(); });

const step = story('draft', () => page);
const reply = () => page.locator('#reply-form').getByLabel('Text', { exact: true });
const saved = words => page.locator('#reply-form [data-saved]', { hasText: words }).waitFor();

step('what is typed in a reply is there when the page is loaded again, even at once', async () => {
  await page.goto(`${node.url}/reports/IR-1`);
  await reply().fill('Dear Oda, we have taken the page down');
  await saved(/^saved/);
  await reply().press('End');
  await reply().pressSequentially(' and kept its log.');
  await page.reload(); // before the script saves what has not changed for a while
  assert.equal(await reply().inputValue(), 'Dear Oda, we have taken the page down and kept its log.');
});

step('it is there in another browser of the same person', async () => {
  const other = await reader(browser, `${node.url}/login`);
  await logIn(other, node);
  await other.goto(`${node.url}/reports/IR-1`);
  const there = other.locator('#reply-form textarea');
  await until('the last words', async () => (await there.inputValue()).endsWith('and kept its log.') || !await other.reload());
  await other.context().close();
});

step('while the line is down one goes on writing and is told; when it is back, it is saved', async () => {
  await page.context().setOffline(true);
  await reply().fill('Dear Oda, written in a tunnel.');
  await saved(/not saved yet/);
  await page.locator('#connection', { hasText: 'No connection to the desk' }).waitFor();
  assert.equal(await reply().inputValue(), 'Dear Oda, written in a tunnel.');
  await page.context().setOffline(false);
  await saved(/^saved/);
  await page.locator('#connection').waitFor({ state: 'hidden' });
  await page.reload();
  assert.equal(await reply().inputValue(), 'Dear Oda, written in a tunnel.');
});

step('what was sent is no draft any longer', async () => {
  await page.getByRole('button', { name: 'Send', exact: false }).filter({ visible: true }).first().click();
  const confirm = page.locator('#reply-form').getByLabel('I know that everyone on the way can read this');
  if (await page.getByRole('alert').filter({ visible: true }).count()) {
    await confirm.check();
    await page.getByRole('button', { name: 'Send' }).filter({ visible: true }).first().click();
  }
  await page.locator('.toast').waitFor();
  await page.goto(`${node.url}/reports/IR-1`);
  assert.equal(await reply().inputValue(), '');
});
