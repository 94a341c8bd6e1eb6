// The whole job: complaints come in, those responsible are asked, one answers, the reporters are told.
import { after, before } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { launch, logIn, reader } from '../harness/browser.mjs';
import { ADDRESSES, answerFromKestrelby, complain } from '../harness/case.mjs';
import { demo } from '../harness/demo.mjs';
import { field, keyring } from '../harness/gpg.mjs';
import { handIn, sent, until } from '../harness/post.mjs';
import { story } from '../harness/story.mjs';

let browser, node, ring, page, mails;
before(async () => {
  [browser, node] = await Promise.all([launch(), demo()]);
  ring = keyring(node);
  page = await reader(browser, `${node.url}/login`);
  await logIn(page, node);
});
after(async () => { ring?.stop(); await browser?.close(); await node?.stop(); });

const step = story('job', () => page);
const row = subject => page.locator('[data-row]', { hasText: subject });
const button = name => page.getByRole('button', { name }).filter({ visible: true }).first();
const toast = () => page.locator('.toast');
const to = recipient => sent(node).filter(mail => field(mail, 'to').includes(recipient));

step('complaints appear in the open inbox by themselves, each with who is responsible in its row', async () => {
  await page.goto(`${node.url}/reports`);
  mails = complain(node);
  for (const { subject } of mails) await row(subject).waitFor();
  await row(mails[0].subject).getByText('Harbrook FinCSIRT').waitFor();
  await row(mails[0].subject).getByText('198.18.8.70').waitFor();
  await row(mails[0].subject).getByText('TLP:AMBER', { exact: true }).waitFor();
  await row(mails[2].subject).getByText('Brackwater Hosting Abuse').waitFor();
});

step('a report becomes an incident, and with one press it is undone', async () => {
  await row(mails[0].subject).getByRole('link', { name: mails[0].subject }).click();
  await page.locator('#preview h2', { hasText: mails[0].subject }).waitFor();
  await button('New incident').click();
  await toast().getByText('INC-2').waitFor();
  await row(mails[0].subject).waitFor({ state: 'detached' });
  await button('Undo').click();
  await row(mails[0].subject).waitFor();
  await page.goto(`${node.url}/incidents`);
  assert.equal(await page.locator('[data-row]').count(), 1, 'the incident that was taken back is still open');
});

step('other reports about the same are pointed out, and linked in bulk; that can be undone, too', async () => {
  await page.goto(`${node.url}/reports`);
  await row(mails[0].subject).getByRole('link', { name: mails[0].subject }).click();
  await page.locator('#preview h2', { hasText: mails[0].subject }).waitFor();
  await button('New incident').click();
  await row(mails[0].subject).waitFor({ state: 'detached' });

  await row(mails[1].subject).getByRole('link', { name: mails[1].subject }).click();
  await page.locator('#preview', { hasText: 'Looks like INC-3' }).waitFor();

  const link = async () => {
    for (const { subject } of mails.slice(1)) await row(subject).getByRole('checkbox').check();
    await page.getByText('2 selected').waitFor();
    await page.locator('#bulk').getByRole('button', { name: 'Link to…' }).click();
    await page.getByRole('button', { name: 'Link to INC-3' }).click();
    await toast().getByText(/2 reports linked to INC-3/).waitFor();
  };
  await link();
  await button('Undo').click();
  await toast().getByText('Taken back').waitFor();
  await page.goto(`${node.url}/reports`);
  await link();
  await page.goto(`${node.url}/incidents/INC-3`);
  for (const { subject } of mails) await page.getByText(subject).filter({ visible: true }).first().waitFor();
});

step('before anything leaves, one sees each mail and reads who could read it', async () => {
  await page.getByRole('link', { name: 'Investigate' }).click();
  await page.getByRole('heading', { name: /Investigate: 4 rows, 3 mails/ }).waitFor();
  await page.getByText('Those at Harbrook FinCSIRT who hold the key').first().waitFor();
  await page.getByText('Everyone on the way: they are not in the directory, and no key is known.').first().waitFor();
  await page.getByRole('button', { name: 'Preview of the mail to Kestrelby County CERT' }).click();
  const preview = page.locator('#preview');
  await preview.getByText('Those at Kestrelby County CERT who hold the key').waitFor();
  await preview.getByText('198.18.16.70').first().waitFor();
  assert.equal(await preview.getByText('198.18.8.70').count(), 0, 'Kestrelby is shown what is Harbrook’s');
});

step('a mail that everyone on the way can read is held until that is confirmed', async () => {
  const before = sent(node).length;
  await page.getByRole('checkbox', { name: 'Send to Brackwater Hosting Abuse' }).check();
  await button('Send the marked mails').click();
  await page.getByRole('alert').filter({ hasText: /Brackwater/ }).waitFor();
  assert.equal(sent(node).length, before);
  await page.getByLabel('I know that everyone on the way can read this').check();
  await button('Send the marked mails').click();
  await page.waitForURL(`${node.url}/incidents/INC-3`);
  await toast().getByText('3 mails').waitFor();
});

