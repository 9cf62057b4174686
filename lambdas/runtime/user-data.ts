import { PutObjectCommand } from '@aws-sdk/client-s3';
import { s3 } from './clients.ts';
import { env, text } from './env.ts';

const { BUCKET_NAME: Bucket } = env({ BUCKET_NAME: text });

/** Keeps a VM's user-data in the encrypted bucket until its launch; what no launch takes, the bucket's lifecycle deletes. */
export const keepUserData = async (vmId: string, userData: string): Promise<string> => {
  const Key = `user-data/${vmId}`;
  await s3().send(new PutObjectCommand({ Bucket, Key, Body: userData, ContentType: 'text/plain; charset=utf-8' }));
  return Key;
};
