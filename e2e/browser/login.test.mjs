// Getting in: with the mouse's absence, without the script, and with a wrong password.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { demo } from '../harness/demo.mjs';
import { everywhere, keyboard, launch, logIn, reader } from '../harness/browser.mjs';

let browser, node;
before(async () => { [browser, node] = await Promise.all([launch(), demo()]); });
after(async () => { await browser?.close(); await node?.stop(); });

const inside = page => new URL(page.url()).pathname !== '/login';

test('the log-in page is readable in both themes, at every width, and by a screen reader', async () => {
  await everywhere(browser, 'login', `${node.url}/login`);
});

test('what the demo prints lets one in with the keyboard alone', async () => {
  const page = await reader(browser, `${node.url}/login`);
  const hands = keyboard(page);
  await hands.to('Login');
  await hands.type(node.login);
  await hands.to('Password');
  await hands.type(node.password);
  await hands.press('Enter');
  await page.waitForURL(url => url.pathname !== '/login');
  assert.deepEqual(page.complaints, []);
});

test('it lets one in without the script, too', async () => {
  const page = await reader(browser, `${node.url}/login`, { script: false });
  await logIn(page, node);
  assert.ok(inside(page));
});

test('a wrong password is told in words, and the login stays typed', async () => {
  const page = await reader(browser, `${node.url}/login`);
  await page.getByLabel('Login', { exact: true }).fill(node.login);
  await page.getByLabel('Password', { exact: true }).fill('not this one');
  await page.getByLabel('Password', { exact: true }).press('Enter');
  // It belongs to the field, which has the cursor: a screen reader says both.
  await page.locator('#f-password[aria-invalid=true]:focus').waitFor();
  assert.match(await page.locator('#f-password-error').innerText(), /login|password/i);
  assert.ok(!inside(page));
  assert.equal(await page.getByLabel('Login', { exact: true }).inputValue(), node.login);
});

test('who is not logged in sees the log-in page, and comes to the page asked for after it', async () => {
  const page = await reader(browser, `${node.url}/account`);
  assert.ok(page.url().startsWith(`${node.url}/login`));
  await page.getByLabel('Login', { exact: true }).fill(node.login);
  await page.getByLabel('Password', { exact: true }).fill(node.password);
  await page.getByLabel('Password', { exact: true }).press('Enter');
  await page.waitForURL(`${node.url}/account`);
});
