import { Fault } from '../domain/faults.ts';
import type { Host } from '../domain/host.ts';
import { operationIdOf } from '../domain/ids.ts';
import { isOpen } from '../domain/operation.ts';
import { projectOf } from '../domain/project.ts';
import { HostView } from '../domain/view.ts';
import type { Vm } from '../domain/vm.ts';
import { removeUnit } from '../providers/kvm/enrol.ts';
import { notAfterOf } from '../providers/provider.ts';
import { ssm } from '../runtime/clients.ts';
import { env, text } from '../runtime/env.ts';
import { revokeHostTokens } from '../runtime/host-tokens.ts';
import { logger } from '../runtime/powertools.ts';
import * as operations from '../store/operations.ts';
import * as vms from '../store/vms.ts';
import { changeHost, hostReply } from './change-host.ts';
import { HostPath } from './host-fields.ts';
import { named } from './named.ts';
import { type Call, route } from './route.ts';

const { INSTALLATION: installation } = env({ INSTALLATION: text });

const assertEmpty = async (host: Host, { by }: Call): Promise<void> => {
  const living: Vm[] = [];
  for await (const vm of vms.onHost(host.id)) if (vm.managed && vm.state !== 'deleted') living.push(vm);
  if (living.length === 0) return;
  const own = living.filter((vm) => projectOf(vm) === by.project).map(({ name }) => name);
  const which = named(own, living.length - own.length);
  throw new Fault('HostInUse', `${living.length} VMs live on ${host.name}: ${which}. Delete them first.`);
};

/** Else its outcome would bring the host back. */
const assertSettled = async (host: Host): Promise<void> => {
  const { rows } = await operations.pageOf({ hostId: host.id });
  const open = rows.find((operation) => operation.kind === 'enrol-host' && isOpen(operation));
  if (open === undefined) return;
  throw new Fault('InvalidTransition', `${host.name} is being enrolled: cancel ${open.id} first.`);
};

/**
 * Once the time is over in which it could be delivered, schedules/tend-hosts.ts ends the node's registration too. A host
 * that is away keeps its unit, whose token is revoked: nothing is lost by it.
 */
const takeUnitAway = async (host: Host, call: Call): Promise<void> => {
  if (host.nodeId === undefined) return;
  const ask = {
    operationId: operationIdOf(call.by, call.requestId),
    attempt: 1,
    notAfter: notAfterOf(Date.parse(call.at)),
  };
  try {
    await removeUnit({ ssm: ssm(), installation }, host.nodeId, ask, host.id);
  } catch (error) {
    logger.warn('the unit of a retired host could not be taken away', { host: host.id, error });
  }
};

const forgetStrangers = async (host: Host): Promise<void> => {
  for await (const vm of vms.onHost(host.id)) if (!vm.managed) await vms.forget(vm);
};

/** POST /v1/hosts/{id}/actions/retire */
export const retireHost = route({
  method: 'POST',
  path: '/v1/hosts/{id}/actions/retire',
  action: 'retire-host',
  summary: 'Let an empty host go: its unit is taken away, its own domains stay untouched',
  access: 'system',
  params: HostPath,
  answers: { 200: HostView },
  handler: async ({ params }, call) => {
    const retired = await changeHost(call, params.id, async (host) => {
      await assertEmpty(host, call);
      await assertSettled(host);
      return { ...host, state: 'retired', active: false, images: [], reason: `retired by ${call.by.name}` };
    });
    await revokeHostTokens(retired.id, call.at);
    await takeUnitAway(retired, call);
    await forgetStrangers(retired);
    return hostReply(retired);
  },
});
