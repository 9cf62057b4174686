import { findingsOf } from '../../lambdas/domain/invariants/findings.ts';
import type { World } from '../../lambdas/domain/invariants/world.ts';

/** What is found in a world, by kind and in words. */
export const found = (world: World): string[] => findingsOf(world).map(({ kind, detail }) => `${kind}: ${detail}`);

/** The kinds of what is found in a world. */
export const kindsOf = (world: World): string[] => findingsOf(world).map(({ kind }) => kind);
