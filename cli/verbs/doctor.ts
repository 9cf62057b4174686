import {
  type Check,
  failedCheck,
  hostChecks,
  hostsCheck,
  imagesCheck,
  meCheck,
  operationsCheck,
  planeCheck,
} from '../checks.ts';
import type { LonelyVerb } from '../command-tree.ts';
import { EXIT } from '../exit-codes.ts';
import type { Io } from '../io.ts';
import { printValue } from '../output.ts';
import { type Paint, paintFor } from '../paint.ts';
import { type CommonOptions, openSession, PAGE_LIMIT, type Session } from '../session.ts';
import { padTo } from '../table.ts';

const MARKS = { ok: ['✔', 'green'], warning: ['!', 'yellow'], failed: ['✖', 'red'] } as const;

const lineOf = ({ name, status, detail, fix }: Check, width: number, paint: Paint): string => {
  const [mark, colour] = MARKS[status];
  const line = `${paint(colour, mark)} ${paint('bold', padTo(name, width))}  ${detail}\n`;
  return fix === undefined ? line : `${line}${' '.repeat(width + 4)}${paint('cyan', 'fix:')} ${fix}\n`;
};

/** The checks of one question to the plane, or the one that it could not be asked. */
const looking = async (session: Session, name: string, look: () => Promise<Check[]>): Promise<Check[]> => {
  try {
    return await look();
  } catch (error) {
    return [failedCheck(name, error, session.plane)];
  }
};

const examineHosts = async ({ client }: Session): Promise<Check[]> => {
  const { items } = await client.call('GET /v1/hosts', { query: { limit: PAGE_LIMIT } });
  const hosts = items.filter(({ state }) => state !== 'retired');
  const images = await client.call('GET /v1/images', { query: { limit: PAGE_LIMIT } });
  const now = Date.now();
  return [...hostsCheck(hosts), ...hosts.flatMap((host) => hostChecks(host, now)), imagesCheck(images.items, hosts)];
};

/** Each answer is asked for only where the one before it was good: one cause, one failure. */
const examine = async (session: Session): Promise<Check[]> => {
  const { client, plane } = session;
  const plain = planeCheck(plane);
  const health = await looking(session, 'plane', async () => {
    const { status, installation } = await client.call('GET /v1/health');
    return [{ name: 'plane', status: 'ok', detail: `${status}, installation ${installation}` }];
  });
  if (plain.status === 'failed' || health[0]?.status !== 'ok') return [plain, ...health];
  const me = await looking(session, 'token', async () => [meCheck(await client.call('GET /v1/me'))]);
  if (me[0]?.status === 'failed') return [plain, ...health, ...me];
  const [hosts, operations] = await Promise.all([
    looking(session, 'hosts', () => examineHosts(session)),
    looking(session, 'operations', async () => {
      const { items } = await client.call('GET /v1/operations', { query: { limit: PAGE_LIMIT } });
      return [operationsCheck(items)];
    }),
  ]);
  return [plain, ...health, ...me, ...hosts, ...operations];
};

/** Only where it was asked for: it needs AWS credentials, of which the plane itself knows nothing. */
const examineAccount = async (session: Session, options: DoctorOptions): Promise<Check[]> => {
  if (!options.aws) return [];
  const { io, client, plane } = session;
  return looking(session, 'who may command hosts', async () => {
    const [{ regionOf }, { accountChecks, askIam }] = await Promise.all([
      import('../aws-identity.ts'),
      import('../account-checks.ts'),
    ]);
    const { installation } = await client.call('GET /v1/health');
    const region = regionOf(plane.url) ?? io.env.AWS_REGION ?? 'us-east-1';
    const shown = options.output === undefined || options.output === 'table' ? undefined : Number.POSITIVE_INFINITY;
    return accountChecks(askIam(io.env, region, options.awsProfile), installation, shown);
  });
};

const open = (io: Io, options: CommonOptions): Session | Check => {
  try {
    return openSession(io, options);
  } catch (error) {
    return failedCheck('configuration', error, undefined);
  }
};

const summary = (checks: readonly Check[]): string => {
  const count = (status: Check['status']) => checks.filter((check) => check.status === status).length;
  return `\n${checks.length} checks: ${count('failed')} failed, ${count('warning')} with a warning.\n`;
};

interface DoctorOptions extends CommonOptions {
  /** Ask IAM too who may command the hosts. */
  readonly aws?: true;
  readonly awsProfile?: string;
}

/** `doctor`: exit code 1 where a check failed; warnings are none. */
export const doctor: LonelyVerb<DoctorOptions> = async (io, _args, options) => {
  const session = open(io, options);
  const checks =
    'status' in session ? [session] : [...(await examine(session)), ...(await examineAccount(session, options))];
  const paint = paintFor(io.stdout, io.env);
  const width = Math.max(...checks.map(({ name }) => name.length));
  const page = () => checks.map((check) => lineOf(check, width, paint)).join('') + summary(checks);
  await printValue({ io, format: options.output ?? 'table' }, checks, page, checks.map(({ name }) => name).join('\n'));
  return checks.some(({ status }) => status === 'failed') ? EXIT.failed : EXIT.ok;
};
