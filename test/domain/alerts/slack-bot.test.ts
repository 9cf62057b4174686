import { describe, expect, it } from 'vitest';
import { isBotUrl, methodUrl, slackAnswer } from '../../../lambdas/domain/alerts/slack-bot.ts';

describe("the address of Slack's Web API", () => {
  it.each([
    [true, 'https://slack.com/api/chat.postMessage'],
    [true, 'http://10.0.0.7:8080/api/chat.postMessage'],
    [false, 'ftp://slack.com/api/chat.postMessage'],
    [false, 'https://hooks.slack.com/services/T0/B0/secret'],
    [false, 'https://slack.com/api/chat.postMessage?token=xoxb-1'],
    [false, 'https://token@slack.com/api/chat.postMessage'],
    [false, 'https://token:x@slack.com/api/chat.postMessage'],
    [false, '<secret>'],
  ])('%s of %s', (is, url) => {
    expect(isBotUrl(url)).toBe(is);
  });

  it('has its other methods beside it', () => {
    expect(methodUrl('https://slack.com/api/chat.postMessage', 'chat.update')).toBe(
      'https://slack.com/api/chat.update',
    );
  });
});

describe('an answer of Slack', () => {
  it.each([
    ['{"ok":true,"channel":"C1","ts":"1.2","message":{}}', { channel: 'C1', ts: '1.2' }],
    ['{"ok":false,"error":"ratelimited"}', { error: 'ratelimited' }],
    ['{"ok":false,"error":"<!here>"}', { error: 'no_answer_of_slack' }],
    ['{"ok":true}', { error: 'no_answer_of_slack' }],
    ['{"ok":"true","channel":"C1","ts":"1.2"}', { error: 'no_answer_of_slack' }],
    ['ok', { error: 'no_answer_of_slack' }],
    ['', { error: 'no_answer_of_slack' }],
  ])('%s', (text, said) => {
    expect(slackAnswer(text)).toEqual(said);
  });
});
