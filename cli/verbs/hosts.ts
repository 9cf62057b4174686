import type { Host } from '../api.ts';
import type { ListOptions, Verb } from '../command-tree.ts';
import { printItems, printValue } from '../output.ts';
import { hostPage } from '../pages.ts';
import { findAll, findHost } from '../resolve.ts';
import type { CommonOptions, Session } from '../session.ts';
import { clock } from '../times.ts';
import { hostView } from '../views.ts';
import { confirm } from './confirm.ts';
import { printPages } from './listing.ts';

const print = (session: Session, hosts: readonly Host[]): Promise<void> =>
  printItems(session, hostView(session.paint, Date.now()), hosts, (host) => hostPage(host, session.paint));

/** `host list` */
export const listHosts: Verb<ListOptions> = (session, _args, options) =>
  printPages(session, options, hostView(session.paint, Date.now()), (query) =>
    session.client.call('GET /v1/hosts', { query }),
  );

/** `host get` */
export const getHosts: Verb = async (session, words) => {
  await print(session, await findAll(words, (word) => findHost(session, word)));
  return undefined;
};

interface EnrolOptions extends CommonOptions {
  readonly tag?: Record<string, string>;
  readonly proxy?: string;
  readonly node?: string;
  readonly anew?: true;
}

/** `host enrol`: prints the line to run there; the enrolment itself goes on once that host has registered. */
export const enrolHost: Verb<EnrolOptions> = async (session, [name = ''], { tag, proxy, node, anew }) => {
  const body = {
    name,
    ...(tag === undefined ? {} : { tags: tag }),
    ...(proxy === undefined ? {} : { proxy }),
    ...(node === undefined ? {} : { nodeId: node }),
    ...(anew ? { anew } : {}),
  };
  const enrolment = await session.client.call('POST /v1/hosts/enrol', { body });
  const { command, activation, endpoints, operation } = enrolment;
  await printValue(session, enrolment, () => `${command}\n`, name);
  if (session.format !== 'table') return undefined;
  session.note('');
  session.note(
    `Run that line as root on ${name}${activation === undefined ? '' : `, before ${clock(activation.expiresAt)}`}. It holds for one machine.`,
  );
  if (endpoints.length > 0) session.note(`The host must reach, on port 443: ${endpoints.join(', ')}`);
  session.note(`Watch it come: novacron op watch ${operation.id}`);
  return undefined;
};

const sendEach = async (
  session: Session,
  hosts: readonly Host[],
  action: string,
  body?: Record<string, unknown>,
): Promise<undefined> => {
  const send = ({ id }: Host) =>
    session.client.call('POST /v1/hosts/{id}/actions/{action}', { path: { id, action }, ...(body ? { body } : {}) });
  await print(session, await Promise.all(hosts.map(send)));
  return undefined;
};

const act =
  (action: 'activate' | 'deactivate'): Verb<CommonOptions> =>
  async (session, words) =>
    sendEach(session, await findAll(words, (word) => findHost(session, word)), action);

/** `host retire` */
export const retireHosts: Verb<CommonOptions & { readonly yes?: true; readonly abandonVms?: true }> = async (
  session,
  words,
  { yes, abandonVms },
) => {
  const hosts = await findAll(words, (word) => findHost(session, word));
  const which = hosts.map(({ name }) => name).join(', ');
  const andVms = abandonVms ? ' and give their VMs up' : '';
  if (!yes) await confirm(session.io, `Retire ${which}${andVms}?`);
  return sendEach(session, hosts, 'retire', abandonVms ? { abandonVms } : undefined);
};

/** `host activate` */
export const activateHosts = act('activate');
/** `host deactivate` */
export const deactivateHosts = act('deactivate');
