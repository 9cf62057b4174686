import * as z from 'zod';
import { Fault } from '../domain/faults.ts';
import { providerOf } from '../runtime/providers.ts';
import { vmOf } from './gate.ts';
import { route } from './route.ts';
import { VmPath } from './vm-path.ts';

const LogQuery = z.strictObject({
  /** Bytes of the tail. */
  bytes: z.coerce.number().int().min(1).max(65_536).default(16_384),
});

/** GET /v1/vms/{id}/console-log */
export const getConsoleLog = route({
  method: 'GET',
  path: '/v1/vms/{id}/console-log',
  action: 'get-console-log',
  summary: "The tail of a VM's serial console",
  access: 'viewer',
  params: VmPath,
  query: LogQuery,
  answers: { 200: z.strictObject({ text: z.string() }) },
  handler: async ({ params, query }, { by }) => {
    const vm = await vmOf(by, params.id);
    if (!vm.managed) throw new Fault('VmNotManaged', `${vm.name} was not made by NovaCron: its console is not read.`);
    return { status: 200, body: { text: await providerOf(vm.provider).consoleLog(vm, query) } };
  },
});
