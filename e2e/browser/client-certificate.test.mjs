// A person with a certificate of the node's own authority: the browser makes the key, Chromium's own store (NSS) keeps it, the members'
// host lets its owner in without a password, and no longer once it is revoked.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { demo } from '../harness/demo.mjs';
import { accessible, launch, logIn, reader, shot } from '../harness/browser.mjs';
import { MEMBERS, PUBLIC, commands, members } from '../harness/members.mjs';
import { until } from '../harness/post.mjs';
import { story } from '../harness/story.mjs';

// Which certificate goes to which host is asked in a window that a browser without a screen does not have. A policy answers it, and
// Chromium reads policies below /etc alone.
const POLICIES = '/etc/chromium/policies/managed', POLICY = `${POLICIES}/wardmote-test.json`;
const skip = process.getuid() === 0 ? false : `Chromium's policy is written to ${POLICIES}, which only root may do`;

let browser, node, host, page, done, at, made;
before(async () => {
  if (skip) return;
  node = await demo();
  ({ done, at } = commands(node));
  host = await members(node);
  // The node's own certificate is trusted, as those of other sites are.
  mkdirSync(at('home/.pki/nssdb'), { recursive: true });
  done('certutil', '-d', 'sql:home/.pki/nssdb', '-N', '--empty-password');
  done('certutil', '-d', 'sql:home/.pki/nssdb', '-A', '-n', 'own', '-t', 'C,,', '-i', 'own.pem');
  made = mkdirSync(POLICIES, { recursive: true });
  writeFileSync(POLICY, JSON.stringify({ AutoSelectCertificateForUrls: [JSON.stringify({ pattern: host.url, filter: {} })] }));
});
after(async () => {
  await browser?.close();
  await host?.stop();
  await node?.stop();
  if (skip) return;
  rmSync(POLICY, { force: true });
  if (made) rmSync(made, { recursive: true });
});

const step = skip ? words => test(words, { skip }) : story('client-certificate', () => page);

const open = async () => {
  browser = await launch({ home: at('home'), args: [`--host-resolver-rules=MAP ${MEMBERS} 127.0.0.1, MAP ${PUBLIC} 127.0.0.1`] });
  return reader(browser, 'about:blank');
};

step('without a certificate the members’ host asks for a password', async () => {
  page = await open();
  await page.goto(`${host.url}/account`);
  await page.getByLabel('Password', { exact: true }).waitFor();
  await accessible(page);
});

step('the key is made in the browser and put into its store', async () => {
  await logIn(page, { ...node, url: host.plain, login: node.login, password: node.password });
  await until('the running node knows the authority', async () => {
    await page.goto(`${host.plain}/account/certificates`);
    return await page.getByRole('link', { name: 'Get a certificate' }).count() > 0 || undefined;
  });
  await page.getByRole('link', { name: 'Get a certificate' }).click();
  await page.getByLabel('Passphrase for the file').fill('open the file');
  await page.getByRole('button', { name: 'Make key and certificate' }).click();
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: /\.p12/ }).click()]);
  await download.saveAs(at('kes.p12'));
  done('pk12util', '-d', 'sql:home/.pki/nssdb', '-i', 'kes.p12', '-W', 'open the file', '-K', '');
  await browser.close();
});

step('the certificate alone logs its owner in', async () => {
  page = await open();
  await page.goto(`${host.url}/account`);
  await page.getByRole('heading', { name: node.login, exact: true }).waitFor();
  await page.getByText('you are here by one').waitFor();
  assert.deepEqual(await page.context().cookies().then(all => all.filter(({ name }) => name.includes('wardmote'))), [], 'no session is kept');
  await accessible(page);
  await shot(page, 'account-by-certificate');
  await page.goto(`${host.url}/reports`);
  await page.getByRole('heading', { level: 1 }).waitFor();
});

step('the public host does not ask for it', async () => {
  await page.goto(`https://${PUBLIC}:${host.port}/trust`);
  await page.getByRole('heading', { name: /Trust in/ }).waitFor();
});

step('once it is revoked, the very next request is a stranger’s, who is told why', async () => {
  await page.goto(`${host.url}/account`);
  await page.getByText('you are here by one').waitFor();
  const elsewhere = await reader(browser, `${host.plain}/login`);
  await logIn(elsewhere, { ...node, url: host.plain, login: node.login, password: node.password });
  await elsewhere.goto(`${host.plain}/account/certificates`);
  await elsewhere.getByRole('link', { name: /UID=kes/ }).click();
  await elsewhere.getByLabel('Why').selectOption('keyCompromise');
  await elsewhere.getByRole('button', { name: 'Revoke' }).click();
  await elsewhere.getByText('it logs nobody in any more').waitFor();
  await page.goto(`${host.url}/account`);
  assert.match(page.url(), /\/login/);
  await page.getByText('Your certificate is not taken').waitFor();
  await accessible(page);
  await shot(page, 'login-certificate-refused');
});
