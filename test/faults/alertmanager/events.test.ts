import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { text } from 'node:stream/consumers';
import { expect, it, vi } from 'vitest';
import { filledTexts } from '../../../lambdas/domain/alerts/go-template/filled-texts.ts';
import type { Told } from '../../../lambdas/domain/alerts/notify.ts';
import { alertsToSend } from '../../../lambdas/domain/alerts/notify.ts';
import { opsgenieRequest } from '../../../lambdas/domain/alerts/opsgenie.ts';
import { pagerdutyEvent } from '../../../lambdas/domain/alerts/pagerduty.ts';
import { slackAttachment } from '../../../lambdas/domain/alerts/slack.ts';
import { beginAndEnd, startAlertmanager } from '../../support/alertmanager.ts';
import { yamlOf } from '../../support/alerts.ts';

/**
 * What the real Alertmanager sends to PagerDuty, OpsGenie and Slack is what ours would send, byte by byte, of what begins and of its
 * end: in the words of both, in those of a person, and in templates.
 */

interface Post {
  readonly path: string;
  readonly authorization: string | undefined;
  readonly body: string;
}

const startReceiver = async () => {
  const posts: Post[] = [];
  const server = createServer(async (request, response) => {
    const { url: path = '', headers } = request;
    posts.push({ path, authorization: headers.authorization, body: await text(request) });
    response.writeHead(202).end();
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // It listens on a port, which has a number.
  const { port } = server.address() as AddressInfo;
  return { url: `http://127.0.0.1:${port}`, posts, [Symbol.asyncDispose]: async () => void server.close() };
};

const DETAILS = { team: 'shop', num_firing: 'many', zones: '{{ .CommonLabels.zone }}' };
const PAGERDUTY = {
  client: 'ops <&>',
  description: 'x'.repeat(2_000),
  severity: 'critical',
  class: '{{ .CommonLabels.alertname | toLower }}',
  group: '{{ range .Alerts.Firing }}{{ .Labels.vm }} {{ end }}',
};
const IMAGES = [{ src: 'https://i.test/{{ .Status }}.png', alt: 'a' }, { src: '{{ .CommonLabels.none }}' }];
const LINKS = [{ href: '{{ .ExternalURL }}/x', text: '<{{ len .Alerts }}>' }, { text: 'none' }];
const OPSGENIE = {
  priority: 'P1',
  tags: ' a,,b',
  actions: 'restart',
  note: 'n',
  entity: 'e',
  message: '{{ .CommonAnnotations.summary }} m'.repeat(20),
  description: '{{ template "__text_alert_list" .Alerts }}',
};
const SLACK = {
  title: '{{ template "slack.default.title" . }}!',
  text: '{{ range .Alerts }}*{{ .Labels.vm }}* {{ .Annotations.summary | title }} <&>\n{{ end }}',
  pretext: '{{ if eq .Status "firing" }}:fire:{{ end }}',
  color: '{{ if gt (len .Alerts.Firing) 1 }}#f00{{ else }}good{{ end }}',
  footer: 'f',
  channel: '#ops',
  username: 'NovaCron',
  icon_emoji: ':bell:',
  image_url: 'https://i.test',
};
const FIELDS = [
  { title: 'Zone', value: '{{ .CommonLabels.zone }}' },
  { title: 't', value: '{{ len .Alerts }}', short: true },
];
const ACTIONS = [
  { type: 'button', text: 'Look', url: '{{ .ExternalURL }}', style: 'primary' },
  {
    type: 'button',
    text: 't',
    name: 'n',
    value: '{{ .Status }}',
    confirm: { text: 'Sure of {{ .Receiver }}?', ok_text: 'yes' },
  },
];
const RESPONDERS = [
  { type: 'teams', name: 'ops,,shop' },
  { type: 'user', username: 'anna', id: '4' },
];
const NAMES = { plain: 'a b (c)/d', said: 'r<1>' };

const ALERTS = [
  { labels: { alertname: 'Disk', vm: 'web-1', zone: 'é<&>' }, annotations: { summary: 'full', runbook: 'r' } },
  { labels: { alertname: 'Disk', vm: 'web-2', zone: 'é<&>' }, annotations: { summary: 'full' } },
];

it('events of PagerDuty, alerts of OpsGenie and messages of Slack are the same', async () => {
  await using receiver = await startReceiver();
  const { url } = receiver;
  await using peer = await startAlertmanager(
    yamlOf({
      route: {
        receiver: NAMES.plain,
        group_by: ['alertname'],
        group_wait: '1s',
        group_interval: '2s',
        routes: [
          { matchers: ['alertname="Disk"'], receiver: NAMES.plain, continue: true },
          { matchers: ['alertname="Disk"'], receiver: NAMES.said },
        ],
      },
      receivers: [
        {
          name: NAMES.plain,
          pagerduty_configs: [{ url: `${url}/pd`, routing_key: 'k1' }],
          opsgenie_configs: [{ api_url: `${url}/og/`, api_key: 'k2' }],
          slack_configs: [{ api_url: `${url}/slack`, username: 'NovaCron', text: 'plain', send_resolved: true }],
        },
        {
          name: NAMES.said,
          pagerduty_configs: [
            { url: `${url}/pd`, routing_key: 'k3', details: DETAILS, images: IMAGES, links: LINKS, ...PAGERDUTY },
          ],
          opsgenie_configs: [
            { api_url: `${url}/og/`, api_key: 'k4', details: DETAILS, responders: RESPONDERS, ...OPSGENIE },
          ],
          slack_configs: [
            {
              api_url: `${url}/slack`,
              ...SLACK,
              fields: FIELDS,
              actions: ACTIONS,
              link_names: true,
              short_fields: false,
              send_resolved: true,
            },
          ],
        },
      ],
    }),
  );
  const expected = (alerts: Told['alerts'], at: number): Post[] =>
    [NAMES.plain, NAMES.said].flatMap((name): Post[] => {
      const told: Told = {
        receiver: name,
        groupKey: '{}/{alertname="Disk"}:{alertname="Disk"}',
        groupLabels: { alertname: 'Disk' },
        alerts: alertsToSend(alerts, at, true),
        at,
        externalURL: 'http://alerts.test',
      };
      const isPlain = name === NAMES.plain;
      const pagerduty = isPlain
        ? { texts: { client: 'Alertmanager' }, details: {} }
        : { texts: PAGERDUTY, details: DETAILS, images: IMAGES, links: LINKS };
      const opsgenie = isPlain
        ? { texts: {}, details: {}, responders: [] }
        : { texts: OPSGENIE, details: DETAILS, responders: RESPONDERS };
      const slack = {
        texts: isPlain ? { text: 'plain' } : SLACK,
        fields: isPlain ? [] : FIELDS,
        actions: isPlain ? [] : ACTIONS,
        shortFields: false,
        linkNames: !isPlain,
        mrkdwnIn: [],
      };
      const said = <T>(texts: T): T => filledTexts(texts, told, {}).texts;
      const { path, body } = opsgenieRequest(told, said(opsgenie));
      return [
        { path: '/pd', authorization: undefined, body: pagerdutyEvent(told, said(pagerduty), isPlain ? 'k1' : 'k3') },
        { path: `/og/${path}`, authorization: `GenieKey ${isPlain ? 'k2' : 'k4'}`, body },
        { path: '/slack', authorization: undefined, body: slackAttachment(told, said(slack)) },
      ];
    });
  const byBody = (posts: readonly Post[]) => posts.toSorted((a, b) => (a.body < b.body ? -1 : 1));
  const heard = async (alerts: Told['alerts'], at: number) => {
    const all = byBody(expected(alerts, at));
    await vi.waitFor(() => expect(byBody(receiver.posts)).toEqual(all), { timeout: 30_000, interval: 100 });
    receiver.posts.length = 0;
  };
  await beginAndEnd(peer, ALERTS, heard);
});
