import * as z from 'zod';
import { isAwaited, lastSeqOf } from '../domain/host.ts';
import { HostId } from '../domain/ids.ts';
import { forgetGuests } from '../runtime/forget-guests.ts';
import { measure } from '../runtime/powertools.ts';
import { eachMessage } from '../runtime/records.ts';
import * as beats from '../store/beats.ts';
import * as hosts from '../store/hosts.ts';

const Beat = z.object({ hostId: HostId, beatSeq: z.number().int() });

/** Queue of beats: a message 35 s old whose beat is still the last one means a silent host. */
export const handler = eachMessage(async (message) => {
  const { hostId, beatSeq } = Beat.parse(message);
  const beat = await beats.find(hostId);
  // Nearly always there is a later one, and one small read has said so.
  if (beat !== undefined && beat.version !== beatSeq) return;
  const host = await hosts.find(hostId);
  if (host === undefined || !isAwaited(host) || lastSeqOf(host, beat) !== beatSeq) return;
  const at = new Date().toISOString();
  // The host's row last: until it is written, a repeat of this message begins anew.
  await forgetGuests(host, `${host.name} is silent.`, at);
  const reason = `No beat since ${beat?.at ?? host.beatAt ?? host.createdAt}.`;
  await hosts.swap(host, { ...host, state: 'unreachable', reason, changedAt: at });
  measure({ HostUnreachable: 1 });
});
