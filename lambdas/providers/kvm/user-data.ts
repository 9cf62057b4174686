import { createHash } from 'node:crypto';
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { Fault } from '../../domain/faults.ts';
import { awsFault } from './aws-faults.ts';
import type { UserDataObject } from './seed.ts';

/**
 * As long as a launch waits for its host (create-vm.asl.yaml), which may have to fetch the image first and reads user-data after it.
 * The object is deleted with the end of its create, and a URL in command history is worthless from then on.
 */
const PRESIGNED_SECONDS = 1800;

/** User-data as it was put. @throws SpecRefused when it is gone, Throttled, ProviderUnreachable, ProviderDenied, Internal */
export const readUserData = async (s3: S3Client, bucket: string, key: string): Promise<Uint8Array> => {
  try {
    const { Body } = await s3.send(new GetObjectCommand({ Bucket: bucket, Key: key }));
    return (await Body?.transformToByteArray()) ?? new Uint8Array();
  } catch (error) {
    if (error instanceof Error && error.name === 'NoSuchKey') {
      throw new Fault('SpecRefused', 'The user-data is not there any more: ask for the VM again.', { cause: error });
    }
    throw awsFault(error, 'GetObject');
  }
};

/** A URL under which a host may fetch the user-data once, and the digest it must have. @throws as `readUserData` */
export const presignUserData = async (s3: S3Client, bucket: string, key: string): Promise<UserDataObject> => {
  const sha256 = createHash('sha256')
    .update(await readUserData(s3, bucket, key))
    .digest('hex');
  const object = new GetObjectCommand({ Bucket: bucket, Key: key });
  return { url: await getSignedUrl(s3, object, { expiresIn: PRESIGNED_SECONDS }), sha256 };
};
