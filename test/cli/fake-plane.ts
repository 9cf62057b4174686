import { createHash } from 'node:crypto';
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type {
  Calendar,
  Group,
  Host,
  Image,
  Operation,
  Plan,
  Rule,
  Savings,
  Schedule,
  SchedulePreview,
  Vm,
  VmSchedule,
  Window,
} from '../../cli/api.ts';
import { CalendarChange, CalendarSpec, CalendarView } from '../../lambdas/domain/calendar.ts';
import type { ChainedEntry, Head, HeadKey } from '../../lambdas/domain/chain.ts';
import { FAULTS, type FaultName } from '../../lambdas/domain/faults.ts';
import { newId, ruleIdOf } from '../../lambdas/domain/ids.ts';
import { WindowChange, WindowSpec, WindowView } from '../../lambdas/domain/maintenance-window.ts';
import { membersOf } from '../../lambdas/domain/rules/condition.ts';
import { RuleChange, RuleSpec, RuleView } from '../../lambdas/domain/rules/rule.ts';
import { ScheduleChange, ScheduleSpec, ScheduleView } from '../../lambdas/domain/schedule.ts';
import { VmGroupChange, VmGroupSpec, VmGroupView } from '../../lambdas/domain/vm-group.ts';
import { AT, calendar, host, maintenanceWindow, operation, previewOf, schedule, vm } from './samples.ts';

/** A plane that speaks the HTTP contract over a real socket, from memory; its operations move one state a look. */
export interface FakePlane {
  readonly url: string;
  vms: Vm[];
  hosts: Host[];
  images: Image[];
  schedules: Schedule[];
  /** What its schedule will do; where it is left out, as it is reckoned without windows. */
  preview?: SchedulePreview;
  /** Pages of what was saved; the cursor is the number of one. */
  savings: Savings[];
  calendars: Calendar[];
  groups: Group[];
  windows: Window[];
  rules: Rule[];
  /** Of any VM. */
  vmSchedule: VmSchedule;
  readonly operations: Map<string, Operation>;
  /** Every request, in order. */
  readonly seen: Seen[];
  /** The states that the next operation goes through; the last one stays. */
  script: ((begun: Operation) => Operation)[];
  /** What the next requests meet in place of an answer, one each; `lost` is done, and its reply never arrives. */
  troubles: Trouble[];
  /** Told of each request before it is answered: others can write meanwhile. */
  heard: (request: Seen) => void;
  plan: Plan;
  audit: { entries: readonly ChainedEntry[]; heads: readonly Head[]; keys: readonly HeadKey[] };
  close(): Promise<void>;
}

export interface Seen {
  readonly method: string;
  readonly path: string;
  readonly query: Readonly<Record<string, string>>;
  readonly key: string | undefined;
  readonly authorization: string | undefined;
  readonly ifMatch: string | undefined;
  readonly project: string | undefined;
  readonly body: unknown;
}

export type Trouble =
  | { readonly status: number; readonly headers?: Record<string, string>; readonly text?: string }
  | { readonly lost: true };

interface Reply {
  readonly status: number;
  readonly body?: unknown;
  readonly type?: string;
  readonly etag?: string;
}

/** A problem document as the plane writes it. */
export const problem = (code: FaultName, detail: string, errors?: readonly object[]): Reply => ({
  status: FAULTS[code].status,
  type: 'application/problem+json',
  body: {
    type: `https://example.org/problems/${code}`,
    title: FAULTS[code].title,
    status: FAULTS[code].status,
    code,
    detail,
    requestId: 'req-1',
    ...(errors ? { errors } : {}),
  },
});

const PAGE = 2;
const ok = (body: unknown): Reply => ({ status: 200, body });

/** One page; the cursor is the offset, and pages are small so that every list has some. `=` and `!=` filter. */
const page = <T>(items: readonly T[], query: Seen['query']): Reply => {
  const terms = (query.filter ?? '').split('&').map((term) => /^(\w+)(!?=)(.*)$/.exec(term));
  const fitting = items.filter((item) =>
    terms.every((term) => !term || (String(Object(item)[term[1] ?? '']) === term[3]) === (term[2] === '=')),
  );
  const from = Number(query.cursor ?? 0);
  const more = from + PAGE < fitting.length ? { cursor: String(from + PAGE) } : {};
  return ok({ items: fitting.slice(from, from + PAGE), ...more });
};

