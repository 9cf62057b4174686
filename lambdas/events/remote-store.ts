import { authorizing, tellBy } from '../alerting/receivers/request.ts';
import { type RemoteWrite, workspaceOf } from '../domain/metrics/remote-write.ts';
import { snappy } from '../domain/metrics/snappy.ts';
import { type About, type Sample, writeRequest } from '../domain/metrics/write-request.ts';
import type { Net } from '../runtime/outside.ts';
import { signed } from '../runtime/signed.ts';

/** A Prometheus-compatible store outside. */
export interface RemoteStore {
  /** Writes samples, each of another series, to it. @throws NotTold where it did not take them */
  readonly write: (samples: readonly Sample[], about?: readonly About[]) => Promise<void>;
}

/** As the specification says them. */
const HEADERS = {
  'content-type': 'application/x-protobuf',
  'content-encoding': 'snappy',
  'x-prometheus-remote-write-version': '0.1.0',
  'user-agent': 'NovaCron (remote write)',
};

type Headers = Readonly<Record<string, string>>;

/** The headers by which Amazon Managed Service for Prometheus knows the function's role; none for another store. */
const signing = async (url: string, headers: Headers, body: Uint8Array): Promise<Headers> => {
  const workspace = workspaceOf(url);
  if (workspace === undefined) return {};
  return signed({ service: 'aps', region: workspace.region, method: 'POST', url: new URL(url), headers, body });
};

/** The store that a setting names. */
export const remoteStore = ({ url, authorization, headers }: RemoteWrite, net?: Net): RemoteStore => ({
  write: (samples, about) =>
    tellBy(async (secret) => {
      const body = snappy(writeRequest(samples, about));
      const own = { ...headers, ...HEADERS, ...(await authorizing(authorization, secret)) };
      return { url, body, headers: { ...own, ...(await signing(url, own, body)) } };
    }, net),
});
