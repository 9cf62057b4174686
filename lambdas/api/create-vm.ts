import { setTimeout as pause } from 'node:timers/promises';
import { CreateVm } from '../domain/create-vm.ts';
import { Fault } from '../domain/faults.ts';
import { newId } from '../domain/ids.ts';
import type { Change } from '../domain/intent.ts';
import type { Making } from '../domain/new-vm.ts';
import { type Operation, STEPS } from '../domain/operation.ts';
import { keepUserData } from '../runtime/user-data.ts';
import { begin as beginOperation } from '../store/begin.ts';
import { type Choice, chosen } from './choose-place.ts';
import { accepted, OPERATE_ANSWERS, OperateQuery, type Plan } from './operate.ts';
import { type Call, route } from './route.ts';

/** Many at once meet at the same hosts' rows: each loser looks again, later each time; some 6 s in all, of the 29 a gateway waits. */
const TRIES = 20;
const PAUSE_STEP_MS = 60;
const RACED = ['PlacementRaced', 'WriteConflict'];

/** Where a host would take it once it answers, the same request may succeed: it is not refused for good. */
const refusal = ({ refused, away }: Choice): Fault => {
  const said = refused.map(({ host, filter, detail }) => `${host}: ${filter}: ${detail}`);
  if (said.length === 0) return new Fault('NoHostFits', 'No host is enrolled.');
  const why = said.join('; ');
  return away.length === 0
    ? new Fault('NoHostFits', `No host can take the VM. ${why}`)
    : new Fault('HostUnreachable', `No host can take the VM until ${away.join(' or ')} answers. ${why}`);
};

const planOf = ({ vm, host, price, refused }: Choice): Plan => ({
  plan: {
    steps: [...STEPS['create-vm']],
    location: vm.location,
    ...(host ? { hostId: host.id } : {}),
    ...(vm.instanceType ? { instanceType: vm.instanceType } : {}),
    ...(refused.length > 0 ? { refusedHosts: refused.map((each) => ({ ...each })) } : {}),
    price,
  },
});

const changeOf = ({ vm, host }: Choice, body: CreateVm): Change => ({
  kind: 'create-vm',
  vm,
  ...(host ? { host } : {}),
  input: { readyTimeoutSeconds: body.readyTimeoutSeconds },
});

const placed = (choice: Choice): Choice => {
  if (choice.vm.provider === 'kvm' && choice.host === undefined) throw refusal(choice);
  return choice;
};

const begin = async (call: Call, body: CreateVm, making: Making, tries = TRIES): Promise<Operation> => {
  try {
    return await beginOperation(call, changeOf(placed(await chosen(body, making)), body));
  } catch (error) {
    if (!(error instanceof Fault && RACED.includes(error.name)) || tries <= 1) throw error;
    await pause(Math.random() * PAUSE_STEP_MS * (TRIES + 1 - tries));
    return begin(call, body, making, tries - 1);
  }
};

const newly = ({ at, by: { id: by, project } }: Call): Making => ({
  id: newId('vm', Date.parse(at)),
  project,
  by,
  at,
});

/** Refuses first what has no place, so that no user-data is left behind by a request that could not succeed. */
const making = async (call: Call, body: CreateVm): Promise<Making> => {
  const fresh = newly(call);
  if (body.userData === undefined) return fresh;
  placed(await chosen(body, fresh));
  return { ...fresh, userDataKey: await keepUserData(fresh.id, body.userData) };
};

/** POST /v1/vms */
export const createVm = route({
  method: 'POST',
  path: '/v1/vms',
  action: 'create-vm',
  summary: 'Create a VM on EC2 or on a KVM host',
  access: 'operator',
  query: OperateQuery,
  body: CreateVm,
  answers: OPERATE_ANSWERS,
  handler: async ({ query, body }, call) => {
    if (query.dryRun) {
      const choice = await chosen(body, newly(call));
      return { status: 200, body: planOf(placed(choice)) };
    }
    return accepted(call.earlier?.operation ?? (await begin(call, body, await making(call, body))));
  },
});
