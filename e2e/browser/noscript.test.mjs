// The whole job in a browser without JavaScript: plain links and forms.
import { after, before } from 'node:test';
import assert from 'node:assert/strict';
import { launch, logIn, reader } from '../harness/browser.mjs';
import { answerFromKestrelby, complain } from '../harness/case.mjs';
import { demo } from '../harness/demo.mjs';
import { field } from '../harness/gpg.mjs';
import { handIn, sent, until } from '../harness/post.mjs';
import { story } from '../harness/story.mjs';

let browser, node, page, mails;
before(async () => {
  [browser, node] = await Promise.all([launch(), demo()]);
  page = await reader(browser, `${node.url}/login`, { script: false });
});
after(async () => { await browser?.close(); await node?.stop(); });

const step = story('noscript', () => page);
const row = subject => page.locator('[data-row]', { hasText: subject });
const button = name => page.getByRole('button', { name }).filter({ visible: true }).first();
/** Loads the page anew until it shows `locator`: without a script nothing changes by itself. */
const shown = (what, locator) => until(what, async () => await locator.count() || !await page.reload());

step('one logs in and finds the complaints with those responsible', async () => {
  await logIn(page, node);
  mails = complain(node);
  await page.goto(`${node.url}/reports`);
  for (const { subject } of mails) await shown(subject, row(subject));
  await row(mails[0].subject).getByText('Harbrook FinCSIRT').waitFor();
});

step('a report is opened beside the list, becomes an incident, and that is undone', async () => {
  await row(mails[0].subject).getByRole('link', { name: mails[0].subject }).click();
  await page.locator('#preview h2', { hasText: mails[0].subject }).waitFor();
  await page.locator('#preview').getByRole('button', { name: 'New incident' }).first().click();
  await page.locator('.toast').getByText('INC-2').waitFor();
  await button('Undo').click();
  await row(mails[0].subject).waitFor();
});

step('all of them become one incident in bulk', async () => {
  for (const { subject } of mails) await row(subject).getByRole('checkbox').check();
  await page.locator('#bulk').getByRole('button', { name: 'One new incident' }).click();
  await page.locator('.toast').getByText('INC-3').waitFor();
  await page.goto(`${node.url}/incidents/INC-3`);
  for (const { subject } of mails) await page.getByText(subject).first().waitFor();
});

step('those responsible are asked; what everyone could read is held until that is confirmed', async () => {
  await page.getByRole('link', { name: 'Investigate' }).click();
  await page.getByRole('button', { name: 'Preview of the mail to Kestrelby County CERT' }).click();
  await page.locator('#preview').getByText('Those at Kestrelby County CERT who hold the key').waitFor();
  await page.getByRole('checkbox', { name: 'Send to Brackwater Hosting Abuse' }).check();
  await button('Send the marked mails').click();
  await page.getByRole('alert').filter({ hasText: 'Brackwater' }).waitFor();
  await page.getByLabel('I know that everyone on the way can read this').check();
  await button('Send the marked mails').click();
  await page.waitForURL(`${node.url}/incidents/INC-3`);
});

step('an answer is found in its investigation', async () => {
  const asked = await until('the mail to Kestrelby', () => sent(node).find(mail => field(mail, 'to').includes('kestrelby.example')));
  const replyTo = field(asked, 'reply-to').match(/<(.*)>/)[1];
  handIn(node, answerFromKestrelby(replyTo, field(asked, 'subject')), 'csirt@kestrelby.example', replyTo);
  const name = await page.locator('tr', { hasText: 'Kestrelby County CERT' }).getByRole('link', { name: /^INV-\d+$/ }).first().innerText();
  await page.goto(`${node.url}/investigations/${name}`);
  await shown('the answer', page.locator('#thread').getByText('It was a student’s thesis.'));
});

step('the incident is closed and the reporters are told', async () => {
  await page.goto(`${node.url}/incidents/INC-3/close`);
  await page.getByLabel('In a sentence').fill('A thesis; the machines are off.');
  await page.getByLabel('Text', { exact: true }).fill('The scraping has stopped.');
  await page.getByLabel('I know that everyone on the way can read').check();
  await button('Close INC-3').click();
  await page.locator('.figures').getByText('resolved').waitFor();
  await page.locator('.toast').getByText('3 reporters').waitFor();
  assert.match(await page.locator('ol.line').first().textContent(), /closed|resolved/i);
});
