import type { Host, HostFacts } from '../host.ts';
import type { Vm } from '../vm.ts';
import { isOff, type VmState } from '../vm-state.ts';
import type { Values } from './catalog.ts';
import type { Latest } from './latest.ts';

/** What the whole plane is at one time. */
export interface PlaneNow {
  readonly vms: readonly Pick<Vm, 'state' | 'provider'>[];
  readonly hosts: readonly (Pick<Host, 'id' | 'state'> & { readonly facts?: Pick<HostFacts, 'cores'> | undefined })[];
  /** What is measured now, by subject. */
  readonly latest: ReadonlyMap<string, Latest>;
  readonly alertsFiring: number;
}

/** Figures that are told together, and of what they are. */
export interface Figures {
  readonly of: Readonly<Record<string, string>>;
  readonly figures: Readonly<Record<string, number>>;
}

/** What is neither up, nor off, nor on its way is where a person should look. */
const WRONG: ReadonlySet<VmState> = new Set(['error', 'lost', 'unknown']);

const vmFigures = (vms: PlaneNow['vms']): Figures[] => {
  const count = (isSo: (state: VmState) => boolean): number => vms.filter(({ state }) => isSo(state)).length;
  const byProvider = Map.groupBy(vms, ({ provider }) => provider);
  return [
    {
      of: {},
      figures: {
        VmsRunning: count((state) => state === 'running'),
        VmsOff: count((state) => isOff(state) || state === 'suspended'),
        VmsWrong: count((state) => WRONG.has(state)),
      },
    },
    ...[...byProvider].map(([provider, own]) => ({ of: { provider }, figures: { Vms: own.length } })),
  ];
};

type JoinedHost = PlaneNow['hosts'][number];

/** What of its whole a host has in use; undefined where one of both is not known. */
type InUse = (host: JoinedHost, values: Values) => readonly [part: number | undefined, whole: number | undefined];

const cpuInUse: InUse = ({ facts }, { 'host.cpu.utilization': share }) => {
  const cores = facts?.cores;
  return [share === undefined || cores === undefined ? undefined : share * cores, cores];
};

const memoryInUse: InUse = (_, values) => [values['host.memory.usage'], values['host.memory.limit']];

/** What all hosts together have in use of what they are, in per cent; undefined where none tells. */
const percentOf = (hosts: readonly JoinedHost[], latest: PlaneNow['latest'], inUse: InUse): number | undefined => {
  const told = hosts.flatMap((host) => {
    const [part, whole] = inUse(host, latest.get(host.id)?.values ?? {});
    return part === undefined || whole === undefined ? [] : [{ part, whole }];
  });
  const sum = (which: 'part' | 'whole'): number => told.reduce((soFar, each) => soFar + each[which], 0);
  return told.length === 0 ? undefined : (100 * sum('part')) / sum('whole');
};

const hostFigures = (joined: readonly JoinedHost[], latest: PlaneNow['latest']): Figures[] => {
  if (joined.length === 0) return [];
  const down = joined.filter(({ state }) => state === 'unreachable').length;
  const figures = { HostsUp: joined.length - down, HostsDown: down };
  const [cpu, memory] = [cpuInUse, memoryInUse].map((inUse) => percentOf(joined, latest, inUse));
  return [
    {
      of: {},
      figures: {
        ...figures,
        ...(cpu === undefined ? {} : { HostCpuUtilization: cpu }),
        ...(memory === undefined ? {} : { HostMemoryUtilization: memory }),
      },
    },
  ];
};

/** Those that have been enrolled, and have not left. */
const isJoined = ({ state }: JoinedHost): boolean => state !== 'retired' && state !== 'enrolling';

/** A dozen figures of the whole plane, however large it is: none of hosts where there are none, and none at all of an empty plane. */
export const totalsOf = ({ vms, hosts, latest, alertsFiring }: PlaneNow): Figures[] => {
  const here = vms.filter(({ state }) => state !== 'deleted');
  const joined = hosts.filter(isJoined);
  if (here.length === 0 && joined.length === 0) return [];
  const series = [...latest.values()].reduce((sum, { values }) => sum + Object.keys(values).length, 0);
  const others = { of: {}, figures: { SeriesMeasured: series, AlertsFiring: alertsFiring } };
  return [...vmFigures(here), ...hostFigures(joined, latest), others];
};
