import { type Alert, isResolvedAt } from './alert.ts';
import { byBytes, quoteMeta } from './go-text.ts';
import type { LabelSet } from './labels.ts';
import { common, type Told } from './notify.ts';

/** What Alertmanager's own templates say of a group: template/default.tmpl of 0.25, for receivers that are told in its words. */

/** Its name first, then as Go sorts. */
export const pairsOf = (labels: LabelSet): [string, string][] =>
  Object.entries(labels).sort(([a], [b]) => {
    if ((a === 'alertname') !== (b === 'alertname')) return a === 'alertname' ? -1 : 1;
    return byBytes(a, b);
  });

const valuesOf = (labels: LabelSet): string =>
  pairsOf(labels)
    .map(([, value]) => value)
    .join(' ');

/** Labels that all alerts have alike. */
export const commonLabels = ({ alerts }: Told): LabelSet => common(alerts.map(({ labels }) => labels));

const commonAnnotations = ({ alerts }: Told): LabelSet => common(alerts.map(({ annotations }) => annotations));

export const firingOf = ({ alerts, at }: Told): Alert[] => alerts.filter((alert) => !isResolvedAt(alert, at));

export const resolvedOf = ({ alerts, at }: Told): Alert[] => alerts.filter((alert) => isResolvedAt(alert, at));

/** `__subject` */
export const subject = (told: Told): string => {
  const { groupLabels } = told;
  const firing = firingOf(told).length;
  const labels = commonLabels(told);
  const rest = Object.fromEntries(Object.entries(labels).filter(([name]) => groupLabels[name] === undefined));
  const hasMore = Object.keys(labels).length > Object.keys(groupLabels).length;
  const status = firing > 0 ? `FIRING:${firing}` : 'RESOLVED';
  return `[${status}] ${valuesOf(groupLabels)} ${hasMore ? `(${valuesOf(rest)})` : ''}`;
};

const linesOf = (labels: LabelSet): string =>
  pairsOf(labels)
    .map(([name, value]) => ` - ${name} = ${value}\n`)
    .join('');

/** `__text_alert_list` */
export const textList = (alerts: readonly Alert[]): string =>
  alerts
    .map(
      ({ labels, annotations, generatorURL }) =>
        `Labels:\n${linesOf(labels)}Annotations:\n${linesOf(annotations)}Source: ${generatorURL}\n`,
    )
    .join('');

/** As `url.QueryEscape`. */
const queryEscaped = (text: string): string =>
  encodeURIComponent(text)
    .replace(/[!'()*]/g, (character) => `%${character.charCodeAt(0).toString(16).toUpperCase()}`)
    .replaceAll('%20', '+');

/** `__alertmanagerURL` */
export const alertsUrl = ({ externalURL, receiver }: Told): string =>
  `${externalURL}/#/alerts?receiver=${queryEscaped(quoteMeta(receiver))}`;

/** `opsgenie.default.description` */
export const description = (told: Told): string => {
  const [firing, resolved] = [firingOf(told), resolvedOf(told)];
  const part = (title: string, alerts: readonly Alert[]) =>
    alerts.length > 0 ? `Alerts ${title}:\n${textList(alerts)}` : '';
  return `${valuesOf(commonAnnotations(told))}\n${part('Firing', firing)}\n${part('Resolved', resolved)}`;
};

/** `sns.default.message`: the same with more lines between its parts. */
export const snsMessage = (told: Told): string => {
  const [firing, resolved] = [firingOf(told), resolvedOf(told)];
  const part = (title: string, alerts: readonly Alert[]) =>
    alerts.length > 0 ? `\nAlerts ${title}:\n${textList(alerts)}\n` : '';
  return `${valuesOf(commonAnnotations(told))}\n${part('Firing', firing)}\n${part('Resolved', resolved)}\n`;
};

/** No longer than so many characters. */
export const cut = (text: string, longest: number): string => {
  const characters = Array.from(text);
  return characters.length <= longest ? text : `${characters.slice(0, longest - 1).join('')}…`;
};
