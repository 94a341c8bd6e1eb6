// Certificates for people: the key is made in the browser, and openssl reads the files that it offers.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { demo } from '../harness/demo.mjs';
import { accessible, everywhere, launch, logIn, reader, shot } from '../harness/browser.mjs';
import { until } from '../harness/post.mjs';

let browser, node, page;
const run = (command, ...args) => {
  const { stdout, stderr } = spawnSync(command, args, { encoding: 'utf8', timeout: 60_000, cwd: node.dir });
  return stdout + stderr;
};

before(async () => {
  [browser, node] = await Promise.all([launch(), demo()]);
  page = await reader(browser, `${node.url}/login`);
  await logIn(page, node);
});
after(async () => { await browser?.close(); await node?.stop(); });

test('before there is an authority, the pages say so', async () => {
  await page.goto(`${node.url}/account/certificates`);
  await page.getByText('has no certification authority yet').waitFor();
  await accessible(page);
});

test('the key is made in the browser; the file opens with its passphrase and verifies up to the root', async () => {
  writeFileSync(join(node.dir, 'passphrase'), 'a passphrase of several words\n');
  const begun = run(process.env.WARDMOTE, 'cert', 'init', '--config', join(node.dir, 'wardmote.toml'), '--community', 'Demo CERTs', '--root-out', 'root.pem', '--passphrase-file', 'passphrase');
  assert.match(begun, /issuing-\w+ +issuing +active/);
  await until('the running node knows', async () => {
    await page.goto(`${node.url}/account/certificates`);
    return await page.getByRole('link', { name: 'Get a certificate' }).count() > 0 || undefined;
  });
  await page.getByRole('link', { name: 'Get a certificate' }).click();
  await page.getByRole('heading', { name: 'In this browser' }).waitFor();
  await accessible(page);
  await shot(page, 'certificate-new');
  const sent = [];
  page.on('request', request => sent.push(request.postData() ?? ''));
  await page.getByLabel('Passphrase for the file').fill('open the file');
  await page.getByRole('button', { name: 'Make key and certificate' }).click();
  const link = page.getByRole('link', { name: /\.p12/ });
  await link.waitFor();
  await accessible(page);
  await shot(page, 'certificate-made');
  for (const [name, file] of [[/\.p12/, 'kes.p12'], [/\.pem/, 'kes.pem']]) {
    const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name }).click()]);
    await download.saveAs(join(node.dir, file));
  }
  assert.ok(sent.some(body => body.includes('CERTIFICATE+REQUEST')), 'the request was sent');
  assert.ok(!sent.some(body => body.includes('PRIVATE')), 'the key was not');
  assert.deepEqual(page.complaints, []);

  assert.match(run('openssl', 'pkcs12', '-in', 'kes.p12', '-passin', 'pass:open the file', '-nodes', '-out', 'all.pem', '-info'), /MAC: sha256/);
  assert.match(run('openssl', 'pkcs12', '-in', 'kes.p12', '-passin', 'pass:another', '-nodes', '-out', 'no.pem'), /invalid password|Mac verify error/i);
  assert.match(run('openssl', 'verify', '-x509_strict', '-purpose', 'sslclient', '-CAfile', 'root.pem', '-untrusted', 'all.pem', 'all.pem'), /all\.pem: OK/);
  const publicKey = run('openssl', 'x509', '-in', 'all.pem', '-noout', '-pubkey');
  assert.equal(run('openssl', 'pkey', '-in', 'all.pem', '-pubout'), publicKey, 'key and certificate belong together');
  assert.equal(run('openssl', 'pkey', '-in', 'kes.pem', '-passin', 'pass:open the file', '-pubout'), publicKey);
});

test('the list shows it, and its holder revokes it', async () => {
  await page.goto(`${node.url}/account/certificates`);
  await page.getByRole('link', { name: /UID=kes/ }).click();
  await accessible(page);
  await shot(page, 'certificate');
  await page.getByLabel('Why').selectOption('keyCompromise');
  await page.getByRole('button', { name: 'Revoke' }).click();
  await page.getByText('it logs nobody in any more').waitFor();
  await page.getByText('somebody else may have the key').waitFor();
});

test('a request with foreign names comes back with what is wrong, and what was typed', async () => {
  run('openssl', 'req', '-new', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-keyout', 'k.pem', '-out', 'foreign.csr', '-subj', '/CN=Somebody Else');
  await page.goto(`${node.url}/account/certificates/new`);
  await page.getByLabel('The request').fill(run('cat', 'foreign.csr'));
  await page.getByRole('button', { name: 'Get the certificate' }).click();
  await page.getByText('which is not yours to have').waitFor();
  assert.match(await page.getByLabel('The request').inputValue(), /BEGIN CERTIFICATE REQUEST/);
});

test('all its pages can be read in both themes and narrow', async () => {
  await everywhere(browser, 'pki', `${node.url}/pki`);
  for (const [name, path] of [['certificates', '/account/certificates'], ['certificate-get', '/account/certificates/new'], ['certificates-team', '/settings/certificates']]) {
    await everywhere(browser, name, `${node.url}${path}`, one => logIn(one, node));
  }
});
