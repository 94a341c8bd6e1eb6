// The whole job with the keyboard alone, by the keys that the pages name.
import { after, before } from 'node:test';
import assert from 'node:assert/strict';
import { keyboard, launch, reader } from '../harness/browser.mjs';
import { answerFromKestrelby, complain } from '../harness/case.mjs';
import { demo } from '../harness/demo.mjs';
import { field } from '../harness/gpg.mjs';
import { handIn, sent, until } from '../harness/post.mjs';
import { story } from '../harness/story.mjs';

let browser, node, page, hands, mails;
before(async () => {
  [browser, node] = await Promise.all([launch(), demo()]);
  page = await reader(browser, `${node.url}/login`);
  hands = keyboard(page);
});
after(async () => { await browser?.close(); await node?.stop(); });

const step = story('keyboard', () => page);
const row = subject => page.locator('[data-row]', { hasText: subject });
const toast = words => page.locator('.toast').getByText(words).waitFor();
const previewOf = subject => page.locator('#preview h2', { hasText: subject });

/** Walks down the list with `j` until the report with `subject` is previewed. */
async function walkTo(subject) {
  const rows = await page.locator('[data-row]').count();
  for (let steps = 0; steps <= rows; steps += 1) {
    const current = page.locator('[data-row][aria-current]');
    if (steps && await current.filter({ hasText: subject }).count()) return previewOf(subject).waitFor();
    await hands.press('j');
  }
  return assert.fail(`j does not come to "${subject}"`);
}

step('one logs in, and g r goes to the reports', async () => {
  await hands.to('Login');
  await hands.type(node.login);
  await hands.press('Tab');
  await hands.type(node.password);
  await hands.press('Enter');
  await page.waitForURL(`${node.url}/`);
  mails = complain(node);
  await hands.press('g', 'r');
  await page.waitForURL(/\/reports/);
  for (const { subject } of mails) await row(subject).waitFor();
});

step('j walks the list, n opens an incident, Ctrl Z takes it back', async () => {
  await walkTo(mails[0].subject);
  await hands.press('n');
  await toast(/INC-2/);
  await row(mails[0].subject).waitFor({ state: 'detached' });
  await hands.press('Control+z');
  await row(mails[0].subject).waitFor();
});

step('x marks rows, n makes one incident of them', async () => {
  await page.goto(`${node.url}/reports`);
  for (const { subject } of mails) {
    await walkTo(subject);
    await hands.press('x');
  }
  await page.getByText('3 selected').waitFor();
  await hands.press('n');
  await toast(/INC-3/);
});

step('g i and Enter come to the incident, i to those responsible', async () => {
  await hands.press('g', 'i');
  await page.waitForURL(/\/incidents/);
  await hands.press('j', 'o');
  await page.waitForURL(`${node.url}/incidents/INC-3`);
  await hands.press('i');
  await page.waitForURL(/\/investigate/);
});

step('a digit previews a mail, Space marks the one that is held, Ctrl Enter sends', async () => {
  const digit = await page.getByRole('button', { name: 'Preview of the mail to Kestrelby County CERT' }).getAttribute('aria-keyshortcuts');
  await hands.press(digit);
  await page.locator('#preview').getByText('Those at Kestrelby County CERT who hold the key').waitFor();
  await hands.to('Send to Brackwater Hosting Abuse');
  await hands.press('Space');
  await hands.to('I know that everyone on the way can read this');
  await hands.press('Space', 'Control+Enter');
  await page.waitForURL(`${node.url}/incidents/INC-3`);
  await toast(/3 mails/);
});

step('the answer is found from the desk', async () => {
  const asked = await until('the mail to Kestrelby', () => sent(node).find(mail => field(mail, 'to').includes('kestrelby.example')));
  const replyTo = field(asked, 'reply-to').match(/<(.*)>/)[1];
  await hands.press('g', 'd');
  await page.waitForURL(`${node.url}/`);
  handIn(node, answerFromKestrelby(replyTo, field(asked, 'subject')), 'csirt@kestrelby.example', replyTo);
  const line = page.locator('section', { hasText: 'Answered, to be looked at' }).locator('tr', { hasText: 'Kestrelby' });
  await line.waitFor();
  await hands.to(await line.getByRole('link').first().innerText());
  await hands.press('Enter');
  await page.locator('#thread').getByText('It was a student’s thesis.').waitFor();
  await hands.press('u');
  await page.waitForURL(`${node.url}/incidents/INC-3`);
});

step('s closes, and the reporters are told', async () => {
  await hands.press('s');
  await page.waitForURL(/\/close$/);
  await hands.to('In a sentence');
  await hands.type('A thesis; the machines are off.');
  await hands.to('Text');
  await hands.press('Control+a');
  await hands.type('The scraping has stopped.');
  await hands.to('I know that everyone on the way can read');
  await hands.press('Space', 'Control+Enter');
  await page.waitForURL(`${node.url}/incidents/INC-3`);
  await page.locator('.figures').getByText('resolved').waitFor();
  assert.deepEqual(page.complaints, []);
});
