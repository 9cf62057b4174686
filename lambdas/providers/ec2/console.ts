import { GetConsoleOutputCommand } from '@aws-sdk/client-ec2';
import type { Vm } from '../../domain/vm.ts';
import type { RegionClients } from './clients.ts';
import { idOf } from './describe.ts';
import { codeOf } from './errors.ts';

/** The last `bytes` of a text in UTF-8; a character that the cut halves is left out. */
const tail = (text: Buffer, bytes: number): string =>
  text
    .subarray(Math.max(0, text.length - bytes))
    .toString('utf8')
    .replace(/^\uFFFD+/, '');

/** EC2 keeps the last 64 KB of the serial console; only Nitro instances show the latest, others what came with boot or stop. */
export const consoleTail = async ({ ec2 }: RegionClients, vm: Vm, bytes: number): Promise<string> => {
  const InstanceId = idOf(vm);
  const output = await ec2.send(new GetConsoleOutputCommand({ InstanceId, Latest: true })).catch((error: unknown) => {
    if (codeOf(error) !== 'UnsupportedOperation') throw error;
    return ec2.send(new GetConsoleOutputCommand({ InstanceId }));
  });
  return tail(Buffer.from(output.Output ?? '', 'base64'), bytes);
};
