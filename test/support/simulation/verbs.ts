import type * as z from 'zod';
import type { CreatePayload } from '../../../lambdas/providers/kvm/payload.ts';
import { newHost } from '../api.ts';
import { chainOf } from '../chain-of-host.ts';
import { HostRefusal, type Order } from './fence.ts';
import type { HostMachine } from './host.ts';

/** A script, cut where it may be killed: before each `yield` something has been done for good. */
export type Script = Generator<void, Record<string, unknown>>;

const GONE = 'gone';

const filesOf = (host: HostMachine, vmId: string): string[] =>
  [...host.files].filter((path) => path.includes(`/${vmId}-`) || path.includes(`/${vmId}.`));

const existing = (host: HostMachine, { domain, vmId }: Order) => {
  const found = host.domains.get(domain);
  if (found === undefined) throw new HostRefusal('VmLost', 'the host has no such domain any more');
  if (found.vmId !== vmId) throw new HostRefusal('VmNotManaged', 'it does not carry the mark of this VM');
  return found;
};

/** create.py, `_build`: what is there already is an earlier attempt's and stays; what fails takes its own things back. */
export function* build(host: HostMachine, order: Order): Script {
  // The payload was written by create-payload.ts.
  const payload = order.payload as unknown as z.infer<typeof CreatePayload>;
  const wanted = [...payload.disks.map(({ path }) => path), payload.seed.path];
  const made: string[] = [];
  if (!host.domains.get(order.domain)?.isOn) host.makeSeed(order);
  if (!host.domains.has(order.domain)) {
    for (const path of wanted) {
      if (host.files.has(path)) continue;
      if (host.diskIsFull()) {
        for (const each of made) host.files.delete(each);
        throw new HostRefusal('DiskFull', 'No space left on device');
      }
      host.files.add(path);
      made.push(path);
      yield;
    }
    host.define(order);
    yield;
  }
  const domain = existing(host, order);
  domain.autostart = true;
  yield;
  host.powerOn(domain, 'booted');
  const disks = payload.disks.map(({ path, sizeGiB }) => ({ path, sizeGiB }));
  return { uuid: order.domain, state: 'running', macs: [], disks, console: payload.console };
}

function* create(host: HostMachine, order: Order): Script {
  if (host.hasImages()) return yield* build(host, order);
  host.fetchThenBuild(order);
  return { state: 'fetching' };
}

function* start(host: HostMachine, order: Order): Script {
  const domain = existing(host, order);
  yield;
  host.powerOn(domain, 'booted');
  return { uuid: order.domain, state: 'running', detail: 'booted' };
}

function* stop(host: HostMachine, order: Order): Script {
  const domain = existing(host, order);
  if (!domain.isOn) return { uuid: order.domain, state: 'stopped', detail: 'shutdown' };
  yield;
  if (order.payload.force === true) {
    host.powerOff(domain, 'destroyed');
    return { uuid: order.domain, state: 'stopped', detail: 'destroyed' };
  }
  host.pressButton(domain);
  return { uuid: order.domain, state: 'stopping' };
}

/** reboot and reset. */
function* bootAgain(host: HostMachine, order: Order): Script {
  const domain = existing(host, order);
  if (!domain.isOn) throw new HostRefusal('InvalidTransition', 'it is stopped on its host: start it instead.');
  yield;
  host.reboot(domain);
  return { uuid: order.domain, state: 'running', detail: 'booted' };
}

function* remove(host: HostMachine, order: Order): Script {
  const { vmId } = order;
  const until = order.payload.retainUntil;
  const domain = host.domains.get(order.domain);
  const kept = host.retained.get(vmId);
  const definition = domain ?? kept?.definition;
  if (definition && typeof until === 'string') {
    host.retained.set(vmId, { definition, files: new Set(kept?.files) });
    yield;
  }
  if (domain) host.undefine(domain);
  yield;
  const files = filesOf(host, vmId);
  for (const path of files) {
    host.files.delete(path);
    if (typeof until === 'string') host.retained.get(vmId)?.files.add(path);
    yield;
  }
  if (until === undefined) host.retained.delete(vmId);
  return { uuid: order.domain, state: GONE };
}

function* undelete(host: HostMachine, order: Order): Script {
  const kept = host.retained.get(order.vmId);
  const domain = host.domains.get(order.domain);
  if (!domain && !kept) throw new HostRefusal('VmLost', 'the host keeps nothing of this VM any more');
  for (const path of kept?.files ?? []) {
    kept?.files.delete(path);
    host.files.add(path);
    yield;
  }
  if (!domain && kept) host.defineAgain(kept.definition);
  yield;
  host.retained.delete(order.vmId);
  return { uuid: order.domain, state: existing(host, order).isOn ? 'running' : 'stopped' };
}

function* undoCreate(host: HostMachine, order: Order): Script {
  const domain = host.domains.get(order.domain);
  const files = filesOf(host, order.vmId);
  if (domain) host.undefine(domain);
  yield;
  for (const path of files) {
    host.files.delete(path);
    yield;
  }
  return { uuid: order.domain, state: GONE };
}

/** enrol.py: the unit of the host that it is prepared as, by the token that it is given, and its secret the first time. */
function* enrol(host: HostMachine, { payload }: Order): Script {
  host.preparedAs = String(payload.hostId);
  yield;
  host.secret ??= 'its own';
  host.unit.token = String(payload.token);
  host.unit.isOn = true;
  yield;
  return { ...newHost().facts, identity: chainOf(host.secret).at(-1) };
}

/** The scripts of ssm-documents/host-unit by the documents that run them. */
export const VERBS: Readonly<Record<string, (host: HostMachine, order: Order) => Script>> = {
  EnrolHost: enrol,
  CreateVm: create,
  StartVm: start,
  StopVm: stop,
  RebootVm: bootAgain,
  ResetVm: bootAgain,
  RemoveVm: remove,
  UndeleteVm: undelete,
  UndoCreateVm: undoCreate,
};