/** Deleted VMs are listed only where the filter names a state, as in the plane. */
const vmPage: Route = ({ vms }, { query }) =>
  page(query.filter?.includes('state=') ? vms : vms.filter(({ state }) => state !== 'deleted'), query);

type Route = (plane: FakePlane, request: Seen, id: string) => Reply;

const begin = (plane: FakePlane, kind: Operation['kind'], target: Vm, { key }: Seen): Reply => {
  const id = `op-${key ?? 'none'}`;
  const present = plane.operations.get(id);
  if (present === undefined) {
    if (kind === 'create-vm') plane.vms.push(target);
    plane.operations.set(id, operation({ id, kind, vmId: target.id, vmName: target.name }));
  }
  return { status: 202, body: plane.operations.get(id) };
};

const vmOr404 = (plane: FakePlane, id: string, then: (found: Vm) => Reply): Reply => {
  const found = plane.vms.find((each) => each.id === id);
  return found ? then(found) : problem('VmNotFound', `There is no VM ${id}.`);
};

/** Moves on by one state where the caller waits. */
const look: Route = (plane, { query }, id) => {
  const present = plane.operations.get(id);
  if (!present) return problem('OperationNotFound', `There is no operation ${id}.`);
  const next = query.wait === undefined ? undefined : plane.script.shift();
  const now = next ? { ...next(present), version: present.version + 1 } : present;
  plane.operations.set(id, now);
  return ok(now);
};

const change: Route = (plane, request, id) =>
  vmOr404(plane, id, (found) => {
    if (found.deletionProtection && request.method === 'DELETE') {
      return problem('VmProtected', `${found.name} is protected.`);
    }
    if (request.query.dryRun) return ok({ plan: plane.plan });
    const action = request.method === 'DELETE' ? 'delete' : request.path.split('/').at(-1);
    return begin(plane, `${action}-vm` as Operation['kind'], found, request);
  });

const scheduleOr404 = (plane: FakePlane, id: string, then: (found: Schedule) => Reply): Reply => {
  const found = plane.schedules.find((each) => each.id === id);
  return found ? then(found) : problem('ScheduleNotFound', `There is no schedule ${id}.`);
};

/** Stands for the version of a row: another one whenever something in it is another. */
const etagOf = (found: object): string =>
  `"${createHash('sha256').update(JSON.stringify(found)).digest('hex').slice(0, 16)}"`;

const makeSchedule: Route = (plane, { body }) => {
  const spec = ScheduleSpec.safeParse(body);
  if (!spec.success) return problem('InvalidRequest', 'That is no schedule.');
  if (plane.schedules.some(({ name }) => name === spec.data.name))
    return problem('NameTaken', `${spec.data.name} is taken.`);
  const made = schedule({ ...spec.data, id: newId('sch', plane.schedules.length + 1) });
  plane.schedules.push(made);
  return { status: 201, body: made };
};

const changeSchedule: Route = (plane, { body, ifMatch }, id) =>
  scheduleOr404(plane, id, (found) => {
    const change = ScheduleChange.safeParse(body);
    if (!change.success) return problem('InvalidRequest', 'That is no change.');
    if (ifMatch !== undefined && ifMatch !== etagOf(found)) return problem('PreconditionFailed', 'It is another now.');
    const fields = Object.entries({ ...found, ...change.data });
    const after = ScheduleView.parse(Object.fromEntries(fields.filter(([, value]) => value !== null)));
    plane.schedules = plane.schedules.map((each) => (each.id === id ? after : each));
    return ok(after);
  });

const dropSchedule: Route = (plane, { ifMatch }, id) =>
  scheduleOr404(plane, id, (found) => {
    if (ifMatch !== undefined && ifMatch !== etagOf(found)) return problem('PreconditionFailed', 'It is another now.');
    plane.schedules = plane.schedules.filter((each) => each !== found);
    return { status: 204 };
  });

