import * as z from 'zod';
import { Fault, raise } from '../domain/faults.ts';
import type { Host } from '../domain/host.ts';
import { DEFAULT_PROJECT, Name, newId } from '../domain/ids.ts';
import { isOpen } from '../domain/operation.ts';
import { HostView, hostView, OperationView, operationView } from '../domain/view.ts';
import { Tags } from '../domain/vm.ts';
import { createActivation, endpointsOf } from '../providers/kvm/enrol.ts';
import { ssm } from '../runtime/clients.ts';
import { endRegistration } from '../runtime/departure.ts';
import { env, text } from '../runtime/env.ts';
import { begin } from '../store/begin.ts';
import * as hosts from '../store/hosts.ts';
import * as names from '../store/names.ts';
import * as operations from '../store/operations.ts';
import * as table from '../store/table.ts';
import { commandFor, tagCommand } from './enrol-command.ts';
import { tokenFor } from './make-token.ts';
import { type Call, route } from './route.ts';

const settings = env({ INSTALLATION: text, API_URL: text, NODE_ROLE_NAME: text, AWS_REGION: text });

const EnrolHost = z.strictObject({
  name: Name,
  tags: Tags.default({}),
  /** The host of this name, which is unreachable, registers anew and keeps its id and VMs; it must prove to be the same machine. */
  anew: z.boolean().default(false),
  /** An instance of EC2 that is a managed node already. */
  nodeId: z
    .string()
    .regex(/^i-[0-9a-f]{8,17}$/, 'an instance id')
    .optional(),
  /** The proxy through which the host reaches AWS and this API. It lies in the operation's row, so a password has no place in it. */
  proxy: z
    .url({ protocol: /^https?$/ })
    .max(512)
    .regex(
      /^(?!.*(\{\{|\}\}))[\x21-\x3f\x41-\x7e]+$/,
      'an http or https URL in printable ASCII, without {{ and }}, and without @: a proxy that needs a password is set on the host itself (docs/runbook.md, A proxy with a password)',
    )
    .optional(),
});
type EnrolHost = z.output<typeof EnrolHost>;

const Enrolment = z.strictObject({
  host: HostView,
  operation: OperationView,
  activation: z.strictObject({ id: z.string(), expiresAt: z.string() }).optional(),
  /** To be run on the host as root (for EC2 nodes: anywhere with AWS credentials). */
  command: z.string(),
  /** What the host must reach, port 443. */
  endpoints: z.array(z.string()),
});

/** The install script is fetched with it, once, soon. */
const INSTALL_TOKEN_SECONDS = 3600;

const newHost = ({ name, tags, nodeId }: EnrolHost, at: string): Host => ({
  id: newId('h', Date.parse(at)),
  name,
  state: 'enrolling',
  active: true,
  ...(nodeId === undefined ? {} : { nodeId }),
  tags,
  allocated: { vcpus: 0, memoryMiB: 0, diskGiB: 0 },
  images: [],
  beatSeq: 0,
  createdAt: at,
  changedAt: at,
  version: 0,
});

/** Whether a host may be asked to register beside the node that it was; it keeps everything until it is proved. */
const assertGone = ({ name, state, nodeId = '' }: Host, body: EnrolHost): void => {
  if (body.nodeId !== undefined || nodeId.startsWith('i-')) {
    throw new Fault('InvalidRequest', 'An instance of EC2 is a node without registering, and never anew.');
  }
  if (state === 'unreachable') return;
  const how =
    state === 'enrolling' || state === 'retired'
      ? 'Enrol it without anew.'
      : `Its unit still reports: where its agent alone is gone, stop the unit on ${name} first (systemctl stop novacron-${settings.INSTALLATION}).`;
  throw new Fault('InvalidTransition', `Only a host that is unreachable is taken anew, ${name} is ${state}. ${how}`);
};

const NO_OTHER = 'If its machine is to register again, enrol it anew (--anew, "anew": true): it keeps its VMs.';

/** A retired host gets another node: by the old one it would be found, and enrolled, before its agent is replaced. */
const afresh = async (host: Host, { tags, nodeId }: EnrolHost): Promise<Host> => {
  await endRegistration(host);
  return { ...(await hosts.get(host.id)), tags, ...(nodeId === undefined ? {} : { nodeId }) };
};

/** A name that is still enrolling, or was retired, is enrolled again; a host that works is not. */
const hostFor = async (body: EnrolHost, at: string): Promise<Host> => {
  const id = await names.holderOf('host', body);
  if (id === undefined) return body.anew ? raise('HostNotFound', `There is no host ${body.name}.`) : newHost(body, at);
  const host = await hosts.get(id);
  if (body.anew) {
    assertGone(host, body);
    return host;
  }
  if (host.state === 'enrolling') return { ...host, tags: body.tags };
  if (host.state === 'retired') return afresh(host, body);
  const how = host.state === 'unreachable' ? NO_OTHER : 'Retire it first to enrol another machine by its name.';
  throw new Fault('NameTaken', `The host ${body.name} is ${host.state} already. ${how}`);
};

/** The operation that waits for this host, begun now or before: enrolling again gives a new command for the same wait. */
const waitFor = async (host: Host, body: EnrolHost, call: Call) => {
  for (const operation of host.version === 0 ? [] : (await operations.pageOf({ hostId: host.id })).rows) {
    if (operation.kind === 'enrol-host' && isOpen(operation)) return operation;
  }
  return begin(call, {
    kind: 'enrol-host',
    host,
    input: { ...(body.proxy === undefined ? {} : { proxy: body.proxy }), ...(body.anew ? { anew: true } : {}) },
  });
};

const commandOf = async (host: Host, body: EnrolHost, call: Call) => {
  const { INSTALLATION: installation, AWS_REGION: region, API_URL: apiUrl, NODE_ROLE_NAME: nodeRole } = settings;
  if (body.nodeId !== undefined) return { command: tagCommand(body.nodeId, host.id, installation, region) };
  const activation = await createActivation({ ssm: ssm(), installation }, host, {
    nodeRole,
    nowMs: Date.parse(call.at),
  });
  const { text: token, writes } = tokenFor(call, {
    name: `install ${host.name}`,
    role: 'host',
    project: DEFAULT_PROJECT,
    system: false,
    hostId: host.id,
    seconds: INSTALL_TOKEN_SECONDS,
  });
  await table.transact(writes);
  const command = commandFor(host.id, {
    apiUrl,
    region,
    token,
    activation,
    ...(body.proxy ? { proxy: body.proxy } : {}),
  });
  return { activation: { id: activation.id, expiresAt: activation.expiresAt }, command };
};

/** POST /v1/hosts/enrol */
export const enrolHost = route({
  method: 'POST',
  path: '/v1/hosts/enrol',
  action: 'enrol-host',
  summary: 'Take in a KVM host: prints the one line that is run on it',
  access: 'system',
  body: EnrolHost,
  answers: { 202: Enrolment },
  handler: async ({ body }, call) => {
    const operation = call.earlier?.operation ?? (await waitFor(await hostFor(body, call.at), body, call));
    const host = await hosts.get(operation.hostId ?? '');
    const enrolment = {
      host: hostView(host),
      operation: operationView(operation),
      ...(await commandOf(host, body, call)),
      endpoints: endpointsOf(settings.AWS_REGION, settings.API_URL),
    };
    return { status: 202, headers: { location: `/v1/operations/${operation.id}` }, body: enrolment };
  },
});
