import { GetObjectCommand, ListObjectVersionsCommand, PutObjectCommand } from '@aws-sdk/client-s3';
import type * as z from 'zod';
import { Head, HeadKey } from '../domain/chain.ts';
import { s3 } from '../runtime/clients.ts';
import { env, text } from '../runtime/env.ts';

const { AUDIT_BUCKET: Bucket } = env({ AUDIT_BUCKET: text });

const DIGITS = 12;
const END = 10 ** DIGITS - 1;

/** S3 lists by name, upwards: the newest head of a project comes first. */
const headsOf = (project: string): string => `heads/${project}/`;
const nameOf = ({ project, seq }: Head): string => `${headsOf(project)}${String(END - seq).padStart(DIGITS, '0')}.json`;

/** Puts an object unless there is one of its name: of two who write the same, one is enough. */
const putNew = async (Key: string, body: object): Promise<void> => {
  const Body = `${JSON.stringify(body)}\n`;
  try {
    await s3().send(new PutObjectCommand({ Bucket, Key, Body, ContentType: 'application/json', IfNoneMatch: '*' }));
  } catch (error) {
    if (!(error instanceof Error && error.name === 'PreconditionFailed')) throw error;
  }
};

/** Keeps a head where it is locked; one of the same entry stays as it is. */
export const put = (head: Head): Promise<void> => putNew(nameOf(head), head);

/** Keeps a public key beside the heads that it checks. */
export const putKey = (key: HeadKey): Promise<void> => putNew(`keys/${key.keyId}.json`, key);

/** Where a list goes on: the object version that it ended with. */
export type Position = Readonly<Record<'KeyMarker' | 'VersionIdMarker', string>>;

const parsed = (json: string): unknown => {
  try {
    return JSON.parse(json);
  } catch {
    return undefined;
  }
};

const read = async <T extends z.ZodType>(shape: T, Key: string, VersionId: string) => {
  const { Body } = await s3().send(new GetObjectCommand({ Bucket, Key, VersionId }));
  return shape.safeParse(parsed((await Body?.transformToString()) ?? '')).data;
};

interface Listed<T> {
  readonly items: readonly T[];
  readonly last?: Position;
}

/** By their versions: a delete marker hides an object and takes nothing away. What is none of ours is left out. */
const listed = async <T extends z.ZodType>(
  shape: T,
  Prefix: string,
  { limit: MaxKeys, after }: { limit: number; after?: Position | undefined },
): Promise<Listed<z.output<T>>> => {
  const command = new ListObjectVersionsCommand({ Bucket, Prefix, MaxKeys, ...after });
  const { Versions = [], IsTruncated, NextKeyMarker, NextVersionIdMarker } = await s3().send(command);
  const items = await Promise.all(Versions.map(({ Key = '', VersionId = '' }) => read(shape, Key, VersionId)));
  const goesOn = IsTruncated && NextKeyMarker !== undefined && NextVersionIdMarker !== undefined;
  return {
    items: items.filter((item) => item !== undefined),
    ...(goesOn ? { last: { KeyMarker: NextKeyMarker, VersionIdMarker: NextVersionIdMarker } } : {}),
  };
};

/** One page of the heads of a project, the newest first; whether they are signed is the reader's to check. */
export const page = (project: string, range: { limit: number; after?: Position | undefined }): Promise<Listed<Head>> =>
  listed(Head, headsOf(project), range);

/** The public keys; there is one unless somebody has taken the parameter away. */
export const keys = async (): Promise<readonly HeadKey[]> => (await listed(HeadKey, 'keys/', { limit: 100 })).items;
