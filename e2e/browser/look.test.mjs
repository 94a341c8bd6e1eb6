// Every key page as a picture, in both themes, wide and narrow; read by axe-core, and with nothing that the browser complains about.
import assert from 'node:assert/strict';
import { after, before, test } from 'node:test';
import { join } from 'node:path';
import { demo } from '../harness/demo.mjs';
import { accessible, everywhere, fits, launch, logIn, reader } from '../harness/browser.mjs';
import { sent, until } from '../harness/post.mjs';
import { freePort, start } from '../harness/process.mjs';

let browser, node, open;
/** The cookies of whoever is logged in, by login: each person once, when the first page is looked at as they see it. */
const sessions = {};
before(async () => {
  [browser, node] = await Promise.all([launch(), demo()]);
  open = await published(node);
});
after(async () => { await browser?.close(); await open?.stop(); await node?.stop(); });

/** The data of the demo served a second time, with a public side of the directory: gives `url`. */
async function published(of) {
  const [web, smtp, whois] = [await freePort(), await freePort(), await freePort()];
  const env = { WARDMOTE_WEB__LISTEN: `127.0.0.1:${web}`, WARDMOTE_SMTP__LISTEN: `127.0.0.1:${smtp}`, WARDMOTE_WHOIS__LISTEN: `127.0.0.1:${whois}`, WARDMOTE_DIRECTORY__PUBLIC: 'true', WARDMOTE_WEB__BASE_URL: `http://localhost:${web}` };
  const url = `http://localhost:${web}`;
  const program = await start(process.env.WARDMOTE, ['serve', '--config', join(of.dir, 'wardmote.toml')], { env, answersAt: `${url}/login` });
  return { url, stop: program.stop };
}

async function session(login) {
  if (!sessions[login]) {
    const page = await reader(browser, `${node.url}/login`);
    await logIn(page, { url: node.url, login, password: node.password });
    sessions[login] = await page.context().cookies();
    await page.context().close();
  }
  return sessions[login];
}

const pages = {
  desk: '/',
  reports: '/reports',
  'reports-by-machines': '/reports?view=machine',
  'report-chosen': '/reports?r=IR-1',
  report: '/reports/IR-1',
  'report-with-a-feed': '/reports/IR-4',
  'report-broken': '/reports/IR-13',
  link: '/reports/link?r=IR-1',
  'incident-new': '/incidents/new?r=IR-1',
  incidents: '/incidents',
  incident: '/incidents/INC-1',
  investigate: '/incidents/INC-1/investigate',
  investigation: '/investigations/INV-2',
  close: '/incidents/INC-1/close',
  search: '/search?q=198.51.100.*',
  lookup: '/lookup?q=198.51.100.132',
  registry: '/registry',
  teams: '/teams',
  team: '/teams/skerry',
  mail: '/mail',
  exclusions: '/settings/exclusions',
  account: '/account',
  accounts: '/settings/accounts',
  keys: '/help',
  nowhere: '/nowhere',
};

// The community as each of its people sees it: [login, path]; a stranger has no login. A case in each stage that the demo has.
const [operator, member, applicant, candidate, board, owner, stranger] = ['kes', 'nils', 'quin', 'fenna', 'tove', 'oda', undefined];
const community = {
  'trust-public': [stranger, '/trust'],
  'trust-member': [member, '/trust'],
  'trust-applicant': [applicant, '/trust'],
  'trust-candidate': [candidate, '/trust'],
  'trust-desk': [operator, '/trust/desk'],
  'trust-board': [board, '/trust/board'],
  'trust-community': [owner, '/trust/community'],
  'trust-record': [operator, '/trust/record'],
  'trust-record-owner': [owner, '/trust/record'],
  'trust-record-public': [stranger, '/trust/record'],
  'trust-register-at-a-date': [operator, '/trust/record?at=2026-01-01'],
  'trust-year': [operator, '/trust/year'],
  'case-not-listed': [applicant, '/trust/teams/quaymoor'],
  'case-applied': [operator, '/trust/teams/marschtal'],
  'case-consulted': [member, '/trust/teams/fjordglim'],
  'case-listed': [operator, '/trust/teams/ambrell'],
  'case-invited': [operator, '/trust/teams/lindmora'],
  'case-candidate': [operator, '/trust/teams/wendelau'],
  'case-candidate-own': [candidate, '/trust/teams/fennmark'],
  'case-accredited': [operator, '/trust/teams/skerry'],
  'case-board': [board, '/trust/teams/tidewater'],
  'case-suspended': [board, '/trust/teams/brisemer'],
  'directory-public': [stranger, '/teams'],
  'team-public': [stranger, '/teams/skerry'],
  'team-member': [member, '/teams/quaymoor'],
  'team-own': [applicant, '/teams/quaymoor'],
  'team-operator': [operator, '/teams/quaymoor'],
  'team-edit': [applicant, '/teams/quaymoor/edit'],
  'team-description': [applicant, '/teams/quaymoor/rfc2350'],
  exports: [operator, '/directory'],
  phones: [operator, '/directory/members/phones'],
  'people-none': [member, '/trust/people'],
  'drills-none': [member, '/trust/drills'],
  'maturity-none': [applicant, '/trust/maturity'],
  'conduct-none': [member, '/trust/conduct'],
  pki: [operator, '/pki'],
  'pki-log': [operator, '/pki/log'],
  acme: [operator, '/pki/acme'],
  'certificates-team': [operator, '/settings/certificates'],
  certificates: [applicant, '/account/certificates'],
  'account-member': [applicant, '/account'],
  'openpgp-add': [applicant, '/account/openpgp'],
  recoveries: [operator, '/account/recoveries'],
  recover: [stranger, '/login/recover'],
  apply: [stranger, '/trust/apply'],
};