const calendarOr404 = (plane: FakePlane, { ifMatch }: Seen, id: string, then: (found: Calendar) => Reply): Reply => {
  const found = plane.calendars.find((each) => each.id === id);
  if (!found) return problem('CalendarNotFound', `There is no calendar ${id}.`);
  return ifMatch === undefined || ifMatch === etagOf(found)
    ? then(found)
    : problem('PreconditionFailed', 'It is another now.');
};

const makeCalendar: Route = (plane, { body }) => {
  const spec = CalendarSpec.safeParse(body);
  if (!spec.success) return problem('InvalidRequest', 'That is no calendar.');
  const { description: _, ...bare } = calendar({ id: newId('cal', plane.calendars.length + 2) });
  const made = CalendarView.parse({ ...bare, ...spec.data });
  plane.calendars.push(made);
  return { status: 201, body: made };
};

const changeCalendar: Route = (plane, request, id) =>
  calendarOr404(plane, request, id, (found) => {
    const change = CalendarChange.safeParse(request.body);
    if (!change.success) return problem('InvalidRequest', 'That is no change.');
    const fields = Object.entries({ ...found, ...change.data });
    const after = CalendarView.parse(Object.fromEntries(fields.filter(([, value]) => value !== null)));
    plane.calendars = plane.calendars.map((each) => (each.id === id ? after : each));
    return ok(after);
  });

const dropCalendar: Route = (plane, request, id) =>
  calendarOr404(plane, request, id, (found) => {
    if (plane.schedules.some(({ calendars }) => calendars?.includes(id)))
      return problem('CalendarInUse', `${found.name} is used by schedule office.`);
    plane.calendars = plane.calendars.filter((each) => each !== found);
    return { status: 204 };
  });

const groupOr404 = (plane: FakePlane, { ifMatch }: Seen, id: string, then: (found: Group) => Reply): Reply => {
  const found = plane.groups.find((each) => each.id === id);
  if (!found) return problem('GroupNotFound', `There is no group ${id}.`);
  if (ifMatch !== undefined && ifMatch !== etagOf(found)) return problem('PreconditionFailed', 'It is another now.');
  return then(found);
};

const makeGroup: Route = (plane, { body }) => {
  const spec = VmGroupSpec.safeParse(body);
  if (!spec.success) return problem('InvalidRequest', 'That is no group.');
  const made = {
    ...spec.data,
    id: newId('grp', plane.groups.length + 2),
    project: 'default',
    by: 'test',
    createdAt: AT,
  };
  plane.groups.push(made);
  return { status: 201, body: made };
};

const changeGroup: Route = (plane, request, id) =>
  groupOr404(plane, request, id, (found) => {
    const change = VmGroupChange.safeParse(request.body);
    if (!change.success) return problem('InvalidRequest', 'That is no change.');
    const fields = Object.entries({ ...found, ...change.data });
    const after = VmGroupView.parse(Object.fromEntries(fields.filter(([, value]) => value !== null)));
    plane.groups = plane.groups.map((each) => (each.id === id ? after : each));
    return ok(after);
  });

const dropGroup: Route = (plane, request, id) =>
  groupOr404(plane, request, id, (found) => {
    plane.groups = plane.groups.filter((each) => each !== found);
    return { status: 204 };
  });

const ruleOr404 = (plane: FakePlane, { ifMatch }: Seen, id: string, then: (found: Rule) => Reply): Reply => {
  const found = plane.rules.find((each) => each.id === id);
  if (!found) return problem('RuleNotFound', `There is no rule ${id}.`);
  if (ifMatch !== undefined && ifMatch !== etagOf(found)) return problem('PreconditionFailed', 'It is another now.');
  return then(found);
};

