import { GetObjectCommand, ListObjectVersionsCommand, PutObjectCommand, S3Client } from '@aws-sdk/client-s3';
import { mockClient } from 'aws-sdk-client-mock';

interface Version {
  readonly Key: string;
  readonly VersionId: string;
  readonly text: string;
}

const refused = (name: string): Error => Object.assign(new Error(name), { name });

/** A versioned bucket in memory: what is put stays, as under Object Lock, and is listed by name. */
export class Bucket {
  readonly versions: Version[] = [];
  readonly mock = mockClient(S3Client);
  /** How many versions one list tells at most. */
  pageSize = 1_000;

  constructor() {
    this.mock.on(PutObjectCommand).callsFake(({ Key, Body, IfNoneMatch }) => this.put(Key, String(Body), IfNoneMatch));
    this.mock.on(ListObjectVersionsCommand).callsFake((input) => this.list(input));
    this.mock.on(GetObjectCommand).callsFake(({ Key, VersionId }) => {
      const found = this.versions.find((each) => each.Key === Key && each.VersionId === VersionId);
      if (found === undefined) throw refused('NoSuchVersion');
      return { Body: { transformToString: async () => found.text } };
    });
  }

  put(Key: string, text: string, ifNoneMatch?: string): object {
    if (ifNoneMatch === '*' && this.versions.some((each) => each.Key === Key)) throw refused('PreconditionFailed');
    this.versions.push({ Key, VersionId: `v${this.versions.length}`, text });
    return {};
  }

  private list(input: { Prefix: string; MaxKeys?: number; KeyMarker?: string; VersionIdMarker?: string }) {
    const all = this.versions
      .filter(({ Key }) => Key.startsWith(input.Prefix))
      .sort((a, b) => (a.Key < b.Key ? -1 : 1));
    const start = all.findIndex((each) => each.Key === input.KeyMarker && each.VersionId === input.VersionIdMarker) + 1;
    const size = Math.min(this.pageSize, input.MaxKeys ?? this.pageSize);
    const Versions = all.slice(start, start + size);
    const last = Versions.at(-1);
    const more = start + size < all.length && last !== undefined;
    return {
      Versions,
      IsTruncated: more,
      ...(more ? { NextKeyMarker: last.Key, NextVersionIdMarker: last.VersionId } : {}),
    };
  }
}
