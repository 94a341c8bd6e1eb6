// The pages around the directory's files, in a real browser.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { demo } from '../harness/demo.mjs';
import { everywhere, launch, logIn, reader } from '../harness/browser.mjs';

let node, browser;
before(async () => { node = await demo(); browser = await launch(); });
after(async () => { await browser?.close(); await node?.stop(); });

const PUBLISHED = `Aldermark CERT

1.1 Date of Last Update
14 March 2026
2.1 Name of the Team
Aldermark CERT
2.3 Time Zone
Europe/London
3.1 Mission Statement
We look after the university,
its colleges and its guests.
3.9 Coffee
At ten.
`;

for (const [name, path] of [['exports', '/directory'], ['phones', '/directory/members/phones'], ['description', '/teams/aldermark/rfc2350']]) {
  test(`${name}: readable everywhere`, async () => {
    await everywhere(browser, name, `${node.url}${path}`, page => logIn(page, node));
  });
}

for (const script of [true, false]) {
  test(`a published description is looked at, and what is liked is taken, ${script ? 'with' : 'without'} the script`, async () => {
    const page = await reader(browser, node.url, { script });
    await logIn(page, node);
    await page.goto(`${node.url}/teams/aldermark/rfc2350`);
    await page.getByRole('textbox', { name: 'Text', exact: true }).fill(PUBLISHED);
    await page.getByRole('button', { name: 'Show what would change' }).click();
    await page.getByRole('heading', { name: 'What would change' }).waitFor();
    if (script) {
      assert.match(await page.locator('main').innerText(), /its colleges and its guests/);
      assert.match(await page.locator('main').innerText(), /Coffee/);
      await page.getByRole('button', { name: 'Save the chosen fields' }).click();
      await page.waitForURL(/\/teams\/aldermark$/);
      await page.goto(`${node.url}/teams/aldermark/rfc2350`);
      assert.match(await page.locator('main').innerText(), /its colleges and its guests/);
    } else {
      // Taken before: the record says the same already.
      assert.match(await page.locator('main').innerText(), /Nothing would change|fields?/);
    }
    assert.deepEqual(page.complaints, []);
    await page.context().close();
  });
}
