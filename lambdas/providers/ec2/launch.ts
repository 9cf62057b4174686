import { type Instance, RunInstancesCommand, TerminateInstancesCommand } from '@aws-sdk/client-ec2';
import { Fault, raise } from '../../domain/faults.ts';
import { architectureOf, sizeOf } from '../../domain/size.ts';
import type { Vm, VmSpec } from '../../domain/vm.ts';
import type { Ask } from '../provider.ts';
import type { RegionClients } from './clients.ts';
import { codeOf, isDefinite, lacksCapacity, toFault, translated } from './errors.ts';
import { bootImage } from './images.ts';
import { readTemplate, type Template } from './launch-template.ts';
import { runInstancesInput, tokenOf } from './run-instances.ts';
import { isAlive, type Pause, patientLook, survivorOf, type Trail } from './traces.ts';
import { type UserDataObjects, userDataOf } from './user-data.ts';

/** What a launch needs around it. */
export interface Launcher {
  readonly installation: string;
  readonly clients: RegionClients;
  readonly userData: UserDataObjects;
  readonly pause: Pause;
  /** Milliseconds since the epoch. */
  readonly now: () => number;
}

/** What was asked for; every managed VM has it. @throws SpecRefused on a row without */
const specOf = (vm: Vm): VmSpec => vm.spec ?? raise('SpecRefused', `${vm.name} was never asked for: no spec.`);

/** The types to try, in order. @throws SizeNotFound, SpecRefused */
const rungsOf = (spec: VmSpec): readonly string[] =>
  spec.ec2?.instanceTypes ??
  sizeOf(spec.size ?? raise('SpecRefused', 'Neither a size nor an instance type was asked for.')).instanceTypes;

/** By what the launches of this VM's operation are found. */
export const trailOf = (vm: Vm, ask: Ask, installation: string): Trail => ({
  installation,
  operationId: ask.operationId,
  tokens: rungsOf(specOf(vm)).map((_, rung) => tokenOf(ask.operationId, rung)),
});

/** Keeps one of what was launched and ends the rest: doubles exist only where a client token was not honoured. */
const adopt = async ({ clients }: Launcher, launched: readonly Instance[]): Promise<Instance> => {
  const survivor = survivorOf(launched);
  const doubles = launched.filter((each) => isAlive(each) && each.InstanceId !== survivor.InstanceId);
  const ids = doubles.flatMap(({ InstanceId }) => InstanceId ?? []);
  if (ids.length > 0) await clients.ec2.send(new TerminateInstancesCommand({ InstanceIds: ids }));
  return survivor;
};

const found = async (launcher: Launcher, trail: Trail): Promise<Instance | undefined> => {
  const launched = await patientLook(launcher.clients.ec2, trail, launcher.pause);
  return launched.length > 0 ? adopt(launcher, launched) : undefined;
};

const assertInTime = ({ now }: Launcher, ask: Ask): void => {
  if (now() <= Date.parse(ask.notAfter)) return;
  throw new Fault('CommandFenced', `The launch came after ${ask.notAfter}, when it must not begin any more.`);
};

/** What a call came to: an instance, a definite lack of capacity (the next rung may be tried), or an open question. */
type Outcome = { readonly instance: Instance } | { readonly lack: unknown } | { readonly open: unknown };

/** The token is known with other parameters: something was launched by it, so the question is where. */
const isOpenQuestion = (error: unknown): boolean =>
  !isDefinite(error) || codeOf(error) === 'IdempotentParameterMismatch';

const runOnce = async ({ clients }: Launcher, input: ReturnType<typeof runInstancesInput>): Promise<Outcome> => {
  try {
    const { Instances: [instance] = [] } = await clients.launcher.send(new RunInstancesCommand(input));
    return instance === undefined ? { open: new Error('RunInstances answered with no instance') } : { instance };
  } catch (error) {
    if (isOpenQuestion(error)) return { open: error };
    if (lacksCapacity(error)) return { lack: error };
    throw error;
  }
};

/** One rung: asks; after a lost reply looks patiently, and only if nothing is there asks once more, by the same token. */
const tryRung = async (
  launcher: Launcher,
  vm: Vm,
  ask: Ask,
  rung: { type: string; index: number; template: Template | undefined },
): Promise<Outcome> => {
  const spec = specOf(vm);
  const input = runInstancesInput({
    installation: launcher.installation,
    operationId: ask.operationId,
    vm,
    spec,
    instanceType: rung.type,
    rung: rung.index,
    template: rung.template,
    image: await bootImage(launcher.clients, spec.image, architectureOf(rung.type), rung.template),
    userData: await userDataOf(spec, launcher.userData),
  });
  const trail = trailOf(vm, ask, launcher.installation);
  let outcome: Outcome = { open: undefined };
  for (const again of [false, true]) {
    assertInTime(launcher, ask);
    outcome = await runOnce(launcher, input);
    if (!('open' in outcome)) return outcome;
    const instance = await found(launcher, trail);
    if (instance !== undefined) return { instance };
    if (again) break;
  }
  return outcome;
};

const climb = async (launcher: Launcher, vm: Vm, ask: Ask): Promise<Instance> => {
  const spec = specOf(vm);
  const types = rungsOf(spec);
  const named = spec.ec2?.launchTemplate;
  const template = named === undefined ? undefined : await readTemplate(launcher.clients.ec2, named);
  let lack: unknown;
  for (const [index, type] of types.entries()) {
    const outcome = await tryRung(launcher, vm, ask, { type, index, template });
    if ('instance' in outcome) return outcome.instance;
    // Never a next rung behind an open question: the first may still come up.
    if ('open' in outcome) throw toFault(outcome.open, `Launching ${vm.name} as ${type}`);
    lack = outcome.lack;
  }
  const detail = `No capacity for ${types.join(', ')} in ${vm.location.zone ?? vm.location.region}.`;
  throw new Fault('CapacityUnavailable', detail, { cause: lack });
};

/**
 * Launches the VM's instance, or finds the one that an earlier attempt of the same operation launched: whatever is lost
 * or repeated on the way, at most one stays.
 * @throws CapacityUnavailable, Throttled, SpecRefused, QuotaExceeded, ProviderDenied, ProviderUnreachable, CommandFenced
 */
export const launch = (launcher: Launcher, vm: Vm, ask: Ask): Promise<Instance> =>
  translated(`Launching ${vm.name}`, async () => {
    const earlier = ask.attempt > 1 ? await found(launcher, trailOf(vm, ask, launcher.installation)) : undefined;
    const instance = earlier ?? (await climb(launcher, vm, ask));
    const key = vm.spec?.userDataKey;
    if (key !== undefined) await launcher.userData.remove(key);
    return instance;
  });
