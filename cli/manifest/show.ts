import { stringify } from 'yaml';
import type { Session } from '../session.ts';
import { type Difference, differences } from './differences.ts';
import { type Kind, same } from './kind.ts';
import type { Change, Plan } from './plan.ts';
import { folded, written } from './write.ts';

/** A change as people and programs read it: fields in the form of the file. */
export interface Shown {
  readonly action: Change['action'];
  readonly noun: string;
  readonly name: string;
  /** Absent where it is yet to be made. */
  readonly id?: string;
  readonly fields: readonly Difference[];
}

/** Lays out a change. */
export const shownOf = async (kind: Kind, change: Change): Promise<Shown> => {
  const { action, name } = change;
  const before = action === 'create' ? {} : await folded(kind, change.before);
  const after = action === 'delete' ? {} : await (action === 'create' ? written : folded)(kind, change.after);
  // The name is the heading already.
  const fields = differences(before, after).filter(({ field }) => field !== 'name');
  return { action, noun: kind.noun, name, ...(action === 'create' ? {} : { id: change.row.id }), fields };
};

const inline = (value: unknown): string =>
  value === undefined ? '(none)' : stringify(value, { collectionStyle: 'flow', lineWidth: 0 }).trim();

/** What a list has lost and gained; nothing where only its order is another. */
const ofLists = (before: readonly unknown[], after: readonly unknown[]): string[] => [
  ...before.filter((each) => !after.some((other) => same(each, other))).map((each) => `      - ${inline(each)}`),
  ...after.filter((each) => !before.some((other) => same(each, other))).map((each) => `      + ${inline(each)}`),
];

const fieldText = ({ field, before, after }: Difference, action: Change['action']): string[] => {
  if (action === 'create') return [`    ${field}: ${inline(after)}`];
  const lists = Array.isArray(before) && Array.isArray(after) ? ofLists(before, after) : [];
  return lists.length > 0 ? [`    ${field}:`, ...lists] : [`    ${field}: ${inline(before)} → ${inline(after)}`];
};

const SIGN = { create: ['+', 'green'], change: ['~', 'yellow'], delete: ['-', 'red'] } as const;

const changeText = ({ action, noun, name, fields }: Shown, paint: Session['paint']): string[] => {
  const [sign, style] = SIGN[action];
  const told = action === 'delete' ? [] : fields.flatMap((each) => fieldText(each, action));
  return [paint(style, `${sign} ${noun} ${name}`), ...told];
};

/** `1 to create, 2 to change, 0 to delete; 3 are as the file says.` */
export const countText = ({ changes, unchanged }: Plan): string => {
  const count = (action: Change['action']) => changes.filter((each) => each.action === action).length;
  const counts = `${count('create')} to create, ${count('change')} to change, ${count('delete')} to delete`;
  return `${counts}; ${unchanged.length} as the file says.`;
};

/** The plan for a person. */
export const planText = (shown: readonly Shown[], plan: Plan, paint: Session['paint']): string =>
  [...shown.flatMap((each) => changeText(each, paint)), countText(plan)].map((line) => `${line}\n`).join('');
