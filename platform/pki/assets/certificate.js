// A certificate whose key is made in this browser and never leaves it: the request goes to the node, key and certificate go
// into a file of the reader's own. Without this script the same page takes a request that was made elsewhere.
'use strict';

const form = document.querySelector('form[data-make-key]');
const told = form?.querySelector('[data-told]');
const subtle = globalThis.crypto?.subtle;

// DER (X.690), as much of it as is needed.
const join = (...parts) => new Uint8Array(parts.flatMap(part => [...part]));
const tlv = (tag, ...parts) => {
  const body = join(...parts), length = [];
  for (let rest = body.length; rest > 0; rest >>>= 8) length.unshift(rest & 255);
  return join([tag], body.length < 128 ? [body.length] : [0x80 | length.length, ...length], body);
};
const seq = (...parts) => tlv(0x30, ...parts);
const octets = bytes => tlv(4, bytes);
const bits = bytes => tlv(3, [0], bytes);
const int = bytes => {
  let value = [...bytes];
  while (value.length > 1 && value[0] === 0) value.shift();
  return tlv(2, value[0] & 0x80 ? [0, ...value] : value);
};
const number = value => int([value >>> 24 & 255, value >>> 16 & 255, value >>> 8 & 255, value & 255]);
const oid = text => {
  const [first, second, ...rest] = text.split('.').map(Number), out = [first * 40 + second];
  for (const arc of rest) {
    const digits = [arc & 127];
    for (let left = Math.floor(arc / 128); left > 0; left = Math.floor(left / 128)) digits.unshift(0x80 | left % 128);
    out.push(...digits);
  }
  return tlv(6, out);
};
const NULL = [5, 0];
const bmp = text => tlv(0x1e, [...text].flatMap(letter => [letter.charCodeAt(0) >> 8, letter.charCodeAt(0) & 255]));

const base64 = bytes => btoa(String.fromCharCode(...bytes));
const pem = (label, bytes) => `-----BEGIN ${label}-----\n${base64(bytes).match(/.{1,64}/g).join('\n')}\n-----END ${label}-----\n`;
const unarmour = text => [...text.matchAll(/-----BEGIN CERTIFICATE-----([^-]+)-----END/g)]
  .map(([, body]) => Uint8Array.from(atob(body.replace(/\s/g, '')), letter => letter.charCodeAt(0)));

// PKCS#10 (RFC 2986), signed with ECDSA and SHA-256. It names nobody: the node writes the names.
async function request(keys) {
  const spki = new Uint8Array(await subtle.exportKey('spki', keys.publicKey));
  const info = seq(number(0), seq(), spki, tlv(0xa0));
  const raw = new Uint8Array(await subtle.sign({ name: 'ECDSA', hash: 'SHA-256' }, keys.privateKey, info));
  const signature = seq(int(raw.slice(0, 32)), int(raw.slice(32)));
  return seq(info, seq(oid('1.2.840.10045.4.3.2')), bits(signature));
}

const random = length => crypto.getRandomValues(new Uint8Array(length));
const ROUNDS = 600_000, MAC_ROUNDS = 10_000;

// The key under the passphrase: PBES2 with PBKDF2 and AES-256 (RFC 8018).
async function sealed(key, passphrase) {
  const salt = random(16), iv = random(16);
  const secret = await subtle.importKey('raw', new TextEncoder().encode(passphrase), 'PBKDF2', false, ['deriveKey']);
  const derived = await subtle.deriveKey({ name: 'PBKDF2', hash: 'SHA-256', salt, iterations: ROUNDS }, secret, { name: 'AES-CBC', length: 256 }, false, ['encrypt']);
  const body = new Uint8Array(await subtle.encrypt({ name: 'AES-CBC', iv }, derived, key));
  const kdf = seq(oid('1.2.840.113549.1.5.12'), seq(octets(salt), number(ROUNDS), seq(oid('1.2.840.113549.2.9'), NULL)));
  const cipher = seq(oid('2.16.840.1.101.3.4.1.42'), octets(iv));
  return seq(seq(oid('1.2.840.113549.1.5.13'), seq(kdf, cipher)), octets(body));
}

