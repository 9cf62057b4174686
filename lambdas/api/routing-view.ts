import * as z from 'zod';
import { CHANNELS } from '../alerting/routing.ts';
import { defaultYaml } from '../domain/alerts/default-routing.ts';
import type { RoutingRow } from '../domain/alerts/routing-row.ts';
import { Instant } from '../domain/ids.ts';

/** A project's routing as the API shows it. */
export const RoutingView = z
  .strictObject({
    /** Alertmanager's file, without its secrets. */
    yaml: z.string(),
    /** 0 while it is the one that goes without saying. */
    version: z.number().int(),
    /** Ways to receivers that lead nowhere from here, and why. */
    undelivered: z.array(z.strictObject({ receiver: z.string(), place: z.string(), why: z.string() })),
    by: z.string().optional(),
    at: Instant.optional(),
  })
  .meta({ id: 'Routing' });
type RoutingView = z.infer<typeof RoutingView>;

/** @see RoutingView */
export const routingView = (row: RoutingRow | undefined): RoutingView =>
  row === undefined
    ? { yaml: defaultYaml(CHANNELS), version: 0, undelivered: [] }
    : { yaml: row.yaml, version: row.version, undelivered: [...row.undelivered], by: row.by, at: row.at };
