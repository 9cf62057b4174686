import { writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { readConfig } from '../../../lambdas/domain/alerts/config.ts';
import { type LabelSet, labelOf } from '../../../lambdas/domain/alerts/labels.ts';
import { matcherText } from '../../../lambdas/domain/alerts/matchers.ts';
import { routesFor, routeTree } from '../../../lambdas/domain/alerts/route-tree.ts';
import { amtool, newFolder } from '../../support/alertmanager.ts';
import { someLabels, someRoutes, yamlOf } from '../../support/alerts.ts';
import { casesOr, SEED } from '../../support/cases.ts';

/** Alerts go where `amtool config routes test` says, tree by tree. */
const asArguments = (labels: LabelSet): string[] =>
  Object.keys(labels).map((name) => matcherText({ name, type: '=', value: labelOf(labels, name) }));

it('alerts go to the receivers that amtool names', async () => {
  using folder = newFolder();
  // No argument has a NUL in it.
  const labels = someLabels.filter((each) => !JSON.stringify(each).includes('\\u0000'));
  const cases = fc.sample(fc.tuple(someRoutes, labels), { seed: SEED, numRuns: casesOr(600) });
  const otherwise: unknown[] = [];
  const lengths = new Map<number, number>();
  const next = cases.entries();
  const compared = async (): Promise<void> => {
    for (const [index, [route, labels]] of next) {
      const file = join(folder.path, `${index}.yml`);
      const yaml = yamlOf({ route });
      writeFileSync(file, yaml);
      const told = await amtool(['config', 'routes', 'test', `--config.file=${file}`, ...asArguments(labels)]);
      const routes = routesFor(routeTree(readConfig(yaml)), labels);
      const ours = routes.map(({ receiver }) => receiver).join(',');
      if (`${ours}\n` !== told) otherwise.push({ yaml, labels, ours, told });
      const depth = Math.max(...routes.map(({ id }) => id.split('.').length));
      lengths.set(depth, (lengths.get(depth) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, compared));
  expect(otherwise).toEqual([]);
  // Not all of them at the root.
  expect([...lengths.keys()].sort()).toEqual(expect.arrayContaining([1, 2, 3]));
});
