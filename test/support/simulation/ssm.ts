import {
  CreateActivationCommand,
  DeregisterManagedInstanceCommand,
  DescribeInstanceInformationCommand,
  GetCommandInvocationCommand,
  GetParameterCommand,
  SendCommandCommand,
} from '@aws-sdk/client-ssm';
import { answerLine } from '../kvm.ts';
import type { Order } from './fence.ts';
import type { Came, HostMachine } from './host.ts';
import { awsError } from './refusals.ts';
import type { Command } from './transport.ts';
import type { World } from './world.ts';

interface Invocation {
  readonly id: string;
  readonly nodeId: string;
  readonly comment: string;
  readonly sentAt: number;
  status: string;
  details: string;
  code: number;
  output: string;
}

/** commands.ts: how long a command may wait for its host; create-vm.yaml: how long it may run. */
const DELIVERY_MS = 60_000;
const EXECUTION_MS = 120_000;
/** What a shell says of a process that was killed. */
const KILLED = 137;

const orderOf = (parameters: Record<string, string[]>): Order => {
  const read = (name: string): string => parameters[name]?.[0] ?? '';
  const text = Buffer.from(read('Payload'), 'base64').toString();
  const payload = text === '' ? { link: read('Link') } : JSON.parse(text);
  return {
    op: read('Op'),
    attempt: Number(read('Attempt')),
    notAfter: Date.parse(read('NotAfter')),
    domain: read('Domain'),
    vmId: payload.vm?.id ?? '',
    payload,
  };
};

/** Systems Manager: commands on their way to hosts, and what is known of them. */
export class Ssm {
  readonly hosts = new Map<string, HostMachine>();
  /** What has registered: for which host, by node. */
  readonly nodes = new Map<string, { readonly hostId: string; readonly at: number }>();
  readonly #world: World;
  readonly #invocations = new Map<string, Invocation>();

  constructor(world: World) {
    this.#world = world;
  }

  /** An agent registers, in place of the one that the machine had. */
  register(nodeId: string, machine: HostMachine, hostId: string): void {
    for (const [known, each] of this.hosts) if (each === machine) this.hosts.delete(known);
    this.hosts.set(nodeId, machine);
    this.nodes.set(nodeId, { hostId, at: this.#world.scheduler.now });
  }

  readonly serve = (command: Command): unknown => {
    if (command instanceof SendCommandCommand) return { Command: { CommandId: this.#send(command).id } };
    if (command instanceof GetCommandInvocationCommand) return this.#look(command.input.CommandId ?? '');
    if (command instanceof GetParameterCommand) return { Parameter: { Value: 'ami-0123456789abcdef0' } };
    if (command instanceof CreateActivationCommand) return { ActivationId: 'a-1', ActivationCode: 'code' };
    if (command instanceof DescribeInstanceInformationCommand) return this.#describe(command);
    if (command instanceof DeregisterManagedInstanceCommand) return this.#deregister(command.input.InstanceId ?? '');
    throw new Error(`SSM does not know ${command.constructor.name}`);
  };

  /** A node whose agent is silent is still said to be online for minutes. */
  #describe({ input }: DescribeInstanceInformationCommand): object {
    const hostId = input.Filters?.[0]?.Values?.[0];
    const found = [...this.nodes].filter(([, node]) => node.hostId === hostId);
    return {
      InstanceInformationList: found.map(([InstanceId, { at }]) => ({
        InstanceId,
        PingStatus: 'Online',
        RegistrationDate: new Date(at),
      })),
    };
  }

  #deregister(nodeId: string): object {
    if (!this.nodes.delete(nodeId)) throw awsError('InvalidInstanceId');
    this.hosts.delete(nodeId);
    return {};
  }

  #look(id: string) {
    const found = this.#invocations.get(id);
    if (found === undefined || this.#world.scheduler.now - found.sentAt < 30) throw awsError('InvocationDoesNotExist');
    return {
      CommandId: id,
      InstanceId: found.nodeId,
      Comment: found.comment,
      Status: found.status,
      StatusDetails: found.details,
      ResponseCode: found.code,
      StandardOutputContent: found.output,
    };
  }

  #send({ input }: SendCommandCommand): Invocation {
    const { random, scheduler } = this.#world;
    const invocation: Invocation = {
      id: random.bytes(8).toString('hex'),
      nodeId: input.InstanceIds?.[0] ?? '',
      comment: input.Comment ?? '',
      sentAt: scheduler.now,
      status: 'Pending',
      details: 'Pending',
      code: -1,
      output: '',
    };
    this.#invocations.set(invocation.id, invocation);
    this.#deliver(invocation, input.DocumentName?.split('-').at(-1) ?? '', orderOf(input.Parameters ?? {}));
    return invocation;
  }

  #deliver(invocation: Invocation, verb: string, order: Order): void {
    const { faults, random, scheduler } = this.#world;
    const host = this.hosts.get(invocation.nodeId);
    const isLost = faults.fires('command-never');
    const late = faults.fires('command-late') ? random.between(5_000, 240_000) : random.between(200, 1_500);
    const run = (): void => {
      if (host?.isReachable) this.#run(invocation, host, verb, order);
    };
    // An agent that has taken a command may be long about beginning it; what it has not taken in time it never gets.
    const taken = !isLost && host?.isReachable === true;
    if (taken) scheduler.after(late, '', run);
    if (taken && faults.fires('command-twice')) scheduler.after(late + random.between(0, 90_000), '', run);
    scheduler.after(taken ? late + EXECUTION_MS : DELIVERY_MS, '', () =>
      this.#end(invocation, 'TimedOut', taken ? 'ExecutionTimedOut' : 'DeliveryTimedOut'),
    );
  }

  #run(invocation: Invocation, host: HostMachine, verb: string, order: Order): void {
    const { faults, random, scheduler } = this.#world;
    const came = verb === 'ProveHost' ? claimOf(host, order) : host.command(verb, order);
    scheduler.note(`${host.unit.hostId} runs ${verb} #${order.attempt}: ${JSON.stringify(came).slice(0, 160)}`);
    if (faults.fires('result-lost')) return;
    scheduler.after(random.between(300, 2_500), '', () => {
      invocation.output = this.#printed(came);
      invocation.code = codeOf(came);
      this.#end(invocation, invocation.code === 0 ? 'Success' : 'Failed', '');
    });
  }

  #printed(came: Came): string {
    const { faults, random } = this.#world;
    const text = 'answer' in came ? answerLine(came.answer) : '';
    return faults.fires('answer-garbled') ? text.slice(0, random.whole(0, text.length - 2)) : text;
  }

  #end(invocation: Invocation, status: string, details: string): void {
    if (!['Pending', 'InProgress'].includes(invocation.status)) return;
    Object.assign(invocation, { status, details: details || status });
    const detail = { 'command-id': invocation.id, 'instance-id': invocation.nodeId, status };
    this.#world.bus.tell('command-finished', { detail });
  }
}

const claimOf = (host: HostMachine, { payload }: Order): Came => ({
  answer: { ok: true, result: host.claim(String(payload.link)) },
});

/** answer.py, `_CODES`. */
const codeOf = (came: Came): number => {
  if (!('answer' in came)) return KILLED;
  if (came.answer.ok) return 0;
  return came.answer.fault === 'CommandFenced' ? 11 : 10;
};
