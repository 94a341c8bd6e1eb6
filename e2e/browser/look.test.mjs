// Every key page as a picture, in both themes, wide and narrow; read by axe-core, and with nothing that the browser complains about.
import { after, before, test } from 'node:test';
import { demo } from '../harness/demo.mjs';
import { everywhere, launch, logIn, reader } from '../harness/browser.mjs';

let browser, node, session;
before(async () => {
  [browser, node] = await Promise.all([launch(), demo()]);
  const page = await reader(browser, `${node.url}/login`);
  await logIn(page, node);
  session = await page.context().cookies();
  await page.context().close();
});
after(async () => { await browser?.close(); await node?.stop(); });

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

for (const [name, path] of Object.entries(pages)) {
  test(`${name} can be read everywhere`, async () => {
    await everywhere(browser, name, node.url + path, page => page.context().addCookies(session), { answers: name === 'nowhere' ? 404 : 200 });
  });
}
