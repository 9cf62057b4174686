import { DEFAULT_PRICE_BOOK, PriceBook } from '../domain/price.ts';
import { projectOf } from '../domain/project.ts';
import { runningPrice } from '../domain/running-price.ts';
import { daysOff, endOf, type TimeOff, type Turn, turnOf } from '../domain/time-off.ts';
import type { Vm } from '../domain/vm.ts';
import * as operations from '../store/operations.ts';
import * as schedules from '../store/schedules.ts';
import * as timeOff from '../store/time-off.ts';
import { env, json } from './env.ts';

const { PRICE_BOOK: book } = env({ PRICE_BOOK: json(PriceBook).default(DEFAULT_PRICE_BOOK) });

const begun = async (vm: Vm, { scheduleId, at }: Extract<Turn, { kind: 'off' }>): Promise<TimeOff> => {
  const project = projectOf(vm);
  const { hourlyUsd, kind } = runningPrice(vm, book);
  const schedule = await schedules.find(project, scheduleId);
  return {
    vmId: vm.id,
    vmName: vm.name,
    project,
    scheduleId,
    // One that was deleted since is known by its id.
    scheduleName: schedule?.name ?? scheduleId,
    owner: vm.tags.owner ?? vm.by ?? '',
    tags: vm.tags,
    usdPerHour: hourlyUsd,
    priceKind: kind,
    since: at,
    version: 1,
  };
};

/** A stop that failed or was cancelled counts for nothing, wherever it left the VM. */
const begin = async (vm: Vm, turn: Extract<Turn, { kind: 'off' }>): Promise<void> => {
  const operation = await operations.find(turn.operationId);
  if (operation?.state === 'succeeded') await timeOff.begin(await begun(vm, turn));
};

const goOn = async (off: TimeOff, turn: Exclude<Turn, { kind: 'off' }>): Promise<void> => {
  const { unknownSince: _, ...known } = off;
  if (turn.kind === 'silent') await timeOff.change({ ...known, unknownSince: turn.at });
  else if (turn.kind === 'heard') await timeOff.change(known);
  else await timeOff.end(off, daysOff(off, endOf(off, turn.at), turn.by));
};

/**
 * Notes what a change of a VM's row means for the time that schedules keep it off. The changes of one row come in their order;
 * that one comes twice changes nothing.
 */
export const noteTimeOff = async (before: Vm | undefined, after: Vm): Promise<void> => {
  const turn = before && turnOf(before, after);
  if (turn === undefined) return;
  if (turn.kind === 'off') return begin(after, turn);
  const off = await timeOff.find(projectOf(after), after.id);
  if (off) await goOn(off, turn);
};
