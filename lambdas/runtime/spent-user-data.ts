import { DeleteObjectCommand } from '@aws-sdk/client-s3';
import { s3 } from './clients.ts';
import { env, text } from './env.ts';
import { logger } from './powertools.ts';

const { BUCKET_NAME: Bucket } = env({ BUCKET_NAME: text });

/**
 * Deletes user-data that nobody needs any more. Where that cannot be done now it goes by the bucket's lifecycle, within a day,
 * and the audit tells of it till then: an operation that has ended well is not to fail by it.
 */
export const removeUserData = async (Key: string): Promise<void> => {
  try {
    await s3().send(new DeleteObjectCommand({ Bucket, Key }));
  } catch (error) {
    logger.error('user-data not deleted', { key: Key, error });
  }
};
