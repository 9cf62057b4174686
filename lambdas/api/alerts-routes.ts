import { acknowledgeAlert } from './acknowledge-alert.ts';
import { assignAlert } from './assign-alert.ts';
import { commentAlert } from './comment-alert.ts';
import { expireSilence } from './expire-silence.ts';
import { getAlert } from './get-alert.ts';
import { getAlertmanagerStatus } from './get-alertmanager-status.ts';
import { getRouting } from './get-routing.ts';
import { getSilence } from './get-silence.ts';
import { listAlertGroups } from './list-alert-groups.ts';
import { listAlerts } from './list-alerts.ts';
import { listReceivers } from './list-receivers.ts';
import { listSilences } from './list-silences.ts';
import { postAlerts } from './post-alerts.ts';
import { postSilence } from './post-silence.ts';
import type { Route } from './route.ts';
import { saveRouting } from './save-routing.ts';
import { testRouting } from './test-routing.ts';
import { unacknowledgeAlert } from './unacknowledge-alert.ts';

/** Alertmanager's API v2, who has taken an alert on, and the routing by which alerts find their receivers. */
export const ALERTS: readonly Route[] = [
  listAlerts,
  postAlerts,
  listAlertGroups,
  listSilences,
  postSilence,
  getSilence,
  expireSilence,
  listReceivers,
  getAlertmanagerStatus,
  getRouting,
  saveRouting,
  testRouting,
  acknowledgeAlert,
  unacknowledgeAlert,
  getAlert,
  commentAlert,
  assignAlert,
];
