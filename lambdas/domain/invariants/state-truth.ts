import { projectOf } from '../project.ts';
import type { Vm } from '../vm.ts';
import { type Finding, found } from './kinds.ts';
import { isThere } from './one-place.ts';
import { isSettled, type Known } from './world.ts';

const placeOf = ({ location }: Vm): string | undefined => location.hostId ?? location.region;

const told = (vm: Vm, detail: string) => ({
  subject: vm.id,
  place: placeOf(vm),
  detail: `${vm.name} ${detail}`,
  since: vm.changedAt,
});

const judge = ({ looked, machinesOf }: Known, vm: Vm): Finding[] => {
  const machines = (machinesOf.get(vm.id) ?? []).filter(isThere);
  const place = placeOf(vm);
  const here = machines.find((machine) => machine.place === place);
  if (here === undefined) {
    const [other] = machines;
    if (other)
      return [found('VmElsewhere', told(vm, `is ${vm.state} here by its row; it was seen on ${other.place}.`))];
    return place !== undefined && looked.has(place)
      ? [found('VmNotSeen', told(vm, `is ${vm.state} by its row, and it was not seen.`))]
      : [];
  }
  const differs = here.state !== vm.state && looked.has(here.place);
  return differs ? [found('StateDiffers', told(vm, `is ${vm.state} by its row; it was seen ${here.state}.`))] : [];
};

/** Nobody can delete it any more; the job that erases its project gives it up. */
const isNobodys = ({ deleted }: Known, vm: Vm): boolean => deleted.has(projectOf(vm));

/** I4: a row that nobody is at work on says what its place says. */
export const stateTruth = (world: Known): Finding[] =>
  world.vms
    .filter((vm) => vm.managed && vm.state !== 'deleted')
    .flatMap((vm) => {
      if (vm.state === 'lost')
        return isNobodys(world, vm) ? [] : [found('VmLost', told(vm, 'is gone at its provider.'))];
      return isSettled(world, vm) ? judge(world, vm) : [];
    });