const makeRule: Route = (plane, { body }) => {
  const spec = RuleSpec.safeParse(body);
  if (!spec.success) return problem('InvalidRequest', 'That is no rule.');
  const id = ruleIdOf('default', spec.data.name);
  const made = { ...spec.data, id, project: 'default', builtIn: false, by: 'test', createdAt: AT };
  plane.rules = [...plane.rules.filter((each) => each.id !== id), made];
  return { status: 201, body: made };
};

const changeRule: Route = (plane, request, id) =>
  ruleOr404(plane, request, id, (found) => {
    const change = RuleChange.safeParse(request.body);
    if (!change.success) return problem('InvalidRequest', 'That is no change.');
    const fields = Object.entries({ ...found, ...change.data, builtIn: false });
    const after = RuleView.parse(Object.fromEntries(fields.filter(([, value]) => value !== null)));
    plane.rules = plane.rules.map((each) => (each.id === id ? after : each));
    return ok(after);
  });

const dropRule: Route = (plane, request, id) =>
  ruleOr404(plane, request, id, (found) => {
    const users = plane.rules.filter(({ when }) => membersOf(when).some(([, name]) => name === found.name));
    if (users.length > 0) return problem('RuleInUse', `${found.name} is a part of another.`);
    plane.rules = plane.rules.filter((each) => each !== found);
    return { status: 204 };
  });

const windowOr404 = (plane: FakePlane, { ifMatch }: Seen, id: string, then: (found: Window) => Reply): Reply => {
  const found = plane.windows.find((each) => each.id === id);
  if (!found) return problem('WindowNotFound', `There is no window ${id}.`);
  if (ifMatch !== undefined && ifMatch !== etagOf(found)) return problem('PreconditionFailed', 'It is another now.');
  return then(found);
};

const makeWindow: Route = (plane, { body }) => {
  const spec = WindowSpec.safeParse(body);
  if (!spec.success) return problem('InvalidRequest', 'That is no window.');
  const { description: _, calendars: __, ...bare } = maintenanceWindow({ id: newId('win', plane.windows.length + 2) });
  const made = WindowView.parse({ ...bare, ...spec.data });
  plane.windows.push(made);
  return { status: 201, body: made };
};

const changeWindow: Route = (plane, request, id) =>
  windowOr404(plane, request, id, (found) => {
    const change = WindowChange.safeParse(request.body);
    if (!change.success) return problem('InvalidRequest', 'That is no change.');
    const fields = Object.entries({ ...found, ...change.data });
    const after = WindowView.parse(Object.fromEntries(fields.filter(([, value]) => value !== null)));
    plane.windows = plane.windows.map((each) => (each.id === id ? after : each));
    return ok(after);
  });

const dropWindow: Route = (plane, request, id) =>
  windowOr404(plane, request, id, (found) => {
    const users = plane.schedules.filter(({ windows }) => windows?.includes(id));
    if (users.length > 0)
      return problem(
        'WindowInUse',
        `${found.name} is used by ${users.map(({ name }) => `schedule ${name}`).join(', ')}.`,
      );
    plane.windows = plane.windows.filter((each) => each !== found);
    return { status: 204 };
  });

