import { type Instance, RunInstancesCommand, TerminateInstancesCommand } from '@aws-sdk/client-ec2';
import { Fault, raise } from '../../domain/faults.ts';
import { architectureOf, sizeOf } from '../../domain/size.ts';
import type { Vm, VmSpec } from '../../domain/vm.ts';
import { type Ask, askedAt } from '../provider.ts';
import type { RegionClients } from './clients.ts';
import { codeOf, isDefinite, isThrottle, lacksCapacity, toFault, translated } from './errors.ts';
import { bootImage } from './images.ts';
import { readTemplate, type Template } from './launch-template.ts';
import { runInstancesInput, tokenOf } from './run-instances.ts';
import { isAlive, type Pause, patientLook, survivorOf, type Trail } from './traces.ts';
import { type ReadUserData, userDataOf } from './user-data.ts';

/** What a launch needs around it. */
export interface Launcher {
  readonly installation: string;
  readonly clients: RegionClients;
  readonly userData: ReadUserData;
  readonly pause: Pause;
  /** Whether it is still this very attempt that is to act: no later one, and no undo, has begun. */
  readonly isStillAsked: (ask: Ask) => Promise<boolean>;
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
  if (ids.length > 0) await clients.changing.send(new TerminateInstancesCommand({ InstanceIds: ids }));
  return survivor;
};

const found = async (launcher: Launcher, trail: Trail): Promise<Instance | undefined> => {
  const launched = await patientLook(launcher.clients.ec2, trail, launcher.pause);
  return launched.length > 0 ? adopt(launcher, launched) : undefined;
};

/**
 * What undoes a launch begins after it, and looks for 15 s; so what is launched within this time of its own beginning is
 * seen by any undo. Later the question must be asked whether there has been one.
 */
const SURELY_SEEN_MS = 5_000;

/** EC2 has no fence that an undo could raise, so a launch that comes late looks for itself. @throws CommandTooLate, CommandFenced */
const assertAsked = async ({ now, isStillAsked }: Launcher, ask: Ask): Promise<void> => {
  if (now() > Date.parse(ask.notAfter)) {
    throw new Fault('CommandTooLate', `The launch came after ${ask.notAfter}, when it must not begin any more.`);
  }
  if (now() - askedAt(ask) <= SURELY_SEEN_MS || (await isStillAsked(ask))) return;
  throw new Fault('CommandFenced', 'A later attempt, or the undo, has overtaken the launch.');
};

/**
 * What a call came to: an instance, a definite lack of capacity (the next rung may be tried), a definite refusal for haste
 * (the same may be asked later), or an open question.
 */
type Outcome =
  | { readonly instance: Instance }
  | { readonly lack: unknown }
  | { readonly haste: unknown }
  | { readonly open: unknown };

/** The token is known with other parameters: something was launched by it, so the question is where. */
const isOpenQuestion = (error: unknown): boolean =>
  !isDefinite(error) || codeOf(error) === 'IdempotentParameterMismatch';

const runOnce = async ({ clients }: Launcher, input: ReturnType<typeof runInstancesInput>): Promise<Outcome> => {
  try {
    const { Instances: [instance] = [] } = await clients.changing.send(new RunInstancesCommand(input));
    return instance === undefined ? { open: new Error('RunInstances answered with no instance') } : { instance };
  } catch (error) {
    if (isOpenQuestion(error)) return { open: error };
    if (lacksCapacity(error)) return { lack: error };
    if (isThrottle(error)) return { haste: error };
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
    await assertAsked(launcher, ask);
    const before = outcome;
    outcome = await runOnce(launcher, input);
    // A refusal of the repeat says nothing of the first call, whose end stays open.
    if ('haste' in outcome && again) return before;
    if (!('open' in outcome)) return outcome;
    const instance = await found(launcher, trail);
    if (instance !== undefined) return { instance };
    if (again) break;
  }
  return outcome;
};

/** @returns undefined where EC2 refused for haste */
const climb = async (launcher: Launcher, vm: Vm, ask: Ask): Promise<Instance | undefined> => {
  const spec = specOf(vm);
  const types = rungsOf(spec);
  const named = spec.ec2?.launchTemplate;
  const template = named === undefined ? undefined : await readTemplate(launcher.clients.ec2, named);
  let lack: unknown;
  for (const [index, type] of types.entries()) {
    const outcome = await tryRung(launcher, vm, ask, { type, index, template });
    if ('instance' in outcome) return outcome.instance;
    if ('haste' in outcome) return undefined;
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
 * @returns undefined where EC2 has taken too many launches just now, and definitely not this one
 * @throws CapacityUnavailable, Throttled, SpecRefused, QuotaExceeded, ProviderDenied, ProviderUnreachable, CommandTooLate, CommandFenced
 */
export const launch = (launcher: Launcher, vm: Vm, ask: Ask): Promise<Instance | undefined> =>
  translated(`Launching ${vm.name}`, async () => {
    const mayBeThere = ask.repeated || (ask.attempt > 1 && ask.refused === undefined);
    const earlier = mayBeThere ? await found(launcher, trailOf(vm, ask, launcher.installation)) : undefined;
    return earlier ?? (await climb(launcher, vm, ask));
  });
