import { createHash } from 'node:crypto';
import { GetObjectCommand, type S3Client } from '@aws-sdk/client-s3';
import { getSignedUrl } from '@aws-sdk/s3-request-presigner';
import { Fault } from '../../domain/faults.ts';
import { awsFault } from './aws-faults.ts';
import type { UserDataObject } from './seed.ts';

/** Long enough for delivery and a slow host, short enough that a URL in command history is soon worthless. */
const PRESIGNED_SECONDS = 900;

/** A URL under which a host may fetch the user-data once, and the digest it must have. @throws SpecRefused when it is gone, Throttled, ProviderDenied, Internal */
export const presignUserData = async (s3: S3Client, bucket: string, key: string): Promise<UserDataObject> => {
  const object = new GetObjectCommand({ Bucket: bucket, Key: key });
  try {
    const { Body } = await s3.send(object);
    const bytes = (await Body?.transformToByteArray()) ?? new Uint8Array();
    const sha256 = createHash('sha256').update(bytes).digest('hex');
    return { url: await getSignedUrl(s3, object, { expiresIn: PRESIGNED_SECONDS }), sha256 };
  } catch (error) {
    if (error instanceof Error && error.name === 'NoSuchKey') {
      throw new Fault('SpecRefused', 'The user-data is not there any more: ask for the VM again.', { cause: error });
    }
    throw awsFault(error, 'GetObject');
  }
};
