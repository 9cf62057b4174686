import type { Verb } from '../command-tree.ts';
import { UsageError } from '../exit-codes.ts';
import { printItems } from '../output.ts';
import { vmPage } from '../pages.ts';
import { findVm } from '../resolve.ts';
import type { CommonOptions } from '../session.ts';
import { vmView } from '../views.ts';

interface UpdateOptions extends CommonOptions {
  readonly name?: string;
  readonly tag?: Record<string, string>;
  readonly untag?: readonly string[];
  readonly deletionProtection?: boolean;
}

/** `vm update`: the plane takes tags as a whole, so that those present are read first. */
export const updateVm: Verb<UpdateOptions> = async (session, [word = ''], options) => {
  const { name, tag, untag, deletionProtection } = options;
  if ([name, tag, untag, deletionProtection].every((each) => each === undefined)) {
    throw new UsageError('say what to change');
  }
  const vm = await findVm(session, word);
  const kept = Object.entries({ ...vm.tags, ...tag }).filter(([key]) => !untag?.includes(key));
  const body = {
    ...(name === undefined ? {} : { name }),
    ...(tag === undefined && untag === undefined ? {} : { tags: Object.fromEntries(kept) }),
    ...(deletionProtection === undefined ? {} : { deletionProtection }),
  };
  const changed = await session.client.call('PATCH /v1/vms/{id}', { path: { id: vm.id }, body });
  await printItems(session, vmView(session.paint, Date.now()), [changed], (each) => vmPage(each, session.paint));
  return undefined;
};
