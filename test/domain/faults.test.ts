import { expect, it } from 'vitest';
import { Fault, raise } from '../../lambdas/domain/faults.ts';

it('a fault has its name, its words, and points to fields where it says so', () => {
  const cause = new Error('below');
  expect(new Fault('VmLost', 'gone', { cause })).toMatchObject({ name: 'VmLost', message: 'gone', errors: [], cause });
  const errors = [{ pointer: '/name', detail: 'no' }];
  expect(new Fault('InvalidRequest', 'no', { errors }).errors).toEqual(errors);
  expect(() => raise('VmLost', 'gone')).toThrow(expect.objectContaining({ name: 'VmLost', errors: [] }));
});
