import * as z from 'zod';
import { filtersOf } from '../domain/group-members.ts';
import { Instant } from '../domain/ids.ts';
import { DEFAULT_PRICE_BOOK, PriceBook } from '../domain/price.ts';
import { previewOf, SchedulePreview } from '../domain/schedule-preview.ts';
import { env, json } from '../runtime/env.ts';
import * as groups from '../store/groups.ts';
import * as plans from '../store/plans.ts';
import * as schedules from '../store/schedules.ts';
import * as vms from '../store/vms.ts';
import { route } from './route.ts';
import { SchedulePath } from './schedule-path.ts';

const { PRICE_BOOK: book } = env({ PRICE_BOOK: json(PriceBook).default(DEFAULT_PRICE_BOOK) });

const DAY_MS = 86_400_000;

const PreviewQuery = z.strictObject({
  /** Now, where it is left out. */
  from: Instant.optional(),
  days: z.coerce.number().int().min(1).max(366).default(30),
});

/** GET /v1/schedules/{id}/preview */
export const previewSchedule = route({
  method: 'GET',
  path: '/v1/schedules/{id}/preview',
  action: 'preview-schedule',
  summary:
    'What a schedule will do in the days to come, to which VMs, and what that saves against VMs that are always on',
  access: 'viewer',
  params: SchedulePath,
  query: PreviewQuery,
  answers: { 200: SchedulePreview },
  handler: async ({ params: { id }, query }, { by: { project }, at }) => {
    const schedule = await plans.planned(await schedules.get(project, id));
    const from = Date.parse(query.from ?? at);
    const all = await schedules.allOf(project);
    const scene = {
      schedules: all,
      groups: await groups.askedBy(project, all.flatMap(filtersOf)),
      vms: await Array.fromAsync(vms.allOf(project)),
      book,
    };
    return { status: 200, body: previewOf(schedule, scene, [from, from + query.days * DAY_MS]) };
  },
});