step('the mails leave when they can no longer be taken back: signed, encrypted to those with a key, each with its own rows', async () => {
  const [harbrook, kestrelby, brackwater] = await until('three mails in the sink', () => {
    const found = ['harbrook.example', 'kestrelby.example', 'brackwater.example'].map(to);
    return found.every(mails => mails.length === 1) && found.map(([mail]) => mail);
  });
  for (const [mail, theirs] of [[harbrook, ADDRESSES.slice(0, 2)], [kestrelby, [ADDRESSES[2]]]]) {
    assert.match(field(mail, 'subject'), /^\[INC-3\] TLP:AMBER$/, 'the subject outside tells nothing');
    const { content, said } = ring.open(mail);
    assert.match(said, /GOODSIG/);
    const text = opened(content);
    for (const address of ADDRESSES) assert.equal(text.includes(address), theirs.includes(address), `${address} in the mail to ${field(mail, 'to')}`);
  }
  assert.match(field(brackwater, 'subject'), /TLP:AMBER/);
  assert.match(ring.verify(brackwater), /GOODSIG/);
  assert.match(ring.verify(brackwater, signed => signed.replace(/[0-9]/, digit => (Number(digit) + 1) % 10)), /BADSIG/);
});

step('an answer by mail lands in its investigation, while one looks at it', async () => {
  const [asked] = to('kestrelby.example');
  await page.goto(`${node.url}/incidents/INC-3`);
  const name = await page.locator('tr', { hasText: 'Kestrelby County CERT' }).getByRole('link', { name: /^INV-\d+$/ }).first().innerText();
  await page.goto(`${node.url}/investigations/${name}`);
  const replyTo = field(asked, 'reply-to').match(/<(.*)>/)[1];
  handIn(node, answerFromKestrelby(replyTo, field(asked, 'subject')), 'csirt@kestrelby.example', replyTo);
  await page.locator('#thread').getByText('It was a student’s thesis.').waitFor();
  await page.goto(`${node.url}/`);
  await page.locator('section', { hasText: 'Answered, to be looked at' }).getByRole('link', { name }).first().waitFor();
});

step('whoever complained is told when the incident is closed', async () => {
  await page.goto(`${node.url}/incidents/INC-3`);
  await page.getByRole('link', { name: 'Close' }).click();
  await page.getByLabel('In a sentence').fill('A thesis; the machines are off.');
  await page.getByLabel('Text', { exact: true }).fill('The scraping has stopped: it was a student’s thesis.\n\nYour CERT');
  await page.getByLabel('I know that everyone on the way can read').check();
  await button('Close INC-3').click();
  await page.waitForURL(`${node.url}/incidents/INC-3`);
  await page.getByText('resolved').filter({ visible: true }).first().waitFor();
  for (const { from } of mails) {
    const answer = await until(`an answer to ${from}`, () => to(from)[0]);
    assert.match(opened(answer), /it was a student’s thesis/);
  }
});

step('what was done, by whom and in which order, stands in the history', async () => {
  await page.goto(`${node.url}/incidents/INC-3`);
  const line = await page.locator('ol.line').first().textContent();
  for (const words of [/kes/, /opened/i, /linked/i, /student’s thesis/]) assert.match(line, words);
});

step('the original is, byte for byte, what was sent, under the trace of our listener', async () => {
  await page.goto(`${node.url}/incidents/INC-3`);
  const report = await page.locator('tr', { hasText: mails[0].subject }).getByRole('link', { name: /^IR-\d+$/ }).first().innerText();
  await page.goto(`${node.url}/reports/${report}`);
  const [download] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Original' }).first().click()]);
  const bytes = readFileSync(await download.path(), 'utf8');
  assert.ok(bytes.endsWith(mails[0].bytes), bytes);
  assert.match(bytes.slice(0, -mails[0].bytes.length), /^(Return-Path: [^\r]*\r\n)?Received: ([^\r]*\r\n)([ \t][^\r]*\r\n)*$/);
});

step('the browser has complained about nothing in all that time', () => {
  // Each page that comes with an error's status is noted: the mail that was held.
  assert.deepEqual(page.complaints.filter(line => !line.includes('status of 422')), []);
});

/** The text of a mail with its parts decoded: quoted-printable and base64. */
function opened(mail) {
  const plain = mail.replace(/=\r\n/g, '').replace(/(?:[A-Za-z0-9+/]{40,}={0,2}\r\n?)+[A-Za-z0-9+/=]*/g, block => Buffer.from(block, 'base64').toString('latin1'));
  return Buffer.from(plain.replace(/=([0-9A-F]{2})/g, (_, hex) => String.fromCharCode(parseInt(hex, 16))), 'latin1').toString('utf8');
}
