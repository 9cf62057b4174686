import { afterAll, expect } from 'vitest';
import { auditPlane } from './on-plane.ts';

export * from './on-plane.ts';

/** The invariants hold over the plane after every suite; what the suite cleans up itself it has cleaned up by now. */
afterAll(async () => {
  expect((await auditPlane()).items).toEqual([]);
});
