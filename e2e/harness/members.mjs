// A node with hosts: members come in by TLS, strangers at the public host, machines at their own; with a certification authority.
import assert from 'node:assert/strict';
import { readFileSync, writeFileSync } from 'node:fs';
import { spawnSync } from 'node:child_process';
import { join } from 'node:path';
import { freePort, start } from './process.mjs';

export const MEMBERS = 'members.trust.test', PUBLIC = 'www.trust.test', MACHINES = 'pki.trust.test';

/** Commands in the folder of `node`: `run` gives status and what was said, `done` fails unless it went well, `wardmote` is the program under test. */
export function commands(node) {
  const run = (command, ...args) => {
    const { status, stdout, stderr, error } = spawnSync(command, args, { encoding: 'utf8', timeout: 60_000, cwd: node.dir, input: '' });
    return { status, said: error ? String(error) : stdout + stderr };
  };
  const done = (command, ...args) => {
    const { status, said } = run(command, ...args);
    assert.equal(status, 0, `${command} ${args.join(' ')}: ${said}`);
    return said;
  };
  return { run, done, wardmote: (...args) => done(process.env.WARDMOTE, ...args), at: name => join(node.dir, name) };
}

/** Makes a certificate for `names` and its key, vouched for by nobody: `FILE.pem` and `FILE.key`. */
export function certificate(node, file, ...names) {
  const { done, at } = commands(node);
  const alternatives = names.map(name => `DNS:${name}`).join(',');
  done('openssl', 'req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '30', '-subj', `/CN=${file}`,
    '-addext', `subjectAltName=${alternatives}`, '-out', at(`${file}.pem`), '-keyout', at(`${file}.key`));
}

/**
 * Serves the data of the demo `node` a second time, at three hosts by TLS, with an authority of its own.
 *
 * Gives `port`, `url` (the members' host), `plain` (without TLS, to go on with), `config` (arguments of commands) and `stop()`.
 * The certificates served are `own.pem` (members and public) and `machines.pem`, in the folder of the demo.
 */
export async function members(node) {
  const { wardmote, at } = commands(node);
  const config = ['--config', at('wardmote.toml')];
  certificate(node, 'own', MEMBERS, PUBLIC);
  certificate(node, 'machines', MACHINES);
  const hosts = `\n[hosts]\npublic = "${PUBLIC}"\nmembers = "${MEMBERS}"\npki = "${MACHINES}"\n\n[[tls.more]]\ncert = "${at('machines.pem')}"\nkey = "${at('machines.key')}"\n`;
  writeFileSync(at('wardmote.toml'), readFileSync(at('wardmote.toml'), 'utf8').replace(/^\[hosts\]\n/m, '') + hosts);
  const port = await freePort();
  const web = `127.0.0.1:${await freePort()}`;
  const plain = `http://localhost:${web.split(':')[1]}`;
  const env = { WARDMOTE_WEB__LISTEN: web, WARDMOTE_SMTP__LISTEN: `127.0.0.1:${await freePort()}`, WARDMOTE_WHOIS__LISTEN: `127.0.0.1:${await freePort()}`,
    WARDMOTE_WEB__BASE_URL: `https://${MEMBERS}:${port}`,
    WARDMOTE_TLS__ENABLED: 'true', WARDMOTE_TLS__LISTEN: `127.0.0.1:${port}`, WARDMOTE_TLS__CERT: at('own.pem'), WARDMOTE_TLS__KEY: at('own.key') };
  const program = await start(process.env.WARDMOTE, ['serve', ...config], { env, answersAt: `${plain}/login` });

  writeFileSync(at('passphrase'), 'a passphrase of several words\n');
  const secret = ['--passphrase-file', 'passphrase'];
  wardmote('cert', 'root', 'init', '--community', 'Demo CERTs', '--out', 'root.pem', ...secret);
  wardmote('cert', 'issuing', 'request', ...config, '--community', 'Demo CERTs', '--out', 'issuing.csr');
  wardmote('cert', 'root', 'sign-issuer', '--root', 'root.pem', '--csr', 'issuing.csr', '--out', 'issuing.pem', '--url', plain, ...secret);
  wardmote('cert', 'issuing', 'install', ...config, 'issuing.pem');
  wardmote('cert', 'root', 'crl', '--root', 'root.pem', '--number', '1', '--out', 'root.crl', ...secret);
  wardmote('cert', 'issuing', 'root-crl', ...config, 'root.crl');
  return { port, plain, config, url: `https://${MEMBERS}:${port}`, stop: program.stop };
}
