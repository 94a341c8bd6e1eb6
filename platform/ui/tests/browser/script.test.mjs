// The script and the parts in a real browser, against the example:
//
//   cargo run -p ui --example gallery 8089 &
//   cd e2e && GALLERY=http://127.0.0.1:8089 node --test ../platform/ui/tests/browser/
//
// Run it where playwright-core and axe-core are installed. CHROMIUM names another browser; SHOTS a folder for pictures.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';

const require = createRequire(join(process.cwd(), 'package.json'));
const { chromium } = require('playwright-core');
const axe = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
const base = process.env.GALLERY ?? 'http://127.0.0.1:8089';
const shots = process.env.SHOTS;

let browser;
before(async () => { browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? '/usr/bin/chromium', args: ['--no-sandbox'] }); });
after(() => browser.close());

/** A new reader's page at `path`; what the browser complains about fails the test that asks for `complaints`. */
async function reader(path, options = {}) {
  const context = await browser.newContext({ viewport: { width: 1440, height: 900 }, ...options });
  const page = await context.newPage();
  page.complaints = [];
  page.on('pageerror', error => page.complaints.push(String(error)));
  page.on('console', line => { if (line.type() === 'error' && !line.text().includes('status of 404')) page.complaints.push(line.text()); });
  await page.goto(base + path);
  return page;
}
const text = (page, selector) => page.textContent(selector);
const sees = (page, selector, words) => page.waitForFunction(
  ([selector, words]) => document.querySelector(selector)?.textContent.includes(words), [selector, words], { timeout: 10_000 });

for (const path of ['/', '/desk', '/desk/IR-2003', '/nowhere']) {
  for (const [width, colorScheme] of [[1440, 'light'], [1440, 'dark'], [320, 'light'], [320, 'dark']]) {
    test(`${path} at ${width} px, ${colorScheme}: accessible, not wider than the window, nothing refused by the policy`, async () => {
      const options = { viewport: { width, height: 900 }, colorScheme };
      const page = await reader(path, options);
      assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth), 'wider than the window');
      assert.deepEqual(page.complaints, []);
      if (shots) await page.screenshot({ path: join(shots, `ui${path.replaceAll('/', '-')}-${colorScheme}-${width}.png`) });
      const open = await reader(path, { ...options, bypassCSP: true });
      await open.evaluate(axe);
      const { violations } = await open.evaluate(() => globalThis.axe.run());
      assert.deepEqual(violations.map(v => [v.id, v.nodes.map(n => n.html)]), []);
    });
  }
}

test('rows are walked, selected in bulk, rejected and brought back with the keyboard, without loading the page', async () => {
  const page = await reader('/desk');
  await page.evaluate(() => { window.sameDocument = true; });
  assert.ok(await page.locator('#bulk').isHidden(), 'the bar is there before anything is selected');
  await page.keyboard.press('j');
  await sees(page, '#preview', '198.51.100.101');
  await page.keyboard.press('j');
  await page.waitForURL('**/desk/IR-2002');
  await page.keyboard.press('x');
  assert.equal(await text(page, '[data-count]'), '1 selected');
  for (let step = 0; step < 3; step++) await page.keyboard.press('j');
  await page.waitForURL('**/desk/IR-2005');
  await page.keyboard.press('Shift+X');
  assert.equal(await text(page, '[data-count]'), '4 selected');
  await page.keyboard.press(']');
  await page.waitForURL('**/desk/IR-2006');
  assert.equal(await page.getAttribute('#row-IR-2006', 'aria-current'), 'true');
  assert.equal(await text(page, '[data-count]'), '4 selected', 'the selection survives a swap of the list');
  await page.keyboard.press('#');
  await sees(page, '.toast', '4 reports rejected');
  assert.equal(await page.locator('#row-IR-2003').count(), 0);
  await page.keyboard.press('Control+z');
  await page.waitForSelector('#row-IR-2003');
  assert.ok(await page.evaluate(() => window.sameDocument), 'the page was loaded anew');
  assert.deepEqual(page.complaints, []);
});