// PKCS#12 (RFC 7292), as browsers and mail programs import it.
async function pkcs12(key, chain, passphrase, name) {
  const data = content => seq(oid('1.2.840.113549.1.7.1'), tlv(0xa0, octets(content)));
  const id = new Uint8Array(await subtle.digest('SHA-256', chain[0]));
  const attributes = tlv(0x31,
    seq(oid('1.2.840.113549.1.9.20'), tlv(0x31, bmp(name))),
    seq(oid('1.2.840.113549.1.9.21'), tlv(0x31, octets(id))));
  const bag = (der, own) => seq(oid('1.2.840.113549.1.12.10.1.3'),
    tlv(0xa0, seq(oid('1.2.840.113549.1.9.22.1'), tlv(0xa0, octets(der)))), own ? attributes : []);
  const keyBag = seq(oid('1.2.840.113549.1.12.10.1.2'), tlv(0xa0, await sealed(key, passphrase)), attributes);
  const safe = seq(data(seq(...chain.map((der, n) => bag(der, n === 0)))), data(seq(keyBag)));

  // The key of the seal (appendix B.2): 32 bytes, so one digest, many times over.
  const salt = random(16), fill = (bytes, length) => Uint8Array.from({ length }, (_, n) => bytes[n % bytes.length]);
  const secret = [...passphrase].flatMap(letter => [letter.charCodeAt(0) >> 8, letter.charCodeAt(0) & 255]).concat(0, 0);
  let digest = join(fill([3], 64), fill(salt, 64), fill(secret, 64 * Math.ceil(secret.length / 64)));
  for (let round = 0; round < MAC_ROUNDS; round++) digest = new Uint8Array(await subtle.digest('SHA-256', digest));
  const mac = await subtle.importKey('raw', digest, { name: 'HMAC', hash: 'SHA-256' }, false, ['sign']);
  const seal = new Uint8Array(await subtle.sign('HMAC', mac, safe));
  return seq(number(3), data(safe), seq(seq(seq(oid('2.16.840.1.101.3.4.2.1'), NULL), octets(seal)), octets(salt), number(MAC_ROUNDS)));
}

function offer(link, bytes, type) {
  link.href = URL.createObjectURL(new Blob([bytes], { type }));
  link.hidden = false;
}

async function make(event) {
  event.preventDefault();
  const passphrase = form.elements.passphrase.value, button = form.querySelector('button');
  if (passphrase.length < 8) {
    told.textContent = 'Choose a passphrase of at least 8 characters: the file with your key is only as safe as it.';
    form.elements.passphrase.focus();
    return;
  }
  button.disabled = true;
  told.textContent = 'Making the key, and asking for the certificate…';
  try {
    const keys = await subtle.generateKey({ name: 'ECDSA', namedCurve: 'P-256' }, true, ['sign']);
    const fields = new URLSearchParams({ csr: pem('CERTIFICATE REQUEST', await request(keys)), notify: form.elements.tell.value });
    const answer = await fetch(form.action, { method: 'POST', body: fields, headers: { accept: 'application/json' }, redirect: 'error' });
    const said = await answer.json().catch(() => ({}));
    if (!answer.ok || !said.chain) throw new Error(said.detail ?? `the node answered ${answer.status}: open the page again`);
    const key = new Uint8Array(await subtle.exportKey('pkcs8', keys.privateKey));
    const name = form.dataset.makeKey;
    offer(document.querySelector('[data-file="p12"]'), await pkcs12(key, unarmour(said.chain), passphrase, name), 'application/x-pkcs12');
    offer(document.querySelector('[data-file="pem"]'), pem('ENCRYPTED PRIVATE KEY', await sealed(key, passphrase)) + said.chain, 'application/x-pem-file');
    form.hidden = true;
    const done = document.querySelector('[data-made]');
    done.hidden = false;
    done.querySelector('[data-until]').textContent = said.until.slice(0, 10);
    done.querySelector('a').focus();
  } catch (error) {
    told.textContent = `No certificate was made: ${error.message}`;
    button.disabled = false;
  }
}

if (form && subtle) {
  form.hidden = false;
  form.addEventListener('submit', make);
}