for (const [name, path] of Object.entries(pages)) {
  test(`${name} can be read everywhere`, async () => {
    await everywhere(browser, name, node.url + path, async page => page.context().addCookies(await session(node.login)), { answers: name === 'nowhere' ? 404 : 200 });
  });
}

for (const [name, [login, path]] of Object.entries(community)) {
  test(`${name} can be read everywhere`, async () => {
    const { url } = login ? node : open;
    await everywhere(browser, name, url + path, async page => { if (login) await page.context().addCookies(await session(login)); });
  });
}

/** The page `path` as `login` sees it, logged in a moment ago: grave acts ask for nothing. */
async function lately(login, path) {
  const page = await reader(browser, `${node.url}/login`);
  await logIn(page, { url: node.url, login, password: node.password });
  await page.goto(node.url + path);
  return page;
}

test('an application without an account can be read everywhere, from the form to the welcome', async () => {
  const page = await reader(browser, `${node.url}/trust/apply`);
  assert.equal(await page.getByRole('button', { name: 'Apply' }).isVisible(), true, 'the demo takes applications');
  await page.goto(`${open.url}/trust/apply`);
  const typed = {
    'Name of the team': 'Mirefold CERT', 'Short name': 'mirefold', Country: 'DK', 'Mail address of the team': 'cert@mirefold.example',
    'Your name': 'Mika Mire', 'Your mail address': 'mika@mirefold.example', 'Who you are, and whom you serve': 'The schools of the Mirefold, since last spring.',
  };
  for (const [label, value] of Object.entries(typed)) await page.getByLabel(label, { exact: true }).fill(value);
  await page.getByRole('button', { name: 'Apply' }).click();
  await page.getByRole('heading', { name: 'Look into your mailbox' }).waitFor();
  await accessible(page);
  for (const width of [390, 320]) {
    await page.setViewportSize({ width, height: 900 });
    await fits(page);
  }
  const links = () => sent(node).filter(mail => /^To: .*mika@mirefold/m.test(mail))
    .map(mail => mail.replaceAll('=\r\n', '').match(/\/trust\/apply\/[\w-]+/)?.[0]).filter(Boolean);
  const link = await until('the mail to be confirmed', () => links()[0]);
  await everywhere(browser, 'apply-link', open.url + link);
  await page.goto(open.url + link);
  await page.getByRole('button', { name: 'Yes, it is mine' }).click();
  await page.getByRole('heading', { name: 'Thank you' }).waitFor();
  await everywhere(browser, 'apply-confirmed', open.url + link);

  const desk = await lately(operator, '/trust/desk');
  await desk.getByRole('link', { name: 'Mirefold CERT' }).click();
  await desk.waitForURL(/applications/);
  const asOperator = async other => other.context().addCookies(await session(operator));
  await everywhere(browser, 'apply-desk', desk.url(), asOperator);
  await desk.getByRole('button', { name: 'Take it up' }).click();
  const welcome = await until('the invitation', () => links().find(other => other !== link));
  await everywhere(browser, 'apply-welcome', open.url + welcome);
  await everywhere(browser, 'apply-used-up', open.url + link, undefined, { answers: 410 });
});

test('the hand-over can be read everywhere once the owner has given the word', async () => {
  const page = await lately(owner, '/trust/community');
  await page.getByLabel('Hand the operation over to').fill('CERT Skerry, on the island');
  await page.getByLabel('Fingerprint of its OpenPGP key').fill('ABCD'.repeat(10));
  await page.getByRole('button', { name: 'Give the word' }).click();
  await page.getByText('You gave the word on').waitFor();
  await everywhere(browser, 'hand-over-given', `${node.url}/trust/community`, async other => other.context().addCookies(await session(owner)));
  await page.getByRole('button', { name: 'Take the word back' }).click();
  assert.equal(await page.getByLabel('Why the operation stays').evaluate(field => field.validity.valueMissing), true, 'a reason is owed');
  await page.context().close();
});
