import type * as z from 'zod';
import type { AlertView } from '../lambdas/domain/alerts/alert-view.ts';
import type { GettableAlert, PostableAlert } from '../lambdas/domain/alerts/api-v2.ts';
import type { ChannelHealth } from '../lambdas/domain/alerts/channel-health.ts';
import type { Undelivered } from '../lambdas/domain/alerts/routing-row.ts';
import type {
  SilenceChange as SilenceChangeBody,
  SilenceSpec,
  SilenceView,
} from '../lambdas/domain/alerts/silence-view.ts';
import type { CalendarChange, CalendarSpec, CalendarSummary, CalendarView } from '../lambdas/domain/calendar.ts';
import type { ChainedEntry, Head, HeadKey } from '../lambdas/domain/chain.ts';
import type { AuditRun, Plan as CollectionPlan } from '../lambdas/domain/collection.ts';
import type { CreateVm as CreateVmBody } from '../lambdas/domain/create-vm.ts';
import type { FaultName, FieldError } from '../lambdas/domain/faults.ts';
import type { Finding } from '../lambdas/domain/invariants/kinds.ts';
import type { WindowChange as WindowChangeBody, WindowSpec, WindowView } from '../lambdas/domain/maintenance-window.ts';
import type { SeriesView, TopView } from '../lambdas/domain/metrics/view.ts';
import type { Price } from '../lambdas/domain/price.ts';
import type { Membership, Principal, Role } from '../lambdas/domain/principal.ts';
import type { ProjectQuota } from '../lambdas/domain/project.ts';
import type { ConditionSaid } from '../lambdas/domain/rules/condition.ts';
import type { DryRunResult, DryRun as RuleDryRun } from '../lambdas/domain/rules/dry-run.ts';
import type { RuleChange as RuleChangeBody, RuleSpec, RuleView } from '../lambdas/domain/rules/rule.ts';
import type { Savings } from '../lambdas/domain/savings.ts';
import type { ScheduleChange as ScheduleChangeBody, ScheduleSpec, ScheduleView } from '../lambdas/domain/schedule.ts';
import type { SchedulePreview } from '../lambdas/domain/schedule-preview.ts';
import type { Size } from '../lambdas/domain/size.ts';
import type { HostView, ImageView, OperationView, ProjectView, TokenView, VmView } from '../lambdas/domain/view.ts';
import type { VmGroupChange, VmGroupSpec, VmGroupView } from '../lambdas/domain/vm-group.ts';
import type { VmEvent as VmEventRow } from '../lambdas/store/events.ts';

/** The API as the CLI sees it: one entry a route that it calls. Types only; the words are the domain's. */

export type { CalendarChange, CalendarSummary, Savings, SchedulePreview, Size };
export type Vm = VmView;
export type Host = HostView;
export type Image = ImageView;
export type Operation = OperationView;
/** The secret stands only in the answer that made it. */
export type Token = TokenView & { readonly token?: string };

export type Calendar = CalendarView;
/** What is left out means the plane's default. */
export type NewCalendar = z.input<typeof CalendarSpec>;

export type Group = VmGroupView;
/** What is left out means the plane's default. */
export type NewGroup = z.input<typeof VmGroupSpec>;
export type GroupChange = VmGroupChange;

/** What was measured of a VM or a host. */
export type Metrics = SeriesView;
/** Who uses most now. */
export type Top = TopView;
export type Rule = RuleView;
/** What is left out means the plane's default. */
export type NewRule = Omit<z.input<typeof RuleSpec>, 'when'> & { when: ConditionSaid };
/** Samples that a rule is tried on. */
export type NewRuleTest = Omit<z.input<typeof RuleDryRun>, 'rule'> & { rule: NewRule };
/** What a rule would have said of them. */
export type RuleTest = DryRunResult;
export type RuleChange = Omit<z.input<typeof RuleChangeBody>, 'when'> & { when?: ConditionSaid | undefined };

