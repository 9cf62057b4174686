import { deflateRawSync, inflateRawSync } from 'node:zlib';
import * as z from 'zod';

/**
 * Samples as they lie in a row: a small head in JSON, then all values as 32-bit floats (seven digits), metric by metric so that
 * what is alike lies together, their bytes shuffled as HDF5's filter does it (the first byte of every value, then the second …),
 * all of it deflated. What is not known is a NaN within, and absent outside.
 * https://docs.hdfgroup.org/archive/support/HDF5/doc1.8/RM/RM_H5Z.html, shuffle
 */
export interface Frame {
  /** Epoch milliseconds, ascending. */
  readonly times: readonly number[];
  readonly columns: readonly Column[];
}

/** One series of a frame: a value for each of its times, undefined where none is known. */
export interface Column {
  readonly subject: string;
  readonly metric: string;
  readonly values: readonly (number | undefined)[];
}

const WIDTH = 4;

const Head = z.object({
  times: z.array(z.number()),
  subjects: z.array(z.string()),
  metrics: z.array(z.string()),
  /** For each column its subject and its metric, by their places above. */
  columns: z.array(z.tuple([z.number(), z.number()])),
});

const shuffled = (values: Float32Array): Buffer => {
  const bytes = Buffer.from(values.buffer, values.byteOffset, values.byteLength);
  const out = Buffer.alloc(bytes.length);
  for (let at = 0; at < bytes.length; at += 1) {
    out[(at % WIDTH) * values.length + Math.floor(at / WIDTH)] = bytes[at] ?? 0;
  }
  return out;
};

const unshuffled = (bytes: Buffer): Float32Array => {
  const count = bytes.length / WIDTH;
  const out = new Uint8Array(bytes.length);
  for (let at = 0; at < bytes.length; at += 1) out[at] = bytes[(at % WIDTH) * count + Math.floor(at / WIDTH)] ?? 0;
  return new Float32Array(out.buffer);
};

const placesOf = (names: readonly string[]): ReadonlyMap<string, number> =>
  new Map([...new Set(names)].map((name, place) => [name, place]));

/** The bytes of a frame; the same for the same frame. */
export const encodeFrame = ({ times, columns }: Frame): Uint8Array => {
  const sorted = columns.toSorted((a, b) => (a.metric < b.metric ? -1 : a.metric > b.metric ? 1 : 0));
  const subjects = placesOf(columns.map(({ subject }) => subject));
  const metrics = placesOf(sorted.map(({ metric }) => metric));
  const head = Buffer.from(
    JSON.stringify({
      times,
      subjects: [...subjects.keys()],
      metrics: [...metrics.keys()],
      columns: sorted.map(({ subject, metric }) => [subjects.get(subject), metrics.get(metric)]),
    } satisfies Record<keyof z.infer<typeof Head>, unknown>),
  );
  const values = Float32Array.from(sorted.flatMap((column) => times.map((_, at) => column.values[at] ?? Number.NaN)));
  const length = Buffer.alloc(WIDTH);
  length.writeUInt32LE(head.length);
  return deflateRawSync(Buffer.concat([length, head, shuffled(values)]));
};

/** The frame of these bytes, or what of it `wanted` says. @throws Error where they are no frame's */
export const decodeFrame = (
  bytes: Uint8Array,
  wanted: (subject: string, metric: string) => boolean = () => true,
): Frame => {
  const all = inflateRawSync(bytes);
  const begin = WIDTH + all.readUInt32LE();
  const { times, subjects, metrics, columns } = Head.parse(JSON.parse(all.toString('utf8', WIDTH, begin)));
  const values = unshuffled(all.subarray(begin));
  return {
    times,
    columns: columns.flatMap(([subjectAt, metricAt], place) => {
      const [subject = '', metric = ''] = [subjects[subjectAt], metrics[metricAt]];
      if (!wanted(subject, metric)) return [];
      const own = values.subarray(place * times.length, (place + 1) * times.length);
      return [{ subject, metric, values: Array.from(own, (value) => (Number.isNaN(value) ? undefined : value)) }];
    }),
  };
};

/** Frames by the subjects that are in them. */
export const bySubject = (frames: readonly Frame[]): ReadonlyMap<string, readonly Frame[]> => {
  const found = new Map<string, Frame[]>();
  for (const { times, columns } of frames) {
    for (const [subject, own] of Map.groupBy(columns, (column) => column.subject)) {
      const known = found.get(subject) ?? [];
      known.push({ times, columns: own });
      found.set(subject, known);
    }
  }
  return found;
};
