import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Html, html } from '../../../lambdas/domain/alerts/html.ts';
import { type MailAddress, readAddresses } from '../../../lambdas/domain/alerts/mail-addresses.ts';
import { addressText, headerText, mimeMessage } from '../../../lambdas/domain/alerts/mime.ts';
import { SEED } from '../../support/cases.ts';
import { parsedMails } from '../../support/parsed-mail.ts';

describe('addresses', () => {
  it.each<[string, MailAddress[]]>([
    ['a@example.org', [{ address: 'a@example.org' }]],
    [' a@example.org , b@example.org,', [{ address: 'a@example.org' }, { address: 'b@example.org' }]],
    ['Anna <a+x@mail.example.org>', [{ name: 'Anna', address: 'a+x@mail.example.org' }]],
    [
      '"Ops, \\"night\\"" <ops@example.org>, <b@example.org>',
      [{ name: 'Ops, "night"', address: 'ops@example.org' }, { address: 'b@example.org' }],
    ],
    ['', []],
  ])('%s', (text, addresses) => {
    expect(readAddresses(text)).toEqual(addresses);
  });

  it.each([
    'a',
    'a@',
    '@b',
    'a b@c.org',
    'Anna <a@b.org> x',
    'a@b.org\r\nBcc: c@d.org',
    '<a@b@c>',
    '"x <a@b.org>, c@d.org',
  ])('%j is none', (text) => {
    expect(() => readAddresses(text)).toThrow(/is no e-mail address/);
  });
});

const someText = fc.oneof(
  fc.string({ maxLength: 300 }),
  fc.string({ unit: 'grapheme', maxLength: 200 }),
  fc.constantFrom(
    '=?UTF-8?B?eA==?=',
    'x'.repeat(2_000),
    'Bcc: a@b.org\r\n\r\nbody',
    'ein Gerät — läuft nicht',
    'a\0b\x7f',
  ),
);

/** In one encoded word: of several, Python 3.11 keeps the spaces between them. */
const someName = fc
  .oneof(fc.string({ maxLength: 20 }), fc.string({ unit: 'grapheme', maxLength: 4 }))
  .filter((text) => inOneLine(text) !== '' && Buffer.byteLength(text) <= 45);

/** As a header can hold it: in one line, with no characters that mean something to a terminal. */
const inOneLine = (text: string): string => text.replace(/[\p{Cc}\u2028\u2029]+/gu, ' ').trim();
const withOneSpace = (text: string): string => text.replace(/\s+/gu, ' ').trim();

describe('a mail', () => {
  it('says to another reader of mails what was written, and nothing else is in its head', () => {
    const written = fc.sample(
      fc.record({
        subject: someText,
        name: someName,
        text: someText,
        html: fc.option(someText, { nil: undefined }),
      }),
      { seed: SEED, numRuns: 300 },
    );
    const mails = written.map(({ subject, name, text, html: markup }) =>
      mimeMessage({
        headers: [
          ['To', addressText([{ name, address: 'a@example.org' }, { address: 'b@example.org' }])],
          ['Subject', headerText(subject)],
        ],
        text,
        ...(markup === undefined ? {} : { html: markup }),
      }),
    );
    for (const mail of mails) {
      expect(mail).toMatch(/^[\x20-\x7e\r\n]*$/);
      for (const line of mail.split('\r\n')) expect(line.length).toBeLessThanOrEqual(998);
    }
    for (const [index, parsed] of parsedMails(mails).entries()) {
      const { subject, name, text, html: markup } = written[index] ?? { subject: '', name: '', text: '' };
      expect(Object.keys(parsed.headers)).toEqual(['to', 'subject', 'mime-version', 'content-type']);
      expect(withOneSpace(parsed.headers.subject?.[0] ?? '')).toBe(withOneSpace(inOneLine(subject)));
      expect(parsed.to.map(([, address]) => address)).toEqual(['a@example.org', 'b@example.org']);
      expect(withOneSpace(parsed.to[0]?.[0] ?? '')).toBe(withOneSpace(inOneLine(name)));
      expect(parsed.parts).toEqual([['text/plain', text], ...(markup === undefined ? [] : [['text/html', markup]])]);
      expect(parsed.defects).toEqual([]);
    }
  });

  it('to fifty people has no line that is too long', () => {
    const all = Array.from({ length: 50 }, (_, index) => ({
      name: `Person ${index}`,
      address: `p${index}@example.org`,
    }));
    const mail = mimeMessage({ headers: [['To', addressText(all)]], text: '' });
    for (const line of mail.split('\r\n')) expect(line.length).toBeLessThanOrEqual(78);
    expect(parsedMails([mail])[0]?.to).toHaveLength(50);
  });
});

describe('HTML', () => {
  it('has what is put into it escaped, in content and in attributes, and other HTML as it is', () => {
    const inner = html`<b>${'<i>&'}</b>`;
    const whole = html`<a title="${'"\' onload=x'}">${[inner, new Html('<br>')]}</a>`;
    expect(whole.text).toBe('<a title="&quot;&#39; onload=x"><b>&lt;i&gt;&amp;</b><br></a>');
  });
});
