import * as z from 'zod';
import { Name, VmId } from './ids.ts';
import { PlainText } from './plain-text.ts';

/** In which order the VMs of a schedule come up: a graph of named nodes, which on the way down is gone through from its end. */

const OrderNode = z
  .strictObject({
    name: Name,
    /** Which VMs of the schedule are in it: by id, by a filter, or both. What no node has, has no order. */
    vms: z.array(VmId).min(1).max(500).optional(),
    filter: PlainText(4096).optional(),
    /** Nodes whose VMs must all be ready before those of this one are started, and are stopped once those of this one are. */
    after: z.array(Name).max(50).optional(),
    /** How long its VMs are ready before what comes after it is started. */
    delaySeconds: z.number().int().min(0).max(3600).optional(),
  })
  .refine(({ vms, filter }) => vms !== undefined || filter !== undefined, { error: 'takes vms, a filter, or both' });
export type OrderNode = z.infer<typeof OrderNode>;

interface Flaw {
  readonly path: readonly (string | number)[];
  readonly message: string;
}

const afterOf = ({ after = [] }: OrderNode): readonly string[] => after;

const doubledNames = (nodes: readonly OrderNode[]): Flaw[] =>
  nodes.flatMap(({ name }, index) => {
    const first = nodes.findIndex((node) => node.name === name);
    return first === index ? [] : [{ path: [index, 'name'], message: `${name} is the name of node ${first} too` }];
  });

const wrongNames = (nodes: readonly OrderNode[]): Flaw[] =>
  nodes.flatMap((node, index) =>
    afterOf(node).flatMap((name, place) => {
      const path = [index, 'after', place];
      if (name === node.name) return [{ path, message: `${name} cannot come after itself` }];
      return nodes.some((each) => each.name === name) ? [] : [{ path, message: `there is no node ${name}` }];
    }),
  );

const doubledVms = (nodes: readonly OrderNode[]): Flaw[] => {
  const seen = new Map<string, string>();
  return nodes.flatMap(({ name, vms = [] }, index) =>
    vms.flatMap((id, place) => {
      const other = seen.get(id);
      seen.set(id, other ?? name);
      return other === undefined ? [] : [{ path: [index, 'vms', place], message: `${id} is in node ${other} already` }];
    }),
  );
};

/** Nodes level by level: each lies behind all that it comes after. What lies in a cycle is in none. */
export const levelsOf = (nodes: readonly OrderNode[]): OrderNode[][] => {
  const levels: OrderNode[][] = [];
  const placed = new Set<string>();
  for (let rest = [...nodes]; rest.length > 0; ) {
    const level = rest.filter((node) => afterOf(node).every((name) => placed.has(name)));
    if (level.length === 0) break;
    levels.push(level);
    for (const { name } of level) placed.add(name);
    rest = rest.filter((node) => !level.includes(node));
  }
  return levels;
};

/** A round among nodes of which each comes after another of them, from its first one back to it. */
const roundOf = (nodes: readonly OrderNode[]): string[] => {
  const way: string[] = [];
  let next = nodes[0];
  while (next && !way.includes(next.name)) {
    way.push(next.name);
    const before = afterOf(next);
    next = nodes.find(({ name }) => before.includes(name));
  }
  return next ? [next.name, ...way.slice(way.indexOf(next.name)).toReversed()] : [];
};

const cycles = (nodes: readonly OrderNode[]): Flaw[] => {
  const placed = new Set(levelsOf(nodes).flat());
  const [first, ...more] = roundOf(nodes.filter((node) => !placed.has(node)));
  if (first === undefined) return [];
  const index = nodes.findIndex(({ name }) => name === first);
  const place = nodes[index]?.after?.indexOf(more.at(-2) ?? first) ?? 0;
  return [{ path: [index, 'after', place], message: `it goes round: ${[first, ...more].join(' -> ')}` }];
};

/** What is wrong with a graph, and where. */
const flawsOf = (nodes: readonly OrderNode[]): Flaw[] => {
  const flaws = [...doubledNames(nodes), ...wrongNames(nodes), ...doubledVms(nodes)];
  // A cycle is looked for among names that mean something.
  return flaws.length > 0 ? flaws : cycles(nodes);
};

/** The order of a schedule: nodes with names of their own, and no way round. */
export const Order = z
  .array(OrderNode)
  .min(1)
  .max(50)
  .check(({ value, issues }) => {
    for (const { path, message } of flawsOf(value))
      issues.push({ code: 'custom', path: [...path], message, input: value });
  });
