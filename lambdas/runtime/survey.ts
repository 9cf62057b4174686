import { paginateListObjectsV2 } from '@aws-sdk/client-s3';
import * as z from 'zod';
import type { Machine, UserData, Volume, World } from '../domain/invariants/world.ts';
import { PLACEMENT_DEFAULTS } from '../domain/placement.ts';
import { regionClients } from '../providers/ec2/clients.ts';
import { listInstances } from '../providers/ec2/list.ts';
import { listVolumes } from '../providers/ec2/volumes.ts';
import { type Held, heldOf } from '../store/held.ts';
import { findCollector } from '../store/plane.ts';
import { everyItem } from '../store/whole-table.ts';
import { s3 } from './clients.ts';
import { env, text } from './env.ts';
import { REGIONS } from './regions.ts';
import { tableId } from './table-id.ts';

const settings = env({
  INSTALLATION: text,
  ACCOUNT: text,
  BUCKET_NAME: text,
  KVM_CPU_OVERCOMMIT: z.coerce.number().positive().default(PLACEMENT_DEFAULTS.cpuRatio),
  KVM_MEMORY_OVERCOMMIT: z.coerce.number().positive().default(PLACEMENT_DEFAULTS.memoryRatio),
  KVM_DISK_OVERCOMMIT: z.coerce.number().positive().default(PLACEMENT_DEFAULTS.diskRatio),
});
const { INSTALLATION: installation, ACCOUNT: account, BUCKET_NAME: Bucket } = settings;

/** What is under way looks wrong for minutes: EC2's Describe lags, a host tells its domains once a minute. */
const GRACE_SECONDS = 900;

const clients = regionClients();

const machinesIn = async (region: string): Promise<Machine[]> => {
  const machines: Machine[] = [];
  for await (const { vmId, providerId, state } of listInstances(clients(region).ec2, {
    installation,
    account,
    region,
  })) {
    if (vmId !== undefined) machines.push({ provider: 'ec2', place: region, providerId, vmId, state });
  }
  return machines;
};

const volumesIn = async (region: string): Promise<Volume[]> =>
  (await listVolumes(clients(region).ec2, installation)).map((volume) => ({ ...volume, region }));

const USER_DATA = 'user-data/';

const userData = async (): Promise<UserData[]> => {
  const found: UserData[] = [];
  for await (const { Contents = [] } of paginateListObjectsV2({ client: s3() }, { Bucket, Prefix: USER_DATA })) {
    for (const { Key = '', LastModified } of Contents)
      found.push({ vmId: Key.slice(USER_DATA.length), at: (LastModified ?? new Date(0)).toISOString() });
  }
  return found;
};

/** What the hosts said themselves. One that is silent may hold anything, and one that was retired tells no more. */
const onHosts = ({ hosts, holdings }: Held): Pick<World, 'machines' | 'files'> & { looked: string[] } => {
  const there = new Set(hosts.filter(({ state }) => state !== 'retired').map(({ id }) => id));
  const speaking = new Set(hosts.filter(({ state }) => state === 'ready' || state === 'draining').map(({ id }) => id));
  const known = holdings.filter(({ hostId }) => there.has(hostId));
  return {
    machines: known.flatMap(({ hostId, domains }) =>
      domains.map(({ vmId, uuid, state }) => ({
        provider: 'kvm' as const,
        place: hostId,
        providerId: uuid,
        vmId,
        state,
      })),
    ),
    files: known.flatMap(({ hostId, files }) => files.map((file) => ({ ...file, hostId }))),
    looked: known.map(({ hostId }) => hostId).filter((hostId) => speaking.has(hostId)),
  };
};

/** Everything that is held beside everything that is there, now. Places first, rows after: what is launched in between has its row. */
export const survey = async (at: string): Promise<World> => {
  const machines = (await Promise.all(REGIONS.map(machinesIn))).flat();
  const volumes = (await Promise.all(REGIONS.map(volumesIn))).flat();
  const waiting = await userData();
  const id = await tableId();
  const held = await heldOf(everyItem());
  const collector = await findCollector();
  const hosts = onHosts(held);
  return {
    ...held,
    at,
    graceSeconds: GRACE_SECONDS,
    machines: [...machines, ...hosts.machines],
    looked: new Set([...REGIONS, ...hosts.looked]),
    files: hosts.files,
    volumes,
    userData: waiting,
    overcommit: {
      ...PLACEMENT_DEFAULTS,
      cpuRatio: settings.KVM_CPU_OVERCOMMIT,
      memoryRatio: settings.KVM_MEMORY_OVERCOMMIT,
      diskRatio: settings.KVM_DISK_OVERCOMMIT,
    },
    table: { id, remembered: collector?.tableId ?? id },
  };
};
