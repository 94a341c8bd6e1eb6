// Passkeys, by Chromium's virtual authenticator: added, log-in, second step, proof before a dangerous act, a copy, removed.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { demo } from '../harness/demo.mjs';
import { accessible, launch, logIn, reader, shot } from '../harness/browser.mjs';

let browser, node, page, devices, device;
before(async () => {
  [browser, node] = await Promise.all([launch(), demo()]);
  page = await reader(browser, `${node.url}/login`);
  devices = await page.context().newCDPSession(page);
  await devices.send('WebAuthn.enable');
  device = await plugIn();
});
after(async () => { await browser?.close(); await node?.stop(); });

/** A device that verifies its owner; `verifies: false`: somebody else's finger. */
async function plugIn({ verifies = true } = {}) {
  const options = { protocol: 'ctap2', transport: 'internal', hasResidentKey: true, hasUserVerification: true, isUserVerified: verifies, automaticPresenceSimulation: true };
  return (await devices.send('WebAuthn.addVirtualAuthenticator', { options })).authenticatorId;
}

const credentials = async () => (await devices.send('WebAuthn.getCredentials', { authenticatorId: device })).credentials;
const press = name => page.getByRole('button', { name, exact: true }).click();
const out = async () => { await page.goto(`${node.url}/logout`); await press('Log out here'); await page.waitForURL('**/login'); };
const inside = () => page.waitForURL(url => !url.pathname.startsWith('/login'));

test('a passkey is added on the account page', async () => {
  await logIn(page, node);
  await page.goto(`${node.url}/account`);
  await page.getByLabel('Name of the device').fill('key ring');
  await press('Add a passkey');
  await page.getByRole('rowheader', { name: 'key ring' }).waitFor();
  const [made] = await credentials();
  assert.ok(made.isResidentCredential && made.rpId === 'localhost');
  await accessible(page);
  await shot(page, 'account-passkeys');
});

test('the same device is not added twice', async () => {
  await page.getByLabel('Name of the device').fill('the same');
  await press('Add a passkey');
  await page.getByText('has a passkey for your account already').waitFor();
});

test('it lets its owner in alone', async () => {
  await out();
  await shot(page, 'login-passkey');
  await accessible(page);
  await press('Log in with a passkey');
  await inside();
  await page.goto(`${node.url}/account`);
  await page.getByRole('heading', { name: node.login, level: 1 }).waitFor();
});

test('after the password it is the second step', async () => {
  await out();
  await page.getByLabel('Login', { exact: true }).fill(node.login);
  await page.getByLabel('Password', { exact: true }).fill(node.password);
  await press('Log in');
  await page.waitForURL('**/login/code');
  await shot(page, 'login-second-step');
  await accessible(page);
  await press('Use your passkey');
  await inside();
});

test('a proof by passkey can be given at any time', async () => {
  await page.goto(`${node.url}/step-up?next=/account`);
  await shot(page, 'step-up');
  await accessible(page);
  await press('Use your passkey');
  await page.waitForURL(url => url.pathname === '/account');
});

test('somebody who is not verified by the device is not let in', async () => {
  await out();
  await devices.send('WebAuthn.setUserVerified', { authenticatorId: device, isUserVerified: false });
  await press('Log in with a passkey');
  await page.locator('[data-told]').filter({ hasText: 'Nothing was done' }).waitFor();
  await devices.send('WebAuthn.setUserVerified', { authenticatorId: device, isUserVerified: true });
});

test('a passkey whose counter goes backwards is shut, and can be removed', async () => {
  const [original] = await credentials();
  await devices.send('WebAuthn.removeVirtualAuthenticator', { authenticatorId: device });
  device = await plugIn();
  await devices.send('WebAuthn.addCredential', { authenticatorId: device, credential: { ...original, signCount: 0 } });
  await page.goto(`${node.url}/login`);
  await press('Log in with a passkey');
  await page.getByText('its counter went backwards').waitFor();
  await shot(page, 'login-passkey-shut');
  // With the only passkey shut, the password is all the account has.
  await logIn(page, node);
  await page.goto(`${node.url}/account`);
  await page.getByText('it may have been copied').waitFor();
  await press('Remove');
  await page.getByText('The passkey is removed.').waitFor();
  assert.equal(await page.getByRole('rowheader', { name: 'key ring' }).count(), 0);
});

test('without the script nothing is offered that cannot work', async () => {
  const plain = await reader(browser, `${node.url}/login`, { script: false });
  assert.equal(await plain.getByRole('button', { name: 'Log in with a passkey' }).count(), 0);
  await plain.context().close();
});
