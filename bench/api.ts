import { startHello } from './hello.ts';
import { NO_PLANE, runningPlane, timed } from './plane.ts';
import { interleaved, percentile, rounded } from './samples.ts';

export interface ApiFigures {
  readonly path: string;
  readonly p50Ms: number;
  readonly p99Ms: number;
}

/** Read routes as a person or a dashboard asks them. */
const PATHS = ['/v1/health', '/v1/me', '/v1/vms?limit=100', '/v1/operations?limit=20'];

/** Warm answers of our API beside a hello world on the same emulator: the emulator's own share is in both. */
export const apiFigures = async (rounds: number): Promise<ApiFigures[] | { skipped: string }> => {
  const plane = await runningPlane();
  if (!plane) return NO_PLANE;
  const hello = await startHello(plane.endpoint);
  try {
    const ours = PATHS.map((path) => async () => (await timed(`${plane.url}${path}`, plane.headers)).ms);
    const contestants = [async () => (await timed(hello.url)).ms, ...ours];
    // The first call of each starts its worker.
    await interleaved(3, contestants);
    const samples = await interleaved(rounds, contestants);
    return ['hello world', ...PATHS].map((path, index) => ({
      path,
      p50Ms: rounded(percentile(samples[index] ?? [], 0.5)),
      p99Ms: rounded(percentile(samples[index] ?? [], 0.99)),
    }));
  } finally {
    await hello.stop();
  }
};
