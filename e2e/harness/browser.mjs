// Pages in Debian's Chromium.
import assert from 'node:assert/strict';
import { mkdirSync, readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { chromium } from 'playwright-core';

const axeSource = readFileSync(createRequire(import.meta.url).resolve('axe-core/axe.min.js'), 'utf8');
const pictures = join(import.meta.dirname ?? new URL('.', import.meta.url).pathname, '../out');

/** What every page is looked at in: both themes, a desk's screen, a telephone, and the narrowest that WCAG 1.4.10 asks for. */
export const THEMES = ['light', 'dark'];
export const WIDTHS = [1440, 390, 320];

/** The browser of a test file; close it in `after`. `args` are more of its own, `home` is the folder in which it finds certificates. */
export function launch({ args = [], home } = {}) {
  return chromium.launch({
    env: home ? { ...process.env, HOME: home } : process.env,
    executablePath: process.env.CHROMIUM || '/usr/bin/chromium',
    args: ['--headless', '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
      '--disable-component-update', '--disable-sync', ...args],
  });
}

/**
 * A new reader with nothing stored, at `url`. `theme` is what the system asks for, `script: false` a browser without
 * JavaScript. What the browser complains about (errors of the script, things refused by the policy, requests that
 * failed) is collected in `page.complaints`.
 */
export async function reader(browser, url, { theme = 'light', width = 1440, script = true } = {}) {
  const context = await browser.newContext({ viewport: { width, height: 900 }, colorScheme: theme, javaScriptEnabled: script, reducedMotion: 'reduce' });
  const page = await context.newPage();
  page.setDefaultTimeout(10_000);
  page.complaints = [];
  page.on('pageerror', error => page.complaints.push(String(error)));
  page.on('console', line => { if (line.type() === 'error') page.complaints.push(line.text()); });
  page.on('requestfailed', request => {
    // A page that is left cancels what it was loading.
    if (request.failure().errorText !== 'net::ERR_ABORTED') page.complaints.push(`${request.url()}: ${request.failure().errorText}`);
  });
  await page.goto(url);
  return page;
}

/** Logs in with what the demo printed; ends on the page that comes then. */
export async function logIn(page, node) {
  await page.goto(`${node.url}/login`);
  await page.getByLabel('Login', { exact: true }).fill(node.login);
  await page.getByLabel('Password', { exact: true }).fill(node.password);
  await page.getByLabel('Password', { exact: true }).press('Enter');
  await page.waitForURL(url => !url.pathname.startsWith('/login'));
}

/** A picture of the whole page, `out/NAME-THEME-WIDTH.png`. */
export async function shot(page, name) {
  mkdirSync(pictures, { recursive: true });
  const { theme, width } = await page.evaluate(() =>
    ({ theme: matchMedia('(prefers-color-scheme: dark)').matches ? 'dark' : 'light', width: innerWidth }));
  await page.screenshot({ path: join(pictures, `${name}-${theme}-${width}.png`), fullPage: true });
}

/** Fails on any violation that axe-core finds (WCAG 2.2 A and AA, and its best practices), naming rule and element. */
export async function accessible(page) {
  if (!await page.evaluate(() => 'axe' in globalThis)) await page.evaluate(axeSource);
  const { violations } = await page.evaluate(() => globalThis.axe.run());
  assert.deepEqual(violations.map(({ id, help, nodes }) => ({ id, help, where: nodes.map(node => node.html) })), []);
}

/** Fails when the page, or a pane of it, is wider than it can show, naming what sticks out: nobody should have to scroll sideways to read. */
export async function fits(page) {
  const wide = await page.evaluate(() => [document.documentElement, ...document.querySelectorAll('.scroll')]
    .filter(pane => pane.scrollWidth > pane.clientWidth)
    .map(pane => {
      const room = pane.getBoundingClientRect().left + pane.clientWidth;
      const beyond = element => element.getBoundingClientRect().right > room + 0.5;
      const out = [...pane.querySelectorAll('body *')].filter(element => beyond(element) && ![...element.children].some(beyond));
      return `${pane.id || pane.className || 'the page'} is ${pane.scrollWidth} px wide and shows ${pane.clientWidth}: ${out.slice(0, 5).map(element => element.outerHTML.slice(0, 160)).join(' · ')}`;
    }));
  assert.deepEqual(wide, []);
}

/**
 * All that must hold of any page, wherever it is read; leaves the pictures. `prepare(page)` may log in first; `answers`
 * is the HTTP status that the page comes with.
 */
export async function everywhere(browser, name, url, prepare = async () => {}, { answers = 200 } = {}) {
  const wrong = [];
  for (const theme of THEMES) {
    const page = await reader(browser, 'about:blank', { theme });
    await prepare(page);
    for (const width of WIDTHS) {
      const check = (words, found) => found.catch(error => wrong.push(`${name}, ${theme}, ${width} px, ${words}: ${error.message}`));
      await page.setViewportSize({ width, height: 900 });
      // Once for each theme: a page must also bear a window that becomes narrow.
      if (width === WIDTHS[0]) assert.equal((await page.goto(url)).status(), answers, `${url} answers`);
      await shot(page, name);
      await check('width', fits(page));
      if (width !== 390) await check('accessibility', accessible(page));
    }
    // A browser notes each page that comes with an error's status.
    const complaints = page.complaints.filter(line => answers < 400 || !line.includes(`status of ${answers}`));
    if (complaints.length) wrong.push(`${name}, ${theme}, the browser complains: ${complaints.join(' · ')}`);
    await page.context().close();
  }
  assert.deepEqual(wrong, []);
}

/** Hands for somebody who has no mouse. */
export function keyboard(page) {
  const focused = () => page.evaluate(() => {
    const element = document.activeElement;
    if (!element || element === document.body) return null;
    const labels = [...element.labels ?? []].map(label => label.innerText);
    const name = element.getAttribute('aria-label') ?? (labels.join(' ') || element.innerText || element.value || '');
    const style = getComputedStyle(element);
    const seen = (style.outlineStyle !== 'none' && parseFloat(style.outlineWidth) > 0) || style.boxShadow !== 'none';
    return { name: name.trim().replace(/\s+/g, ' '), seen, tag: element.tagName.toLowerCase() };
  });
  return {
    focused,
    press: (...keys) => keys.reduce((before, key) => before.then(() => page.keyboard.press(key)), Promise.resolve()),
    type: text => page.keyboard.type(text),
    /** Presses Tab until the element whose name holds `name` has the focus, and the focus can be seen on every way-station. */
    async to(name, most = 100) {
      const passed = [];
      for (let pressed = 0; pressed < most; pressed += 1) {
        const here = await focused();
        if (here?.name.includes(name)) return here;
        await page.keyboard.press('Tab');
        const next = await focused();
        if (next) {
          assert.ok(next.seen, `the focus on ${next.tag} "${next.name}" cannot be seen`);
          passed.push(next.name);
        }
      }
      return assert.fail(`"${name}" is not reached with Tab; passed were: ${passed.join(' · ')}`);
    },
  };
}
