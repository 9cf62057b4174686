import * as z from 'zod';
import { assertUnchanged } from '../domain/asked.ts';
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
import * as hosts from '../store/hosts.ts';
import * as operations from '../store/operations.ts';
import { giveUp } from '../store/settle.ts';
import * as vms from '../store/vms.ts';
import { changeHost, hostReply } from './change-host.ts';
import { HostPath } from './host-fields.ts';
import { named } from './named.ts';
import { type Call, route } from './route.ts';

const { INSTALLATION: installation } = env({ INSTALLATION: text });

const RetireHost = z
  .strictObject({
    /** The host is gone for good, and its VMs with it: they are deleted here, and nobody is asked. */
    abandonVms: z.boolean().default(false),
  })
  .prefault({});

const namesOf = (all: readonly Vm[], { by }: Call): string => {
  const own = all.filter((vm) => projectOf(vm) === by.project).map(({ name }) => name);
  return named(own, all.length - own.length);
};

const GIVE_UP = ' Where its machine is gone for good, give them up with it (--abandon-vms, "abandonVms": true).';

const assertEmpty = async (host: Host, call: Call): Promise<void> => {
  const living = await vms.livingOn(host.id);
  if (living.length === 0) return;
  const gone = host.state === 'unreachable' ? GIVE_UP : '';
  const detail = `${living.length} VMs live on ${host.name}: ${namesOf(living, call)}. Delete them first.${gone}`;
  throw new Fault('HostInUse', detail);
};

/** What a host reports is there, and what an operation is about to change may be there: neither is given up. */
const assertGone = (host: Host, living: readonly Vm[], call: Call): void => {
  if (host.state !== 'unreachable') {
    throw new Fault(
      'InvalidTransition',
      `${host.name} is ${host.state}: only what is on an unreachable host is given up.`,
    );
  }
  const held = living.filter(({ lock }) => lock !== undefined);
  if (held.length === 0) return;
  throw new Fault(
    'VmLocked',
    `Operations are at VMs of ${host.name}: ${namesOf(held, call)}. Wait for them, or cancel them.`,
  );
};

/** Else its outcome would bring the host back. */
const assertSettled = async (host: Host): Promise<void> => {
  const { rows } = await operations.pageOf({ hostId: host.id });
  const open = rows.find((operation) => operation.kind === 'enrol-host' && isOpen(operation));
  if (open === undefined) return;
  throw new Fault('InvalidTransition', `${host.name} is being enrolled: cancel ${open.id} first.`);
};

/**
 * Gives up what lives on a host that is gone, one VM after the other: asked again, it goes on where it was ended. What would
 * refuse the host refuses before the first is given up.
 */
const abandonVms = async (host: Host, call: Call): Promise<void> => {
  assertUnchanged(host, call);
  await assertSettled(host);
  const living = await vms.livingOn(host.id);
  if (living.length === 0) return;
  assertGone(host, living, call);
  const giving = { at: call.at, by: call.by.id, why: `${call.by.name} gave it up with its host ${host.name}.` };
  for (const vm of living) await giveUp(vm, giving);
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
  summary: 'Let a host go that is empty, or gone with its VMs: its unit is taken away, its domains stay untouched',
  access: 'system',
  params: HostPath,
  body: RetireHost,
  answers: { 200: HostView },
  handler: async ({ params, body }, call) => {
    if (body.abandonVms) await abandonVms(await hosts.get(params.id), call);
    // What VMs took of the host is given back by then: its row is not the one that was seen.
    const { ifMatch: _, ...unconditional } = call;
    const retired = await changeHost(body.abandonVms ? unconditional : call, params.id, async (host) => {
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
