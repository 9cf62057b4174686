import { byBytes } from '../alerts/go-text.ts';
import type { LabelSet } from '../alerts/labels.ts';

/**
 * `WriteRequest` of Prometheus' remote write 1.0 as bytes (https://prometheus.io/docs/specs/prw/remote_write_spec/;
 * prompb/remote.proto, prompb/types.proto): this one message, by its four kinds of fields.
 */

/** What ends a series that goes on no more: the NaN that Prometheus means by it (model/value, StaleNaN). */
export const STALE = 'stale';
const STALE_BITS = 0x7ff0_0000_0000_0002n;

/** One value of one series. */
export interface Sample {
  readonly name: string;
  readonly labels: LabelSet;
  /** Epoch milliseconds. */
  readonly at: number;
  readonly value: number | typeof STALE;
}

/** What is said of a metric whatever it is of. */
export interface About {
  readonly name: string;
  readonly help: string;
}

/** Wire types of Protocol Buffers. */
const [VARINT, FIXED_64, BYTES] = [0, 1, 2];

/** MetricMetadata.MetricType: all of ours are of this kind. */
const GAUGE = 2;

/** Seven bits a byte; times have more bits than JavaScript shifts. */
const varint = (value: number): Buffer => {
  const bytes: number[] = [];
  let left = value;
  for (; left >= 0x80; left = Math.floor(left / 0x80)) bytes.push((left % 0x80) + 0x80);
  return Buffer.from([...bytes, left]);
};

const tag = (field: number, wire: number): Buffer => varint(field * 8 + wire);

const integer = (field: number, value: number): Buffer => Buffer.concat([tag(field, VARINT), varint(value)]);

const message = (field: number, ...parts: readonly Buffer[]): Buffer => {
  const body = Buffer.concat(parts);
  return Buffer.concat([tag(field, BYTES), varint(body.length), body]);
};

const text = (field: number, value: string): Buffer => message(field, Buffer.from(value));

const double = (field: number, value: Sample['value']): Buffer => {
  const bytes = Buffer.alloc(8);
  if (value === STALE) bytes.writeBigUInt64LE(STALE_BITS);
  else bytes.writeDoubleLE(value);
  return Buffer.concat([tag(field, FIXED_64), bytes]);
};

const label = (name: string, value: string): Buffer => message(1, text(1, name), text(2, value));

/** A subject's labels are those of all of its series. */
const encoded = new WeakMap<LabelSet, Buffer>();

const labelsOf = (labels: LabelSet): Buffer => {
  const known = encoded.get(labels);
  if (known !== undefined) return known;
  const sorted = Object.entries(labels).toSorted(([a], [b]) => byBytes(a, b));
  const bytes = Buffer.concat(sorted.map(([name, value]) => label(name, value)));
  encoded.set(labels, bytes);
  return bytes;
};

// Labels go by their names' bytes: `__name__` comes before whatever begins with a small letter.
const series = ({ name, labels, at, value }: Sample): Buffer =>
  message(1, label('__name__', name), labelsOf(labels), message(2, double(1, value), integer(2, at)));

const metadata = ({ name, help }: About): Buffer => message(3, integer(1, GAUGE), text(2, name), text(4, help));

/** The bytes of a request that tells of these samples, each of a series that no other of them is of. */
export const writeRequest = (samples: readonly Sample[], about: readonly About[] = []): Buffer =>
  Buffer.concat([...samples.map(series), ...about.map(metadata)]);
