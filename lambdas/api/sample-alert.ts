import type { Routing } from '../alerting/routing.ts';
import type { AlertGroup } from '../domain/alerts/alert-group.ts';
import type { AlertRow } from '../domain/alerts/alert-row.ts';
import { fingerprintOf } from '../domain/alerts/labels.ts';
import type { ReceiverSpec } from '../domain/alerts/routing-row.ts';
import { Fault } from '../domain/faults.ts';
import type { Call } from './route.ts';

/** @throws InvalidRequest where the routing has no receiver of this name */
export const receiverOf = ({ config }: Routing, name: string): ReceiverSpec => {
  const receiver = config.receivers.find((each) => each.name === name);
  if (receiver) return receiver;
  const detail = 'is no receiver of the routing';
  throw new Fault('InvalidRequest', `${name} ${detail}.`, { errors: [{ pointer: '/receiver', detail }] });
};

/** What receivers are tried with. A minute after the test is over, so that nothing of it stays where alerts are kept. */
export const sampleAlert = (receiver: string, { by, at }: Call, endsAt: number): AlertRow => {
  const labels = { alertname: 'NovaCronTest', receiver, severity: 'info' };
  return {
    labels,
    annotations: { summary: `A test of this receiver, asked for by ${by.name}. Nothing is wrong.` },
    startsAt: at,
    endsAt: new Date(endsAt).toISOString(),
    generatorURL: '',
    updatedAt: at,
    timeout: false,
    fingerprint: fingerprintOf(labels),
    project: by.project,
    inhibits: false,
    version: 0,
  };
};

/** The group of a test is in no table: its id is the request's own. */
export const sampleGroup = (receiver: string, { by, at, requestId }: Call): AlertGroup => ({
  id: `agr-test-${requestId}`,
  project: by.project,
  groupKey: `{}/test:{alertname="NovaCronTest", receiver=${JSON.stringify(receiver)}}`,
  receiver,
  labels: { alertname: 'NovaCronTest', receiver },
  alerts: [],
  isFlushed: false,
  groupIntervalMs: 0,
  routing: 0,
  told: {},
  keptUntil: at,
  version: 0,
});
