// The community's process in the browser: from an application to the consultation, from an invitation to accreditation, a case
// before the board; four people, each in a browser of their own; gpg signs.
import { after, before } from 'node:test';
import assert from 'node:assert/strict';
import { writeFileSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { demo } from '../harness/demo.mjs';
import { accessible, fits, launch, logIn, reader, shot } from '../harness/browser.mjs';
import { keyring } from '../harness/gpg.mjs';
import { story } from '../harness/story.mjs';

let browser, node, ring;
const people = {};
let current;
before(async () => {
  [browser, node] = await Promise.all([launch(), demo()]);
  ring = keyring(node);
  for (const [office, login] of Object.entries({ applicant: 'quin', sponsor: 'nils', board: 'tove', candidate: 'fenna', owner: 'oda', operator: node.login })) {
    people[office] = await reader(browser, `${node.url}/login`);
    await logIn(people[office], { url: node.url, login, password: node.password });
  }
});
after(async () => { ring?.stop(); await browser?.close(); await node?.stop(); });

const step = story('trust', () => current);

/** The page of somebody, at `path`. */
async function as(office, path) {
  current = people[office];
  assert.equal((await current.goto(node.url + path)).status(), 200, path);
  return current;
}

/** Leaves a picture and looks whether it can be read. */
async function seen(page, name) {
  await shot(page, `trust-${name}`);
  await fits(page);
  await accessible(page);
  assert.deepEqual(page.complaints, []);
}

/** Presses the button and waits for what is said then. */
async function press(page, button, where = page) {
  await where.getByRole('button', { name: button, exact: true }).first().click();
  await page.getByText(/in the record; the letters|The signature is good/).first().waitFor();
}

/** Signs what the page gives, with the key of `address`, and hands it in. */
async function sign(page, address) {
  await page.goto(`${node.url}/trust/sign`);
  const [file] = await Promise.all([page.waitForEvent('download'), page.getByRole('link', { name: 'Download the exact document' }).click()]);
  const bytes = readFileSync(await file.path());
  const document = join(ring.home, 'rules-to-sign.txt');
  writeFileSync(document, bytes);
  const { status, content, said } = ring.gpg('--yes', '--armor', '--local-user', address, '--output', '-', '--detach-sign', document);
  assert.equal(status, 0, said);
  await page.getByLabel('The signature, or the signed document').fill(content);
  await page.getByRole('button', { name: 'Hand in', exact: true }).click();
  await page.getByText('The signature is good').first().waitFor();
}

step('a stranger reads how a team gets in, and nothing of any team', async () => {
  current = await reader(browser, `${node.url}/trust`);
  await current.getByRole('heading', { name: /Trust in/ }).waitFor();
  await seen(current, 'public');
});

step('the applicant names two sponsors', async () => {
  const page = await as('applicant', '/trust');
  await seen(page, 'overview-unknown');
  await page.getByRole('link', { name: 'Apply for listing' }).click();
  await page.getByLabel('Sponsor 1').selectOption({ label: 'Nordvik Telecom CERT' });
  await page.getByLabel('Sponsor 2').selectOption({ label: 'CERT Skerry' });
  await seen(page, 'apply');
  await press(page, 'Apply for listing');
});

step('both sponsors stand up for it', async () => {
  for (const office of ['sponsor', 'board']) {
    const page = await as(office, '/trust');
    await page.getByRole('link', { name: 'Quaymoor CSIRT' }).first().click();
    await press(page, 'Stand up as sponsor');
  }
});

step('the operator reads the letter first, then sends the rules', async () => {
  const page = await as('operator', '/trust/desk');
  await seen(page, 'desk');
  await page.getByRole('link', { name: 'Quaymoor CSIRT' }).first().click();
  await page.getByRole('button', { name: 'Read the letters first' }).first().click();
  await page.getByRole('heading', { name: 'What this step writes' }).waitFor();
  await seen(page, 'letters');
  await press(page, 'Do it, and send these');
});

step('the applicant signs the exact document with gpg and hands the record in', async () => {
  const page = await as('applicant', '/trust/sign');
  await seen(page, 'sign');
  await page.getByLabel('The signature, or the signed document').fill('-----BEGIN PGP SIGNATURE-----\n\nforged\n-----END PGP SIGNATURE-----\n');
  await page.getByRole('button', { name: 'Hand in', exact: true }).click();
  await page.locator('.wrong').waitFor();
  assert.match(await page.getByLabel('The signature, or the signed document').inputValue(), /forged/, 'what was typed is kept');
  page.complaints.length = 0; // the browser notes that the page came with 422
  await sign(page, 'cert@quaymoor.example');
  await page.goto(`${node.url}/trust/teams/quaymoor`);
  await press(page, 'Hand in the record');
});

step('the community is consulted; a support is open, an objection is sealed', async () => {
  const desk = await as('operator', '/trust/desk');
  await press(desk, 'Consult the community', desk.locator('#t-quaymoor'));
  const page = await as('sponsor', '/trust/teams/quaymoor');
  await page.locator('summary', { hasText: 'Object, sealed' }).click();
  await seen(page, 'consultation');
  await page.locator('#member-support-0').getByRole('button').first().click();
  await page.getByText('Your team supports it').first().waitFor();
  const board = await as('board', '/trust/teams/quaymoor');
  await board.locator('summary', { hasText: 'Object, sealed' }).click();
  await board.getByLabel('Why').fill('Their AS was announced by somebody else in May');
  await board.getByRole('button', { name: 'Object, sealed' }).click();
  await board.getByText('lies sealed').first().waitFor();
  const own = await as('applicant', '/trust/teams/quaymoor');
  assert.doesNotMatch(await own.locator('main').innerText(), /announced by somebody|Skerry objects/);
  await seen(own, 'case-applicant');
});

step('a candidate answers the verifier and declares its record complete', async () => {
  const page = await as('candidate', '/trust/teams/fennmark');
  await seen(page, 'case-candidate');
  await page.locator('#team-answer-1 textarea').fill('The head of the team, by turns with her deputy');
  await press(page, 'Answer', page.locator('#team-answer-1'));
  await press(page, 'Declare the record complete');
});

step('the operator verifies and accredits; the candidate sees at once what it is entitled to', async () => {
  const page = await as('operator', '/trust/teams/fennmark');
  await page.locator('summary', { hasText: 'The record is verified' }).click().catch(() => {});
  const finding = page.locator('#operator-verify-0 textarea');
  if (!await finding.isVisible()) await page.locator('summary', { hasText: 'The record is verified' }).click();
  await finding.fill('Called them by day and by night, compared the keys by telephone');
  await press(page, 'The record is verified', page.locator('#operator-verify-0'));
  await seen(page, 'case-operator');
  const accredit = page.locator('#operator-accredit-0');
  if (!await accredit.isVisible()) await page.locator('summary', { hasText: 'Accredit' }).first().click();
  await press(page, 'Accredit', accredit);
  const own = await as('candidate', '/trust');
  await own.getByText('entitled', { exact: true }).first().waitFor();
  assert.match(await own.locator('main').innerText(), /accredited \(level 2\)/);
  await seen(own, 'overview-accredited');
  await own.goto(`${node.url}/trust/confirm`);
  await seen(own, 'confirm');
});

step('a member of the board casts the ballot of her team', async () => {
  const page = await as('board', '/trust/board');
  await seen(page, 'board');
  await page.getByRole('link', { name: 'Tidewater CSIRT' }).click();
  await seen(page, 'case-board');
  await page.getByLabel("Your team's ballot").selectOption('keep');
  await page.getByRole('button', { name: 'Cast the ballot of your team' }).click();
  await page.getByText('ballot is cast').first().waitFor();
  assert.match(await page.locator('main').innerText(), /has voted/);
});

step('record, figures and the owner\'s page can be read', async () => {
  await seen(await as('operator', '/trust/year'), 'year');
  await seen(await as('operator', '/trust/record'), 'record');
  await seen(await as('owner', '/trust/community'), 'community');
});
