import type { CreateVm, Vm } from '../api.ts';
import type { Verb, WaitingOptions } from '../command-tree.ts';
import { UsageError } from '../exit-codes.ts';
import { printItems, printValue } from '../output.ts';
import { operationPage, planPage, vmPage } from '../pages.ts';
import type { Volume } from '../parse.ts';
import type { Session } from '../session.ts';
import { operationView, vmView } from '../views.ts';
import { judge, vmIdOf, watch } from '../wait.ts';

interface CreateOptions extends WaitingOptions {
  readonly provider: 'ec2' | 'kvm';
  readonly name: string;
  readonly image: string;
  readonly size?: string;
  readonly vcpus?: number;
  readonly memory?: number;
  readonly disk?: number;
  readonly hostname?: string;
  readonly sshKey?: string[];
  readonly userData?: string;
  readonly ready?: CreateVm['ready'];
  readonly readyTimeout?: number;
  readonly installAgent?: true;
  readonly tag?: Record<string, string>;
  readonly deletionProtection?: true;
  readonly host?: string;
  readonly hostTag?: Record<string, string>;
  readonly network?: string;
  readonly type?: string[];
  readonly region?: string;
  readonly zone?: string;
  readonly account?: string;
  readonly subnet?: string;
  readonly securityGroup?: string[];
  readonly keyName?: string;
  readonly launchTemplate?: string;
  readonly hibernate?: true;
  readonly volume?: Volume[];
}

/** Without what is undefined; nothing where nothing is left. */
const given = <T extends object>(fields: { [K in keyof T]: T[K] | undefined }): T | undefined => {
  const left = Object.entries(fields).filter(([, value]) => value !== undefined);
  // The keys are T's, and those without a value are optional in T.
  return left.length === 0 ? undefined : (Object.fromEntries(left) as T);
};

/** The body of the request, as the options say it. */
const bodyOf = (options: CreateOptions): CreateVm => {
  const body: { [K in keyof CreateVm]: CreateVm[K] | undefined } = {
    name: options.name,
    provider: options.provider,
    image: options.image,
    size: options.size,
    type: options.type,
    vcpus: options.vcpus,
    memoryMiB: options.memory,
    diskGiB: options.disk,
    hostname: options.hostname,
    sshKeys: options.sshKey,
    userData: options.userData,
    ready: options.ready,
    readyTimeoutSeconds: options.readyTimeout,
    installAgent: options.installAgent,
    tags: options.tag,
    deletionProtection: options.deletionProtection,
    region: options.region,
    zone: options.zone,
    account: options.account,
    kvm: given<NonNullable<CreateVm['kvm']>>({
      host: options.host,
      hostTags: options.hostTag,
      network: options.network,
    }),
    ec2: given<NonNullable<CreateVm['ec2']>>({
      subnetId: options.subnet,
      securityGroupIds: options.securityGroup,
      keyName: options.keyName,
      launchTemplate: options.launchTemplate,
      hibernate: options.hibernate,
      volumes: options.volume,
    }),
  };
  // Name, provider and image are always given.
  return given<CreateVm>(body) ?? { name: options.name, provider: options.provider, image: options.image };
};

/** What the plane would refuse too, but here with the option's name. */
const check = (options: CreateOptions): void => {
  const { provider, size, vcpus, memory, type } = options;
  if ((vcpus === undefined) !== (memory === undefined)) throw new UsageError('--vcpus and --memory go together');
  const shapes = [size, vcpus, type].filter((shape) => shape !== undefined);
  if (shapes.length > 1) throw new UsageError('say one of --size, --type, or --vcpus with --memory');
  if (provider === 'kvm' && type !== undefined) throw new UsageError('--type is for EC2; on KVM say --size');
  if (provider === 'ec2' && vcpus !== undefined)
    throw new UsageError('--vcpus is for KVM; on EC2 say --size or --type');
};

const finish = async (session: Session, options: CreateOptions, vm: Vm): Promise<void> => {
  await printItems(session, vmView(session.paint, Date.now()), [vm], (each) => vmPage(each, session.paint));
  if (session.format === 'table' && vm.ready.status === 'false' && options.ready !== 'running') {
    session.note(`${vm.name} runs but is not ready: ${vm.ready.message} See its console: novacron vm log ${vm.name}`);
  }
};

/** `vm create` */
export const createVm: Verb<CreateOptions> = async (session, _args, options) => {
  check(options);
  const { client, paint } = session;
  const body = bodyOf(options);
  const answer = await client.call('POST /v1/vms', { body, ...(options.dryRun ? { query: { dryRun: true } } : {}) });
  if ('plan' in answer) {
    const title = `create ${options.name} on ${options.provider}`;
    await printValue(session, answer.plan, () => planPage(title, answer.plan, paint), options.name);
    return undefined;
  }
  if (!options.wait) {
    const now = new Date().toISOString();
    await printItems(session, operationView(paint, Date.now()), [answer], (each) => operationPage(each, paint, now));
    return undefined;
  }
  const ended = await watch(session, [answer], { timeoutSeconds: options.timeout });
  const code = judge(session, ended, { timeoutSeconds: options.timeout });
  if (code === 0)
    await finish(session, options, await client.call('GET /v1/vms/{id}', { path: { id: vmIdOf(answer) } }));
  return code;
};
