import { describe, expect, it } from 'vitest';
import { isSignedBySlack } from '../../../lambdas/domain/alerts/slack-signature.ts';

/** The example of Slack's own documentation: "Verifying requests from Slack", docs.slack.dev. */
const SECRET = '8f742231b10e8888abcd99yyyzzz85a5';
const signed = {
  timestamp: '1531420618',
  signature: 'v0=a2114d57b48eac39b9ad189dd8316235a7b4a8d21a10bd27519666489c69b503',
  body: 'token=xyzz0WbapA4vBCDEFasx0q6G&team_id=T1DC2JH3J&team_domain=testteamnow&channel_id=G8PSS9T3V&channel_name=foobar&user_id=U2CERLKJA&user_name=roadrunner&command=%2Fwebhook-collect&text=&response_url=https%3A%2F%2Fhooks.slack.com%2Fcommands%2FT1DC2JH3J%2F397700885554%2F96rGlfmibIGlgcZRskXaIFfN&trigger_id=398738663015.47445629121.803a0bc887a14d10d2c447fce8b6703c',
};
const NOW = 1_531_420_618_000;

describe("Slack's signature", () => {
  it('is that of its documentation', () => {
    expect(isSignedBySlack(signed, SECRET, NOW)).toBe(true);
  });

  it.each([
    ['another secret', signed, `${SECRET}x`, NOW],
    ['another body', { ...signed, body: `${signed.body}&a=b` }, SECRET, NOW],
    ['another time', { ...signed, timestamp: '1531420619' }, SECRET, NOW],
    ['another version', { ...signed, signature: signed.signature.replace('v0', 'v1') }, SECRET, NOW],
    ['a signature that is cut', { ...signed, signature: signed.signature.slice(0, -1) }, SECRET, NOW],
    ['no signature', { ...signed, signature: '' }, SECRET, NOW],
    ['no time', { ...signed, timestamp: '' }, SECRET, NOW],
    ['a time that is none', { ...signed, timestamp: '1e9' }, SECRET, NOW],
    ['six minutes', signed, SECRET, NOW + 360_000],
    ['a time to come', signed, SECRET, NOW - 360_000],
  ])('is refused by %s', (_, request, secret, now) => {
    expect(isSignedBySlack(request, secret, now)).toBe(false);
  });

  it('holds for five minutes', () => {
    expect(isSignedBySlack(signed, SECRET, NOW + 300_000)).toBe(true);
    expect(isSignedBySlack(signed, SECRET, NOW + 300_001)).toBe(false);
  });
});
