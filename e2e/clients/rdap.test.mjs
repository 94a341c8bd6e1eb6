// The registry by RDAP, asked and judged by ICANN's command-line client:
//   cargo install icann-rdap-cli --version 0.0.30 --root ~/.local
// RDAP_CLI names the folder of its programs `rdap` and `rdap-test`; without it they are looked for in PATH, and left
// out with a line when they are not there.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { demo } from '../harness/demo.mjs';

const program = name => process.env.RDAP_CLI ? join(process.env.RDAP_CLI, name) : name;
const installed = spawnSync(program('rdap-test'), ['--version']).status === 0;
const skip = installed ? false : 'icann-rdap-cli is not installed';
if (!installed) console.log(`left out: ${skip} (see the head of clients/rdap.test.mjs)`);

let node;
before(async () => { if (installed) node = await demo(); });
after(() => node?.stop());

const run = (name, args, input) => {
  const { status, stdout, stderr } = spawnSync(program(name), args, { encoding: 'utf8', timeout: 30_000, input });
  return { status, out: stdout, said: stderr };
};
const ask = (...what) => run('rdap', ['-T', '-N', '-P', 'none', '-L', 'error', '-B', `${node.url}/rdap`, '-O', 'json', ...what]);
const card = (entity, name) => entity.vcardArray[1].filter(property => property[0] === name).map(property => property[3]);

test('an address leads to its network and to the team with its mail address', { skip }, async () => {
  const { status, out, said } = ask('192.0.2.77');
  assert.equal(status, 0, said);
  const network = JSON.parse(out);
  const team = network.entities.find(entity => entity.roles.includes('abuse'));
  assert.match(team.handle, /^IRT-/);
  assert.ok(card(team, 'email').length > 0, out);
  // The client leaves out what it does not know.
  const whole = await (await fetch(`${node.url}/rdap/ip/192.0.2.77`)).json();
  const trust = whole.entities.find(entity => entity.handle === team.handle).wardmote_trust;
  assert.match(trust.status, /^(listed|candidate|accredited|certified|suspended)$/);
});

test('a team is fetched by its handle', { skip }, () => {
  const { status, out, said } = ask('-t', 'entity', 'IRT-SKERRY');
  assert.equal(status, 0, said);
  assert.deepEqual(card(JSON.parse(out), 'fn'), ['IRT-SKERRY']);
});

// `rdap-test` takes an entity within an entity for the topmost object, and misses `rdapConformance` there, which
// RFC 9083 section 4.1 wants on the topmost object only.
const MISTAKEN = /entity\/entity\/\[\d+\]\/rdap_conformance/;

for (const path of ['ip/192.0.2.77', 'ip/2001:db8:5b:7::12', 'autnum/64500', 'domain/www.skerry.example', 'domain/2.0.192.in-addr.arpa',
  'entity/IRT-SKERRY', 'entities?handle=irt-*', 'entities?fn=ski*', 'domains?name=2.*', 'help', 'ip/240.0.0.1', 'nameserver/ns1.skerry.example']) {
  test(`the client finds nothing wrong with ${path}`, { skip }, async () => {
    const answer = await fetch(`${node.url}/rdap/${path}`);
    assert.equal(answer.headers.get('content-type'), 'application/rdap+json');
    const { out, said } = run('rdap-test', ['-L', 'error', '-E', '-O', 'json', '--stdin',
      ...['error', 'warning', 'std95-error', 'std95-warn', 'cidr0-error'].flatMap(kind => ['-C', kind])], await answer.text());
    const report = JSON.parse(out.match(/^\{.*\}$/m)?.[0] ?? assert.fail(out + said)).String.test_run;
    assert.equal(report.outcome, 'Tested');
    assert.deepEqual(report.summaries.filter(({ structure }) => !MISTAKEN.test(structure)), []);
  });
}
