import type { Host, HostFacts } from './host.ts';
import type { Image } from './image.ts';

/** What a VM needs of a host. */
export interface Need {
  readonly vcpus: number;
  readonly memoryMiB: number;
  readonly diskGiB: number;
  readonly image?: Pick<Image, 'id' | 'name' | 'machine'>;
  /** libvirt network. */
  readonly network: string;
  /** Tags the host must carry. */
  readonly hostTags?: Readonly<Record<string, string>>;
  /** Id or name of the one host that is wanted. */
  readonly host?: string;
}

/** libvirt's own network, on every host that was set up by its distribution. */
export const DEFAULT_NETWORK = 'default';

/** How far what is promised to VMs may exceed what the host has, and how much of its memory the host keeps. */
export interface PlacementSettings {
  readonly cpuRatio: number;
  readonly memoryRatio: number;
  readonly diskRatio: number;
  readonly hostReserveMiB: number;
}

/** OpenStack Nova's defaults, but for CPU (4 instead of 16): a customer feels a starved vCPU before we see it. */
export const PLACEMENT_DEFAULTS: PlacementSettings = {
  cpuRatio: 4,
  memoryRatio: 1,
  diskRatio: 1,
  hostReserveMiB: 512,
};

/** A thin clone needs some room to begin with, whatever was promised. */
const LEAST_FREE_GIB = 1;

export const FILTERS = [
  'host',
  'state',
  'active',
  'accel',
  'image',
  'network',
  'tags',
  'vcpus',
  'memory',
  'disk',
] as const;
type FilterName = (typeof FILTERS)[number];

/** Why a host was refused: the first filter that refused it, in words a person can act on. */
export interface Refusal {
  readonly host: string;
  readonly filter: FilterName;
  readonly detail: string;
}

export interface Placement {
  /** Absent where no host fits. */
  readonly host?: Host;
  readonly refused: readonly Refusal[];
  /** Names of hosts that would fit, but do not answer now. */
  readonly away: readonly string[];
}

type Filter = (host: Host, need: Need, settings: PlacementSettings) => string | undefined;
type FactFilter = (facts: HostFacts, need: Need, host: Host, settings: PlacementSettings) => string | undefined;

/** A host without facts has not passed enrolment: whatever is asked of its facts is refused. */
const byFacts =
  (filter: FactFilter): Filter =>
  (host, need, settings) =>
    host.facts ? filter(host.facts, need, host, settings) : 'its facts are not known yet';

const over = (what: string, need: number, free: number, how: string): string | undefined =>
  need > free ? `needs ${need} ${what}, ${Math.max(0, Math.floor(free * 100) / 100)} free (${how})` : undefined;

/** `q35` is offered as itself or as `pc-q35-7.2`, `pc` as itself or as `pc-i440fx-7.2`. */
const offers = (facts: HostFacts, machine: Image['machine']): boolean => {
  const versioned = machine === 'q35' ? 'pc-q35' : 'pc-i440fx';
  return facts.machineTypes.some((type) => type === machine || type.startsWith(versioned));
};

/** What a host may promise beside what it has promised: VMs that are off are in that, so that each can start at any time. */
const promised = {
  vcpus: byFacts((facts, need, host, { cpuRatio }) =>
    over('vCPU', need.vcpus, facts.cores * cpuRatio - host.allocated.vcpus, `${facts.cores} cores × ${cpuRatio}`),
  ),
  memory: byFacts((facts, need, host, { memoryRatio, hostReserveMiB }) => {
    const free = (facts.memoryMiB - hostReserveMiB) * memoryRatio - host.allocated.memoryMiB;
    const how = `${facts.memoryMiB} MiB × ${memoryRatio}, ${hostReserveMiB} kept for the host`;
    return over('MiB', need.memoryMiB, free, how);
  }),
};

/** Why a host that kept a VM's disks has no room for it any more; undefined where it has. It stays off, so that what is really free may wait. */
export const lacksRoom = (
  host: Host,
  need: Pick<Need, 'vcpus' | 'memoryMiB'>,
  settings: PlacementSettings,
): string | undefined => {
  const all = { ...need, diskGiB: 0, network: DEFAULT_NETWORK };
  return promised.vcpus(host, all, settings) ?? promised.memory(host, all, settings);
};

const reallyFree = byFacts((facts, need, _, { memoryRatio }) =>
  over('MiB', need.memoryMiB, (facts.freeMemoryMiB ?? Number.POSITIVE_INFINITY) * memoryRatio, 'seen on the host'),
);

