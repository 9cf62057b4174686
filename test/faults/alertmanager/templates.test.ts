import { availableParallelism } from 'node:os';
import fc from 'fast-check';
import { expect, it } from 'vitest';
import { newFolder } from '../../support/alertmanager.ts';
import { casesOr, SEED } from '../../support/cases.ts';
import { DATA, HTML_TEMPLATES, someData, someTemplate, TEMPLATES } from '../../support/template-cases.ts';
import { amtools, ours, type WrittenData } from '../../support/templates.ts';

/** Templates say what `amtool template render` makes them say, and are none where it takes them for none. */

interface Case {
  readonly text: string;
  readonly data: WrittenData;
  readonly isHtml?: boolean;
}

/** Those of which ours says something else. */
const otherwise = async (cases: readonly Case[]): Promise<unknown[]> => {
  using folder = newFolder();
  const found: unknown[] = [];
  const next = cases.entries();
  const compared = async (): Promise<void> => {
    for (const [index, { text, data, isHtml }] of next) {
      const told = await amtools(folder.path, String(index), text, data, isHtml);
      const { said, leftOut } = ours(text, data, isHtml);
      if (said !== told && leftOut === undefined)
        found.push({ text, ours: said, amtool: told, data: JSON.stringify(data) });
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, compared));
  return found;
};

it('those that were written by hand', async () => {
  expect(await otherwise(TEMPLATES.map((text) => ({ text, data: DATA })))).toEqual([]);
});

it('those that were generated', async () => {
  const cases = fc.sample(fc.record({ text: someTemplate, data: someData }), { seed: SEED, numRuns: casesOr(400) });
  expect(await otherwise(cases)).toEqual([]);
});

it('those of HTML', async () => {
  expect(await otherwise(HTML_TEMPLATES.map((text) => ({ text, data: DATA, isHtml: true })))).toEqual([]);
});
