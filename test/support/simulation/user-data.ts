import { gunzipSync } from 'node:zlib';
import type { Operation } from '../../../lambdas/domain/operation.ts';
import { Random } from '../random.ts';
import { isAlive, type Machine } from './ec2.ts';
import type { People } from './people.ts';
import type { World } from './world.ts';

/** Each text that somebody gives has a number of its own. */
const MARK = /#user-data-\d+\b/g;
const marksIn = (text: string): string => (text.match(MARK) ?? []).join();

/** As long as it may be: with our own part it is too large for EC2, and is packed there, well or not so well. */
const LONG = 'x'.repeat(16_300);
const NOISE = new Random(7).bytes(12_200).toString('base64');

/** Gives some creates user-data, by chance of its own: what a seed told before there was any it tells still. */
export const textsOf = (seed: number): (() => string | undefined) => {
  const random = new Random(seed ^ 0xda7a);
  let number = 0;
  return () => {
    if (!random.chance(0.3)) return undefined;
    number += 1;
    return textNumber(number, random.pick(['', '', '', LONG, NOISE]));
  };
};

/** User-data that is known again by its number. */
export const textNumber = (number: number, rest = ''): string => `#!/bin/sh\n#user-data-${number}\n${rest}`;

const textOf = ({ request }: Machine): string => {
  const { UserData = '' } = JSON.parse(request);
  const bytes = Buffer.from(UserData, 'base64');
  return (bytes[0] === 0x1f ? gunzipSync(bytes) : bytes).toString();
};

/** The user-data of everything that is there, by VM. */
const given = ({ ec2, ssm }: World): readonly (readonly [string, string])[] => [
  ...[...ec2.machines.values()]
    .filter(isAlive)
    .map((machine) => [machine.tags['novacron:vm'] ?? '', textOf(machine)] as const),
  ...[...ssm.hosts.values()].flatMap((host) =>
    [...host.domains.values()].map(({ vmId }) => [vmId, host.seeds.get(vmId) ?? ''] as const),
  ),
];

const wantedOf = (wish: unknown): string => String(Object(wish).userData ?? '');

/** A VM that was made begins with what was asked for it, and with nobody else's. */
const amiss = (world: World, people: People): string[] => {
  const asked = new Map(
    [...world.bucket.put].map(([key, text]) => [key.replace('user-data/', ''), marksIn(text)] as const),
  );
  for (const { vmId, wish } of people.told) {
    if (vmId !== undefined && wish.line === 'POST /v1/vms') asked.set(vmId, marksIn(wantedOf(wish.body)));
  }
  return given(world).flatMap(([vmId, text]) => {
    const [is, wanted] = [marksIn(text), asked.get(vmId) ?? ''];
    return is === wanted ? [] : [`I4 ${vmId} was given user-data "${is}", not "${wanted}"`];
  });
};

/**
 * Nobody leaves a text there whose create has ended, unless he died before he could take it away or S3 did not take the call: what is
 * left then, and of a request that came to no create, is the bucket's lifecycle's.
 */
const left = ({ bucket, tables, sfn }: World): string[] => {
  const ended = new Map(
    tables.state
      .of('operation')
      .filter(({ kind, endedAt }) => kind === 'create-vm' && endedAt !== undefined)
      // Rows are written through store/ only, so the name of an entity tells its type.
      .map((row) => [`user-data/${row.vmId}`, row as unknown as Operation]),
  );
  return bucket.keys.flatMap((key) => {
    const operation = ended.get(key);
    if (operation === undefined || bucket.unwanted.has(key) || sfn.recorded.get(operation.id) === 'died') return [];
    return [`I3 ${key} lies there, and ${operation.id} is ${operation.state}`];
  });
};

/** A row names its text by its key alone. */
const inRows = ({ tables }: World): string[] =>
  [...tables.state.rows.values()].flatMap((row) => {
    const marks = marksIn(JSON.stringify(row));
    return marks === '' ? [] : [`I10 the row ${row.pk} holds ${marks}`];
  });

/** What does not hold of user-data once everything has come to rest. */
export const userDataTrouble = (world: World, people: People): string[] => [
  ...amiss(world, people),
  ...left(world),
  ...inRows(world),
];
