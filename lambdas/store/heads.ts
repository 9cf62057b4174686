import { createHash } from 'node:crypto';
import { parseXML } from '@aws-sdk/xml-builder';
import * as z from 'zod';
import { Head, HeadKey } from '../domain/chain.ts';
import { callS3 } from '../runtime/bucket.ts';
import { env, text } from '../runtime/env.ts';

const { AUDIT_BUCKET: bucket } = env({ AUDIT_BUCKET: text });

const DIGITS = 12;
const END = 10 ** DIGITS - 1;

/** S3 lists by name, upwards: the newest head of a project comes first. */
const headsOf = (project: string): string => `heads/${project}/`;
const nameOf = ({ project, seq }: Head): string => `${headsOf(project)}${String(END - seq).padStart(DIGITS, '0')}.json`;

/** The names that are given here. What has another is none of ours. */
const OURS = /^(heads\/[a-z0-9-]+\/\d{12}|keys\/[0-9a-f]{16})\.json$/;

const THERE_ALREADY = 412;

/** Puts an object unless there is one of its name: of two who write the same, one is enough. */
const putNew = async (key: string, object: object): Promise<void> => {
  const body = `${JSON.stringify(object)}\n`;
  const headers = {
    'content-type': 'application/json',
    'if-none-match': '*',
    // S3 locks no object that came without a checksum.
    'x-amz-sdk-checksum-algorithm': 'SHA256',
    'x-amz-checksum-sha256': createHash('sha256').update(body).digest('base64'),
  };
  const failed = `${key} could not be put beside the audit log.`;
  await callS3({ method: 'PUT', bucket, key, headers, body, also: [THERE_ALREADY], failed });
};

/** Keeps a head where it is locked; one of the same entry stays as it is. */
export const put = (head: Head): Promise<void> => putNew(nameOf(head), head);

/** Keeps a public key beside the heads that it checks. */
export const putKey = (key: HeadKey): Promise<void> => putNew(`keys/${key.keyId}.json`, key);

/** Where a list goes on: the object version that it ended with. */
export type Position = Readonly<Record<'KeyMarker' | 'VersionIdMarker', string>>;

const failed = 'The signed heads of the audit log could not be read; try again.';

const parsed = (json: string): unknown => {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
};

const read = async <T extends z.ZodType>(shape: T, { Key: key, VersionId: versionId }: Version) => {
  const answer = await callS3({ method: 'GET', bucket, key, query: { versionId }, failed });
  return shape.safeParse(parsed(answer.text)).data;
};

interface Listed<T> {
  readonly items: readonly T[];
  readonly last?: Position;
}

const Version = z.object({ Key: z.string(), VersionId: z.string() });
type Version = z.infer<typeof Version>;

/** As the parser gives it: one version alone is no array, and an element that is not there is none. */
const Versions = z.object({
  ListVersionsResult: z.object({
    Version: z.union([z.array(Version), Version.transform((one) => [one])]).default([]),
    IsTruncated: z.string(),
    NextKeyMarker: z.string().optional(),
    NextVersionIdMarker: z.string().optional(),
  }),
});

/** By their versions: a delete marker hides an object and takes nothing away. What is none of ours is left out. */
const listed = async <T extends z.ZodType>(
  shape: T,
  prefix: string,
  { limit, after }: { limit: number; after?: Position | undefined },
): Promise<Listed<z.output<T>>> => {
  const query = {
    versions: '',
    prefix,
    'max-keys': String(limit),
    ...(after && { 'key-marker': after.KeyMarker, 'version-id-marker': after.VersionIdMarker }),
  };
  const answer = await callS3({ method: 'GET', bucket, query, failed });
  const { ListVersionsResult: list } = Versions.parse(parseXML(answer.text));
  const { Version, IsTruncated, NextKeyMarker: KeyMarker, NextVersionIdMarker: VersionIdMarker } = list;
  const items = await Promise.all(Version.filter(({ Key }) => OURS.test(Key)).map((each) => read(shape, each)));
  const goesOn = IsTruncated === 'true' && KeyMarker !== undefined && VersionIdMarker !== undefined;
  return {
    items: items.filter((item) => item !== undefined),
    ...(goesOn ? { last: { KeyMarker, VersionIdMarker } } : {}),
  };
};

/** One page of the heads of a project, the newest first; whether they are signed is the reader's to check. */
export const page = (project: string, range: { limit: number; after?: Position | undefined }): Promise<Listed<Head>> =>
  listed(Head, headsOf(project), range);

/** The public keys; there is one unless somebody has taken the parameter away. */
export const keys = async (): Promise<readonly HeadKey[]> => (await listed(HeadKey, 'keys/', { limit: 100 })).items;
