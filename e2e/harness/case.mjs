// The case that the whole job is tried with: three complaints about the same machines, of two teams with keys and one without.
import { handIn } from './post.mjs';

const mail = (from, subject, id, lines) => [
  `From: ${from}`, 'To: cert@aldermark.example', `Subject: ${subject}`, `Date: ${new Date().toUTCString().replace('GMT', '+0000')}`,
  `Message-ID: <${id}@complaints.example>`, 'MIME-Version: 1.0', 'Content-Type: text/plain; charset=utf-8', '', ...lines, '',
].join('\r\n');

/** Harbrook FinCSIRT is responsible for the first two, Kestrelby County CERT for the third, nobody with a key for the last. */
export const ADDRESSES = ['198.18.8.70', '198.18.8.71', '198.18.16.70', '203.0.113.66'];

/** The complaints, by subject; each with its sender and its bytes. */
export const complaints = () => [
  { from: 'frida@library.example', subject: 'Our catalogue is being scraped to death', lines: ['Four machines fetch every page of our catalogue:', '', ...ADDRESSES, '', 'Please make them stop. TLP:AMBER', '', 'Frida'] },
  { from: 'ops@museum.example', subject: 'Scraping of the museum shop', lines: ['198.18.8.70 and 198.18.16.70 again, the whole night. TLP:AMBER'] },
  { from: 'web@archive.example', subject: 'Load on the archive', lines: ['203.0.113.66 asks for 200 pages a second. TLP:AMBER'] },
].map((one, index) => ({ ...one, bytes: mail(one.from, one.subject, `complaint-${index + 1}`, one.lines) }));

/** Sends the complaints to the desk and gives them. */
export function complain(node) {
  const all = complaints();
  for (const one of all) handIn(node, one.bytes, one.from);
  return all;
}

/** What Kestrelby answers to a mail of ours: to `subject`, as a person would. */
export const answerFromKestrelby = (to, subject) => [
  'From: Kestrelby County CERT <csirt@kestrelby.example>', `To: ${to}`, `Subject: Re: ${subject}`, `Date: ${new Date().toUTCString().replace('GMT', '+0000')}`,
  'Message-ID: <answer-1@kestrelby.example>', 'MIME-Version: 1.0', 'Content-Type: text/plain; charset=utf-8', '',
  'It was a student’s thesis. The machine is off the network since noon.', '',
].join('\r\n');
