import { randomUUID } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import { CLOSED, ec2Vm, kvmVm } from '../local/asked-vms.ts';
import type { planeClient } from '../support/plane-client.ts';
import type { Random } from '../support/random.ts';

type Api = ReturnType<typeof planeClient>['api'];

export interface Tally {
  /** Operations that ended, and those that were asked for again as clients do. */
  done: number;
  again: number;
  /** By the name of the fault: what the first try came to. */
  readonly faults: Map<string, number>;
  /** What did not come to its end, or not well, in all its tries. */
  readonly lost: string[];
  readonly open: Set<string>;
}

export interface Client {
  readonly api: Api;
  readonly random: Random;
  readonly tally: Tally;
  /** The KVM image whose guests do nothing: a crowd of them leaves the processors to the plane. */
  readonly image: string;
  readonly isOver: () => boolean;
  /** Before each operation: one in ten comes amid a fault. */
  readonly perhapsHurt: () => void;
}

const TRIES = 6;
const OPERATION_SECONDS = 900;
/** What the API answers while it, or its AWS, is not well; and where somebody else was first. */
const ASK_AGAIN = [409, 412, 429, 500, 502, 503, 504];

interface Ended {
  readonly state: string;
  readonly vmId: string;
  readonly error?: { readonly name: string; readonly detail: string };
}

/** Refused for good: what the VM is now does not allow it. */
class Refused extends Error {}

/** Asks by one key until it is accepted. @throws Refused */
const accepted = async ({ api }: Client, method: string, path: string, body?: unknown): Promise<string> => {
  const key = { 'idempotency-key': randomUUID() };
  for (let tried = 0; ; tried += 1) {
    const reply = await api(method, path, body, key).catch((error: unknown) => ({ status: 503, json: String(error) }));
    if (reply.status === 202) return reply.json.id;
    const { code } = reply.json ?? {};
    if (!ASK_AGAIN.includes(reply.status) || code === 'InvalidTransition' || tried > 200) {
      throw new Refused(`${method} ${path}: ${reply.status} ${JSON.stringify(reply.json)}`);
    }
    await sleep(500);
  }
};

const ended = async ({ api, tally }: Client, id: string): Promise<Ended> => {
  const until = Date.now() + OPERATION_SECONDS * 1000;
  tally.open.add(id);
  using _ = { [Symbol.dispose]: () => tally.open.delete(id) };
  while (Date.now() < until) {
    const { status, json } = await api('GET', `/v1/operations/${id}?wait=10`).catch(() => ({ status: 0, json: {} }));
    if (status === 200 && CLOSED.includes(json.state)) return json;
    if (status !== 200) await sleep(500);
  }
  throw new Error(`${id} is open after ${OPERATION_SECONDS} s`);
};

/** One operation, asked for again where it fails. @returns how it ended, or undefined: the VM was not in a state for it */
const act = async (
  client: Client,
  what: string,
  method: string,
  path: string,
  body?: unknown,
): Promise<Ended | undefined> => {
  const { tally } = client;
  client.perhapsHurt();
  let last = '';
  for (let tried = 1; tried <= TRIES; tried += 1) {
    let came: Ended;
    try {
      came = await ended(client, await accepted(client, method, path, body));
    } catch (error) {
      if (error instanceof Refused && (tried > 1 || what !== 'create')) return undefined;
      tally.lost.push(`${what} ${path}: ${error}`);
      return undefined;
    }
    if (tried === 1) tally.done += 1;
    else tally.again += 1;
    if (came.state === 'succeeded') return came;
    last = `${came.state} ${came.error?.name}: ${came.error?.detail}`;
    const name = came.error?.name ?? came.state;
    tally.faults.set(name, (tally.faults.get(name) ?? 0) + 1);
    // As the API refuses it: a fault has stopped the VM meanwhile, and who asks is told what to do instead.
    if (name === 'InvalidTransition') return undefined;
    await sleep(1000 * tried);
  }
  tally.lost.push(`${what} ${path} after ${TRIES} tries: ${last}`);
  return undefined;
};

/** A guest of nothing hears no power button. */
const ACTIONS: Readonly<Record<string, readonly string[]>> = {
  'ec2 running': ['stop', 'stop', 'reboot'],
  'kvm running': ['stop', 'stop', 'reset'],
  'ec2 stopped': ['start'],
  'kvm stopped': ['start'],
  'kvm error': ['start', 'stop'],
};

const stateOf = async ({ api }: Client, id: string): Promise<string> => {
  const { status, json } = await api('GET', `/v1/vms/${id}`).catch(() => ({ status: 0, json: {} }));
  return status === 200 ? json.state : 'unknown';
};

const change = async (client: Client, provider: string, id: string): Promise<void> => {
  const state = await stateOf(client, id);
  const actions = ACTIONS[`${provider} ${state}`];
  if (!actions) {
    await sleep(2000);
    return;
  }
  const action = client.random.pick(actions);
  await act(client, action, 'POST', `/v1/vms/${id}/actions/${action}`, action === 'stop' ? { force: true } : undefined);
};

/** Its host may be silent at first, and nothing is asked of it then. */
const remove = async (client: Client, id: string): Promise<void> => {
  for (let tried = 0; tried < TRIES; tried += 1) {
    if (await act(client, 'delete', 'DELETE', `/v1/vms/${id}?purge=true`)) return;
    if ((await stateOf(client, id)) === 'deleted') return;
    await sleep(15_000);
  }
  client.tally.lost.push(`${id} could not be deleted`);
};

/** One VM from its creation to its end. */
const live = async (client: Client, name: string): Promise<void> => {
  const { random } = client;
  const isKvm = random.chance(0.5);
  const body = isKvm ? { ...kvmVm(name), image: client.image, memoryMiB: 64 } : ec2Vm(name);
  const made = await act(client, 'create', 'POST', '/v1/vms', body);
  if (!made) return;
  for (let changes = random.whole(2, 6); changes > 0 && !client.isOver(); changes -= 1)
    await change(client, body.provider, made.vmId);
  await remove(client, made.vmId);
};

/** Lives, one after the other, until it is over. */
export const play = async (client: Client, prefix: string): Promise<void> => {
  for (let number = 0; !client.isOver(); number += 1) await live(client, `${prefix}-${number}`);
};
