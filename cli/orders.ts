import { InvalidArgumentError } from 'commander';
import { levelsOf } from '../lambdas/domain/schedule-order.ts';
import type { NewSchedule } from './api.ts';
import { secondsOf } from './times.ts';

/** The order of a schedule as people type it and read it. */
type Node = NonNullable<NewSchedule['order']>[number];

const FORM =
  'It is written <name>=<terms or VMs> [after <name,name>] [delay <time>], such as "db=tag:tier=db", "db=db-1,db-2" or "app=tag:tier=app after db delay 30s".';
const NODE = /^(?<name>[^=\s]+)=(?<who>.+?)(?: after (?<after>\S+))?(?: delay (?<delay>\S+))?$/;

/** Names or ids of VMs; each term of a filter has an `=`. */
const VMS = /^[^=&\s,]+(?:,[^=&\s,]+)*$/;

/** Collects `--order`, node after node, VMs by the words that were typed; `none` takes the order away. */
export const order = (text: string, before: readonly Node[] | 'none' = []): Node[] | 'none' => {
  if (text === 'none') return 'none';
  const { name, who, after, delay } = NODE.exec(text)?.groups ?? {};
  const delaySeconds = delay === undefined ? 0 : secondsOf(delay);
  if (name === undefined || who === undefined || delaySeconds === undefined) throw new InvalidArgumentError(FORM);
  const of = VMS.test(who) ? { vms: who.split(',') } : { filter: who };
  const node = { name, ...of, ...(after ? { after: after.split(',') } : {}), ...(delay ? { delaySeconds } : {}) };
  return [...(before === 'none' ? [] : before), node];
};

const nodeText = ({ name, vms = [], filter, after = [], delaySeconds }: Node, nameOf: (id: string) => string): string =>
  [
    `${name}: ${[...vms.map(nameOf), ...(filter === undefined ? [] : [filter])].join(', ')}`,
    ...(after.length > 0 ? [`after ${after.join(', ')}`] : []),
    ...(delaySeconds ? [`delay ${delaySeconds}s`] : []),
  ].join(' ');

/** The graph as lines, each node below and right of what it comes after; a node whose turn has not come says so. */
export const orderLines = (
  nodes: readonly Node[] = [],
  waiting: readonly string[] = [],
  nameOf: (id: string) => string = (id) => id,
): string[] =>
  levelsOf(nodes).flatMap((level, depth) =>
    level.map((node) => {
      const arrow = depth === 0 ? '' : `${'   '.repeat(depth - 1)}└─ `;
      return `${arrow}${nodeText(node, nameOf)}${waiting.includes(node.name) ? ' (waits)' : ''}`;
    }),
  );