const roomFor = {
  vcpus: promised.vcpus,
  memory: (...asked: Parameters<Filter>) => promised.memory(...asked) ?? reallyFree(...asked),
  disk: byFacts((facts, need, host, { diskRatio }) => {
    const { sizeGiB, freeGiB } = facts.pool;
    const left = sizeGiB * diskRatio - host.allocated.diskGiB;
    return (
      over('GiB', need.diskGiB, left, `${sizeGiB} GiB × ${diskRatio}`) ??
      over('GiB', LEAST_FREE_GIB, freeGiB, 'really left in the pool')
    );
  }),
};

const FILTER: Record<FilterName, Filter> = {
  host: (host, { host: wanted }) =>
    wanted !== undefined && wanted !== host.id && wanted !== host.name ? `${wanted} was asked for` : undefined,
  state: (host) => (host.state === 'ready' ? undefined : `it is ${host.state}${host.reason ? `: ${host.reason}` : ''}`),
  active: (host) => (host.active ? undefined : 'it is deactivated'),
  accel: byFacts((facts) =>
    facts.accel === 'none' ? `it can run no guest: ${facts.accelReason ?? 'the boot probe failed'}` : undefined,
  ),
  image: byFacts((facts, { image }) =>
    image && !offers(facts, image.machine) ? `${image.name} needs machine type ${image.machine}` : undefined,
  ),
  network: byFacts((facts, { network }) =>
    facts.networks.includes(network)
      ? undefined
      : `it has no network ${network} (it has ${facts.networks.join(', ') || 'none'})`,
  ),
  tags: (host, { hostTags = {} }) => {
    const missing = Object.entries(hostTags).filter(([key, value]) => host.tags[key] !== value);
    return missing.length > 0 ? `it lacks ${missing.map(([key, value]) => `${key}=${value}`).join(', ')}` : undefined;
  },
  ...roomFor,
};

const refusalOf = (host: Host, need: Need, settings: PlacementSettings): Refusal | undefined => {
  for (const filter of FILTERS) {
    const detail = FILTER[filter](host, need, settings);
    if (detail !== undefined) return { host: host.name, filter, detail };
  }
  return undefined;
};

const isAway = (host: Host, need: Need, settings: PlacementSettings): boolean =>
  host.state === 'unreachable' && refusalOf({ ...host, state: 'ready' }, need, settings) === undefined;

/** Share of a host that would stay free, 0 to 1, the scarcest of the three counting as much as their mean. */
const freeAfter = (facts: HostFacts, { allocated }: Host, need: Need, settings: PlacementSettings): number => {
  const shares = [
    1 - (allocated.vcpus + need.vcpus) / (facts.cores * settings.cpuRatio),
    1 - (allocated.memoryMiB + need.memoryMiB) / (facts.memoryMiB * settings.memoryRatio),
    1 - (allocated.diskGiB + need.diskGiB) / (facts.pool.sizeGiB * settings.diskRatio),
  ];
  return (Math.min(...shares) + shares.reduce((sum, share) => sum + share, 0) / shares.length) / 2;
};

/** Hardware acceleration outweighs all, a cached image saves a download, then VMs are spread. */
const WEIGHT = { kvm: 4, imageCached: 0.5, free: 1 };

const weightOf = (host: Host, need: Need, settings: PlacementSettings): number =>
  host.facts === undefined
    ? 0
    : (host.facts.accel === 'kvm' ? WEIGHT.kvm : 0) +
      (need.image && host.images.includes(need.image.id) ? WEIGHT.imageCached : 0) +
      WEIGHT.free * freeAfter(host.facts, host, need, settings);

/** Chooses the host for a VM: filters, then weights, equal ones by id. Every refused host says which filter refused it and why. */
export const place = (
  hosts: readonly Host[],
  need: Need,
  settings: PlacementSettings = PLACEMENT_DEFAULTS,
): Placement => {
  const judged = hosts.map((host) => ({ host, refusal: refusalOf(host, need, settings) }));
  const refused = judged.flatMap(({ refusal }) => (refusal ? [refusal] : []));
  const best = judged
    .filter(({ refusal }) => refusal === undefined)
    .map(({ host }) => ({ host, weight: weightOf(host, need, settings) }))
    .sort((a, b) => b.weight - a.weight || (a.host.id < b.host.id ? -1 : 1))[0];
  const away = hosts.filter((host) => isAway(host, need, settings)).map(({ name }) => name);
  return { ...(best ? { host: best.host } : {}), refused, away };
};
