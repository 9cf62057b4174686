import { expect } from 'vitest';
import { call } from './api.ts';

/** Sends requests by whoever's token, which are to be answered with 200. @returns what is answered, for the test to know the shape of */
export const askingAs =
  (token: () => string) =>
  async (line: string, body?: unknown): Promise<never> => {
    const reply = await call(line, { token: token(), ...(body === undefined ? {} : { body }) });
    expect(reply.status, JSON.stringify(reply.body)).toBe(200);
    return reply.body as never;
  };
