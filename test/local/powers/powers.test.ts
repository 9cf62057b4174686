import { readFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { beforeAll, describe, expect, it } from 'vitest';
import { planeClient } from '../../support/plane-client.ts';
import { type Deployed, deployedFunctions } from '../../support/powers/deployed.ts';
import { ELSEWHERE, type Elsewhere } from '../../support/powers/elsewhere.ts';
import { simulatedCalls } from '../../support/powers/simulated.ts';
import { ROOT } from '../../support/run.ts';

/**
 * Least privilege against calls really made: what each function asked AWS for while the suites ran on the plane (its emulator
 * notes each kind) and in the simulated world, beside the policy of its role as it is deployed. Runs after them.
 */
const HOME = resolve(process.env.NOVACRON_HOME ?? join(ROOT, '.novacron'));
const { plane, access } = planeClient(HOME);

interface Noted {
  readonly role: string;
  readonly action: string;
  readonly resource: string;
  readonly allowed: boolean;
}
const noted: readonly Noted[] = readFileSync(join(HOME, 'state', 'calls.jsonl'), 'utf8')
  .split('\n')
  .filter(Boolean)
  .map((line) => JSON.parse(line));

/** One action of one function's policy, with the resources that it is for. */
interface Power {
  readonly name: string;
  readonly action: string;
  readonly resources: string;
}

const LOOKS = /:(Get|BatchGet|List|Describe|Query|Scan|ConditionCheck)/;

let functions: readonly Deployed[] = [];
let simulated: ReadonlyMap<string, ReadonlySet<string>> = new Map();
let used: ReadonlyMap<string, ReadonlySet<string>> = new Map();
beforeAll(async () => {
  functions = await deployedFunctions(`http://127.0.0.1:${plane.port}`, access.installation);
  simulated = await simulatedCalls();
  used = new Map(
    functions.map(({ name, role }) => [
      name,
      new Set([
        ...noted.filter((call) => call.allowed && call.role === role).map(({ action }) => action),
        ...(simulated.get(name) ?? []),
      ]),
    ]),
  );
}, 120_000);

const powersOf = ({ name, statements }: Deployed): Power[] =>
  statements
    .filter(({ Effect }) => Effect === 'Allow')
    .flatMap(({ Action = [], Resource = [] }) =>
      Action.map((action) => ({ name, action, resources: Resource.join(' ') })),
    );

const isElsewhere =
  ({ name, action, resources }: Power) =>
  (each: Elsewhere) =>
    each.of.test(name) && each.actions.includes(action) && (each.on?.test(resources) ?? true);

/** Those that the code itself asks for, each once for its function: of several statements the one about its rows, which is first. */
const own = (): Power[] => {
  const byAws = ELSEWHERE.filter(({ seen }) => seen === 'never');
  const all = functions.flatMap(powersOf).filter((power) => !byAws.some(isElsewhere(power)));
  return [...new Map(all.toReversed().map((power) => [`${power.name} ${power.action}`, power])).values()];
};
const unseen = () => own().filter(({ name, action }) => !used.get(name)?.has(action));
const unused = () => unseen().filter((power) => !ELSEWHERE.some(isElsewhere(power)));
const spelt = ({ name, action }: Power) => `${name}: ${action}`;

describe('what functions may do, beside what they did', () => {
  it('was watched: every function that must be seen called something', () => {
    expect(functions.length).toBeGreaterThan(30);
    const must = new Set(own().flatMap((power) => (ELSEWHERE.some(isElsewhere(power)) ? [] : [power.name])));
    expect([...must].filter((name) => (used.get(name)?.size ?? 0) === 0)).toEqual([]);
  });

  it('refused none of their calls', () => {
    const roles = new Set(functions.map(({ role }) => role));
    expect(noted.filter(({ role, allowed }) => roles.has(role) && !allowed)).toEqual([]);
  });

  it('allows whatever they did in the simulated world', () => {
    const missing = functions.flatMap((each) => {
      const may = new Set(powersOf(each).map(({ action }) => action));
      return [...(simulated.get(each.name) ?? [])]
        .filter((action) => !may.has(action))
        .map((action) => `${each.name}: ${action}`);
    });
    expect(missing).toEqual([]);
  });

  it('leaves no right to change anything unused', () => {
    expect(
      unused()
        .filter(({ action }) => !LOOKS.test(action))
        .map(spelt),
    ).toEqual([]);
  });

  it('leaves at most a tenth of all rights unused', () => {
    const left = unused();
    const all = own().length;
    const seldom = unseen().length - left.length;
    console.log(
      `powers: ${all} rights of ${functions.length} functions; ${all - seldom - left.length} seen in use, ${seldom} by a test of their own, unused ${left.length}: ${left.map(spelt).join(', ')}`,
    );
    expect(left.length / all).toBeLessThanOrEqual(0.1);
  });

  it('excepts nothing as made by AWS itself that a function was seen to call', () => {
    const seen = functions
      .flatMap(powersOf)
      .filter((power) => ELSEWHERE.some((each) => each.seen === 'never' && !each.on && isElsewhere(power)(each)))
      .filter(({ name, action }) => used.get(name)?.has(action));
    expect(seen.map(spelt)).toEqual([]);
  });

  it.each(ELSEWHERE.map(({ because, proof }) => [because, ...proof] as const))(
    'where %s, there is a test',
    (_, file, title) => {
      expect(readFileSync(join(ROOT, file), 'utf8')).toContain(title);
    },
  );
});
