import { expect, it } from 'vitest';
import { confirmed, findingsOf } from '../../lambdas/domain/invariants/findings.ts';
import { found, KINDS, keyOf } from '../../lambdas/domain/invariants/kinds.ts';
import { PLANTS } from '../support/plants.ts';
import { TOLD } from '../support/told-findings.ts';
import { soundWorld } from '../support/world.ts';

const ENDED = '2026-11-25T10:01:00.000Z';

it.each(TOLD)('%s is told as it is, and nothing else', (planted, told) => {
  expect(findingsOf(PLANTS[planted](soundWorld(6), 2))).toEqual(
    told.map(({ kind = planted, ...rest }) => {
      const [invariant, suggestion] = KINDS[kind];
      return { invariant, kind, suggestion, ...rest };
    }),
  );
});

it('tells place and moment where they are known', () => {
  expect(found('VmStuck', { subject: 'a', detail: 'b' })).not.toHaveProperty('place');
  expect(found('VmStuck', { subject: 'a', detail: 'b', place: undefined })).not.toHaveProperty('since');
  expect(found('VmStuck', { subject: 'a', detail: 'b', place: 'p', since: ENDED })).toMatchObject({
    place: 'p',
    since: ENDED,
  });
});

it('knows a finding again by its kind, subject and place', () => {
  const finding = found('FileLeft', { subject: 'a', detail: 'b' });
  expect(keyOf(finding)).toBe('FileLeft a');
  expect(keyOf({ ...finding, place: 'p' })).toBe('FileLeft a p');
  expect(confirmed([finding], [{ ...finding, detail: 'other' }])).toHaveLength(1);
  expect(confirmed([finding], [{ ...finding, place: 'p' }])).toEqual([]);
});
