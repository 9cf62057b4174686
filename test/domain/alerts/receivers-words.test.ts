import { describe, expect, it } from 'vitest';
import type { Told } from '../../../lambdas/domain/alerts/notify.ts';
import { opsgenieRequest } from '../../../lambdas/domain/alerts/opsgenie.ts';
import { pagerdutyEvent } from '../../../lambdas/domain/alerts/pagerduty.ts';
import { slackAttachment } from '../../../lambdas/domain/alerts/slack.ts';
import { newAlert, secondsOff } from '../../support/alerts.ts';

/** That these are byte by byte what Alertmanager sends is seen by test/faults/alertmanager/events.test.ts. */
const told = (endsAt: string, annotations = {}): Told => ({
  receiver: 'team',
  groupKey: '{}:{alertname="X"}',
  groupLabels: { alertname: 'X' },
  alerts: [newAlert({ endsAt, annotations })],
  at: Date.parse(secondsOff(0)),
  externalURL: 'https://api.example.org',
});
const FIRES = told(secondsOff(60));
const OVER = told(secondsOff(-1));
const BARE = { fields: [], actions: [], shortFields: false, linkNames: false, mrkdwnIn: [] };

describe('a message of Slack', () => {
  it('has what nobody wrote in the usual words, and a colour', () => {
    const [firing, over] = [FIRES, OVER].map((each) => JSON.parse(slackAttachment(each, { texts: {}, ...BARE })));
    expect(firing).toMatchObject({ username: 'NovaCron', attachments: [{ title: '[FIRING:1] X ', color: 'danger' }] });
    expect(over).toMatchObject({ attachments: [{ title: '[RESOLVED] X ', color: 'good', text: '' }] });
  });

  it('has what somebody wrote, a title no longer than Slack takes', () => {
    const message = {
      texts: { title: 't'.repeat(2_000), title_link: '', color: '#f00', fallback: 'f', callback_id: 'c', footer: 'b' },
      fields: [{ title: 'a' }, { value: 'v', short: false }],
      actions: [{ type: 'button', text: 'x', confirm: { text: 'y', ok_text: 'z' } }],
      shortFields: true,
      linkNames: true,
      mrkdwnIn: ['text'],
    };
    const [attachment] = JSON.parse(slackAttachment(FIRES, message)).attachments;
    expect(attachment).toEqual({
      title: `${'t'.repeat(1_023)}…`,
      text: '',
      fallback: 'f',
      callback_id: 'c',
      fields: [
        { title: 'a', short: true },
        { value: 'v', short: false },
      ],
      actions: [{ type: 'button', text: 'x', confirm: { text: 'y', ok_text: 'z' } }],
      footer: 'b',
      color: '#f00',
      mrkdwn_in: ['text'],
    });
  });
});

describe('an event of PagerDuty', () => {
  it('has pictures and links that lead somewhere, and no details where it would be too large', () => {
    const images = [{ src: 'https://i' }, { alt: 'none' }];
    const links = [{ href: 'https://l', text: 't' }, { text: 'none' }];
    const event = JSON.parse(pagerdutyEvent(FIRES, { texts: {}, details: {}, images, links }, 'k'));
    expect(event).toMatchObject({
      event_action: 'trigger',
      images: [{ src: 'https://i', alt: '', href: '' }],
      links: [{ href: 'https://l', text: 't' }],
      payload: { source: 'NovaCron', severity: 'error', custom_details: { num_firing: '1' } },
    });
    const large = JSON.parse(pagerdutyEvent(OVER, { texts: {}, details: { a: 'x'.repeat(600_000) } }, 'k'));
    expect(large).toMatchObject({
      event_action: 'resolve',
      payload: { custom_details: { error: expect.any(String) } },
    });
  });
});

describe('an alert of OpsGenie', () => {
  it('is made, with all that somebody wrote, and closed', () => {
    const texts = {
      tags: ' a,,b',
      actions: 'r',
      note: 'n',
      priority: 'P1',
      entity: 'e',
      description: 'd',
      source: 's',
    };
    const responders = [{ type: 'teams', name: 'a,b' }, { type: 'teams' }, { id: '4', username: 'anna' }, { name: '' }];
    const made = opsgenieRequest(FIRES, { texts, details: { k: 'v' }, responders });
    expect(JSON.parse(made.body)).toMatchObject({
      ...texts,
      tags: ['a', 'b'],
      actions: ['r'],
      responders: [{ name: 'a' }, { name: 'b' }, { id: '4', username: 'anna' }].map((each) =>
        expect.objectContaining(each),
      ),
    });
    expect(opsgenieRequest(OVER, { texts: {}, details: {}, responders: [] }).path).toContain('/close?');
    const plain = JSON.parse(opsgenieRequest(FIRES, { texts: { description: '' }, details: {}, responders: [] }).body);
    expect(plain).not.toHaveProperty('description');
    expect(plain.source).toContain('receiver=team');
  });
});
