import { goJson } from './go-text.ts';
import { type Told, webhookPayload } from './notify.ts';

/** What a bus is told of a group: docs/alerts.md has its form. */

/** Of the event's form; what is told within it has a version of its own. */
const VERSION = 1;

/** An entry may have 256 KiB with its names ("PutEvents", Amazon EventBridge API reference). */
const LARGEST = 240 * 1024;

/** The detail of an event: the body of a webhook of version 4, and whose it is. It has as many of the alerts as fit. */
export const eventDetail = (told: Told, project: string): string => {
  for (let maxAlerts = told.alerts.length; ; maxAlerts = Math.floor(maxAlerts / 2)) {
    const notification = webhookPayload({ ...told, maxAlerts }).trimEnd();
    const detail = `{"version":${VERSION},"project":${goJson(project).trimEnd()},"notification":${notification}}`;
    if (maxAlerts <= 1 || Buffer.byteLength(detail) <= LARGEST) return detail;
  }
};
