import type * as z from 'zod';
import type { Change } from '../domain/intent.ts';
import type { Operation } from '../domain/operation.ts';
import type { Vm } from '../domain/vm.ts';
import { act, OPERATE_ANSWERS, OperateQuery } from './operate.ts';
import { type Route, route } from './route.ts';
import { VmPath } from './vm-path.ts';

/** One of the actions of a VM; its word is that of the operation, too. */
type Verb = 'start' | 'stop' | 'reboot' | 'reset' | 'undelete';

interface VmActionSpec<B extends z.ZodType<Operation['input']>> {
  readonly summary: string;
  /** What may be said with it: the operation's input. */
  readonly body: B;
  /** Further reasons to refuse, and rows that the change needs. */
  readonly prepare?: (vm: Vm, body: z.output<B>) => Promise<Partial<Change>>;
}

/** Declares POST /v1/vms/{id}/actions/<verb>, for an operator: 202 with its operation, or the plan of it. */
export const vmAction = <B extends z.ZodType<Operation['input']>>(
  verb: Verb,
  { summary, body, prepare }: VmActionSpec<B>,
): Route =>
  route({
    method: 'POST',
    path: `/v1/vms/{id}/actions/${verb}`,
    action: `${verb}-vm`,
    summary,
    access: 'operator',
    params: VmPath,
    query: OperateQuery,
    body,
    answers: OPERATE_ANSWERS,
    handler: ({ params, query: { dryRun }, body: input }, call) =>
      act(call, {
        kind: `${verb}-vm`,
        id: params.id,
        dryRun,
        input,
        ...(prepare ? { prepare: (vm: Vm) => prepare(vm, input) } : {}),
      }),
  });
