import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { endpointOf } from './embedded-aws.ts';
import { inClone, inHome, type LocalHost, type Plane, ROOT } from './home.ts';
import { RunFault, run, StartFault } from './processes.ts';
import { type Api, call } from './sign-in.ts';

const script = (name: string): string => join(ROOT, 'local', name);
const AGENT = join(ROOT, 'local', 'ssm-agent', 'agent.py');

/** The environment of local/hosts.sh and local/libvirt.sh: each home has its own lab, so that two planes do not meet. */
const scriptEnv = (plane: Plane): NodeJS.ProcessEnv => ({
  ...process.env,
  NOVACRON_HOME: inHome(),
  NOVACRON_LAB: inHome('hosts'),
  // two labs on one machine need two networks; the port tells planes apart already
  NOVACRON_LAB_NET: `10.78.${plane.port % 250}`,
  NOVACRON_FORWARD: String(plane.port),
});

type Place = Pick<LocalHost, 'where'>;

const isNumbered = <H extends Place>(host: H): host is H & { where: number } => host.where !== 'machine';

/** Starts the daemons of this machine where a host runs on them. @returns why they cannot be had, or undefined when they answer */
export const startOwnLibvirt = async (plane: Plane, hosts: readonly Place[]): Promise<string | undefined> => {
  if (hosts.every(isNumbered)) return undefined;
  return run('bash', [script('libvirt.sh'), 'start'], { env: scriptEnv(plane) }).then(
    () => undefined,
    (error: unknown) => {
      if (!(error instanceof RunFault)) throw error;
      return error.lastLine.replace(/^libvirt\.sh: /, '');
    },
  );
};

/** Starts the namespaced hosts. */
export const startLabHosts = async (plane: Plane, hosts: readonly Place[]): Promise<void> => {
  const numbers = hosts.filter(isNumbered).map(({ where }) => where);
  if (numbers.length === 0) return;
  await run('bash', [script('hosts.sh'), 'up', String(Math.max(...numbers))], { env: scriptEnv(plane) });
};

/** Ends what was started: namespaced hosts lose their power and keep their disks; the machine's own VMs go on running. */
export const stopLibvirt = async (plane: Plane): Promise<void> => {
  const env = scriptEnv(plane);
  for (const host of plane.hosts.filter(isNumbered)) {
    await run('bash', [script('hosts.sh'), 'kill', String(host.where)], { env });
  }
  await run('bash', [script('libvirt.sh'), 'stop'], { env });
};

/** Starts or stops the agent and the host unit of this installation on a host; where systemd runs, the units look after themselves. */
export const hostProcesses = (plane: Plane, host: LocalHost, verb: 'start' | 'stop'): Promise<string> =>
  inside(plane, host, [script('host-processes.sh'), verb, plane.installation, AGENT, agentState(host)]);

const agentState = (host: LocalHost): string => inHome('agents', host.name);

const inside = (plane: Plane, host: LocalHost, args: readonly string[]): Promise<string> =>
  host.where === 'machine'
    ? run('bash', args)
    : run('bash', [script('hosts.sh'), 'exec', String(host.where), 'bash', ...args], { env: scriptEnv(plane) });

interface Enrolment {
  readonly host: { readonly id: string };
  readonly operation: { readonly id: string };
  /** The line that a person types on the host. */
  readonly command: string;
}

interface HostView {
  readonly id: string;
  readonly name: string;
  readonly state: string;
  readonly reason?: string;
}

interface OperationView {
  readonly state: string;
  readonly error?: { readonly name: string; readonly detail: string };
}

type Tell = (line: string) => void;

/** Enrols a host as a person would: asks the API for the line, types it on the host, waits until it is ready. */
export const enrol = async (
  plane: Plane,
  api: Api,
  host: Omit<LocalHost, 'hostId'>,
  tell: Tell,
): Promise<LocalHost> => {
  const hosts = await call<{ items: HostView[] }>(api, 'GET', '/v1/hosts?limit=100');
  const known = hosts.items.find(({ name }) => name === host.name);
  if (known && !['enrolling', 'retired'].includes(known.state)) {
    await untilReady(api, { ...host, hostId: known.id }, undefined, tell);
    return { ...host, hostId: known.id };
  }
  const enrolment = await call<Enrolment>(api, 'POST', '/v1/hosts/enrol', {
    name: host.name,
    tags: { lab: isNumbered(host) ? 'yes' : 'no' },
  });
  const enrolled: LocalHost = { ...host, hostId: enrolment.host.id };
  tell('registering the SSM agent');
  await inside(plane, enrolled, ['-c', installLine(plane, enrolled, enrolment.command)]);
  await untilReady(api, enrolled, enrolment.operation.id, tell);
  await keepAcceleration(plane, enrolled);
  return enrolled;
};

const stateOf = (plane: Plane): string => `/var/lib/novacron/${plane.installation}`;

/**
 * How guests run here, as one host of this machine found out in half a minute: the next is given it. Its unit takes it only
 * where kernel and libvirt are the same.
 */
const ACCELERATION = inClone('cache', 'accel.json');

/** Whole or not at all: two hosts may come at once, which the last word tells apart. */
const keepAcceleration = (plane: Plane, host: LocalHost): Promise<string> => {
  const words = [`${stateOf(plane)}/accel.json`, ACCELERATION, `${plane.port}.${host.name}`];
  return inside(plane, host, ['-c', 'cp "$1" "$2.$3" && mv "$2.$3" "$2"', 'keep', ...words]);
};

/** Beside the test image lies its kernel: a machine without a kernel of its own under /boot finds out about KVM with it. */
const PROBE_KERNEL = inClone('cache', 'test.vmlinuz');

/** The API's own line, run as root by whom `npm start` is; the local agent stands in for amazon-ssm-agent, which needs AWS to register. */
const installLine = (plane: Plane, host: LocalHost, command: string): string => {
  const folder = stateOf(plane);
  const agent = `--agent '${AGENT}' --agent-endpoint ${endpointOf(plane)} --agent-state '${agentState(host)}'`;
  return [
    `mkdir -p '${folder}'`,
    `cp '${PROBE_KERNEL}' '${folder}/probe.vmlinuz'`,
    `if [ -e '${ACCELERATION}' ]; then cp '${ACCELERATION}' '${folder}/accel.json'; fi`,
    `${command.replace('| sudo sh', '| sh')} ${agent}`,
  ].join(' && ');
};

const ENROL_SECONDS = 300;

/** Who keeps new VMs off a host leaves it in use: it answers, and waits for nothing. */
const IN_USE: readonly string[] = ['ready', 'draining'];

const untilReady = async (api: Api, host: LocalHost, operationId: string | undefined, tell: Tell): Promise<void> => {
  let last: HostView | undefined;
  for (let waited = 0; waited < ENROL_SECONDS; waited += 1) {
    last = await call<HostView>(api, 'GET', `/v1/hosts/${host.hostId}`);
    if (IN_USE.includes(last.state)) return;
    const operation = operationId ? await call<OperationView>(api, 'GET', `/v1/operations/${operationId}`) : undefined;
    if (operation?.error) {
      throw new StartFault(
        `Host ${host.name} could not be enrolled: ${operation.error.name}: ${operation.error.detail}`,
      );
    }
    tell(`${last.state} (${waited} s; finding out about KVM takes up to a minute)`);
    await sleep(1000);
  }
  throw new StartFault(
    `Host ${host.name} is still ${last?.state} after ${ENROL_SECONDS} s: ${last?.reason ?? 'no reason given'}.`,
  );
};
