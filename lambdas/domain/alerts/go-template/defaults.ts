import { FUNCTION_NAMES } from './functions.ts';
import type { Tree, Trees } from './nodes.ts';
import { parse } from './parse.ts';

/** The templates that Alertmanager 0.25 has from the start, by their names there. What they say is compared with what its own say. */

const SUBJECT = '{{ template "__subject" . }}';
const LINK = '{{ template "__alertmanagerURL" . }}';
const ANNOTATIONS = '{{ join " " .CommonAnnotations.Values }}';

/** The alerts that fire, and those that are over, where there are any; `space` stands around each list. */
const listed = (space: string): string =>
  ['Firing', 'Resolved']
    .map(
      (state) =>
        `{{ with .Alerts.${state} }}${space}Alerts ${state}:\n{{ template "__text_alert_list" . }}${space}{{ end }}`,
    )
    .join('\n');

const TIGHT = `${ANNOTATIONS}\n${listed('')}`;
const LOOSE = `\n${listed('\n')}\n`;

const PAIRS = '{{ range .SortedPairs }} - {{ .Name }} = {{ .Value }}\n{{ end }}';

const HTML = `<!DOCTYPE html>
<html><head><meta charset="utf-8"><title>{{ template "__subject" . }}</title></head>
<body style="font-family: Helvetica, Arial, sans-serif; font-size: 14px">
<h1 style="font-size: 18px">{{ template "__subject" . }}</h1>
{{ range .Alerts }}<h2 style="font-size: 14px; color: {{ if eq .Status "firing" }}#c0392b{{ else }}#2e7d32{{ end }}">{{ .Status }}</h2>
<table>
{{ range .Labels.SortedPairs }}<tr><td>{{ .Name }}</td><td>{{ .Value }}</td></tr>
{{ end }}{{ range .Annotations.SortedPairs }}<tr><td>{{ .Name }}</td><td>{{ .Value }}</td></tr>
{{ end }}</table>
{{ if .GeneratorURL }}<p><a href="{{ .GeneratorURL }}">Source</a></p>
{{ end }}{{ end }}<p><a href="{{ template "__alertmanagerURL" . }}">{{ template "__alertmanager" . }}</a></p>
</body></html>
`;

/** What says nothing unless somebody writes it. */
const EMPTY = [
  '__description',
  ...['slack.default.pretext', 'slack.default.iconemoji', 'slack.default.iconurl', 'slack.default.text'],
  ...['slack.default.callbackid', 'slack.default.footer'],
  ...['wechat.default.to_user', 'wechat.default.to_party', 'wechat.default.to_tag', 'wechat.default.agent_id'],
];

const TEXTS: readonly (readonly [string, string])[] = [
  ['__alertmanager', 'Alertmanager'],
  ['__alertmanagerURL', '{{ .ExternalURL }}/#/alerts?receiver={{ urlquery .Receiver }}'],
  [
    '__subject',
    `[{{ with .Alerts.Firing }}FIRING:{{ len . }}{{ else }}RESOLVED{{ end }}] {{ join " " .GroupLabels.SortedPairs.Values }} ` +
      `{{ if gt (len .CommonLabels) (len .GroupLabels) }}({{ join " " (.CommonLabels.Remove .GroupLabels.Names).Values }}){{ end }}`,
  ],
  [
    '__text_alert_list',
    `{{ range . }}Labels:\n{{ with .Labels }}${PAIRS}{{ end }}Annotations:\n{{ with .Annotations }}${PAIRS}{{ end }}Source: {{ .GeneratorURL }}\n{{ end }}`,
  ],
  ...EMPTY.map((name) => [name, ''] as const),
  ['slack.default.title', SUBJECT],
  ['slack.default.username', '{{ template "__alertmanager" . }}'],
  ['slack.default.titlelink', LINK],
  ['slack.default.fallback', `{{ template "slack.default.title" . }} | {{ template "slack.default.titlelink" . }}`],
  ['pagerduty.default.description', SUBJECT],
  ['pagerduty.default.client', '{{ template "__alertmanager" . }}'],
  ['pagerduty.default.clientURL', LINK],
  ['pagerduty.default.instances', '{{ template "__text_alert_list" . }}'],
  ['opsgenie.default.message', SUBJECT],
  ['opsgenie.default.description', TIGHT],
  ['opsgenie.default.source', LINK],
  ['wechat.default.message', `${SUBJECT}\n${TIGHT}\nAlertmanagerUrl:\n${LINK}`],
  ['victorops.default.state_message', TIGHT],
  ['victorops.default.entity_display_name', SUBJECT],
  ['victorops.default.monitoring_tool', '{{ template "__alertmanager" . }}'],
  ['pushover.default.title', SUBJECT],
  ['pushover.default.message', `${ANNOTATIONS}${LOOSE}`],
  ['pushover.default.url', LINK],
  ['sns.default.subject', SUBJECT],
  ['sns.default.message', `${ANNOTATIONS}${LOOSE}`],
  ['telegram.default.message', LOOSE],
  ['discord.default.title', SUBJECT],
  ['discord.default.message', LOOSE],
  ['webex.default.message', `${ANNOTATIONS}${LOOSE}`],
  ['email.default.subject', SUBJECT],
  ['email.default.html', HTML],
];

let trees: Trees | undefined;

/** They are read once, when the first is asked for. */
export const defaultTrees = (): Trees => {
  trees ??= new Map(TEXTS.map(([name, text]): [string, Tree] => [name, parse({ name, text }, FUNCTION_NAMES).own]));
  return trees;
};
