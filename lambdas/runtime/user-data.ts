import { callS3 } from './bucket.ts';
import { env, text } from './env.ts';

const { BUCKET_NAME: bucket } = env({ BUCKET_NAME: text });

const keyOf = (vmId: string): string => `user-data/${vmId}`;

/**
 * Keeps a VM's user-data in the encrypted bucket until its launch; what no launch takes, the bucket's lifecycle deletes.
 * @throws ProviderUnreachable
 */
export const keepUserData = async (vmId: string, userData: string): Promise<string> => {
  const key = keyOf(vmId);
  await callS3({
    method: 'PUT',
    bucket,
    key,
    headers: { 'content-type': 'text/plain; charset=utf-8' },
    body: userData,
    failed: 'The user-data could not be stored; try again.',
  });
  return key;
};

/** Takes away what is left of a VM's user-data; nothing, mostly. @throws ProviderUnreachable */
export const removeUserData = async (vmId: string): Promise<void> => {
  const failed = `The user-data of ${vmId} could not be removed.`;
  await callS3({ method: 'DELETE', bucket, key: keyOf(vmId), failed });
};
