import * as z from 'zod';
import { raise } from '../domain/faults.ts';
import { isOpen } from '../domain/operation.ts';
import type { ProviderName } from '../domain/vm.ts';
import { ec2Provider } from '../providers/ec2/provider.ts';
import { kvmProvider } from '../providers/kvm/provider.ts';
import { presignUserData, readUserData } from '../providers/kvm/user-data.ts';
import type { Ask, Provider } from '../providers/provider.ts';
import * as hosts from '../store/hosts.ts';
import * as operations from '../store/operations.ts';
import { s3, ssm } from './clients.ts';
import { env, text } from './env.ts';
import { order } from './instance-actions.ts';

const settings = env({
  INSTALLATION: text,
  BUCKET_NAME: text,
  RETAIN_DAYS: z.coerce.number().int().min(0).default(7),
});
const { INSTALLATION: installation, BUCKET_NAME: Bucket, RETAIN_DAYS: retainDays } = settings;

const userDataText = async (key: string): Promise<string> =>
  Buffer.from(await readUserData(s3(), Bucket, key)).toString();

const nodeOf = async (hostId: string): Promise<string> => {
  const { name, nodeId } = await hosts.get(hostId);
  return nodeId ?? raise('HostUnreachable', `${name} has not registered with Systems Manager yet.`);
};

/** EC2 knows no attempts; the operation's row does. */
const isStillAsked = async ({ operationId, attempt }: Ask): Promise<boolean> => {
  const operation = await operations.find(operationId);
  if (operation === undefined || operation.cancelRequested) return false;
  return isOpen(operation) && operation.attempt === attempt;
};

/** The places where VMs run, by name: a further one is a folder of providers/ and a line here. */
const MAKERS: Readonly<Record<ProviderName, () => Provider>> = {
  ec2: () => ec2Provider({ installation, userData: userDataText, order, isStillAsked }),
  kvm: () =>
    kvmProvider({
      installation,
      ssm: ssm(),
      nodeOf,
      userData: (key) => presignUserData(s3(), Bucket, key),
      retainDays,
      now: Date.now,
    }),
};

const made = new Map<ProviderName, Provider>();

/** The provider of that name, made at its first use. */
export const providerOf = (name: ProviderName): Provider => {
  const provider = made.get(name) ?? MAKERS[name]();
  made.set(name, provider);
  return provider;
};

/** Until when a VM that is removed at `at` (ms) is kept; undefined where its provider keeps nothing. */
export const keptUntil = (name: ProviderName, purge: boolean, at: number): string | undefined =>
  purge || retainDays === 0 || !providerOf(name).capabilities.has('undelete')
    ? undefined
    : new Date(at + retainDays * 86_400_000).toISOString();
