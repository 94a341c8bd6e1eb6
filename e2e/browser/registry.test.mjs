// The registry in the browser: from a search to an object, what it names and what names it, the hierarchy, the editor with its two sides.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { everywhere, launch, logIn, reader } from '../harness/browser.mjs';
import { demo } from '../harness/demo.mjs';

let browser, node, session;
before(async () => {
  [browser, node] = await Promise.all([launch(), demo()]);
  const page = await reader(browser, `${node.url}/login`);
  await logIn(page, node);
  session = await page.context().cookies();
  await page.context().close();
});
after(async () => { await browser?.close(); await node?.stop(); });

/** A page of the handler, with or without the script. */
async function open(path, options = {}) {
  const page = await reader(browser, `${node.url}/login`, options);
  await page.context().addCookies(session);
  await page.goto(node.url + path);
  return page;
}

const EDIT = '/registry/edit?source=WARD&class=irt&key=IRT-SKERRY';
const pages = {
  'registry-search': '/registry/search?q=skerry',
  'registry-irt': '/registry/WARD/irt/IRT-SKERRY',
  'registry-mntner': '/registry/WARD/mntner/MNT-SKERRY',
  'registry-tree': '/registry/tree?range=192.0.2.0/24',
  'registry-history': '/registry/history?source=WARD&class=irt&key=IRT-SKERRY',
  'registry-new': '/registry/edit',
  'registry-edit': EDIT,
};

for (const [name, path] of Object.entries(pages)) {
  test(`${name} can be read everywhere`, async () => {
    await everywhere(browser, name, node.url + path, page => page.context().addCookies(session));
  });
}

test('from a search to the object, to its maintainer, and back by what refers to it', async () => {
  const page = await open('/registry');
  await page.getByRole('searchbox', { name: /Find an object/ }).fill('irt-skerry');
  await page.getByRole('button', { name: 'Search' }).click();
  await page.getByRole('link', { name: 'IRT-SKERRY' }).first().click();
  await page.getByRole('heading', { name: 'IRT-SKERRY' }).waitFor();
  await page.locator('pre.rpsl a', { hasText: 'MNT' }).first().click();
  await page.getByRole('heading', { name: /MNT/ }).waitFor();
  assert.deepEqual(page.complaints, []);
  await page.context().close();
});

test('the hierarchy is walked down to an object', async () => {
  const page = await open('/registry/tree?range=192.0.2.0/24');
  await page.getByRole('heading', { name: '192.0.2.0/24' }).waitFor();
  const rows = page.locator('table.tab tbody tr a');
  if (await rows.count() > 0) {
    await rows.first().click();
    await page.locator('.nest .net').nth(1).waitFor();
  }
  await page.context().close();
});

for (const script of [true, false]) {
  test(`what is written in the form is in the text, and is checked before it is saved (${script ? 'with' : 'without'} the script)`, async () => {
    const page = await open(EDIT, { script });
    await page.getByLabel(/^phone/).fill('+00 5550 0999');
    if (!script) await page.getByRole('button', { name: 'Check', exact: true }).click();
    await page.locator('ins', { hasText: '+00 5550 0999' }).waitFor();
    assert.match(await page.getByLabel('Text (RPSL)').inputValue(), /\+00 5550 0999/);
    // And the other way round.
    const text = (await page.getByLabel('Text (RPSL)').inputValue()).replace('+00 5550 0999', '+00 5550 0888');
    await page.getByLabel('Text (RPSL)').fill(text);
    if (!script) await page.getByRole('button', { name: 'Check', exact: true }).click();
    await page.locator('ins', { hasText: '+00 5550 0888' }).waitFor();
    assert.equal(await page.getByLabel(/^phone/).inputValue(), '+00 5550 0888');
    // Nothing typed is lost.
    await page.goto(node.url + EDIT);
    assert.match(await page.getByLabel('Text (RPSL)').inputValue(), /\+00 5550 0888/);
    await page.getByRole('button', { name: 'Drop it' }).click();
    await page.waitForURL(url => url.pathname === '/registry/edit');
    assert.doesNotMatch(await page.getByLabel('Text (RPSL)').inputValue(), /\+00 5550 0888/);
    if (script) assert.deepEqual(page.complaints, []);
    await page.context().close();
  });
}