/** When VMs may be disturbed. */
export type Window = WindowView;
/** What is left out means the plane's default. */
export type NewWindow = z.input<typeof WindowSpec>;
export type WindowChange = WindowChangeBody;
export type Alert = GettableAlert;
/** One alert with all that is known of it. */
export type AlertDetail = AlertView;
export type NewAlert = z.input<typeof PostableAlert>;
export type Silence = SilenceView;
export type Channel = ChannelHealth;
export interface PreviewedText {
  readonly way?: string;
  readonly field: string;
  readonly text?: string;
  readonly wrong?: string;
}

export interface TriedChannel {
  readonly way: string;
  readonly outcome: 'took' | 'queued' | 'did-not-take' | 'not-asked';
  readonly why?: string;
}
export type NewSilence = z.input<typeof SilenceSpec>;
export type SilenceChange = z.input<typeof SilenceChangeBody>;

/** How alerts find their receivers: Alertmanager's file, and what of it leads nowhere. */
export interface Routing {
  readonly yaml: string;
  readonly version: number;
  readonly undelivered: readonly Undelivered[];
  readonly by?: string;
  readonly at?: string;
}

/** Where an alert goes, and what each node of the tree says of it. */
export interface ExplainedRouting {
  readonly receivers: readonly string[];
  readonly silencedBy: readonly string[];
  readonly inhibitedBy: readonly string[];
  readonly mutedBy: readonly string[];
  readonly heldBack: readonly {
    readonly receiver: string;
    readonly way: string;
    readonly groups: number;
    readonly since: string;
  }[];
  readonly routes: readonly {
    readonly route: string;
    readonly matchers: string;
    readonly receiver: string;
    readonly answer: 'receives' | 'passes-on' | 'refuses' | 'not-asked';
    readonly refusedBy: readonly string[];
    readonly groupKey?: string;
  }[];
}

export type Schedule = ScheduleView;
/** What is left out means the plane's default. */
export type NewSchedule = z.input<typeof ScheduleSpec>;
export type ScheduleChange = ScheduleChangeBody;

/** Whose a VM is among schedules, what is wanted of it, and what comes next. */
export interface VmSchedule {
  readonly schedule?: { readonly id: string; readonly name: string; readonly priority: number };
  readonly behind: readonly { readonly id: string; readonly name: string; readonly priority: number }[];
  readonly wanted?: SchedulePreview['times'][number];
  readonly next?: SchedulePreview['times'][number];
  /** When it may be disturbed next. */
  readonly windows: readonly {
    readonly from: string;
    readonly until: string;
    readonly window: { readonly id: string; readonly name: string; readonly timeZone: string };
  }[];
  readonly node?: string;
  readonly after?: readonly string[];
}

export type Project = ProjectView;
/** Null lifts a bound. */
export type ProjectBounds = { readonly [K in keyof ProjectQuota]?: number | null };

export type Me = Pick<Principal, 'id' | 'name' | 'project' | 'role' | 'system'> & {
  readonly projects: readonly Membership[];
};

export type AuditEntry = ChainedEntry;

export interface Health {
  readonly status: string;
  readonly installation: string;
}

export type VmEvent = Omit<VmEventRow, 'version'>;

export interface Plan {
  readonly steps: readonly string[];
  readonly location?: Vm['location'];
  readonly hostId?: string;
  readonly instanceType?: string;
  readonly refusedHosts?: readonly { readonly host: string; readonly filter: string; readonly detail: string }[];
  readonly price?: Price;
}

/** What the last audit found, and what the collector does next. */
export interface Findings {
  readonly run?: AuditRun;
  readonly sound: boolean;
  readonly collection: CollectionPlan;
  readonly items: readonly Finding[];
}

export interface Enrolment {
  readonly host: Host;
  /** Waits for the host to register, and then prepares it. */
  readonly operation: Operation;
  readonly activation?: { readonly id: string; readonly expiresAt: string };
  /** The one line to run on the host. */
  readonly command: string;
  readonly endpoints: readonly string[];
}

/** What is left out means the plane's default. */
export type CreateVm = z.input<typeof CreateVmBody>;

export interface Page<T> {
  readonly items: readonly T[];
  readonly cursor?: string;
}

/** RFC 9457, as every answer of our code that is not a success. */
export interface Problem {
  readonly type: string;
  readonly title: string;
  readonly status: number;
  readonly code: FaultName;
  readonly detail?: string;
  readonly requestId?: string;
  readonly errors?: readonly FieldError[];
}

