import { assertUnchanged, etagOf } from '../domain/asked.ts';
import { Fault } from '../domain/faults.ts';
import { type Host, withActive } from '../domain/host.ts';
import { hostView } from '../domain/view.ts';
import * as beats from '../store/beats.ts';
import * as hosts from '../store/hosts.ts';
import * as table from '../store/table.ts';
import { audited } from './audited.ts';
import type { Call, Reply } from './route.ts';

const shown = ({ state, active }: Host) => ({ state, active });

/** A report or a placement may write the row between our read and our write. */
const TRIES = 5;

/** Changes a host's row with its audit row. `change` throws where it may not be. @throws PreconditionFailed, WriteConflict */
export const changeHost = async (
  call: Call,
  id: string,
  change: (host: Host) => Host | Promise<Host>,
  tries = TRIES,
): Promise<Host> => {
  const before = await hosts.get(id);
  assertUnchanged(before, call);
  const after = table.next({ ...(await change(before)), changedAt: call.at });
  const told = audited(call, { subject: id, before: shown(before), after: shown(after) });
  try {
    await table.transact([table.swapping(hosts.entity, after), ...told]);
    return after;
  } catch (error) {
    if (!(error instanceof Fault && error.name === 'WriteConflict') || tries <= 1) throw error;
    return changeHost(call, id, change, tries - 1);
  }
};

/** Lets placement use a host, or not. @throws InvalidTransition, and as changeHost */
export const setActive = async (call: Call, id: string, active: boolean): Promise<Reply> =>
  hostReply(
    await changeHost(call, id, (host) => {
      if (host.state === 'retired') throw new Fault('InvalidTransition', `${host.name} is retired; enrol it again.`);
      return withActive(host, active);
    }),
  );

/** 200 with the host. */
export const hostReply = async (host: Host): Promise<Reply> => ({
  status: 200,
  headers: { etag: etagOf(host) },
  body: hostView(host, await beats.find(host.id)),
});
