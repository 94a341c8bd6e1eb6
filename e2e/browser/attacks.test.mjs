// What must not work: reading another team's cases, deciding without leave, changes asked for by another site, mails that are code.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { execFileSync } from 'node:child_process';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { launch, logIn, reader } from '../harness/browser.mjs';
import { demo } from '../harness/demo.mjs';
import { handIn } from '../harness/post.mjs';

let browser, node;
before(async () => { [browser, node] = await Promise.all([launch(), demo()]); });
after(async () => { await browser?.close(); await node?.stop(); });

/** A new reader, logged in as `login` of the demo. */
async function as(login) {
  const page = await reader(browser, `${node.url}/login`);
  await logIn(page, { url: node.url, login, password: node.password });
  return page;
}

const CASES = ['/reports/IR-1', '/incidents/INC-1', '/investigations/INV-1', '/incidents/INC-1/investigate', '/incidents/INC-1/observables.csv'];

test('a stranger is asked to log in, by every page that shows a case', async () => {
  for (const path of [...CASES, '/', '/reports', '/reports.csv', '/mail', '/search?q=198.51.100.132', '/settings/accounts']) {
    const answer = await fetch(node.url + path, { redirect: 'manual' });
    assert.equal(answer.status, 303, path);
    assert.match(answer.headers.get('location'), /^\/login/, path);
  }
});

test('the account of another team finds none of our cases', async () => {
  const said = execFileSync(process.env.WARDMOTE, ['user', 'add', '--config', join(node.dir, 'wardmote.toml'), '--team', 'skerry', '--role', 'handler', 'mallory'], { encoding: 'utf8' });
  const page = await reader(browser, node.url + said.match(/\/login\/once\/\S+/)[0]);
  const choose = page.getByLabel(/password/i);
  for (const field of await choose.all()) await field.fill('correct horse battery staple');
  await page.locator('main form button').first().click();
  await page.waitForURL(url => !url.pathname.startsWith('/login'));
  for (const path of CASES) {
    const answer = await page.request.get(node.url + path);
    assert.equal(answer.status(), 404, path);
    assert.ok(!/harrowby|guessing|nordvik/i.test(await answer.text()), `${path} tells something`);
  }
  for (const path of ['/reports?view=all', '/reports.csv?view=all', '/reports.json?view=all', '/incidents', '/mail', '/search?q=198.51.100.132']) {
    const answer = await page.request.get(node.url + path);
    assert.ok(!/IR-1\b|INC-1\b|harrowby/.test(await answer.text()), `${path} tells something`);
  }
  await page.context().close();
});

test('who may only read sees the inbox without its buttons, and is refused in words when asking all the same', async () => {
  const page = await as('jor');
  await page.goto(`${node.url}/reports?r=IR-5`);
  await page.locator('#preview h2').waitFor();
  for (const name of [/Reject/, /New incident/, /Take/, /One new incident/]) assert.equal(await page.getByRole('button', { name }).count(), 0, String(name));
  const refused = page.waitForResponse(answer => answer.request().method() === 'POST');
  await page.evaluate(() => {
    const form = Object.assign(document.createElement('form'), { method: 'post', action: '/reports/triage' });
    for (const [name, value] of [['do', 'reject'], ['r', 'IR-5']]) form.append(Object.assign(document.createElement('input'), { name, value }));
    document.body.append(form);
    form.submit();
  });
  assert.equal((await refused).status(), 403);
  await page.getByRole('heading', { name: /may|allowed|permission/i }).waitFor();
  await page.goto(`${node.url}/reports`);
  await page.locator('#row-IR-5').waitFor();
  await page.context().close();
});

test('a form on another site changes nothing', async () => {
  const page = await as('kes');
  const other = createServer((_, answer) => {
    answer.setHeader('Content-Type', 'text/html');
    answer.end(`<form method="post" action="${node.url}/reports/triage"><input name="do" value="reject"><input name="r" value="IR-5"><button>Win</button></form>`);
  });
  await new Promise(done => other.listen(0, '127.0.0.1', done));
  try {
    await page.goto(`http://127.0.0.1:${other.address().port}/`);
    const refused = page.waitForResponse(answer => answer.request().method() === 'POST');
    await page.getByRole('button', { name: 'Win' }).click();
    // Without the session's cookie, which does not travel, or refused for where it comes from: both are well.
    assert.ok([303, 403].includes((await refused).status()));
  } finally {
    other.closeAllConnections();
    other.close();
  }
  const straight = await page.request.post(`${node.url}/reports/triage`, { form: { do: 'reject', r: 'IR-5' }, headers: { Origin: 'https://elsewhere.example', 'Sec-Fetch-Site': 'cross-site' } });
  assert.equal(straight.status(), 403, 'with the cookie, as from an old browser');
  await page.goto(`${node.url}/reports`);
  await page.locator('#row-IR-5').waitFor();
  await page.context().close();
});

test('HTML in a mail is shown as the text that it is, wherever the mail is shown', async () => {
  const page = await as('kes');
  const subject = '<img src=x onerror="document.title=1"> </title><script>alert(1)</script>';
  handIn(node, ['From: "<b>Eve</b>" <eve@attack.example>', 'To: cert@aldermark.example', `Subject: ${subject}`, 'Message-ID: <html@attack.example>',
    'MIME-Version: 1.0', 'Content-Type: text/html', '', '<p>198.18.8.70 <img src="http://198.51.100.9/seen"><script>alert(2)</script><a href="javascript:alert(3)">press</a></p>', ''].join('\r\n'), 'eve@attack.example');
  const asked = [];
  page.on('request', request => { if (!request.url().startsWith(node.url)) asked.push(request.url()); });
  page.on('dialog', dialog => { asked.push(`dialog ${dialog.message()}`); dialog.dismiss(); });
  await page.goto(`${node.url}/reports?view=all`);
  const row = page.locator('[data-row]', { hasText: 'onerror' });
  await row.waitFor();
  const name = await row.getByRole('link', { name: /^IR-\d+$/ }).innerText();
  for (const path of ['/', `/reports?r=${name}`, `/reports/${name}`, '/mail', '/search?q=onerror', `/reports/link?r=${name}`]) {
    await page.goto(node.url + path);
    assert.equal(await page.locator('main img, main script, main iframe, a[href^="javascript:"]').count(), 0, path);
  }
  await page.goto(`${node.url}/reports/${name}`);
  await page.getByRole('heading', { name: subject }).waitFor();
  assert.deepEqual(asked, []);
  assert.deepEqual(page.complaints, []);
  // The original is the one thing that a browser could run: it is only ever saved.
  const original = await page.request.get(node.url + await page.getByRole('link', { name: 'Original' }).first().getAttribute('href'));
  assert.match(original.headers()['content-disposition'], /^attachment/);
  assert.equal(original.headers()['x-content-type-options'], 'nosniff');
  await page.context().close();
});

test('every page forbids code from elsewhere, frames around it, and guessing of types', async () => {
  for (const path of ['/login', '/nowhere']) {
    const { headers } = await fetch(node.url + path);
    const policy = headers.get('content-security-policy') ?? '';
    for (const rule of [/default-src '(none|self)'/, /frame-ancestors 'none'/, /form-action 'self'/, /base-uri '(none|self)'/]) assert.match(policy, rule, path);
    assert.doesNotMatch(policy, /unsafe-(inline|eval)/, path);
    assert.equal(headers.get('x-content-type-options'), 'nosniff', path);
    assert.match(headers.get('referrer-policy') ?? '', /no-referrer|same-origin/, path);
  }
});