test('back and forward show what was shown', async () => {
  const page = await reader('/desk');
  await page.click('#row-IR-2004 a');
  await sees(page, '#p', '.104');
  await page.click('#row-IR-2007 a');
  await sees(page, '#p', '.107');
  await page.goBack();
  await sees(page, '#p', '.104');
  await page.goBack();
  await sees(page, '#p', 'No report');
  await page.goForward();
  await sees(page, '#p', '.104');
});

test('a draft is saved, kept through a lost connection, and not disturbed by a live change', async () => {
  const page = await reader('/desk/IR-2004');
  await page.fill('#f-text', 'Dear colleagues');
  await sees(page, '#reply [data-saved]', 'saved ');
  await page.focus('#f-text');
  await page.keyboard.press('j');
  assert.ok(page.url().endsWith('IR-2004'), 'a letter that was typed acted as a command');
  await page.waitForTimeout(1500);
  const before = await text(page, 'thead th:last-child');
  const other = await reader('/desk/IR-2005');
  await other.waitForTimeout(1100);
  await other.fill('#f-text', 'Another hand');
  await page.waitForFunction(words => document.querySelector('thead th:last-child').textContent !== words, before);
  assert.equal(await page.inputValue('#f-text'), 'Dear colleaguesj');
  await page.context().setOffline(true);
  await page.fill('#f-text', 'written offline');
  await sees(page, '#connection', 'No connection');
  await page.context().setOffline(false);
  await page.waitForSelector('#connection', { state: 'hidden' });
  await sees(page, '#reply [data-saved]', 'saved ');
  await page.reload();
  assert.equal(await page.inputValue('#f-text'), 'written offline');
});

test('help, palette, search and places are a key away; single keys can be turned off', async () => {
  const page = await reader('/desk/IR-2004');
  await page.keyboard.press('?');
  await sees(page, '[data-keys-here]', 'Reject');
  await page.keyboard.press('Escape');
  assert.ok(await page.locator('#help').isHidden());
  await page.keyboard.press('Control+k');
  await page.keyboard.type('incid');
  assert.match(await text(page, '#palette-list'), /^IncidentsSearch for “incid”$/);
  await page.keyboard.press('Escape');
  await page.keyboard.press('/');
  assert.equal(await page.evaluate(() => document.activeElement.id), 'q');
  await page.keyboard.press('Escape');
  await page.keyboard.press('g');
  await page.keyboard.press('d');
  await page.waitForURL(base + '/');
  await page.click('.foot a[href="/keys?to=off"]');
  await page.waitForSelector('html[data-keys=off]');
  assert.equal(page.url(), base + '/');
  await page.keyboard.press('g');
  await page.keyboard.press('r');
  await page.waitForTimeout(300);
  assert.equal(page.url(), base + '/');
});

test('a swap that fails becomes an ordinary visit; an error page is shown whole', async () => {
  const page = await reader('/desk');
  await page.route('**/desk/IR-2001', route => route.request().headers()['x-swap'] ? route.abort() : route.continue());
  await page.click('#row-IR-2001 a');
  await sees(page, '#p', '.101');
  await page.evaluate(() => { document.querySelector('#row-IR-2002 a').href = '/desk/none'; });
  await page.click('#row-IR-2002 a');
  await sees(page, 'h1', 'There is no such report');
});

test('on a phone the preview that was opened is in sight', async () => {
  const page = await reader('/desk', { viewport: { width: 390, height: 800 } });
  await page.click('#row-IR-2002 a');
  await sees(page, '#p', '.102');
  await page.waitForFunction(() => document.querySelector('#p').getBoundingClientRect().top < innerHeight);
});

test('everything works without the script', async () => {
  const page = await reader('/desk', { javaScriptEnabled: false });
  await page.click('#row-IR-2002 a');
  assert.ok(page.url().endsWith('/desk/IR-2002'));
  await page.check('input[value=IR-2003]');
  await page.click('#bulk button:has-text("Reject")');
  assert.match(await text(page, '.toast'), /1 report rejected/);
  await page.click('.toast button');
  assert.equal(await page.locator('#row-IR-2003').count(), 1);
  await page.click('button.help');
  assert.ok(await page.locator('#help').isVisible());
});
