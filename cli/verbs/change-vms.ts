import type { DryRun, Operation, Vm } from '../api.ts';
import type { Verb, WaitingOptions } from '../command-tree.ts';
import { EXIT } from '../exit-codes.ts';
import { explain, explanationLines } from '../explain.ts';
import { printItems, printValue } from '../output.ts';
import { operationPage, planPage } from '../pages.ts';
import { paintFor } from '../paint.ts';
import { findAll, findDeletedVm, findVm } from '../resolve.ts';
import type { Session } from '../session.ts';
import { clock } from '../times.ts';
import { operationView, vmView } from '../views.ts';
import { judge, vmIdOf, watch } from '../wait.ts';
import { confirm } from './confirm.ts';

interface ChangeOptions extends WaitingOptions {
  readonly grace?: number;
  readonly readyTimeout?: number;
  readonly force?: true;
  readonly mode?: string;
  readonly skipOsShutdown?: true;
  readonly yes?: true;
  readonly purge?: true;
}

type Action = 'start' | 'stop' | 'reboot' | 'reset' | 'delete' | 'undelete';
type Accepted = Operation | DryRun;

const bodyOf = ({ mode, grace, force, skipOsShutdown, readyTimeout }: ChangeOptions): Record<string, unknown> => ({
  ...(mode === undefined ? {} : { mode }),
  ...(grace === undefined ? {} : { graceSeconds: grace }),
  ...(readyTimeout === undefined ? {} : { readyTimeoutSeconds: readyTimeout }),
  ...(force === undefined ? {} : { force }),
  ...(skipOsShutdown === undefined ? {} : { skipOsShutdown }),
});

const ask = ({ client }: Session, action: Action, { id }: Vm, options: ChangeOptions): Promise<Accepted> => {
  const dryRun = options.dryRun ? { dryRun: true } : {};
  if (action !== 'delete') {
    const body = bodyOf(options);
    // Some actions take no body at all.
    const some = Object.keys(body).length > 0 ? { body } : {};
    return client.call('POST /v1/vms/{id}/actions/{action}', { path: { id, action }, query: dryRun, ...some });
  }
  const purge = options.purge ? { purge: true } : {};
  return client.call('DELETE /v1/vms/{id}', { path: { id }, query: { ...dryRun, ...purge } });
};

/** Asks for each VM; what one is refused for is told, and does not keep the others from going on. */
const askAll = async (session: Session, action: Action, vms: readonly Vm[], options: ChangeOptions) => {
  const answers = await Promise.allSettled(vms.map((vm) => ask(session, action, vm, options)));
  const accepted = answers.filter((answer) => answer.status === 'fulfilled').map(({ value }) => value);
  const refused = answers
    .filter((answer) => answer.status === 'rejected')
    .map(({ reason }) => explain(reason, session.plane));
  for (const each of refused)
    session.io.stderr.write(explanationLines(each, paintFor(session.io.stderr, session.io.env)));
  return {
    plans: accepted.filter((answer) => 'plan' in answer).map(({ plan }) => plan),
    operations: accepted.filter((answer): answer is Operation => !('plan' in answer)),
    code: Math.max(EXIT.ok, ...refused.map(({ exitCode }) => exitCode)),
  };
};

const nowOf = (): string => new Date().toISOString();

const printAccepted = (session: Session, operations: readonly Operation[]): Promise<void> =>
  printItems(session, operationView(session.paint, Date.now()), operations, (each) =>
    operationPage(each, session.paint, nowOf()),
  );

const tellDeleted = (vm: Vm): string => {
  if (vm.retainedUntil === undefined) return `${vm.name} is deleted.\n`;
  return `${vm.name} is deleted. Its disks are kept until ${clock(vm.retainedUntil)}; to have it back: novacron vm undelete ${vm.id}\n`;
};

const printChanged = async (session: Session, action: Action, operations: readonly Operation[]): Promise<void> => {
  const done = operations.filter(({ state }) => state === 'succeeded');
  if (done.length === 0) return;
  const vms = await Promise.all(
    done.map((each) => session.client.call('GET /v1/vms/{id}', { path: { id: vmIdOf(each) } })),
  );
  if (action === 'delete' && session.format === 'table') session.io.stdout.write(vms.map(tellDeleted).join(''));
  else await printItems(session, vmView(session.paint, Date.now()), vms);
};

const change =
  (action: Action): Verb<ChangeOptions> =>
  async (session, words, options) => {
    const find = action === 'undelete' ? findDeletedVm : findVm;
    const vms = await findAll(words, (word) => find(session, word));
    const names = vms.map(({ name }) => name).join(', ');
    if (action === 'delete' && !options.yes && !options.dryRun) {
      await confirm(session.io, `Delete ${names}${options.purge ? ' for good, disks and all' : ''}?`);
    }
    const { plans, operations, code } = await askAll(session, action, vms, options);
    if (plans.length > 0) {
      const page = () =>
        plans.map((plan, i) => planPage(`${action} ${vms[i]?.name ?? ''}`, plan, session.paint)).join('\n');
      await printValue(session, plans.length === 1 ? plans[0] : plans, page, names);
      return code;
    }
    if (operations.length === 0) return code;
    if (!options.wait) {
      await printAccepted(session, operations);
      return code;
    }
    const patience = { timeoutSeconds: options.timeout };
    const ended = await watch(session, operations, patience);
    const verdict = judge(session, ended, patience);
    await printChanged(session, action, ended);
    return Math.max(code, verdict);
  };

/** `vm start` */
export const startVms = change('start');
/** `vm stop` */
export const stopVms = change('stop');
/** `vm reboot` */
export const rebootVms = change('reboot');
/** `vm reset` */
export const resetVms = change('reset');
/** `vm delete` */
export const deleteVms = change('delete');
/** `vm undelete` */
export const undeleteVms = change('undelete');
