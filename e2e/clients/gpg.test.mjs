// What the desk sends, opened with GnuPG as its recipients do.
import { after, before, test } from 'node:test';
import assert from 'node:assert/strict';
import { demo } from '../harness/demo.mjs';
import { field, keyring } from '../harness/gpg.mjs';
import { sent } from '../harness/post.mjs';

let node, ring;
before(async () => { node = await demo(); ring = keyring(node); });
after(async () => { ring?.stop(); await node?.stop(); });

/** The mails in the sink whose content type is `type`. */
const of = type => sent(node).filter(mail => field(mail, 'content-type')?.toLowerCase().startsWith(type));

test('every encrypted mail is opened by its recipient, whole and signed, and shows nothing of it before', () => {
  const mails = of('multipart/encrypted');
  assert.ok(mails.length > 0, `no encrypted mail in ${node.sink}`);
  for (const mail of mails) {
    const { status, content, said } = ring.open(mail);
    assert.equal(status, 0, said);
    assert.match(said, /GOODSIG/);
    assert.match(said, /GOODMDC/);
    assert.match(content, /^content-type:/im);
    const address = content.match(/\b\d{1,3}(\.\d{1,3}){3}\b/)?.[0];
    assert.ok(address === undefined || !mail.includes(address), `${address} can be read without the key`);
  }
});
