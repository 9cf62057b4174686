import type { LonelyVerb } from '../command-tree.ts';
import { openSession, type Session } from '../session.ts';

/** Completion must not make the person wait; a plane that is slower gives no names. */
const PATIENCE_MS = 1500;

/** A stranger's VM may have any name; one that a shell could take for more than a word is not offered. */
const SAFE = /^[\w.@:+-]+$/;

const LISTS: Readonly<Record<string, (session: Session) => Promise<readonly string[]>>> = {
  vm: async ({ client }) => (await client.call('GET /v1/vms', { query: { limit: 100 } })).items.map(({ name }) => name),
  host: async ({ client }) =>
    (await client.call('GET /v1/hosts', { query: { limit: 100 } })).items.map(({ name }) => name),
  image: async ({ client }) =>
    (await client.call('GET /v1/images', { query: { limit: 100 } })).items.map(({ name }) => name),
  operation: async ({ client }) =>
    (await client.call('GET /v1/operations', { query: { limit: 20 } })).items.map(({ id }) => id),
  schedule: async ({ client }) =>
    (await client.call('GET /v1/schedules', { query: { limit: 100 } })).items.map(({ name }) => name),
  calendar: async ({ client }) =>
    (await client.call('GET /v1/calendars', { query: { limit: 100 } })).items.map(({ name }) => name),
  group: async ({ client }) =>
    (await client.call('GET /v1/groups', { query: { limit: 100 } })).items.map(({ name }) => name),
  window: async ({ client }) =>
    (await client.call('GET /v1/windows', { query: { limit: 100 } })).items.map(({ name }) => name),
  rule: async ({ client }) =>
    (await client.call('GET /v1/rules', { query: { limit: 100 } })).items.map(({ name }) => name),
  size: async ({ client }) => (await client.call('GET /v1/sizes')).items.map(({ name }) => name),
  project: async ({ client }) => {
    const { system, projects } = await client.call('GET /v1/me');
    if (!system) return projects.map(({ project }) => project);
    return (await client.call('GET /v1/projects', { query: { limit: 100 } })).items.map(({ id }) => id);
  },
  token: async ({ client }) =>
    (await client.call('GET /v1/tokens', { query: { limit: 100 } })).items.map(({ name }) => name),
};

/** `__names <noun>`: the live names, one a line, for completion scripts; silent where there are none to be had. */
export const names: LonelyVerb = async (io, [noun = '']) => {
  try {
    const session = openSession({ ...io, interrupted: AbortSignal.timeout(PATIENCE_MS) }, {});
    const found = (await LISTS[noun]?.(session)) ?? [];
    io.stdout.write(
      found
        .filter((name) => SAFE.test(name))
        .map((name) => `${name}\n`)
        .join(''),
    );
  } catch {
    // A completion that prints an error would spoil the line being typed.
  }
  return undefined;
};
