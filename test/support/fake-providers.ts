import type { ProviderName } from '../../lambdas/domain/vm.ts';
import { FakeProvider } from '../../lambdas/providers/fake.ts';
import { auditFake } from './audited.ts';

/** Stands in for lambdas/runtime/providers.ts: the same functions over one fake, which a test sets. */
let fake = new FakeProvider();

export const useFake = (provider: FakeProvider): FakeProvider => {
  fake = provider;
  auditFake(provider);
  return provider;
};

export const providerOf = (_: ProviderName): FakeProvider => fake;

export const keptUntil = (_: ProviderName, purge: boolean, at: number): string | undefined =>
  purge || !fake.capabilities.has('undelete') ? undefined : new Date(at + 7 * 86_400_000).toISOString();
