// What keeps trust up: a drill and its answer, a team's maturity, the code of conduct, a nomination; in the browser, with pictures.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { join } from 'node:path';
import { everywhere, launch, reader } from '../harness/browser.mjs';
import { demo } from '../harness/demo.mjs';
import { sent, until } from '../harness/post.mjs';

let browser, node;
const cookies = {};
before(async () => {
  [browser, node] = await Promise.all([launch(), demo()]);
  await person('olga', 'aldermark', 'introducer', 'team-admin', 'board');
  await person('ann', 'skerry', 'team-admin');
  await person('bob', 'tidewater', 'reader');
  await person('cas', 'nordvik', 'reader');
});
after(async () => { await browser?.close(); await node?.stop(); });

/** Makes an account on the command line and comes in by its one-time link. */
async function person(login, team, ...roles) {
  const said = execFileSync(process.env.WARDMOTE, ['user', 'add', '--config', join(node.dir, 'wardmote.toml'), login, '--team', team,
    ...roles.flatMap(role => ['--role', role])], { encoding: 'utf8' });
  const page = await reader(browser, node.url + new URL(said.match(/https?:\S+\/login\/once\/\S+/)[0]).pathname);
  await page.locator('main form button').click();
  await page.waitForURL(url => !url.pathname.startsWith('/login'));
  cookies[login] = await page.context().cookies();
  await page.context().close();
}

/** A page as `login` sees it. */
async function open(login, path, options = {}) {
  const page = await reader(browser, 'about:blank', options);
  await page.context().addCookies(cookies[login]);
  await page.goto(node.url + path);
  return page;
}

const look = (name, login, path) =>
  everywhere(browser, name, node.url + path, page => page.context().addCookies(cookies[login]));

test('a drill is begun, its mail leaves signed, and the button in its link answers', async () => {
  const page = await open('olga', '/trust/drills');
  await page.getByLabel('Why').fill('a test before the holidays');
  await page.getByRole('button', { name: 'Send the test messages' }).click();
  await page.getByRole('heading', { name: 'a test before the holidays' }).waitFor();
  const drill = new URL(page.url()).pathname;
  const tests = () => sent(node).filter(mail => /^Subject: Test: does somebody/m.test(mail));
  await until('the test messages are in the sink', () => tests().length > 3);
  assert.ok(tests().every(mail => /multipart\/(signed|encrypted)/.test(mail)), 'each is signed, or encrypted where there is a key');
  assert.deepEqual(page.complaints, []);
  await page.context().close();
  await look('drill', 'olga', drill);
  await look('drills', 'olga', '/trust/drills');
});

for (const script of [true, false]) {
  test(`maturity is assessed and drawn (${script ? 'with' : 'without'} the script)`, async () => {
    const page = await open('ann', '/trust/maturity/edit', { script });
    const selects = page.locator('select[name^=level-]');
    const count = await selects.count();
    assert.equal(count, 45);
    for (let n = 0; n < count; n += 1) await selects.nth(n).selectOption(String((n * 7 + (script ? 0 : 1)) % 5));
    await page.getByLabel('Note on O-1', { exact: true }).fill('signed by the minister');
    await page.getByLabel('Profile that you aim at').selectOption('Example');
    await page.getByRole('button', { name: 'Finish' }).click();
    await page.getByRole('heading', { name: 'By parameter' }).waitFor();
    assert.match(await page.locator('main').innerText(), /parameters are below it/);
    if (script) assert.deepEqual(page.complaints, []);
    await page.context().close();
  });
}

test('the pages of maturity can be read everywhere', async () => {
  await look('maturity', 'ann', '/trust/maturity');
  await look('maturity-edit', 'ann', '/trust/maturity/edit');
  await look('maturity-none', 'cas', '/trust/maturity');
});

test('the code of conduct is published, declared by a team, and read by everybody', async () => {
  let page = await open('olga', '/trust/conduct');
  await page.getByLabel('Title').fill('Code of conduct');
  await page.getByLabel('Text', { exact: true }).fill('We answer when we are asked.\n\nWe keep what we are told.\n');
  await page.getByRole('button', { name: 'Publish' }).click();
  await page.getByText('We keep what we are told.').first().waitFor();
  await page.context().close();
  page = await open('ann', '/trust/conduct');
  const form = page.locator('form').filter({ hasText: 'May be left out' });
  await form.getByRole('checkbox').check();
  await form.getByRole('button', { name: 'Declare' }).click();
  await page.getByRole('row', { name: /in force/ }).waitFor();
  assert.deepEqual(page.complaints, []);
  await page.context().close();
  await look('conduct-operator', 'olga', '/trust/conduct');
  await everywhere(browser, 'conduct-public', `${node.url}/trust/conduct`);
});

test('somebody is named, vouched for by three teams, and asked', async () => {
  let page = await open('ann', '/trust/people');
  await page.getByLabel('Name', { exact: true }).fill('Nia Nominee');
  await page.getByLabel('Mail address').fill('nia@far.example');
  await page.getByLabel('Who they are').fill('Writes the tools that half of us use.');
  await page.getByLabel('I have met them in person more than once').check();
  await page.getByRole('button', { name: 'Name and vouch' }).click();
  await page.getByRole('heading', { name: 'Nia Nominee' }).waitFor();
  const path = new URL(page.url()).pathname;
  await page.context().close();
  await look('person-nominated', 'bob', path);
  for (const login of ['bob', 'cas']) {
    page = await open(login, path);
    await page.getByLabel('I trust them to act on what they are told').check();
    await page.getByRole('button', { name: 'Vouch' }).click();
    await page.getByRole('heading', { name: 'You vouch for them' }).waitFor();
    await page.context().close();
  }
  await look('people', 'ann', '/trust/people');
  await look('person-vetted', 'olga', path);
  page = await open('bob', path);
  await page.getByRole('button', { name: 'Take it back' }).click();
  await page.getByLabel('Why', { exact: true }).fill('Posted a RED report in public last year.');
  await page.getByRole('button', { name: 'Object' }).click();
  await page.getByText('blocked', { exact: true }).first().waitFor();
  assert.doesNotMatch(await page.locator('main').innerText(), /Posted a RED report/);
  await page.context().close();
  await look('person-blocked', 'olga', path);
});

test('the pages for those who are not logged in say when their link is of no use', async () => {
  await everywhere(browser, 'drill-answer-none', `${node.url}/trust/drills/answer/aaaaaaaaaaaaaaaaaaaaaaaa`, undefined, { answers: 410 });
  await everywhere(browser, 'person-answer-none', `${node.url}/trust/people/answer/aaaaaaaaaaaaaaaaaaaaaaaa`, undefined, { answers: 410 });
});
