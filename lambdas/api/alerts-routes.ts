import { acknowledgeAlert } from './acknowledge-alert.ts';
import { assignAlert } from './assign-alert.ts';
import { commentAlert } from './comment-alert.ts';
import { getAlert } from './get-alert.ts';
import { getAlertmanagerStatus } from './get-alertmanager-status.ts';
import { listAlertGroups } from './list-alert-groups.ts';
import { listAlerts } from './list-alerts.ts';
import { listReceivers } from './list-receivers.ts';
import { postAlerts } from './post-alerts.ts';
import type { Route } from './route.ts';
import { testRouting } from './test-routing.ts';
import { unacknowledgeAlert } from './unacknowledge-alert.ts';

/** Alerts by Alertmanager's API v2, where one would go, and who has taken one on. */
export const ALERTS: readonly Route[] = [
  listAlerts,
  postAlerts,
  listAlertGroups,
  listReceivers,
  getAlertmanagerStatus,
  testRouting,
  acknowledgeAlert,
  unacknowledgeAlert,
  getAlert,
  commentAlert,
  assignAlert,
];
