import { spawn } from 'node:child_process';
import { createServer } from 'node:net';
import { VENV_PYTHON } from '../../local/prerequisites.ts';

/** A rule of microburst 0.10.0, as far as it is used here ("Rules" of its README); services by botocore's names. */
export interface FaultRule {
  readonly service: 'ec2' | 'dynamodb' | 'ssm' | 'stepfunctions' | 'sqs' | 'sns' | 'events';
  readonly operation?: string;
  readonly probability?: number;
  readonly times?: number;
  readonly error?: { readonly code: string; readonly status?: number };
  /** `abort_bytes: 0` cuts the reply of a call that took effect. */
  readonly response?: { readonly abort_bytes: number };
  /** Milliseconds; a rule of none does nothing but count. */
  readonly latency?: number;
}

const freePort = (): Promise<number> =>
  new Promise((found) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => found(typeof address === 'object' && address ? address.port : 0));
    });
  });

/**
 * microburst as it is, but for two things: it draws from Python's `random`, which is seeded here, and it would put its upstream's
 * name into `Host`, which callers have signed.
 */
const program = (seed: number): string => `
import random, sys
from microburst import cli, forward
random.seed(${seed})
outbound = forward.Upstream._outbound_headers
forward.Upstream._outbound_headers = lambda self, request: {**outbound(self, request), "host": request.headers["Host"]}
sys.exit(cli.main())
`;

/** Starts microburst before an endpoint of AWS. */
export const startFaultProxy = async (upstream: string, seed: number) => {
  const port = await freePort();
  const args = ['-c', program(seed), '--upstream', upstream, '--port', String(port), '--no-resign'];
  const child = spawn(VENV_PYTHON, args, { stdio: 'ignore' });
  const url = `http://127.0.0.1:${port}`;
  const control = async (path: string, method = 'GET', body?: unknown) => {
    const reply = await fetch(`${url}/_microburst/${path}`, { method, body: JSON.stringify(body) ?? null });
    if (!reply.ok) throw new Error(`${method} ${path}: ${reply.status} ${await reply.text()}`);
    return reply.text();
  };
  const fired = async (): Promise<(FaultRule & { fired_count: number })[]> => JSON.parse(await control('rules'));
  for (let tried = 0; tried < 100; tried += 1) {
    if (await control('health').catch(() => undefined)) break;
    await new Promise((wake) => setTimeout(wake, 100));
  }
  return {
    url,
    /** Puts these rules in the place of all before. */
    break: (...rules: readonly FaultRule[]) => control('rules', 'POST', rules),
    /** Ends the faults. @returns how often each rule fired. @throws where one never did: a word in it is wrong, and nothing was tested */
    mend: async (): Promise<number[]> => {
      const rules = await fired();
      await control('rules', 'POST', []);
      for (const rule of rules) if (rule.fired_count === 0) throw new Error(`never fired: ${JSON.stringify(rule)}`);
      return rules.map(({ fired_count }) => fired_count);
    },
    /** How often each rule of now has fired. */
    fired: async (): Promise<number[]> => (await fired()).map(({ fired_count }) => fired_count),
    /** How often any rule met this operation, faults and mere counts alike, since it was started. */
    met: async (operation: string): Promise<number> =>
      [...(await control('metrics')).matchAll(/^microburst_faults_total\{([^}]*)\} (\d+)/gm)]
        .filter(([, labels = '']) => labels.includes(`operation="${operation}"`))
        .reduce((sum, [, , count]) => sum + Number(count), 0),
    close: () => child.kill(),
  };
};
