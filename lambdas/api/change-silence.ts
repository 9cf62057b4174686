import { refusalOfDerived, silenceDerived } from '../alerting/derived-silences.ts';
import { occurringOne } from '../alerting/occurring.ts';
import { watched } from '../domain/alerts/reminder.ts';
import { stateOf } from '../domain/alerts/silence.ts';
import type { SilenceRow } from '../domain/alerts/silence-row.ts';
import { type Occurring, silenceView } from '../domain/alerts/silence-view.ts';
import { etagOf } from '../domain/asked.ts';
import * as silences from '../store/silences.ts';
import * as table from '../store/table.ts';
import { audited } from './audited.ts';
import type { Call, Reply } from './route.ts';

/** What all that change silences do. */

/** A silence that people have made. @throws SilenceDerived for one that nobody has, SilenceNotFound */
export const silenceToChange = async ({ by: { project }, at }: Call, id: string): Promise<SilenceRow> => {
  const found = await silences.find(project, id);
  if (found) return found;
  const derived = await silenceDerived(project, id, Date.parse(at));
  if (derived) throw refusalOfDerived(derived);
  return silences.notFound(id);
};

/** A silence with what is known of it by now: how it holds, and when it is looked at next. */
export const seen = async (silence: SilenceRow, now: number): Promise<Occurring> => {
  const held = await occurringOne(silence, now);
  return { ...held, silence: watched(silence, held.occurrence, now) };
};

/** The next version of a silence that is changed. */
export const changed = (silence: SilenceRow, { at }: Call): Promise<Occurring> =>
  seen(table.next({ ...silence, updatedAt: at }), Date.parse(at));

/** Writes it, with what else it comes to, and that somebody asked for it. */
export const save = async (
  before: Occurring,
  after: Occurring,
  call: Call,
  refers: readonly table.Write[] = [],
): Promise<void> => {
  const now = Date.parse(call.at);
  const told = audited(call, {
    subject: after.silence.id,
    before: silenceView(before, now),
    after: silenceView(after, now),
  });
  await table.transact([silences.swapping(after.silence), ...refers, ...told]);
};

/** Whether nothing of it is to come any more. */
export const isOver = ({ silence }: Occurring, { at }: Call): boolean => stateOf(silence, Date.parse(at)) === 'expired';

/** The silence as it is now. */
export const answered = (held: Occurring, { at }: Call, status = 200): Reply => ({
  status,
  headers: {
    etag: etagOf(held.silence),
    ...(status === 201 ? { location: `/v1/silences/${held.silence.id}` } : {}),
  },
  body: silenceView(held, Date.parse(at)),
});
