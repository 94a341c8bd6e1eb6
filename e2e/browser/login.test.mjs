// Getting in: with the mouse's absence, without the script, and with a wrong password.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { demo } from '../harness/demo.mjs';
import { THEMES, WIDTHS, accessible, everywhere, fits, keyboard, launch, logIn, reader, shot } from '../harness/browser.mjs';

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

test('the answer to a form that was refused, opened again, leads back to the page with the form', async () => {
  await everywhere(browser, 'refused-again', `${node.url}/account/second-factor/confirm`, page => logIn(page, node), { answers: 405 });
  const page = await reader(browser, 'about:blank');
  await logIn(page, node);
  await page.goto(`${node.url}/account/second-factor/confirm`);
  await page.getByRole('link', { name: 'Back to /account' }).click();
  await page.waitForURL(`${node.url}/account`);
});

/** Sends a form of this many bytes, as a page of ours would. */
const send = (page, action, bytes) => Promise.all([page.waitForNavigation(), page.evaluate(([action, bytes]) => {
  const form = Object.assign(document.createElement('form'), { method: 'post', action });
  form.append(Object.assign(document.createElement('textarea'), { name: 'name', value: 'x'.repeat(bytes) }));
  document.body.append(form);
  form.submit();
}, [action, bytes])]);

test('who sends too much is told so on a page of ours', async () => {
  const page = await reader(browser, 'about:blank');
  await logIn(page, node);
  for (const megabytes of [3, 15]) {
    await page.goto(`${node.url}/account`);
    await send(page, '/account/tokens', megabytes << 20);
    await page.getByRole('heading', { name: 'What you sent is larger than this page takes' }).waitFor();
    await accessible(page);
  }
});

test('a form that is too large to be kept over an ended session is told to be lost, before the log-in and after', async () => {
  for (const megabytes of [1, 11]) {
    const page = await reader(browser, 'about:blank');
    await logIn(page, node);
    const cookies = await page.context().cookies();
    await page.goto(`${node.url}/account`);
    // Another window logs out; the form still stands here.
    await page.request.post(`${node.url}/logout`, { headers: { origin: node.url }, maxRedirects: 0 });
    await page.context().addCookies(cookies);
    await send(page, '/account/tokens', megabytes << 20);
    await page.getByRole('alert').getByText('could not be kept: it is larger than 512 KiB').waitFor();
    await page.setViewportSize({ width: 320, height: 900 });
    await fits(page);
    await accessible(page);
    await shot(page, 'lost-login');
    await page.getByLabel('Login', { exact: true }).fill(node.login);
    await page.getByLabel('Password', { exact: true }).fill(node.password);
    await page.getByLabel('Password', { exact: true }).press('Enter');
    await page.getByRole('heading', { name: 'What you sent could not be kept' }).waitFor();
    await accessible(page);
    await shot(page, 'lost-again');
    await page.getByRole('link', { name: 'Back to /account' }).click();
    await page.waitForURL(`${node.url}/account`);
    await page.context().close();
  }
});

test('the secret of one-time codes is a picture for a camera: dark on light, with its margin, in both themes', async () => {
  for (const theme of THEMES) {
    const page = await reader(browser, 'about:blank', { theme });
    await logIn(page, node);
    await page.goto(`${node.url}/account`);
    await page.getByRole('button', { name: 'Set up a new one' }).click();
    const picture = page.getByRole('img', { name: 'The secret as a QR code' });
    await picture.waitFor();
    const paints = await picture.evaluate(svg => [...svg.children].map(part => getComputedStyle(part).fill));
    assert.deepEqual(paints, ['rgb(255, 255, 255)', 'rgb(0, 0, 0)'], theme);
    for (const width of WIDTHS) {
      await page.setViewportSize({ width, height: 900 });
      await fits(page);
      await accessible(page);
      await shot(page, 'second-factor');
    }
    assert.deepEqual(page.complaints, []);
    await page.context().close();
  }
});