/** Method and path → answer; `:id` takes one segment. */
const ROUTES: readonly (readonly [string, Route])[] = [
  [
    'GET /v1/audit',
    ({ audit: { entries } }, { query }) => page(query.order === 'oldest' ? entries : entries.toReversed(), query),
  ],
  ['GET /v1/audit/heads', ({ audit: { heads } }, { query }) => page(heads, query)],
  ['GET /v1/audit/key', ({ audit: { keys } }) => ok({ items: keys })],
  ['GET /v1/health', () => ok({ status: 'ok', installation: 'local-test' })],
  [
    'GET /v1/me',
    () =>
      ok({
        id: 'token:tok-1',
        name: 'tester',
        project: 'default',
        role: 'admin',
        system: true,
        projects: [{ project: 'default', role: 'admin' }],
      }),
  ],
  ['GET /v1/vms', vmPage],
  [
    'POST /v1/vms',
    (plane, request) =>
      request.query.dryRun
        ? ok({ plan: plane.plan })
        : begin(plane, 'create-vm', vm({ name: String(Object(request.body).name) }), request),
  ],
  ['GET /v1/vms/:id', (plane, _, id) => vmOr404(plane, id, ok)],
  ['PATCH /v1/vms/:id', (plane, { body }, id) => vmOr404(plane, id, (found) => ok({ ...found, ...Object(body) }))],
  ['DELETE /v1/vms/:id', change],
  ['POST /v1/vms/:id/actions/\\w+', change],
  ['GET /v1/vms/:id/events', (_, { query }) => page([{ at: AT, type: 'Seen', message: 'up' }], query)],
  ['GET /v1/vms/:id/console-log', () => ok({ text: 'boot\u001b[2J\r\nready\u0007' })],
  ['GET /v1/operations', (plane, { query }) => page([...plane.operations.values()], query)],
  ['GET /v1/operations/:id', look],
  ['POST /v1/operations/:id/cancel', look],
  ['GET /v1/hosts', (plane, { query }) => page(plane.hosts, query)],
  [
    'POST /v1/hosts/enrol',
    () =>
      ok({
        host: host({ name: 'rack-9' }),
        operation: operation({ kind: 'enrol-host' }),
        command: 'curl -fsS https://x | sh',
        endpoints: ['ssm.example.org'],
      }),
  ],
  ['POST /v1/hosts/:id/actions/retire', (plane) => ok(plane.hosts[0])],
  ['GET /v1/images', (plane, { query }) => page(plane.images, query)],
  ['DELETE /v1/images/:id', () => ({ status: 204 })],
  [
    'GET /v1/projects',
    (_, { query }) =>
      page(
        [
          { id: 'default', by: 'novacron', createdAt: AT },
          { id: 'shop', by: 'ann', createdAt: AT },
        ],
        query,
      ),
  ],
  ['POST /v1/projects', (_, { body }) => ok({ by: 'ann', createdAt: AT, ...Object(body) })],
  ['GET /v1/projects/:id', (_, __, id) => ok({ id, by: 'ann', createdAt: AT, vms: 3 })],
  ['PATCH /v1/projects/:id', (_, { body }) => ok({ id: 'lab', by: 'ann', createdAt: AT, vms: 3, ...Object(body) })],
  ['DELETE /v1/projects/:id', () => ({ status: 204 })],
  ['GET /v1/schedules', (plane, { query }) => page(plane.schedules, query)],
  ['POST /v1/schedules', makeSchedule],
  [
    'GET /v1/schedules/:id',
    (plane, _, id) => scheduleOr404(plane, id, (found) => ({ ...ok(found), etag: etagOf(found) })),
  ],
  [
    'GET /v1/schedules/:id/preview',
    ({ schedules: [schedule], preview }) => ok(preview ?? (schedule && previewOf(schedule))),
  ],
  ['PATCH /v1/schedules/:id', changeSchedule],
  ['POST /v1/schedules/:id/actions/override', (plane) => ok(plane.schedules[0])],
  ['POST /v1/schedules/:id/actions/end-override', (plane) => ok(plane.schedules[0])],
  ['DELETE /v1/schedules/:id', dropSchedule],
  ['GET /v1/savings', ({ savings }, { query }) => ok(savings[Number(query.cursor ?? 0)])],
  ['GET /v1/calendars', (plane, { query }) => page(plane.calendars, query)],
  [
    'GET /v1/calendars/:id',
    (plane, request, id) => calendarOr404(plane, request, id, (found) => ({ ...ok(found), etag: etagOf(found) })),
  ],
  ['POST /v1/calendars', makeCalendar],
  ['PATCH /v1/calendars/:id', changeCalendar],
  ['POST /v1/calendars/:id/actions/refresh', (plane) => ok(plane.calendars[0])],
  ['DELETE /v1/calendars/:id', dropCalendar],
  ['GET /v1/rules', (plane, { query }) => page(plane.rules, query)],
  [
    'GET /v1/rules/:id',
    (plane, request, id) => ruleOr404(plane, request, id, (found) => ({ ...ok(found), etag: etagOf(found) })),
  ],
  ['POST /v1/rules', makeRule],
  ['PATCH /v1/rules/:id', changeRule],
  ['DELETE /v1/rules/:id', dropRule],
  ['GET /v1/groups', (plane, { query }) => page(plane.groups, query)],
  [
    'GET /v1/groups/:id',
    (plane, request, id) => groupOr404(plane, request, id, (found) => ({ ...ok(found), etag: etagOf(found) })),
  ],
  ['POST /v1/groups', makeGroup],
  ['PATCH /v1/groups/:id', changeGroup],
  ['DELETE /v1/groups/:id', dropGroup],
  ['GET /v1/windows', (plane, { query }) => page(plane.windows, query)],
  [
    'GET /v1/windows/:id',
    (plane, request, id) => windowOr404(plane, request, id, (found) => ({ ...ok(found), etag: etagOf(found) })),
  ],
  ['POST /v1/windows', makeWindow],
  ['PATCH /v1/windows/:id', changeWindow],
  ['DELETE /v1/windows/:id', dropWindow],
  ['GET /v1/vms/:id/schedule', (plane) => ok(plane.vmSchedule)],
  ['GET /v1/tokens', (_, { query }) => page([], query)],
  [
    'POST /v1/tokens',
    (_, { body }) => ok({ id: 'tok-1', expiresAt: '2027-01-01T00:00:00.000Z', token: 's3cret', ...Object(body) }),
  ],
];

