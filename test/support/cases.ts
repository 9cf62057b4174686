/** How large a campaign is, and from which seed it goes: both may be given from outside. */
const given = (name: string, usual: number): number => Number(process.env[name] ?? usual);

/** The first seed: the same at each run unless one is given, since a gate is no lottery. A failing case prints its own. */
export const SEED = given('NOVACRON_SEED', 1);

/** So many cases where nobody says otherwise. */
export const casesOr = (usual: number): number => given('NOVACRON_CASES', usual);

/** Whether the long form was asked for: every point, each way, with and without client tokens. */
export const IS_LONG = given('NOVACRON_CASES', 0) >= 10_000;

/** How one case of a file is told again. */
export const replayOf = (file: string, seed: number): string =>
  `NOVACRON_SEED=${seed} NOVACRON_CASES=1 vitest run --project faults test/faults/${file}`;
