// Debian's whois against the demo's registry, as its users call it.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { demo } from '../harness/demo.mjs';

let node;
before(async () => { node = await demo(); });
after(async () => { await node?.stop(); });

function whois(...query) {
  const [host, port] = node.whois.split(':');
  const ran = spawnSync('whois', ['-h', host, '-p', port, ...query], { encoding: 'utf8', timeout: 20_000 });
  assert.equal(ran.error, undefined);
  return ran.stdout;
}

test('an address leads to its team, with the address to write to and the network that names it', () => {
  const answer = whois('--', '-c 198.51.100.132');
  const [, irt, network] = answer.match(/^% IRT for '198\.51\.100\.132' is '(IRT-\S+)', from inetnum '(.+)'$/m) ?? assert.fail(answer);
  assert.match(answer, new RegExp(`^inetnum: +${network.replaceAll('.', '\\.')}$`, 'm'));
  assert.match(answer, new RegExp(`^irt: +${irt}\\n(.+\\n)*?e-mail: +\\S+@\\S+$`, 'm'));
});

test('the flags that whois has of its own are understood', () => {
  assert.match(whois('-r', '-T', 'inetnum', '198.51.100.132'), /^inetnum:/m);
  assert.doesNotMatch(whois('-r', '198.51.100.132'), /^person:/m);
  assert.match(whois('-t', 'irt'), /^irt: +\[mandatory\]/m);
  assert.match(whois('-q', 'sources'), /^WARD:3:/m);
  assert.match(whois('-L', '198.51.100.132'), /^inetnum:/m);
});

test('what is not there is told by its number', () => {
  assert.match(whois('IRT-NOWHERE'), /%ERROR:101: no entries found/);
});
