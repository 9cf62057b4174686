import { type Alert, isResolvedAt } from '../alert.ts';
import { quoteMeta } from '../go-text.ts';
import { fingerprintOf, type LabelSet } from '../labels.ts';
import { common, type Told } from '../notify.ts';
import { nanosecondsOf } from './times.ts';
import { type Kv, kv, type Struct, struct, type Time } from './values.ts';

/** A group of alerts as templates see it (template/template.go of Alertmanager 0.25). */

const setOf = (labels: LabelSet): Kv => kv(Object.entries(labels));

const timeOf = (instant: string): Time => ({ kind: 'time', ns: nanosecondsOf(instant) });

/** What Go means by no time. */
const NONE = timeOf('0001-01-01T00:00:00Z');

const statusOf = (isResolved: boolean): string => (isResolved ? 'resolved' : 'firing');

const alertOf = (alert: Alert, at: number): Struct => {
  const isResolved = isResolvedAt(alert, at);
  return struct('template.Alert', [
    ['Status', statusOf(isResolved)],
    ['Labels', setOf(alert.labels)],
    ['Annotations', setOf(alert.annotations)],
    ['StartsAt', timeOf(alert.startsAt)],
    // When it will end is not known while it fires.
    ['EndsAt', isResolved ? timeOf(alert.endsAt) : NONE],
    ['GeneratorURL', alert.generatorURL],
    ['Fingerprint', fingerprintOf(alert.labels)],
  ]);
};

/** What `.` is in the texts of a receiver. */
export const dataOf = ({ receiver, groupLabels, alerts, at, externalURL }: Omit<Told, 'groupKey'>): Struct =>
  struct('template.Data', [
    ['Receiver', quoteMeta(receiver)],
    ['Status', statusOf(alerts.every((alert) => isResolvedAt(alert, at)))],
    ['Alerts', { kind: 'slice', type: 'template.Alerts', items: alerts.map((alert) => alertOf(alert, at)) }],
    ['GroupLabels', setOf(groupLabels)],
    ['CommonLabels', setOf(common(alerts.map(({ labels }) => labels)))],
    ['CommonAnnotations', setOf(common(alerts.map(({ annotations }) => annotations)))],
    ['ExternalURL', externalURL],
  ]);
