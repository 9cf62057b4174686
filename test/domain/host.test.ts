import { expect, it } from 'vitest';
import { atWork, type HostState, withActive } from '../../lambdas/domain/host.ts';
import { aHost } from '../support/kvm.ts';

it.each<[HostState, boolean, HostState]>([
  ['ready', false, 'draining'],
  ['ready', true, 'ready'],
  ['draining', true, 'ready'],
  ['draining', false, 'draining'],
  ['unreachable', false, 'unreachable'],
  ['enrolling', false, 'enrolling'],
])('a %s host made active: %s is %s', (state, active, after) => {
  const host = withActive(aHost({ state, active: !active }), active);
  expect(host).toMatchObject({ state: after, active });
});

it('a host that speaks again is as it was left', () => {
  expect([true, false].map((active) => atWork({ active }))).toEqual(['ready', 'draining']);
});
