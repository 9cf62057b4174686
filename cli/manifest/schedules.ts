import { VmId } from '../../lambdas/domain/ids.ts';
import { Period, ScheduleChange, ScheduleSpec } from '../../lambdas/domain/schedule.ts';
import { PERIOD_FORM, periodOf, periodText } from '../periods.ts';
import { collect, PAGE_LIMIT, type Session } from '../session.ts';
import { didYouMean } from '../suggest.ts';
import { type FileForm, type Form, FormError, type Kind, same } from './kind.ts';

interface VmNames {
  readonly ofId: ReadonlyMap<string, string>;
  readonly ofName: ReadonlyMap<string, readonly string[]>;
}

const page = (cursor: string | undefined) => ({ limit: PAGE_LIMIT, ...(cursor === undefined ? {} : { cursor }) });

const readVms = async ({ client }: Session): Promise<VmNames> => {
  const vms = await collect((cursor) => client.call('GET /v1/vms', { query: page(cursor) }));
  const ofName = Map.groupBy(vms, ({ name }) => name);
  return {
    ofId: new Map(vms.map(({ id, name }) => [id, name])),
    ofName: new Map([...ofName].map(([name, all]) => [name, all.map(({ id }) => id)])),
  };
};

const isId = (word: string): boolean => VmId.safeParse(word).success;

const idOf = ({ ofName }: VmNames, word: string, index: number): string => {
  const [id, ...more] = ofName.get(word) ?? [];
  if (id !== undefined && more.length === 0) return id;
  const why =
    id === undefined
      ? `there is no VM ${word}.${didYouMean(word, ofName.keys())}`
      : `${more.length + 1} VMs are called ${word}: say which by its id, ${[id, ...more].join(' or ')}`;
  throw new FormError(['vms', index], why);
};

/** An id where the name would be another VM's, too, or would be read as an id. */
const nameOf = ({ ofId, ofName }: VmNames, id: string): string => {
  const name = ofId.get(id);
  return name !== undefined && ofName.get(name)?.length === 1 && !isId(name) ? name : id;
};

const wordsOf = (targets: unknown): string[] | undefined => {
  const vms: unknown = Object(targets).vms;
  return Array.isArray(vms) && vms.every((word) => typeof word === 'string') ? vms : undefined;
};

/** VMs by their names. All are listed at most once, and not where nobody asks for a name. */
const targetsForm = (session: Session): Form => {
  let listed: Promise<VmNames> | undefined;
  const names = (): Promise<VmNames> => {
    listed ??= readVms(session);
    return listed;
  };
  return {
    read: async (value) => {
      const words = wordsOf(value);
      if (words === undefined || words.every(isId)) return value;
      const known = await names();
      return { ...Object(value), vms: words.map((word, index) => (isId(word) ? word : idOf(known, word, index))) };
    },
    write: async (value) => {
      const words = wordsOf(value);
      if (words === undefined) return value;
      const known = await names();
      return { ...Object(value), vms: words.map((id) => nameOf(known, id)) };
    },
  };
};

const readOne = (value: unknown, index: number): unknown => {
  const period = typeof value === 'string' ? periodOf(value) : value;
  if (period === undefined) throw new FormError([index], PERIOD_FORM);
  return period;
};

/** As it is typed, where that says all of it. */
const writeOne = (value: unknown): unknown => {
  const { success, data } = Period.safeParse(value);
  const text = success ? periodText(data) : '';
  return same(periodOf(text), value) ? text : value;
};

const PERIODS: Form = {
  read: async (value) => (Array.isArray(value) ? value.map(readOne) : value),
  write: async (value) => (Array.isArray(value) ? value.map(writeOne) : value),
};

/** Schedules in a file that names no VM, for which no plane is needed. */
export const SCHEDULE_FILE: FileForm = { key: 'schedules', spec: ScheduleSpec, forms: { periods: PERIODS } };

/** Schedules, as the API has them; VMs by their names, periods as they are typed. */
export const schedulesOf = (session: Session): Kind => {
  const { client } = session;
  return {
    ...SCHEDULE_FILE,
    noun: 'schedule',
    change: ScheduleChange,
    forms: { ...SCHEDULE_FILE.forms, targets: targetsForm(session) },
    list: () => collect((cursor) => client.call('GET /v1/schedules', { query: page(cursor) })),
    get: async (id) => {
      const { answer, etag } = await client.ask('GET /v1/schedules/{id}', { path: { id } });
      return { row: answer, etag };
    },
    create: async (spec) => {
      await client.call('POST /v1/schedules', { body: ScheduleSpec.parse(spec) });
    },
    patch: async (id, change, ifMatch) => {
      const headers = { 'if-match': ifMatch };
      await client.call('PATCH /v1/schedules/{id}', { path: { id }, body: ScheduleChange.parse(change), headers });
    },
    remove: async (id, ifMatch) => {
      await client.call('DELETE /v1/schedules/{id}', { path: { id }, headers: { 'if-match': ifMatch } });
    },
  };
};
