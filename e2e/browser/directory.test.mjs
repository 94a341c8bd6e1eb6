// The directory: search, the team's page, and the team's own form for its record, with and without the script.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { everywhere, launch, logIn, reader, shot } from '../harness/browser.mjs';
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

/** A page of the team's administrator, with or without the script. */
async function open(path, options = {}) {
  const page = await reader(browser, `${node.url}/login`, options);
  await page.context().addCookies(session);
  await page.goto(node.url + path);
  return page;
}

const pages = { 'directory': '/teams', 'directory-found': '/teams?q=192.0.2.7', 'team': '/teams/skerry', 'team-edit': '/teams/aldermark/edit' };
for (const [name, path] of Object.entries(pages)) {
  test(`${name} can be read everywhere`, async () => {
    await everywhere(browser, name, node.url + path, page => page.context().addCookies(session));
  });
}

test('a team is found by an address of its constituency and by country', async () => {
  const page = await open('/teams');
  await page.getByRole('searchbox', { name: /Name, host, domain/ }).fill('192.0.2.7');
  await page.getByRole('button', { name: 'Find' }).click();
  await page.waitForURL(url => url.search.includes('q=192.0.2.7'));
  await page.getByRole('link', { name: 'CERT Skerry' }).click();
  await page.getByRole('heading', { name: 'CERT Skerry' }).waitFor();
  assert.deepEqual(page.complaints, []);
  await page.context().close();
});

for (const script of [true, false]) {
  const mission = `We help the quarter of ${script ? 'masts' : 'quays'}.`;
  test(`a team edits its record and sees first what changes (${script ? 'with' : 'without'} the script)`, async () => {
    const page = await open('/teams/aldermark', { script });
    await page.getByRole('link', { name: /^Edit/ }).click();
    await page.getByLabel('Mission', { exact: true }).fill(mission);
    await page.getByLabel('Founded on', { exact: true }).fill('long ago');
    await page.getByRole('button', { name: 'Show what changes' }).first().click();
    await page.getByText('1 field cannot be taken').waitFor();
    await page.getByText('is no day: write 2014-09-01').waitFor();
    assert.equal(await page.getByLabel('Mission', { exact: true }).inputValue(), mission, 'nothing typed is lost');
    if (script) await shot(page, 'team-edit-wrong');

    await page.getByLabel('Founded on', { exact: true }).fill('2009-05-01');
    await page.getByRole('button', { name: 'Show what changes' }).first().click();
    await page.locator('ins', { hasText: mission }).waitFor();
    if (script) await shot(page, 'team-edit-changes');
    await page.getByRole('button', { name: /^Save these changes/ }).click();
    await page.waitForURL(url => url.pathname === '/teams/aldermark');
    await page.getByText(mission).waitFor();
    await page.getByText(/Record changed: .*mission/).first().waitFor();
    // A browser notes the page that came with the status of a mistake.
    assert.deepEqual(page.complaints.filter(line => !line.includes('status of 422')), []);
    await page.context().close();
  });
}

test('rows are added when they are needed, and what was typed stays', async () => {
  const page = await open('/teams/aldermark/edit', { script: false });
  await page.getByLabel('Mission', { exact: true }).fill('half a sen');
  const before = await page.getByLabel('Number', { exact: true }).count();
  await page.locator('#reach').getByRole('button', { name: 'More rows' }).nth(1).click();
  assert.ok(await page.getByLabel('Number', { exact: true }).count() > before);
  assert.equal(await page.getByLabel('Mission', { exact: true }).inputValue(), 'half a sen');
  await page.context().close();
});

test('a session that ends in the middle of the form loses nothing', async () => {
  const page = await open('/teams/aldermark/edit', { script: false });
  await page.getByLabel('Authority', { exact: true }).fill('By the charter of the harbour.');
  // Ended elsewhere: the browser still has the cookie, as after a night.
  const elsewhere = await open('/account', { script: false });
  await elsewhere.getByRole('button', { name: 'Log out', exact: true }).click();
  await elsewhere.context().close();
  await page.getByRole('button', { name: 'Show what changes' }).first().click();
  await page.getByLabel('Login', { exact: true }).fill(node.login);
  await page.getByLabel('Password', { exact: true }).fill(node.password);
  await page.getByLabel('Password', { exact: true }).press('Enter');
  await page.waitForURL(url => !url.pathname.startsWith('/login'));
  await page.getByRole('button', { name: /send/i }).first().click();
  await page.locator('ins', { hasText: 'By the charter of the harbour.' }).waitFor();
  await page.context().close();
});