const patternOf = (route: string): RegExp => new RegExp(`^${route.replace(':id', '([^/]+)')}$`);

const answer = (plane: FakePlane, request: Seen): Reply => {
  for (const [route, handler] of ROUTES) {
    const match = patternOf(route).exec(`${request.method} ${request.path}`);
    if (match) return handler(plane, request, decodeURIComponent(match[1] ?? ''));
  }
  return problem('RouteNotFound', `${request.method} ${request.path}`);
};

const read = async (request: IncomingMessage): Promise<Seen> => {
  const chunks: Buffer[] = [];
  for await (const chunk of request) chunks.push(chunk);
  const text = Buffer.concat(chunks).toString();
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://plane');
  const key = request.headers['idempotency-key'];
  return {
    method: request.method ?? 'GET',
    path: pathname,
    query: Object.fromEntries(searchParams),
    key: typeof key === 'string' ? key : undefined,
    authorization: request.headers.authorization,
    ifMatch: request.headers['if-match'],
    project: request.headers['novacron-project'] as string | undefined, // one value: ours is no list header
    body: text === '' ? undefined : JSON.parse(text),
  };
};

const serve = async (plane: FakePlane, request: IncomingMessage, response: ServerResponse): Promise<void> => {
  const seen = await read(request);
  plane.seen.push(seen);
  plane.heard(seen);
  const trouble = plane.troubles.shift();
  if (trouble && 'status' in trouble) {
    response.writeHead(trouble.status, trouble.headers).end(trouble.text);
    return;
  }
  const { status, body, type = 'application/json', etag } = answer(plane, seen);
  if (trouble) request.socket.destroy();
  else
    response
      .writeHead(status, { 'content-type': type, ...(etag ? { etag } : {}) })
      .end(body === undefined ? undefined : JSON.stringify(body));
};

/** Starts a plane on a free port. */
export const startPlane = async (): Promise<FakePlane> => {
  const server = createServer((request, response) => void serve(plane, request, response));
  await new Promise<void>((listening) => server.listen(0, '127.0.0.1', listening));
  // A TCP server's address is an AddressInfo.
  const { port } = server.address() as AddressInfo;
  const plane: FakePlane = {
    url: `http://127.0.0.1:${port}`,
    vms: [],
    hosts: [],
    images: [],
    schedules: [],
    savings: [],
    calendars: [],
    groups: [],
    rules: [],
    windows: [],
    vmSchedule: { behind: [], windows: [] },
    operations: new Map(),
    seen: [],
    script: [],
    troubles: [],
    heard: () => {},
    audit: { entries: [], heads: [], keys: [] },
    plan: { steps: ['Launch', 'Await Ready', 'Record'] },
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
  return plane;
};