type Query = Readonly<Record<string, string | number | boolean | undefined>>;
type Lists<T> = { query: { filter?: string; limit?: number; cursor?: string }; answer: Page<T> };
type Gets<T> = { query?: Query; answer: T };
type Sends<Body, Answer> = { query?: Query; body?: Body; answer: Answer };

/** Method and path template → what goes in and what comes back. */
export interface Api {
  'GET /v1/health': Gets<Health>;
  'GET /v1/me': Gets<Me>;
  'GET /v1/vms': Lists<Vm>;
  'GET /v1/vms/{id}': Gets<Vm>;
  'GET /v1/vms/{id}/console-log': Gets<{ readonly text: string }>;
  'GET /v1/vms/{id}/events': Lists<VmEvent>;
  'POST /v1/vms': Sends<CreateVm, Operation | DryRun>;
  'PATCH /v1/vms/{id}': Sends<{ name?: string; tags?: Record<string, string>; deletionProtection?: boolean }, Vm>;
  'DELETE /v1/vms/{id}': Sends<undefined, Operation | DryRun>;
  'POST /v1/vms/{id}/actions/{action}': Sends<Record<string, unknown>, Operation | DryRun>;
  'GET /v1/operations': Lists<Operation>;
  'GET /v1/operations/{id}': Gets<Operation>;
  'POST /v1/operations/{id}/cancel': Sends<undefined, Operation>;
  'GET /v1/hosts': Lists<Host>;
  'GET /v1/hosts/{id}': Gets<Host>;
  'POST /v1/hosts/enrol': Sends<
    { name: string; tags?: Record<string, string>; proxy?: string; nodeId?: string; anew?: boolean },
    Enrolment
  >;
  'POST /v1/hosts/{id}/actions/{action}': Sends<Record<string, unknown>, Host>;
  'GET /v1/images': Lists<Image>;
  'GET /v1/images/{id}': Gets<Image>;
  'POST /v1/images': Sends<Partial<Image>, Image>;
  'DELETE /v1/images/{id}': Sends<undefined, undefined>;
  'GET /v1/calendars': Lists<CalendarSummary>;
  'GET /v1/calendars/{id}': Gets<Calendar>;
  'POST /v1/calendars': Sends<NewCalendar, Calendar>;
  'PATCH /v1/calendars/{id}': Sends<CalendarChange, Calendar>;
  'POST /v1/calendars/{id}/actions/refresh': Sends<undefined, Calendar>;
  'DELETE /v1/calendars/{id}': Sends<undefined, undefined>;
  'GET /v1/schedules': Lists<Schedule>;
  'GET /v1/schedules/{id}': Gets<Schedule>;
  'GET /v1/schedules/{id}/preview': Gets<SchedulePreview>;
  'POST /v1/schedules': Sends<NewSchedule, Schedule>;
  'PATCH /v1/schedules/{id}': Sends<ScheduleChange, Schedule>;
  'POST /v1/schedules/{id}/actions/override': Sends<
    { want: 'up' | 'down'; until: string; from?: string; note?: string },
    Schedule
  >;
  'POST /v1/schedules/{id}/actions/end-override': Sends<undefined, Schedule>;
  'DELETE /v1/schedules/{id}': Sends<undefined, undefined>;
  'GET /v1/vms/{id}/schedule': Gets<VmSchedule>;
  'GET /v1/vms/{id}/metrics': Gets<Metrics>;
  'GET /v1/hosts/{id}/metrics': Gets<Metrics>;
  'GET /v1/metrics/vms': Gets<Top>;
  'GET /v1/metrics/hosts': Gets<Top>;
  'GET /v1/groups': Lists<Group>;
  'GET /v1/groups/{id}': Gets<Group>;
  'POST /v1/groups': Sends<NewGroup, Group>;
  'PATCH /v1/groups/{id}': Sends<GroupChange, Group>;
  'DELETE /v1/groups/{id}': Sends<undefined, undefined>;
  'GET /v1/rules': Lists<Rule>;
  'GET /v1/rules/{id}': Gets<Rule>;
  'POST /v1/rules': Sends<NewRule, Rule>;
  'PATCH /v1/rules/{id}': Sends<RuleChange, Rule>;
  'DELETE /v1/rules/{id}': Sends<undefined, undefined>;
  'POST /v1/rules/actions/test': Sends<NewRuleTest, RuleTest>;
  'GET /v1/windows': Lists<Window>;
  'GET /v1/windows/{id}': Gets<Window>;
  'POST /v1/windows': Sends<NewWindow, Window>;
  'PATCH /v1/windows/{id}': Sends<WindowChange, Window>;
  'DELETE /v1/windows/{id}': Sends<undefined, undefined>;
  'GET /api/v2/alerts': Gets<readonly Alert[]>;
  'POST /api/v2/alerts': Sends<readonly NewAlert[], undefined>;
  'POST /v1/alerts/{id}/actions/acknowledge': Sends<{ until?: string; comment?: string }, Alert>;
  'POST /v1/alerts/{id}/actions/unacknowledge': Sends<undefined, Alert>;
  'GET /v1/alerts/{id}': Gets<AlertDetail>;
  'POST /v1/alerts/{id}/actions/comment': Sends<{ comment: string }, Alert>;
  'POST /v1/alerts/{id}/actions/assign': Sends<{ to?: string }, Alert>;
  'GET /v1/silences': Gets<{ readonly items: readonly Silence[] }>;
  'GET /v1/silences/{id}': Gets<Silence>;
  'POST /v1/silences': Sends<NewSilence, Silence>;
  'PATCH /v1/silences/{id}': Sends<SilenceChange, Silence>;
  'POST /v1/silences/{id}/actions/expire': Sends<{ occurrence?: boolean }, Silence>;
  'GET /v1/channels': { answer: { readonly items: readonly Channel[] } };
  'POST /v1/channels/actions/preview': Sends<
    {
      receiver: string;
      template?: string;
      live?: boolean;
      labels?: Record<string, string>;
      annotations?: Record<string, string>;
    },
    { readonly items: readonly PreviewedText[] }
  >;
  'POST /v1/channels/actions/redeliver': Sends<
    { receiver: string },
    { readonly groups: number; readonly left: number; readonly queues: readonly string[] }
  >;
  'POST /v1/channels/actions/test': Sends<{ receiver: string }, { readonly items: readonly TriedChannel[] }>;
  'GET /v1/routes': Gets<Routing>;
  'POST /v1/routes': Sends<{ yaml: string }, Routing>;
  'POST /v1/routes/actions/test': Sends<{ labels: Record<string, string> }, ExplainedRouting>;
  'GET /v1/savings': Gets<Savings>;
  'GET /v1/sizes': { answer: Page<Size> };
  'GET /v1/projects': Lists<Project>;
  'POST /v1/projects': Sends<{ id: string }, Project>;
  'GET /v1/projects/{id}': Gets<Project>;
  'PATCH /v1/projects/{id}': Sends<ProjectBounds, Project>;
  'DELETE /v1/projects/{id}': Sends<undefined, undefined>;
  'GET /v1/tokens': Lists<Token>;
  'POST /v1/tokens': Sends<{ name: string; role: Role; expiresInDays?: number }, Token>;
  'DELETE /v1/tokens/{id}': Sends<undefined, undefined>;
  'POST /v1/token': Sends<undefined, { readonly token: string; readonly expiresAt: string }>;
  'GET /v1/audit': {
    query: { filter?: string; limit?: number; cursor?: string | undefined; order?: 'oldest' } & Partial<
      Record<'since' | 'until', string | undefined>
    >;
    answer: Page<AuditEntry>;
  };
  'GET /v1/audit/heads': { query: { limit: number; cursor?: string | undefined }; answer: Page<Head> };
  'GET /v1/audit/key': { answer: { readonly items: readonly HeadKey[] } };
  'GET /v1/findings': Gets<Findings>;
  'POST /v1/findings/actions/check': Sends<undefined, { readonly askedAt: string }>;
  'POST /v1/findings/actions/unlock': Sends<undefined, { readonly approved: readonly string[] }>;
  'POST /v1/reconcile': Sends<undefined, Readonly<Record<string, unknown>>>;
}

export type Route = keyof Api;
/** A dry run answers its plan in place of an operation. */
export interface DryRun {
  readonly plan: Plan;
}
