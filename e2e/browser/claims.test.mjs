// A team proves what it claims by a certificate: openssl makes it, the operator trusts its authority, the team signs and
// hands in on its page.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { everywhere, launch, logIn, reader } from '../harness/browser.mjs';
import { demo } from '../harness/demo.mjs';
import { until } from '../harness/post.mjs';

const EC = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
const WHERE = '/teams/aldermark';
const OFFER = 'Prove claims by a certificate';

let browser, node, session;
before(async () => {
  [browser, node] = await Promise.all([launch(), demo()]);
  const page = await reader(browser, `${node.url}/login`);
  await logIn(page, node);
  session = await page.context().cookies();
  await page.context().close();
});
after(async () => { await browser?.close(); await node?.stop(); });

function run(command, ...args) {
  const { status, stdout, stderr } = spawnSync(command, args, { cwd: node.dir, encoding: 'utf8', timeout: 30_000 });
  assert.equal(status, 0, `${command} ${args.join(' ')}: ${stdout}${stderr}`);
  return stdout;
}

test('a certificate of an authority that is trusted for it proves a domain and a number', async () => {
  const page = await reader(browser, `${node.url}/login`);
  await page.context().addCookies(session);
  await page.goto(node.url + WHERE);
  assert.equal(await page.getByRole('heading', { name: OFFER }).count(), 0, 'nobody is trusted for it yet');

  run('openssl', 'req', '-x509', ...EC, '-keyout', 'ca.key', '-out', 'ca.pem', '-days', '30', '-subj', '/CN=Resources');
  run(process.env.WARDMOTE, 'cert', 'trust', 'add', '--config', join(node.dir, 'wardmote.toml'), 'Resources', 'ca.pem', '--for', 'claims', '--accept-without-crl');
  await until('the offer', async () => {
    await page.reload();
    return await page.getByRole('heading', { name: OFFER }).count() === 1;
  });
  const waits = page.waitForEvent('download');
  await page.getByRole('link', { name: 'The text to sign' }).click();
  const text = join(node.dir, 'aldermark-claims.txt');
  await (await waits).saveAs(text);
  const number = readFileSync(text, 'utf8').match(/^asn AS(\d+)$/m)[1];

  writeFileSync(join(node.dir, 'ext'), `basicConstraints=CA:FALSE\nsubjectAltName=DNS:*.uni.aldermark.example\nsbgp-autonomousSysNum=AS:${number}\n`);
  run('openssl', 'req', '-new', ...EC, '-keyout', 'key.pem', '-out', 'request.pem', '-subj', '/CN=Aldermark');
  run('openssl', 'x509', '-req', '-in', 'request.pem', '-CA', 'ca.pem', '-CAkey', 'ca.key', '-set_serial', '7', '-days', '20', '-extfile', 'ext', '-out', 'cert.pem');
  run('openssl', 'cms', '-sign', '-binary', '-in', text, '-signer', 'cert.pem', '-inkey', 'key.pem', '-outform', 'PEM', '-out', 'claims.p7s');
  await page.getByLabel('Signature', { exact: true }).fill('nothing of the kind');
  await page.getByRole('button', { name: 'Hand in the signature' }).click();
  await page.getByText('this is no signature by a certificate').waitFor();
  await page.getByLabel('Or the signature as a file').setInputFiles(join(node.dir, 'claims.p7s'));
  await page.getByRole('button', { name: 'Hand in the signature' }).click();
  const row = page.getByRole('row', { name: new RegExp(`AS${number}`) });
  await row.getByText('by a certificate: number 07 of Resources').waitFor();
  assert.deepEqual(page.complaints.filter(line => !line.includes('422')), []);
  await page.context().close();
});

test('the page of a team that may prove by a certificate can be read everywhere', async () => {
  await everywhere(browser, 'claims', node.url + WHERE, page => page.context().addCookies(session));
});
